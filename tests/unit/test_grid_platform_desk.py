"""The grid platform's use-cases on a real state file, with a clock that is told the time."""

import itertools
import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from deploy.grid_platform import messages
from deploy.grid_platform.desk import Desk, Outcome
from deploy.grid_platform.domain import (
    ImpossibleMove,
    ReasonMissing,
    State,
    Step,
    UnknownOrder,
    WorkOrder,
)
from deploy.grid_platform.store import SCHEMA_VERSION, Store

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)
NO = "SQT-1"


class Clock:
    """Stands still until it is moved."""

    def __init__(self) -> None:
        self.time = NOON

    def __call__(self) -> datetime:
        return self.time

    def forward(self, seconds: float) -> None:
        self.time += timedelta(seconds=seconds)


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "deep" / "state.sqlite3"


@pytest.fixture
def desk(path: Path, clock: Clock) -> Iterator[Desk]:
    with Store(path, create=True) as store:
        yield desk_on(store, clock)


def desk_on(store: Store, clock: Clock) -> Desk:
    numbers = itertools.count(1)
    return Desk(store, now=clock, new_id=lambda: f"out-{next(numbers)}", gap_seconds=60)


_ids = itertools.count(1)


def message(
    kind: str, version: int | None = None, no: str = NO, message_id: str = "", **fields: object
) -> messages.Incoming:
    base: dict[str, dict[str, object]] = {
        messages.OPENED: {
            "title": "占绿",
            "department": {"name": "城管执法"},
            "catalogue": {"version": "2026.1", "slot": "X3", "name": "毁绿占绿"},
            "library_entry": {"no": f"L-{no}", "slot": "X3", "entered_at": "2026-03-02T03:00:00Z"},
        },
        messages.AMENDED: {"note": "又添一处"},
        "workorder.rated.v1": {"score": 5, "solved": True, "comment": "满意"},
    }
    body = {"work_order_no": no, **base.get(kind, {"reason": "缘由"}), **fields}
    return messages.read(
        json.dumps(body).encode(),
        message_id=message_id or f"in-{next(_ids)}",
        kind=kind,
        headers={"subject_version": version, "traceparent": f"00-{version}"},
    )


URGED, WITHDRAWN, RATED, REOPENED = (
    f"workorder.{word}.v1" for word in ("urged", "withdrawn", "rated", "reopened")
)


def said(desk: Desk, no: str = NO) -> list[tuple[int, str]]:
    """The updates so far, as (seq, state)."""
    waiting = desk.store.waiting_updates(1000)
    return [(o.seq, json.loads(o.body)["state"]) for o in waiting if o.work_order_no == no]


def order_of(desk: Desk, no: str = NO) -> WorkOrder:
    order = desk.store.order(no)
    assert order is not None
    return order


def walk_to_the_end(desk: Desk, clock: Clock) -> None:
    for _ in range(40):
        desk.walk(1.0)
        clock.forward(1.0)


def test_an_opening_makes_an_order_and_a_library_entry(desk: Desk) -> None:
    assert desk.receive(message(messages.OPENED, 1)) is Outcome.TAKEN
    order = order_of(desk)
    assert (order.state, order.seq, order.platform_ref) == (
        State.REPORTED,
        0,
        "GP20260302000001",
    )
    (entry,) = desk.store.library()
    assert (entry["no"], entry["slot"], entry["slot_name"], entry["work_order_no"]) == (
        "L-SQT-1",
        "X3",
        "毁绿占绿",
        NO,
    )
    assert said(desk) == [], "reported is what the sender knows already"


def test_the_same_message_has_one_effect(desk: Desk) -> None:
    desk.receive(message(messages.OPENED, 1))
    urge = message(URGED, 2)
    assert [desk.receive(urge) for _ in range(3)] == [
        Outcome.TAKEN,
        Outcome.REPEATED,
        Outcome.REPEATED,
    ]
    order = order_of(desk)
    assert order.urged == 1
    assert len(desk.store.history(NO)) == 2


def test_limits_reckoned_anew_hold_until_the_order_is_taken_on(desk: Desk, clock: Clock) -> None:
    def limits(day: int) -> dict[str, object]:
        at = f"2027-01-{day:02}T04:00:00Z"
        return {"overall": at, "stages": [{"stage": "accepted", "due_at": at}]}

    desk.receive(message(messages.OPENED, 1, deadlines=limits(4)))
    desk.receive(message(messages.AMENDED, 2, deadlines=limits(6)))
    desk.receive(message(messages.AMENDED, 3))
    assert order_of(desk).limit("accepted") == datetime(2027, 1, 6, 4, tzinfo=UTC)
    desk.walk(1.0)
    clock.forward(1.0)
    desk.walk(1.0)
    assert order_of(desk).state is not State.REPORTED
    desk.receive(message(messages.AMENDED, 4, deadlines=limits(9)))
    assert order_of(desk).limit("") == datetime(2027, 1, 6, 4, tzinfo=UTC)


