"""How somebody wants to be told: lanes, mutes, quiet hours, the budget's day."""

import re
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from services.notify.domain import RULES, Kind, Why
from services.notify.domain import preferences as rules
from services.notify.domain.kind_words import KINDS
from services.notify.domain.preferences import DEFAULTS, Lane, Preferences
from services.notify.domain.wording import CHINA

pytestmark = pytest.mark.unit

MINUTES = st.integers(0, 24 * 60 - 1)
NIGHTS = st.tuples(MINUTES, MINUTES).filter(lambda night: night[0] != night[1])
SECONDS = st.integers(0, 365 * 24 * 3600)
MOMENTS = SECONDS.map(lambda passed: datetime(2026, 1, 1, tzinfo=UTC) + timedelta(seconds=passed))
MIDNIGHT = datetime(2026, 3, 2, tzinfo=CHINA)


def wishes(night: tuple[int | None, int | None] = (None, None), **more: object) -> Preferences:
    chosen = {
        "channels": ("in_app", "live"),
        "muted_kinds": (),
        "daily_budget": 2,
        "digest": "daily",
        "language": "zh",
        **more,
    }
    return Preferences(quiet_from=night[0], quiet_until=night[1], **chosen)  # type: ignore[arg-type]


def at(clock: str, day: int = 0) -> datetime:
    return (MIDNIGHT + timedelta(days=day, minutes=rules.minute_of(clock))).astimezone(UTC)


def test_every_kind_has_a_name_in_both_languages() -> None:
    assert set(KINDS) == set(Kind)
    for zh, en in KINDS.values():
        assert re.search(r"[\u4e00-\u9fff]", zh) and en.isascii() and en[0].isupper()


@pytest.mark.parametrize(
    ("kind", "why", "lane"),
    [
        (Kind.COMMENT, Why.MY_POST, Lane.ORDINARY),
        (Kind.ISSUE_CLOSED, Why.MY_ISSUE, Lane.ORDINARY),
        (Kind.ISSUE_CLOSED, Why.ON_DUTY, Lane.DUTY),
        (Kind.ISSUE_CONSULTATION, Why.AT_THE_TABLE, Lane.DUTY),
        (Kind.EMERGENCY, Why.MY_COMMUNITY, Lane.EMERGENCY),
        (Kind.EMERGENCY, Why.ON_DUTY, Lane.EMERGENCY),
    ],
)
def test_the_lane_is_of_the_kind_and_the_reason(kind: Kind, why: Why, lane: Lane) -> None:
    assert rules.lane_of(kind, why) is lane


def test_work_emergencies_and_what_is_decided_about_oneself_cannot_be_muted() -> None:
    kept = {kind for kind in Kind if not rules.may_mute(kind, RULES)}
    assert {
        Kind.EMERGENCY,
        Kind.MEMBERSHIP_DECIDED,
        Kind.CONTENT_DECIDED,
        Kind.SILENCE,
        Kind.MEMBERSHIP_REQUESTED,
        Kind.ISSUE_REPORTED,
    } <= kept
    told_at_home = {r.kind for r in RULES if r.why not in rules.AT_WORK} - rules.ABOUT_ONESELF
    assert not told_at_home & kept


def test_every_reason_stands_in_one_part_of_the_inbox_and_every_kind_in_its_most_personal() -> None:
    parts = {about: rules.whys_about(about) for about in ("mine", "followed", "duty")}
    assert sorted(why for whys in parts.values() for why in whys) == sorted(Why)
    assert set(parts["duty"]) == rules.AT_WORK
    kinds = {kind: rules.about_kind(kind, RULES) for kind in Kind}
    assert kinds[Kind.COMMENT] == "mine", "a reply is told, and what others said on a thread"
    assert kinds[Kind.ANNOUNCEMENT] == kinds[Kind.EMERGENCY] == "followed"
    assert kinds[Kind.DIGEST] == "mine"
    at_work = {kind for kind in Kind if rules.lane_of_kind(kind, RULES) is Lane.DUTY}
    assert at_work == {kind for kind, about in kinds.items() if about == "duty"}


def test_mutes_are_kinds_that_can_be_muted_each_once() -> None:
    assert rules.checked_mutes(["plan", "comment", "plan"], RULES) == ("comment", "plan")
    for name, error in (("rubbish", rules.UnknownKind), ("silence", rules.NotToMute)):
        with pytest.raises(error) as refused:
            rules.checked_mutes(["comment", name], RULES)
        assert [one.field for one in refused.value.errors] == ["muted_kinds.1"]


