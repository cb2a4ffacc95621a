"""What ended a moment ago, for a gateway that did not hear it. Needs: db."""

from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import text

from services.contracts.actor import Role
from services.contracts.operations import identity as op
from services.identity.handlers import assistance, revocations, roles, sessions
from tests.support.identity_world import HOME, World

pytestmark = pytest.mark.db

PHONE = "13812341234"


def ended(world: World) -> op.Revocations:
    return world.do(revocations.list_revocations, read=True)


def said(world: World, minutes: float) -> None:
    with world.units() as uow:
        uow.session.execute(
            text("UPDATE kit_outbox SET published_at = clock_timestamp() - :ago"),
            {"ago": timedelta(minutes=minutes)},
        )
        uow.commit()


def test_it_tells_sessions_people_and_help_that_ended_and_who_watches_now(world):
    admin = world.person("", (Role.TOWN_ADMIN, "d.t"))
    logged_out, helped = world.person(PHONE), world.person()
    watching, serving = world.person(), world.person("", (Role.VOLUNTEER, HOME))
    world.log_in(PHONE, "246810", demo=True)
    world.do(sessions.end_all, logged_out.person_id, "logout", world.clock)
    for whom, role in ((watching, Role.OBSERVER), (helped, Role.SECRETARY)):
        cmd = op.GrantRole(person_id=whom.person_id, role=role, scope=HOME)
        world.do(roles.grant_role, cmd, admin, world.now)
    believing = world.person("", (Role.PARTY_MEMBER, HOME))
    for who in (serving, believing):
        (own,) = world.rows("SELECT id FROM grants WHERE person_id = :p", p=who.person_id)
        world.do(roles.revoke_role, op.RevokeRole(id=own.id), who, world.now)
    name = op.NameHelper(phone=PHONE, relationship="邻居")
    named = world.do(assistance.name_helper, world.vault, name, helped, world.now)
    with world.units() as uow:
        uow.session.execute(
            text("UPDATE assistances SET helper_id = :h"), {"h": logged_out.person_id}
        )
        uow.commit()
    world.do(assistance.end_assistance, op.EndAssistance(id=named.id), helped, world.now)

    found = ended(world)
    assert [s.person_id for s in found.sessions] == [logged_out.person_id]
    changed = {watching.person_id, serving.person_id, believing.person_id}
    assert {p.person_id for p in found.people} == changed
    (help_,) = found.helps
    assert (help_.helper_id, help_.subject_id) == (logged_out.person_id, helped.person_id)


def test_it_tells_real_times_and_nothing_older_than_a_token_can_be(world):
    world.later(days=40)  # the demo's clock has been moved
    serving = world.person("", (Role.VOLUNTEER, HOME))
    (own,) = world.rows("SELECT id FROM grants WHERE person_id = :p", p=serving.person_id)
    world.do(roles.revoke_role, op.RevokeRole(id=own.id), serving, world.now)
    said(world, 14)
    (person,) = ended(world).people
    assert abs(datetime.now(UTC) - timedelta(minutes=14) - person.at) < timedelta(minutes=1)
    said(world, 16)
    assert ended(world) == op.Revocations(sessions=[], people=[], helps=[])
