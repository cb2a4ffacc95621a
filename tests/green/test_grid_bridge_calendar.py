"""Days off and limits that districts enter, and the promises that they move. Needs: db."""

from datetime import UTC, datetime, timedelta

import eventlet
import pytest
from sqlalchemy import event as sqlalchemy_event

from services import directory
from services.contracts.errors import Forbidden, ShequError
from services.contracts.events import (
    CommunityClosed,
    PostUnanswered,
    PromiseAtRisk,
    PromiseBroken,
    PromiseMoved,
    WorkOrderAmended,
    WorkOrderOpened,
)
from services.grid_bridge import copies, workdays
from services.grid_bridge.domain.calendars import (
    BadCalendar,
    BadLimits,
    LimitsChangedMeanwhile,
    NotOfThisDistrict,
)
from services.grid_bridge.domain.sla import ZONE
from services.grid_bridge.repository_districts import DistrictNotFound
from services.kit.pages import BadCursor
from tests.support.bridge import (
    ADMIN,
    JUYUAN,
    LU,
    NEXT_DOOR,
    OBSERVER,
    PATHS,
    SHANGYUAN,
    SHI,
    STRANGER,
    SUN,
    TOWN,
    kinds,
)
from tests.support.bridge_clocks import ADMIN_ELSEWHERE, NEW_YEAR, Clocks

pytestmark = pytest.mark.db

WEDNESDAY = datetime(2026, 12, 30, 2, 0, tzinfo=UTC)  # 10:00 here

TO_SUSPENDED = ("accepted", "verifying", "registered", "dispatched", "disposing", "suspended")


def cst(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=ZONE)


@pytest.fixture
def bridge(db, tmp_path) -> Clocks:
    bridge = Clocks(db("grid_bridge"), tmp_path)
    bridge.now = WEDNESDAY
    return bridge


def test_a_promise_over_new_year_moves_when_the_year_is_entered_and_says_why(bridge):
    first = bridge.report().id
    assert not bridge.issue(first).promise.provisional
    advised = bridge.triaged(category="advise")
    promise = bridge.issue(advised).promise
    assert (promise.due_at, promise.provisional) == (cst("2027-01-06T10:00"), True)
    trying = bridge.triaged(category="dispose")
    bridge.step(trying, "undertaking", due_at=cst("2027-02-10T10:00"))
    assert bridge.issue(trying).promise.due_at == cst("2027-01-20T10:00")  # 15 days and no more
    answered = bridge.triaged(category="advise")
    bridge.answer(answered)
    assert bridge.renew() == 0, "nobody has entered anything"
    shown = bridge.enter(NEW_YEAR)
    assert (shown.layer, shown.provisional, shown.settled) == ("entered", False, False)
    assert bridge.renew_all(limit=2) == 3
    promise = bridge.issue(advised).promise
    assert (promise.due_at, promise.provisional) == (cst("2027-01-07T10:00"), False)
    assert bridge.issue(trying).promise.due_at == cst("2027-01-21T10:00")
    assert kinds(bridge.issue(first)) == ["reported"], "its date is the same: nothing to tell"
    line = bridge.issue(advised, LU).timeline[-1]
    assert (line.kind, line.actor_role) == ("promise_moved", "clock")
    assert line.text == "工作日安排公布后，承诺期限由 1月6日 10:00 调整为 1月7日 10:00"
    told = {event.issue_id: (event.was_due_at, event.due_at) for event in bridge.told(PromiseMoved)}
    assert told.keys() == {advised, trying}
    assert told[advised] == (cst("2027-01-06T10:00"), cst("2027-01-07T10:00"))
    assert bridge.renew_all() == 0
    assert not bridge.calendar(2027).settled, "somebody may be promising by the one before"
    bridge.now += timedelta(minutes=3)
    assert bridge.renew_all() == 0 and bridge.calendar(2027).settled
    # what is promised from now on goes by the year at once
    fresh = bridge.triaged(category="advise")
    promise = bridge.issue(fresh).promise
    assert (promise.due_at, promise.provisional) == (cst("2027-01-07T10:03"), False)
    # a correction moves it again
    bridge.enter({**NEW_YEAR, "2027-01-05": False})
    assert bridge.renew_all() == 4
    assert bridge.issue(fresh).promise.due_at == cst("2027-01-08T10:03")
    assert bridge.issue(first).promise.due_at == cst("2026-12-31T10:00")


