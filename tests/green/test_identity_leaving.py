"""Residence, tenancies, moving out and what ends with it. Needs: db."""

from datetime import timedelta

import pytest

from services.contracts.actor import Role
from services.contracts.operations import identity as op
from services.identity.domain.membership import AlreadyDecided, ReasonNeeded
from services.identity.domain.tenure import (
    ExpiryImpossible,
    MembershipOver,
    NotDecidedYet,
    RelationImpossible,
    ResidenceImpossible,
)
from services.identity.handlers import cards, desk, leaving, me
from services.identity.handlers.leaving import MembershipNotFound, OwnRequest
from tests.support.identity_world import (
    C_HOME,
    HOME,
    OTHER,
    OTHER_ESTATE,
    World,
    first_and_second,
    made_up_id,
)

pytestmark = pytest.mark.db


def member(world: World, who=None, **over) -> str:
    """Somebody asks and is let in by the committee; the membership's id."""
    state = world.join(who or world.person(), **over)
    if state.status == "pending":
        place = OTHER if "qr_token" in over else HOME
        cmd = op.DecideMembership(id=state.id, decision="approve")
        world.do(desk.decide_membership, cmd, world.staff(place), world.now)
    return state.id


def in_the_village(world: World, **over) -> dict:
    there = {"qr_token": world.qr(OTHER_ESTATE), "building": "9号楼", "unit": None}
    return {**there, "relation": "villager", **over}


def end(world: World, who, membership_id: str, reason: str | None = None) -> op.MembershipState:
    cmd = op.EndMembership(id=membership_id, reason=reason)
    return world.do(leaving.end_membership, cmd, who, world.now)


def extend(world: World, who, membership_id: str, until=None) -> op.MembershipState:
    cmd = op.ExtendMembership(id=membership_id, expires_at=until)
    return world.do(leaving.extend_membership, cmd, who, world.now)


def mine(world: World, who) -> list[op.MyMembership]:
    return world.do(me.get_me, who, world.now, read=True).memberships


def standing(world: World, who) -> list[str]:
    """How the home community was told that somebody stands, in order."""
    told = world.events("member.card_changed.v1")
    return [
        card["standing"]
        for card in told
        if (card["person_id"], card["community_id"]) == (who.person_id, C_HOME)
    ]


# -- where a member lives ------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("over", "residence"),
    [
        ({"relation": "villager"}, "local"),
        ({"relation": "villager", "residence": "away"}, "away"),
        ({"relation": "away"}, "away"),
        ({"relation": "migrant"}, "local"),
    ],
)
def test_who_lives_in_town_stays_a_member_of_the_village(world, over, residence):
    lu = world.person()
    member(world, lu, **in_the_village(world, **over))
    (card,) = world.events("member.card_changed.v1")
    assert (card["standing"], card["residence"]) == ("active", residence)
    assert [m.residence for m in mine(world, lu)] == [residence]
    cmd = op.ListMembershipRequests(cid="c-other", status="active")
    listed = world.do(
        desk.list_membership_requests, world.vault, cmd, world.staff(OTHER), world.now
    )
    assert [item.residence for item in listed.items] == [residence]


def test_who_lives_at_one_of_several_addresses_lives_there(world):
    lu = world.person()
    member(world, lu, **in_the_village(world, relation="away"))
    member(world, lu, **in_the_village(world, room="101"))
    cmd = op.GetMemberCard(person_id=lu.person_id, community_id="c-other")
    assert world.do(cards.get_member_card, cmd, world.now).residence == "local"


@pytest.mark.parametrize(
    ("over", "error"),
    [
        ({"relation": "villager"}, RelationImpossible),
        ({"relation": "tenant", "residence": "away"}, ResidenceImpossible),
        ({"relation": "owner", "expires_at": "2027-01-01T00:00:00Z"}, ExpiryImpossible),
        ({"relation": "tenant", "expires_at": "2026-11-23T04:00:00Z"}, ExpiryImpossible),
    ],
)
def test_what_contradicts_itself_is_refused_and_leaves_nothing(world, over, error):
    with pytest.raises(error):
        world.join(world.person(), **over)
    for table in ("real_names", "memberships", "kit_outbox", "attempt_locks"):
        assert not world.rows(f"SELECT 1 FROM {table}"), table


