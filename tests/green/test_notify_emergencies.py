"""An emergency from the call to the report. Needs: db."""

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import text

from services.contracts import events as e
from services.contracts.actor import Actor, Grant, Role
from services.contracts.errors import Forbidden, Invalid, Unavailable
from services.contracts.operations.notify import emergencies as ops
from services.notify import copies
from services.notify.domain.emergencies import (
    AlreadyCalled,
    DoorsStand,
    EmergencyClosed,
    EmergencyNotFound,
    NoDoors,
    NoDrillNow,
    NotConfirmed,
)
from services.notify.handlers import emergencies, emergency_report, emergency_telling
from tests.green.test_notify_counts import together
from tests.support.emergencies import Alarm, resident, staff
from tests.support.neighbourhood import say

pytestmark = pytest.mark.db
FIRE_AT = "【紧急】1号楼火情"


@pytest.fixture
def alarm(db) -> Alarm:
    return Alarm(db("notify"))


def told(alarm: Alarm, kind: str) -> list[Any]:
    with alarm.units(read_only=True) as uow:
        return [
            e.REGISTRY[kind].model_validate_json(body)
            for body in uow.session.scalars(
                text("SELECT body FROM kit_outbox WHERE type = :kind ORDER BY id"), {"kind": kind}
            )
        ]


def test_a_call_takes_two_steps_and_reaches_everybody_of_the_place_at_once(alarm):
    looked = alarm.look(staff())
    assert (looked.emergency, looked.told, looked.households, looked.people) == (None, 6, 4, 6)
    assert alarm.inboxes.scalar("SELECT count(*) FROM inbox") == 0
    with pytest.raises(NotConfirmed):
        alarm.look(staff(), dry_run=False)
    with pytest.raises(NotConfirmed):
        alarm.look(staff(), dry_run=False, confirm=looked.confirm, title="别的")
    building = alarm.call(staff(), place_id="b1")
    assert [alarm.inboxes.titles(who) for who in ("sun", "son", "li", "lu", "may")] == [
        [FIRE_AT], [FIRE_AT], [FIRE_AT], [], [],
    ]  # fmt: skip
    (news,) = alarm.inboxes.items("sun")
    assert (news.body, news.link) == ("请从2号楼梯下楼，到广场集合。", f"/emergencies/{building}")
    whole = alarm.call(staff())
    assert len(alarm.inboxes.titles("may")) == 1, "who lives elsewhere is told"
    assert alarm.inboxes.drift() == []
    with pytest.raises(AlreadyCalled):
        alarm.call(staff("shi", Role.COMMUNITY_POLICE))
    with pytest.raises(NoDrillNow):
        alarm.call(staff(), drill=True, place_id="b2")
    alarm.tick()
    assert alarm.counts(whole) == {"households": 4, "silent": 4}
    assert alarm.counts(building) == {"households": 3, "silent": 3}
    assert [one.told for one in told(alarm, "emergency.told.v1")] == [3, 6, 3, 6]
    (called,) = {one.scope for one in told(alarm, "emergency.called.v1")} - {"community"}
    assert called == "building"


def test_a_call_goes_out_while_identity_is_away_and_the_doors_are_taken_later(alarm):
    alarm.away = True
    with pytest.raises(Unavailable):
        alarm.look(staff(), place_id="b1")
    fire = alarm.call()
    assert alarm.inboxes.titles("lu") == [FIRE_AT]
    assert alarm.answer("new", fire, "help", need="trapped").household == "help"
    take = (emergencies.take_doors, ops.OfEmergency(id=fire), staff())
    with pytest.raises(Unavailable):
        alarm.do(*take, alarm.now)
    alarm.away = False
    assert alarm.answer("sun", fire, "help", need="medical", note="心脏不适").household == "help"
    assert alarm.do(*take, alarm.now).doors == "reading"
    with pytest.raises(DoorsStand):
        alarm.do(*take, alarm.now)
    alarm.tick()
    assert alarm.counts(fire) == {"households": 5, "silent": 3, "help": 2}, "sun has her door now"
    with alarm.units(read_only=True) as uow:
        rows = uow.session.execute(
            text("SELECT ref FROM emergency_households WHERE state = 'help'")
        )
        assert "b1-101" in {row.ref for row in rows}
    lost = alarm.do(emergencies.figures, ops.OfEmergency(id=fire), staff(), read=True)
    assert (lost.doors, lost.told) == ("ready", 6)


