"""A load of ballots over plain connections: light, as it shares the machine with what it loads."""

import asyncio
import time
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

import httpx

from tests.support.voters import HTTP_CREATED, Ballot, Line, casting
from tests.support.waiting import until


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
    """Sends ballots of one poll, each once."""

    def __init__(self, port: int, poll_id: str, ballots: Sequence[Ballot]) -> None:
        self._port, self._poll_id, self._ballots = port, poll_id, ballots

    async def run(self, numbers: Iterable[int], connections: int) -> Outcome:
        """As fast as so many connections are answered."""
        outcome, left = Outcome(), iter(numbers)
        started = time.perf_counter()

        async def client() -> None:
            line = Line(self._port)
            for number in left:
                await self._send(line, number, time.perf_counter(), outcome)
            await line.close()

        await asyncio.gather(*(client() for _ in range(connections)))
        outcome.seconds = time.perf_counter() - started
        return outcome

    async def steady(self, numbers: Iterable[int], rate: int) -> Outcome:
        """So many a second, whether or not earlier ones are answered."""
        outcome = Outcome()
        free: list[Line] = []

        async def one(number: int, at: float) -> None:
            line = free.pop() if free else Line(self._port)
            await self._send(line, number, at, outcome)
            free.append(line)

        started = time.perf_counter()
        tasks = []
        for place, number in enumerate(numbers):
            at = started + place / rate
            await asyncio.sleep(max(0.0, at - time.perf_counter()))
            tasks.append(asyncio.create_task(one(number, at)))
        await asyncio.gather(*tasks)
        outcome.seconds = time.perf_counter() - started
        for line in free:
            await line.close()
        return outcome

    async def _send(self, line: Line, number: int, since: float, outcome: Outcome) -> None:
        answer = await line.ask(casting(self._poll_id, self._ballots[number]))
        outcome.took.append((time.perf_counter() - since) * 1_000)
        outcome.refused += answer.status != HTTP_CREATED


def await_ready(port: int) -> None:
    """Wait until the gateway is ready."""

    def ready() -> bool:
        try:
            return httpx.get(f"http://127.0.0.1:{port}/readyz", timeout=2).status_code == 200
        except httpx.TransportError:
            return False

    until(ready, what="a gateway that is ready", limit=30.0, pause=0.1)
