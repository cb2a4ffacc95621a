"""The rules of digests and of the weekly brief: when, what grew, what may be told."""

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.contracts import events as e
from services.notify.domain import briefs as rules
from services.notify.domain import digests
from services.notify.domain.brief_events import counted_of
from services.notify.domain.digests import CHINA, DAY, WEEK
from tests.support.neighbourhood import say

pytestmark = pytest.mark.unit
MONDAY = datetime(2026, 3, 2, tzinfo=CHINA)
SUNDAY_EVENING = datetime(2026, 3, 8, 19, tzinfo=CHINA)


def test_a_round_is_at_seven_in_the_evening_in_china_and_weekly_once_a_sunday_has_passed():
    assert digests.next_round(datetime(2026, 3, 2, 10, 59, tzinfo=UTC)) == MONDAY.replace(hour=19)
    assert digests.last_round(datetime(2026, 3, 2, 11, 0, tzinfo=UTC)) == MONDAY.replace(hour=19)
    days = [SUNDAY_EVENING + n * DAY for n in range(-1, 3)]
    weekly = [digests.is_weekly(this, this - DAY) for this in days]
    assert weekly == [False, True, False, False]
    assert digests.is_weekly(days[3], days[0])  # Sunday's was missed
    assert not digests.is_weekly(days[3], days[1])


def test_news_counts_since_the_last_round_and_never_from_farther_back_than_a_digest_tells():
    week_ago = SUNDAY_EVENING - WEEK
    assert digests.news_since(SUNDAY_EVENING, None) == SUNDAY_EVENING - DAY - digests.OVERLAP
    assert digests.news_since(SUNDAY_EVENING, week_ago) == week_ago - digests.OVERLAP
    month_ago = SUNDAY_EVENING - 4 * WEEK
    oldest = SUNDAY_EVENING - digests.OLDEST
    assert digests.news_since(SUNDAY_EVENING, month_ago) == oldest - digests.OVERLAP


def test_weeks_are_chinas_and_named_as_iso_8601_does():
    late_on_sunday = datetime(2026, 3, 8, 15, 59, tzinfo=UTC)
    assert rules.week_of(late_on_sunday) == date(2026, 3, 2)
    assert rules.week_of(late_on_sunday + timedelta(minutes=1)) == date(2026, 3, 9)
    assert rules.named(date(2026, 3, 2)) == "2026-W10"
    assert rules.parse("2026-W10") == date(2026, 3, 2)
    assert rules.parse("2025-W53") is None
    morning = MONDAY.replace(hour=8)
    assert rules.next_brief(MONDAY) == morning
    assert rules.next_brief(morning) == morning + WEEK
    assert rules.last_over(morning) == date(2026, 2, 23)
    assert rules.last_over(morning - timedelta(seconds=1)) == date(2026, 2, 16)


def test_what_comes_late_counts_in_the_week_that_is_open():
    closed = date(2026, 3, 2)
    assert rules.open_week(date(2026, 2, 16), closed) == date(2026, 3, 9)
    assert rules.open_week(date(2026, 3, 9), closed) == date(2026, 3, 9)
    assert rules.open_week(date(2026, 2, 16), None) == date(2026, 2, 16)


def test_what_people_did_is_told_of_three_and_more_alone_and_what_offices_did_as_it_is():
    counts = {"praise": {"": 2}, "broken": {"": 1}, "reported": {"": 3}, "reopened": {"": 0}}
    told = {key: rules.told(counts, key, exact=False) for key in counts}
    assert told == {"praise": None, "broken": 1, "reported": 3, "reopened": 0}
    assert rules.told(counts, "praise", exact=True) == 2


def test_the_rest_of_a_whole_does_not_tell_of_few_either():
    counts = {"closed": {"answered": 9, "fixed": 4, "refused": 2}}
    assert rules.by_key(counts, "closed", exact=False) == {"answered": 9}
    assert rules.by_key(counts, "closed", exact=True) == counts["closed"]
    assert rules.by_key({"closed": {"refused": 2}}, "closed", exact=False) == {}


def test_a_town_counts_few_of_a_community_only_together_with_enough_others():
    def town(*counts: int) -> int | None:
        told = rules.together([{"praise": {"": count}} for count in counts])
        return rules.told(told, "praise", exact=False)

    assert (town(10, 2), town(10, 2, 2), town(10, 2, 2, 2), town(1, 1)) == (10, 10, 16, 0)
    offices = rules.together([{"broken": {"": 1}}, {"broken": {"": 1}}])
    assert rules.told(offices, "broken", exact=False) == 2


@given(st.lists(st.integers(0, 9), min_size=1, max_size=8))
def test_no_part_of_a_town_can_be_reckoned_from_the_others_when_it_is_hidden(counts):
    whole = rules.together([{"praise": {"": count}} for count in counts])
    shown = sum(count for count in counts if count >= rules.FLOOR)
    rest = rules.whole(whole, "praise") - shown
    few = [count for count in counts if 0 < count < rules.FLOOR]
    assert rest == 0 or (rest == sum(few) and rest - max(few) >= rules.FLOOR)
    over = rules.together([whole, whole])
    assert rules.whole(over, "praise") == 2 * rules.whole(whole, "praise")


def test_a_pain_point_grew_against_four_weeks_and_concerns_three_at_least():
    now = {"8x:S4": 9, "dispose": 5, "consult": 2, "8x:X1": 3}
    past = [{"8x:S4": 3, "dispose": 5}, {"dispose": 5}, {"dispose": 5}, {"dispose": 4}]
    found = rules.pain_points(now, past)
    assert [(one.key, one.count, one.last_week, one.mean) for one in found] == [
        ("8x:S4", 9, 3, 0.75),
        ("8x:X1", 3, 0, 0.0),
    ]


def test_each_limit_counts_once_on_its_first_rung_and_small_talk_not_at_all():
    assert counted_of(say(e.PromiseBroken)) is not None
    assert counted_of(say(e.PromiseBroken, level="town")) is None
    assert counted_of(say(e.PostUnanswered, standing="at_risk")) is None
    assert counted_of(say(e.PostPublished)) is None
    assert counted_of(say(e.PostPublished, praised_id="lu")) is not None
    assert counted_of(say(e.IssueConfirmed, solved=False)) is None
