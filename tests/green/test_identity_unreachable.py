"""Accounts that nobody can log in to, and deletion for who has no phone. Needs: db."""

from datetime import timedelta

import pytest
from sqlalchemy import text

from services.contracts.actor import Actor, Role
from services.contracts.operations import identity as op
from services.identity.domain.deletion import DELETED_NAME, UNREACHABLE_KEPT
from services.identity.handlers import deletion, leaving
from tests.support.identity_world import HOME, World, made_up_id

pytestmark = pytest.mark.db

MONTH = UNREACHABLE_KEPT / timedelta(days=1)


@pytest.fixture
def granny(world) -> Actor:
    """A member whose account has no phone."""
    world.register("孙桂芳", "402")
    granny = world.person()
    world.join(granny)
    with world.units() as uow:
        uow.session.execute(
            text("UPDATE persons SET phone_index = NULL, phone_sealed = NULL WHERE id = :p"),
            {"p": granny.person_id},
        )
        uow.commit()
    return granny


def go(world: World) -> int:
    return world.do(deletion.delete_unreachable, world.clock, world.now)


def end(world: World, who: Actor) -> None:
    rows = world.rows(
        "SELECT id FROM memberships WHERE person_id = :p AND status = 'active'", p=who.person_id
    )
    for row in rows:
        cmd = op.EndMembership(id=row.id, reason="本人口头要求注销，邻居老陆在场")
        world.do(leaving.end_membership, cmd, world.staff(), world.now)


def test_the_committee_ends_the_membership_as_she_wishes_and_the_account_goes(world, granny):
    world.later(days=3 * MONTH)
    assert go(world) == 0, "a member is kept"
    end(world, granny)
    assert world.rows("SELECT 1 FROM real_names") == []
    world.later(days=MONTH - 1)
    assert go(world) == 0
    world.later(days=1)
    assert go(world) == 1
    assert go(world) == 0
    (row,) = world.rows("SELECT * FROM persons WHERE id = :p", p=granny.person_id)
    assert (row.display_name, row.deleted_at) == (DELETED_NAME, world.now)
    assert world.events("person.deleted.v1") == [{"person_id": granny.person_id}]
    assert world.rows("SELECT 1 FROM memberships WHERE person_id = :p", p=granny.person_id) == []


def test_who_joins_elsewhere_meanwhile_is_kept(world, granny):
    end(world, granny)
    world.later(days=MONTH - 1)
    assert world.join(granny, room="777", id_number=made_up_id(sequence=4)).status == "pending"
    world.later(days=MONTH)
    assert go(world) == 0


def test_who_can_log_in_or_holds_a_role_is_kept(world, granny):
    world.person()
    world.grant(granny, Role.PARTY_MEMBER, HOME)
    end(world, granny)
    world.later(days=3 * MONTH)
    assert go(world) == 0
    assert world.rows("SELECT 1 FROM persons WHERE deleted_at IS NOT NULL") == []
