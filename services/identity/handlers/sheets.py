"""Sheets to and from other systems (社区云, 12345), at an operator's command.

::

    operator (--by) ─▶ in whose office (--staff) ─▶ may this account, here, now? ─▶ sheet, lines

The operator's command works on the database and has no token of anybody. So somebody of the staff
answers for each sheet: her account must hold the office at this moment, and it is her, with that
office, whom the people in an exported register find in their access log. Who typed the command
stands with the record of it (``imports``).
"""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final

from services.contracts.actor import COMMITTEE, Actor, Grant, Role
from services.contracts.errors import FieldError, Invalid
from services.contracts.ids import new_id
from services.contracts.operations.identity import ImportReport
from services.identity import exchange, register_rows, repository
from services.identity.crypto import Vault
from services.identity.domain.register import HEADINGS
from services.identity.exchange import Adapter, Form
from services.identity.handlers import access
from services.identity.handlers.access import Subject
from services.identity.handlers.register_export import ground_lines, register_lines
from services.identity.handlers.register_import import import_table
from services.identity.handlers.roles import ScopeNotFound
from services.identity.models import ImportRecord
from services.kit.uow import UnitOfWork

WHAT: Final = "名册条目：住址、完整姓名、出生年份、身份（导出为{title}）"
# A list of buildings names nobody: those above the community may have it, too.
GROUND_STAFF: Final = COMMITTEE | {Role.TOWN_ADMIN, Role.DISTRICT_ADMIN}


class SheetUnknown(Invalid):
    """No sheet is called like this, or it cannot be brought in."""

    code = "identity.sheet_unknown"
    zh, en = "没有这种表格", "There is no such sheet"


@dataclass(frozen=True, slots=True)
class Sheet:
    """A sheet that leaves: ``personal`` says whether people are in it, so it must be encrypted."""

    export_id: str
    of: str
    name: str
    personal: bool
    rows: int
    data: bytes = field(repr=False)


def export_sheet(
    uow: UnitOfWork,
    vault: Vault,
    of: str,
    key: str,
    form: Form,
    *,
    staff_id: str,
    by: str,
    purpose: str,
    now: datetime,
) -> Sheet:
    """A register in another system's sheet, or a list of buildings and who is responsible.

    Args:
        of: a community, by id or path; for a list of buildings any node of the tree.
        key: of :data:`services.identity.exchange.ADAPTERS`.
        staff_id: the account that answers for it.
        by: the operator, as the record shall name them.
        purpose: why, in words that the people in a register will read.

    Raises:
        SheetUnknown, ScopeNotFound, CommunityNotFound, PersonNotFound: there is none.
        Forbidden, ObserverReadOnly: the account does not hold the office there now.
    """
    adapter = _adapter(key)
    session = uow.session
    root = repository.node(session, of)
    if root is None:
        raise ScopeNotFound()
    staff = _staff(uow, staff_id, now)
    if adapter.of_people:
        root = repository.community(session, root.id)
        staff.require(COMMITTEE, root.path)
        register_rows.lock(session, root.id)  # those who are written down are those who leave
        access.write_down(
            uow,
            staff,
            now,
            subjects=[Subject(*whose) for whose in register_rows.whose(session, root.id)],
            community=root,
            what=WHAT.format(title=adapter.title),
            purpose=purpose,
        )
        people = list(register_lines(uow, vault, root))
        rows, data = len(people), adapter.write(people, form)
    else:
        staff.require(GROUND_STAFF, root.path)
        ground = list(ground_lines(uow, root))
        rows, data = len(ground), adapter.write(ground, form)
    export_id = new_id()
    session.add(
        ImportRecord(
            id=export_id,
            kind="export",
            community_id=root.id if root.kind == "community" else None,
            file_sha256=hashlib.sha256(data).hexdigest(),
            actor_id=staff.person_id,
            at=now,
            report={
                "by": by,
                "sheet": adapter.key,
                "of": root.path,
                "purpose": purpose,
                "personal_data": adapter.of_people,
                "rows": rows,
            },
        )
    )
    session.flush()
    return Sheet(export_id, root.name, f"{adapter.key}.{form}", adapter.of_people, rows, data)


def import_sheet(
    uow: UnitOfWork,
    vault: Vault,
    community_id: str,
    key: str,
    filename: str,
    data: bytes,
    *,
    staff_id: str,
    by: str,
    now: datetime,
    dry_run: bool = False,
    replace_others: bool = False,
) -> ImportReport:
    """Another system's sheet into the register, by all the checks of ``importRegister``.

    Rows and headings of the report are the sheet's own. Committing is the caller's: after a dry
    run or a fault what is left to commit is the line that there was one.

    Args:
        staff_id, by: as in :func:`export_sheet`.
        replace_others: end the entries that the sheet does not name.

    Raises:
        SheetUnknown, CommunityNotFound, PersonNotFound: there is none.
        Forbidden, ObserverReadOnly: the account does not hold the office there now.
        FileTooLarge, FileUnreadable, ColumnsWrong, NobodyInFile: it is no such sheet.
    """
    adapter = _adapter(key)
    if not adapter.of_people:
        raise SheetUnknown(errors=[FieldError("as", f"{adapter.title}：只能导出")])
    community = repository.community(uow.session, community_id)
    _staff(uow, staff_id, now).require(COMMITTEE, community.path)
    report = import_table(
        uow,
        vault,
        community,
        exchange.register_table(adapter.read(filename, data)),
        hashlib.sha256(data).hexdigest(),
        by=staff_id,
        now=now,
        dry_run=dry_run,
        replace=replace_others,
        besides={"by": by, "sheet": adapter.key},
    )
    return _in_their_words(report, adapter.headings)


def _adapter(key: str) -> Adapter:
    found = exchange.ADAPTERS.get(key)
    if found is None:
        known = "、".join(f"{a.key}（{a.title}）" for a in exchange.ADAPTERS.values())
        raise SheetUnknown(errors=[FieldError("as", known)])
    return found


def _staff(uow: UnitOfWork, person_id: str, now: datetime) -> Actor:
    """The account with the offices that it holds now, as its token would name them."""
    person = repository.person(uow.session, person_id)
    held = repository.held_roles(repository.live_grants(uow.session, person.id))
    grants = tuple(Grant(h.role, h.path) for h in held if h.live(now))
    return Actor(person.id, "", grants, expires_at=int(now.timestamp()))


def _in_their_words(report: ImportReport, theirs: Mapping[str, str]) -> ImportReport:
    ours = {HEADINGS[column]: heading for column, heading in theirs.items() if column in HEADINGS}
    rows = [
        row.model_copy(update={"field": ours.get(row.field, row.field)}) if row.field else row
        for row in report.rows
    ]
    return report.model_copy(update={"rows": rows})