def test_several_people_live_in_one_room(world):
    for sequence in (2, 4, 6):
        member(world, id_number=made_up_id(sequence=sequence))
    rooms = world.rows("SELECT room_key, count(*) FROM memberships GROUP BY room_key")
    assert [tuple(row) for row in rooms] == [("402", 3)]


# -- moving out ----------------------------------------------------------------------------------


def test_who_moves_out_is_no_member_any_more_and_the_others_are_told(world):
    granny = world.person()
    membership_id = member(world, granny)
    assert end(world, granny, membership_id).status == "ended"
    assert world.events("membership.ended.v1") == [
        {
            "membership_id": membership_id,
            "person_id": granny.person_id,
            "community_id": C_HOME,
            "path": HOME,
            "why": "moved_out",
        }
    ]
    assert standing(world, granny) == ["active", "ended"]
    row = world.membership(membership_id)
    assert (row.ended_at, row.ended_by, row.end_reason) == (world.now, granny.person_id, None)
    assert [m.status for m in mine(world, granny)] == ["ended"]


def test_the_committee_moves_somebody_out_with_a_reason_that_she_reads(world):
    granny, staff = world.person(), world.staff()
    membership_id = member(world, granny)
    with pytest.raises(ReasonNeeded):
        end(world, staff, membership_id)
    end(world, staff, membership_id, "房屋已出售")
    assert [(m.status, m.reason) for m in mine(world, granny)] == [("ended", "房屋已出售")]
    assert world.membership(membership_id).ended_by == staff.person_id


def test_nobody_else_ends_a_membership_or_learns_of_it(world):
    membership_id = member(world)
    admin = world.person("", (Role.DISTRICT_ADMIN, "d"))
    for stranger in (world.person(), world.staff(OTHER), admin):
        with pytest.raises(MembershipNotFound):
            end(world, stranger, membership_id, "x")
    with pytest.raises(MembershipNotFound):
        end(world, world.staff(), "no-such", "x")
    assert world.membership(membership_id).status == "active"


def test_what_is_over_is_not_ended_again(world):
    granny = world.person()
    membership_id = member(world, granny)
    end(world, granny, membership_id)
    with pytest.raises(MembershipOver):
        end(world, granny, membership_id)
    assert len(world.events("membership.ended.v1")) == 1


def test_a_request_is_taken_back_by_the_person_and_decided_by_the_committee(world):
    granny, staff = world.person(), world.staff()
    waiting = world.join(granny).id
    with pytest.raises(NotDecidedYet):
        end(world, staff, waiting, "x")
    end(world, granny, waiting)
    assert not world.rows("SELECT 1 FROM real_names")
    assert standing(world, granny) == []
    with pytest.raises(AlreadyDecided):
        world.do(
            desk.decide_membership,
            op.DecideMembership(id=waiting, decision="approve"),
            staff,
            world.now,
        )


def test_the_address_may_be_joined_again(world):
    granny = world.person()
    end(world, granny, member(world, granny))
    assert world.join(granny).status == "pending"


def test_with_another_address_in_the_community_she_stays_a_member(world):
    granny = world.person("", (Role.VOLUNTEER, HOME))
    first = member(world, granny)
    member(world, granny, room="101")
    end(world, granny, first)
    assert standing(world, granny) == ["active", "active", "active"]
    assert not world.events("role.revoked.v1")
    assert len(world.rows("SELECT 1 FROM real_names")) == 1


def test_roles_that_follow_from_living_there_end_with_the_last_tie(world):
    roles = (
        (Role.OWNER, HOME),
        (Role.VOLUNTEER, f"{HOME}.e1"),
        (Role.GROUP_REPRESENTATIVE, HOME),
        (Role.PARTY_MEMBER, HOME),
        (Role.VOLUNTEER, OTHER),
    )
    granny = world.person("", *roles)
    end(world, granny, member(world, granny))
    ended = {(e["role"], e["path"]) for e in world.events("role.revoked.v1")}
    assert ended == {(role.value, path) for role, path in roles[:3]}
    query = (
        "SELECT role, path FROM grants WHERE person_id = :p AND revoked_at IS NULL ORDER BY role"
    )
    left = world.rows(query, p=granny.person_id)
    assert [tuple(row) for row in left] == [("party_member", HOME), ("volunteer", OTHER)]


