"""A register's file at the desk: brought, read aside, looked at, confirmed, imported.

::

    bring ──▶ sealed ─┐                         ┌─▶ report ─▶ confirm ─┐
                      └─ work (timer), dry run ─┘                      └─ work (timer) ─▶ imported
"""

import hashlib
from datetime import datetime
from typing import Any, Final

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from services.contracts.actor import COMMITTEE, Actor
from services.contracts.errors import ObserverReadOnly, ShequError
from services.contracts.ids import new_id
from services.contracts.operations.base import Empty, Page
from services.contracts.operations.feed.common import Sheet
from services.contracts.operations.identity import (
    BringFile,
    DraftAct,
    DraftFault,
    DraftFaults,
    DraftOf,
    HeadingFault,
    ImportReport,
    ListRegisterDrafts,
    RegisterDraft,
    RegisterDraftHead,
)
from services.identity import repository
from services.identity.crypto import Vault
from services.identity.domain import drafts
from services.identity.domain.drafts import State, Step
from services.identity.domain.register import FAULT_COLUMN, ROW_COLUMN
from services.identity.handlers import access, register, register_import
from services.identity.models import PersonRow, RegisterDraftRow, RegisterPerson, Territory
from services.identity.tables import Table
from services.kit.pages import decode_cursor, encode_cursor
from services.kit.uow import UnitOfWork

SEALED_FOR: Final = "register_draft.content"
PURPOSE: Final = "导入名册前核对"
MOST_ENDED: Final = 50


# -- bringing --------------------------------------------------------------------------------------


def bring(
    uow: UnitOfWork, vault: Vault, cmd: BringFile, actor: Actor, now: datetime
) -> RegisterDraftHead:
    """Keep a file until it has been read and looked at; an earlier one of the actor's is dropped.

    Raises:
        CommunityNotFound, Forbidden: not the actor's community.
        Invalid: the content is no base64.
    """
    if actor.is_observer:  # the row between services does not know that this writes
        raise ObserverReadOnly()
    session = uow.session
    community = repository.community(session, cmd.cid)
    actor.require(COMMITTEE, community.path)
    register_import.decoded(cmd.content)
    repository.hold(session, actor.person_id)  # two files at once: the later one stays
    for earlier in session.scalars(
        select(RegisterDraftRow)
        .where(
            RegisterDraftRow.community_id == community.id,
            RegisterDraftRow.brought_by == actor.person_id,
            RegisterDraftRow.state.in_(drafts.DROPPABLE),
        )
        .with_for_update()
    ).all():
        _step(earlier, Step.DROP, now)
    draft_id = new_id()
    row = RegisterDraftRow(
        id=draft_id,
        community_id=community.id,
        state=State.BROUGHT.value,
        filename=cmd.filename,
        replace=cmd.mode == "replace",
        content_sealed=vault.seal(cmd.content, purpose=SEALED_FOR, owner=draft_id),
        brought_by=actor.person_id,
        brought_at=now,
        changed_at=now,
        due_at=now + drafts.KEPT,
    )
    session.add(row)
    session.flush()
    return _head(row, repository.people(session, [actor.person_id]))


def confirm(uow: UnitOfWork, cmd: DraftOf, actor: Actor, now: datetime) -> RegisterDraftHead:
    """Import it, as soon as the timer comes by.

    Raises:
        DraftNotFound: none such, or another community's.
        DraftMovedOn: it is not at that step.
    """
    row, _ = _own(uow.session, cmd.id, actor, lock=True)
    _step(row, Step.CONFIRM, now)
    row.confirmed_by = actor.person_id
    return _head(row, repository.people(uow.session, [row.brought_by]))


def drop(uow: UnitOfWork, cmd: DraftOf, actor: Actor, now: datetime) -> Empty:
    """Forget the file; twice is once.

    Raises:
        DraftNotFound: none such, or another community's.
        DraftMovedOn: it is being imported, or was.
    """
    row, _ = _own(uow.session, cmd.id, actor, lock=True)
    if row.state != State.DROPPED:
        _step(row, Step.DROP, now)
    return Empty()


# -- reading and importing, aside ------------------------------------------------------------------


