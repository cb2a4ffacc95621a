"""The life of a work order on the grid platform's side, by its tables alone."""

from datetime import UTC, datetime, timedelta
from typing import get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st

from deploy.grid_platform.domain import (
    ANSWERS,
    AUTOMATIC,
    MAX_NOTE,
    MOVES,
    NAMES,
    OPEN,
    ROLE_NAMES,
    ImpossibleMove,
    ReasonMissing,
    Role,
    State,
    Step,
    WorkOrder,
    advance,
    automatic_step,
    due_at,
    in_turn,
    overdue,
)
from services.contracts.events.grid import WorkOrderState
from services.grid_bridge.domain import work_order

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)
HOUR = timedelta(hours=1)


def order(state: State = State.REPORTED, **changes: object) -> WorkOrder:
    base: dict[str, object] = {
        "no": "SQT-1",
        "platform_ref": "GP-1",
        "state": state,
        "since": NOON,
        "opened_at": NOON,
        "department": "城管执法",
    }
    return WorkOrder(**{**base, **changes})  # type: ignore[arg-type]


def walk(start: WorkOrder, *targets: State) -> tuple[WorkOrder, list[int]]:
    seqs = []
    for target in targets:
        start, update = advance(start, Step(target, "原因"), NOON)
        seqs.append(update.seq)
    return start, seqs


# The table of the rules, written down a second time in another form: (from, to), every pair.
RULES = """
reported: accepted rejected duplicate cancelled
accepted: verifying cancelled
rejected:
duplicate:
verifying: registered not_registered cancelled
registered: dispatched not_registered cancelled
not_registered:
dispatched: disposing returned cancelled
returned: dispatched cancelled
disposing: disposed extension_requested suspended cancelled
extension_requested: disposing cancelled
suspended: disposing cancelled
disposed: checking cancelled
checking: closed rework cancelled
rework: disposing cancelled
closed: evaluated reopened
evaluated: reopened
reopened: dispatched cancelled
cancelled:
"""
ALLOWED = {
    (State(source), State(target))
    for source, targets in (line.split(":") for line in RULES.split("\n") if line)
    for target in targets.split()
}


def test_the_states_are_those_of_the_contract() -> None:
    assert {state.value for state in State} == set(get_args(WorkOrderState))
    assert MOVES.keys() == NAMES.keys() == set(State)
    assert ROLE_NAMES.keys() == set(Role)


@pytest.mark.parametrize("source", State)
@pytest.mark.parametrize("target", State)
def test_only_the_moves_of_the_table_are_made(source: State, target: State) -> None:
    before = order(source, seq=3)
    if (source, target) in ALLOWED:
        after, update = advance(before, Step(target, "原因"), NOON + HOUR)
        assert (after.state, after.seq, after.since) == (target, 4, NOON + HOUR)
        assert (update.state, update.seq, update.at) == (target, 4, NOON + HOUR)
    else:
        with pytest.raises(ImpossibleMove, match=f"{source}.*{target}"):
            advance(before, Step(target, "原因"), NOON + HOUR)


@pytest.mark.parametrize(
    ("source", "target"),
    [
        (State.REPORTED, State.REJECTED),
        (State.REPORTED, State.DUPLICATE),
        (State.VERIFYING, State.NOT_REGISTERED),
        (State.DISPATCHED, State.RETURNED),
        (State.DISPOSING, State.EXTENSION_REQUESTED),
        (State.DISPOSING, State.SUSPENDED),
        (State.CHECKING, State.REWORK),
        (State.CHECKING, State.CANCELLED),
        (State.CLOSED, State.REOPENED),
    ],
)
def test_a_step_that_disappoints_needs_a_written_reason(source: State, target: State) -> None:
    with pytest.raises(ReasonMissing):
        advance(order(source), Step(target, "  "), NOON)


def test_the_bridge_follows_every_move_of_the_table() -> None:
    """Else an update of ours would end in its quarantine."""
    theirs = {state.value: exits for state, exits in work_order.EXITS.items()}
    for source, target in ALLOWED:
        assert target in theirs[source], f"{source} → {target}"


def test_open_orders_are_those_that_wait_for_somebody() -> None:
    ends = {"rejected", "duplicate", "not_registered", "closed", "evaluated", "cancelled"}
    assert {state.value for state in OPEN} == {state.value for state in State} - ends


def test_the_automatic_walk_is_the_one_that_is_promised() -> None:
    seen, current = [], order()
    while step := automatic_step(current):
        current, update = advance(current, step, NOON)
        seen.append((update.seq, update.state.value, update.actor_role.value))
        assert update.note, "each step tells the resident something"
    assert seen == [
        (1, "accepted", "intake_clerk"),
        (2, "verifying", "field_supervisor"),
        (3, "registered", "shift_leader"),
        (4, "dispatched", "dispatcher"),
        (5, "disposing", "department"),
        (6, "disposed", "department"),
        (7, "checking", "field_supervisor"),
        (8, "closed", "shift_leader"),
    ]


