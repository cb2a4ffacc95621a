"""The access log is whole: what other services showed is in it, too. Needs: db, broker."""

import pytest
from sqlalchemy import func, select

from services.contracts.actor import Role
from services.contracts.events import AuthorSeen, BreachReporterSeen, HouseholdSeen, ReporterSeen
from services.contracts.events.looks import Reason
from services.contracts.ids import new_id
from services.contracts.operations import identity as op
from services.grid_bridge.service import GridBridgeService
from services.grid_bridge.settings import Settings as BridgeSettings
from services.identity.domain import looks
from services.identity.handlers import access
from services.identity.models import AccessLogRow, RegisterPerson
from services.kit.verdicts import Reject
from tests.support.identity_world import C_HOME, HOME, NOW, World
from tests.support.neighbourhood import say
from tests.support.waiting import until

pytestmark = [pytest.mark.db, pytest.mark.broker]


@pytest.fixture
def units(db):
    return db("identity")


@pytest.fixture
def world(units) -> World:
    return World(units)


@pytest.fixture
def granny(world):
    return world.person("13812341234")


def about(person, staff, event=ReporterSeen, **facts):
    return say(
        event,
        **{
            "person_id": person.person_id,
            "actor_id": staff.person_id,
            "community_id": C_HOME,
            "path": HOME,
            **facts,
        },
    )


def read(world, who) -> list[op.AccessLogEntry]:
    return world.do(access.list_my_access_log, op.ListMyAccessLog(), who, read=True).items


def test_what_another_service_showed_is_a_line_with_its_reader_office_place_and_time(world, granny):
    staff = world.staff()
    seen = about(granny, staff, actor_role=Role.SECRETARY.value)
    world.do(access.heard, seen, new_id(), NOW)
    (line,) = read(world, granny)
    assert (line.actor.id, line.actor_role, line.at) == (staff.person_id, "secretary", NOW)
    assert line.community.id == C_HOME
    assert "不公开姓名的问题" in line.what
    assert line.purpose == "办理您反映的事项"


def test_each_kind_of_thing_that_was_uncovered_is_called_by_its_name(world, granny):
    staff = world.staff()
    for event in (AuthorSeen, ReporterSeen, BreachReporterSeen):
        world.do(access.heard, about(granny, staff, event), new_id(), NOW)
    said = {line.what for line in read(world, granny)}
    assert len(said) == 3
    assert "您不公开姓名的违约反映由谁提出" in said


def test_a_look_at_who_has_no_account_is_her_entrys_and_hers_once_she_joins(world, granny):
    entry = world.register("孙桂芳", "402")
    of = {"person_id": "", "emergency_id": "fire", "reason": "safety"}
    seen = about(granny, world.staff(), HouseholdSeen, **of, register_id=entry)
    for _ in range(2):
        world.do(access.heard, seen, "e-1", NOW)
    gone = about(granny, world.staff(), HouseholdSeen, **of, register_id="gone")
    world.do(access.heard, gone, "e-2", NOW)
    assert lines(world) == 1
    assert read(world, granny) == []
    with world.units() as uow:
        uow.session.get(RegisterPerson, entry).person_id = granny.person_id
        uow.commit()
    (line,) = read(world, granny)
    assert "您家的住址" in line.what


def test_the_same_event_twice_is_one_line_and_two_events_are_two(world, granny):
    seen, first = about(granny, world.staff()), new_id()
    for event_id in (first, first, new_id()):
        world.do(access.heard, seen, event_id, NOW)
    assert len(read(world, granny)) == 2


def test_ones_own_look_is_no_line(world, granny):
    world.do(access.heard, about(granny, granny), new_id(), NOW)
    assert read(world, granny) == []


def test_a_community_that_was_undone_meanwhile_keeps_no_line_from_its_person(world, granny):
    seen = about(granny, world.staff(), community_id="gone", path="d.t.gone")
    world.do(access.heard, seen, new_id(), NOW)
    (line,) = read(world, granny)
    assert line.community is None


def test_a_look_at_nobody_is_rejected(world, granny):
    with pytest.raises(Reject):
        world.do(access.heard, about(granny, granny, person_id="nobody"), new_id(), NOW)


@pytest.mark.parametrize("reason", Reason.__args__)
def test_every_reason_has_words_for_the_person(world, granny, reason):
    seen = about(granny, world.staff(), AuthorSeen, reason=reason)
    world.do(access.heard, seen, new_id(), NOW)
    (line,) = read(world, granny)
    assert line.purpose == looks.WHY[reason] != ""
    assert "不公开姓名的帖子" in line.what


def test_what_is_told_arrives_in_the_log_with_the_time_of_the_look(
    world, granny, start, start_identity, db, amqp_url
):
    start_identity(world.units, world.vault)
    bridge = db("grid_bridge")
    start(GridBridgeService, BridgeSettings, url(bridge), amqp_url)  # its relay carries the events
    staff = world.staff()
    with bridge(now=NOW) as uow:
        for issue in ("i-1", "i-2"):
            uow.emit(about(granny, staff, issue_id=issue))
        uow.commit()
    until(lambda: lines(world) == 2, what="two looks in the log", limit=20)
    assert {line.at for line in read(world, granny)} == {NOW}


def url(units):
    return units.engine.url.render_as_string(hide_password=False)


def lines(world) -> int:
    with world.units(read_only=True) as uow:
        return uow.session.scalar(select(func.count()).select_from(AccessLogRow))
