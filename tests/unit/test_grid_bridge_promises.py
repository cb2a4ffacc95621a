"""Promises in working days, and the numbers that are given. Needs: nothing."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.contracts.errors import ShequError
from services.grid_bridge import catalogue
from services.grid_bridge.domain import codes, sla
from services.grid_bridge.domain.numbers import Series, counter
from services.grid_bridge.domain.sla import LADDER, ZONE, Promise, Stage
from services.grid_bridge.workdays import CALENDAR

pytestmark = pytest.mark.unit


def cst(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=ZONE)


NOW = cst("2026-03-02T10:00")


class EveryDay:
    """A calendar without days off."""

    def is_workday(self, day: date) -> bool:
        return True

    def is_published(self, day: date) -> bool:
        return day.year < 2030


@pytest.mark.parametrize(
    ("start", "days", "due"),
    [
        ("2026-03-02T10:00", 1, "2026-03-03T10:00"),  # Monday
        ("2026-03-06T15:30", 1, "2026-03-09T15:30"),  # Friday
        ("2026-03-07T10:00", 1, "2026-03-10T00:00"),  # Saturday: begins on Monday
        ("2026-03-02T10:00", 5, "2026-03-09T10:00"),
        ("2026-09-30T09:00", 1, "2026-10-08T09:00"),  # National Day, 1 to 7 October
        ("2026-10-09T09:00", 1, "2026-10-10T09:00"),  # an exchanged Saturday is worked on
        ("2026-12-31T09:00", 1, "2027-01-01T09:00"),  # not published yet: weekdays count
    ],
)
def test_working_days(start, days, due):
    assert sla.add_working_days(cst(start), days, CALENDAR) == cst(due)


def test_a_moment_in_utc_is_counted_by_the_local_day():
    # Friday 23:00 UTC is Saturday morning here
    start = datetime(2026, 3, 6, 23, 0, tzinfo=UTC)
    assert sla.add_working_days(start, 1, CALENDAR) == cst("2026-03-10T00:00")


@given(
    start=st.integers(0, 4 * 366 * 24 * 60).map(
        lambda minutes: cst("2024-01-01T00:00") + timedelta(minutes=minutes)
    ),
    days=st.integers(1, 30),
)
def test_a_limit_is_a_working_day_in_the_future(start, days):
    due = sla.add_working_days(start, days, CALENDAR)
    assert CALENDAR.is_workday(due.date())
    assert due > start
    assert sla.add_working_days(start, days + 1, CALENDAR) > due


def test_beyond_the_published_calendar_the_limit_is_provisional():
    assert not sla.make(Stage.ADVISE, cst("2026-03-02T10:00"), CALENDAR).provisional
    assert sla.make(Stage.ADVISE, cst("2026-12-30T10:00"), CALENDAR).provisional


def alarms(promise: Promise) -> list[tuple[datetime, str, str]]:
    said = []
    while (due := sla.next_alarm(promise, EveryDay())) is not None:
        promise, rung = sla.climb(promise)
        said.append((due, rung.kind, rung.level))
    return said


def test_the_ladder_climbs_once_from_committee_to_district():
    promise = sla.make(Stage.ADVISE, cst("2026-03-02T10:00"), EveryDay())
    assert alarms(promise) == [
        (cst("2026-03-06T04:00"), "at_risk", "committee"),  # three quarters of five days
        (cst("2026-03-07T10:00"), "broken", "committee"),
        (cst("2026-03-08T10:00"), "broken", "town"),
        (cst("2026-03-10T10:00"), "broken", "district"),
    ]
    assert len(alarms(promise)) == len(LADDER)


def test_alarms_are_never_in_the_wrong_order():
    for stage in sla.LIMITS:
        for hour in range(24):
            promise = sla.make(stage, cst(f"2026-09-25T{hour:02d}:00"), CALENDAR)
            times = []
            for rung in range(len(LADDER)):
                times.append(sla.next_alarm(replace(promise, rung=rung), CALENDAR))
            assert times == sorted(times)


def test_a_paused_clock_raises_no_alarm_and_moves_the_limit():
    calendar = EveryDay()
    promise = sla.make(Stage.ADVISE, cst("2026-03-02T10:00"), calendar)
    paused = sla.pause(promise, cst("2026-03-03T10:00"))
    assert sla.next_alarm(paused, calendar) is None
    assert sla.pause(paused, cst("2026-03-04T10:00")) == paused
    resumed = sla.resume(paused, cst("2026-03-05T10:00"), calendar)
    assert resumed.due_at == promise.due_at + timedelta(days=2)
    assert resumed.paused_at is None


def test_a_limit_that_moves_onto_a_day_off_goes_to_the_next_working_day():
    promise = sla.make(Stage.CONSULT, cst("2026-03-04T10:00"), CALENDAR)  # due Thursday
    paused = sla.pause(promise, cst("2026-03-05T09:00"))
    resumed = sla.resume(paused, cst("2026-03-07T09:00"), CALENDAR)  # two days later: Saturday
    assert resumed.due_at == cst("2026-03-09T10:00")


def test_an_undertaking_stretches_the_promise_but_not_for_ever():
    calendar = EveryDay()
    now = cst("2026-03-02T10:00")
    promise = sla.make(Stage.HARD, now, calendar)
    assert sla.stretch(promise, now + timedelta(days=8), now, calendar).due_at == now + timedelta(
        days=8
    )
    assert sla.stretch(promise, now + timedelta(days=1), now, calendar) == promise
    longest = sla.stretch(promise, now + timedelta(days=900), now, calendar)
    assert longest.due_at == now + timedelta(days=sla.UNDERTAKING_LIMIT)


def test_a_new_limit_begins_the_ladder_anew_and_the_same_one_does_not():
    calendar = EveryDay()
    promise = replace(sla.make(Stage.HARD, cst("2026-03-02T10:00"), calendar), rung=2)
    assert sla.reschedule(promise, promise.due_at, calendar).rung == 2
    assert sla.reschedule(promise, promise.due_at + timedelta(days=1), calendar).rung == 0


def test_an_order_has_limits_for_all_and_for_each_stage_in_order():
    opened = cst("2026-03-02T10:00")
    overall, stages = sla.order_deadlines(opened, "normal", 2, 10, EveryDay())
    assert [(stage, (due - opened).days) for stage, due in stages] == [
        ("accepted", 1),
        ("verifying", 2),
        ("dispatched", 3),
        ("disposing", 10),
        ("checking", 12),
    ]
    assert overall == opened + timedelta(days=12)


@pytest.mark.parametrize(
    ("urgency", "days"),
    [("normal", [1, 1, 2, 3, 5]), ("urgent", [1, 1, 1, 2, 3]), ("critical", [1, 1, 1, 1, 1])],
)
def test_an_urgent_order_has_less_time_but_at_least_a_day_for_each_stage(urgency, days):
    opened = cst("2026-03-02T10:00")
    _, stages = sla.order_deadlines(opened, urgency, 1, 3, EveryDay())
    assert [(due - opened).days for _, due in stages] == days


def test_every_slot_of_the_catalogue_has_limits_in_order():
    for slot in catalogue.SLOTS.values():
        limits = slot.limits
        for urgency in sla.HASTE:
            _, stages = sla.order_deadlines(NOW, urgency, limits.on_site, limits.disposed, CALENDAR)
            times = [due for _, due in stages]
            assert times == sorted(times)
            assert times[0] > NOW


def test_numbers_name_series_division_and_year():
    now = datetime(2026, 12, 31, 17, 0, tzinfo=UTC)  # the next year has begun here
    assert counter(Series.WORK_ORDER, "310113102003", now).number(1) == "SQT-310113-2027-000001"
    assert counter(Series.LIBRARY, "310113102003", now).number(1_234_567).endswith("-1234567")


@pytest.mark.parametrize(
    "code12", ["", "310113", "31011310200x", "3101131020031", "310113102003\n"]
)
def test_a_community_without_a_code_gets_no_numbers(code12):
    with pytest.raises(ValueError, match="12-digit"):
        counter(Series.WORK_ORDER, code12, datetime(2026, 1, 1, tzinfo=UTC))


def test_the_standard_has_97_matters_in_its_five_majors():
    matters = codes.matters()
    assert len(matters) == 97
    assert {code[:2] for code in matters} == {"06", "07", "08", "09", "10"}
    assert all(entry.code == key and len(key) == 5 and entry.name for key, entry in matters.items())


def test_a_code_is_never_bare():
    assert codes.look_up(codes.STANDARD, "matter", "06045").name == "非法占绿毁绿"
    for standard, kind, code in (
        ("GB/T 30428.2-2013", "matter", "06045"),
        (codes.STANDARD, "component", "06045"),
        (codes.STANDARD, "matter", "06099"),
    ):
        with pytest.raises(ShequError):
            codes.look_up(standard, kind, code)
