"""Limits that a later calendar moves, and the clocks of ordinary posts. Needs: nothing."""

from dataclasses import replace
from datetime import date, datetime, timedelta
from itertools import permutations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.grid_bridge.domain import post_clocks as posts
from services.grid_bridge.domain import sla
from services.grid_bridge.domain.post_clocks import Clock, End, PostCounts
from services.grid_bridge.domain.sla import LADDER, ZONE, Limit, Stage
from services.grid_bridge.workdays import CALENDAR, PUBLISHED_ALONE, DistrictCalendar

pytestmark = pytest.mark.unit


def cst(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=ZONE)


# New Year's day of 2027 is a Friday; the Saturday after it is worked, the Monday is not.
NEW_YEAR = DistrictCalendar(
    "r1",
    {date(2027, 1, 1): False, date(2027, 1, 2): True, date(2027, 1, 4): False},
    frozenset({2027}),
)
MADE = cst("2026-12-30T10:00")  # a Wednesday


def test_layers_of_a_calendar():
    own = DistrictCalendar("r", {date(2026, 10, 10): False}, frozenset())
    assert CALENDAR.is_workday(date(2026, 10, 10))  # an exchanged Saturday, as published
    assert not own.is_workday(date(2026, 10, 10))
    assert not own.is_workday(date(2026, 10, 1))  # published beneath
    assert own.is_workday(date(2027, 1, 1)) and not own.is_published(date(2027, 1, 1))
    assert not NEW_YEAR.is_workday(date(2027, 1, 1)) and NEW_YEAR.is_published(date(2027, 5, 1))
    assert CALENDAR.until() == cst("2027-01-01T00:00")
    days = CALENDAR.exceptions(2026)
    assert days[date(2026, 10, 10)] == (True, "国庆节")
    assert days[date(2026, 10, 1)] == (False, "国庆节")
    assert date(2026, 10, 3) not in days, "a Saturday that is off is as weekdays are"
    assert CALENDAR.exceptions(2027) == {}


@pytest.mark.parametrize(
    ("days", "was", "due"),
    [
        (1, "2026-12-31T10:00", "2026-12-31T10:00"),
        (2, "2027-01-01T10:00", "2027-01-02T10:00"),  # to the worked Saturday
        (3, "2027-01-04T10:00", "2027-01-05T10:00"),
        (4, "2027-01-05T10:00", "2027-01-06T10:00"),
    ],
)
def test_a_promise_moves_to_where_the_calendar_would_have_put_it(days, was, due):
    made = sla.make(Stage.ADVISE, MADE, PUBLISHED_ALONE, Limit(days))
    assert (made.due_at, made.provisional) == (cst(was), was > "2027")
    renewed = sla.renew(made, NEW_YEAR, MADE)
    assert (renewed.due_at, renewed.provisional) == (cst(due), False)
    assert renewed == sla.make(Stage.ADVISE, MADE, NEW_YEAR, Limit(days))
    assert sla.renew(renewed, NEW_YEAR, MADE) == renewed


@given(
    days=st.integers(1, 15),
    until=st.integers(1, 40),
    stood=st.integers(1, 200),
    off=st.sets(st.integers(0, 60)),
)
def test_a_promise_that_was_stretched_and_stood_comes_out_as_if_it_had_been_known(
    days, until, stood, off
):
    known = DistrictCalendar(
        "r", {date(2027, 1, 1) + timedelta(days=n): False for n in off}, frozenset({2027})
    )

    def lived(calendar):
        promise = sla.make(Stage.ADVISE, MADE, calendar, Limit(days))
        promise = sla.stretch(promise, MADE + timedelta(days=until), MADE, calendar)
        promise = sla.pause(promise, MADE + timedelta(hours=1))
        return sla.resume(promise, MADE + timedelta(hours=1 + stood), calendar)

    renewed = sla.renew(lived(PUBLISHED_ALONE), known, MADE)
    steps = renewed.steps
    assert renewed.due_at == sla.reckon(MADE, steps, known)
    assert known.is_workday(renewed.due_at.astimezone(ZONE).date()) or until >= days
    if len(steps) == len(lived(known).steps):  # the undertaking reached beyond the limit in both
        assert renewed.due_at == lived(known).due_at


def test_a_promise_without_steps_moves_off_a_day_off():
    old = sla.Promise(Stage.ADVISE, MADE, cst("2027-01-01T10:00"), provisional=True)
    assert sla.renew(old, NEW_YEAR, MADE).due_at == cst("2027-01-02T10:00")
    stretched = sla.stretch(old, cst("2027-01-04T10:00"), MADE, PUBLISHED_ALONE)
    assert sla.renew(stretched, NEW_YEAR, MADE).due_at == cst("2027-01-04T10:00")


def test_being_reckoned_anew_breaks_no_promise():
    worked = DistrictCalendar("r", {date(2027, 1, 2): True, date(2027, 1, 3): True}, frozenset())
    made = sla.make(Stage.ADVISE, MADE, PUBLISHED_ALONE, Limit(3))  # Monday the 4th
    assert sla.renew(made, worked, MADE).due_at == cst("2027-01-02T10:00")
    late = sla.renew(made, worked, cst("2027-01-03T12:00"))
    assert late.due_at == cst("2027-01-04T10:00")


def test_nothing_is_said_twice_or_too_early():
    made = sla.make(Stage.ADVISE, MADE, PUBLISHED_ALONE, Limit(2))  # Friday the 1st
    now = cst("2027-01-01T11:00")
    for rung, kept in ((0, 0), (1, 1), (2, 1), (3, 1)):
        renewed = sla.renew(replace(made, rung=rung), NEW_YEAR, now)
        assert renewed.rung == kept, "a breach that is none is taken back, a warning is not"
        if kept == 1:
            assert sla.next_alarm(renewed, NEW_YEAR) == renewed.due_at > now
    broken = replace(made, rung=3)
    later = sla.renew(broken, NEW_YEAR, cst("2027-01-20T10:00"))
    assert later.rung == 3, "what is true by the new limit, too, stays said"
    assert sla.renew(replace(made, rung=len(LADDER)), NEW_YEAR, now).rung == 1