def test_who_is_at_home_is_heard_by_one_tap_and_staff_by_the_door(alarm):
    with alarm.units() as uow:
        uow.session.execute(
            text("INSERT INTO robots VALUES ('shangyuan', 't', '***', 'wang', now())")
        )
        uow.commit()
    fire = alarm.call()
    alarm.tick()
    assert [one.asked for who in ("sun", "may") for one in alarm.mine(who)] == [True, False]
    alarm.answer("sun", fire)
    assert alarm.counts(fire) == {"households": 4, "silent": 3, "safe": 1}
    assert alarm.mine("son")[0].household == "safe", "one answers for all at home"
    for _ in range(2):
        alarm.answer("son", fire, "help", need="medical", note="扭伤", whole=False)
    alarm.answer("sun", fire)
    assert alarm.counts(fire) == {"households": 4, "silent": 3, "help": 1}
    help_ = "【紧急】尚园居民区有人求助：医疗急救"
    assert alarm.inboxes.titles("shi") == [help_], "once, though it was said twice"
    robot = "SELECT count(*) FROM deliveries WHERE channel = 'dingtalk' AND lane = 'emergency'"
    assert alarm.inboxes.scalar(robot) == 1, "the committee's group hears it, too"
    assert [one.need for one in told(alarm, "emergency.help_asked.v1")] == ["medical"]
    (door,) = alarm.doors(fire, state="help").items
    assert (door.building, door.room, door.floor, door.need, door.note) == (
        "1号楼", "101", 1, "medical", "扭伤",
    )  # fmt: skip
    alarm.answer("new", fire, "help", need="other")
    assert [one.name for one in alarm.doors(fire, state="help").items] == [None, "new"]
    alarm.later(minutes=5)
    ticks = [
        {"key": "k1", "household": "b1-101", "state": "safe", "note": "已送医"},
        {"key": "k2", "household": "b1-103", "state": "absent"},
        {"key": "k2", "household": "b1-103", "state": "moved"},
        {"key": "k3", "household": "nowhere", "state": "safe"},
        {"key": "k4", "household": "b2-201", "state": "help", "need": "alone"},
    ]
    assert alarm.ticked(fire, *ticks) == ["done", "done", "before", "refused", "done"]
    assert alarm.ticked(fire, *ticks) == ["before", "before", "before", "refused", "before"]
    assert alarm.counts(fire) == {
        "households": 5, "silent": 1, "safe": 1, "help": 2, "absent": 1,
    }  # fmt: skip
    silent = alarm.doors(fire).items
    assert [(one.building, one.room, one.people) for one in silent] == [("1号楼", "102", 1)]
    (absent,) = alarm.doors(fire, state="absent").items
    assert (absent.tick.by, absent.tick.by_role, absent.tick.at) == (
        "小王", "committee_staff", alarm.now,
    )  # fmt: skip
    old = {"key": "k5", "household": "b1-101", "state": "absent"}
    assert alarm.ticked(fire, {**old, "at": alarm.now - timedelta(minutes=3)}) == ["done"]
    assert alarm.doors(fire, state="safe").items[0].room == "101", "what is known later counts"
    for bad in (
        lambda: alarm.answer("sun", fire, "help"),
        lambda: alarm.ticked(fire, {**old, "key": "k6", "state": "help"}),
    ):
        with pytest.raises(Invalid):
            bad()
    with pytest.raises(EmergencyNotFound):
        alarm.answer("stranger", fire)


def test_whoever_sees_a_door_is_told_of_once_a_day_and_whoever_watches_sees_figures(alarm):
    fire = alarm.call()
    alarm.tick()
    first = alarm.doors(fire, limit=2)
    assert first.next_cursor
    rest = alarm.doors(fire, limit=2, cursor=first.next_cursor)
    assert [one.room for one in (*first.items, *rest.items)] == ["101", "102", "103", "201"]
    alarm.doors(fire)
    looks = told(alarm, "household.seen.v1")
    assert sorted(one.person_id for one in looks) == ["", "li", "lu", "may", "son", "sun"]
    (entry,) = [one.register_id for one in looks if not one.person_id]
    assert entry == "r-103", "who has no account is seen, too"
    assert {(one.reason, one.actor_id, one.actor_role) for one in looks} == {
        ("safety", "wang", "committee_staff")
    }
    alarm.now += timedelta(days=1)
    alarm.doors(fire, building="2号楼")
    assert len(told(alarm, "household.seen.v1")) == 8
    watcher = Actor("leader", "s", (Grant(Role.OBSERVER, "demo.yuepu"),), 2**31)
    town = Actor("town", "s", (Grant(Role.TOWN_ADMIN, "demo.yuepu"),), 2**31)
    seen = alarm.do(emergencies.headcount, ops.OfEmergency(id=fire), watcher, read=True)
    assert (seen.total.households, seen.total.people, seen.total.withheld) == (4, 6, True)
    assert (seen.total.silent, seen.buildings) == (0, []), "four households are too few to watch"
    exact = alarm.do(emergencies.headcount, ops.OfEmergency(id=fire), town, read=True)
    assert [(one.building, one.households, one.people) for one in exact.buildings] == [
        ("1号楼", 3, 5), ("2号楼", 1, 1),
    ]  # fmt: skip
    report = ops.OfEmergency(id=fire)
    may = {
        who.person_id: (shown.may_lead, shown.may_knock)
        for who in (watcher, town, staff())
        for shown in [alarm.do(emergencies.figures, report, who, read=True)]
    }
    assert may == {"leader": (False, False), "town": (True, False), "wang": (True, True)}
    watched = alarm.do(emergency_report.report, report, watcher, alarm.now, read=True)
    assert (watched.headcount, watched.buildings, watched.needs) == (seen.total, [], [])
    assert not {"sun", "li", "lu", "101"} & set(seen.model_dump_json().split('"'))
    grid = Actor("grid", "s", (Grant(Role.GRID_OPERATOR, "demo"),), 2**31)
    for who in (watcher, town, grid, resident("sun")):
        with pytest.raises(Forbidden):
            alarm.doors(fire, who)


