"""Importing the register of persons: all or nothing, and the same file again changes nothing.

::

    file ─ apart ─▶ Reading ─▶ lock ─▶ places found or made ─▶ entries paired ─▶ Plan
                                                                                  │
      rolled back, report  ◀── a fault, or dry run ── accounts find their entries ◀┘ written
      report               ◀── otherwise ─────────────────┘

Either way a row of ``imports`` says who brought which file: a dry run, or one with a wrong row,
confirms ID numbers, too.

5,000 persons in 2,000 rooms of a community that has neither take 3.6 s as XLSX and 2.5 s as CSV,
the same file again 2.6 and 2.0 s (``python -m tests.bench register``: a fresh database with fsync,
two cores at a load of 2 to 4; one of these seconds is the start of the reader's process).
"""

import base64
import binascii
import hashlib
from collections.abc import Iterable, Mapping
from datetime import datetime
from functools import partial
from types import MappingProxyType
from typing import Any, Final

from services.contracts.actor import COMMITTEE, Actor
from services.contracts.errors import FieldError, Invalid, ObserverReadOnly
from services.contracts.events import MembershipDecided
from services.contracts.ids import new_id
from services.contracts.operations.identity import ImportFile, ImportReport, ImportRow
from services.identity import (
    register_files,
    register_plan,
    register_rows,
    repository,
    tables_child,
)
from services.identity.crypto import Vault
from services.identity.domain import membership
from services.identity.domain.membership import Applicant, Finding, RegisterEntry, Status
from services.identity.domain.register import HEADINGS, Fault
from services.identity.handlers import cards
from services.identity.handlers.joining import CHINA, match_index
from services.identity.models import ImportRecord, Territory
from services.identity.register_places import Places
from services.identity.register_plan import Plan
from services.identity.tables import Table
from services.kit.aside import aside
from services.kit.uow import UnitOfWork

MOST_ROWS: Final = 500  # that a report names
ENDED_WITH_ACCOUNT: Final = "文件中没有此人，名册条目已结束；其账号仍是成员，请核对"


def import_register_file(
    uow: UnitOfWork, vault: Vault, cmd: ImportFile, actor: Actor, now: datetime
) -> ImportReport:
    """Take an office's file into the community's register; see the how-to page of the register.

    Whatever is wrong with a row stands in the report and nothing is imported.

    Raises:
        FileTooLarge, FileUnreadable, ColumnsWrong, NobodyInFile: it is no register at all.
    """
    if actor.is_observer:  # the row between services does not know that this writes
        raise ObserverReadOnly()
    community = repository.community(uow.session, cmd.cid)
    actor.require(COMMITTEE, community.path)
    return import_register(
        uow,
        vault,
        community,
        cmd.filename,
        decoded(cmd.content),
        by=actor.person_id,
        now=now,
        dry_run=cmd.dry_run,
        replace=cmd.mode == "replace",
    )


def decoded(content: str) -> bytes:
    """The file that a call carries as base64.

    Raises:
        Invalid: it is no base64.
    """
    try:
        return base64.b64decode(content, validate=True)
    except (binascii.Error, ValueError):
        raise Invalid(errors=[FieldError("content", "must be base64")]) from None


def table_of(filename: str, data: bytes) -> Table:
    """The first sheet of a file, read by a process of its own.

    Raises:
        FileTooLarge, FileUnreadable: it cannot be read.
    """
    return tables_child.read(filename, data, max_bytes=register_files.MAX_BYTES, first=True)[0]


def import_register(
    uow: UnitOfWork,
    vault: Vault,
    community: Territory,
    filename: str,
    data: bytes,
    *,
    by: str | None,
    now: datetime,
    dry_run: bool = False,
    replace: bool = False,
) -> ImportReport:
    """The same for whoever has the file at hand and may do it. Committing is the caller's; after
    a dry run or a fault all that is left to commit is the line that there was one.

    Args:
        by: the account that imports; None for an operator's command.
        replace: end the entries that the file does not name any more.
    """
    table = table_of(filename, data)
    sha256 = hashlib.sha256(data).hexdigest()
    return import_table(
        uow, vault, community, table, sha256, by=by, now=now, dry_run=dry_run, replace=replace
    )


def import_table(
    uow: UnitOfWork,
    vault: Vault,
    community: Territory,
    table: Table,
    file_sha256: str,
    *,
    by: str | None,
    now: datetime,
    dry_run: bool = False,
    replace: bool = False,
    besides: Mapping[str, str] = MappingProxyType({}),
) -> ImportReport:
    """The same of a table that has been read.

    Args:
        file_sha256: of the file that it was read from.
        besides: what the record shall say beside the report.
    """
    reading = aside(
        register_files.persons_in,
        table,
        kind=community.community_kind or "urban",
        today=now.astimezone(CHINA).date(),
        blind=partial(vault.index, "id_number"),
    )
    session = uow.session
    register_rows.lock(session, community.id)
    import_id = new_id()
    said = {
        "id": import_id,
        "community_id": community.id,
        "file_sha256": file_sha256,
        "actor_id": by,
        "at": now,
    }
    places = Places(community, register_rows.places_below(session, community), import_id)
    entries = register_rows.live_entries(session, community.id, lock=True)
    plan = register_plan.make(
        vault, community.id, places, reading.persons, entries, import_id, replace=replace
    )
    faults = [*reading.faults, *plan.faults]
    report = _report(plan, faults, total=reading.total, dry_run=dry_run)
    if faults:
        return _tried(uow, said, report, besides)
    record = ImportRecord(**said, kind="register", report={})
    session.add(record)
    session.flush()
    _write(uow, plan, now)
    report.linked, report.admitted = seat_accounts(uow, vault, community, now)
    if dry_run:
        return _tried(uow, said, report, besides)
    report.import_id, report.imported = import_id, True
    record.report = {**besides, **report.model_dump(mode="json")}
    session.add(record)
    return report


