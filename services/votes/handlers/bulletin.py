"""The public bulletin: anybody reads the ledger, and looks a receipt up in it.

Before the close it tells turnout and hashes alone; what counts choices is told afterwards.
"""

import json
from dataclasses import dataclass
from datetime import datetime

from services.contracts.errors import NotFound
from services.contracts.operations.votes import ledger as ops
from services.kit import pages
from services.kit.uow import UnitOfWork
from services.votes import repository
from services.votes.crypto import keys
from services.votes.domain import ledger as chain
from services.votes.domain import receipts
from services.votes.domain.polls import State
from services.votes.handlers import ledger
from services.votes.handlers.ledger import LedgerNotFound
from services.votes.handlers.telling import Told
from services.votes.models import PollHeadRow, SignedHeadRow


class ReceiptNotFound(NotFound):
    """No bulletin has a ballot of this receipt."""

    code = "votes.receipt_not_found"
    zh, en = "公开账本里没有这张回执", "No bulletin has a ballot of this receipt"


def begun(uow: UnitOfWork, poll_id: str) -> PollHeadRow:
    """The head of a ledger that anybody may read.

    Raises:
        PollNotFound: there is no such poll.
        LedgerNotFound: its voting has not begun.
    """
    head = repository.ledger.head(uow.session, poll_id)
    if head is None:
        repository.polls.poll(uow.session, poll_id)
        raise LedgerNotFound()
    return head


@dataclass(frozen=True, slots=True)
class _End:
    """The end of a ledger, as far as it is told, with the turnout there."""

    seq: int
    hash: str
    leaves: int
    gone: int
    online: int
    paper: int


_told: Told[_End] = Told()


def get_bulletin(uow: UnitOfWork, cmd: ops.GetBulletin, now: datetime) -> ops.Bulletin:
    """A page of a poll's ledger; while voting goes on it grows once a second.

    Raises:
        PollNotFound, LedgerNotFound: there is none.
        BadCursor: the cursor is not ours.
    """
    after = _after(cmd.cursor)
    found = begun(uow, cmd.id)
    poll = repository.polls.poll(uow.session, cmd.id)
    head = _told.fresh([poll.id], now).get(poll.id) if poll.state == State.OPEN else None
    if head is None:
        turnout = repository.polls.turnout(uow.session, cmd.id)
        head = _End(found.seq, found.hash, found.leaves, found.gone, turnout.online, turnout.paper)
        if poll.state == State.OPEN:
            _told.keep({poll.id: head}, now)
    rows = repository.ledger.entries(uow.session, cmd.id, after, head.seq, cmd.limit + 1)
    shown, more = rows[: cmd.limit], len(rows) > cmd.limit
    return ops.Bulletin(
        poll_id=poll.id,
        title=poll.title,
        state=poll.state,
        secrecy=poll.secrecy,
        seq=head.seq,
        hash=head.hash,
        leaves=head.leaves,
        superseded=head.gone,
        turnout=ops.BulletinTurnout(
            roll=poll.roll_size,
            online=head.online,
            paper=head.paper,
        ),
        heads=[
            signed_head(row) for row in repository.ledger.signed(uow.session, poll.id, head.seq)
        ],
        items=[
            ops.LedgerEntry(
                seq=row.seq,
                kind=row.kind,
                payload=None
                if poll.state == State.OPEN and row.kind in chain.UNTOLD
                else json.loads(row.payload),
                hash=row.hash,
            )
            for row in shown
        ],
        next_cursor=pages.encode_cursor(str(shown[-1].seq)) if more else None,
    )


def _after(cursor: str | None) -> int:
    if not cursor:
        return 0
    (seq,) = pages.decode_cursor(cursor, 1)
    return pages.whole_number(seq)


def signed_head(row: SignedHeadRow) -> ops.SignedHead:
    """A signed head as everybody reads it."""
    return ops.SignedHead(
        seq=row.seq,
        hash=row.hash,
        leaves=row.leaves,
        root=row.root,
        at=row.at,
        key_id=keys.key_id(row.public_key),
        public_key=row.public_key,
        signature=row.signature,
    )


def check_receipt(uow: UnitOfWork, cmd: ops.CheckReceipt) -> ops.ReceiptFound:
    """Where the ballot of a receipt stands, with the proof of it; never what it said.

    Raises:
        BadReceipt: the code was misread.
        ReceiptNotFound: no bulletin has it.
    """
    found = repository.ledger.leaf_of(uow.session, receipts.hashed(receipts.read(cmd.code)))
    if found is None:
        raise ReceiptNotFound()
    head = begun(uow, found.poll_id)
    poll = repository.polls.poll(uow.session, found.poll_id)
    proof, root = ledger.proof(uow, head, found.position)
    return ops.ReceiptFound(
        poll_id=poll.id,
        title=poll.title,
        state=poll.state,
        seq=found.seq,
        position=found.position,
        leaf=found.leaf,
        leaves=head.leaves,
        proof=[step.hex() for step in proof],
        root=root.hex(),
        head_seq=head.seq,
        head_hash=head.hash,
        heads=[
            signed_head(row) for row in repository.ledger.signed(uow.session, poll.id, head.seq)
        ],
        replaced=found.superseded is not None,
        superseded_by=found.superseded,
    )
