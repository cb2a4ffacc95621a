"""Objections: their window, what is a reasoned answer, when they stand."""

from datetime import UTC, datetime, timedelta

import pytest

from services.contracts.operations.votes import Entitled, RuleSet
from services.votes.domain import objections as rules
from services.votes.domain.chain import State
from services.votes.domain.objections import AnswerWithoutReason, ObjectionSettled

SINCE = datetime(2026, 3, 2, 4, 0, tzinfo=UTC)


def chosen(**facts):
    return RuleSet(base="residents_assembly", electorate=Entitled(who="residents18"), **facts)


@pytest.mark.parametrize(
    ("state", "opens_after", "facts", "days"),
    [
        ("notice", 10, {"objection_days": 7}, 7),
        ("notice", 5, {"objection_days": 7}, 5),
        ("publicity", 0, {"objection_days": 7, "publicity_days": 3}, 3),
        ("publicity", 0, {"objection_days": 4, "publicity_days": 30}, 4),
    ],
)
def test_the_window_lasts_as_long_as_the_rules_say_and_no_longer_than_its_period(
    state, opens_after, facts, days
):
    window = rules.window(state, SINCE, chosen(**facts), SINCE + timedelta(days=opens_after))
    assert window is not None and window.period == state
    end, moment = SINCE + timedelta(days=days), timedelta(microseconds=1)
    assert [window.holds(at) for at in (SINCE - moment, SINCE, end - moment, end)] == [
        False, True, True, False
    ]  # fmt: skip


def test_there_is_a_window_in_notice_and_publicity_alone():
    having = {s.value for s in State if rules.window(s.value, SINCE, chosen(), SINCE)}
    assert having == {"notice", "publicity"}


@pytest.mark.parametrize(
    "answer",
    [
        "同意。",
        "好的好的好的！！！！！",
        "  公示期 太短，应延长 到十五天！",
        "此前已答复：延长至十五天。",
    ],
)
def test_an_answer_without_a_reason_is_none(answer):
    with pytest.raises(AnswerWithoutReason) as caught:
        rules.require_reasoned(answer, ["公示期太短，应延长到十五天。", "此前已答复：延长至十五天"])
    assert [one.field for one in caught.value.errors] == ["body"]


def test_a_reasoned_answer_is_taken():
    rules.require_reasoned("依据议事规则第五条，公示期为七天。", ["公示期太短"])


def test_an_objection_stands_until_its_objector_says_otherwise():
    assert [rules.stands(mark, False) for mark in (None, "stands", "satisfied")] == [
        True, True, False
    ]  # fmt: skip
    assert not rules.stands("stands", True)


def test_a_period_ends_with_its_states():
    running = {
        (period, state.value)
        for period in ("notice", "publicity")
        for state in State
        if not ended(period, state)
    }
    assert running == {("notice", "notice"), ("notice", "proposal"), ("publicity", "publicity")}
    with pytest.raises(ObjectionSettled):
        rules.require_running("notice", "notice", withdrawn=True)


def ended(period, state) -> bool:
    try:
        rules.require_running(period, state.value, withdrawn=False)
    except ObjectionSettled:
        return True
    return False
