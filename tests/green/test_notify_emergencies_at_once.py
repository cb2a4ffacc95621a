"""Emergencies while things cross: answers, the list of doors, what is told. Needs: db."""

import threading
from datetime import timedelta

import pytest

from services.contracts import events as e
from services.contracts.actor import Actor, Grant, Role
from services.contracts.operations.notify import emergencies as ops
from services.notify.domain.emergencies import EmergencyClosed
from services.notify.handlers import (
    clock,
    emergencies,
    emergency_answers,
    emergency_forgetting,
    emergency_telling,
)
from services.notify.repository import emergency_people
from tests.support.emergencies import HOMES, Alarm, resident, staff
from tests.support.explained import statements
from tests.support.feed_moderators import at_once
from tests.support.identity_world import aside, until_somebody_waits_for_a_lock
from tests.support.neighbourhood import say

pytestmark = pytest.mark.db


@pytest.fixture
def alarm(emptied) -> Alarm:
    return Alarm(emptied("notify"))


def test_whoever_calls_for_help_while_her_door_is_laid_down_is_heard_for_that_door(alarm):
    fire = alarm.call()
    with alarm.units() as uow:  # she is answering: nothing is committed yet
        alone = emergency_people.add_alone(uow.session, fire, "sun", "")
        assert alone is not None
        alone.state, alone.need, alone.whole, alone.answered_at = "help", "medical", True, alarm.now
        uow.session.flush()
        emergency_people.settle(uow.session, fire, {alone.ref}, alarm.now)
        clock = threading.Thread(target=alarm.tick)
        clock.start()
        until_somebody_waits_for_a_lock(alarm.units, 20)
        uow.commit()
    clock.join(60)
    assert alarm.counts(fire) == {"households": 4, "silent": 3, "help": 1}
    (door,) = alarm.doors(fire, state="help").items
    assert (door.room, door.need) == ("101", "medical")


def test_whoever_answers_while_her_door_is_laid_down_makes_no_second_one(alarm):
    fire = alarm.call()
    answered: list[str | None] = []
    with alarm.units(ask=alarm.ask) as uow:  # the doors are being laid down
        emergency_telling.read_doors(uow, fire, alarm.now, alarm.now)
        uow.session.flush()
        answer = threading.Thread(
            target=lambda: answered.append(alarm.answer("sun", fire).household)
        )
        answer.start()
        until_somebody_waits_for_a_lock(alarm.units, 20)
        uow.commit()
    answer.join(60)
    alarm.tick()
    assert answered == ["safe"]
    assert alarm.counts(fire) == {"households": 4, "silent": 3, "safe": 1}


def test_those_behind_doors_that_come_late_are_told_though_others_were_told_before(
    alarm, monkeypatch
):
    monkeypatch.setattr(emergency_telling, "PORTION", 1)
    with alarm.units() as uow:  # the directory knows of one alone
        uow.session.connection().exec_driver_sql(
            "DELETE FROM directory_cards WHERE person_id <> 'li'"
        )
        uow.commit()
    fire = alarm.call()
    sent = alarm.inboxes.scalar("SELECT id FROM emergency_broadcasts")
    page = (emergency_telling.read_doors, fire, alarm.now, alarm.now)
    alarm.do(*page)  # sun, son, li
    for _ in range(2):
        alarm.do(emergency_telling.go_on, sent, alarm.now, alarm.now)
    assert alarm.inboxes.titles("sun"), "the last of the first page by her name"
    alarm.do(*page)  # lu, may
    alarm.tick()
    told = {who for who in ("sun", "son", "li", "lu", "may") if alarm.inboxes.titles(who)}
    assert told == {"sun", "son", "li", "lu", "may"}


def test_how_many_were_told_is_how_many_have_it(alarm):
    alarm.inboxes.prefer("sun", muted_kinds=("emergency_drill",))
    alarm.inboxes.prefer("li", muted_kinds=("emergency_drill",))
    drill = alarm.call(drill=True)
    alarm.tick()
    told = alarm.do(emergencies.figures, ops.OfEmergency(id=drill), staff(), read=True).told
    assert told == alarm.inboxes.scalar("SELECT count(*) FROM inbox") == 4


