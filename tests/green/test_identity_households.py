"""Who lives in one dwelling speaks for one household, and nobody learns which. Needs: db."""

from datetime import date

import pytest

from services.contracts.operations import identity as op
from services.identity.handlers import desk, households
from tests.support.identity_world import C_HOME, C_OTHER, World, made_up_id

pytestmark = pytest.mark.db


@pytest.fixture
def world(db) -> World:
    return World(db("identity"))


def test_a_household_has_one_key_for_one_matter_and_another_for_the_next(world):
    def living_in(room, birth):
        who = world.person()
        state = world.join(who, room=room, id_number=made_up_id(birth))
        cmd = op.DecideMembership(id=state.id, decision="approve")
        world.do(desk.decide_membership, cmd, world.staff(), world.now)
        return who

    def key(who, matter="s1", community=C_HOME):
        cmd = op.HouseholdOf(community_id=community, matter=matter)
        return world.do(households.household_of, world.vault, cmd, who, read=True).key

    first = living_in("402", date(1950, 1, 1))
    mate = living_in("402室", date(1951, 1, 1))
    next_door = living_in("403", date(1952, 1, 1))
    assert key(first) == key(mate) != key(next_door)
    assert key(first) != key(first, "s2")
    assert key(first, community=C_OTHER) is None
    asking = world.person()
    world.join(asking, room="402", id_number=made_up_id(date(1953, 1, 1)))
    assert key(asking) is None, "nobody has let her in yet"
