"""Drills: what can go wrong on the way, on purpose, by a plan that a seed decides.

::

    SHEQU_GRID_FAULTS="seed=7 share=0.1"                 all kinds but ``lose``
    SHEQU_GRID_FAULTS="seed=7 share=0.2 kinds=delay,duplicate"

    delay       it waits up to two seconds, and later ones of the order overtake it
    reorder     it waits until the next one of any order has gone out, or a second has passed
    duplicate   it goes out twice
    wrong       before it goes one with its number and an impossible state
    unknown     before it goes one about an order that nobody opened
    garbage     before it goes a body that is no JSON
    huge        before it goes one with its number and a note of a megabyte
    skew        its time is up to two days off
    disconnect  it goes out, and the connection is lost before that is written down
    restart     it goes out, and the process is replaced before that is written down
    lose        it never goes out, and counts as sent

Whether an update has a fault, and which, hangs on seed, order and number alone, so a run can be
repeated. Each fault happens once: it is written to a journal beside the state file first.
"""

import json
import os
import random
import sys
import time
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from enum import StrEnum
from pathlib import Path

from .domain import MOVES, State
from .messages import new_message_id, wire_time
from .store import Outgoing

LONGEST_SECONDS = 2.0
REORDER_SECONDS = 1.0
SKEW_SECONDS = 2 * 86_400
HUGE = "满" * 350_000


class Kind(StrEnum):
    """What goes wrong; see the module."""

    DELAY = "delay"
    REORDER = "reorder"
    DUPLICATE = "duplicate"
    WRONG = "wrong"
    UNKNOWN = "unknown"
    GARBAGE = "garbage"
    HUGE = "huge"
    SKEW = "skew"
    DISCONNECT = "disconnect"
    RESTART = "restart"
    LOSE = "lose"


WEIGHTS: dict[Kind, int] = {
    Kind.DELAY: 5,
    Kind.REORDER: 5,
    Kind.DUPLICATE: 5,
    Kind.WRONG: 5,
    Kind.UNKNOWN: 2,
    Kind.GARBAGE: 2,
    Kind.HUGE: 1,
    Kind.SKEW: 4,
    Kind.DISCONNECT: 1,
    Kind.RESTART: 1,
    Kind.LOSE: 4,
}
USUAL: tuple[Kind, ...] = tuple(kind for kind in Kind if kind is not Kind.LOSE)
"""All but ``lose``: what is lost stays lost until somebody compares and asks for it."""


@dataclass(frozen=True, slots=True)
class Plan:
    """Which update goes wrong, and how; ``share`` of them do, 0 to 1."""

    seed: int
    share: float = 0.1
    kinds: tuple[Kind, ...] = USUAL

    @classmethod
    def read(cls, words: str) -> "Plan":
        """The plan in words; :class:`ValueError` says what is wrong with them."""
        told = dict(word.partition("=")[::2] for word in words.split())
        if unknown := told.keys() - {"seed", "share", "kinds"}:
            raise ValueError(f"a plan has seed, share and kinds, not {', '.join(sorted(unknown))}")
        if "seed" not in told:
            raise ValueError("a plan needs seed=<number>")
        kinds = tuple(Kind(one) for one in told["kinds"].split(",")) if "kinds" in told else USUAL
        plan = cls(int(told["seed"]), float(told.get("share", "0.1")), kinds)
        if not 0 <= plan.share <= 1:
            raise ValueError("share is between 0 and 1")
        return plan

    def dice(self, no: str, seq: int) -> random.Random:
        """The same throws for the same update, in every run."""
        return random.Random(f"{self.seed}:{no}:{seq}")  # noqa: S311 (no secret)

    def fault(self, no: str, seq: int) -> Kind | None:
        """What goes wrong with this update; None when nothing does."""
        dice = self.dice(no, seq)
        if dice.random() >= self.share:
            return None
        return dice.choices(self.kinds, [WEIGHTS[kind] for kind in self.kinds])[0]


@dataclass(frozen=True, slots=True)
class Injected:
    """A fault that happened."""

    no: str
    seq: int
    kind: Kind


class Journal:
    """The faults that happened, a line each, written before they do."""

    def __init__(self, path: Path) -> None:
        self.path = path

    @classmethod
    def beside(cls, state_file: Path) -> "Journal":
        """The journal of a state file."""
        return cls(state_file.with_suffix(".faults.jsonl"))

    def read(self) -> list[Injected]:
        """What happened so far; half a line at the end, of a crash, counts as nothing."""
        if not self.path.is_file():
            return []
        lines = self.path.read_text().split("\n")[:-1]
        told = (json.loads(line) for line in lines)
        return [Injected(one["no"], one["seq"], Kind(one["kind"])) for one in told]

    def write(self, one: Injected) -> None:
        """Write it down so that a crash does not forget it."""
        with self.path.open("a") as file:
            file.write(json.dumps({"no": one.no, "seq": one.seq, "kind": one.kind.value}) + "\n")
            file.flush()
            os.fsync(file.fileno())


