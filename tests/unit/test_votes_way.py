"""A topic's own way: what is behind it, where it stands, what is still to come."""

from datetime import UTC, datetime, timedelta

import pytest

from services.contracts.operations.votes.chain import ChainSettings
from services.votes.domain.chain import State
from services.votes.domain.way import STAGES, stages, way

pytestmark = pytest.mark.unit

T = datetime(2026, 3, 5, tzinfo=UTC)
ALL = ChainSettings()
BARE = ChainSettings(steps=[])


def lines(*states: str):
    """A timeline that goes through these states, a day each, with other lines between."""
    was, found = states[0], []
    for day, state in enumerate(states):
        at = T + timedelta(days=day)
        kind = "advanced" if found else "raised"
        line = {"kind": kind, "was": was, "state": state, "at": at, "reason": f"to {state}"}
        found += [line, {**line, "kind": "proposal_written", "was": state, "reason": None}]
        was = state
    return found


def told(steps):
    return [(one.state, one.standing) for one in steps]


def test_a_question_has_its_whole_way_before_it():
    steps = way(ALL, State.RAISED, lines("raised"), T)
    assert (steps[0].standing, steps[0].until, steps[0].since) == ("now", T, T)
    assert [one.state for one in steps] == [
        "raised", "screened", "discussion", "actionable", "prior_study", "proposal", "notice",
        "voting", "publicity", "adopted",
    ]  # fmt: skip
    assert {one.standing for one in steps[1:]} == {"ahead"}


def test_steps_that_the_community_leaves_out_are_not_on_it():
    states = {one.state for one in way(BARE, State.SCREENED, lines("raised", "screened"), None)}
    assert states.isdisjoint({"discussion", "prior_study"})


def test_what_it_came_back_to_is_where_it_stands_and_the_latest_line_tells():
    again = lines("raised", "screened", "discussion", "actionable", "discussion")
    steps = way(ALL, State.DISCUSSION, again, None)
    assert told(steps)[:4] == [
        ("raised", "past"), ("screened", "past"), ("discussion", "now"), ("actionable", "ahead"),
    ]  # fmt: skip
    assert (steps[2].since, steps[2].reason) == (T + timedelta(days=4), "to discussion")


@pytest.mark.parametrize("end", ["refused", "closed"])
def test_what_ended_goes_no_further(end):
    steps = way(ALL, State(end), lines("raised", "screened", end), None)
    assert told(steps) == [("raised", "past"), ("screened", "past"), (end, "now")]
    assert steps[-1].reason == f"to {end}"


def test_what_was_adopted_is_at_its_end():
    steps = way(BARE, State.ADOPTED, lines("raised", "notice", "voting", "adopted"), None)
    assert told(steps)[-1] == ("adopted", "now")


def test_a_post_before_the_question_is_no_step():
    post = {"kind": "post", "was": "raised", "state": "raised", "at": T - timedelta(days=9)}
    (first, *_) = way(ALL, State.RAISED, [post, *lines("raised")], None)
    assert first.since == T


def test_every_state_stands_in_one_stage():
    states = [one for found in STAGES.values() for one in found]
    assert sorted(states) == sorted(State)
    assert stages({"raised": 2, "screened": 1, "closed": 4}) == {
        "asked": 3, "discussed": 0, "drafted": 0, "decided": 0, "adopted": 0, "ended": 4,
    }  # fmt: skip
