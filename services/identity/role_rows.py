"""Grants as lists of a place show them: those that hold, and those that have ended."""

from collections.abc import Collection, Sequence
from datetime import datetime

from sqlalchemy import ColumnElement, Select, func, or_, select, tuple_
from sqlalchemy.orm import Session

from services.contracts.actor import Role
from services.identity.models import GrantRow, Territory

ENDED_AT: ColumnElement[datetime] = func.coalesce(GrantRow.revoked_at, GrantRow.expires_at)


def holding(
    session: Session,
    scope: Territory,
    now: datetime,
    *,
    role: Role | None,
    confirmed_by: Collection[str] | None,
    after: Sequence[str] | None,
    limit: int,
) -> list[GrantRow]:
    """The grants that hold now at a node and beneath it, by path, role and id.

    Args:
        confirmed_by: of Party membership only what these people granted; None for all.
        after: path, role and id of the last one known.
    """
    query = _within(scope, role, confirmed_by).where(
        GrantRow.revoked_at.is_(None),
        or_(GrantRow.expires_at.is_(None), GrantRow.expires_at > now),
    )
    order = (GrantRow.path, GrantRow.role, GrantRow.id)
    if after is not None:
        query = query.where(tuple_(*order) > tuple_(*after))
    return list(session.scalars(query.order_by(*order).limit(limit)))


def ended(
    session: Session,
    scope: Territory,
    now: datetime,
    *,
    role: Role | None,
    confirmed_by: Collection[str] | None,
    after: tuple[datetime, str] | None,
    limit: int,
) -> list[GrantRow]:
    """The same of those that hold no more, the latest first; ``after``: end and id of the last."""
    query = _within(scope, role, confirmed_by).where(
        or_(GrantRow.revoked_at.is_not(None), GrantRow.expires_at <= now)
    )
    if after is not None:
        query = query.where(tuple_(ENDED_AT, GrantRow.id) < tuple_(*after))
    return list(session.scalars(query.order_by(ENDED_AT.desc(), GrantRow.id.desc()).limit(limit)))


def _within(
    scope: Territory, role: Role | None, confirmed_by: Collection[str] | None
) -> Select[GrantRow]:
    query = (
        select(GrantRow)
        .join(Territory, Territory.id == GrantRow.territory_id)
        .where(Territory.tree.op("<@")(scope.tree))
    )
    if role is not None:
        query = query.where(GrantRow.role == role.value)
    if confirmed_by is not None:
        theirs = GrantRow.granted_by.in_(confirmed_by)
        query = query.where(or_(GrantRow.role != Role.PARTY_MEMBER.value, theirs))
    return query
