"""Whose turn it is with a topic, by when, and what somebody is offered to do. Needs: nothing."""

from datetime import UTC, datetime, timedelta
from itertools import product

import pytest

from services.contracts.operations.votes.chain import ChainSettings
from services.votes.domain import chain
from services.votes.domain.chain import FROZEN, Hand, State
from services.votes.domain.next_steps import Caller, next_steps
from services.votes.domain.waiting import (
    DUTIES,
    LAPSE,
    OVERDUE,
    TASKS,
    DiscussionRuns,
    Standing,
    Waits,
    locked_until,
    require_discussed,
)

pytestmark = pytest.mark.unit
SINCE = datetime(2026, 3, 2, tzinfo=UTC)
WHOLE = ChainSettings(steps=["seconding", "discussion", "prior_study"])
SETTINGS = ChainSettings()


def standing(
    state: State = State.RAISED,
    settings: ChainSettings = SETTINGS,
    *,
    returned: bool = False,
    seconded: bool = False,
) -> Standing:
    return Standing(settings, state, returned=returned, seconded=seconded)


@pytest.mark.parametrize(
    ("topic", "waits", "days", "duty"),
    [
        (standing(), Waits.DESK, 7, OVERDUE),
        (standing(returned=True), Waits.AUTHOR, 30, LAPSE),
        (standing(settings=WHOLE), Waits.SECONDERS, 30, LAPSE),
        (standing(settings=WHOLE, seconded=True), Waits.DESK, 7, OVERDUE),
        (standing(settings=WHOLE, seconded=True, returned=True), Waits.AUTHOR, 30, LAPSE),
        (standing(State.SCREENED), Waits.DESK, 7, OVERDUE),
        (standing(State.DISCUSSION), Waits.TALK, 7, OVERDUE),
        (standing(State.ACTIONABLE), Waits.DESK, 30, OVERDUE),
        (standing(State.PRIOR_STUDY), Waits.PARTY, 15, OVERDUE),
        (standing(State.PROPOSAL), Waits.DESK, 30, OVERDUE),
    ],
)
def test_whose_turn_it_is_and_by_when(topic, waits, days, duty):
    assert (topic.waits, topic.duty) == (waits, duty)
    deadline = topic.deadline(SINCE)
    assert deadline == SINCE + timedelta(days=days)
    late = deadline + timedelta(days=7 if waits is Waits.TALK else 0)
    assert topic.late_from(deadline) == late
    assert topic.overdue(deadline, late) is (duty == OVERDUE)
    assert topic.overdue(deadline, late - timedelta(seconds=1)) is False


def test_a_frozen_topic_waits_for_its_poll_alone():
    for state in FROZEN:
        topic = standing(state, WHOLE, returned=True)
        assert (topic.waits, topic.duty, topic.deadline(SINCE)) == (Waits.POLL, None, None)
    assert set(TASKS) == set(State) - FROZEN
    assert set(Waits) - set(DUTIES) == {Waits.POLL}


def test_a_discussion_lasts_its_days_and_a_lock_its_own():
    with pytest.raises(DiscussionRuns):
        require_discussed(SINCE + timedelta(days=7), SINCE)
    require_discussed(SINCE, SINCE)
    assert locked_until(SINCE, 90) == SINCE + timedelta(days=90)
    assert locked_until(SINCE, 0) is None


# -- what is offered ------------------------------------------------------------------------------


def offered(topic: Standing, *held: Hand, **facts) -> list[tuple[str, str | None]]:
    caller = Caller(
        frozenset(held),
        neighbour=facts.get("neighbour", False),
        author=facts.get("author", False),
        my_second=facts.get("my_second", False),
    )
    steps = next_steps(
        topic,
        caller,
        deadline=SINCE,
        has_proposal=facts.get("has_proposal", True),
        merged_into=facts.get("merged_into"),
        of_covenant=facts.get("of_covenant", False),
    )
    return [(step.do, step.to or step.stage or step.topic_id) for step in steps]


def test_each_is_offered_what_is_hers():
    assert offered(standing(), Hand.DESK) == [
        ("screen", "intake"), ("hand_over", None), ("advance", "closed")
    ]  # fmt: skip
    assert ("screen", "intake") not in offered(standing(settings=WHOLE), Hand.DESK)
    assert ("hand_over", None) not in offered(standing(), Hand.DESK, of_covenant=True)
    assert offered(standing(returned=True), Hand.AUTHOR, author=True) == [
        ("amend", None), ("withdraw", "closed")
    ]  # fmt: skip
    assert offered(standing(State.PRIOR_STUDY), Hand.PARTY) == [
        ("advance", "actionable"), ("advance", "proposal")
    ]  # fmt: skip
    assert offered(standing(), neighbour=True) == [("second", None)]
    assert offered(standing(), neighbour=True, my_second=True) == [("withdraw_second", None)]
    merged = standing(State.CLOSED)
    assert offered(merged, neighbour=True, my_second=True, merged_into="other") == [
        ("second_other", "other")
    ]
    assert offered(merged, neighbour=True, merged_into="other") == []
    drafted = standing(State.PROPOSAL)
    assert ("advance", "notice") in offered(drafted, Hand.DESK)
    assert ("advance", "notice") not in offered(drafted, Hand.DESK, has_proposal=False)


@pytest.mark.parametrize("settings", [SETTINGS, WHOLE, ChainSettings(steps=[])])
def test_nothing_is_offered_that_the_table_refuses_and_nothing_of_it_is_kept_back(settings):
    for state, hand in product(State, Hand):
        topic = standing(state, settings, seconded=True)
        shown = {to for do, to in offered(topic, hand) if do in ("advance", "withdraw")}
        allowed = set()
        for to in State:
            try:
                chain.step(settings, state, to, {hand}, "因为")
            except (chain.ChainRefuses, chain.NotYourStep):
                continue
            allowed.add(to.value)
        assert shown == allowed, (state, hand)


def test_what_must_be_given_is_said():
    caller = Caller(frozenset({Hand.DESK}), neighbour=False, author=False, my_second=False)
    by_way = {
        (state, step.to): step
        for state in (State.DISCUSSION, State.PROPOSAL)
        for step in next_steps(
            standing(state), caller, deadline=SINCE, has_proposal=True, merged_into=None
        )
    }
    formed = by_way[State.DISCUSSION, "actionable"]
    assert (formed.needs, formed.not_before) == (["wording"], SINCE)
    again = by_way[State.PROPOSAL, "actionable"]
    assert (again.needs, again.not_before) == (["reason"], None)
    assert by_way[State.DISCUSSION, "closed"].needs == ["reason"]
