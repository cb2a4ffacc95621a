"""The person's own page: who I am here, my badge, who looked at my data."""

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from services.contracts.actor import Actor
from services.contracts.errors import Conflict
from services.contracts.events import BadgeChanged
from services.contracts.operations.base import Page
from services.contracts.operations.identity import (
    AccessLogEntry,
    BadgeView,
    ListMyAccessLog,
    Me,
    MyMembership,
    Person,
    SetPartyBadge,
    UpdateMe,
)
from services.identity import repository
from services.identity.domain import roles as rules
from services.identity.handlers import cards, places, roles
from services.identity.models import AccessLogRow, Membership, Territory
from services.kit.pages import decode_cursor, encode_cursor
from services.kit.uow import UnitOfWork

SOMEBODY_GONE = "已注销用户"
_ORDER = {"active": 0, "pending": 1, "refused": 2, "ended": 3}


class BadgeNotConfirmed(Conflict):
    """The Party branch has not confirmed the membership."""

    code = "identity.badge_not_confirmed"
    zh, en = "党员身份尚未经所在党支部确认", "Your branch has not confirmed your membership"


def get_me(uow: UnitOfWork, actor: Actor, now: datetime) -> Me:
    """Memberships (active first), roles and badges, as the tables have them now."""
    session = uow.session
    person = repository.person(session, actor.person_id)
    grants = repository.live_grants(session, person.id)
    live = [g for g in grants if g.expires_at is None or g.expires_at > now]
    badges = []
    if rules.may_show_party_badge(repository.held_roles(live), now):
        shown = repository.badge_shown(session, person.id)
        badges.append(BadgeView(key="party_member", shown=shown))
    return Me(
        person=Person(id=person.id, display_name=person.display_name),
        memberships=_memberships(session, person.id),
        roles=roles.views(session, live),
        badges=badges,
    )


def _memberships(session: Session, person_id: str) -> list[MyMembership]:
    rows = sorted(repository.memberships_of(session, person_id), key=lambda m: _ORDER[m.status])
    around = repository.nodes(
        session,
        [i for m in rows for i in (m.community_id, m.estate_id, m.building_id, m.unit_id)],
    )
    return [_membership(m, around) for m in rows]


def _membership(row: Membership, around: dict[str, Territory]) -> MyMembership:
    return MyMembership(
        id=row.id,
        status=row.status,
        relation=row.relation,
        community=places.community_ref(around[row.community_id]),
        estate=places.place(around[row.estate_id]),
        building=places.place(around[row.building_id]),
        unit=places.place(around[row.unit_id]) if row.unit_id else None,
        room=row.room,
        requested_at=row.requested_at,
        reason=row.reason,
    )


def update_me(uow: UnitOfWork, cmd: UpdateMe, actor: Actor, now: datetime) -> Person:
    """Choose the name that the neighbours see; every community hears of it."""
    person = repository.person(uow.session, actor.person_id, lock=True)
    if person.display_name != cmd.display_name:
        person.display_name = cmd.display_name
        cards.announce_everywhere(uow, person.id, now)
    return Person(id=person.id, display_name=person.display_name)


def set_party_badge(uow: UnitOfWork, cmd: SetPartyBadge, actor: Actor, now: datetime) -> BadgeView:
    """Show the Party flag beside the name (党员亮身份), or withdraw it at once.

    Raises:
        BadgeNotConfirmed: no branch has confirmed the membership (withdrawing is always allowed).
    """
    session = uow.session
    person = repository.person(session, actor.person_id, lock=True)
    held = repository.held_roles(repository.live_grants(session, person.id))
    if cmd.shown and not rules.may_show_party_badge(held, now):
        raise BadgeNotConfirmed()
    if repository.badge_shown(session, person.id) != cmd.shown:
        repository.choose_badge(session, person.id, cmd.shown, now)
        uow.emit(BadgeChanged(person_id=person.id, shown=cmd.shown))
        cards.announce_everywhere(uow, person.id, now)
    return BadgeView(key="party_member", shown=cmd.shown)


def list_my_access_log(uow: UnitOfWork, cmd: ListMyAccessLog, actor: Actor) -> Page[AccessLogEntry]:
    """Who in office looked at my data, the latest first."""
    session = uow.session
    query = select(AccessLogRow).where(AccessLogRow.person_id == actor.person_id)
    if cmd.cursor:
        query = query.where(AccessLogRow.id < decode_cursor(cmd.cursor, 1)[0])
    rows = list(session.scalars(query.order_by(AccessLogRow.id.desc()).limit(cmd.limit + 1)))
    page = rows[: cmd.limit]
    who = repository.people(session, [r.actor_id for r in page])
    where = repository.nodes(session, [r.community_id for r in page])
    items = []
    for row in page:
        actor_row = who.get(row.actor_id)
        name = actor_row.display_name if actor_row else SOMEBODY_GONE
        community = where.get(row.community_id or "")
        items.append(
            AccessLogEntry(
                id=row.id,
                at=row.at,
                actor=Person(id=row.actor_id, display_name=name),
                actor_role=row.actor_role,
                community=places.community_ref(community) if community else None,
                what=row.what,
                purpose=row.purpose,
            )
        )
    return Page[AccessLogEntry](
        items=items, next_cursor=encode_cursor(page[-1].id) if len(rows) > cmd.limit else None
    )