def test_the_share_of_a_warning_is_the_promises_own():
    made = sla.make(Stage.ADVISE, cst("2026-03-02T10:00"), PUBLISHED_ALONE, Limit(2, warn=50))
    assert sla.next_alarm(made, PUBLISHED_ALONE) == cst("2026-03-03T10:00")
    assert [sla.told_to(rung) for rung in range(6)] == [
        None, None, "committee", "town", "district", None,
    ]  # fmt: skip
    assert [sla.first_rung(level) for level in ("committee", "town", "district")] == [1, 2, 3]


# -- posts -----------------------------------------------------------------------------------------

SHOWN = cst("2026-03-02T10:00")
LIMIT = Limit(1)


def shown(clock: Clock = Clock()) -> Clock:  # noqa: B008
    return posts.publish(clock, SHOWN, PUBLISHED_ALONE, LIMIT)


def after(hours: int) -> datetime:
    return SHOWN + timedelta(hours=hours)


def test_facts_in_any_order_give_the_same_clock():
    facts = [
        shown,
        lambda clock: posts.reply(clock, after(2), staff=False),
        lambda clock: posts.reply(clock, after(1), staff=False),
        lambda clock: posts.reply(clock, after(5), staff=True),
        lambda clock: posts.reply(clock, after(7), staff=True),
        lambda clock: posts.end(clock, after(9), End.REMOVED),
    ]
    outcomes = set()
    for order in permutations(facts):
        clock = Clock()
        for fact in (*order, *order[:2]):  # some come twice
            clock = fact(clock)
        outcomes.add(clock)
    (clock,) = outcomes
    assert (clock.neighbour_replied_at, clock.staff_replied_at) == (after(1), after(5))
    assert (clock.ended_at, clock.ended_by) == (after(5), End.STAFF)
    assert posts.counted(clock) == {"posts": 1, "staff_in_time": 1, "neighbour_in_time": 1}


def test_what_became_an_issue_is_counted_there_alone():
    answered = posts.reply(shown(), after(1), staff=True)
    handed = posts.end(answered, after(30), End.ISSUE)
    assert handed.ended_by is End.ISSUE
    assert posts.counted(handed) == {"posts": 1, "handed_over": 1}
    early = shown(posts.end(Clock(), after(1), End.ISSUE))
    assert posts.counted(early) == {"posts": 1, "handed_over": 1}
    assert posts.next_alarm(early, PUBLISHED_ALONE) is None


def test_what_was_late_stays_late_when_it_becomes_an_issue():
    late = posts.end(shown(), after(30), End.ISSUE)
    assert posts.counted(late) == {"posts": 1, "gone_late": 1}
    answered = posts.end(posts.reply(shown(), after(26), staff=True), after(30), End.ISSUE)
    assert posts.counted(answered) == {"posts": 1, "staff_late": 1}
    assert posts.next_alarm(late, PUBLISHED_ALONE) is None


@pytest.mark.parametrize(
    ("clock", "counts"),
    [
        (Clock(), {}),
        (shown(), {"posts": 1}),
        (posts.reply(shown(), after(1), staff=False), {"posts": 1}),
        (posts.reply(shown(), after(24), staff=True), {"posts": 1, "staff_in_time": 1}),
        (posts.reply(shown(), after(25), staff=True), {"posts": 1, "staff_late": 1}),
        (posts.end(shown(), after(24), End.REMOVED), {"posts": 1, "left_out": 1}),
        (posts.end(shown(), after(25), End.LEFT), {"posts": 1, "gone_late": 1}),
        (
            posts.end(posts.reply(shown(), after(25), staff=False), after(26), End.MOVED),
            {"posts": 1, "gone_late": 1, "neighbour_late": 1},
        ),
    ],
)
def test_how_a_clock_came_out(clock, counts):
    assert posts.counted(clock) == counts


def test_a_post_that_is_shown_again_has_its_time_once_more():
    gone = posts.end(replace(shown(), rung=2), after(30), End.REMOVED)
    back = posts.show_again(gone, after(48), PUBLISHED_ALONE, LIMIT)
    assert (back.due_at, back.rung, back.running) == (after(72), 0, True)
    assert back.published_at == SHOWN
    answered = posts.reply(gone, after(31), staff=True)
    again = posts.show_again(answered, after(48), PUBLISHED_ALONE, LIMIT)
    assert (again.ended_by, again.due_at) == (End.STAFF, shown().due_at)
    assert posts.show_again(shown(), after(48), PUBLISHED_ALONE, LIMIT) == shown()


def test_a_post_is_the_committees_and_then_the_towns_matter():
    clock, said = shown(), []
    while (at := posts.next_alarm(clock, PUBLISHED_ALONE)) is not None:
        clock, rung = posts.climb(clock)
        said.append((at, rung.kind, rung.level))
    assert said == [
        (after(18), "at_risk", "committee"),
        (after(24), "broken", "committee"),
        (after(48), "broken", "town"),
    ]


def test_rates_have_all_that_is_answered_or_overdue_beneath_them():
    counts = PostCounts(
        posts=20, handed_over=3, left_out=2, gone_late=1, staff_in_time=6, staff_late=2,
        open=4, open_overdue=2,
    )  # fmt: skip
    assert counts.judged == 11
    assert counts.rate(counts.staff_in_time) == posts.Fraction(6, 11)
    assert PostCounts().rate(0) is None