def test_a_reopened_order_is_walked_to_its_close_again() -> None:
    current, _ = walk(order(State.EVALUATED, seq=9), State.REOPENED)
    states = []
    while step := automatic_step(current):
        current, update = advance(current, step, NOON)
        states.append(update.state.value)
    assert states == ["dispatched", "disposing", "disposed", "checking", "closed"]
    assert current.seq == 15


@pytest.mark.parametrize("state", [State.RETURNED, State.SUSPENDED, State.EXTENSION_REQUESTED])
def test_what_a_person_held_up_waits_for_a_person(state: State) -> None:
    assert automatic_step(order(state)) is None


def test_every_automatic_step_and_answer_is_a_move_of_the_table() -> None:
    assert {(source, plan.target) for source, plan in AUTOMATIC.items()} <= ALLOWED
    assert all(answer.note for answer in ANSWERS.values())
    assert {kind: answer.target.value for kind, answer in ANSWERS.items()} == {
        "workorder.withdrawn.v1": "cancelled",
        "workorder.rated.v1": "evaluated",
        "workorder.reopened.v1": "reopened",
    }


@given(st.lists(st.sampled_from(State), max_size=60), st.lists(st.integers(-5, 5), min_size=60))
def test_seq_has_no_gap_and_time_never_goes_back(wishes: list[State], jumps: list[int]) -> None:
    """Whatever is asked of an order, and however the clock jumps."""
    current, clock, updates = order(), NOON, []
    for target, jump in zip(wishes, jumps, strict=False):
        clock += jump * HOUR
        try:
            current, update = advance(current, Step(target, "原因"), clock)
        except ImpossibleMove:
            continue
        updates.append(update)
    assert [update.seq for update in updates] == list(range(1, len(updates) + 1))
    assert [update.at for update in updates] == sorted(update.at for update in updates)
    assert current.seq == len(updates)


LIMITS = (("", NOON + 120 * HOUR), ("disposing", NOON + 48 * HOUR))


def test_dates_are_promised_when_the_order_is_taken_on_and_when_somebody_is_sent() -> None:
    current, promises = order(deadlines=LIMITS), {}
    while step := automatic_step(current):
        current, update = advance(current, step, NOON + HOUR)
        promises[update.state.value] = update.deadline
    assert {state: date for state, date in promises.items() if date} == {
        "accepted": NOON + 120 * HOUR,
        "dispatched": NOON + 48 * HOUR,
    }
    assert current.deadline == NOON + 48 * HOUR


def test_without_a_stage_limit_the_overall_one_is_promised() -> None:
    _, update = advance(order(State.REGISTERED, deadlines=LIMITS[:1]), Step(State.DISPATCHED), NOON)
    assert update.deadline == NOON + 120 * HOUR


def test_a_reopened_order_gets_the_stage_s_time_once_more() -> None:
    later = NOON + 500 * HOUR
    reopened = order(State.REOPENED, deadlines=LIMITS, since=later)
    _, update = advance(reopened, Step(State.DISPATCHED), later)
    assert update.deadline == later + 48 * HOUR


def test_a_clerk_s_date_and_department_win() -> None:
    date = NOON + 9 * HOUR
    after, update = advance(
        order(State.RETURNED, deadlines=LIMITS),
        Step(State.DISPATCHED, department="房管", deadline=date, attachments=("u1",)),
        NOON,
    )
    assert (update.department, update.deadline, update.attachments) == ("房管", date, ("u1",))
    assert (after.department, after.deadline) == ("房管", date)


def test_only_an_open_order_with_a_date_can_be_overdue() -> None:
    late = order(State.DISPOSING, deadline=NOON)
    assert overdue(late, NOON + HOUR)
    assert not overdue(late, NOON)
    assert not overdue(order(State.CLOSED, deadline=NOON), NOON + HOUR)
    assert not overdue(order(State.DISPOSING), NOON + HOUR)


def test_a_note_fits_the_wire() -> None:
    _, update = advance(order(), Step(State.ACCEPTED, "长" * (MAX_NOTE + 1)), NOON)
    assert len(update.note) == MAX_NOTE


@pytest.mark.parametrize(
    ("known", "opening", "version", "expected"),
    [
        (None, True, 1, True),
        (None, True, 7, True),  # the first we hear; its own number is where we begin
        (None, False, 2, False),  # about an order that nobody opened yet
        (1, False, 2, True),
        (1, False, 3, False),  # 2 is missing
        (3, False, 2, True),  # late: the table decides what it does
        (3, False, None, True),
    ],
)
def test_messages_are_taken_in_the_sender_s_order(
    known: int | None, opening: bool, version: int | None, expected: bool
) -> None:
    about = None if known is None else order(subject_version=known)
    assert in_turn(about, opening, version) is expected


def test_the_automatic_pause_runs_from_the_entry_into_the_state() -> None:
    assert due_at(NOON, 1.5) == NOON + timedelta(seconds=1.5)
