"""Disclosed accounts: kept by the office that discloses them, read by all."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from decimal import Decimal
from typing import Any, Final

from sqlalchemy import text

from services import directory
from services.contracts.actor import Actor, Role
from services.contracts.errors import FieldError, Invalid
from services.contracts.operations.feed import ledgers as ops
from services.contracts.operations.feed.common import OfPost, Sheet
from services.feed.domain import ledgers as rules
from services.feed.domain import speaking, texts
from services.feed.domain.days import day_of
from services.feed.domain.modules import Module
from services.feed.handlers import moderation
from services.feed.handlers.common import (
    Uploads,
    attached,
    catalogue,
    changed,
    module_of,
    readable,
)
from services.feed.models import Ledger, LedgerLine
from services.feed.repository import ledgers as repository
from services.feed.repository.posts import PostHead
from services.kit.uow import UnitOfWork
from services.kit.verdicts import JsonText

SUPERVISORS: Final = frozenset({Role.SUPERVISOR})
_NO_RECEIPTS: Final[Mapping[str, dict[str, Any]]] = {}


def put_ledger(uow: UnitOfWork, cmd: ops.PutLedger, actor: Actor, now: datetime) -> JsonText:
    """Begin an account on a post, or change the head of a draft.

    Raises:
        NoLedgerHere: the module carries none.
        NotTheKeeper: another office discloses here.
        LedgerPublished: it stands; lines can be corrected.
    """
    head = _kept_by(uow, cmd.id, actor)
    rules.check_period(cmd.starts_on, cmd.ends_on, day_of(now))
    values: dict[str, Any] = {
        "kind": cmd.kind,
        "title": texts.required("title", texts.clean_line(cmd.title)),
        "starts_on": cmd.starts_on,
        "ends_on": cmd.ends_on,
        "opening": Decimal(cmd.opening),
    }
    moderation.check({"title": values["title"]}, office=True)
    _lock_post(uow, head)
    ledger = uow.session.get(Ledger, head.id, with_for_update=True)
    if ledger is None:
        ledger = Ledger(
            post_id=head.id,
            community_id=head.community_id,
            state="draft",
            made_by=actor.person_id,
            made_at=now,
            **values,
        )
        uow.session.add(ledger)
    else:
        _check_draft(ledger)
        rules.check_lines(_dated(uow, head.id), cmd.starts_on, cmd.ends_on)
        for name, value in values.items():
            setattr(ledger, name, value)
    uow.session.flush()
    return _shown(uow, head, actor)


def put_ledger_lines(
    uow: UnitOfWork, cmd: ops.PutLedgerLines, actor: Actor, now: datetime, uploads: Uploads
) -> JsonText:
    """Write all lines of a draft; the ones before are gone, their receipts may be named again."""
    head = _kept_by(uow, cmd.id, actor)
    ledger = _locked(uow, head)
    _check_draft(ledger)
    rules.check_lines(
        [(line.section, line.on_date, Decimal(line.amount)) for line in cmd.lines],
        ledger.starts_on,
        ledger.ends_on,
    )
    kept = repository.receipts(uow.session, head.id)
    lines = [
        _line(line, number, head.id, actor, now, uploads, kept)
        for number, line in enumerate(cmd.lines, start=1)
    ]
    _check_words(lines, "lines")
    uow.session.execute(
        text("DELETE FROM feed_ledger_lines WHERE post_id = :post"), {"post": head.id}
    )
    uow.session.add_all(lines)
    uow.session.flush()
    return _shown(uow, head, actor)


def publish_ledger(uow: UnitOfWork, cmd: OfPost, actor: Actor, now: datetime) -> JsonText:
    """Publish an account: everybody reads it, nobody changes it."""
    head = _kept_by(uow, cmd.id, actor)
    ledger = _locked(uow, head)
    _check_draft(ledger)
    if not repository.last_number(uow.session, head.id):
        raise rules.LedgerEmpty()
    ledger.state, ledger.published_by, ledger.published_at = "published", actor.person_id, now
    uow.session.flush()
    uow.emit(changed(head))
    return _shown(uow, head, actor)


def correct_ledger_line(
    uow: UnitOfWork, cmd: ops.CorrectLedgerLine, actor: Actor, now: datetime, uploads: Uploads
) -> JsonText:
    """Cancel a line of a published account; a right one may follow in the same act.

    Raises:
        LedgerIsDraft: the lines of a draft are simply written anew.
        LineCancelled: it was cancelled, or is itself a cancellation.
        Invalid: there is no such line.
        WordsRefused: it holds what is not published here.
    """
    head = _kept_by(uow, cmd.id, actor)
    ledger = _locked(uow, head)
    if ledger.state != "published":
        raise rules.LedgerIsDraft()
    wrong = uow.session.get(LedgerLine, (head.id, cmd.number))
    if wrong is None:
        raise Invalid(errors=[FieldError("number", "账目没有这一行")])
    if wrong.cancels is not None or _is_cancelled(uow, head.id, cmd.number):
        raise rules.LineCancelled()
    reason = texts.required("reason", texts.clean_line(cmd.reason))
    moderation.check({"reason": reason}, office=True)
    following = repository.last_number(uow.session, head.id) + 1
    uow.session.add(
        LedgerLine(
            post_id=head.id,
            number=following,
            section=wrong.section,
            on_date=wrong.on_date,
            subject=wrong.subject,
            amount=-wrong.amount,
            party=wrong.party,
            note=reason,
            cancels=wrong.number,
            by=actor.person_id,
            at=now,
        )
    )
    if cmd.line is not None:
        rules.check_lines(
            [(cmd.line.section, cmd.line.on_date, Decimal(cmd.line.amount))],
            ledger.starts_on,
            ledger.ends_on,
            field="line",
        )
        right = _line(cmd.line, following + 1, head.id, actor, now, uploads)
        _check_words([right], "line")
        uow.session.add(right)
    # Whoever looked saw other figures: the supervisors look again.
    ledger.checked_by = ledger.checked_at = None
    ledger.check_note = ""
    uow.session.flush()
    uow.emit(changed(head))
    return _shown(uow, head, actor)


def check_ledger(uow: UnitOfWork, cmd: ops.CheckLedger, actor: Actor, now: datetime) -> JsonText:
    """The supervisory committee has looked at a published account; nobody checks her own."""
    head = readable(uow, cmd.id, actor)
    directory.require_member(uow, actor, head.community_id)
    ledger = uow.session.get(Ledger, head.id, with_for_update=True)
    if ledger is None or ledger.state != "published":
        raise rules.LedgerNotFound()
    if not actor.holds(SUPERVISORS, head.path) or ledger.made_by == actor.person_id:
        raise rules.NotASupervisor()
    note = texts.clean_text(cmd.note)
    moderation.check({"note": note}, office=True)
    ledger.checked_by, ledger.checked_at = actor.person_id, now
    ledger.check_note = note
    uow.session.flush()
    uow.emit(changed(head))
    return _shown(uow, head, actor)


def get_ledger(uow: UnitOfWork, cmd: OfPost, actor: Actor) -> JsonText:
    """An account with its sums; a draft is its keepers' alone."""
    head = _visible(uow, cmd.id, actor)
    return _shown(uow, head, actor)


