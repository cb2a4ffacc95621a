"""The community's side of the grid border for tests, and the reference platform as a process.

The rig publishes work orders as the bridge does, keeps every update that comes back in the order
in which it came, and starts, kills and stops `python -m deploy.grid_platform`.
"""

import json
import os
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

import pika

from deploy.local.system import free_port
from services.contracts.ids import new_id
from tests.support.infra import ROOT

QUEUE = "gridplatform.workorders"
DEAD = f"{QUEUE}.dlq"
UPDATES = "test.updates"
LIMIT = 20.0  # seconds; a loaded machine needs more than a test should take


@dataclass(frozen=True)
class Message:
    """A message as it was received."""

    properties: pika.BasicProperties
    raw: bytes
    routing_key: str
    redelivered: bool

    @cached_property
    def body(self) -> dict[str, Any]:
        """The JSON body; read once, as conditions that are waited for ask it again and again."""
        value = json.loads(self.raw)
        assert isinstance(value, dict)
        return value


@dataclass
class Bridge:
    """The community's platform: sends orders, keeps what comes back."""

    url: str
    updates: list[Message] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.connection = pika.BlockingConnection(pika.URLParameters(self.url))
        self.channel = self.connection.channel()
        self.channel.confirm_delivery()
        self.listen()

    def listen(self) -> None:
        """Bind a queue for the updates."""
        self.channel.queue_declare(UPDATES, durable=True)
        self.channel.queue_bind(UPDATES, "grid.updates", "#")

    def close(self) -> None:
        """Close the connection."""
        if self.connection.is_open:
            self.connection.close()

    def send(self, kind: str, no: str, version: int, message_id: str = "", **fields: object) -> str:
        """Send a message about order `no`; returns its id."""
        message_id = message_id or new_id()
        body = {"work_order_no": no, "district": "demo", "category": "8x"} | fields
        headers = {
            "cloudEvents:id": message_id,
            "cloudEvents:type": kind,
            "subject_version": version,
            "traceparent": f"00-{'a' * 32}-{version:016x}-01",
        }
        self.send_raw(
            json.dumps(body).encode(),
            pika.BasicProperties(
                message_id=message_id,
                type=kind,
                content_type="application/json",
                delivery_mode=2,
                headers=headers,
            ),
            f"{kind}.demo.8x",
        )
        return message_id

    def send_raw(
        self,
        body: bytes,
        properties: pika.BasicProperties,
        key: str = "workorder.opened.v1.demo.8x",
    ) -> None:
        """Publish any bytes, confirmed."""
        self.channel.basic_publish("grid.workorders", key, body, properties, mandatory=True)

    def open_order(self, no: str, message_id: str = "", title: str = "商铺占用绿化带") -> str:
        """Send `workorder.opened.v1`."""
        return self.send(
            "workorder.opened.v1",
            no,
            1,
            message_id,
            title=title,
            department={"code": "CG", "name": "城管执法"},
            catalogue={"version": "2026.1", "slot": "X3", "name": "毁绿占绿"},
            library_entry={"no": f"L-{no}", "slot": "X3", "entered_at": "2026-03-02T03:00:00Z"},
            urgency="normal",
            deadlines={"overall": "2036-03-20T10:00:00+08:00", "stages": []},
        )

    def of(self, no: str) -> list[Message]:
        """The updates about one order so far, as they came (repetitions included)."""
        return [update for update in self.updates if update.body["work_order_no"] == no]

    def states(self, no: str) -> list[tuple[int, str]]:
        """(seq, state) of each different update about an order, as they first came."""
        seen = {u.properties.message_id: u.body for u in reversed(self.of(no))}
        pairs = [(body["seq"], body["state"]) for body in seen.values()]
        return list(reversed(pairs))

    def hear(self, what: str, until: Callable[[], bool], limit: float = LIMIT) -> None:
        """Receive updates until the condition holds."""

        def heard() -> bool:
            while (message := self.get(UPDATES)) is not None:
                self.updates.append(message)
            return until()

        self.wait(what, heard, limit)

    def hear_state(self, no: str, seq: int, state: str, limit: float = LIMIT) -> None:
        """Receive updates until this one has come."""
        self.hear(f"{no} {seq} {state}", lambda: (seq, state) in self.states(no), limit)

    def get(self, queue: str) -> Message | None:
        """Take one message from a queue, or None."""
        method, properties, body = self.channel.basic_get(queue, auto_ack=True)
        if method is None:
            return None
        return Message(properties, body, method.routing_key, method.redelivered)

    def take(self, queue: str, count: int) -> list[Message]:
        """Take `count` messages from a queue."""
        taken: list[Message] = []

        def enough() -> bool:
            while len(taken) < count and (message := self.get(queue)) is not None:
                taken.append(message)
            return len(taken) == count

        self.wait(f"{count} messages in {queue}", enough)
        return taken

    def waiting(self, queue: str) -> int:
        """Messages ready in a queue."""
        return int(self.channel.queue_declare(queue, passive=True).method.message_count)

    def wait(self, what: str, condition: Callable[[], bool], limit: float = LIMIT) -> None:
        """Wait for a condition, keeping the connection alive; fails with what was awaited."""
        end = time.monotonic() + limit
        while not condition():
            if time.monotonic() > end:
                states = sorted({(u.body["work_order_no"], u.body["seq"]) for u in self.updates})
                raise AssertionError(f"waited {limit} s for: {what}; updates so far {states}")
            self.connection.sleep(0.05)