def test_who_works_there_stays_as_staff(world):
    staff = world.staff()
    end(world, staff, member(world, staff))
    assert standing(world, staff)[-1] == "staff"
    assert not world.events("role.revoked.v1")


def test_the_register_s_entry_is_free_again(world):
    world.register("孙桂芳", "402")
    granny = world.person()
    end(world, granny, member(world, granny))
    assert world.rows("SELECT person_id FROM register_persons")[0].person_id is None
    assert world.join(world.person()).status == "active"


def test_who_she_is_is_forgotten_with_the_last_membership_anywhere(world):
    granny = world.person()
    here = member(world, granny)
    there = member(world, granny, **in_the_village(world))
    end(world, granny, here)
    assert len(world.rows("SELECT 1 FROM real_names")) == 1
    end(world, granny, there)
    assert not world.rows("SELECT 1 FROM real_names")
    assert world.join(world.person()).status == "pending"  # the number is free


def test_two_memberships_that_end_at_once_know_of_each_other(world):
    granny, staff = world.person("", (Role.VOLUNTEER, HOME)), world.staff()
    first, second = member(world, granny), member(world, granny, room="101")
    cmd = op.EndMembership(id=first)
    _, other = first_and_second(
        world,
        lambda uow: leaving.end_membership(uow, cmd, granny, world.now),
        lambda: end(world, staff, second, "搬走"),
    )
    assert other.result(5).status == "ended"
    assert standing(world, granny)[-1] == "ended"
    assert len(world.events("role.revoked.v1")) == 1
    assert not world.rows("SELECT 1 FROM real_names")


# -- for a time ----------------------------------------------------------------------------------


def tenancy(world: World, who, days: int) -> str:
    return member(world, who, relation="tenant", expires_at=world.now + timedelta(days=days))


def expire(world: World) -> int:
    return world.do(leaving.expire_memberships, world.now)


def test_a_tenancy_ends_by_itself_and_not_a_moment_before(world):
    zhang = world.person()
    membership_id = tenancy(world, zhang, 30)
    assert [m.expires_at for m in mine(world, zhang)] == [world.now + timedelta(days=30)]
    world.later(days=30, seconds=-1)
    assert expire(world) == 0
    world.later(seconds=1)
    assert expire(world) == 1
    assert expire(world) == 0
    (ended,) = world.events("membership.ended.v1")
    assert (ended["membership_id"], ended["why"]) == (membership_id, "expired")
    assert standing(world, zhang)[-1] == "ended"
    assert world.membership(membership_id).ended_by is None


def test_the_committee_lets_a_tenancy_run_longer_or_without_an_end(world):
    zhang, staff = world.person(), world.staff()
    membership_id = tenancy(world, zhang, 30)
    extend(world, staff, membership_id, world.now + timedelta(days=60))
    world.later(days=30)
    assert expire(world) == 0
    extend(world, staff, membership_id)
    world.later(days=365)
    assert expire(world) == 0
    assert [m.expires_at for m in mine(world, zhang)] == [None]


def test_only_its_own_committee_extends_and_only_ahead(world):
    zhang = world.person()
    membership_id = tenancy(world, zhang, 30)
    for stranger in (zhang, world.staff(OTHER)):
        with pytest.raises(MembershipNotFound):
            extend(world, stranger, membership_id)
    with pytest.raises(ExpiryImpossible):
        extend(world, world.staff(), membership_id, world.now)
    world.later(days=30)
    expire(world)
    with pytest.raises(MembershipOver):
        extend(world, world.staff(), membership_id)


def test_staff_do_not_extend_their_own_tenancy(world):
    staff = world.staff()
    membership_id = tenancy(world, staff, 30)
    with pytest.raises(OwnRequest):
        extend(world, staff, membership_id)
    extend(world, world.staff(), membership_id)


def test_an_owner_has_no_end_to_move(world):
    membership_id = member(world)
    with pytest.raises(ExpiryImpossible):
        extend(world, world.staff(), membership_id, world.now + timedelta(days=1))


def test_of_two_processes_one_ends_it(world):
    tenancy(world, world.person(), 1)
    world.later(days=1)
    with world.units() as uow:
        assert leaving.expire_memberships(uow, world.now) == 1
        assert expire(world) == 0  # the other one skips who is held
        uow.commit()
    assert len(world.events("membership.ended.v1")) == 1
