"""Ledgers: the head under its lock, entries, leaves and blocks of the tree, signed heads."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Row, select, text
from sqlalchemy.orm import Session
from sqlalchemy.orm.attributes import set_committed_value

from services.votes.domain import merkle
from services.votes.domain.ledger import Linked
from services.votes.models import (
    LedgerEntryRow,
    PollBoxRow,
    PollHeadRow,
    PollRow,
    SignedHeadRow,
)
from services.votes.repository.polls import PollNotFound


def head(session: Session, poll_id: str, *, lock: bool = False) -> PollHeadRow | None:
    """The end of a poll's chain; None before it began. ``lock`` keeps others from adding to it."""
    return session.get(
        PollHeadRow, poll_id, with_for_update=True if lock else None, populate_existing=True
    )


def moved(head: PollHeadRow, entry: Linked, leaves: int) -> None:
    """The head as the statement that laid leaves down has written it already."""
    for name, value in (("seq", entry.seq), ("hash", entry.hash), ("leaves", leaves)):
        set_committed_value(head, name, value)


def box(session: Session, poll_id: str) -> PollBoxRow:
    """The box of a poll that has begun."""
    return session.get_one(PollBoxRow, poll_id)


def poll_with_box(session: Session, poll_id: str) -> tuple[PollRow, PollBoxRow | None]:
    """A poll and its box, which it has from its beginning, in one question.

    Raises:
        PollNotFound: there is no such poll.
    """
    joined = select(PollRow, PollBoxRow).outerjoin(PollBoxRow, PollBoxRow.poll_id == PollRow.id)
    row = session.execute(joined.where(PollRow.id == poll_id)).first()
    if row is None:
        raise PollNotFound()
    return row[0], row[1]


def entry(session: Session, poll_id: str, seq: int) -> LedgerEntryRow:
    """An entry that there is."""
    return session.get_one(LedgerEntryRow, (poll_id, seq))


def entries(
    session: Session, poll_id: str, after: int, upto: int, limit: int
) -> Sequence[Row[Any]]:
    """Entries in their order, those after ``after`` and no later than ``upto``."""
    return session.execute(
        text(
            "SELECT seq, kind, payload, hash FROM ledger_entries "
            "WHERE poll_id = :poll AND seq > :after AND seq <= :upto ORDER BY seq LIMIT :limit"
        ),
        {"poll": poll_id, "after": after, "upto": upto, "limit": limit},
    ).all()


def has(session: Session, poll_id: str, kind: str, upto: int) -> bool:
    """Whether there is an entry of the kind, no later than ``upto``."""
    wanted = select(LedgerEntryRow.seq).where(
        LedgerEntryRow.poll_id == poll_id, LedgerEntryRow.kind == kind, LedgerEntryRow.seq <= upto
    )
    return session.scalar(select(wanted.exists())) or False


def signed(session: Session, poll_id: str, upto: int) -> list[SignedHeadRow]:
    """The heads that were signed, the oldest first."""
    wanted = select(SignedHeadRow).where(
        SignedHeadRow.poll_id == poll_id, SignedHeadRow.seq <= upto
    )
    return list(session.scalars(wanted.order_by(SignedHeadRow.seq)))


# -- the tree -------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Leaf:
    """A leaf found by its receipt."""

    poll_id: str
    position: int
    leaf: str
    seq: int
    superseded: int | None


def leaf_of(session: Session, receipt_hash: str) -> Leaf | None:
    """The leaf that the receipt is of."""
    row = session.execute(
        text(
            "SELECT poll_id, position, leaf, seq, superseded FROM ballot_leaves "
            "WHERE receipt = :receipt"
        ),
        {"receipt": receipt_hash},
    ).first()
    return Leaf(*row) if row else None


def hashed_leaves(session: Session, poll_id: str, first: int, until: int) -> list[bytes]:
    """The tree's hashes of the leaves from ``first`` up to, and without, ``until``."""
    leaves = session.scalars(
        text(
            "SELECT leaf FROM ballot_leaves WHERE poll_id = :poll "
            "AND position >= :first AND position < :until ORDER BY position"
        ),
        {"poll": poll_id, "first": first, "until": until},
    )
    return [merkle.leaf(bytes.fromhex(leaf)) for leaf in leaves]


def blocks(session: Session, poll_id: str, count: int) -> list[bytes]:
    """The roots of the first ``count`` complete blocks."""
    roots = session.scalars(
        text(
            "SELECT root FROM merkle_blocks WHERE poll_id = :poll AND number < :count "
            "ORDER BY number"
        ),
        {"poll": poll_id, "count": count},
    )
    return [bytes.fromhex(root) for root in roots]


def put_blocks(session: Session, poll_id: str, first: int, roots: Sequence[bytes]) -> None:
    """Keep the roots of blocks that are complete now."""
    session.execute(
        text(
            "INSERT INTO merkle_blocks (poll_id, number, root) "
            "SELECT :poll, :first + place - 1, root "
            "FROM unnest(cast(:roots AS text[])) WITH ORDINALITY AS made (root, place)"
        ),
        {"poll": poll_id, "first": first, "roots": [root.hex() for root in roots]},
    )


def forget(session: Session, person_id: str) -> None:
    """Which auditor read a poll is forgotten with her account; that one did, the timeline says."""
    session.execute(
        text("DELETE FROM poll_audits WHERE person_id = :person"), {"person": person_id}
    )
