"""Emergencies while things cross: answers, the list of doors, what is told. Needs: db."""

import threading
import time

import pytest

from services.contracts.operations.notify import emergencies as ops
from services.notify.handlers import emergencies, emergency_telling
from services.notify.repository import emergency_people
from tests.support.emergencies import Alarm, staff

pytestmark = pytest.mark.db


@pytest.fixture
def alarm(emptied) -> Alarm:
    return Alarm(emptied("notify"))


def until_somebody_waits(alarm: Alarm) -> None:
    """Until a transaction waits for another one's row."""
    ends = time.monotonic() + 20
    sql = (
        "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() "
        "AND wait_event_type = 'Lock'"
    )
    while not alarm.inboxes.scalar(sql):
        assert time.monotonic() < ends, "nobody waits"
        time.sleep(0.01)


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
        until_somebody_waits(alarm)
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
        until_somebody_waits(alarm)
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
