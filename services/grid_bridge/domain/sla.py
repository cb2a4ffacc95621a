"""Promises: by when the resident hears the next word, in working days.

::

    reported ── first_response ─► triaged ─┬─ consult | advise | dispose | 8x ─► answered, solved
                                           └─ 8x ─► escalated ── grid ─► closed

    started_at ────────── 75 % ───────── due_at ──── +1 ──── +3 working days
                         at_risk         broken      broken  broken
                        committee       committee     town   district

One promise runs at a time; the next stage ends it. It stands still while the platform has
suspended the order or asked for an extension. The limits are this product's defaults, a district
or community may have its own: the city's hotline promises 1, 5 and 15 working days by kind of
business; 发帖必响应 is one working day.

A working day later means the same clock time on the next working day; what begins on a day off
begins with the next working day. Beyond the calendar that is known, weekdays count and the limit
is provisional. A promise remembers the steps by which its limit came about, so that a calendar
that becomes known later gives the limit that it would have given at once (:func:`renew`).
"""

from collections.abc import Callable, Mapping
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
    POST = "post"
    """The first answer to an ordinary post; see :mod:`services.grid_bridge.domain.post_clocks`."""


LIMITS: dict[Stage, int] = {
    Stage.POST: 1,
    Stage.FIRST_RESPONSE: 1,
    Stage.CONSULT: 1,
    Stage.ADVISE: 5,
    Stage.DISPOSE: 5,
    Stage.HARD: 5,
}
"""Working days of the community's own stages. The stage ``grid`` runs to the order's deadline."""

WARN = 75
"""The share of the time promised, in per cent, after which the committee is warned."""


@dataclass(frozen=True, slots=True)
class Limit:
    """Working days that a stage may take, and the per cent of them after which a warning is due."""

    days: int
    warn: int = WARN