def test_a_worked_saturday_brings_a_promise_nearer_and_breaks_none(bridge):
    bridge.limit(advise=3)
    early, late = (bridge.triaged(category="advise") for _ in range(2))
    assert bridge.issue(early).promise.due_at == cst("2027-01-04T10:00")
    bridge.enter({"2027-01-02": True}, complete=False)
    bridge.renew_all()
    promise = bridge.issue(early).promise
    assert (promise.due_at, promise.provisional) == (cst("2027-01-02T10:00"), True)
    bridge.answer(early)
    bridge.now = cst("2027-01-01T20:00")
    bridge.enter({"2027-01-01": True, "2027-01-02": False})
    bridge.renew_all()
    assert bridge.issue(late).promise.due_at == cst("2027-01-04T10:00")
    bridge.now = cst("2027-01-03T09:00")
    bridge.enter({"2027-01-01": True, "2027-01-02": True})
    bridge.renew_all()
    assert bridge.issue(late).promise.due_at == cst("2027-01-04T10:00"), "it was not broken by it"


def test_the_ladder_is_set_anew_and_nothing_is_said_twice(bridge):
    bridge.limit(consult=2)
    issue_id = bridge.triaged(category="consult")
    bridge.now = cst("2027-01-01T10:30")  # beyond the provisional limit
    assert sum(iter(bridge.chase, 0)) == 2
    assert bridge.issue(issue_id).promise.told_to == "committee"
    bridge.enter({"2027-01-01": False, "2027-01-04": False})
    bridge.renew_all()
    promise = bridge.issue(issue_id).promise
    assert (promise.due_at, promise.overdue, promise.told_to) == (
        cst("2027-01-05T10:00"), False, None,
    )  # fmt: skip
    assert not promise.at_risk
    assert bridge.chase() == 0
    bridge.now = cst("2027-01-05T10:00")
    assert sum(iter(bridge.chase, 0)) == 1
    bridge.now = cst("2027-01-06T10:00")
    assert sum(iter(bridge.chase, 0)) == 1
    assert len(bridge.told(PromiseAtRisk)) == 1
    levels = [(event.level, event.due_at) for event in bridge.told(PromiseBroken)]
    assert levels == [
        ("committee", cst("2027-01-01T10:00")),
        ("committee", cst("2027-01-05T10:00")),
        ("town", cst("2027-01-05T10:00")),
    ]


def test_an_order_that_nobody_took_on_gets_its_limits_anew_and_the_others_keep_theirs(bridge):
    waiting, taken = bridge.escalated(), bridge.escalated()
    bridge.walk(taken.no, TO_SUSPENDED)
    (opened, _) = bridge.told(WorkOrderOpened)
    bridge.enter(NEW_YEAR)
    assert bridge.renew_all() == 2
    (amended,) = bridge.told(WorkOrderAmended)
    assert amended.work_order_no == waiting.no
    now = bridge.order(waiting.no)
    assert amended.deadlines.overall == now.deadline > opened.deadlines.overall
    assert len(amended.deadlines.stages) == len(opened.deadlines.stages)
    assert bridge.issue(waiting.issue_id).promise.due_at == now.deadline
    assert "promise_moved" in kinds(bridge.issue(waiting.issue_id))
    assert bridge.order(taken.no).deadline == taken.deadline
    held = bridge.issue(taken.issue_id).promise
    assert (held.paused, held.due_at) == (True, taken.deadline)
    bridge.pass_days(2)
    bridge.update(taken.no, 7, "disposing")
    resumed = bridge.issue(taken.issue_id).promise
    assert not resumed.paused and resumed.due_at >= taken.deadline + timedelta(days=2)
    kept = [step["kind"] for step in bridge.promise_row(taken.issue_id).steps]
    assert kept == ["fixed", "stood"]


def test_a_published_table_that_reaches_further_settles_what_was_provisional(bridge, monkeypatch):
    issue_id = bridge.triaged(category="advise")
    bridge.post("p1", at=bridge.now + timedelta(days=1))
    assert bridge.clock("p1").provisional
    publish_2027(monkeypatch)
    assert bridge.renew_all() == 2
    promise = bridge.issue(issue_id).promise
    assert (promise.due_at, promise.provisional) == (cst("2027-01-07T10:00"), False)
    assert bridge.clock("p1").due_at == cst("2027-01-02T10:00")
    assert bridge.renew_all() == 0


OFF = {"2027-01-01", "2027-01-03", "2027-01-04", "2026-12-26", "2026-12-27"}


def publish_2027(monkeypatch) -> None:
    """The published table reaches a year further."""
    years = workdays._published_years() | {2027}
    monkeypatch.setattr(workdays, "_published_years", lambda: years)
    monkeypatch.setattr(
        workdays.chinese_calendar, "is_workday", lambda day: day.isoformat() not in OFF
    )


