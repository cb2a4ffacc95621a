"""The clock of an ordinary post: somebody in office answers within a working day (发帖必响应).

::

    published ──┬── answered in office ─────────────► staff
                ├── became an issue ────────────────► issue      the issue's own clock goes on
                ├── taken away, or its author did ──► removed ── shown again: its time once more
                ├── put into another module ────────► moved
                └── its author has left for good ───► left

    started_at ── 75 % ── due_at ────── +1 working day
                at_risk   unanswered    unanswered
              committee   committee     town

A neighbour's answer is noted and ends nothing: the clock is the staff's. What an author says
beneath her own post answers nobody. A single post is no matter of the district's: it reads the
response rate.

Facts come in any order and more than once. Each is kept at its own time; of several ends the
earliest counts, except that what became an issue within its time is counted there alone. What was
late by then stays late: turning it into an issue takes no breach back.
"""

from dataclasses import dataclass, fields, replace
from datetime import datetime
from enum import StrEnum
from fractions import Fraction

from services.grid_bridge.domain import sla
from services.grid_bridge.domain.sla import LADDER, Calendar, Limit, Promise, Rung, Stage, Step

MODULES = frozenset({"nearby", "hall", "mutual_aid"})
"""The modules whose posts wait for an answer."""

POST_LADDER: tuple[Rung, ...] = LADDER[:3]


class End(StrEnum):
    """Why a clock ended."""

    STAFF = "staff"
    ISSUE = "issue"
    REMOVED = "removed"
    MOVED = "moved"
    LEFT = "left"


@dataclass(frozen=True, slots=True)
class Clock:
    """What is known of a post's clock; ``published_at`` is None before the post itself is heard of.

    It runs from ``started_at``: when the post was shown, or shown again.
    """

    published_at: datetime | None = None
    started_at: datetime | None = None
    due_at: datetime | None = None
    provisional: bool = False
    days: int = 1
    warn: int = sla.WARN
    rung: int = 0
    neighbour_replied_at: datetime | None = None
    staff_replied_at: datetime | None = None
    ended_at: datetime | None = None
    ended_by: End | None = None

    @property
    def running(self) -> bool:
        """Whether somebody waits for an answer."""
        return self.due_at is not None and self.ended_at is None


@dataclass(frozen=True, slots=True)
class PostCounts:
    """Posts of a span by how their clocks came out.

    ``handed_over`` (to an issue) and ``left_out`` (gone), both before the limit, are judged nowhere
    here; ``gone_late`` went either way after the limit without an answer. ``open`` is not due yet;
    ``open_overdue`` waits beyond its limit. The neighbours' answers are of the judged posts alone.
    """

    posts: int = 0
    handed_over: int = 0
    left_out: int = 0
    gone_late: int = 0
    staff_in_time: int = 0
    staff_late: int = 0
    neighbour_in_time: int = 0
    neighbour_late: int = 0
    open: int = 0
    open_overdue: int = 0

    @property
    def judged(self) -> int:
        """The denominator of every rate: answered in office, or due by now."""
        return self.staff_in_time + self.staff_late + self.gone_late + self.open_overdue

    def rate(self, numerator: int) -> Fraction | None:
        """A share of the judged posts; None where there are none."""
        return Fraction(numerator, self.judged) if self.judged else None


COUNTED = tuple(one.name for one in fields(PostCounts) if not one.name.startswith("open"))
"""What is kept as counters; what is open is asked for when it is read."""


def publish(clock: Clock, at: datetime, calendar: Calendar, limit: Limit) -> Clock:
    """The post was shown to its community; heard again it changes nothing."""
    if clock.published_at is not None:
        return clock
    return _started(replace(clock, published_at=at), at, calendar, limit)


def reply(clock: Clock, at: datetime, *, staff: bool) -> Clock:
    """Somebody else than the author answered, in office or as a neighbour; the first counts."""
    if not staff:
        return replace(clock, neighbour_replied_at=_first(clock.neighbour_replied_at, at))
    answered = replace(clock, staff_replied_at=_first(clock.staff_replied_at, at))
    return end(answered, at, End.STAFF)


def end(clock: Clock, at: datetime, by: End) -> Clock:
    """The clock ends, unless it did earlier; an issue takes over whatever was before."""
    if clock.ended_by is End.ISSUE:
        return clock
    if by is End.ISSUE or clock.ended_at is None or at < clock.ended_at:
        return replace(clock, ended_at=at, ended_by=by)
    return clock


def show_again(clock: Clock, at: datetime, calendar: Calendar, limit: Limit) -> Clock:
    """A post that had been taken away is back: its time runs once more."""
    if clock.ended_by is not End.REMOVED:
        return clock
    back = replace(clock, ended_at=None, ended_by=None)
    if clock.staff_replied_at is not None:
        return end(back, clock.staff_replied_at, End.STAFF)
    return _started(back, at, calendar, limit) if clock.published_at else back


def renew(clock: Clock, calendar: Calendar, now: datetime) -> Clock:
    """The clock as another calendar gives it; see :func:`sla.renew`."""
    promise = sla.renew(as_promise(clock), calendar, now)
    return replace(clock, due_at=promise.due_at, provisional=promise.provisional, rung=promise.rung)


def next_alarm(clock: Clock, calendar: Calendar) -> datetime | None:
    """When the next rung of :data:`POST_LADDER` is due; None when it has ended or all was said."""
    if not clock.running or clock.rung >= len(POST_LADDER):
        return None
    return sla.next_alarm(as_promise(clock), calendar)


def climb(clock: Clock) -> tuple[Clock, Rung]:
    """Say what the next rung says; the caller has looked at :func:`next_alarm`."""
    return replace(clock, rung=clock.rung + 1), POST_LADDER[clock.rung]


def as_promise(clock: Clock) -> Promise:
    """The clock as a promise."""
    if clock.started_at is None or clock.due_at is None:
        raise ValueError("a clock that has not begun promises nothing")
    return Promise(
        Stage.POST,
        clock.started_at,
        clock.due_at,
        clock.provisional,
        rung=clock.rung,
        warn=clock.warn,
        steps=(Step("days", clock.started_at, days=clock.days),),
    )


def counted(clock: Clock) -> dict[str, int]:
    """What a clock adds to the counters of its day."""
    if clock.published_at is None or clock.due_at is None:
        return {}
    found = {"posts": 1}
    if clock.ended_at is None:
        return found
    answer = clock.staff_replied_at if clock.ended_by in (End.STAFF, End.ISSUE) else None
    over = min(clock.ended_at, answer or clock.ended_at)
    if over <= clock.due_at and clock.ended_by is not End.STAFF:
        return {**found, "handed_over" if clock.ended_by is End.ISSUE else "left_out": 1}
    if answer == over:
        found["staff_in_time" if over <= clock.due_at else "staff_late"] = 1
    else:
        found["gone_late"] = 1
    heard = clock.neighbour_replied_at
    if heard is not None:
        found["neighbour_in_time" if heard <= clock.due_at else "neighbour_late"] = 1
    return found


def _started(clock: Clock, at: datetime, calendar: Calendar, limit: Limit) -> Clock:
    promise = sla.make(Stage.POST, at, calendar, limit)
    return replace(
        clock,
        started_at=at,
        due_at=promise.due_at,
        provisional=promise.provisional,
        days=limit.days,
        warn=limit.warn,
        rung=0,
    )


def _first(known: datetime | None, at: datetime) -> datetime:
    return at if known is None else min(known, at)