DEFAULTS: Mapping[Stage, Limit] = {stage: Limit(days) for stage, days in LIMITS.items()}

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

    A warning comes after the promise's own share of the time (``Promise.warn``), a breach when it
    ran out, or ``late`` working days after that.
    """

    kind: Literal["at_risk", "broken"]
    level: Level
    late: int = 0


LADDER: tuple[Rung, ...] = (
    Rung("at_risk", "committee"),
    Rung("broken", "committee"),
    Rung("broken", "town", late=1),
    Rung("broken", "district", late=3),
)


@dataclass(frozen=True, slots=True)
class Step:
    """What gave a limit, or moved it.

    ========  ==========================================================================
    days      ``days`` working days from ``at``
    until     an undertaking given at ``at`` runs ``until`` then, within its own limit
    stood     the clock stood from ``at`` ``until`` then
    fixed     the limit is ``at``: somebody else's, as an order's deadline
    ========  ==========================================================================
    """

    kind: Literal["days", "until", "stood", "fixed"]
    at: datetime
    days: int = 0
    until: datetime | None = None


@dataclass(frozen=True, slots=True)
class Promise:
    """One promise. ``rung`` is the next step of :data:`LADDER`, past its end when all were said.

    ``warn`` is the per cent of the time after which a warning is due; ``steps`` say how the limit
    came about, and are empty of promises that were made before steps were kept.
    """

    stage: Stage
    started_at: datetime
    due_at: datetime
    provisional: bool = False
    paused_at: datetime | None = None
    rung: int = 0
    warn: int = WARN
    steps: tuple[Step, ...] = ()


def start_of(day: date) -> datetime:
    """The moment at which a day begins here."""
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
        moment = start_of(_next_workday(moment.date(), calendar))
    for _ in range(days):
        moment = datetime.combine(
            _next_workday(moment.date(), calendar), moment.timetz(), moment.tzinfo
        )
    return moment


def _on_a_workday(moment: datetime, calendar: Calendar) -> datetime:
    local = moment.astimezone(ZONE)
    if calendar.is_workday(local.date()):
        return moment
    return datetime.combine(_next_workday(local.date(), calendar), local.timetz(), local.tzinfo)


def _is_provisional(due: datetime, calendar: Calendar) -> bool:
    return not calendar.is_published(due.astimezone(ZONE).date())


def _counted(_due: datetime, step: Step, calendar: Calendar) -> datetime:
    return add_working_days(step.at, step.days, calendar)


def _undertaken(due: datetime, step: Step, calendar: Calendar) -> datetime:
    latest = add_working_days(step.at, UNDERTAKING_LIMIT, calendar)
    return max(due, min(step.until or due, latest))


def _stood(due: datetime, step: Step, calendar: Calendar) -> datetime:
    return _on_a_workday(due + ((step.until or step.at) - step.at), calendar)


def _fixed(_due: datetime, step: Step, _calendar: Calendar) -> datetime:
    return step.at


_MOVES: dict[str, Callable[[datetime, Step, Calendar], datetime]] = {
    "days": _counted,
    "until": _undertaken,
    "stood": _stood,
    "fixed": _fixed,
}


def reckon(due: datetime, steps: tuple[Step, ...], calendar: Calendar) -> datetime:
    """The limit that these steps give, one after the other, beginning with ``due``."""
    for step in steps:
        due = _MOVES[step.kind](due, step, calendar)
    return due


def make(stage: Stage, start: datetime, calendar: Calendar, limit: Limit | None = None) -> Promise:
    """The promise of one of the community's stages, begun at ``start``; the default's limit."""
    limit = limit or DEFAULTS[stage]
    steps = (Step("days", start, days=limit.days),)
    due = reckon(start, steps, calendar)
    return Promise(stage, start, due, _is_provisional(due, calendar), warn=limit.warn, steps=steps)


def make_for_order(
    start: datetime, deadline: datetime, calendar: Calendar, warn: int = WARN
) -> Promise:
    """The promise while the grid platform is at work."""
    return Promise(
        Stage.GRID,
        start,
        deadline,
        _is_provisional(deadline, calendar),
        warn=warn,
        steps=(Step("fixed", deadline),),
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
    step = Step("until", now, until=until)
    due = _undertaken(promise.due_at, step, calendar)
    return _moved(promise, due, (*promise.steps, step), calendar)


def reschedule(promise: Promise, due: datetime, calendar: Calendar) -> Promise:
    """Another limit; the ladder begins anew unless it is the same one."""
    return _moved(promise, due, (Step("fixed", due),), calendar)


def _moved(promise: Promise, due: datetime, steps: tuple[Step, ...], calendar: Calendar) -> Promise:
    if due == promise.due_at:
        return promise
    provisional = _is_provisional(due, calendar)
    return replace(promise, due_at=due, provisional=provisional, rung=0, steps=steps)


def follow(promise: Promise, deadline: datetime) -> Promise:
    """The steps of a promise that follows an order whose limit was reckoned anew."""
    return replace(promise, steps=(Step("fixed", deadline),))


def renew(promise: Promise, calendar: Calendar, now: datetime) -> Promise:
    """The promise as a calendar gives it that was not known when it was made.

    It is not broken by being reckoned anew: a limit that would lie behind ``now`` stays where it
    was. A breach that was told and is none by the new limit may be told when it comes; a warning
    is not given twice. Of a promise without steps, the limit moves off a day off.
    """
    due = (
        reckon(promise.due_at, promise.steps, calendar)
        if promise.steps
        else _on_a_workday(promise.due_at, calendar)
    )
    if due < promise.due_at and due <= now:
        due = promise.due_at
    renewed = replace(promise, due_at=due, provisional=_is_provisional(due, calendar))
    return replace(renewed, rung=_still_true(renewed, calendar, now))


def _still_true(promise: Promise, calendar: Calendar, now: datetime) -> int:
    rung = promise.rung
    while rung > 1 and rung_time(promise, rung - 1, calendar) > now:
        rung -= 1
    return rung


def pause(promise: Promise, now: datetime) -> Promise:
    """The clock stops."""
    return promise if promise.paused_at else replace(promise, paused_at=now)


def resume(promise: Promise, now: datetime, calendar: Calendar) -> Promise:
    """The clock goes on: the limit moves by the time that it stood, to a working day."""
    if promise.paused_at is None:
        return promise
    step = Step("stood", promise.paused_at, until=now)
    due = _stood(promise.due_at, step, calendar)
    return replace(
        promise,
        due_at=due,
        provisional=_is_provisional(due, calendar),
        paused_at=None,
        steps=(*(promise.steps or (Step("fixed", promise.due_at),)), step),
    )


def next_alarm(promise: Promise, calendar: Calendar) -> datetime | None:
    """When the next rung is due; None while paused and when all has been said."""
    if promise.paused_at is not None or promise.rung >= len(LADDER):
        return None
    return rung_time(promise, promise.rung, calendar)


def rung_time(promise: Promise, rung: int, calendar: Calendar) -> datetime:
    """When this rung of the ladder is due."""
    step = LADDER[rung]
    if step.kind == "at_risk":
        return risk_time(promise)
    return add_working_days(promise.due_at, step.late, calendar) if step.late else promise.due_at


def risk_time(promise: Promise) -> datetime:
    """From when on the promise is at risk."""
    return promise.started_at + (promise.due_at - promise.started_at) * promise.warn / 100


def first_rung(level: Level) -> int:
    """The rung that tells this level of a breach."""
    return next(n for n, rung in enumerate(LADDER) if (rung.kind, rung.level) == ("broken", level))


def told_to(rung: int) -> Level | None:
    """The highest level that has heard of a breach, when ``rung`` comes next; None: nobody yet."""
    said = LADDER[rung - 1] if 0 < rung <= len(LADDER) else None
    return said.level if said and said.kind == "broken" else None


def climb(promise: Promise) -> tuple[Promise, Rung]:
    """Say what the next rung says; the caller has looked at :func:`next_alarm`."""
    return replace(promise, rung=promise.rung + 1), LADDER[promise.rung]