def test_a_second_opening_of_an_order_changes_nothing(desk: Desk, clock: Clock) -> None:
    desk.receive(message(messages.OPENED, 1))
    walk_to_the_end(desk, clock)
    assert desk.receive(message(messages.OPENED, 1, title="别的")) is Outcome.NO_EFFECT
    order = order_of(desk)
    assert (order.title, order.state) == ("占绿", State.CLOSED)


def test_the_automatic_mode_takes_one_step_per_pause(desk: Desk, clock: Clock) -> None:
    desk.receive(message(messages.OPENED, 1))
    assert desk.walk(1.0) == 0, "planted, not due"
    clock.forward(0.9)
    assert desk.walk(1.0) == 0
    clock.forward(0.1)
    assert desk.walk(1.0) == 1
    assert said(desk) == [(1, "accepted")]
    assert desk.walk(1.0) == 0


def test_the_automatic_mode_closes_and_later_messages_go_on_from_there(
    desk: Desk, clock: Clock
) -> None:
    desk.receive(message(messages.OPENED, 1))
    walk_to_the_end(desk, clock)
    desk.receive(message(RATED, 2))
    desk.receive(message(REOPENED, 3))
    walk_to_the_end(desk, clock)
    states = [
        *("accepted", "verifying", "registered", "dispatched", "disposing", "disposed"),
        *("checking", "closed", "evaluated", "reopened", "dispatched", "disposing"),
        *("disposed", "checking", "closed"),
    ]
    assert said(desk) == list(enumerate(states, start=1))


def test_the_walk_goes_on_where_it_was_after_a_restart(
    desk: Desk, path: Path, clock: Clock
) -> None:
    desk.receive(message(messages.OPENED, 1))
    desk.walk(100.0)
    desk.store.close()
    clock.forward(100.0)
    with Store(path) as store:
        again = desk_on(store, clock)
        assert again.walk(100.0) == 1
        assert said(again) == [(1, "accepted")]


def test_a_person_s_step_and_the_automatic_mode_do_not_collide(desk: Desk, clock: Clock) -> None:
    desk.receive(message(messages.OPENED, 1))
    desk.walk(1.0)
    clock.forward(0.5)
    desk.step(NO, Step(State.ACCEPTED))
    clock.forward(0.6)
    assert desk.walk(1.0) == 0, "the timer of the state that was left is void"
    clock.forward(0.5)
    assert desk.walk(1.0) == 1
    assert said(desk) == [(1, "accepted"), (2, "verifying")]


def test_what_a_person_held_up_stays_held_up(desk: Desk, clock: Clock) -> None:
    desk.receive(message(messages.OPENED, 1))
    for _ in range(6):
        desk.walk(1.0)
        clock.forward(1.0)
    desk.step(NO, Step(State.SUSPENDED, "待规划方案"))
    walk_to_the_end(desk, clock)
    assert said(desk)[-1][1] == "suspended"
    desk.step(NO, Step(State.DISPOSING))
    walk_to_the_end(desk, clock)
    assert said(desk)[-1][1] == "closed"


def test_a_withdrawal_ends_an_open_order(desk: Desk, clock: Clock) -> None:
    desk.receive(message(messages.OPENED, 1))
    desk.walk(1.0)
    assert desk.receive(message(WITHDRAWN, 2)) is Outcome.TAKEN
    walk_to_the_end(desk, clock)
    assert said(desk) == [(1, "cancelled")]
    (update,) = desk.store.waiting_updates()
    assert json.loads(update.body)["actor_role"] == "community"
    assert "缘由" not in update.body, "the asker's words are not told again"


@pytest.mark.parametrize("kind", [WITHDRAWN, URGED])
def test_what_comes_too_late_is_kept_without_effect(desk: Desk, clock: Clock, kind: str) -> None:
    desk.receive(message(messages.OPENED, 1))
    walk_to_the_end(desk, clock)
    before = said(desk)
    assert desk.receive(message(kind, 2)) is Outcome.NO_EFFECT
    assert said(desk) == before
    assert desk.store.history(NO)[-1]["kind"] == kind


def test_a_rating_before_the_close_is_kept_without_effect(desk: Desk) -> None:
    desk.receive(message(messages.OPENED, 1))
    assert desk.receive(message(RATED, 2)) is Outcome.NO_EFFECT
    order = order_of(desk)
    assert (order.state, order.score) == (State.REPORTED, None)


def test_a_message_before_its_opening_waits_for_it(desk: Desk) -> None:
    assert desk.receive(message(URGED, 3)) is Outcome.WAITING
    assert desk.receive(message(messages.AMENDED, 2)) is Outcome.WAITING
    assert desk.receive(message(messages.OPENED, 1)) is Outcome.TAKEN
    kinds = [row["kind"] for row in desk.store.history(NO)]
    assert kinds == [messages.OPENED, messages.AMENDED, URGED]
    assert desk.store.counts()["waiting"]["messages"] == 0