@dataclass(frozen=True, slots=True)
class Course:
    """How an update goes out: these messages in this order, and what happens afterwards.

    ``hold`` says: not yet. ``extra`` are bodies with their message ids that go before it.
    """

    hold: bool = False
    extra: tuple[tuple[bytes, str], ...] = ()
    body: bytes | None = None
    times: int = 1
    after: Kind | None = None


STRAIGHT = Course()


@dataclass
class Faults:
    """Applies a plan to the updates of one process."""

    plan: Plan
    journal: Journal
    done: set[tuple[str, int]] = field(default_factory=set)
    held: dict[int, float] = field(default_factory=dict)
    waiting_for_another: set[int] = field(default_factory=set)

    def __post_init__(self) -> None:
        self.done = {(one.no, one.seq) for one in self.journal.read()}

    def course(self, outgoing: Outgoing, history: Mapping[int, State]) -> Course:
        """How this update goes out now; ``history`` is the order's state by number, 0 for the
        opening."""
        no, seq = outgoing.work_order_no, outgoing.seq
        if outgoing.id in self.held:
            if time.monotonic() < self.held[outgoing.id]:
                return Course(hold=True)
            del self.held[outgoing.id]
            self.waiting_for_another.discard(outgoing.id)
            return STRAIGHT
        kind = None if (no, seq) in self.done else self.plan.fault(no, seq)
        if kind is None:
            return STRAIGHT
        self.done.add((no, seq))
        self.journal.write(Injected(no, seq, kind))
        return self._course(kind, outgoing, history)

    def _course(self, kind: Kind, outgoing: Outgoing, history: Mapping[int, State]) -> Course:
        dice = self.plan.dice(outgoing.work_order_no, outgoing.seq)
        if kind in (Kind.DELAY, Kind.REORDER):
            seconds = dice.uniform(0.2, LONGEST_SECONDS) if kind is Kind.DELAY else REORDER_SECONDS
            self.held[outgoing.id] = time.monotonic() + seconds
            if kind is Kind.REORDER:
                self.waiting_for_another.add(outgoing.id)
            return Course(hold=True)
        if kind is Kind.DUPLICATE:
            return Course(times=2)
        if kind is Kind.SKEW:
            return Course(body=_skewed(outgoing.body, dice))
        if kind in (Kind.DISCONNECT, Kind.RESTART):
            return Course(after=kind)
        if kind is Kind.LOSE:
            return Course(times=0)
        return Course(extra=((_bad(kind, outgoing, history), new_message_id()),))

    def gone(self, outgoing: Outgoing) -> None:
        """An update went out: what waited for another one may follow it."""
        for waiting in self.waiting_for_another - {outgoing.id}:
            self.held[waiting] = 0.0


def impossible_from(before: State) -> State:
    """A state that no table lets an order go to from ``before``."""
    return State.EVALUATED if State.EVALUATED not in MOVES[before] else State.ACCEPTED


def _bad(kind: Kind, outgoing: Outgoing, history: Mapping[int, State]) -> bytes:
    if kind is Kind.GARBAGE:
        return b'{"work_order_no": "SQT-'
    body = json.loads(outgoing.body)
    if kind is Kind.WRONG:
        body["state"] = impossible_from(history[outgoing.seq - 1]).value
    elif kind is Kind.UNKNOWN:
        body["work_order_no"] = f"{outgoing.work_order_no}-X{outgoing.seq}"
    else:
        body["note"] = HUGE
    return json.dumps(body, ensure_ascii=False).encode()


def _skewed(body: str, dice: random.Random) -> bytes:
    told = json.loads(body)
    off = timedelta(seconds=dice.uniform(-SKEW_SECONDS, SKEW_SECONDS))
    told["at"] = wire_time(datetime.fromisoformat(told["at"]) + off)
    return json.dumps(told, ensure_ascii=False).encode()


def restart() -> None:
    """Become a new process, as after a crash: nothing is closed or finished."""
    arguments = [sys.executable, "-m", __package__ or "", *sys.argv[1:]]
    os.execv(sys.executable, arguments)


def with_id(outgoing: Outgoing, message_id: str) -> Outgoing:
    """The same headers under another message id."""
    headers = {**outgoing.headers, "cloudEvents:id": message_id}
    return replace(outgoing, message_id=message_id, headers=headers)
