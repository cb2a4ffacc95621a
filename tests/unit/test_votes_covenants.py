"""What stands of a covenant at a moment, and how its conversations and follow-up go on."""

from datetime import UTC, date, datetime, timedelta
from itertools import product

import pytest

from services.contracts.errors import ShequError
from services.votes.domain import breaches, follow_ups
from services.votes.domain.breaches import Part
from services.votes.domain.covenants import Article, Version, carried, later, standing
from services.votes.domain.proposals import Article as Draft

pytestmark = pytest.mark.unit
DAY = timedelta(days=1)
NOW = datetime(2026, 3, 2, 4, 0, tzinfo=UTC)


def version(number, change="new", *, starts=0, ends=None):
    return Version(number, change, NOW + starts * DAY, None if ends is None else NOW + ends * DAY)


@pytest.mark.parametrize(
    ("versions", "expected"),
    [
        ([version(1)], ("in_force", 1)),
        ([version(1, starts=1)], ("not_yet", 1)),
        ([version(1, starts=5), version(2, "amended", starts=1)], ("not_yet", 2)),
        ([version(1, starts=1), version(2, "amended", starts=1)], ("not_yet", 2)),
        ([version(1, starts=-9, ends=0)], ("expired", 1)),
        ([version(1, starts=-9, ends=1)], ("in_force", 1)),
        ([version(1, starts=-9, ends=-5), version(2, "amended")], ("in_force", 2)),
        ([version(1), version(2, "amended", starts=1)], ("in_force", 1)),
        ([version(1), version(2, "repealed", starts=1)], ("in_force", 1)),
        ([version(1, starts=-1), version(2, "repealed")], ("repealed", 2)),
        ([version(1, starts=-1), version(2, "repealed"), version(3, "amended")], ("in_force", 3)),
        ([version(1, starts=9), version(2, "repealed")], ("repealed", 2)),
    ],
)
def test_the_latest_decision_that_has_taken_effect_holds(versions, expected):
    assert standing(versions, NOW) == expected


def test_months_later_is_the_same_day_or_the_last_of_a_short_month():
    assert later(datetime(2026, 1, 31, 8, tzinfo=UTC), 1) == datetime(2026, 2, 28, 8, tzinfo=UTC)
    assert later(datetime(2027, 12, 31, tzinfo=UTC), 2) == datetime(2028, 2, 29, tzinfo=UTC)
    assert later(datetime(2026, 12, 2, tzinfo=UTC), 12) == datetime(2027, 12, 2, tzinfo=UTC)


def test_an_article_that_was_left_alone_keeps_the_version_that_gave_it_its_words():
    before = [Article("a1", 1, "", "一", 1), Article("a2", 2, "题", "二", 2)]
    drafts = [Draft("a2", "题", "二"), Draft("a1", "新题", "一"), Draft("a3", "", "三")]
    articles, fresh = carried(drafts, {"a1", "a2"}, before, 3, 3)
    assert [(one.key, one.number, one.since) for one in articles] == [
        ("a2", 1, 2),
        ("a1", 2, 3),
        ("a3", 3, 3),
    ]
    assert fresh == 4


def test_a_key_that_was_used_before_is_never_given_again():
    drafts = [Draft("a2", "", "乙"), Draft("a4", "", "丁")]
    articles, fresh = carried(drafts, set(), [Article("a1", 1, "", "一", 2)], 3, 4)
    assert ([one.key for one in articles], fresh) == (["a5", "a4"], 6)


def code(call, *args):
    try:
        call(*args)
    except ShequError as error:
        return error.code
    return ""


def test_every_ending_of_a_conversation():
    states = ("open", "talking", "settled", "to_issue", "closed")
    ends = {
        (state, to, part): code(breaches.end, state, to, part, 1)
        for state, to, part in product(states, ("settled", "to_issue", "closed"), Part)
    }
    allowed = {case for case, said in ends.items() if not said}
    assert allowed == {
        *product(("open", "talking"), ("settled", "closed"), (Part.DESK, Part.REPORTER)),
        ("talking", "to_issue", Part.DESK),
    }
    assert ends["open", "to_issue", Part.DESK] == "votes.talk_first"
    assert code(breaches.end, "talking", "to_issue", Part.DESK, 0) == "votes.talk_first"
    assert ends["talking", "to_issue", Part.REPORTER] == "votes.not_yours_to_end"
    assert {said for case, said in ends.items() if case[0] not in breaches.OPEN} == {
        "votes.breach_ended"
    }


def test_what_was_promised_for_a_day_is_late_when_the_day_is_over_in_china():
    promised = date(2026, 3, 2)
    midnight = datetime(2026, 3, 2, 16, 0, tzinfo=UTC)
    assert not follow_ups.is_overdue("planned", promised, midnight - timedelta(seconds=1))
    assert follow_ups.is_overdue("under_way", promised, midnight)
    assert not follow_ups.is_overdue("done", promised, midnight)
    assert not follow_ups.is_overdue("planned", None, midnight)
    assert code(follow_ups.require_day, promised, midnight) == "votes.bad_due_day"
    assert code(follow_ups.require_day, promised, midnight - timedelta(seconds=1)) == ""