def test_messages_out_of_order_are_taken_in_the_sender_s_order(desk: Desk, clock: Clock) -> None:
    desk.receive(message(messages.OPENED, 1))
    walk_to_the_end(desk, clock)
    assert desk.receive(message(REOPENED, 3)) is Outcome.WAITING
    assert desk.receive(message(RATED, 2)) is Outcome.TAKEN
    assert [state for _, state in said(desk)][-2:] == ["evaluated", "reopened"]


def test_a_waiting_message_repeated_still_waits_once(desk: Desk) -> None:
    urge = message(URGED, 2)
    assert desk.receive(urge) is Outcome.WAITING
    assert desk.receive(urge) is Outcome.REPEATED
    desk.receive(message(messages.OPENED, 1))
    order = order_of(desk)
    assert order.urged == 1


def test_a_gap_is_waited_for_and_then_passed_over(desk: Desk, clock: Clock) -> None:
    desk.receive(message(messages.OPENED, 1))
    desk.receive(message(URGED, 3))
    clock.forward(59)
    assert desk.release() == 0
    clock.forward(2)
    assert desk.release() == 1
    assert desk.store.history(NO)[-1]["kind"] == URGED
    assert desk.receive(message(WITHDRAWN, 2)) is Outcome.TAKEN, "late is not lost"
    order = order_of(desk)
    assert (order.subject_version, order.state) == (3, State.CANCELLED)


def test_a_gap_behind_a_late_opening_is_passed_over_too(desk: Desk, clock: Clock) -> None:
    desk.receive(message(URGED, 3))
    clock.forward(1000)
    assert desk.release() == 0, "without its opening there is nothing to urge"
    desk.receive(message(messages.OPENED, 1))
    clock.forward(61)
    assert desk.release() == 1
    order = order_of(desk)
    assert order.urged == 1


def test_orders_do_not_wait_for_each_other(desk: Desk) -> None:
    desk.receive(message(URGED, 2, no="SQT-2"))
    assert desk.receive(message(messages.OPENED, 1)) is Outcome.TAKEN
    assert desk.store.order("SQT-2") is None


def test_a_refused_step_leaves_no_trace(desk: Desk) -> None:
    desk.receive(message(messages.OPENED, 1))
    with pytest.raises(ImpossibleMove):
        desk.step(NO, Step(State.CLOSED))
    with pytest.raises(ReasonMissing):
        desk.step(NO, Step(State.REJECTED))
    with pytest.raises(UnknownOrder):
        desk.step("SQT-9", Step(State.ACCEPTED))
    order = order_of(desk)
    assert (order.state, order.seq) == (State.REPORTED, 0)
    assert said(desk) == []


def test_a_failure_half_way_rolls_everything_back(desk: Desk) -> None:
    desk.receive(message(messages.OPENED, 1))
    desk.new_id = lambda: ""  # the second update will collide with the first
    desk.step(NO, Step(State.ACCEPTED))
    with pytest.raises(Exception, match="UNIQUE"):
        desk.step(NO, Step(State.VERIFYING))
    order = order_of(desk)
    assert (order.state, order.seq) == (State.ACCEPTED, 1)


def test_a_call_back_records_the_score(desk: Desk, clock: Clock) -> None:
    desk.receive(message(messages.OPENED, 1))
    walk_to_the_end(desk, clock)
    assert desk.rate(NO, 4).score == 4
    assert said(desk)[-1] == (9, "evaluated")


def test_updates_carry_the_trace_of_the_latest_message(desk: Desk) -> None:
    desk.receive(message(messages.OPENED, 1))
    desk.step(NO, Step(State.ACCEPTED))
    desk.receive(message(URGED, 2))
    desk.step(NO, Step(State.VERIFYING))
    traces = [outgoing.headers["traceparent"] for outgoing in desk.store.waiting_updates()]
    assert traces == ["00-1", "00-2"]


def test_two_desks_on_one_file_share_one_count(desk: Desk, path: Path, clock: Clock) -> None:
    desk.receive(message(messages.OPENED, 1))
    with Store(path) as store:
        other = Desk(store, now=clock)
        desk.step(NO, Step(State.ACCEPTED))
        other.step(NO, Step(State.VERIFYING))
        desk.step(NO, Step(State.REGISTERED))
    assert [seq for seq, _ in said(desk)] == [1, 2, 3]


def test_a_state_file_of_a_later_version_is_not_touched(path: Path) -> None:
    with Store(path, create=True) as store:
        store.db.execute(f"PRAGMA user_version = {SCHEMA_VERSION + 1}")
    with pytest.raises(RuntimeError, match="version"):
        Store(path)


def test_a_missing_state_file_is_not_made_by_a_command(path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        Store(path)
    assert not path.exists()