def test_a_night_has_two_different_ends() -> None:
    assert rules.checked_night("22:00", "07:30") == (22 * 60, 7 * 60 + 30)
    assert rules.checked_night(None, None) == (None, None)
    for start, end, field in (
        ("22:00", None, "quiet_until"),
        (None, "07:00", "quiet_from"),
        ("07:00", "07:00", "quiet_until"),
    ):
        with pytest.raises(rules.OpenNight) as refused:
            rules.checked_night(start, end)
        assert [one.field for one in refused.value.errors] == [field]


@given(minute=MINUTES)
def test_a_clock_time_is_read_as_it_is_written(minute: int) -> None:
    assert rules.minute_of(rules.clock_of(minute) or "") == minute


@pytest.mark.parametrize(
    ("now", "quiet", "goes_out"),
    [
        (at("21:59"), False, at("21:59")),
        (at("22:00"), True, at("07:00", day=1)),
        (at("23:30"), True, at("07:00", day=1)),
        (at("00:00", day=1), True, at("07:00", day=1)),
        (at("06:59", day=1), True, at("07:00", day=1)),
        (at("07:00", day=1), False, at("07:00", day=1)),
    ],
)
def test_a_night_runs_over_midnight(now: datetime, quiet: bool, goes_out: datetime) -> None:
    assert rules.is_quiet(DEFAULTS, now) is quiet
    assert rules.goes_out_at(DEFAULTS, Lane.ORDINARY, now) == goes_out
    assert rules.goes_out_at(DEFAULTS, Lane.DUTY, now) == goes_out
    assert rules.goes_out_at(DEFAULTS, Lane.EMERGENCY, now) == now


@settings(max_examples=40, deadline=None)
@given(night=NIGHTS, now=MOMENTS)
def test_what_waits_goes_out_in_the_first_minute_that_is_not_quiet(
    night: tuple[int, int], now: datetime
) -> None:
    """Against a clock that walks minute by minute."""
    mine = wishes(night)
    walking = now
    while rules.minute_in_china(walking) in minutes_of(night):
        walking = walking.replace(second=0, microsecond=0) + timedelta(minutes=1)
    assert rules.goes_out_at(mine, Lane.ORDINARY, now) == walking
    assert rules.is_quiet(mine, now) is (walking != now)


def minutes_of(night: tuple[int, int]) -> set[int]:
    start, end = night
    return set(range(start, end)) if start < end else {*range(start, 24 * 60), *range(end)}


@given(night=NIGHTS, now=MOMENTS)
def test_a_day_of_the_budget_is_a_day_long_and_begins_with_the_night(
    night: tuple[int, int], now: datetime
) -> None:
    mine = wishes(night)
    begins = rules.day_begins(mine, now)
    assert timedelta() <= now - begins < timedelta(days=1)
    assert rules.minute_in_china(begins) == night[0]
    assert rules.day_begins(mine, begins + timedelta(hours=23, minutes=59)) == begins
    assert rules.day_begins(mine, begins - timedelta(seconds=1)) == begins - timedelta(days=1)


def test_without_a_night_the_days_are_chinas() -> None:
    assert rules.day_begins(wishes(), at("00:30")) == at("00:00")
    assert rules.is_quiet(wishes(), at("03:00")) is False


@pytest.mark.parametrize(
    ("kind", "lane", "place", "mine", "silent"),
    [
        (Kind.COMMENT, Lane.ORDINARY, 2, wishes(), False),
        (Kind.COMMENT, Lane.ORDINARY, 3, wishes(), True),
        (Kind.COMMENT, Lane.ORDINARY, 1, wishes(channels=("in_app",)), True),
        (Kind.COMMENT, Lane.ORDINARY, 1, wishes((0, 1439)), True),
        (Kind.DIGEST, Lane.ORDINARY, 3, wishes(), False),
        (Kind.ISSUE_REPORTED, Lane.DUTY, 3, wishes(), False),
        (Kind.ISSUE_REPORTED, Lane.DUTY, 3, wishes((0, 1439)), True),
        (Kind.EMERGENCY, Lane.EMERGENCY, 9, wishes((0, 1439), channels=("in_app",)), False),
    ],
)
def test_what_only_counts(
    kind: Kind, lane: Lane, place: int, mine: Preferences, silent: bool
) -> None:
    assert rules.is_silent(mine, kind, lane, place, at("12:00")) is silent


def test_the_inbox_is_always_among_the_channels_and_nobody_is_reached_outside_unasked() -> None:
    assert rules.with_inbox(["sms", "sms", "live"]) == ("in_app", "live", "sms")
    assert not set(DEFAULTS.channels) & set(rules.OUTWARD)
