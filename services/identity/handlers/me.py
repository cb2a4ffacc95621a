"""The person's own page: who I am here, the name I go by, my badge."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy.orm import Session

from services.contracts.actor import Actor
from services.contracts.operations.identity import (
    BadgeView,
    Me,
    MyMembership,
    Person,
    TotpState,
    UpdateMe,
)
from services.identity import repository
from services.identity.domain import roles as rules
from services.identity.handlers import cards, places, recoveries, roles
from services.identity.models import Membership, PersonRow, Territory
from services.kit.uow import UnitOfWork

_ORDER = {"active": 0, "pending": 1, "refused": 2, "ended": 3}


def get_me(uow: UnitOfWork, actor: Actor, now: datetime, *, staff_totp: bool = False) -> Me:
    """Memberships (active first), roles and badges, as the tables have them now.

    A helper sees whom she acts for and where: the homes that her token names, and what she asked
    for herself.

    Args:
        staff_totp: whether an office asks for a second factor.
    """
    session = uow.session
    person = repository.person(session, actor.person_id)
    if actor.acted_by:
        return _for_helper(session, person, actor)
    grants = repository.live_grants(session, person.id)
    live = [g for g in grants if g.expires_at is None or g.expires_at > now]
    badges = []
    if rules.may_show_party_badge(repository.held_roles(live), now):
        shown = repository.badge_shown(session, person.id)
        badges.append(BadgeView(key="party_member", shown=shown))
    return Me(
        person=Person(id=person.id, display_name=person.display_name),
        memberships=_memberships(session, repository.memberships_of(session, person.id)),
        roles=roles.views(session, live),
        badges=badges,
        totp=TotpState(
            enrolled=repository.has_factor(session, person.id),
            required=staff_totp and rules.holds_office(repository.held_roles(live), now),
        ),
        wechat_bound=repository.is_wechat_bound(session, person.id),
        recovery=recoveries.notice_of(session, person.id),
    )


def _for_helper(session: Session, person: PersonRow, actor: Actor) -> Me:
    homes = repository.nodes_at(session, {grant.path for grant in actor.grants})
    named = {home.id for home in homes.values()}
    helper = repository.person(session, actor.acted_by)
    return Me(
        person=Person(id=person.id, display_name=person.display_name),
        memberships=_memberships(
            session,
            [
                m
                for m in repository.memberships_of(session, person.id)
                if m.community_id in named or m.requested_by == actor.acted_by
            ],
        ),
        roles=[],
        badges=[],
        acted_by=Person(id=helper.id, display_name=helper.display_name),
    )


def _memberships(session: Session, found: Sequence[Membership]) -> list[MyMembership]:
    rows = sorted(found, key=lambda m: _ORDER[m.status])
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
        residence=row.residence,
        requested_at=row.requested_at,
        expires_at=row.expires_at,
        reason=row.end_reason or row.reason,
    )


def update_me(uow: UnitOfWork, cmd: UpdateMe, actor: Actor, now: datetime) -> Person:
    """Choose the name that the neighbours see; every community hears of it."""
    person = repository.person(uow.session, actor.person_id, lock=True)
    if person.display_name != cmd.display_name:
        person.display_name = cmd.display_name
        cards.announce_everywhere(uow, person.id, now)
    return Person(id=person.id, display_name=person.display_name)
