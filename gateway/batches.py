"""Ballots of one poll go to the service together, in batches that back-pressure makes.

::

    cast ─▶ waiting ─▶ a batch of what has arrived, at most 200 ─▶ votes.cast_ballots
               ▲                    at most two under way for a poll       │
               └───────────── the next batch, as soon as one is back ◀─────┘

There is no timer: at an idle desk a ballot goes at once, and alone. The busier it is, the more go
together, and the service takes the poll's head once for all of them. Each has its own token, key
and answer; what is in a ballot is not looked at here.
"""

import asyncio
from collections import deque
from dataclasses import dataclass, field
from typing import Any, Final

from gateway.backend import Backend
from gateway.context import RequestContext
from services.contracts.actor import Actor
from services.contracts.errors import Internal, ShequError, Unavailable
from services.kit import logs

log = logs.get(__name__)

MOST_TOGETHER: Final = 200
MOST_UNDER_WAY: Final = 2
MOST_WAITING: Final = 4_000
"""Ballots of one poll; at a thousand a second they wait four seconds, as long as anybody does."""
RETRY_AFTER: Final = 2


@dataclass(slots=True)
class _Waiting:
    """A ballot and whoever waits for its answer."""

    sent: dict[str, Any]
    context: RequestContext
    answer: asyncio.Future[dict[str, Any]]


@dataclass(slots=True)
class _Poll:
    """The ballots of one poll in this process."""

    waiting: deque[_Waiting] = field(default_factory=deque)
    under_way: int = 0


class Ballots:
    """Sends ballots on, those of a poll together."""

    def __init__(self, backend: Backend) -> None:
        self._backend = backend
        self._polls: dict[str, _Poll] = {}
        self._tasks: set[asyncio.Task[None]] = set()

    async def cast(
        self, poll_id: str, sent: dict[str, Any], context: RequestContext
    ) -> dict[str, Any]:
        """What the service says to one ballot, as ``BallotAnswer`` does.

        Raises:
            Unavailable: too many are waiting already, or the service does not answer.
            ShequError: the batch could not be taken at all.
        """
        poll = self._polls.setdefault(poll_id, _Poll())
        if len(poll.waiting) >= MOST_WAITING:
            raise Unavailable(retry_after=RETRY_AFTER)
        waiting = _Waiting(sent, context, asyncio.get_running_loop().create_future())
        poll.waiting.append(waiting)
        self._send(poll_id, poll)
        return await waiting.answer

    def _send(self, poll_id: str, poll: _Poll) -> None:
        """Send what waits, as far as there may be more under way."""
        while poll.waiting and poll.under_way < MOST_UNDER_WAY:
            count = min(MOST_TOGETHER, len(poll.waiting))
            batch = [poll.waiting.popleft() for _ in range(count)]
            poll.under_way += 1
            task = asyncio.create_task(self._under_way(poll_id, poll, batch))
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)
        if not poll.waiting and not poll.under_way:
            self._polls.pop(poll_id, None)

    async def _under_way(self, poll_id: str, poll: _Poll, batch: list[_Waiting]) -> None:
        try:
            ballots = [waiting.sent for waiting in batch]
            answers = await self._ask(poll_id, ballots, batch[0].context)
            for waiting, answer in zip(batch, answers, strict=True):
                if not waiting.answer.done():
                    waiting.answer.set_result(answer)
        except Exception as error:
            if not isinstance(error, ShequError):
                log.exception("batch of ballots failed")
                error = Internal()
            for waiting in batch:
                if not waiting.answer.done():
                    waiting.answer.set_exception(error)
        finally:
            poll.under_way -= 1
            self._send(poll_id, poll)

    async def _ask(
        self,
        poll_id: str,
        ballots: list[dict[str, Any]],
        context: RequestContext,
        actor: Actor | None = None,
    ) -> list[dict[str, Any]]:
        reply = await self._backend.ask(
            "castBallots", {"id": poll_id, "ballots": ballots}, context=context, actor=actor
        )
        answers: list[dict[str, Any]] = reply.data["answers"]
        return answers

    async def alone(
        self, poll_id: str, sent: dict[str, Any], context: RequestContext, actor: Actor | None
    ) -> dict[str, Any]:
        """The same for a ballot whose account the roll does not know yet.

        Sent by itself in the voter's name, so that the service may ask who she is before it takes
        its turn.
        """
        (answer,) = await self._ask(poll_id, [sent], context, actor)
        return answer
