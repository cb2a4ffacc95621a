"""What 5,000 idle live streams cost one gateway, and how fast an announcement reaches them all."""

import asyncio
import contextlib
import json
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

import httpx
import psutil
from kombu import Connection, Exchange

from deploy.local.system import free_port
from services.contracts.events import NotificationCreated
from services.contracts.ids import new_id
from services.kit import topology
from tests.bench.report import Family, Say, percentile
from tests.support import infra
from tests.support.keys import Signer
from tests.support.waiting import until

STREAMS = 5_000
BEAT_SECONDS = 15.0
IDLE_SECONDS = 30.0
OPENING = 100  # at a time
MB = 1 << 20


def measure(folder: Path, say: Say, streams: int = STREAMS) -> Family:
    """Open them, leave them alone, tell each of them once."""
    with infra.vhost() as amqp_url:
        topology.declare(amqp_url)
        signer = Signer(folder)
        with _gateway(folder, amqp_url, signer) as (port, process):
            found = asyncio.run(_run(port, process, amqp_url, signer, streams))
    for name, value in found:
        say(f"streams: {name}: {value}")
    return Family(
        f"{streams:,} live streams of one gateway",
        "The gateway as a process of its own on a broker of its own; one client process holds a "
        f"connection per person. Beats every {BEAT_SECONDS:.0f} s; processor time of the gateway "
        f"over {IDLE_SECONDS:.0f} s in which nothing happens. Then one `notification.created` for "
        "each person is published at once, as an announcement does; the clock runs from the first "
        "published to the word's arrival at the client, who shares the machine's cores.",
        ("what", "figure"),
        list(found),
    )


@contextmanager
def _gateway(folder: Path, amqp_url: str, signer: Signer) -> Iterator[tuple[int, psutil.Process]]:
    port = free_port()
    (folder / "upload.secret").write_bytes(os.urandom(32))
    environment = {
        "PATH": os.environ["PATH"],
        "SHEQU_AMQP_URL": amqp_url,
        "SHEQU_PORT": str(port),
        "SHEQU_JWKS_FILE": str(signer.jwks_file),
        "SHEQU_UPLOAD_SECRET_FILE": str(folder / "upload.secret"),
        "SHEQU_STORAGE_URL": f"file://{folder}/uploads",
        "SHEQU_VAR": str(folder),
        "SHEQU_RATE_LIMITS": "off",
        "SHEQU_LOG_LEVEL": "WARNING",
        "SHEQU_MAX_STREAMS": str(STREAMS + 1),
        "SHEQU_STREAM_BEAT_SECONDS": str(BEAT_SECONDS),
    }
    running = subprocess.Popen(
        [sys.executable, "-m", "gateway"],
        cwd=infra.ROOT,
        env=environment,
        stdout=subprocess.DEVNULL,
    )
    try:
        until(lambda: _ready(port), what="the gateway", limit=60)
        yield port, psutil.Process(running.pid)
    finally:
        running.terminate()
        running.wait(30)


def _ready(port: int) -> bool:
    with contextlib.suppress(httpx.TransportError):
        return httpx.get(f"http://127.0.0.1:{port}/readyz").status_code == 200
    return False


class _Listener:
    """A client as plain as can be: its own costs are not the gateway's."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._reader, self._writer = reader, writer
        self.heard_at: float | None = None

    @classmethod
    async def open(cls, port: int, token: str) -> "_Listener":
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        writer.write(
            b"GET /api/v1/me/stream HTTP/1.1\r\nHost: gateway\r\n"
            b"Authorization: Bearer " + token.encode() + b"\r\n\r\n"
        )
        status = await reader.readline()
        if b" 200 " not in status:
            raise RuntimeError(status.decode())
        await reader.readuntil(b"retry: 3000")
        return cls(reader, writer)

    async def listen(self) -> None:
        await self._reader.readuntil(b"event: notification")
        self.heard_at = time.perf_counter()

    def close(self) -> None:
        self._writer.close()


async def _run(
    port: int, process: psutil.Process, amqp_url: str, signer: Signer, streams: int
) -> list[tuple[str, str]]:
    people = [new_id() for _ in range(streams)]
    tokens = [signer.token(person, [("resident", "demo")], f"s-{person}") for person in people]
    first = await _Listener.open(port, signer.token("warm", [("resident", "demo")]))
    before = process.memory_info().rss
    spent = _cpu(process)
    began = time.perf_counter()
    listeners: list[_Listener] = []
    for start in range(0, streams, OPENING):
        opened = (_Listener.open(port, token) for token in tokens[start : start + OPENING])
        listeners += await asyncio.gather(*opened)
    took, opening = time.perf_counter() - began, _cpu(process) - spent
    spent = _cpu(process)
    await asyncio.sleep(IDLE_SECONDS)
    idle = (_cpu(process) - spent) / IDLE_SECONDS
    after = process.memory_info().rss
    tasks = [asyncio.create_task(listener.listen()) for listener in listeners]
    spent = _cpu(process)
    began = await asyncio.to_thread(_announce, amqp_url, people)
    await asyncio.gather(*tasks)
    spent = _cpu(process) - spent
    waits = [listener.heard_at - began for listener in listeners if listener.heard_at]
    for listener in (first, *listeners):
        listener.close()
    return [
        ("memory before (RSS)", f"{before / MB:.0f} MB"),
        ("memory with all of them", f"{after / MB:.0f} MB"),
        ("of it per stream", f"{(after - before) / streams / 1024:.1f} KB"),
        ("opening them all", f"{took:.1f} s, {1000 * opening / streams:.2f} ms of processor each"),
        ("beats of all, of one core", f"{100 * idle:.1f} %"),
        ("a word to each: half of them have it after", f"{percentile(waits, 0.5):.2f} s"),
        ("a word to each: the last has it after", f"{max(waits):.2f} s"),
        ("processor per word", f"{1000 * spent / streams:.2f} ms"),
    ]


def _cpu(process: psutil.Process) -> float:
    times = process.cpu_times()
    return float(times.user + times.system)


def _announce(amqp_url: str, people: list[str]) -> float:
    """Publish a word for each; when the first went out."""
    exchange = Exchange(NotificationCreated.EXCHANGE, type="topic", durable=True)
    bodies = [json.loads(_word(person).model_dump_json()) for person in people]
    with Connection(amqp_url) as connection:
        producer = connection.Producer(serializer="json", exchange=exchange)
        began = time.perf_counter()
        for body in bodies:
            producer.publish(
                body,
                routing_key=NotificationCreated.TYPE,
                headers={"cloudEvents:id": new_id(), "cloudEvents:type": NotificationCreated.TYPE},
            )
    return began


def _word(person: str) -> NotificationCreated:
    return NotificationCreated(
        notification_id=new_id(),
        person_id=person,
        kind="announcement",
        title="停水通知：周三上午九点至十一点",
        link="/posts/01900000-0000-7000-8000-000000000001",
        why="你所在的社区发了公告",
        unread=1,
        created_at=datetime.now(UTC),
    )
