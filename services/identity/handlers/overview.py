"""What the operator's command line shows: communities, imports, codes to print. No person."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Row, func, or_, select
from sqlalchemy.orm import aliased

from services.identity import repository
from services.identity.handlers.town_undo import ImportNotFound
from services.identity.models import ImportRecord, Membership, QrToken, RegisterPerson, Territory
from services.kit.uow import UnitOfWork


def communities(uow: UnitOfWork) -> Sequence[Row[Any]]:
    """Every community by path: id, name, kind, town, members, waiting, register, closed_at."""
    town = aliased(Territory)

    def counted(table: Any, *only: Any) -> Any:
        query = select(func.count()).select_from(table)
        return query.where(table.community_id == Territory.id, *only).scalar_subquery()

    return uow.session.execute(
        select(
            Territory.id,
            Territory.name,
            Territory.community_kind.label("kind"),
            town.name.label("town"),
            counted(Membership, Membership.status == "active").label("members"),
            counted(Membership, Membership.status == "pending").label("waiting"),
            counted(RegisterPerson, RegisterPerson.ended_at.is_(None)).label("register"),
            Territory.closed_at,
        )
        .join(town, town.id == Territory.parent_id)
        .where(Territory.kind == "community")
        .order_by(Territory.path)
    ).all()


def name_of(uow: UnitOfWork, community_id: str) -> str:
    """A community's name; :class:`CommunityNotFound` when there is none."""
    return repository.community(uow.session, community_id).name


def town_imports(uow: UnitOfWork) -> Sequence[ImportRecord]:
    """The imports of towns, the latest first."""
    query = select(ImportRecord).where(ImportRecord.kind == "territory")
    return uow.session.scalars(query.order_by(ImportRecord.id.desc())).all()


def printable_codes(uow: UnitOfWork, of: str, now: datetime) -> Sequence[QrToken]:
    """The codes that let people in, of an import of a town or of a community.

    Raises:
        ImportNotFound: ``of`` is the id of neither.
    """
    session = uow.session
    query = select(QrToken).where(
        QrToken.revoked_at.is_(None), or_(QrToken.expires_at.is_(None), QrToken.expires_at > now)
    )
    record = session.get(ImportRecord, of)
    if record is not None and record.kind == "territory" and record.undone_at is None:
        query = query.where(QrToken.id.in_(record.report["qr"]))
    elif session.get(Territory, of) is not None:
        query = query.where(QrToken.community_id == of)
    else:
        raise ImportNotFound()
    return session.scalars(query.order_by(QrToken.community_id, QrToken.id)).all()
