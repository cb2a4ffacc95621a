"""Members at the desk: found by room, name and what they lack; looked at one by one. Needs: db."""

from datetime import timedelta

import pytest
from sqlalchemy import update

from services.contracts.actor import Actor, Role
from services.contracts.errors import Forbidden
from services.contracts.operations import identity as op
from services.contracts.operations.base import Page
from services.identity.domain.recovery import NotAResident
from services.identity.handlers import access, leaving, members
from services.identity.models import Membership, PersonRow
from services.kit.pages import BadCursor
from tests.support.identity_world import C_HOME, C_OTHER, HOME, OTHER, World, made_up_id

pytestmark = pytest.mark.db


def listed(world: World, who: Actor, **over) -> Page[op.Member]:
    cmd = op.ListMembers.model_validate({"cid": C_HOME, **over})
    return world.do(members.list_members, world.vault, cmd, who, world.now)


def rooms(world: World, who: Actor, **over) -> list[str]:
    return [one.home.room for one in listed(world, who, **over).items]


def sheet(world: World, who: Actor, person: Actor, cid: str = C_HOME) -> op.MemberSheet:
    cmd = op.MemberOf(cid=cid, person_id=person.person_id)
    return world.do(members.get_member, world.vault, cmd, who, world.now)


def resident(world: World, name: str, room: str, nth: int, **over) -> Actor:
    """Somebody whom the register lets in at once."""
    who = world.person()
    world.register(name, room)
    number = made_up_id(sequence=2 * nth)
    assert world.join(who, real_name=name, room=room, id_number=number, **over).status == "active"
    return who


def change(world: World, table: type, where, **values) -> None:
    with world.units() as uow:
        uow.session.execute(update(table).where(where).values(**values))
        uow.commit()


@pytest.fixture
def street(world) -> dict[str, Actor]:
    until = (world.now + timedelta(days=30)).isoformat()
    return {
        "sun": resident(world, "孙桂芳", "1001", 1),
        "lu": resident(world, "陆建国", "402", 2),
        "zhou": resident(world, "周伟", "9", 3, relation="tenant", expires_at=until),
    }


def test_members_are_listed_masked_in_the_order_of_the_addresses(world, staff, street):
    page = listed(world, staff)
    assert [(one.home.room, one.real_name) for one in page.items] == [
        ("9", "周*"),
        ("402", "陆**"),
        ("1001", "孙**"),
    ]
    assert [(one.home.may_end, one.home.may_extend) for one in page.items] == [
        (True, True),
        (True, False),
        (True, False),
    ]


def test_they_are_found_by_room_whole_name_and_a_part_of_the_neighbours_name(world, staff, street):
    name = PersonRow.id == street["lu"].person_id
    change(world, PersonRow, name, display_name="老陆100%")
    assert rooms(world, staff, q="0402室") == ["402"]
    assert rooms(world, staff, q="孙 桂芳") == ["1001"]
    assert rooms(world, staff, q="孙桂") == []
    assert rooms(world, staff, q="老陆") == ["402"]
    assert rooms(world, staff, q="0%") == ["402"], "signs of a pattern are signs"
    assert rooms(world, staff, q="%") == ["402"]


def test_they_are_narrowed_by_what_they_are_and_lack(world, staff, street):
    change(world, PersonRow, PersonRow.id == street["sun"].person_id, phone_index=None)
    change(world, Membership, Membership.room == "402", register_id=None)
    soon = (world.now + timedelta(days=60)).isoformat()
    assert rooms(world, staff, relation="tenant") == ["9"]
    assert rooms(world, staff, ends_before=soon) == ["9"]
    assert rooms(world, staff, has_phone=False) == ["1001"]
    assert rooms(world, staff, registered=False) == ["402"]
    assert rooms(world, staff, building="b-1") == ["9", "402", "1001"]
    assert rooms(world, staff, building="b-2") == [] == rooms(world, staff, status="ended")


def test_pages_follow_one_another_and_each_costs_the_same(world, staff, street):
    first = listed(world, staff, limit=2)
    second = listed(world, staff, limit=2, cursor=first.next_cursor)
    assert [one.home.room for one in (*first.items, *second.items)] == ["9", "402", "1001"]
    assert second.next_cursor is None
    few = len(world.statements(lambda: listed(world, staff, limit=1)))
    assert len(world.statements(lambda: listed(world, staff, limit=3))) == few
    with pytest.raises(BadCursor):
        listed(world, staff, cursor="bm8")


def test_every_look_is_written_down_for_the_member(world, staff, street):
    listed(world, staff, q="402")
    sheet(world, staff, street["lu"])
    log = world.do(access.list_my_access_log, op.ListMyAccessLog(), street["lu"], read=True).items
    assert [line.what for line in log] == [members.SEEN_ONE, members.SEEN]
    assert {line.purpose for line in log} == {members.PURPOSE}


def test_one_member_is_shown_with_what_may_be_done(world, staff, street):
    found = sheet(world, staff, street["lu"])
    assert (found.real_name, found.birth_year, found.recovery) == ("陆**", 1949, None)
    assert found.phone is not None and "****" in found.phone
    assert found.actions == ["recover", "register_child"]
    assert found.no_recovery is None


def test_why_an_account_cannot_be_moved_is_said_before_it_is_tried(world, staff, street):
    world.grant(street["sun"], Role.COMMITTEE_STAFF, HOME)
    assert sheet(world, staff, street["sun"]).no_recovery == "office"
    change(world, PersonRow, PersonRow.id == street["lu"].person_id, phone_index=None)
    without = sheet(world, staff, street["lu"])
    assert (without.no_recovery, without.actions) == ("no_phone", ["name_helper", "register_child"])
    found = listed(world, staff, q="9").items  # others have a 9 in the name that neighbours see
    (mine,) = [one for one in found if one.person.id == street["zhou"].person_id]
    cmd = op.EndMembership(id=mine.home.id, reason="退租")
    world.do(leaving.end_membership, cmd, staff, world.now)
    gone = sheet(world, staff, street["zhou"])
    assert (gone.no_recovery, gone.actions, gone.homes[0].reason) == ("no_member", [], "退租")


def test_who_is_a_party_member_is_told_to_those_who_confirm_it(world, staff, street):
    secretary = world.person("", (Role.SECRETARY, HOME))
    assert "confirm_party" in sheet(world, secretary, street["lu"]).actions
    assert "confirm_party" not in sheet(world, staff, street["lu"]).actions
    world.grant(street["lu"], Role.PARTY_MEMBER, HOME)
    assert [one.role for one in sheet(world, secretary, street["lu"]).offices] == ["party_member"]
    assert "confirm_party" not in sheet(world, secretary, street["lu"]).actions
    assert sheet(world, staff, street["lu"]).offices == []


def test_who_has_nothing_to_do_with_the_community_is_not_found(world, staff, street):
    with pytest.raises(NotAResident):
        sheet(world, staff, world.person())
    with pytest.raises(NotAResident):
        sheet(world, world.staff(OTHER), street["lu"], cid=C_OTHER)
    with pytest.raises(Forbidden):
        listed(world, world.staff(OTHER))
    with pytest.raises(Forbidden):
        sheet(world, world.staff(OTHER), street["lu"])