def test_it_is_told_again_to_the_silent_and_ended_and_forgotten_but_for_the_counts(alarm):
    fire = alarm.call()
    alarm.tick()
    alarm.answer("sun", fire)
    again = ops.TellEmergency(id=fire, text="请报平安", to="silent")
    sent = alarm.do(emergencies.tell, again, staff(), alarm.now)
    assert (sent.told, sent.done) == (4, True)
    assert [len(alarm.inboxes.titles(who)) for who in ("sun", "son", "li", "lu", "new")] == [
        1, 1, 2, 2, 2,
    ]  # fmt: skip
    assert alarm.mine("sun")[0].latest == "请从2号楼梯下楼，到广场集合。"
    alarm.later(minutes=20)
    alarm.answer("lu", fire, "help", need="alone", note="老人在家")
    alarm.ticked(fire, {"key": "a", "household": "b1-103", "state": "moved"})
    end = alarm.now
    assert alarm.close(fire).closed_at == end
    for late in (
        lambda: alarm.close(fire),
        lambda: alarm.answer("li", fire),
        lambda: alarm.do(emergencies.tell, again, staff(), alarm.now),
    ):
        with pytest.raises(EmergencyClosed):
            late()
    assert alarm.inboxes.titles("sun")[0] == "【紧急】已解除：1号楼火情"
    alarm.later(minutes=5)
    assert alarm.answer("li", fire, "help", need="trapped").household == "help", "never lost"
    queued = {"household": "b1-101", "state": "absent", "at": end - timedelta(minutes=1)}
    assert alarm.ticked(fire, {**queued, "key": "b"}, {**queued, "key": "c", "at": alarm.now}) == [
        "done",
        "refused",
    ]
    of = ops.OfEmergency(id=fire)
    report = alarm.do(emergency_report.report, of, staff(), alarm.now, read=True)
    assert (report.final, report.by_phone, report.at_the_door, report.late) == (False, 2, 2, 1)
    assert report.heard_within == {"15": 1, "30": 4, "60": 4}
    assert {one.need: one.households for one in report.needs} == {"alone": 1, "trapped": 1}
    held = copies.held_about
    with alarm.units(read_only=True) as uow:
        (mine,) = held(uow, "lu")["emergencies"]["items"]
    assert (mine["state"], mine["note"]) == ("help", "老人在家")
    paper = alarm.do(
        emergency_report.document,
        ops.GetEmergencyReportFile(id=fire, format="pdf"),
        staff(),
        alarm.now,
        read=True,
    )
    assert "老人在家" not in paper.model_dump_json() and "应急事件报告" in paper.title
    alarm.later(days=30)
    final = alarm.do(emergency_report.report, of, staff(), alarm.now, read=True)
    assert (final.final, final.headcount, final.needs) == (True, report.headcount, report.needs)
    for table in ("households", "people", "ticks", "looks"):
        assert alarm.inboxes.scalar(f"SELECT count(*) FROM emergency_{table}") == 0
    assert alarm.doors(fire).items == []
    with pytest.raises(EmergencyNotFound):
        alarm.answer("li", fire, "help", need="trapped")
    assert [one.silent for one in told(alarm, "emergency.counted.v1")] == [3, 1]


