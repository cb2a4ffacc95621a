"""Taking an import of a town back, as long as nobody has used what it made."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, delete, func, or_, select, text
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from services.contracts.errors import Conflict, FieldError, NotFound
from services.contracts.events import CommunityClosed, PersonDeleted, QrRevoked, RoleRevoked
from services.identity.handlers import cards
from services.identity.models import (
    AccessLogRow,
    Assistance,
    CommunityFigures,
    CorrectionRow,
    GrantRow,
    ImpactAssessment,
    ImportRecord,
    Membership,
    PersonRow,
    PhoneRecovery,
    QrToken,
    RegisterPerson,
    SessionRow,
    Territory,
)
from services.kit.uow import UnitOfWork


class ImportNotFound(NotFound):
    """There is no import of a town with this id, or it has been undone."""

    code = "identity.import_not_found"
    zh, en = "没有这次导入，或者已经撤销", "There is no such import, or it has been undone"


class ImportInUse(Conflict):
    """Somebody has used what the import made; ``errors`` say where, and what."""

    code = "identity.import_in_use"
    zh, en = "已有人使用，不能撤销", "It is in use and cannot be undone"


@dataclass(frozen=True, slots=True)
class Undone:
    """What was taken back, by kind; ``accounts_kept`` have been used and stay."""

    places: int
    roles: int
    codes: int
    accounts: int
    accounts_kept: int


def undo_import(uow: UnitOfWork, import_id: str, now: datetime) -> Undone:
    """Take back what an import of a town made: offices, codes, places, accounts never used.

    Raises:
        ImportNotFound: there is none, or it has been undone.
        ImportInUse: memberships, register, further places, codes or offices lie beneath.
    """
    session = uow.session
    session.execute(text("SELECT pg_advisory_xact_lock(hashtext('identity.town'))"))
    record = session.get(ImportRecord, import_id, with_for_update=True)
    if record is None or record.kind != "territory" or record.undone_at is not None:
        raise ImportNotFound()
    nodes = session.scalars(
        select(Territory).where(Territory.import_id == import_id).with_for_update()
    ).all()
    if holds := _holds(session, record, nodes):
        raise ImportInUse(errors=holds)
    communities = [n for n in nodes if n.kind == "community"]
    ended = _take_offices(uow, import_id, communities, now)
    codes = session.scalars(select(QrToken).where(QrToken.id.in_(record.report["qr"]))).all()
    for code in codes:
        if code.revoked_at is None:
            uow.emit(QrRevoked(qr_id=code.id, community_id=code.community_id))
        session.delete(code)
    session.flush()
    gone = [n.id for n in nodes]
    session.execute(delete(CommunityFigures).where(CommunityFigures.community_id.in_(gone)))
    session.execute(delete(Territory).where(Territory.import_id == import_id))
    for community in communities:
        uow.emit(CommunityClosed(community_id=community.id, path=community.path, why="undone"))
    accounts = sum(_forget(uow, person_id) for person_id in record.report["people"])
    record.undone_at = now
    return Undone(len(gone), ended, len(codes), accounts, len(record.report["people"]) - accounts)


def _take_offices(
    uow: UnitOfWork, import_id: str, communities: Sequence[Territory], now: datetime
) -> int:
    session = uow.session
    grants = session.scalars(select(GrantRow).where(GrantRow.import_id == import_id)).all()
    at: dict[str, set[str]] = defaultdict(set)
    for grant in grants:
        if grant.revoked_at is None:
            uow.emit(
                RoleRevoked(
                    grant_id=grant.id, person_id=grant.person_id, role=grant.role, path=grant.path
                )
            )
            at[grant.path].add(grant.person_id)
        session.delete(grant)
    session.flush()
    for community in communities:
        if community.path in at:
            cards.announce_all(uow, at[community.path], community, now)
    return len(grants)


def _forget(uow: UnitOfWork, person_id: str) -> bool:
    """Delete an account that the import made, when nobody has ever logged in to it."""
    session = uow.session
    used = select(SessionRow.id).where(SessionRow.person_id == person_id).limit(1)
    if session.scalars(used).first() is not None:
        return False
    try:
        with session.begin_nested():
            found = session.execute(delete(PersonRow).where(PersonRow.id == person_id))
    except IntegrityError:  # another import's office, somebody's helper: it is used elsewhere
        return False
    if found.rowcount:  # type: ignore[attr-defined]
        uow.emit(PersonDeleted(person_id=person_id))
    return bool(found.rowcount)  # type: ignore[attr-defined]


# -- what holds it back ----------------------------------------------------------------------------


def _holds(session: Session, record: ImportRecord, nodes: Sequence[Territory]) -> list[FieldError]:
    """Who uses what was made, by place, in words that an operator can act on."""
    ids = [n.id for n in nodes]
    if not ids:
        return []
    names = {n.id: n.name for n in nodes}
    foreign_codes = QrToken.id.not_in(record.report["qr"])
    others = or_(GrantRow.import_id.is_(None), GrantRow.import_id != record.id)
    questions: tuple[tuple[str, Any, Any], ...] = (
        ("{n} 条入住记录", Membership.community_id, None),
        ("{n} 人的居民名册", RegisterPerson.community_id, None),
        ("{n} 项另外授予的角色", GrantRow.territory_id, others),
        ("{n} 张另外制作的二维码", QrToken.community_id, foreign_codes),
        ("{n} 项代办关系", Assistance.community_id, None),
        ("{n} 次手机号找回", PhoneRecovery.community_id, None),
        ("{n} 项更正申请", CorrectionRow.community_id, None),
        ("{n} 条查阅记录", AccessLogRow.community_id, None),
        ("{n} 个后来建立的下级地点", Territory.parent_id,
         or_(Territory.import_id.is_(None), Territory.import_id != record.id)),
    )  # fmt: skip
    found = []
    for words, column, only in questions:
        for place_id, count in _counted(session, column, ids, only):
            found.append(FieldError(names[place_id], words.format(n=count)))
    paths = [n.path for n in nodes]
    assessed = session.scalar(
        select(func.count()).select_from(ImpactAssessment).where(ImpactAssessment.path.in_(paths))
    )
    if assessed:
        found.append(FieldError("影响评估", f"{assessed} 份个人信息保护影响评估"))
    return found


def _counted(
    session: Session, column: Any, ids: Iterable[str], only: ColumnElement[bool] | None
) -> list[tuple[str, int]]:
    query = select(column, func.count()).where(column.in_(list(ids))).group_by(column)
    if only is not None:
        query = query.where(only)
    return [(place, count) for place, count in session.execute(query.order_by(column))]
