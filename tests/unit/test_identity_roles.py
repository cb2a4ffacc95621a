"""Roles: who may give which, where they hold, what they show."""

from datetime import UTC, datetime, timedelta

import pytest

from services.contracts.actor import Actor, Grant, Role
from services.contracts.errors import Forbidden, ObserverReadOnly
from services.identity.domain import roles
from services.identity.domain.roles import HeldRole

pytestmark = pytest.mark.unit
NOW = datetime(2026, 11, 23, tzinfo=UTC)
HOME, NEXT_DOOR, TOWN, DISTRICT = "d.t.a", "d.t.ab", "d.t", "d"


def actor(*grants: tuple[Role, str]) -> Actor:
    return Actor("boss", "s", tuple(Grant(role, path) for role, path in grants), 2**31)


@pytest.mark.parametrize("role", list(Role))
@pytest.mark.parametrize("by", list(Role))
def test_a_role_is_given_by_those_of_the_table_alone_and_in_their_scope(role, by):
    may = by in roles.GRANTED_BY.get(role, frozenset())
    if may:
        roles.require_may_grant(actor((by, TOWN)), role, HOME)
    else:
        with pytest.raises((Forbidden, roles.RoleNotGrantable)):
            roles.require_may_grant(actor((by, TOWN)), role, HOME)
    with pytest.raises((Forbidden, roles.RoleNotGrantable)):
        roles.require_may_grant(actor((by, HOME)), role, NEXT_DOOR)
    with pytest.raises((Forbidden, roles.RoleNotGrantable)):
        roles.require_may_grant(actor((by, HOME)), role, TOWN)


def test_residence_and_service_are_nobodys_to_give():
    everything = actor(*((role, DISTRICT) for role in Role))
    for role in (Role.RESIDENT, Role.SERVICE):
        with pytest.raises(roles.RoleNotGrantable):
            roles.require_may_grant(everything, role, HOME)


def test_party_membership_is_confirmed_by_the_branch_and_the_one_above_it():
    for role, path in ((Role.SECRETARY, HOME), (Role.TOWN_ADMIN, TOWN)):
        roles.require_may_grant(actor((role, path)), Role.PARTY_MEMBER, HOME)


@pytest.mark.parametrize(
    ("grants", "confirmed_by"),
    [
        ([(Role.SECRETARY, HOME)], None),
        ([(Role.SECRETARY, HOME), (Role.TOWN_ADMIN, TOWN)], None),
        ([(Role.TOWN_ADMIN, TOWN)], {"boss"}),
        ([(Role.SECRETARY, NEXT_DOOR)], set()),
        ([(Role.COMMITTEE_STAFF, HOME)], set()),
        ([(Role.DISTRICT_ADMIN, DISTRICT), (Role.AUDITOR, DISTRICT)], set()),
    ],
)
def test_party_members_are_seen_by_their_secretary_and_by_who_confirmed_them(grants, confirmed_by):
    assert roles.party_members_seen(actor(*grants), HOME) == confirmed_by


def test_only_what_is_sensitive_is_not_told():
    assert [role for role in Role if not roles.is_told(role)] == [Role.PARTY_MEMBER]


def test_an_admin_of_a_district_cannot_confirm_party_membership_and_an_observer_gives_nothing():
    with pytest.raises(Forbidden):
        roles.require_may_grant(actor((Role.DISTRICT_ADMIN, DISTRICT)), Role.PARTY_MEMBER, HOME)
    with pytest.raises(ObserverReadOnly):
        roles.require_may_grant(actor((Role.OBSERVER, DISTRICT)), Role.VOLUNTEER, HOME)