def test_a_drill_wakes_nobody_and_says_so_and_a_district_is_told_without_asking(alarm):
    alarm.inboxes.prefer("sun", muted_kinds=("emergency_drill",))
    drill = alarm.call(drill=True)
    assert alarm.inboxes.titles("sun") == [], "muted"
    assert alarm.inboxes.titles("li") == ["【演练】1号楼火情"]
    assert alarm.inboxes.scalar("SELECT count(*) FROM lane_uses") == 0
    assert alarm.mine("li")[0].drill
    fire = alarm.call()
    assert alarm.inboxes.titles("sun") == [FIRE_AT], "nobody mutes an emergency"
    assert alarm.inboxes.scalar("SELECT actor_id FROM lane_uses") == "wang"
    assert drill != fire
    (mine, over) = alarm.mine("li")
    assert (mine.id, mine.state, over.id, over.state) == (fire, "open", drill, "closed")
    assert not over.asked, "nobody ticks safe in the drill by mistake"
    assert "已解除" not in " ".join(alarm.inboxes.titles("li")), "no all-clear beside an emergency"
    head = Actor("head", "s", (Grant(Role.DISTRICT_ADMIN, "demo"),), 2**31)
    with alarm.units(read_only=True) as uow:
        did = uow.session.scalar(text("SELECT district_id FROM directory_communities"))

    def district(**more: Any) -> ops.CalledEmergency:
        cmd = ops.CallDistrictEmergency(did=did, title="台风", message="请勿外出", **more)
        return alarm.do(emergencies.call_district, cmd, head, alarm.now, 30)

    looked = district()
    assert (looked.told, looked.households) == (7, None)
    storm = district(dry_run=False, confirm=looked.confirm).emergency
    assert storm is not None and storm.scope == "district"
    assert alarm.inboxes.titles("lu")[0] == "【紧急】台风"
    assert [one.asked for one in alarm.mine("lu") if one.id == storm.id] == [False]
    for refused in (
        lambda: alarm.answer("lu", storm.id),
        lambda: alarm.do(
            emergencies.tell, ops.TellEmergency(id=storm.id, text="x", to="silent"), head, alarm.now
        ),
    ):
        with pytest.raises(NoDoors):
            refused()
    of = ops.ListDistrictEmergencies(did=did)
    assert len(alarm.do(emergencies.listed_in_district, of, head, read=True).items) == 3
    here = ops.ListEmergencies(cid="shangyuan", state="open")
    assert len(alarm.do(emergencies.listed, here, staff(), read=True).items) == 2


def test_who_leaves_for_good_takes_her_words_with_her(alarm):
    fire = alarm.call()
    alarm.tick()
    alarm.answer("sun", fire, "help", need="medical", note="心脏不适")
    alarm.answer("new", fire)
    for person in ("sun", "new"):
        alarm.inboxes.know(say(e.PersonDeleted, person_id=person))
    assert alarm.counts(fire) == {"households": 4, "silent": 3, "help": 1}
    (door,) = alarm.doors(fire, state="help").items
    assert door.note is None
    assert alarm.inboxes.scalar("SELECT count(*) FROM emergency_people") == 4
    with pytest.raises(EmergencyNotFound):
        alarm.answer("new", fire)


def test_those_who_call_or_answer_at_the_same_time_do_not_cross(alarm):
    outcomes: list[str] = []

    def call() -> None:
        try:
            outcomes.append(alarm.call(staff("shi")))
        except AlreadyCalled:
            outcomes.append("")

    together(*[call] * 4)
    (fire,) = [one for one in outcomes if one]
    alarm.tick()
    assert alarm.inboxes.page("sun").unread == 1
    together(
        lambda: [alarm.answer("sun", fire, whole=False) for _ in range(8)],
        lambda: alarm.answer("son", fire, whole=False),
        lambda: alarm.answer("lu", fire),
        lambda: alarm.ticked(
            fire,
            {"key": "a", "household": "b1-102", "state": "safe"},
            {"key": "b", "household": "b1-103", "state": "absent"},
        ),
        lambda: alarm.ticked(
            fire,
            {"key": "b", "household": "b1-103", "state": "absent"},
            {"key": "a", "household": "b1-102", "state": "safe"},
        ),
    )
    assert alarm.counts(fire) == {"households": 4, "safe": 3, "absent": 1}
    assert alarm.inboxes.scalar("SELECT count(*) FROM emergency_ticks") == 2
    assert alarm.inboxes.drift() == []


def test_many_are_told_portion_by_portion_each_once_whatever_breaks_off(alarm, monkeypatch):
    monkeypatch.setattr(emergency_telling, "PORTION", 2)
    fire = alarm.call(place_id=None)
    assert alarm.inboxes.scalar("SELECT count(*) FROM inbox") == 2, "the call does not wait for all"
    alarm.tick()
    assert alarm.inboxes.scalar("SELECT count(*) FROM inbox") == 6
    told_ = alarm.do(emergencies.figures, ops.OfEmergency(id=fire), staff(), read=True).told
    assert (told_, alarm.inboxes.drift()) == (6, [])