class Platform:
    """The reference platform as a process of its own."""

    module = "deploy.grid_platform"

    def __init__(self, amqp_url: str, folder: Path) -> None:
        self.state_file = folder / "state.sqlite3"
        self.log = folder / "log.jsonl"
        self.port = free_port()
        self.environment = {
            "PATH": os.environ.get("PATH", "/usr/bin:/bin"),
            "LANG": "C.UTF-8",
            "COLUMNS": "200",
            "PYTHONWARNINGS": "error",
            "SHEQU_ENV": "test",
            "SHEQU_GRID_AMQP_URL": amqp_url,
            "SHEQU_GRID_DATABASE_FILE": str(self.state_file),
            "SHEQU_GRID_STEP_SECONDS": "0.05",
            "SHEQU_HEALTH_PORT": str(self.port),
            "SHEQU_LOG_FORMAT": "json",
        }
        self.process: subprocess.Popen[bytes] | None = None

    def start(self, *, ready: bool = True, **environment: str) -> None:
        """Start; with `ready`, return when it takes messages."""
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(
                [sys.executable, "-m", self.module],
                cwd=ROOT,
                env=self.environment | environment,
                stdout=log,
                stderr=subprocess.STDOUT,
            )
        wait_for("the health page", lambda: self.ask("/healthz") is not None or not self.alive)
        if ready:
            self.await_ready()

    def await_ready(self, ready: bool = True) -> None:
        """Wait until /readyz says so (or the contrary)."""
        wait_for(f"ready = {ready}", lambda: self.ask("/readyz") == (200 if ready else 503))

    def ask(self, page: str) -> int | None:
        """The status of a health page; None when nothing answers."""
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{self.port}{page}", timeout=5) as answer:
                return int(answer.status)
        except urllib.error.HTTPError as error:
            with error:
                return error.code
        except OSError:
            return None

    def read(self, page: str) -> str:
        """The text of a health page."""
        with urllib.request.urlopen(f"http://127.0.0.1:{self.port}{page}", timeout=5) as answer:
            text = answer.read()
            assert isinstance(text, bytes)
            return text.decode()

    def command(self, *words: str) -> subprocess.CompletedProcess[str]:
        """Run a command of the command line on the same state file."""
        return subprocess.run(
            [sys.executable, "-m", self.module, *words],
            cwd=ROOT,
            env=self.environment,
            capture_output=True,
            text=True,
            timeout=30,
        )

    @property
    def alive(self) -> bool:
        """Whether the process runs."""
        return self.process is not None and self.process.poll() is None

    def kill(self) -> None:
        """SIGKILL: no farewell."""
        assert self.process is not None
        self.process.kill()
        self.process.wait(10)

    def terminate(self) -> int:
        """SIGTERM; returns the exit code."""
        assert self.process is not None
        self.process.send_signal(signal.SIGTERM)
        return self.process.wait(15)

    def close(self) -> None:
        """End it if it still runs."""
        if self.alive:
            self.kill()

    def logged(self) -> list[dict[str, Any]]:
        """Its log so far."""
        return [json.loads(line) for line in self.log.read_text().splitlines() if line[:1] == "{"]


class Wire:
    """A TCP link to a server that can be cut, or fall silent."""

    def __init__(self, target: int) -> None:
        self.target = target
        self.process: subprocess.Popen[bytes] | None = None
        self.port = free_port()

    def connect(self) -> None:
        """Let connections through."""
        # A process of its own: killing it closes every socket of the link at once, as a
        # pulled cable's reset does, and no thread of the test can linger.
        self.process = subprocess.Popen(
            [sys.executable, "-c", _FORWARD, str(self.port), str(self.target)]
        )
        wait_for("the wire", self._open)

    def hang(self) -> None:
        """Keep every connection, take new ones, and let no byte through any more."""
        assert self.process is not None
        self.process.send_signal(signal.SIGSTOP)

    def go_on(self) -> None:
        """Let through what was held up."""
        assert self.process is not None
        self.process.send_signal(signal.SIGCONT)

    def silence(self) -> None:
        """Let no byte through on the connections there are; new ones work."""
        assert self.process is not None
        self.process.send_signal(signal.SIGUSR1)

    def cut(self) -> None:
        """Break every connection and take no new one."""
        if self.process is not None:
            self.process.kill()
            self.process.wait(10)
            self.process = None

    def _open(self) -> bool:
        with socket.socket() as probe:
            return probe.connect_ex(("127.0.0.1", self.port)) == 0


_FORWARD = """
import asyncio, signal, sys
links = 0
silent = 0  # links up to this number carry nothing any more
def silence(*_):
    global silent
    silent = links
async def pump(reader, writer, number):
    try:
        while data := await reader.read(65536):
            if number <= silent:
                await asyncio.Event().wait()
            writer.write(data)
            await writer.drain()
    except OSError:
        pass
    finally:
        writer.close()
async def link(reader, writer):
    global links
    links += 1
    number = links
    there, back = await asyncio.open_connection("127.0.0.1", int(sys.argv[2]))
    await asyncio.gather(pump(reader, back, number), pump(there, writer, number))
async def main():
    asyncio.get_running_loop().add_signal_handler(signal.SIGUSR1, silence)
    server = await asyncio.start_server(link, "127.0.0.1", int(sys.argv[1]))
    await server.serve_forever()
asyncio.run(main())
"""


@contextmanager
def running(platform: Platform) -> Iterator[Platform]:
    """Whatever the test does, no process stays."""
    try:
        yield platform
    finally:
        platform.close()


def wait_for(what: str, condition: Callable[[], bool], limit: float = LIMIT) -> None:
    """Wait for a condition; fails with what was awaited."""
    end = time.monotonic() + limit
    while not condition():
        if time.monotonic() > end:
            raise AssertionError(f"waited {limit} s for: {what}")
        time.sleep(0.03)