def list_ledger_lines(uow: UnitOfWork, cmd: ops.ListLedgerLines, actor: Actor) -> JsonText:
    """A page of the lines of an account."""
    head = _visible(uow, cmd.id, actor)
    page = repository.lines_page(uow.session, head.id, cmd.section, cmd.limit, cmd.cursor)
    return JsonText(page)


def list_ledgers(uow: UnitOfWork, cmd: ops.ListLedgers, actor: Actor) -> JsonText:
    """The published accounts of a community, or the drafts that the actor's office keeps."""
    community = directory.require_reader(uow, actor, cmd.cid)
    shown = catalogue(uow, cmd.cid).switched_on(community.kind, community.modules)
    keys = [
        module.key
        for module in shown
        if cmd.state == "published" or _keeps_in(module, community.path, actor)
    ]
    page = repository.ledgers_page(
        uow.session, cmd.cid, cmd.state, cmd.kind, keys, cmd.limit, cmd.cursor
    )
    return JsonText(page)


COLUMNS: Final = ["序号", "类别", "日期", "事项", "金额（元）", "收付对象", "备注", "冲销第几行"]


def export_ledger(uow: UnitOfWork, cmd: ops.ExportLedger, actor: Actor) -> Sheet:
    """An account as a table, its sums at the end."""
    head = _visible(uow, cmd.id, actor)
    ledger = uow.session.get_one(Ledger, head.id)
    lines = repository.all_lines(uow.session, head.id)
    rows = [
        [
            str(line["number"]),
            rules.SECTIONS[line["section"]],
            line["on_date"].isoformat(),
            line["subject"],
            rules.yuan(line["amount"]),
            line["party"],
            line["note"],
            str(line["cancels"] or ""),
        ]
        for line in lines
    ]
    sums = rules.sums(ledger.opening, (rules.Entry(n["section"], n["amount"]) for n in lines))
    rows += [
        ["", name, "", "", rules.yuan(amount), "", "", ""]
        for name, amount in (
            ("期初结余", sums.opening),
            ("收入合计", sums.income),
            ("支出合计", sums.spending),
            ("期末结余", sums.closing),
            ("资产合计", sums.assets),
            ("负债合计", sums.liabilities),
        )
    ]
    title = f"{ledger.title} {ledger.starts_on:%Y-%m-%d} {ledger.ends_on:%Y-%m-%d}"
    return Sheet(title=title, columns=list(COLUMNS), rows=rows)


