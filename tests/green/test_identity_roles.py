"""Roles, the Party badge, cards and the person's own page, on a real database. Needs: db."""

from datetime import timedelta

import pytest

from services.contracts.actor import Actor, Role
from services.contracts.errors import Forbidden, Invalid
from services.contracts.operations import identity as op
from services.identity.domain.roles import LastAdmin, OwnRole, RoleHeld, RoleNotGrantable
from services.identity.handlers import badge, cards, me, places, roles
from services.identity.repository import CommunityNotFound, PersonNotFound
from tests.support.identity_world import (
    C_HOME,
    C_OTHER,
    HOME,
    OTHER,
    World,
    first_and_second,
    made_up_id,
)

pytestmark = pytest.mark.db


@pytest.fixture
def secretary(world) -> Actor:
    return world.person("", (Role.SECRETARY, HOME))


@pytest.fixture
def resident(world) -> Actor:
    world.register("孙桂芳", "402")
    granny = world.person()
    assert world.join(granny).status == "active"
    return granny


def grant(world: World, by: Actor, whom: Actor, role: Role, scope: str = HOME, **over):
    cmd = op.GrantRole(person_id=whom.person_id, role=role, scope=scope, **over)
    return world.do(roles.grant_role, cmd, by, world.now)


def revoke(world: World, by: Actor, grant_id: str):
    return world.do(roles.revoke_role, op.RevokeRole(id=grant_id), by, world.now)


def show_badge(world: World, who: Actor, shown: bool) -> op.BadgeView:
    return world.do(badge.set_party_badge, op.SetPartyBadge(shown=shown), who, world.now)


def my_page(world: World, who: Actor) -> op.Me:
    return world.do(me.get_me, who, world.now, read=True)


def last_card(world: World, who: Actor, community: str = C_HOME) -> dict:
    cards = [
        c
        for c in world.events("member.card_changed.v1")
        if (c["person_id"], c["community_id"]) == (who.person_id, community)
    ]
    return cards[-1]


# -- granting and revoking -----------------------------------------------------------------------


def own_grant(world: World, who: Actor) -> str:
    (row,) = world.rows("SELECT id FROM grants WHERE person_id = :p", p=who.person_id)
    return row.id


def test_the_last_administrator_of_a_district_cannot_lay_the_office_down(world):
    first, second = (world.person("", (Role.DISTRICT_ADMIN, "d")) for _ in range(2))
    revoke(world, first, own_grant(world, first))
    with pytest.raises(LastAdmin):
        revoke(world, second, own_grant(world, second))
    assert len(world.events("role.revoked.v1")) == 1


def test_who_administers_a_district_for_a_time_is_no_successor(world):
    admin, deputy = world.person("", (Role.DISTRICT_ADMIN, "d")), world.person()
    ends = world.now + timedelta(days=1)
    given = grant(world, admin, deputy, Role.DISTRICT_ADMIN, "d", expires_at=ends)
    with pytest.raises(LastAdmin):
        revoke(world, admin, own_grant(world, admin))
    world.later(days=2)
    assert world.do(roles.expire_grants, world.now) == 1
    live = world.rows("SELECT person_id FROM grants WHERE revoked_at IS NULL")
    assert [row.person_id for row in live] == [admin.person_id]
    assert given.expires_at == ends


def test_of_the_last_two_administrators_who_lay_down_at_once_one_stays(world):
    first, second = (world.person("", (Role.DISTRICT_ADMIN, "d")) for _ in range(2))
    mine, hers = own_grant(world, first), own_grant(world, second)
    _, other = first_and_second(
        world,
        lambda uow: roles.revoke_role(uow, op.RevokeRole(id=mine), first, world.now),
        lambda: revoke(world, second, hers),
    )
    assert isinstance(other.exception(5), LastAdmin)


def test_a_granted_role_is_told_shown_and_in_the_next_token(world, secretary, resident):
    given = grant(world, secretary, resident, Role.VOLUNTEER)
    assert (given.scope, given.community.id) == (HOME, C_HOME)
    (told,) = world.events("role.granted.v1")
    assert (told["grant_id"], told["role"], told["path"]) == (given.id, "volunteer", HOME)
    assert last_card(world, resident)["role_badges"] == ["volunteer"]
    assert [r.role for r in my_page(world, resident).roles] == ["volunteer"]


def test_a_scope_may_be_named_by_id(world, secretary, resident):
    assert grant(world, secretary, resident, Role.VOLUNTEER, "b-1").scope == f"{HOME}.e1.b1"


def test_staff_from_outside_have_a_card_while_they_work_here(world, secretary):
    officer = world.person()
    given = grant(world, secretary, officer, Role.COMMUNITY_POLICE)
    assert last_card(world, officer)["standing"] == "staff"
    revoke(world, secretary, given.id)
    assert last_card(world, officer)["standing"] == "ended"
    with pytest.raises(cards.NoCard):
        world.do(
            cards.get_member_card,
            op.GetMemberCard(person_id=officer.person_id, community_id=C_HOME),
            world.now,
        )


