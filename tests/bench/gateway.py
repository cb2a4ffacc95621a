"""The gateway's reads and writes: kept, asked for, written; beside a bare FastAPI app."""

import asyncio
import itertools
import json
import os
import time
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

from deploy.local.system import free_port
from services.kit import topology
from services.kit.db import make_engine
from services.kit.uow import UnitOfWorkFactory
from tests.bench import rpc
from tests.bench.posts import put_written
from tests.bench.report import Family, Say, median, percentile
from tests.support import infra
from tests.support.feed_street import CID, PATH, Street
from tests.support.keys import Signer

READERS = 64
SECONDS = 4.0
ROUNDS = 3
POSTS = 400
WRITES = 500
WRITES_A_SECOND = 100
Requests = Iterator[bytes]
PAGE = f"/api/v1/communities/{CID}/posts"


def measure(folder: Path, say: Say) -> list[Family]:
    """The families of figures."""
    with ExitStack() as stack:
        database = stack.enter_context(infra.database("feed"))
        amqp_url = stack.enter_context(infra.vhost())
        topology.declare(amqp_url)
        engine = make_engine(database, pool=2)
        stack.callback(engine.dispose)
        street = Street(UnitOfWorkFactory(engine, "feed"))
        put_written(street, POSTS, 1)
        signer = Signer(folder)
        readers = [f"reader-{number}" for number in range(READERS)]
        for person in readers:
            street.card(person)
        (folder / "upload.secret").write_bytes(os.urandom(32))
        ports = {"gateway": free_port(), "bare": free_port()}
        environment = {
            "SHEQU_ENV": "test",
            "SHEQU_FEED_DATABASE_URL": database,
            "SHEQU_AMQP_URL": amqp_url,
            "SHEQU_JWKS_FILE": str(signer.jwks_file),
            "SHEQU_UPLOAD_SECRET_FILE": str(folder / "upload.secret"),
            "SHEQU_STORAGE_URL": f"file://{folder}/files",
            "SHEQU_RATE_LIMITS": "off",
            "SHEQU_LOG_LEVEL": "INFO",
            "SHEQU_HEALTH_PORT": "0",
        }
        for _ in range(2):
            own = {"SHEQU_HEALTH_PORT": str(free_port()), "SHEQU_LOG_LEVEL": "WARNING"}
            stack.enter_context(rpc.process("services.feed", {**environment, **own}))
        at = {"SHEQU_PORT": str(ports["gateway"])}
        stack.enter_context(rpc.process("gateway", {**environment, **at}))
        tokens = [signer.token(who, [("resident", PATH)], f"s-{who}") for who in readers]
        staff = [signer.token(f"staff-{n}", [("secretary", PATH)], f"t-{n}") for n in range(32)]
        page = asyncio.run(_first(ports["gateway"], tokens[0]))
        (folder / "page.json").write_bytes(page)
        bare = {"BARE_BODY": str(folder / "page.json"), "SHEQU_PORT": str(ports["bare"])}
        stack.enter_context(rpc.process("tests.bench.bare_app", bare))
        asyncio.run(_first(ports["bare"], ""))
        return [
            _kept(ports, tokens, len(page), say),
            _asked_and_written(ports["gateway"], tokens, staff, say),
        ]


def _kept(ports: dict[str, int], tokens: list[str], size: int, say: Say) -> Family:
    rates: dict[str, list[float]] = {"bare": [], "gateway": []}
    took: dict[str, list[float]] = {"bare": [], "gateway": []}
    for number in range(ROUNDS + 1):
        for name, port in ports.items():
            asks = [_get(PAGE, token) for token in tokens]
            found, seconds = asyncio.run(_load(port, [itertools.repeat(ask) for ask in asks]))
            if number:  # the first round warms
                rates[name].append(len(found) / seconds)
                took[name] += found
    ratio = median([g / b for g, b in zip(rates["gateway"], rates["bare"], strict=True)])
    say(f"gateway, kept: {median(rates['gateway']):.0f}/s, {ratio:.0%} of a bare app")
    return Family(
        "Gateway: a page that is kept, beside a bare FastAPI app",
        f"`tests/bench/gateway.py`: {READERS} residents on a connection each ask for the first "
        f"page of their community ({size:,} bytes) as fast as it comes, {SECONDS:.0f} s a round, "
        f"{ROUNDS} rounds alternating. The bare app answers the same bytes to anybody; the gateway "
        "verifies token, right and limits, writes its line of log, and looks up what each may be "
        "given. The client shares the machine's cores.",
        ("server", "requests /s", "of the bare app", "p50 ms", "p99 ms"),
        [
            (
                name,
                f"{median(rates[name]):.0f}",
                f"{ratio:.0%}" if name == "gateway" else "",
                f"{percentile(took[name], 0.5) * 1000:.1f}",
                f"{percentile(took[name], 0.99) * 1000:.1f}",
            )
            for name in ("bare", "gateway")
        ],
        "Asked for: at least 60 % of the bare app, p99 < 15 ms.",
    )