# -- shared -------------------------------------------------------------------------------------


def _kept_by(uow: UnitOfWork, post_id: str, actor: Actor) -> PostHead:
    """The head of a post whose account the actor keeps."""
    head = readable(uow, post_id, actor)
    directory.require_member(uow, actor, head.community_id)
    if "ledger" not in module_of(uow, head).works:
        raise rules.NoLedgerHere()
    if not _keeps(uow, head, actor):
        raise rules.NotTheKeeper()
    return head


def _keeps(uow: UnitOfWork, head: PostHead, actor: Actor) -> bool:
    """Whether the actor holds an office that writes in the post's module."""
    return _keeps_in(module_of(uow, head), head.path, actor)


def _keeps_in(module: Module, path: str, actor: Actor) -> bool:
    if actor.is_observer or actor.acted_by:
        return False
    return speaking.serves_in(actor, module.post.roles, path)


def _visible(uow: UnitOfWork, post_id: str, actor: Actor) -> PostHead:
    head = readable(uow, post_id, actor)
    ledger = uow.session.get(Ledger, head.id)
    if ledger is None or (ledger.state == "draft" and not _keeps(uow, head, actor)):
        raise rules.LedgerNotFound()
    return head


def _locked(uow: UnitOfWork, head: PostHead) -> Ledger:
    ledger = uow.session.get(Ledger, head.id, with_for_update=True)
    if ledger is None:
        raise rules.LedgerNotFound()
    return ledger


def _lock_post(uow: UnitOfWork, head: PostHead) -> None:
    """Let two who begin the same account queue."""
    uow.session.execute(
        text("SELECT 1 FROM feed_posts WHERE id = :id FOR NO KEY UPDATE"), {"id": head.id}
    )


def _check_draft(ledger: Ledger) -> None:
    if ledger.state != "draft":
        raise rules.LedgerPublished()


def _is_cancelled(uow: UnitOfWork, post_id: str, number: int) -> bool:
    found = uow.session.scalar(
        text("SELECT 1 FROM feed_ledger_lines WHERE post_id = :post AND cancels = :number"),
        {"post": post_id, "number": number},
    )
    return found is not None


def _dated(uow: UnitOfWork, post_id: str) -> Sequence[tuple[str, Any, Decimal]]:
    return [
        (line["section"], line["on_date"], line["amount"])
        for line in repository.all_lines(uow.session, post_id)
    ]


def _line(
    said: ops.LineOfLedger,
    number: int,
    post_id: str,
    actor: Actor,
    now: datetime,
    uploads: Uploads,
    kept: Mapping[str, dict[str, Any]] = _NO_RECEIPTS,
) -> LedgerLine:
    """A line as it is stored; receipts are those ``kept`` whoever brought them, or the actor's."""
    new = attached(uploads, [one for one in said.attachments if one not in kept], actor.person_id)
    files = {**kept, **{file["id"]: file for file in new}}
    return LedgerLine(
        post_id=post_id,
        number=number,
        section=said.section,
        on_date=said.on_date,
        subject=texts.required("subject", texts.clean_line(said.subject)),
        amount=Decimal(said.amount),
        party=texts.clean_line(said.party),
        note=texts.clean_line(said.note),
        attachments=[files[one] for one in dict.fromkeys(said.attachments)],
        by=actor.person_id,
        at=now,
    )


def _check_words(lines: Sequence[LedgerLine], field: str) -> None:
    """Refuse lines with what not even an office publishes: published they stand for good."""
    said = {
        f"{field}.{place}.{name}": getattr(line, name)
        for place, line in enumerate(lines)
        for name in ("subject", "party", "note")
    }
    moderation.check(said, office=True)


def _shown(uow: UnitOfWork, head: PostHead, actor: Actor) -> JsonText:
    checks = actor.holds(SUPERVISORS, head.path) and not (actor.is_observer or actor.acted_by)
    found = repository.ledger_json(
        uow.session, head.id, actor.person_id, writes=_keeps(uow, head, actor), checks=checks
    )
    return JsonText(found)
