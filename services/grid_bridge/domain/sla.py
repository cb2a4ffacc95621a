"""Promises: by when the resident hears the next word, in working days.

::

    reported ── first_response ─► triaged ─┬─ consult | advise | dispose | 8x ─► answered, solved
                                           └─ 8x ─► escalated ── grid ─► closed

    started_at ─────────── 3/4 ───────── due_at ──── +1 ──── +3 working days
                         at_risk         broken      broken  broken
                        committee       committee     town   district

One promise runs at a time; the next stage ends it. It stands still while the platform has
suspended the order or asked for an extension. The limits are this product's defaults: the city's
hotline promises 1, 5 and 15 working days by kind of business; 发帖必响应 is one working day.

A working day later means the same clock time on the next working day; what begins on a day off
begins with the next working day. Beyond the published calendar, weekdays count and the limit is
provisional.
"""

from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta, timezone
from enum import StrEnum
from fractions import Fraction
from math import ceil
from typing import Literal, Protocol

ZONE = timezone(timedelta(hours=8), "CST")
"""China Standard Time; there is no summer time."""


class Calendar(Protocol):
    """Which days are worked on."""

    def is_workday(self, day: date) -> bool:
        """Whether ``day`` is worked on; weekdays where nothing is published."""

    def is_published(self, day: date) -> bool:
        """Whether the government's calendar covers ``day``."""


class Stage(StrEnum):
    """What is promised."""

    FIRST_RESPONSE = "first_response"
    CONSULT = "consult"
    ADVISE = "advise"
    DISPOSE = "dispose"
    HARD = "8x"
    GRID = "grid"


LIMITS: dict[Stage, int] = {
    Stage.FIRST_RESPONSE: 1,
    Stage.CONSULT: 1,
    Stage.ADVISE: 5,
    Stage.DISPOSE: 5,
    Stage.HARD: 5,
}
"""Working days of the community's own stages. The stage ``grid`` runs to the order's deadline."""

Urgency = Literal["normal", "urgent", "critical"]

HASTE: dict[Urgency, Fraction] = {
    "normal": Fraction(1),
    "urgent": Fraction(1, 2),
    "critical": Fraction(1, 5),
}
"""The share of a slot's limits that an order has, each at least one working day."""

ACCEPTING, DISPATCHING, CHECKING = 1, 1, 2
"""Working days for taking an order on, for finding who does it, and for looking at the result."""

UNDERTAKING_LIMIT = 15
"""Working days by which an undertaking with a date may stretch a promise at most."""

Level = Literal["committee", "town", "district"]


@dataclass(frozen=True, slots=True)
class Rung:
    """One step of the ladder: what is said to whom, and when.

    ``share`` is a fraction of the time promised (a pair, exact); ``late`` are working days after
    it ran out.
    """

    kind: Literal["at_risk", "broken"]
    level: Level
    share: tuple[int, int] = (1, 1)
    late: int = 0


LADDER: tuple[Rung, ...] = (
    Rung("at_risk", "committee", share=(3, 4)),
    Rung("broken", "committee"),
    Rung("broken", "town", late=1),
    Rung("broken", "district", late=3),
)


@dataclass(frozen=True, slots=True)
class Promise:
    """One promise. ``rung`` is the next step of :data:`LADDER`, past its end when all were said."""

    stage: Stage
    started_at: datetime
    due_at: datetime
    provisional: bool = False
    paused_at: datetime | None = None
    rung: int = 0


def _start_of(day: date) -> datetime:
    return datetime.combine(day, time(), ZONE)


def _next_workday(day: date, calendar: Calendar) -> date:
    day += timedelta(days=1)
    while not calendar.is_workday(day):
        day += timedelta(days=1)
    return day


def add_working_days(start: datetime, days: int, calendar: Calendar) -> datetime:
    """``days`` working days after ``start`` (aware); the answer is in UTC offset +8."""
    moment = start.astimezone(ZONE)
    if not calendar.is_workday(moment.date()):
        moment = _start_of(_next_workday(moment.date(), calendar))
    for _ in range(days):
        moment = datetime.combine(
            _next_workday(moment.date(), calendar), moment.timetz(), moment.tzinfo
        )
    return moment


