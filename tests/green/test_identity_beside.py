"""Requests to join beside the register of their rooms: masked, each look is kept. Needs: db."""

import pytest

from services.contracts.operations import identity as op
from services.identity.handlers import access, desk
from tests.support.identity_world import C_HOME, World, made_up_id

pytestmark = pytest.mark.db


def requests(world: World, who, status: str = "pending") -> list[op.MembershipRequest]:
    cmd = op.ListMembershipRequests(cid=C_HOME, status=status)
    return world.do(desk.list_membership_requests, world.vault, cmd, who, world.now).items


def test_what_the_register_has_for_the_room_stands_beside_the_request(world, staff):
    world.register("孙桂芳", "402", unit_id="u-2", birth_year=1949)
    world.register("孙大明", "0402", birth_year=1975)
    world.register("周伟", "402 室")
    world.register("郑洁", "403")
    world.join(world.person())
    (asked,) = requests(world, staff)
    assert asked.birth_year == 1949
    assert asked.beside.verdict == "name"
    assert [(e.name, e.likeness, e.differs) for e in asked.beside.entries] == [
        ("孙**", "name", ["unit"]),
        ("孙**", "surname", []),
        ("周*", "other", []),
    ]
    assert asked.beside.entries[0].unit == op.Place(id="u-2", name="2单元")
    assert asked.beside.more == 0


def test_a_room_of_the_same_number_in_another_building_is_another_room(world, staff):
    world.register("孙大明", "402", building_id="b-2")
    world.join(world.person())
    (asked,) = requests(world, staff)
    assert (asked.beside.verdict, asked.beside.entries) == ("nobody", [])


def test_of_a_full_room_the_nearest_twelve_are_shown(world, staff):
    for _ in range(13):
        world.register("周伟", "402")
    world.register("孙大明", "402")
    world.join(world.person())
    (asked,) = requests(world, staff)
    assert len(asked.beside.entries) == 12
    assert (asked.beside.entries[0].likeness, asked.beside.more) == ("surname", 2)


def test_whoever_is_shown_beside_a_request_can_read_that_she_was(world, staff):
    granny = world.person()
    entry = world.register("孙桂芳", "402", birth_year=1949)
    world.join(granny)
    world.join(world.person(), real_name="孙大明", id_number=made_up_id(sequence=4))
    assert [e.id for e in requests(world, staff)[0].beside.entries] == [entry]
    log = world.do(access.list_my_access_log, op.ListMyAccessLog(), granny, read=True).items
    assert [(line.purpose, line.what) for line in log] == [(desk.PURPOSE, desk.SEEN_MASKED)]


def test_all_rooms_are_asked_for_at_once(world, staff):
    def ask(n: int) -> int:
        for i in range(n):
            world.register("周伟", f"{n}{i}")
            world.join(world.person(), room=f"{n}{i}", id_number=made_up_id(sequence=2 * (n + i)))
        return len(world.statements(lambda: requests(world, staff)))

    assert ask(1) == ask(6)


def test_a_request_that_was_decided_has_nothing_beside_it(world, staff):
    made = world.join(world.person())
    cmd = op.DecideMembership(id=made.id, decision="refuse", reason="未能核实")
    world.do(desk.decide_membership, cmd, staff, world.now)
    (asked,) = requests(world, staff, "refused")
    assert asked.beside is None
