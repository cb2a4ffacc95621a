"""The chain is a table: who leads a topic where, and what nobody can. Needs: nothing."""

from datetime import UTC, datetime, timedelta
from itertools import product

import pytest

from services.contracts.operations.votes.chain import ChainSettings
from services.votes.domain.chain import (
    ENDED,
    STEPS,
    ChainRefuses,
    Hand,
    NotYourStep,
    ReasonNeeded,
    State,
    deadline,
    onwards,
    step,
)

ALL = frozenset(Hand)
WHOLE = ChainSettings(steps=["seconding", "discussion", "prior_study", "supervision", "filing"])
SHORT = ChainSettings(steps=[])


def reachable(settings: ChainSettings) -> set[State]:
    """Where a question can get to by whatever anybody may do."""
    found, edge = {State.RAISED}, [State.RAISED]
    while edge:
        was = edge.pop()
        for to in State:
            try:
                step(settings, was, to, ALL, "因为", screening=True)
            except ChainRefuses:
                continue
            if to not in found:
                found.add(to)
                edge.append(to)
    return found


def test_every_state_is_reached_and_ended_ones_are_never_left():
    assert reachable(WHOLE) == set(State)
    assert reachable(SHORT) == set(State) - {State.DISCUSSION, State.PRIOR_STUDY}
    assert not [was for was, _ in STEPS if was in ENDED]
    assert set(State) - ENDED <= {was for was, _ in STEPS}


@pytest.mark.parametrize(("was", "to"), [p for p in product(State, State) if p not in STEPS])
def test_what_is_not_in_the_table_nobody_can_do(was, to):
    with pytest.raises(ChainRefuses):
        step(WHOLE, was, to, ALL, "因为", screening=True)


@pytest.mark.parametrize(("was", "to"), sorted(STEPS))
def test_a_step_is_taken_by_those_whose_it_is_and_a_no_needs_its_reason(was, to):
    settings = SHORT if (was, to) in (
        (State.SCREENED, State.ACTIONABLE), (State.ACTIONABLE, State.PROPOSAL)
    ) else WHOLE  # fmt: skip
    for hand in Hand:
        own = next((one for one in STEPS[was, to] if one.hand is hand), None)
        if own is None:
            with pytest.raises(NotYourStep):
                step(settings, was, to, {hand}, "因为", screening=True)
            continue
        assert step(settings, was, to, {hand}, "因为", screening=True) is hand
        if own.reason:
            with pytest.raises(ReasonNeeded) as caught:
                step(settings, was, to, {hand}, "  ", screening=True)
            assert [e.field for e in caught.value.errors] == ["reason"]


def test_no_question_and_no_item_gets_past_its_screening():
    for was, to in (
        (State.RAISED, State.SCREENED),
        (State.RAISED, State.REFUSED),
        (State.ACTIONABLE, State.PRIOR_STUDY),
        (State.ACTIONABLE, State.REFUSED),
    ):
        with pytest.raises(ChainRefuses):
            step(WHOLE, was, to, ALL, "因为")
    assert onwards(WHOLE, State.RAISED) is State.SCREENED
    assert onwards(WHOLE, State.ACTIONABLE) is State.PRIOR_STUDY
    assert onwards(SHORT, State.ACTIONABLE) is State.PROPOSAL
    with pytest.raises(ChainRefuses):
        onwards(WHOLE, State.DISCUSSION)


def test_whoever_has_to_act_has_a_deadline_and_a_poll_has_its_own_times():
    since = datetime(2026, 3, 2, tzinfo=UTC)
    assert deadline(WHOLE, State.RAISED, since) == since + timedelta(days=7)
    assert deadline(WHOLE, State.PRIOR_STUDY, since) == since + timedelta(days=15)
    assert [deadline(WHOLE, one, since) for one in (State.NOTICE, State.VOTING, *ENDED)] == [
        None
    ] * 5