def test_a_turn_that_dies_leaves_nothing_half_done_and_a_promise_may_end_meanwhile(bridge):
    issues = [bridge.triaged(category="advise") for _ in range(6)]
    bridge.enter(NEW_YEAR)
    with bridge.units() as uow:  # killed before its commit
        from services.grid_bridge.handlers import renewing

        assert renewing.renew(uow, bridge.now, limit=3) == 3
    assert bridge.told(PromiseMoved) == []

    def turn(number: int) -> int:
        if number < 2:
            bridge.answer(issues[number])
            return 0
        return sum(iter(lambda: bridge.renew(2), 0))

    done = sum(eventlet.GreenPool(5).imap(turn, range(5))) + bridge.renew_all()
    moved = [event.issue_id for event in bridge.told(PromiseMoved)]
    assert len(moved) == len(set(moved)) == done
    assert set(issues[2:]) <= set(moved)
    for issue_id in issues[:2]:
        assert bridge.issue(issue_id).promise is None
        assert kinds(bridge.issue(issue_id))[-1] == "answered", "nothing is told after its end"
    for issue_id in issues[2:]:
        assert bridge.issue(issue_id).promise.due_at == cst("2027-01-07T10:00")
    bridge.now += timedelta(days=30)
    assert bridge.renew() == 0
    assert bridge.calendar(2027).settled


def test_what_a_promise_goes_by_is_asked_once_for_many(bridge):
    def queries(act) -> int:
        seen = []
        hook = lambda *args: seen.append(args[2])  # noqa: E731
        sqlalchemy_event.listen(bridge.engine, "before_cursor_execute", hook)
        try:
            act()
        finally:
            sqlalchemy_event.remove(bridge.engine, "before_cursor_execute", hook)
        return sum("directory_communities AS here" in one and "sla_limits" in one for one in seen)

    bridge.enter(NEW_YEAR)
    for _ in range(5):
        bridge.report()
    bridge.now += timedelta(days=1)
    assert queries(lambda: bridge.chase()) == 1
    bridge.enter({})
    assert queries(lambda: bridge.renew()) == 1


def test_the_clocks_of_a_community_that_was_taken_back_stop_nobody_elses(bridge, monkeypatch):
    bridge.now += timedelta(days=1)
    gone = bridge.take_in(NEXT_DOOR, cid=JUYUAN, anonymous=True).id
    bridge.post("p-gone", community_id=JUYUAN, path=PATHS[JUYUAN])
    kept = bridge.report().id
    bridge.post("p-kept")
    closed = CommunityClosed(community_id=JUYUAN, path=PATHS[JUYUAN], why="undone")
    with bridge.units() as uow:
        directory.project(uow, closed)
        uow.commit()
    publish_2027(monkeypatch)
    assert bridge.renew_all() == 2 * 2
    bridge.pass_days(30)
    while bridge.chase() + bridge.chase_posts():
        pass
    assert {event.issue_id for event in bridge.told(PromiseBroken)} == {gone, kept}
    assert {event.post_id for event in bridge.told(PostUnanswered)} == {"p-gone", "p-kept"}


def test_who_enters_a_year_and_who_reads_it(bridge):
    for who in (SHI, TOWN, ADMIN_ELSEWHERE, SUN):
        with pytest.raises(Forbidden):
            bridge.enter(NEW_YEAR, by=who)
    for days, year in (({"2026-12-31": False}, 2027),):
        with pytest.raises(BadCalendar) as wrong:
            bridge.enter(days, year=year)
        assert [error.field for error in wrong.value.errors] == ["days.0.day"]
    with pytest.raises(ShequError):
        bridge.enter(NEW_YEAR, did="nowhere")
    before = bridge.calendar(2027)
    assert (before.layer, before.provisional, before.days) == ("weekdays", True, [])
    published = bridge.calendar(2026)
    assert (published.layer, published.entered_years) == ("published", [])
    assert {day.layer for day in published.days} == {"published"}
    bridge.enter(NEW_YEAR)
    bridge.enter({"2026-10-10": False}, year=2026, complete=False)
    shown = bridge.calendar(2027, SUN)
    assert [(str(day.day), day.worked) for day in shown.days] == list(NEW_YEAR.items())
    assert (shown.source, shown.entered_by) == ("国办发", None)
    assert bridge.calendar(2027, ADMIN).entered_by == ADMIN.person_id
    corrected = bridge.calendar(2026, OBSERVER)
    assert corrected.layer == "published" and corrected.entered_years == [2026, 2027]
    assert ("entered", False) in {(day.layer, day.worked) for day in corrected.days}
    with pytest.raises(DistrictNotFound):
        bridge.calendar(2027, STRANGER)
    assert len(bridge.rows("SELECT * FROM calendar_years")) == 2
    with bridge.units(read_only=True) as uow:
        found = copies.held_about(uow, ADMIN.person_id)
    assert {one["year"] for one in found["calendars"]["items"]} == {2026, 2027}