def work(uow: UnitOfWork, vault: Vault, now: datetime) -> int:
    """Read or import one file that waits for it; how many were handled (0 or 1).

    A file is taken apart by a process of its own, which may take half a minute: no transaction
    waits for that, so two processes may read the same file, and whoever locks its row first counts.
    """
    due = (
        select(RegisterDraftRow)
        .where(RegisterDraftRow.state.in_(drafts.DUE))
        .order_by(RegisterDraftRow.changed_at, RegisterDraftRow.id)
        .limit(1)
    )
    row = uow.session.scalars(due).first()
    if row is None:
        return 0
    draft_id, before, filename, data = row.id, row.state, row.filename, _content(vault, row)
    uow.rollback()
    try:
        table: Table | ShequError = register_import.table_of(filename, data)
    except ShequError as error:
        table = error
    row = _still(uow, draft_id, before)
    if row is None:
        return 0
    step, report, fault = _taken(uow, vault, row, table, data, now)
    row = _still(uow, draft_id, before)  # a dry run undoes all, and the lock with it
    if row is None:
        uow.rollback()
        return 0
    _step(row, step, now)
    row.report, row.fault = report, fault
    return 1


def _still(uow: UnitOfWork, draft_id: str, state: str) -> RegisterDraftRow | None:
    """The row, locked; None when it has moved on, or another process is at it."""
    return uow.session.scalars(
        select(RegisterDraftRow)
        .where(RegisterDraftRow.id == draft_id, RegisterDraftRow.state == state)
        .with_for_update(skip_locked=True)
        .execution_options(populate_existing=True)
    ).first()


def _taken(
    uow: UnitOfWork,
    vault: Vault,
    row: RegisterDraftRow,
    table: Table | ShequError,
    data: bytes,
    now: datetime,
) -> tuple[Step, dict[str, Any] | None, dict[str, Any] | None]:
    """What came of the file: the step that follows, and the report or what is wrong with it."""
    community = uow.session.get(Territory, row.community_id)
    if community is None:
        return Step.NO_REGISTER, None, None
    try:
        if isinstance(table, ShequError):
            raise table
        report = register_import.import_table(
            uow,
            vault,
            community,
            table,
            hashlib.sha256(data).hexdigest(),
            by=row.confirmed_by or row.brought_by,
            now=now,
            dry_run=row.state == State.BROUGHT,
            replace=row.replace,
        )
    except ShequError as error:
        uow.rollback()
        fields = [HeadingFault(field=one.field, message=one.message) for one in error.errors]
        said = DraftFault(code=error.code, zh=error.zh, en=error.en, fields=fields)
        return Step.NO_REGISTER, None, said.model_dump(mode="json")
    step = Step.WRONG if report.errors else Step.WELL
    return step, report.model_dump(mode="json"), None


def sweep(uow: UnitOfWork, now: datetime) -> int:
    """Forget files that nobody confirmed in a day, and after a month that there were any."""
    session = uow.session
    late = session.scalars(
        select(RegisterDraftRow)
        .where(
            RegisterDraftRow.state.in_(drafts.DROPPABLE),
            RegisterDraftRow.due_at <= now,
        )
        .limit(50)
        .with_for_update(skip_locked=True)
    ).all()
    for row in late:
        _step(row, Step.DROP, now)
    over = RegisterDraftRow.state.not_in(drafts.LIVE)
    gone = session.execute(
        delete(RegisterDraftRow)
        .where(over, RegisterDraftRow.changed_at <= now - drafts.REMEMBERED)
        .returning(RegisterDraftRow.id)
        .execution_options(synchronize_session=False)
    ).all()
    return len(late) + len(gone)


def _step(row: RegisterDraftRow, step: Step, now: datetime) -> None:
    state = drafts.after(State(row.state), step)
    row.state, row.changed_at = state.value, now
    if state not in drafts.LIVE:
        row.content_sealed = None


# -- looking ---------------------------------------------------------------------------------------


def list_drafts(uow: UnitOfWork, cmd: ListRegisterDrafts, actor: Actor) -> Page[RegisterDraftHead]:
    """The community's files, the newest first.

    Raises:
        CommunityNotFound, Forbidden: not the actor's community.
    """
    session = uow.session
    community = repository.community(session, cmd.cid)
    actor.require(COMMITTEE, community.path)
    query = select(RegisterDraftRow).where(RegisterDraftRow.community_id == community.id)
    if cmd.cursor:
        query = query.where(RegisterDraftRow.id < decode_cursor(cmd.cursor, 1)[0])
    rows = list(session.scalars(query.order_by(RegisterDraftRow.id.desc()).limit(cmd.limit + 1)))
    page = rows[: cmd.limit]
    people = repository.people(session, [row.brought_by for row in page])
    return Page[RegisterDraftHead](
        items=[_head(row, people) for row in page],
        next_cursor=encode_cursor(page[-1].id) if len(rows) > cmd.limit else None,
    )


