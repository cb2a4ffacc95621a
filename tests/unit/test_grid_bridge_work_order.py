"""The mirror of a work order under numbered updates in any order. Needs: nothing."""

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from deploy.grid_platform import domain as platform
from services.contracts.events.grid import WorkOrderState
from services.grid_bridge.domain.work_order import (
    EXITS,
    MAX_GAP,
    OPEN,
    QUARANTINE,
    REFUSED,
    REOPENABLE,
    Held,
    Mirror,
    State,
    Verdict,
    receive,
)

pytestmark = pytest.mark.unit


class Desk:
    """Takes updates as the handler does, with lists for tables."""

    def __init__(self) -> None:
        self.mirror = Mirror()
        self.applied: dict[int, State] = {}
        self.held: dict[tuple[int, State], str] = {}

    def take(self, seq: int, state: State) -> Verdict:
        held = [Held(n, s, None) for n, s in self.held if n >= seq and (n, s) != (seq, state)]
        said = self.applied.get(seq) if seq <= self.mirror.applied else None
        self.mirror, steps = receive(self.mirror, seq, state, None, held, said)
        for step in steps:
            key = (step.seq, step.state)
            if step.verdict is Verdict.APPLY:
                assert step.seq not in self.applied
                self.applied[step.seq] = step.state
                self.held.pop(key, None)
            elif step.verdict in QUARANTINE:
                self.held[key] = "quarantined"
            elif step.verdict is Verdict.WAIT:
                self.held.setdefault(key, "waiting")
        return steps[0].verdict

    def quarantine(self) -> set[tuple[int, State]]:
        return {key for key, standing in self.held.items() if standing == "quarantined"}


@st.composite
def walks(draw: st.DrawFn) -> list[State]:
    """The states of a life that the table allows, from the first update on."""
    state, walk = State.REPORTED, []
    for _ in range(draw(st.integers(1, 14))):
        if not EXITS[state]:
            break
        state = draw(st.sampled_from(sorted(EXITS[state])))
        walk.append(state)
    return walk


def test_the_states_are_those_of_the_wire():
    assert {state.value for state in State} == set(WorkOrderState.__args__)


def test_the_reference_platform_makes_no_move_that_the_mirror_forbids():
    for source, targets in platform.MOVES.items():
        assert {State(target) for target in targets} <= EXITS[State(source)]


def test_every_order_is_open_ended_or_refused():
    assert set(OPEN) | set(REFUSED) | set(REOPENABLE) | {State.CANCELLED} == set(State)
    assert not OPEN & (REFUSED | REOPENABLE)


@given(walk=walks())
def test_in_order_everything_is_applied(walk):
    desk = Desk()
    for seq, state in enumerate(walk, 1):
        assert desk.take(seq, state) is Verdict.APPLY
    assert desk.mirror == Mirror(walk[-1], len(walk), len(walk))


@given(walk=walks(), data=st.data())
def test_any_order_and_repeats_end_in_the_same_state(walk, data):
    messages = list(enumerate(walk, 1))
    repeats = data.draw(st.lists(st.sampled_from(messages), max_size=6))
    desk = Desk()
    for seq, state in data.draw(st.permutations([*messages, *repeats])):
        desk.take(seq, state)
    assert desk.mirror == Mirror(walk[-1], len(walk), len(walk))
    assert desk.applied == dict(messages)
    assert not desk.held


@settings(max_examples=300)
@given(walk=walks(), data=st.data())
def test_a_wrong_message_with_a_number_of_the_life_harms_nothing(walk, data):
    """It may come before, between or after the right one with the same number."""
    index = data.draw(st.integers(0, len(walk) - 1))
    before = walk[index - 1] if index else State.REPORTED
    wrong = data.draw(st.sampled_from(sorted(set(State) - EXITS[before])))
    messages = list(enumerate(walk, 1))
    order = data.draw(st.permutations([*messages, (index + 1, wrong), (index + 1, wrong)]))
    desk = Desk()
    for seq, state in order:
        desk.take(seq, state)
    assert desk.mirror.state is walk[-1]
    assert desk.mirror.applied == len(walk)
    assert (index + 1, wrong) in desk.quarantine()
    assert (index + 1, wrong) not in desk.applied.items()


@given(walk=walks(), data=st.data())
def test_a_wrong_message_with_a_number_of_its_own_harms_nothing(walk, data):
    """The platform counted its own mistake; its later numbers go on."""
    index = data.draw(st.integers(0, len(walk) - 1))
    before = walk[index - 1] if index else State.REPORTED
    wrong = data.draw(st.sampled_from(sorted(set(State) - EXITS[before])))
    states = [*walk[:index], wrong, *walk[index:]]
    desk = Desk()
    for seq, state in enumerate(states, 1):
        desk.take(seq, state)
    assert desk.mirror == Mirror(walk[-1], len(states), len(states))
    assert desk.quarantine() == {(index + 1, wrong)}


def test_a_gap_is_waited_for_and_filled_at_once():
    desk = Desk()
    assert desk.take(3, State.REGISTERED) is Verdict.WAIT
    assert desk.take(2, State.VERIFYING) is Verdict.WAIT
    assert desk.mirror.state is State.REPORTED
    assert desk.take(1, State.ACCEPTED) is Verdict.APPLY
    assert desk.mirror == Mirror(State.REGISTERED, 3, 3)


def test_an_impossible_transition_uses_its_number_up_and_keeps_the_state():
    desk = Desk()
    assert desk.take(1, State.CLOSED) is Verdict.IMPOSSIBLE
    assert desk.mirror == Mirror(State.REPORTED, 0, 1)
    assert desk.take(2, State.ACCEPTED) is Verdict.APPLY


def test_what_lay_in_quarantine_is_not_revived_by_a_later_state():
    """A wrong "closed" must not close the order when it happens to be checked."""
    desk = Desk()
    desk.take(1, State.CLOSED)
    for seq, state in enumerate(
        ("accepted", "verifying", "registered", "dispatched", "disposing", "disposed", "checking"),
        2,
    ):
        assert desk.take(seq, State(state)) is Verdict.APPLY
    assert desk.take(1, State.CLOSED) is Verdict.CONFLICT
    assert desk.mirror.state is State.CHECKING


def test_the_same_number_with_other_words_is_a_conflict():
    desk = Desk()
    desk.take(1, State.ACCEPTED)
    assert desk.take(1, State.ACCEPTED) is Verdict.REPEATED
    assert desk.take(1, State.REJECTED) is Verdict.CONFLICT
    assert desk.mirror.state is State.ACCEPTED


def test_a_number_from_nowhere_is_not_waited_for():
    desk = Desk()
    assert desk.take(MAX_GAP, State.ACCEPTED) is Verdict.WAIT
    assert desk.take(MAX_GAP + 1, State.ACCEPTED) is Verdict.TOO_FAR
    assert desk.take(10**30, State.ACCEPTED) is Verdict.TOO_FAR
    assert json.dumps(desk.mirror.used) == "0"


@pytest.mark.parametrize("state", sorted(set(State) - EXITS[State.CLOSED]))
def test_a_closed_order_is_moved_by_the_resident_only(state):
    desk = Desk()
    desk.mirror = Mirror(State.CLOSED, 8, 8)
    assert desk.take(9, state) is Verdict.IMPOSSIBLE
