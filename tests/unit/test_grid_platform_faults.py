"""Drills of the reference platform: by seed, once each, and what they make of an update."""

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from deploy.grid_platform import faults
from deploy.grid_platform.domain import State
from deploy.grid_platform.faults import USUAL, Faults, Injected, Journal, Kind, Plan
from deploy.grid_platform.store import Outgoing
from services.grid_bridge.domain import work_order

AT = datetime(2026, 3, 2, 4, 0, tzinfo=UTC)
HISTORY = {0: State.REPORTED, 1: State.ACCEPTED}


def outgoing(seq: int = 1, number: int = 1) -> Outgoing:
    body = {"work_order_no": "SQT-1", "seq": seq, "state": "accepted", "at": AT.isoformat()}
    return Outgoing(number, f"m-{number}", "SQT-1", seq, json.dumps(body), {}, AT)


def drill(tmp_path: Path, *kinds: Kind, share: float = 1.0) -> Faults:
    return Faults(Plan(1, share, kinds), Journal(tmp_path / "faults.jsonl"))


def test_the_same_seed_makes_the_same_plan_and_another_one_another() -> None:
    def made(seed: int) -> list[Kind | None]:
        plan = Plan(seed)
        return [plan.fault(f"SQT-{n}", seq) for n in range(300) for seq in range(1, 9)]

    assert made(7) == made(7)
    assert made(7) != made(8)
    hit = [kind for kind in made(7) if kind]
    assert 0.08 < len(hit) / 2_400 < 0.12
    assert set(hit) == set(USUAL)


@pytest.mark.parametrize(
    "words", ["share=0.1", "seed=x", "seed=1 share=2", "seed=1 kinds=flood", "seed=1 colour=red"]
)
def test_a_plan_that_means_nothing_is_refused(words: str) -> None:
    with pytest.raises(ValueError, match=r"."):
        Plan.read(words)
    assert Plan.read("seed=3 share=0.5 kinds=delay,wrong") == Plan(3, 0.5, (Kind.DELAY, Kind.WRONG))


def test_each_fault_happens_once_also_after_a_restart(tmp_path: Path) -> None:
    first = drill(tmp_path, Kind.DUPLICATE)
    assert first.course(outgoing(), HISTORY).times == 2
    assert first.course(outgoing(), HISTORY) == faults.STRAIGHT
    assert drill(tmp_path, Kind.DUPLICATE).course(outgoing(), HISTORY) == faults.STRAIGHT
    with (tmp_path / "faults.jsonl").open("a") as journal:
        journal.write('{"no": "half a li')
    assert Journal(tmp_path / "faults.jsonl").read() == [Injected("SQT-1", 1, Kind.DUPLICATE)]


def test_what_waits_goes_out_straight_when_its_time_has_come(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    clock = [100.0]
    monkeypatch.setattr(faults.time, "monotonic", lambda: clock[0])
    late, turned = drill(tmp_path / "a", Kind.DELAY), drill(tmp_path / "b", Kind.REORDER)
    for one in (late, turned):
        one.journal.path.parent.mkdir()
        assert one.course(outgoing(), HISTORY).hold
        assert one.course(outgoing(), HISTORY).hold
    turned.gone(outgoing(2, 2))
    assert turned.course(outgoing(), HISTORY) == faults.STRAIGHT
    clock[0] += faults.LONGEST_SECONDS
    assert late.course(outgoing(), HISTORY) == faults.STRAIGHT


def test_a_bad_message_goes_before_the_right_one(tmp_path: Path) -> None:
    for kind in (Kind.WRONG, Kind.UNKNOWN, Kind.GARBAGE, Kind.HUGE):
        (tmp_path / kind).mkdir()
        course = drill(tmp_path / kind, kind).course(outgoing(), HISTORY)
        ((body, message_id),) = course.extra
        assert message_id != "m-1"
        assert (course.times, course.body, course.hold) == (1, None, False)
        if kind is Kind.GARBAGE:
            with pytest.raises(ValueError, match="Unterminated"):
                json.loads(body)
        elif kind is Kind.HUGE:
            assert len(body) > 1_000_000
        elif kind is Kind.UNKNOWN:
            assert json.loads(body)["work_order_no"] == "SQT-1-X1"
        else:
            assert json.loads(body)["state"] == "evaluated"


def test_an_impossible_state_is_impossible_on_both_sides() -> None:
    for state in State:
        other = faults.impossible_from(state)
        assert work_order.State(other) not in work_order.EXITS[work_order.State(state)]


def test_a_skewed_clock_tells_another_time_and_nothing_else(tmp_path: Path) -> None:
    body = drill(tmp_path, Kind.SKEW).course(outgoing(), HISTORY).body
    assert body is not None
    told, right = json.loads(body), json.loads(outgoing().body)
    off = datetime.fromisoformat(told.pop("at")) - datetime.fromisoformat(right.pop("at"))
    assert told == right
    assert timedelta(0) < abs(off) <= timedelta(days=2)
