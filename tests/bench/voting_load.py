"""A load of ballots over plain connections: light, as it shares the machine with what it loads."""

import asyncio
import http.client
import secrets
import time
from collections.abc import Iterable
from dataclasses import dataclass, field


@dataclass
class Outcome:
    """What came of a run; ``took`` in milliseconds."""

    seconds: float = 0.0
    took: list[float] = field(default_factory=list)
    refused: int = 0

    @property
    def rate(self) -> float:
        """Answers a second."""
        return len(self.took) / self.seconds


class Load:
    """Sends ballots, each with its own body and token."""

    def __init__(self, port: int, path: str, bodies: list[bytes], tokens: list[str]) -> None:
        self._port, self._path, self._bodies, self._tokens = port, path, bodies, tokens

    def _request(self, number: int) -> bytes:
        body = self._bodies[number]
        head = (
            f"POST {self._path} HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\n"
            f"Authorization: Bearer {self._tokens[number]}\r\n"
            f"Idempotency-Key: {secrets.token_hex(16)}\r\nContent-Length: {len(body)}\r\n\r\n"
        )
        return head.encode() + body

    async def run(self, numbers: Iterable[int], connections: int) -> Outcome:
        """As fast as so many connections are answered."""
        outcome, left = Outcome(), iter(numbers)
        started = time.perf_counter()

        async def client() -> None:
            reader, writer = await asyncio.open_connection("127.0.0.1", self._port)
            for number in left:
                await self._send(reader, writer, number, time.perf_counter(), outcome)
            writer.close()

        await asyncio.gather(*(client() for _ in range(connections)))
        outcome.seconds = time.perf_counter() - started
        return outcome

    async def steady(self, numbers: Iterable[int], rate: int) -> Outcome:
        """So many a second, whether or not earlier ones are answered."""
        outcome = Outcome()
        free: list[tuple[asyncio.StreamReader, asyncio.StreamWriter]] = []

        async def one(number: int, at: float) -> None:
            pair = free.pop() if free else await asyncio.open_connection("127.0.0.1", self._port)
            await self._send(*pair, number, at, outcome)
            free.append(pair)

        started = time.perf_counter()
        tasks = []
        for place, number in enumerate(numbers):
            at = started + place / rate
            await asyncio.sleep(max(0.0, at - time.perf_counter()))
            tasks.append(asyncio.create_task(one(number, at)))
        await asyncio.gather(*tasks)
        outcome.seconds = time.perf_counter() - started
        for _, writer in free:
            writer.close()
        return outcome

    async def _send(
        self,
        reader: asyncio.StreamReader,
        writer: asyncio.StreamWriter,
        number: int,
        since: float,
        outcome: Outcome,
    ) -> None:
        writer.write(self._request(number))
        head = await reader.readuntil(b"\r\n\r\n")
        length = next(
            int(line.split(b":")[1])
            for line in head.lower().split(b"\r\n")
            if line.startswith(b"content-length")
        )
        await reader.readexactly(length)
        outcome.took.append((time.perf_counter() - since) * 1_000)
        outcome.refused += not head.startswith(b"HTTP/1.1 201")


def ready(port: int, seconds: float = 30.0) -> None:
    """Wait until the gateway is ready."""
    limit = time.monotonic() + seconds
    while time.monotonic() < limit:
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=2)
        try:
            connection.request("GET", "/readyz")
            if connection.getresponse().status == 200:
                return
        except OSError:
            pass
        finally:
            connection.close()
        time.sleep(0.1)
    raise TimeoutError("the gateway is not ready")