def get_draft(
    uow: UnitOfWork, vault: Vault, cmd: DraftOf, actor: Actor, now: datetime
) -> RegisterDraft:
    """What a file would change or did; whose entries would end is a look at them.

    Raises:
        DraftNotFound: none such, or another community's.
    """
    session = uow.session
    row, community = _own(session, cmd.id, actor)
    report = ImportReport.model_validate(row.report) if row.report else None
    ended = []
    if report is not None and row.state in drafts.LIVE:
        ids = [one.register_id for one in report.rows if one.register_id][:MOST_ENDED]
        entries = session.scalars(
            select(RegisterPerson)
            .where(RegisterPerson.id.in_(ids), RegisterPerson.community_id == community.id)
            .order_by(RegisterPerson.id)
        ).all()
        ended = register.seen(uow, vault, entries, community, actor, now, PURPOSE)
    head = _head(row, repository.people(session, [row.brought_by]))
    return RegisterDraft(
        **head.model_dump(),
        report=report,
        fault=DraftFault.model_validate(row.fault) if row.fault else None,
        ended=ended,
        actions=_actions(row, actor),
    )


def faults(uow: UnitOfWork, vault: Vault, cmd: DraftFaults, actor: Actor) -> Sheet:
    """The lines at fault, as they stand in the file, with their numbers and what is wrong.

    Brought again as they are, mended, they are a file of their own: the two columns of ours are
    passed over by the reader.

    Raises:
        DraftNotFound: none such, or another community's.
        DraftOfAnother: somebody else brought it.
        DraftMovedOn: no line is at fault, or the file is gone.
    """
    row, _ = _own(uow.session, cmd.id, actor)
    if row.brought_by != actor.person_id:
        raise drafts.DraftOfAnother()
    if row.state != State.FAULTY or row.content_sealed is None or row.report is None:
        raise drafts.DraftMovedOn()
    wrong: dict[int, list[str]] = {}
    for one in ImportReport.model_validate(row.report).rows:
        if one.outcome == "error":
            wrong.setdefault(one.row, []).append(f"{one.field}：{one.message}")
    table = register_import.table_of(row.filename, _content(vault, row))
    headings = [one for one in table.headings if one not in (ROW_COLUMN, FAULT_COLUMN)]
    rows = [
        [*(line[one] for one in headings), str(line.number), "；".join(wrong[line.number])]
        for line in table.rows
        if line.number in wrong
    ]
    return Sheet(title="名册里要改的行", columns=[*headings, ROW_COLUMN, FAULT_COLUMN], rows=rows)


def _actions(row: RegisterDraftRow, actor: Actor) -> list[DraftAct]:
    if actor.is_observer:
        return []
    found: list[DraftAct] = []
    if row.state == State.READY:
        found.append("confirm")
    if row.state == State.FAULTY and row.brought_by == actor.person_id:
        found.append("faults")
    if row.state in drafts.DROPPABLE:
        found.append("drop")
    return found


def _own(
    session: Session, draft_id: str, actor: Actor, *, lock: bool = False
) -> tuple[RegisterDraftRow, Territory]:
    row = session.get(RegisterDraftRow, draft_id, with_for_update=lock)
    community = session.get(Territory, row.community_id) if row else None
    if row is None or community is None or not actor.holds(COMMITTEE, community.path):
        raise drafts.DraftNotFound()
    return row, community


def _head(row: RegisterDraftRow, people: dict[str, PersonRow]) -> RegisterDraftHead:
    return RegisterDraftHead(
        id=row.id,
        state=State(row.state).value,
        filename=row.filename,
        mode="replace" if row.replace else "add",
        brought_by=access.named(people, row.brought_by),
        brought_at=row.brought_at,
        due_at=row.due_at,
        changed_at=row.changed_at,
    )


def _content(vault: Vault, row: RegisterDraftRow) -> bytes:
    content = vault.open(row.content_sealed or "", purpose=SEALED_FOR, owner=row.id)
    return register_import.decoded(content)