def test_limits_are_a_districts_and_a_communitys_own_and_kept_in_versions(bridge):
    assert {one.set_by for one in bridge.limits().values()} == {"default"}
    assert bridge.limits()["grid"].days is None
    older = bridge.triaged(category="advise")
    bridge.limit(first_response=2, advise=(3, 50), grid=(None, 90))
    bridge.limit(advise=1, cid=SHANGYUAN)
    there = bridge.limits(cid=SHANGYUAN)
    assert [(there[s].days, there[s].set_by) for s in ("advise", "first_response", "consult")] == [
        (1, "community"), (2, "district"), (1, "default"),
    ]  # fmt: skip
    assert bridge.limits(cid=JUYUAN)["advise"].days == 3
    bridge.now = cst("2026-12-21T10:00")
    issue_id = bridge.report().id
    assert bridge.issue(issue_id).promise.due_at == cst("2026-12-23T10:00")
    bridge.triage(issue_id, "advise", None)
    assert bridge.issue(issue_id).promise.due_at == cst("2026-12-22T10:00")
    assert bridge.issue(older).promise.due_at == cst("2027-01-06T10:00"), "kept as it was made"
    order = bridge.escalated()
    assert bridge.promise_row(order.issue_id).warn == 90
    with pytest.raises(LimitsChangedMeanwhile):
        bridge.limit(advise=9)
    bridge.limit(version=1)  # nothing of its own again
    assert bridge.limits(cid=JUYUAN)["advise"].days == 5
    page = bridge.limit_versions(SUN, limit=1)
    assert [(one.version, one.limits, one.set_by) for one in page.items] == [(2, [], None)]
    (first,) = bridge.limit_versions(ADMIN, limit=1, cursor=page.next_cursor).items
    assert (first.version, first.set_by) == (1, ADMIN.person_id)
    assert {(one.stage, one.days, one.warn_percent) for one in first.limits} == {
        ("first_response", 2, 75), ("advise", 3, 50), ("grid", None, 90),
    }  # fmt: skip
    for by in (SHI, TOWN, ADMIN_ELSEWHERE):
        with pytest.raises(Forbidden):
            bridge.limit(by=by, version=2, advise=2)
    with pytest.raises(BadLimits):
        bridge.limit(version=2, grid=3)
    with pytest.raises(NotOfThisDistrict):
        bridge.limit(advise=2, cid="c-elsewhere")
    with pytest.raises(BadCursor):
        bridge.limit_versions(ADMIN, cursor="x")


def test_two_who_set_limits_at_once_do_not_write_over_each_other(bridge):
    def setting(days: int) -> str:
        try:
            bridge.limit(advise=days)
        except LimitsChangedMeanwhile:
            return "changed"
        return "set"

    assert sorted(eventlet.GreenPool(4).imap(setting, range(1, 5))) == [*["changed"] * 3, "set"]


def test_lists_show_what_is_near_its_limit_and_what_is_past_it(bridge):
    bridge.now = cst("2026-03-02T10:00")
    late, near, paused = bridge.report().id, bridge.report().id, bridge.escalated()
    bridge.walk(paused.no, TO_SUSPENDED)
    bridge.now = cst("2026-03-03T02:00")
    fresh = bridge.report().id
    bridge.now = cst("2026-03-03T09:00")
    listed = lambda **query: {one.id for one in bridge.issues(SHI, **query).items}  # noqa: E731
    assert listed(clock="at_risk") == {late, near} and listed(clock="overdue") == set()
    assert bridge.issue(near).promise.at_risk and not bridge.issue(fresh).promise.at_risk
    bridge.triage(near, "advise", None)
    bridge.now = cst("2026-03-04T11:00")
    while bridge.chase():
        pass
    assert listed(clock="overdue") == {late, fresh}
    assert listed(level="committee") == {late, fresh} and listed(level="town") == {late}
    assert listed(level="district") == set()
    promise = bridge.issue(late, SUN).promise
    assert (promise.overdue, promise.at_risk, promise.told_to) == (True, False, "town")
    assert paused.issue_id not in listed(clock="overdue") | listed(clock="at_risk")