def _tried(
    uow: UnitOfWork, said: dict[str, Any], report: ImportReport, besides: Mapping[str, str]
) -> ImportReport:
    """Undo everything, but for one line: who has learned how a file stands to the register."""
    uow.rollback()
    counts = report.model_dump(mode="json", exclude={"rows"})
    uow.session.add(ImportRecord(**said, kind="trial", report={**besides, **counts}))
    return report


def _write(uow: UnitOfWork, plan: Plan, now: datetime) -> None:
    session = uow.session
    register_rows.add_places(session, plan.places)
    register_rows.measure(session, plan.floor_areas)
    register_rows.add(session, plan.added)
    register_rows.change(session, plan.changes)
    register_rows.end(session, [entry.id for entry in plan.ended], now)


def _report(plan: Plan, faults: Iterable[Fault], *, total: int, dry_run: bool) -> ImportReport:
    """Faults first, then the ended ones who have an account, so that no limit hides them."""
    wrong = sorted(faults, key=lambda fault: (fault.row, fault.field))
    rows = [ImportRow(row=f.row, outcome="error", field=f.field, message=f.message) for f in wrong]
    ended = sorted(plan.ended, key=lambda entry: (entry.person_id is None, entry.id))
    rows += [
        ImportRow(
            row=0,
            outcome="ended",
            register_id=entry.id,
            message=ENDED_WITH_ACCOUNT if entry.person_id else None,
        )
        for entry in ended
    ]
    rows += [
        # A room's size where nothing of the person's changes.
        ImportRow(row=row, outcome="changed", field="、".join(told) or HEADINGS["floor_area"])
        for row, told in sorted(plan.changed.items())
    ]
    return ImportReport(
        import_id=None,
        imported=False,
        dry_run=dry_run,
        total=total,
        added=len(plan.added),
        changed=len(plan.changed),
        unchanged=plan.unchanged,
        ended=len(plan.ended),
        ended_with_account=sum(1 for entry in plan.ended if entry.person_id),
        errors=len({fault.row for fault in wrong}),
        places_added=len(plan.places),
        linked=0,
        admitted=0,
        rows=rows[:MOST_ROWS],
    )


# -- accounts --------------------------------------------------------------------------------------


def seat_accounts(
    uow: UnitOfWork, vault: Vault, community: Territory, now: datetime
) -> tuple[int, int]:
    """Let accounts find their entries in a register that has changed.

    Returns:
        How many were tied to one, and how many of them had waited and are members now.
    """
    session = uow.session
    waiting = register_rows.seekers(session, community.id)
    if not waiting:
        return 0, 0
    by_match: dict[str, list[RegisterEntry]] = {}
    for known in register_rows.live_entries(session, community.id):
        by_match.setdefault(known.match_index, []).append(_entry(known))
    taken: dict[str, str] = {}  # entry -> who gets it
    wanted: list[tuple[Any, Status, RegisterEntry]] = []
    looked_up: list[dict[str, Any]] = []
    for row in waiting:
        name = vault.open(row.name_sealed, purpose="real_name.name", owner=row.person_id)
        entries = by_match.get(match_index(vault, row.building_id, row.room, name), [])
        free = [e for e in entries if taken.get(e.id, row.person_id) == row.person_id]
        applicant = Applicant(row.person_id, row.unit_id, row.birth_year, row.id_index)
        before = Finding(row.finding)
        status, finding, entry = membership.settle(Status(row.status), before, free, applicant)
        if entry is not None:
            taken[entry.id] = row.person_id
            wanted.append((row, status, entry))
        elif finding is not before:
            looked_up.append({"id": row.id, "finding": finding.value})
    tied = register_rows.tie(session, [(entry.id, row.person_id) for row, _, entry in wanted])
    seated = [(row, status, entry) for row, status, entry in wanted if entry.id in tied]
    admitted = [(row, status) for row, status, _ in seated if row.status != status]
    looked_up += [{"id": row.id, "finding": Finding.MATCH.value} for row, _, _ in seated]
    register_rows.settle(session, looked_up)
    register_rows.settle(session, [{"id": r.id, "register_id": e.id} for r, _, e in seated])
    register_rows.settle(
        session, [{"id": r.id, "status": s.value, "decided_at": now} for r, s in admitted]
    )
    for row, _ in admitted:
        uow.emit(
            MembershipDecided(
                membership_id=row.id,
                person_id=row.person_id,
                community_id=community.id,
                path=community.path,
                status="active",
                by="register",
            )
        )
    cards.announce_all(uow, {row.person_id for row, _ in admitted}, community, now)
    return len(seated), len(admitted)


def _entry(row: Any) -> RegisterEntry:
    return RegisterEntry(row.id, row.unit_id, row.birth_year, row.id_index, row.person_id)
