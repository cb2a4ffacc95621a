"""Voters at the gateway's place: batches of ballots, as the service gets them."""

import secrets
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from services.contracts.actor import Actor
from services.contracts.errors import Unauthenticated, from_wire
from services.contracts.operations.votes.polls import (
    BallotAnswer,
    BallotAnswers,
    CastBallots,
    SentBallot,
)
from services.votes.handlers import casting
from tests.support.votes import Votes

URL = "https://shequ.example"


class Tokens:
    """Knows whose tokens it gave out."""

    def __init__(self) -> None:
        self._actors: dict[str, Actor] = {}

    def of(self, person: Actor) -> str:
        """A token of this person."""
        token = f"t-{person.person_id}-{person.acted_by}-{len(person.grants)}"
        self._actors[token] = person
        return token

    def verify(self, token: str) -> Actor:
        """Who is behind it."""
        try:
            return self._actors[token]
        except KeyError:
            raise Unauthenticated() from None


@dataclass
class Booth:
    """Casts ballots for people, in batches."""

    votes: Votes
    tokens: Tokens = field(default_factory=Tokens)

    def sent(self, person: Actor, choice: str = "for", *, key: str = "", **more: Any) -> SentBallot:
        """A ballot as the gateway sends it."""
        ballot = {"choice": choice, **more}
        return SentBallot(
            token=self.tokens.of(person),
            idempotency_key=key or secrets.token_hex(16),
            body_hash=str(sorted(ballot.items())),
            ballot=ballot,
        )

    def batch(
        self, poll_id: str, ballots: Iterable[SentBallot], caller: Actor | None = None
    ) -> list[BallotAnswer]:
        """Cast a batch; what came of each."""
        cmd = CastBallots(id=poll_id, ballots=list(ballots))
        answers: BallotAnswers = self.votes.do(casting.cast, cmd, self.tokens.verify, caller, URL)
        return answers.answers

    def cast(self, poll_id: str, person: Actor, choice: str = "for", **more: Any) -> str:
        """Cast one ballot; its receipt.

        Raises:
            ShequError: what became of it instead.
        """
        (answer,) = self.batch(poll_id, [self.sent(person, choice, **more)])
        if answer.error is not None:
            raise from_wire(answer.error)
        assert answer.receipt is not None
        return answer.receipt.receipt

    def code(self, poll_id: str, person: Actor, choice: str = "for", **more: Any) -> str:
        """The code with which a ballot is refused; empty when it is taken."""
        (answer,) = self.batch(poll_id, [self.sent(person, choice, **more)])
        return answer.error["code"] if answer.error else ""
