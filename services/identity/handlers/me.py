"""The person's own page: who I am here, the name I go by, my badge."""

from datetime import datetime

from sqlalchemy.orm import Session

from services.contracts.actor import Actor
from services.contracts.errors import Conflict
from services.contracts.events import BadgeChanged
from services.contracts.operations.identity import (
    BadgeView,
    Me,
    MyMembership,
    Person,
    SetPartyBadge,
    UpdateMe,
)
from services.identity import repository
from services.identity.domain import roles as rules
from services.identity.handlers import cards, places, roles
from services.identity.models import Membership, Territory
from services.kit.uow import UnitOfWork

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