def test_whoever_answers_while_it_is_forgotten_is_counted_or_told_that_it_is_over(alarm):
    """New has no door: her answer makes one, which nothing would ever delete."""
    fire = alarm.call()
    alarm.tick()
    alarm.close(fire)
    need = {"state": "help", "need": "trapped"}
    with alarm.units(ask=alarm.ask) as uow:
        cmd = ops.AnswerEmergency(id=fire, **need)
        emergency_answers.answer(uow, cmd, resident("new"), alarm.now)
        uow.session.flush()
        later = alarm.now + timedelta(days=1)
        forgetting = aside(lambda: alarm.do(emergency_forgetting.forget, fire, later, later))
        until_somebody_waits_for_a_lock(alarm.units, 20)
        uow.commit()
    forgetting.result(10)
    assert alarm.counts(fire) == {"households": 5, "silent": 4, "help": 1}
    with pytest.raises(EmergencyClosed):
        alarm.answer("sun", fire, **need)
    assert alarm.ticked(fire, {"key": "a", "household": "b1-103", "state": "moved"}) == ["refused"]
    for table in ("households", "people", "ticks", "looks"):
        assert alarm.inboxes.scalar(f"SELECT count(*) FROM emergency_{table}") == 0


def test_a_real_call_ends_the_drills_around_it_also_while_they_are_being_told(alarm, monkeypatch):
    monkeypatch.setattr(emergency_telling, "PORTION", 2)
    everywhere, there = alarm.call(drill=True), alarm.call(drill=True, place_id="b2")
    before = alarm.inboxes.scalar("SELECT count(*) FROM inbox")
    fire = alarm.call(place_id="b1")
    alarm.tick()
    state = "SELECT state FROM emergencies WHERE id = :id"
    assert [alarm.inboxes.scalar(state, id=one) for one in (everywhere, there, fire)] == [
        "closed", "open", "open",
    ]  # fmt: skip
    drilled = (
        "SELECT count(*) FROM inbox JOIN notices n ON n.id = notice_id "
        "WHERE n.kind = 'emergency_drill' AND n.link LIKE '%' || :id"
    )
    assert alarm.inboxes.scalar(drilled, id=everywhere) == 2 <= before, "it went no further"
    assert alarm.inboxes.titles("li")[0].startswith("【紧急】")


def test_of_a_drill_and_a_real_call_at_once_no_drill_stays_open(alarm):
    looks = [alarm.look(staff(), drill=drill).confirm for drill in (True, False)]

    def call(drill: bool) -> object:
        confirm = looks[not drill]
        return alarm.look(staff(), drill=drill, dry_run=False, confirm=confirm)

    at_once([lambda: call(True), lambda: call(False)] * 3)
    open_ = "SELECT string_agg(drill::text, ' ') FROM emergencies WHERE state = 'open'"
    assert alarm.inboxes.scalar(open_) == "false"


def test_a_wide_call_asks_once_in_a_portion_which_communities_there_are(alarm, monkeypatch):
    monkeypatch.setattr(emergency_telling, "PORTION", 3)
    for n in range(6):
        here = {"community_id": f"c{n}", "path": f"demo.yuepu.c{n}"}
        alarm.inboxes.know(
            say(e.CommunityChanged, **here), say(e.MemberCardChanged, person_id=f"p{n}", **here)
        )
    head = Actor("head", "s", (Grant(Role.DISTRICT_ADMIN, "demo"),), 2**31)

    def call(**more: object) -> ops.CalledEmergency:
        cmd = ops.CallDistrictEmergency(did="demo", title="台风", message="请勿外出", **more)
        return alarm.do(emergencies.call_district, cmd, head, alarm.now, 30)

    confirm = call().confirm
    _, asked = statements(alarm.units.engine, lambda: call(dry_run=False, confirm=confirm))
    listing = "SELECT id FROM directory_communities"
    assert sum(sql.startswith(listing) for sql, _ in asked) == 1
    portions = 0
    while alarm.do(clock.do_next, alarm.now):
        portions += 1
    assert portions == 4, "three have it from the call itself, ten by three"
    everybody = len({*HOMES, "wang"}) + 6
    assert alarm.inboxes.scalar("SELECT count(*) FROM inbox") == everybody
    assert alarm.inboxes.drift() == []
