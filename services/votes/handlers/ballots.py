"""The box after the casting: opened at the close, told of meanwhile, replaced by paper.

The opening is one transaction: the chain is closed and signed, what is sealed is opened, choices
are written in the order of chance, the chain names their hash and totals, sealed ballots and the
key that opened them go. So nothing stands in the order, or carries the transaction, of its casting.
"""

import random
from datetime import datetime, timedelta
from typing import Any, Final

from services.contracts.events import BallotCounted
from services.kit.aside import aside
from services.kit.uow import UnitOfWork
from services.votes import repository
from services.votes.crypto import box, keys
from services.votes.domain import ledger as chain
from services.votes.domain.ballots import (
    AlreadyVoted,
    Ballot,
    Choice,
    Closed,
    Total,
    named_leaf,
    secret_leaf,
    totals,
)
from services.votes.domain.count_words import exact
from services.votes.domain.rolls import Mark
from services.votes.handlers import ledger
from services.votes.handlers.telling import EVERY
from services.votes.models import PollHeadRow, PollRow

KEEP_ANSWERS: Final = timedelta(days=2)
"""How long after the close the answer to a repeated request is kept."""


class BoxAltered(RuntimeError):
    """What is in the box is not what the bulletin shows: anybody can seal for a box, whoever writes
    to the database can exchange a ballot, and the bulletin cannot be changed unseen.
    """


_shuffle = random.SystemRandom().shuffle


def open_box(uow: UnitOfWork, poll: PollRow, now: datetime) -> None:
    """Open the box of a poll that is closed, in the transaction of the close.

    A hundred thousand ballots are some seconds' work, done beside the calls that wait.

    Raises:
        BoxAltered: somebody laid hands on the database; nothing is counted.
    """
    head = ledger.lock(uow, poll.id)
    counted = repository.ballots.voted_online(uow.session, poll.id)
    ledger.append(
        uow, poll.id, "closed", {"leaves": head.leaves, "superseded": head.gone, "marks": counted}
    )
    kept = repository.ledger.box(uow.session, poll.id)
    guard = keys.ring().pair(kept.pair).guarding("boxes")
    private = keys.unsealed(guard, kept.private or "", poll.id)
    found = repository.ballots.in_the_box(uow.session, poll.id)
    if len(found.sealed) != head.leaves - head.gone:
        raise BoxAltered(f"{len(found.sealed)} ballots for {head.leaves - head.gone} leaves")
    secret = poll.secrecy == "secret"
    ballots, told, sums = aside(_opened, private, poll.id, found, secret)
    if secret:
        repository.ballots.put_choices(uow.session, poll.id, told)
    else:
        opened = list(zip(found.positions, ballots, strict=True))
        repository.ballots.put_named(uow.session, poll.id, opened)
        told = [[position, *ballot.told()] for position, ballot in opened]
    repository.ballots.put_totals(uow.session, poll.id, sums)
    repository.ballots.empty_the_box(uow.session, poll.id)
    hashed = aside(chain.list_hash, told)
    ledger.append(uow, poll.id, "choices", _choices(len(ballots), hashed, sums))
    repository.due.put(uow.session, "ballot.forget", poll.id, now + KEEP_ANSWERS)


def _opened(
    private: bytes, poll_id: str, found: repository.ballots.Box, secret: bool
) -> tuple[list[Ballot], list[Any], dict[Choice, Total]]:
    """The ballots, the choices of a secret poll in the order of chance, and what they come to."""
    ballots = [Ballot.read(text) for text in box.open_all(private, poll_id, found.sealed)]
    if secret:
        raw = map(box.as_bytes, found.sealed)
        shown = [secret_leaf(one, of) for one, of in zip(raw, found.receipts, strict=True)]
    else:
        shown = [named_leaf(ballot) for ballot in ballots]
    if shown != found.leaves:
        raise BoxAltered("a ballot is not the one of its leaf")
    choices = [ballot.choice.value for ballot in ballots] if secret else []
    _shuffle(choices)
    return ballots, choices, totals(ballots)


def _choices(count: int, hashed: str, sums: dict[Choice, Total]) -> dict[str, Any]:
    return {
        "count": count,
        "hash": hashed,
        "totals": {
            choice.value: {
                "entries": total.entries,
                "area": total.area,
                "heads": exact(total.heads),
            }
            for choice, total in sums.items()
        },
    }


def supersede(uow: UnitOfWork, poll_id: str, code: str) -> None:
    """A paper takes the place of the online ballot of an entry, where the rules let it.

    Raises:
        Closed: the box was opened.
        AlreadyVoted: the entry has no online ballot that counts.
    """
    head = ledger.lock(uow, poll_id)
    poll = repository.polls.poll(uow.session, poll_id)
    uow.session.refresh(poll)
    if poll.state != "open":
        raise Closed()
    positions = repository.ballots.named_positions(uow.session, poll_id, [code])
    marked = [
        was
        for was in (Mark.ONLINE, Mark.PROXY)
        if repository.rolls.take(uow.session, poll_id, [code], was, Mark.PAPER)
    ]
    if not marked or code not in positions:
        raise AlreadyVoted()
    ledger.supersede(uow, head, [positions[code]], "paper")


# -- duties ----------------------------------------------------------------------------------------


def tell_turnout(uow: UnitOfWork, poll_id: str, _due: datetime, _now: datetime) -> None:
    """The duty ``poll.turnout``: others are told how many have voted, at most once a second."""
    _tell(uow, poll_id).untold = False


def tell_papers(uow: UnitOfWork, poll_id: str, _due: datetime, _now: datetime) -> datetime | None:
    """The duty ``paper.turnout``: the same for the desk, which holds no head when a paper is back.

    Whether casting has something to tell, which is the head's to know, stays as it is.
    """
    head = repository.ledger.head(uow.session, poll_id)
    legal = repository.clock.legal_now(uow.session)
    if head and head.told_at and legal < head.told_at + EVERY:
        return head.told_at + EVERY
    _tell(uow, poll_id)
    return None


def _tell(uow: UnitOfWork, poll_id: str) -> PollHeadRow:
    """Tell how many have voted; the head, which is held."""
    poll = repository.polls.poll(uow.session, poll_id)
    papers = repository.polls.turnout(uow.session, poll_id).paper  # no lock is held yet
    head = ledger.lock(uow, poll_id)
    head.told_at = repository.clock.legal_now(uow.session)
    uow.emit(
        BallotCounted(
            poll_id=poll_id,
            community_id=poll.community_id,
            path=poll.path,
            online=head.leaves - head.gone,
            paper=papers,
            roll_size=poll.roll_size,
        )
    )
    return head


def forget(uow: UnitOfWork, poll_id: str, _due: datetime, _now: datetime) -> None:
    """The duty ``ballot.forget``: nobody repeats a request about this poll any more."""
    repository.ballots.forget_answers(uow.session, poll_id)
