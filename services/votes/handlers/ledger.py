"""The ledger of a poll: begun by the opening, added to under its head's lock, signed at its turns.

Whoever adds to it holds the head until the commit; nothing else of the poll may be waited for
meanwhile. What is signed is the chain's end and the tree's root at that moment.
"""

from datetime import UTC, datetime
from typing import Any

from services.contracts.errors import NotFound
from services.kit.aside import aside
from services.kit.uow import UnitOfWork
from services.votes import repository
from services.votes.crypto import box, keys
from services.votes.domain import ledger, merkle
from services.votes.domain.ballots import NotOpen
from services.votes.domain.ledger import Kind
from services.votes.models import LedgerEntryRow, PollBoxRow, PollHeadRow, PollRow, SignedHeadRow


class LedgerNotFound(NotFound):
    """The poll has no ledger yet: voting has not begun."""

    code = "votes.ledger_not_found"
    zh, en = "表决尚未开始，还没有公开账本", "There is no ledger before voting begins"


def open_chain(uow: UnitOfWork, poll: PollRow, text_hash: str, now: datetime) -> LedgerEntryRow:
    """Begin the ledger of a poll that opens now, with a box for its ballots.

    The first entry says what is voted on (``text_hash`` is the proposal's), by which rules, and by
    whom: rules and roll are frozen.
    """
    pair = keys.ring().now
    private, public = box.new()
    sealed = keys.sealed(pair.guarding("boxes"), private, poll.id)
    uow.session.add_all(
        [
            PollHeadRow(poll_id=poll.id, seq=0, hash=ledger.first(poll.id).hex(), leaves=0, gone=0),
            PollBoxRow(poll_id=poll.id, pair=pair.id, public=public.hex(), private=sealed),
        ]
    )
    uow.session.flush()
    return append(uow, poll.id, "opened", _opened(poll, text_hash, public.hex(), now))


def _opened(poll: PollRow, text_hash: str, box_key: str, now: datetime) -> dict[str, Any]:
    return {
        "poll_id": poll.id,
        "topic_id": poll.topic_id,
        "community_id": poll.community_id,
        "title": poll.title,
        "convener": poll.convener,
        "proposal": poll.proposal,
        "text_hash": text_hash,
        "rules": poll.rules,
        "rules_hash": poll.rules_hash,
        "secrecy": poll.secrecy,
        "opened_at": _moment(now),
        "opens_at": _moment(poll.opens_at),
        "closes_at": _moment(poll.closes_at),
        "roll": {
            "hash": poll.roll_hash,
            "entries": poll.roll_size,
            "households": poll.roll_households,
            "area": poll.roll_area,
            "heads": poll.roll_heads,
        },
        "box": box_key,
    }


def _moment(moment: datetime) -> str:
    return moment.astimezone(UTC).isoformat(timespec="seconds")


def lock(uow: UnitOfWork, poll_id: str) -> PollHeadRow:
    """The head of a poll's chain, held until the commit.

    Raises:
        NotOpen: it has not begun.
    """
    head = repository.ledger.head(uow.session, poll_id, lock=True)
    if head is None:
        raise NotOpen()
    return head


def append(uow: UnitOfWork, poll_id: str, kind: Kind, payload: dict[str, Any]) -> LedgerEntryRow:
    """Add an entry to a poll's ledger; its head is locked until the commit.

    A result gets the hash of the roll's marks with it, so that nobody can be added afterwards; a
    poll that is voided has its box destroyed unopened.

    Raises:
        NotOpen: the ledger has not begun.
        TypeError: the payload has something that has no canonical spelling, as a float.
    """
    head = lock(uow, poll_id)
    if kind == "result":
        marks = repository.ballots.marks(uow.session, poll_id)
        payload = {**payload, "marks": aside(ledger.list_hash, marks)}
    if kind == "voided":
        repository.ballots.empty_the_box(uow.session, poll_id)
    row = link(uow, head, kind, payload)
    if kind in ledger.SIGNED:
        _sign(uow, head)
    return row


def link(uow: UnitOfWork, head: PollHeadRow, kind: Kind, payload: dict[str, Any]) -> LedgerEntryRow:
    """Add an entry to the chain whose head is held."""
    new = ledger.linked(head.seq, head.hash, kind, payload)
    row = LedgerEntryRow(
        poll_id=head.poll_id, seq=new.seq, kind=kind, payload=new.payload, hash=new.hash
    )
    uow.session.add(row)
    head.seq, head.hash = new.seq, new.hash
    return row


def supersede(uow: UnitOfWork, head: PollHeadRow, positions: list[int], by: str) -> None:
    """Other ballots, or papers (``by``), took the place of those at ``positions``; nothing is
    overwritten. The chain's head is held.
    """
    row = link(uow, head, "superseded", {"leaves": positions, "by": by})
    repository.ballots.supersede(uow.session, head.poll_id, positions, row.seq)
    head.gone += len(positions)


def _sign(uow: UnitOfWork, head: PollHeadRow) -> None:
    """Sign the head as it is now, by the poll's own pair of keys."""
    uow.session.flush()
    pair = keys.ring().pair(repository.ledger.box(uow.session, head.poll_id).pair)
    root = merkle.root(tree(uow, head)).hex()
    at = _moment(repository.clock.legal_now(uow.session))
    text = ledger.head_text(head.poll_id, head.seq, head.hash, head.leaves, root, at)
    uow.session.add(
        SignedHeadRow(
            poll_id=head.poll_id,
            seq=head.seq,
            hash=head.hash,
            leaves=head.leaves,
            root=root,
            at=at,
            public_key=pair.public,
            signature=pair.signature(text),
        )
    )


# -- the tree -------------------------------------------------------------------------------------


def tree(uow: UnitOfWork, head: PollHeadRow) -> list[bytes]:
    """The row of hashes that the tree's root is above: complete blocks, and a last one."""
    whole = head.leaves // merkle.PIECE
    row = repository.ledger.blocks(uow.session, head.poll_id, whole)
    if head.leaves % merkle.PIECE:
        first = whole * merkle.PIECE
        row.append(
            merkle.root(
                repository.ledger.hashed_leaves(uow.session, head.poll_id, first, head.leaves)
            )
        )
    return row


def grow(uow: UnitOfWork, poll_id: str, was: int, now: int) -> None:
    """Keep the roots of those blocks that are complete with the leaves up to ``now``."""
    first, until = was // merkle.PIECE, now // merkle.PIECE
    if first == until:
        return
    hashes = repository.ledger.hashed_leaves(
        uow.session, poll_id, first * merkle.PIECE, until * merkle.PIECE
    )
    roots = [merkle.root(piece) for piece in merkle.pieces(hashes)]
    repository.ledger.put_blocks(uow.session, poll_id, first, roots)


def proof(uow: UnitOfWork, head: PollHeadRow, position: int) -> tuple[list[bytes], bytes]:
    """The inclusion proof of a leaf, and the root of the tree as it is now, which it leads to."""
    number = position // merkle.PIECE
    first = number * merkle.PIECE
    until = min(first + merkle.PIECE, head.leaves)
    near = repository.ledger.hashed_leaves(uow.session, head.poll_id, first, until)
    row = tree(uow, head)
    return merkle.proof_in_pieces(near, position, row), merkle.root(row)
