"""Closing what lies in a community: torn down, never built, entered twice.

Nobody joins there any more, its QR codes end, and what was said of it stays as it was. A whole
community leaves the platform otherwise (:mod:`offboarding`).
"""

from datetime import datetime
from typing import Final

from sqlalchemy import ColumnElement, and_, func, or_, select
from sqlalchemy.orm import Session

from services.contracts.actor import Actor
from services.contracts.errors import Conflict, FieldError, Invalid
from services.identity import register_rows, repository
from services.identity.handlers import qr
from services.identity.models import Membership, QrToken, Territory
from services.kit.uow import UnitOfWork

LIVES_AT: Final = {
    "estate": Membership.estate_id,
    "building": Membership.building_id,
    "unit": Membership.unit_id,
}
"""The kinds that can be closed, and where a membership names one. Rooms are words on a door."""


class PlaceClosed(Conflict):
    """Nothing is made in a place that was closed."""

    code = "identity.place_closed"
    zh, en = "这里已经停用，请先恢复使用", "This place was closed: open it again first"


class PlaceLivedIn(Conflict):
    """Somebody lives there, or waits to be let in."""

    code = "identity.place_lived_in"
    zh = "还有人住在这里，或正在申请入住，不能停用"
    en = "Somebody lives here or has asked to join: it cannot be closed"


class PlaceNotClosable(Invalid):
    """Neither what lies above an estate is closed like a building, nor a room."""

    code = "identity.place_not_closable"
    zh, en = "这一级不能在这里停用", "A place of this kind is not closed here"


def require_open(place: Territory) -> None:
    """Raise :class:`PlaceClosed` when ``place`` was closed."""
    if place.closed_at is not None:
        raise PlaceClosed()


def close(uow: UnitOfWork, place: Territory, actor: Actor, now: datetime, *, closed: bool) -> None:
    """Close a place with its QR codes, or open it again; its codes stay as they are.

    Raises:
        PlaceNotClosable: it is no estate, building or unit.
        PlaceLivedIn: see there.
    """
    session = uow.session
    community = repository.community_around(session, place.path)
    if community is None or place.kind not in LIVES_AT:
        raise PlaceNotClosable(errors=[FieldError("closed", PlaceNotClosable.zh)])
    if not closed:
        place.closed_at = None
        return
    if place.closed_at is not None:
        return
    register_rows.lock(session, community.id)
    if _is_lived_in(session, place):
        raise PlaceLivedIn(errors=[FieldError("closed", PlaceLivedIn.zh)])
    place.closed_at = now
    found = select(QrToken).where(QrToken.community_id == community.id, _codes_of(place))
    for code in session.scalars(found.order_by(QrToken.id).with_for_update()):
        qr.revoke(uow, code, actor, now)


def members(session: Session, place: Territory) -> int:
    """How many live there as members of the community; none of a room, which is no tie."""
    at = LIVES_AT.get(place.kind)
    if at is None:
        return 0
    living = select(func.count(Membership.person_id.distinct())).where(
        at == place.id, Membership.status == "active"
    )
    return session.scalar(living) or 0


def codes(session: Session, place: Territory, now: datetime) -> int:
    """How many of its QR codes let people in."""
    counting = select(func.count()).where(
        _codes_of(place),
        or_(QrToken.expires_at.is_(None), QrToken.expires_at > now),
    )
    return session.scalar(counting) or 0


def _codes_of(place: Territory) -> ColumnElement[bool]:
    return and_(
        or_(QrToken.estate_id == place.id, QrToken.building_id == place.id),
        QrToken.revoked_at.is_(None),
    )


def _is_lived_in(session: Session, place: Territory) -> bool:
    there = select(Membership.id).where(
        LIVES_AT[place.kind] == place.id, Membership.status.in_(("pending", "active"))
    )
    return session.scalar(there.limit(1)) is not None
