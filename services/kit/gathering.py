"""What arrives while an earlier message is unanswered goes together, in batches of back-pressure.

::

    ask ─▶ waiting ─▶ a batch of what has arrived ─▶ send
              ▲       at most so many under way      │
              └── the next, as soon as one is back ◀─┘

There is no timer: when nothing is going on one goes at once, and alone. The busier it is, the more
go together, and what they have in common is done once for all of them.
"""

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable, Hashable, Sequence
from dataclasses import dataclass, field
from typing import Final, Generic, TypeVar

from services.contracts.errors import Internal, ShequError, Unavailable
from services.kit import logs

log = logs.get(__name__)

K = TypeVar("K", bound=Hashable)
T = TypeVar("T")
R = TypeVar("R")

RETRY_AFTER: Final = 2  # seconds; what a client is told when it cannot be asked now


@dataclass(slots=True)
class _Waiting(Generic[T, R]):
    """What is to be sent, and whoever waits for its answer."""

    item: T
    answer: asyncio.Future[R]


@dataclass(slots=True)
class _Queue(Generic[T, R]):
    """What belongs together in this process."""

    waiting: deque[_Waiting[T, R]] = field(default_factory=deque)
    under_way: int = 0


class Gathering(Generic[K, T, R]):
    """Sends things on, those of one key together; everything runs on the event loop.

    Args:
        send: takes a batch of a key, and answers each in turn.
        most_together: of a batch.
        most_under_way: batches of a key at a time.
        most_waiting: things of a key; more are refused.
        given_up: whether what nobody waits for any more is sent all the same.
    """

    def __init__(
        self,
        send: Callable[[K, list[T]], Awaitable[Sequence[R]]],
        *,
        most_together: int,
        most_under_way: int,
        most_waiting: int,
        given_up: bool,
    ) -> None:
        self._send = send
        self._most_together = most_together
        self._most_under_way = most_under_way
        self._most_waiting = most_waiting
        self._given_up = given_up
        self._queues: dict[K, _Queue[T, R]] = {}
        self._tasks: set[asyncio.Task[None]] = set()

    async def ask(self, key: K, item: T) -> R:
        """The answer to one thing.

        Raises:
            Unavailable: too many are waiting already.
            ShequError: its batch could not be sent at all.
        """
        queue = self._queues.setdefault(key, _Queue())
        if len(queue.waiting) >= self._most_waiting:
            raise Unavailable(retry_after=RETRY_AFTER)
        waiting: _Waiting[T, R] = _Waiting(item, asyncio.get_running_loop().create_future())
        queue.waiting.append(waiting)
        self._go_on(key, queue)
        return await waiting.answer

    def _go_on(self, key: K, queue: _Queue[T, R]) -> None:
        """Send what waits, as far as there may be more under way."""
        while queue.under_way < self._most_under_way and (batch := self._next(queue)):
            queue.under_way += 1
            task = asyncio.create_task(self._under_way(key, queue, batch))
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)
        if not queue.waiting and not queue.under_way:
            self._queues.pop(key, None)

    def _next(self, queue: _Queue[T, R]) -> list[_Waiting[T, R]]:
        batch: list[_Waiting[T, R]] = []
        while queue.waiting and len(batch) < self._most_together:
            first = queue.waiting.popleft()
            if self._given_up or not first.answer.done():
                batch.append(first)
        return batch

    async def _under_way(self, key: K, queue: _Queue[T, R], batch: list[_Waiting[T, R]]) -> None:
        try:
            answers = await self._send(key, [waiting.item for waiting in batch])
            for waiting, answer in list(zip(batch, answers, strict=True)):
                if not waiting.answer.done():
                    waiting.answer.set_result(answer)
        except Exception as error:
            if not isinstance(error, ShequError):
                log.exception("batch failed")
                error = Internal()
            for waiting in batch:
                if not waiting.answer.done():
                    waiting.answer.set_exception(error)
        finally:
            queue.under_way -= 1
            self._go_on(key, queue)