def make(stage: Stage, start: datetime, calendar: Calendar) -> Promise:
    """The promise of one of the community's stages, begun at ``start``."""
    due = add_working_days(start, LIMITS[stage], calendar)
    return Promise(stage, start, due, not calendar.is_published(due.date()))


def make_for_order(start: datetime, deadline: datetime, calendar: Calendar) -> Promise:
    """The promise while the grid platform is at work."""
    return Promise(
        Stage.GRID, start, deadline, not calendar.is_published(deadline.astimezone(ZONE).date())
    )


def share_of(days: int, share: Fraction) -> int:
    """A share of so many working days, at least one."""
    return ceil(days * share)


def order_deadlines(
    opened_at: datetime,
    urgency: Urgency,
    on_site: int,
    disposed: int,
    calendar: Calendar,
    share: Fraction | None = None,
) -> tuple[datetime, list[tuple[str, datetime]]]:
    """The limits that go out with a work order: overall, and (stage, due) in their order.

    ``on_site`` and ``disposed`` are the catalogue's limits of its slot, in working days from
    opening: somebody has looked at it, it is dealt with. An order has its urgency's share of
    them, or the one that is given.
    """
    share = HASTE[urgency] if share is None else share
    days = {
        "accepted": ACCEPTING,
        "verifying": max(on_site, ACCEPTING),
        "dispatched": max(on_site, ACCEPTING) + DISPATCHING,
        "disposing": max(disposed, on_site + DISPATCHING),
        "checking": max(disposed, on_site + DISPATCHING) + CHECKING,
    }
    due = [
        (stage, add_working_days(opened_at, share_of(count, share), calendar))
        for stage, count in days.items()
    ]
    return due[-1][1], due


def stretch(promise: Promise, until: datetime, now: datetime, calendar: Calendar) -> Promise:
    """An undertaking runs ``until`` then: the promise is not broken before, within limits."""
    latest = add_working_days(now, UNDERTAKING_LIMIT, calendar)
    return reschedule(promise, max(promise.due_at, min(until, latest)), calendar)


def reschedule(promise: Promise, due: datetime, calendar: Calendar) -> Promise:
    """Another limit; the ladder begins anew unless it is the same one."""
    if due == promise.due_at:
        return promise
    provisional = not calendar.is_published(due.astimezone(ZONE).date())
    return replace(promise, due_at=due, provisional=provisional, rung=0)


def pause(promise: Promise, now: datetime) -> Promise:
    """The clock stops."""
    return promise if promise.paused_at else replace(promise, paused_at=now)


def resume(promise: Promise, now: datetime, calendar: Calendar) -> Promise:
    """The clock goes on: the limit moves by the time that it stood, to a working day."""
    if promise.paused_at is None:
        return promise
    due = (promise.due_at + (now - promise.paused_at)).astimezone(ZONE)
    if not calendar.is_workday(due.date()):
        due = datetime.combine(_next_workday(due.date(), calendar), due.timetz(), due.tzinfo)
    provisional = not calendar.is_published(due.date())
    return replace(promise, due_at=due, provisional=provisional, paused_at=None)


def next_alarm(promise: Promise, calendar: Calendar) -> datetime | None:
    """When the next rung is due; None while paused and when all has been said."""
    if promise.paused_at is not None or promise.rung >= len(LADDER):
        return None
    rung = LADDER[promise.rung]
    if rung.late:
        return add_working_days(promise.due_at, rung.late, calendar)
    numerator, denominator = rung.share
    return promise.started_at + (promise.due_at - promise.started_at) * numerator / denominator


def climb(promise: Promise) -> tuple[Promise, Rung]:
    """Say what the next rung says; the caller has looked at :func:`next_alarm`."""
    return replace(promise, rung=promise.rung + 1), LADDER[promise.rung]
