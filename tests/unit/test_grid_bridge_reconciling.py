"""The library's standings, steering, and comparing two lists: rules alone. Needs: nothing."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.grid_bridge.domain import library, steering, work_order
from services.grid_bridge.domain.library import OF_ORDER, Standing
from services.grid_bridge.domain.reconciling import Kind, Ours, Repair, Theirs, compare
from services.grid_bridge.domain.work_order import OPEN, State

pytestmark = pytest.mark.unit

AT = datetime(2026, 3, 2, 4, 0, tzinfo=UTC)
DUE = AT + timedelta(days=14)

states = st.sampled_from(list(State))
ours = st.builds(
    Ours,
    state=states,
    applied=st.integers(0, 9),
    used=st.just(9),
    deadline=st.just(DUE),
    opened_at=st.just(AT),
    moved_at=st.just(AT),
)


def here(state: State = State.REPORTED, applied: int = 0, **more: int) -> Ours:
    return Ours(state, applied, applied, DUE, AT, AT, **more)


def test_every_move_of_an_order_is_a_move_of_its_entry_or_none():
    for state, exits in work_order.EXITS.items():
        for target in exits:
            before, after = OF_ORDER[state], OF_ORDER[target]
            assert before is after or after in library.EXITS[before], (state, target)


def test_an_entry_is_handed_over_again_from_wherever_its_order_ended():
    ends = {OF_ORDER[state] for state in State if state not in OPEN}
    assert all(Standing.ENTERED in library.EXITS[one] for one in ends)
    assert set(OF_ORDER) == set(State)
    assert set(library.EXITS) == set(Standing)


@pytest.mark.parametrize("state", State)
def test_an_order_is_urged_and_asked_back_while_it_is_open_and_asked_back_once(state):
    if state in OPEN:
        steering.still_open(state)
        steering.may_withdraw(state, asked=False)
        with pytest.raises(steering.WithdrawalAsked):
            steering.may_withdraw(state, asked=True)
    else:
        for asked in (False, True):
            with pytest.raises(steering.OrderEnded):
                steering.may_withdraw(state, asked=asked)


@given(st.dictionaries(st.text(max_size=3), ours))
def test_a_list_that_says_the_same_has_no_difference(orders):
    same = {no: Theirs(one.state, one.applied, one.deadline) for no, one in orders.items()}
    assert compare(orders, same) == []


@given(ours, states, st.integers(0, 9))
def test_an_order_has_one_difference_at_most_besides_what_is_held(one, state, seq):
    found = compare({"a": one}, {"a": Theirs(state, seq)})
    assert len(found) == ((state, seq) != (one.state, one.applied))
    assert all(row.from_seq == one.applied + 1 for row in found if row.kind is Kind.BEHIND)


def test_what_is_held_is_told_after_the_difference_of_its_order():
    found = compare({"a": here(waiting=2, quarantined=1)}, {"a": Theirs(State.ACCEPTED, 1)})
    assert [(row.kind, row.repair, row.held, row.from_seq) for row in found] == [
        (Kind.BEHIND, Repair.ASK_UPDATES, 0, 1),
        (Kind.HELD, Repair.ASK_UPDATES, 2, 1),
        (Kind.HELD, Repair.RELEASE, 1, None),
    ]


def test_an_earlier_deadline_is_no_difference():
    assert compare({"a": here()}, {"a": Theirs(State.REPORTED, 0, DUE - timedelta(days=9))}) == []