def test_offices_above_the_communities_have_no_card(world):
    admin, official = world.person("", (Role.DISTRICT_ADMIN, "d")), world.person()
    grant(world, admin, official, Role.OBSERVER, "d.t")
    assert not world.events("member.card_changed.v1")


@pytest.mark.parametrize(
    ("role", "scope", "error"),
    [
        (Role.VOLUNTEER, OTHER, Forbidden),
        (Role.SECRETARY, HOME, Forbidden),
        (Role.OBSERVER, HOME, Forbidden),
        (Role.RESIDENT, HOME, RoleNotGrantable),
        (Role.VOLUNTEER, "u-1", RoleNotGrantable),
        (Role.VOLUNTEER, "no.such", roles.ScopeNotFound),
    ],
)
def test_what_is_not_hers_to_give_is_refused(world, secretary, resident, role, scope, error):
    with pytest.raises(error):
        grant(world, secretary, resident, role, scope)
    assert not world.events("role.granted.v1")


def test_bad_grants_are_refused(world, secretary, resident):
    with pytest.raises(OwnRole):
        grant(world, secretary, secretary, Role.VOLUNTEER)
    with pytest.raises(PersonNotFound):
        cmd = op.GrantRole(person_id="nobody", role=Role.VOLUNTEER, scope=HOME)
        world.do(roles.grant_role, cmd, secretary, world.now)
    with pytest.raises(Invalid):
        grant(world, secretary, resident, Role.VOLUNTEER, expires_at=world.now)


def test_a_role_is_held_once_also_when_two_grant_it_at_once(world, secretary, resident):
    cmd = op.GrantRole(person_id=resident.person_id, role=Role.VOLUNTEER, scope=HOME)
    _, other = first_and_second(
        world,
        lambda uow: roles.grant_role(uow, cmd, secretary, world.now),
        lambda: grant(world, secretary, resident, Role.VOLUNTEER),
    )
    assert isinstance(other.exception(5), RoleHeld)
    assert len(world.events("role.granted.v1")) == 1


def test_a_revoked_role_may_be_given_again(world, secretary, resident):
    first = grant(world, secretary, resident, Role.VOLUNTEER)
    revoke(world, secretary, first.id)
    assert [e["grant_id"] for e in world.events("role.revoked.v1")] == [first.id]
    assert my_page(world, resident).roles == []
    assert grant(world, secretary, resident, Role.VOLUNTEER).id != first.id


def test_only_who_may_give_a_role_may_take_it_but_anybody_may_lay_down_her_own(
    world, secretary, resident
):
    stranger = world.person("", (Role.SECRETARY, OTHER))
    given = grant(world, secretary, resident, Role.VOLUNTEER)
    with pytest.raises(roles.RoleNotFound):
        revoke(world, stranger, given.id)
    with pytest.raises(roles.RoleNotFound):
        revoke(world, stranger, "no-such")
    revoke(world, resident, given.id)
    with pytest.raises(roles.RoleNotFound):
        revoke(world, secretary, given.id)


def test_a_role_ends_by_itself_and_everybody_is_told(world, secretary, resident):
    ends = world.now + timedelta(days=1)
    given = grant(world, secretary, resident, Role.VOLUNTEER, expires_at=ends)
    assert world.do(roles.expire_grants, world.now) == 0
    world.later(days=1)
    assert my_page(world, resident).roles == [], "before the timer has come by"
    assert world.do(roles.expire_grants, world.now) == 1
    assert world.do(roles.expire_grants, world.now) == 0
    assert [e["grant_id"] for e in world.events("role.revoked.v1")] == [given.id]
    assert last_card(world, resident)["role_badges"] == []


# -- the Party badge -------------------------------------------------------------------------------


def test_the_badge_is_shown_only_once_the_branch_has_confirmed(world, secretary, resident):
    with pytest.raises(badge.BadgeNotConfirmed):
        show_badge(world, resident, True)
    grant(world, secretary, resident, Role.PARTY_MEMBER)
    assert [b.shown for b in my_page(world, resident).badges] == [False], "never without asking"
    assert last_card(world, resident)["badge_shown"] is False
    show_badge(world, resident, True)
    assert last_card(world, resident)["badge_shown"] is True
    assert world.events("badge.changed.v1") == [{"person_id": resident.person_id, "shown": True}]


def test_it_is_withdrawn_at_once_and_twice_changes_nothing(world, secretary, resident):
    grant(world, secretary, resident, Role.PARTY_MEMBER)
    show_badge(world, resident, True)
    for _ in range(2):
        assert show_badge(world, resident, False).shown is False
    assert last_card(world, resident)["badge_shown"] is False
    assert [e["shown"] for e in world.events("badge.changed.v1")] == [True, False]


