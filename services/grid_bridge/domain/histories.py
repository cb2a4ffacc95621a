"""What was written down about a case, as far as figures are made of it; see :mod:`.tallies`."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from services.grid_bridge.domain.work_order import State


@dataclass(frozen=True, slots=True)
class Clock:
    """A promise: when it began, when it is due, how it ended (``ended_at`` null: it runs)."""

    stage: str
    started_at: datetime
    due_at: datetime
    ended_at: datetime | None = None
    ending: str | None = None
    paused: bool = False


@dataclass(frozen=True, slots=True)
class Line:
    """A line of the timeline: the round, the outcome that stood then, whether it reopened."""

    at: datetime
    round: int
    result: str | None = None
    reopens: bool = False
    confirms: bool = False


@dataclass(frozen=True, slots=True)
class Update:
    """An update that took effect, with the overall limit and, of a new turn, all limits."""

    state: State
    at: datetime
    deadline: datetime | None = None
    limits: Mapping[str, datetime] | None = None


@dataclass(frozen=True, slots=True)
class Order:
    """A work order.

    ``deadline`` is its overall limit as it stands now; ``limits`` are those of its stages when it
    was opened, empty when only the overall one is known.
    """

    opened_at: datetime
    deadline: datetime
    limits: Mapping[str, datetime] = field(default_factory=dict)
    updates: Sequence[Update] = ()


@dataclass(frozen=True, slots=True)
class Case:
    """All that was written down about an issue and that figures are made of.

    ``attempts`` are the outcomes of self-governance, ``ratings`` the scores, with their moments.
    """

    created_at: datetime
    status: str
    category: str | None = None
    clocks: Sequence[Clock] = ()
    lines: Sequence[Line] = ()
    attempts: Sequence[tuple[datetime, str]] = ()
    ratings: Sequence[tuple[datetime, int]] = ()
    orders: Sequence[Order] = ()
