"""Comparing the platform's orders with ours (对账): what differs, and what mends it.

::

    difference       theirs          ours              repair
    missing_there    –               an order          republish_opened
    missing_here     an order        –                 look
    behind           seq n           applied < n       ask_updates from applied + 1
    ahead            seq n           applied > n       look: did they restore a copy?
    other_state      seq n, state a  seq n, state b    look: one number has said two things
    other_deadline   later           earlier           take_deadline
    held             –               waits for a gap   ask_updates from used + 1
    held             –               in quarantine     release: judged anew

An order is compared by the last update that took effect, so what lies in quarantine makes no
difference by itself; it is told apart, after everything else about its order. An earlier deadline
is none: what the platform tells may be the limit of a stage. What happened on our side after the
platform wrote its list is passed over, the next comparison sees it.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from services.grid_bridge.domain.work_order import State


class Kind(StrEnum):
    """How the two sides differ; see the module."""

    MISSING_THERE = "missing_there"
    MISSING_HERE = "missing_here"
    BEHIND = "behind"
    AHEAD = "ahead"
    OTHER_STATE = "other_state"
    OTHER_DEADLINE = "other_deadline"
    HELD = "held"


class Repair(StrEnum):
    """What mends a difference; ``look`` is a person's work."""

    REPUBLISH_OPENED = "republish_opened"
    ASK_UPDATES = "ask_updates"
    TAKE_DEADLINE = "take_deadline"
    RELEASE = "release"
    LOOK = "look"


@dataclass(frozen=True, slots=True)
class Theirs:
    """An order in the platform's list."""

    state: State
    seq: int
    deadline: datetime | None = None


@dataclass(frozen=True, slots=True)
class Ours:
    """An order here: the last update that took effect, and how many are held.

    ``moved_at`` is when the last of these arrived (the opening, when none has).
    """

    state: State
    applied: int
    used: int
    deadline: datetime
    opened_at: datetime
    moved_at: datetime
    waiting: int = 0
    quarantined: int = 0


@dataclass(frozen=True, slots=True)
class Difference:
    """One difference of one order; ``from_seq`` belongs to ``ask_updates``."""

    no: str
    kind: Kind
    repair: Repair
    ours: Ours | None = None
    theirs: Theirs | None = None
    held: int = 0
    from_seq: int | None = None


def compare(
    ours: Mapping[str, Ours], theirs: Mapping[str, Theirs], exported_at: datetime | None = None
) -> list[Difference]:
    """All differences, in the order of their numbers."""
    return [
        found
        for no in sorted({*ours, *theirs})
        for found in _differ(no, ours.get(no), theirs.get(no), exported_at)
    ]


def _differ(
    no: str, here: Ours | None, there: Theirs | None, exported_at: datetime | None
) -> Iterable[Difference]:
    if here is None:
        yield Difference(no, Kind.MISSING_HERE, Repair.LOOK, None, there)
        return
    since = exported_at is not None and here.moved_at > exported_at
    if there is None:
        if not (exported_at is not None and here.opened_at > exported_at):
            yield Difference(no, Kind.MISSING_THERE, Repair.REPUBLISH_OPENED, here)
    elif here.applied < there.seq:
        first = here.applied + 1
        yield Difference(no, Kind.BEHIND, Repair.ASK_UPDATES, here, there, 0, first)
    elif here.applied > there.seq:
        if not since:
            yield Difference(no, Kind.AHEAD, Repair.LOOK, here, there)
    elif here.state is not there.state:
        yield Difference(no, Kind.OTHER_STATE, Repair.LOOK, here, there)
    elif there.deadline is not None and there.deadline > here.deadline:
        yield Difference(no, Kind.OTHER_DEADLINE, Repair.TAKE_DEADLINE, here, there)
    if here.waiting:
        first = here.used + 1
        yield Difference(no, Kind.HELD, Repair.ASK_UPDATES, here, there, here.waiting, first)
    if here.quarantined:
        yield Difference(no, Kind.HELD, Repair.RELEASE, here, there, here.quarantined)