def test_it_ends_with_the_membership_of_the_branch(world, secretary, resident):
    given = grant(world, secretary, resident, Role.PARTY_MEMBER)
    show_badge(world, resident, True)
    revoke(world, secretary, given.id)
    assert [e["shown"] for e in world.events("badge.changed.v1")] == [True, False]
    assert last_card(world, resident)["badge_shown"] is False
    assert my_page(world, resident).badges == []


def test_nobody_is_told_who_is_a_party_member_and_her_tokens_end_with_it(
    world, secretary, resident
):
    given = grant(world, secretary, resident, Role.PARTY_MEMBER)
    assert not world.events("rights.narrowed.v1"), "more rights can wait for the next token"
    revoke(world, secretary, given.id)
    ends = world.now + timedelta(days=1)
    grant(world, secretary, resident, Role.PARTY_MEMBER, expires_at=ends)
    world.later(days=1)
    assert world.do(roles.expire_grants, world.now) == 1
    narrowed = [{"person_id": resident.person_id}] * 2
    assert world.events("rights.narrowed.v1") == narrowed, "taken back, and run out"
    assert not world.events("role.granted.v1") and not world.events("role.revoked.v1")
    said = world.rows("SELECT body FROM kit_outbox WHERE body LIKE '%party_member%'")
    assert said == []


def test_the_branch_above_confirms_a_secretary_whom_nobody_else_can(world, secretary):
    world.register("石书记", "402")
    world.join(secretary, real_name="石书记")
    with pytest.raises(OwnRole):
        grant(world, secretary, secretary, Role.PARTY_MEMBER)
    admin = world.person("", (Role.TOWN_ADMIN, "d.t"))
    given = grant(world, admin, secretary, Role.PARTY_MEMBER)
    show_badge(world, secretary, True)
    assert last_card(world, secretary)["badge_shown"] is True
    revoke(world, admin, given.id)
    assert last_card(world, secretary)["badge_shown"] is False


# -- my page, cards and communities ----------------------------------------------------------------


def test_active_memberships_come_first(world, resident):
    world.later(hours=1)
    world.join(resident, room="9", relation="tenant")
    mine = my_page(world, resident)
    assert [m.status for m in mine.memberships] == ["active", "pending"]
    assert mine.memberships[0].community.model_dump() == {
        "id": C_HOME,
        "name": "样例居民区",
        "kind": "urban",
    }
    assert (mine.memberships[0].estate.name, mine.memberships[0].building.name) == (
        "样例苑",
        "1号楼",
    )
    assert mine.unread is None


def test_a_new_display_name_reaches_every_community(world, secretary, resident):
    grant(world, world.person("", (Role.SECRETARY, OTHER)), resident, Role.FAMILY_DOCTOR, OTHER)
    world.do(me.update_me, op.UpdateMe(display_name=" 孙奶奶 "), resident, world.now)
    assert last_card(world, resident)["display_name"] == "孙奶奶"
    assert last_card(world, resident, C_OTHER)["display_name"] == "孙奶奶"
    told = len(world.events("member.card_changed.v1"))
    world.do(me.update_me, op.UpdateMe(display_name="孙奶奶"), resident, world.now)
    assert len(world.events("member.card_changed.v1")) == told


def test_a_card_of_a_stranger_is_not_found(world):
    stranger = world.person()
    for person_id in (stranger.person_id, "nobody"):
        cmd = op.GetMemberCard(person_id=person_id, community_id=C_HOME)
        with pytest.raises((cards.NoCard, PersonNotFound)):
            world.do(cards.get_member_card, cmd, world.now)


def test_a_community_is_told_with_its_town_and_district(world):
    found = world.do(places.get_community, op.GetCommunity(community_id=C_HOME), read=True)
    assert (found.path, found.town_name, found.district_name) == (HOME, "样例镇", "样例区")
    for other in ("t", "b-1", "nowhere"):
        with pytest.raises(CommunityNotFound):
            world.do(places.get_community, op.GetCommunity(community_id=other), read=True)


def listed(world: World, who: Actor, limit: int = 20) -> list[str]:
    found, cursor = [], None
    while True:
        cmd = op.ListCommunities(limit=limit, cursor=cursor)
        page = world.do(places.list_communities, cmd, who, read=True)
        found += [c.id for c in page.items]
        cursor = page.next_cursor
        if cursor is None:
            return found


def test_everybody_finds_her_own_communities(world, resident):
    assert listed(world, resident) == [C_HOME]
    assert listed(world, world.person()) == []
    assert listed(world, world.person("", (Role.OWNERS_COMMITTEE, f"{HOME}.e1"))) == [C_HOME]
    observer = world.person("", (Role.OBSERVER, "d.t"))
    assert listed(world, observer) == listed(world, observer, limit=1) == [C_HOME, C_OTHER]


def test_waiting_is_not_belonging(world):
    waiting = world.person()
    assert world.join(waiting, id_number=made_up_id(sequence=4)).status == "pending"
    assert listed(world, waiting) == []