def _asked_and_written(port: int, tokens: list[str], staff: list[str], say: Say) -> Family:
    rows = []
    asks = [itertools.repeat(_get(PAGE, token)) for token in staff]
    asyncio.run(_load(port, asks, 1.0))
    found, seconds = asyncio.run(_load(port, asks))
    rows.append(_row("page, asked of feed each time (in office), 32 at a time", found, seconds))
    writes = [itertools.repeat(_post(token)) for token in tokens]
    found, refused, seconds = asyncio.run(_paced(port, writes))
    name = f"post written, {WRITES_A_SECOND} a second ({len(refused)} of {WRITES} refused)"
    rows.append(_row(name, found, seconds))
    for row in rows:
        say(f"gateway, {row[0]}: {row[1]}/s, p99 {row[3]} ms")
    return Family(
        "Gateway: what feed is asked for, and what is written",
        "`tests/bench/gateway.py`: one gateway, two processes of feed, PostgreSQL and RabbitMQ on "
        f"the same machine as the client. {WRITES} posts. Reads that arrive while two messages of "
        "their method are unanswered go as the next one, at most 16, and share a transaction; what "
        "is asked often is planned once a connection.",
        ("what", "a second", "p50 ms", "p99 ms"),
        rows,
        "Asked for: 700/s and p99 < 120 ms; p99 < 150 ms.",
    )


def _row(name: str, found: list[float], seconds: float) -> tuple[str, ...]:
    shown = [f"{percentile(found, share) * 1000:.1f}" for share in (0.5, 0.99)]
    return name, f"{len(found) / seconds:.0f}", *shown


# -- the client: HTTP/1.1 and nothing else ---------------------------------------------------------


def _get(path: str, token: str) -> bytes:
    return f"GET {path} HTTP/1.1\r\nhost: gw\r\nauthorization: Bearer {token}\r\n\r\n".encode()


def _post(token: str) -> bytes:
    body = json.dumps({"module": "neighbours", "title": "你好", "body": "大家好"}).encode()
    head = (
        f"POST {PAGE} HTTP/1.1\r\nhost: gw\r\nauthorization: Bearer {token}\r\n"
        f"content-type: application/json\r\ncontent-length: {len(body)}\r\n\r\n"
    )
    return head.encode() + body


async def _ask(
    reader: asyncio.StreamReader, writer: asyncio.StreamWriter, request: bytes
) -> tuple[int, bytes]:
    writer.write(request)
    head = await reader.readuntil(b"\r\n\r\n")
    lower = head.lower()
    length = int(lower.split(b"content-length:", 1)[1].split(b"\r\n", 1)[0])
    return int(head[9:12]), await reader.readexactly(length)


async def _first(port: int, token: str) -> bytes:
    """The page, as soon as it can be had."""
    last = ""
    for _ in range(1_200):
        try:
            reader, writer = await asyncio.open_connection("127.0.0.1", port, limit=1 << 20)
            status, body = await _ask(reader, writer, _get(PAGE, token))
            writer.close()
            if status == 200:
                return body
            last = f"{status} {body[:300]!r}"
        except OSError:
            pass
        await asyncio.sleep(0.1)
    raise TimeoutError(f"nobody answers on {port}: {last}")


async def _load(
    port: int, clients: list[Requests], seconds: float = SECONDS
) -> tuple[list[float], float]:
    """What each request took, all clients asking as fast as they are answered."""
    took: list[float] = []
    ends = time.perf_counter() + seconds

    async def client(requests: Requests) -> None:
        reader, writer = await asyncio.open_connection("127.0.0.1", port, limit=1 << 20)
        while time.perf_counter() < ends:
            began = time.perf_counter()
            status, _ = await _ask(reader, writer, next(requests))
            if status != 200:
                raise RuntimeError(f"answered {status}")
            took.append(time.perf_counter() - began)
        writer.close()

    began = time.perf_counter()
    await asyncio.gather(*map(client, clients))
    return took, time.perf_counter() - began


async def _paced(port: int, clients: list[Requests]) -> tuple[list[float], list[int], float]:
    """What each write took from the moment when it was due, so many a second."""
    took: list[float] = []
    refused: list[int] = []
    began = time.perf_counter()
    due = iter([began + number / WRITES_A_SECOND for number in range(WRITES)])

    async def client(requests: Requests) -> None:
        reader, writer = await asyncio.open_connection("127.0.0.1", port, limit=1 << 20)
        for at in due:
            await asyncio.sleep(max(0.0, at - time.perf_counter()))
            status, _ = await _ask(reader, writer, next(requests))
            if status != 201:
                refused.append(status)
                continue
            took.append(time.perf_counter() - at)
        writer.close()

    await asyncio.gather(*map(client, clients))
    return took, refused, time.perf_counter() - began
