"""The export of a poll: a JSON document in pieces, each of a bounded size.

::

    head · entries … · heads · choices … | ballots … · roll … · papers · certificate

A poll's ledger may grow while somebody reads (its result comes); the first piece says up to which
entry this export goes, and the others keep to it. What everybody may have leaves out areas, and
whose ballot is whose where only auditors may know: there the auditor's has more, and that it was
read stands in the timeline of the topic.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, Final

from services.contracts.actor import Actor, Role
from services.contracts.errors import Forbidden, Unauthenticated
from services.contracts.operations.votes import ledger as ops
from services.kit import pages
from services.kit.uow import UnitOfWork
from services.kit.verdicts import JsonText
from services.votes import repository
from services.votes.domain import rolls as roll_rules
from services.votes.domain.ledger import canonical
from services.votes.domain.polls import NotClosed
from services.votes.handlers import bulletin, common
from services.votes.handlers.common import Doer
from services.votes.models import PollAuditRow, PollRow

FORMAT: Final = "shequtong.poll/1"
ENTRIES: Final = 40
"""Entries of a piece; one of them may hold two hundred leaves."""
ROWS: Final = 10_000


def part(
    uow: UnitOfWork, cmd: ops.ExportPart, actor: Actor | None, now: datetime
) -> ops.ExportPiece:
    """A piece of a poll's export.

    Raises:
        PollNotFound, LedgerNotFound: there is none.
        NotClosed: voting is not over.
        Unauthenticated, Forbidden: the auditor's export is for auditors of the place.
        BadCursor: the cursor is not ours.
    """
    poll = repository.polls.poll(uow.session, cmd.id)  # before its ledger, which then has the close
    head = bulletin.begun(uow, cmd.id)
    auditor = cmd.audience == "auditor"
    if auditor:
        _allow(actor, poll)
    if poll.state in ("announced", "open"):
        raise NotClosed()
    if cmd.cursor is None:
        if auditor and actor is not None:
            _write_down(uow, poll, actor, now)
        return _begun(cmd, head.seq)
    name, after, upto = pages.decode_cursor(cmd.cursor, 3)
    return _Writer(uow, poll, auditor, pages.whole_number(upto)).piece(name, after)


def _allow(actor: Actor | None, poll: PollRow) -> None:
    if actor is None:
        raise Unauthenticated()
    if actor.acted_by:
        raise Forbidden()
    actor.require(frozenset({Role.AUDITOR}), poll.path)


def _write_down(uow: UnitOfWork, poll: PollRow, actor: Actor, now: datetime) -> None:
    """Everybody may see that an auditor looked."""
    uow.session.add(PollAuditRow(poll_id=poll.id, person_id=actor.person_id, at=now))
    topic = repository.topics.topic(uow.session, poll.topic_id)
    doer = Doer(Role.AUDITOR, actor.person_id)
    common.tell(
        uow,
        topic,
        "poll_audited",
        doer,
        "审计员查阅了表决的全部记录",
        now,
        ref={"poll_id": poll.id},
    )


def _begun(cmd: ops.ExportPart, upto: int) -> ops.ExportPiece:
    told = {"format": FORMAT, "poll_id": cmd.id}
    text = canonical(told)[:-1] + ',"entries":['
    return ops.ExportPiece(text=text, next_cursor=pages.encode_cursor("entries", "", str(upto)))


class _Writer:
    """Writes the pieces of one export."""

    def __init__(self, uow: UnitOfWork, poll: PollRow, auditor: bool, upto: int) -> None:
        self._session = uow.session
        self._poll = poll
        self._auditor = auditor
        self._upto = upto

    def piece(self, name: str, after: str) -> ops.ExportPiece:
        """The piece of the part ``name`` that follows on ``after``."""
        write = {
            "entries": self._entries,
            "choices": self._choices,
            "ballots": self._ballots,
            "roll": self._roll,
            "end": self._end,
        }.get(name)
        if write is None:
            raise pages.BadCursor()
        return write(after)

    def _entries(self, after: str) -> ops.ExportPiece:
        rows = repository.ledger.entries(
            self._session, self._poll.id, _number(after), self._upto, ENTRIES
        )
        items = [
            f'{{"seq":{row.seq},"kind":"{row.kind}","hash":"{row.hash}","payload":{row.payload}}}'
            for row in rows
        ]
        heads = [
            canonical(bulletin.signed_head(row).model_dump())
            for row in repository.ledger.signed(self._session, self._poll.id, self._upto)
        ]
        between = f'],"heads":[{",".join(heads)}],"choices":['
        last = str(rows[-1].seq) if rows else after
        return self._next("entries", items, after, last, len(rows) == ENTRIES, between, "choices")

    def _choices(self, after: str) -> ops.ExportPiece:
        first = _number(after)
        rows = repository.ballots.choices(self._session, self._poll.id, first, ROWS)
        items = [f'"{choice}"' for choice in rows]
        last = str(first + len(rows))
        return self._next(
            "choices", items, after, last, len(rows) == ROWS, '],"ballots":[', "ballots"
        )

    def _ballots(self, after: str) -> ops.ExportPiece:
        told = self._auditor or self._poll.secrecy == "named"
        first = _number(after) if after else -1
        rows: Sequence[Any] = (
            repository.ballots.named(self._session, self._poll.id, first, ROWS) if told else []
        )
        items = [canonical(list(row)) for row in rows]
        last = str(rows[-1].position) if rows else after
        return self._next("ballots", items, after, last, len(rows) == ROWS, '],"roll":[', "roll")

    def _roll(self, after: str) -> ops.ExportPiece:
        rows = repository.ballots.roll(self._session, self._poll.id, after, ROWS)
        items = [canonical(self._line(row)) for row in rows]
        last = rows[-1].code if rows else after
        return self._next("roll", items, after, last, len(rows) == ROWS, "]", "end")

    def _line(self, row: Any) -> list[str | int]:
        """An entry: to auditors all that is hashed of it, to others the hash."""
        line = [row.code, row.state]
        if self._auditor or self._poll.secrecy == "named":
            return [*line, row.kind, row.area, f"{row.head_n}/{row.head_d}", row.salt]
        hashed = roll_rules.line(row.code, row.kind, row.area, row.head_n, row.head_d)
        return [*line, roll_rules.leaf(row.salt, hashed).hex()]

    def _end(self, _after: str) -> ops.ExportPiece:
        result = repository.results.result(self._session, self._poll.id)
        published = repository.ledger.has(self._session, self._poll.id, "result", self._upto)
        told = result.certificate if result is not None and published else "null"
        return ops.ExportPiece(text=f',"papers":{self._papers()},"certificate":{told}}}\n')

    def _papers(self) -> str:
        """Who voted how on paper, sheet by sheet, where that is for auditors alone."""
        told = self._auditor and self._poll.secrecy == "named_to_auditors"
        rows = (
            repository.paper_sheets.named(self._session, self._poll.id, self._upto) if told else []
        )
        return canonical([list(row) for row in rows])

    def _next(
        self,
        name: str,
        items: list[str],
        after: str,
        last: str,
        more: bool,
        between: str,
        following: str,
    ) -> ops.ExportPiece:
        comma = "," if items and after else ""
        text = comma + ",".join(items) + ("" if more else between)
        goes_on = (name, last) if more else (following, "")
        return ops.ExportPiece(
            text=text, next_cursor=pages.encode_cursor(*goes_on, str(self._upto))
        )


def _number(after: str) -> int:
    return pages.whole_number(after) if after else 0


def whole(
    uow: UnitOfWork, poll_id: str, audience: str, actor: Actor | None, now: datetime
) -> JsonText:
    """The whole export in one piece.

    Raises:
        ShequError: as :func:`part`.
    """
    cmd = ops.ExportPart.model_validate({"id": poll_id, "audience": audience})
    texts = []
    while True:
        piece = part(uow, cmd, actor, now)
        texts.append(piece.text)
        if piece.next_cursor is None:
            return JsonText("".join(texts))
        cmd = cmd.model_copy(update={"cursor": piece.next_cursor})
