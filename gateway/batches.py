"""Ballots of one poll go to the service together, in batches that back-pressure makes.

The service takes the poll's head once for all of a batch (:mod:`services.kit.gathering`). Each
ballot has its own token, key and answer; what is in it is not looked at here.
"""

from typing import Any, Final

from gateway.backend import Backend
from gateway.context import RequestContext
from services.contracts.actor import Actor
from services.kit.gathering import Gathering

MOST_TOGETHER: Final = 200
MOST_UNDER_WAY: Final = 2
MOST_WAITING: Final = 4_000
"""Ballots of one poll; at a thousand a second they wait four seconds, as long as anybody does."""

_Sent = tuple[dict[str, Any], RequestContext]


class Ballots:
    """Sends ballots on, those of a poll together; also one whose voter has gone away meanwhile."""

    def __init__(self, backend: Backend) -> None:
        self._backend = backend
        self._gathering: Gathering[str, _Sent, dict[str, Any]] = Gathering(
            self._send,
            most_together=MOST_TOGETHER,
            most_under_way=MOST_UNDER_WAY,
            most_waiting=MOST_WAITING,
            given_up=True,
        )

    async def cast(
        self, poll_id: str, sent: dict[str, Any], context: RequestContext
    ) -> dict[str, Any]:
        """What the service says to one ballot, as ``BallotAnswer`` does.

        Raises:
            Unavailable: too many are waiting already, or the service does not answer.
            ShequError: the batch could not be taken at all.
        """
        return await self._gathering.ask(poll_id, (sent, context))

    async def _send(self, poll_id: str, batch: list[_Sent]) -> list[dict[str, Any]]:
        return await self._ask(poll_id, [sent for sent, _ in batch], batch[0][1])

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