@pytest.mark.parametrize(
    ("role", "kind", "fits"),
    [
        (Role.DISTRICT_ADMIN, "district", True),
        (Role.DISTRICT_ADMIN, "community", False),
        (Role.OBSERVER, "town", True),
        (Role.OBSERVER, "room", False),
        (Role.SECRETARY, "community", True),
        (Role.SECRETARY, "town", False),
        (Role.SECRETARY, "district", False),
        (Role.OWNERS_COMMITTEE, "estate", True),
        (Role.VOLUNTEER, "building", True),
        (Role.VOLUNTEER, "room", False),
    ],
)
def test_a_role_holds_at_its_own_kind_of_place(role, kind, fits):
    boss = actor((Role.DISTRICT_ADMIN, DISTRICT))
    if fits:
        roles.require_grantable(boss, "p", role, kind, [])
    else:
        with pytest.raises(roles.RoleNotGrantable):
            roles.require_grantable(boss, "p", role, kind, [])


def test_nobody_gives_a_role_to_herself():
    with pytest.raises(roles.OwnRole):
        roles.require_grantable(actor(), "boss", Role.VOLUNTEER, "community", [])


def test_the_twenty_first_role_is_refused():
    held = [HeldRole(Role.VOLUNTEER, f"d.t.c{i}") for i in range(20)]
    roles.require_grantable(actor(), "p", Role.VOLUNTEER, "community", held[1:])
    with pytest.raises(roles.TooManyRoles):
        roles.require_grantable(actor(), "p", Role.VOLUNTEER, "community", held)


def test_a_token_carries_live_roles_first_then_homes_and_at_most_twenty():
    held = [
        HeldRole(Role.SECRETARY, HOME),
        HeldRole(Role.VOLUNTEER, HOME, NOW),
        HeldRole(Role.OBSERVER, TOWN, NOW + timedelta(seconds=1)),
    ]
    assert roles.token_grants(held, [HOME, HOME], NOW) == [
        ("observer", TOWN),
        ("secretary", HOME),
        ("resident", HOME),
    ]
    homes = [f"d.t.c{i:02d}" for i in range(30)]
    assert roles.token_grants(held, homes, NOW)[:2] == [("observer", TOWN), ("secretary", HOME)]
    assert len(roles.token_grants(held, homes, NOW)) == 20


@pytest.mark.parametrize(
    ("member", "held", "standing"),
    [
        (True, [], "active"),
        (True, [HeldRole(Role.SECRETARY, HOME)], "active"),
        (False, [HeldRole(Role.SECRETARY, HOME)], "staff"),
        (False, [HeldRole(Role.PROPERTY_MANAGER, HOME + ".e1")], "staff"),
        (False, [HeldRole(Role.SECRETARY, NEXT_DOOR)], "ended"),
        (False, [HeldRole(Role.SECRETARY, HOME, NOW)], "ended"),
        (False, [HeldRole(Role.VOLUNTEER, HOME)], "ended"),
        (False, [HeldRole(Role.TOWN_ADMIN, TOWN)], "ended"),
        (False, [], "ended"),
    ],
)
def test_standing(member, held, standing):
    assert roles.standing(member, held, HOME, NOW) == standing


def test_offices_are_shown_by_weight_and_party_membership_never_among_them():
    held = [
        HeldRole(Role.VOLUNTEER, HOME),
        HeldRole(Role.PARTY_MEMBER, HOME),
        HeldRole(Role.SECRETARY, HOME),
        HeldRole(Role.OWNERS_COMMITTEE, HOME + ".e1"),
        HeldRole(Role.SUPERVISOR, NEXT_DOOR),
        HeldRole(Role.FAMILY_DOCTOR, HOME, NOW),
    ]
    assert roles.badges(held, HOME, NOW) == ["secretary", "owners_committee", "volunteer"]
    assert "party_member" not in roles.SHOWN


def test_the_badge_may_be_shown_while_the_branch_confirms_it():
    member = HeldRole(Role.PARTY_MEMBER, HOME, NOW + timedelta(days=1))
    assert roles.may_show_party_badge([member], NOW)
    assert not roles.may_show_party_badge([member], NOW + timedelta(days=1))
    assert not roles.may_show_party_badge([HeldRole(Role.SECRETARY, HOME)], NOW)
