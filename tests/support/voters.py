"""A crowd at the gateway: each voter sends her ballot again, under its key, until she is told.

::

    ballot ──▶ 201 receipt · 4xx refused ──▶ told
       ▲
       └── 503 · connection lost · silence ── a moment ──┘

Over plain connections, as the crowd shares the machine with what it votes on.
"""

import asyncio
import contextlib
import json
import threading
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from secrets import token_hex
from typing import Any

LINES = 200
PATIENCE = 20.0  # seconds that a voter waits for an answer
MOMENT = 0.25  # seconds before she sends again
LIMIT = 600.0  # seconds after which the whole crowd gives up
LOST = (OSError, EOFError, TimeoutError, ValueError)
HTTP_UNAVAILABLE, HTTP_CREATED = 503, 201


class Ballot:
    """What somebody sends, and what came of it."""

    __slots__ = ("choice", "code", "key", "person", "receipt", "replayed", "status", "token")

    def __init__(self, person: str, token: str, choice: str) -> None:
        self.person, self.token, self.choice = person, token, choice
        self.key = token_hex(16)
        self.status, self.code, self.receipt, self.replayed = 0, "", "", False

    def again(self) -> "Ballot":
        """The same request once more."""
        other = Ballot(self.person, self.token, self.choice)
        other.key = self.key
        return other


@dataclass(frozen=True, slots=True)
class Answer:
    """A response; ``told`` is its JSON."""

    status: int
    replayed: bool
    told: dict[str, Any]


class Line:
    """One connection to the gateway, opened anew whenever it is lost."""

    def __init__(self, port: int) -> None:
        self._port = port
        self._streams: tuple[asyncio.StreamReader, asyncio.StreamWriter] | None = None

    async def ask(self, request: bytes) -> Answer:
        """The answer.

        Raises:
            OSError, EOFError, TimeoutError, ValueError: there was none.
        """
        try:
            async with asyncio.timeout(PATIENCE):
                if self._streams is None:
                    self._streams = await asyncio.open_connection("127.0.0.1", self._port)
                reader, writer = self._streams
                writer.write(request)
                head = (await reader.readuntil(b"\r\n\r\n")).lower()
                length = int(head.partition(b"content-length:")[2].split(b"\r", 1)[0])
                body = await reader.readexactly(length)
        except LOST:
            await self.close()
            raise
        if b"connection: close" in head:
            await self.close()
        return Answer(int(head[9:12]), b"idempotency-replayed" in head, json.loads(body))

    async def close(self) -> None:
        """Let go of the connection."""
        streams, self._streams = self._streams, None
        if streams is not None:
            streams[1].close()
            with contextlib.suppress(OSError):
                await streams[1].wait_closed()


class Crowd:
    """Voters of one poll. Its counts may be read from another thread while they vote.

    Attributes:
        answered: ballots of which their voters know what came.
        turned_away: attempts that were to be repeated.
        seen: how often each status and code was answered, those of repeats too.
    """

    def __init__(self, port: int, poll_id: str) -> None:
        self._port, self._poll_id = port, poll_id
        self.answered = 0
        self.turned_away = 0
        self.seen: Counter[tuple[int, str]] = Counter()

    @contextmanager
    def casting(self, together: Sequence[tuple[Ballot, ...]]) -> Iterator[None]:
        """They vote during the block, which ends when all were told; a tuple's go at once."""
        failed: list[BaseException] = []

        def work() -> None:
            try:
                asyncio.run(self._all(iter(together)))
            except BaseException as error:
                failed.append(error)

        thread = threading.Thread(target=work, name="crowd")
        thread.start()
        try:
            yield
        finally:
            thread.join(LIMIT)
        assert not thread.is_alive(), "the crowd does not end"
        assert not failed, failed

    def cast(self, ballots: Iterable[Ballot]) -> None:
        """They vote, each by herself, and are told."""
        with self.casting([(ballot,) for ballot in ballots]):
            pass

    def read(self, paths: Iterable[str]) -> list[dict[str, Any]]:
        """What anybody is told at these addresses of the contract, in their order."""
        wanted = list(enumerate(paths))
        found: dict[int, dict[str, Any]] = {}

        async def reader(left: Iterator[tuple[int, str]]) -> None:
            line = Line(self._port)
            for place, path in left:
                answer = await line.ask(_request("GET", f"/api/v1{path}"))
                assert answer.status == 200, answer
                found[place] = answer.told
            await line.close()

        async def readers() -> None:
            left = iter(wanted)
            await asyncio.gather(*(reader(left) for _ in range(8)))

        asyncio.run(readers())
        return [found[place] for place, _ in wanted]

    async def _all(self, left: Iterator[tuple[Ballot, ...]]) -> None:
        async with asyncio.timeout(LIMIT):
            await asyncio.gather(*(self._voters(left) for _ in range(LINES)))

    async def _voters(self, left: Iterator[tuple[Ballot, ...]]) -> None:
        lines = [Line(self._port)]
        for ballots in left:
            lines += [Line(self._port) for _ in ballots[len(lines) :]]
            await asyncio.gather(*map(self._vote, lines, ballots))
        for line in lines:
            await line.close()

    async def _vote(self, line: Line, ballot: Ballot) -> None:
        request = casting(self._poll_id, ballot)
        while not ballot.status:
            try:
                answer = await line.ask(request)
            except LOST:
                answer = Answer(HTTP_UNAVAILABLE, False, {"code": "no answer"})
            code = answer.told.get("code", "")
            self.seen[answer.status, code] += 1
            if answer.status == HTTP_UNAVAILABLE:
                self.turned_away += 1
                await asyncio.sleep(MOMENT)
                continue
            ballot.status, ballot.code, ballot.replayed = answer.status, code, answer.replayed
            if answer.status == HTTP_CREATED:
                ballot.receipt = answer.told["receipt"]
        self.answered += 1


def casting(poll_id: str, ballot: Ballot) -> bytes:
    """The request by which a ballot is cast."""
    body = json.dumps({"choice": ballot.choice}).encode()
    headers = {
        "Authorization": f"Bearer {ballot.token}",
        "Idempotency-Key": ballot.key,
        "Content-Type": "application/json",
    }
    return _request("POST", f"/api/v1/polls/{poll_id}/ballots", headers, body)


def _request(
    method: str, path: str, headers: dict[str, str] | None = None, body: bytes = b""
) -> bytes:
    named = {"Host": "127.0.0.1", **(headers or {}), "Content-Length": str(len(body))}
    lines = "".join(f"{name}: {text}\r\n" for name, text in named.items())
    return f"{method} {path} HTTP/1.1\r\n{lines}\r\n".encode() + body
