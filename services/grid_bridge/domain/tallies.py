"""What counts of a case, reckoned from what was written down about it.

::

    reported, promises, outcomes, attempts,       ┌─► counted   (day, mark) → amount
    ratings, orders with their updates   ──tally──┤
                                                  └─► pending   (mark, limit) of what is open

A case is tallied as a whole, and anew, whenever something happens to it; what has changed since
the last time goes into the counters. So a counter is right because the tally is, and a correction
that comes late (an update out of quarantine, another answer in the same round) takes back what
was counted before.

What has a limit is counted on the day of its limit (China's), however early or late it was done:
"should have been" (应…) of a span are those whose limit lies in it. While it is open it stands in
``pending``, and counts from the moment on that its limit passes. What was refused, withdrawn or
merged before is no more due. A case that goes on by another promise is due by the last one; where
one was broken before, by that: who is late does not come to be in time by moving the limit.

Limits of an order are those that went out with it; when the platform gives it longer, the limits
of disposing and of checking move along. An order that is opened again (重办) begins a new turn
with limits of its own.
"""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum

from services.grid_bridge.domain.histories import Case, Clock, Line, Order, Update
from services.grid_bridge.domain.issue import Status
from services.grid_bridge.domain.sla import ZONE, Stage
from services.grid_bridge.domain.work_order import REFUSED, State


class Mark(StrEnum):
    """What is counted; the second word says what of it."""

    ISSUES_REPORTED = "issues.reported"
    CONTACT_DUE = "contact.due"  # the first word to the reporter
    CONTACT_DONE = "contact.done"
    CONTACT_ON_TIME = "contact.on_time"
    CONTACT_SECONDS = "contact.seconds"
    FINISH_DUE = "finish.due"  # the last word; by which promise, see the module
    FINISH_AGAIN = "finish.again"  # a later limit of what was due already
    FINISH_DONE = "finish.done"
    FINISH_ON_TIME = "finish.on_time"
    OUTCOMES_ALL = "outcomes.all"
    OUTCOMES_SOLVED = "outcomes.solved"
    OUTCOMES_EXPLAINED = "outcomes.explained"
    OUTCOMES_REOPENED = "outcomes.reopened"
    RATINGS_COUNT = "ratings.count"
    RATINGS_POINTS = "ratings.points"
    RATINGS_SATISFIED = "ratings.satisfied"
    GOVERNED_ENDED = "governed.ended"
    GOVERNED_SOLVED = "governed.solved"
    POSTS_DUE = "posts.due"  # the first word to a post; see :mod:`.post_clocks`
    POSTS_ON_TIME = "posts.on_time"
    ORDERS_REPORTED = "orders.reported"
    ORDERS_EFFECTIVE = "orders.effective"
    REGISTER_DONE = "register.done"
    REGISTER_ON_TIME = "register.on_time"
    REGISTER_ACCURATE = "register.accurate"
    VERIFY_DUE = "verify.due"
    VERIFY_ON_TIME = "verify.on_time"
    DISPATCH_DUE = "dispatch.due"
    DISPATCH_ON_TIME = "dispatch.on_time"
    DISPATCH_ACCURATE = "dispatch.accurate"
    DISPOSE_DUE = "dispose.due"
    DISPOSE_DONE = "dispose.done"
    DISPOSE_ON_TIME = "dispose.on_time"
    DISPOSE_OVERDUE = "dispose.overdue"
    DISPOSE_EXTENDED = "dispose.extended"
    DISPOSE_SECONDS = "dispose.seconds"
    CHECK_DUE = "check.due"
    CHECK_ON_TIME = "check.on_time"
    CLOSE_DUE = "close.due"
    CLOSE_DONE = "close.done"
    CLOSE_ON_TIME = "close.on_time"
    CLOSE_REWORKED = "close.reworked"


SOLVED = frozenset({"fixed", "solved", "grid_closed"})
"""Outcomes by which the problem is gone (实际解决)."""
EXPLAINED = frozenset({"answered", "refused", "unresolvable", "grid_refused"})
"""Outcomes by which it was explained (解释说明). What was cancelled is neither."""
FINISHED = frozenset({Status.ANSWERED, Status.SOLVED, Status.CLOSED})
SATISFIED = 4
"""The lowest of the scores 1 to 5 that counts as satisfied."""
POINTS = 20
"""Points of 100 that one point of a score is worth (满意分)."""


class Ending(StrEnum):
    """How a promise ended."""

    KEPT = "kept"  # the case has its outcome
    MOVED = "moved"  # it went on, by another promise or none
    VOID = "void"  # nothing was due any more: merged, or cancelled


def ending(status: str, result: str | None) -> Ending:
    """How the promise ends that ran until the case came to stand here."""
    if status == Status.MERGED or result == "cancelled":
        return Ending.VOID
    return Ending.KEPT if status in FINISHED else Ending.MOVED


# -- the tally ---------------------------------------------------------------------------------


@dataclass(slots=True)
class Tally:
    """What counts of a case: see the module. ``stands`` is its own gauge, of no day."""

    counted: Counter[tuple[date, str]] = field(default_factory=Counter)
    pending: list[tuple[str, datetime]] = field(default_factory=list)
    stands: str = ""

    def add(self, at: datetime, mark: Mark, amount: int = 1) -> None:
        """Count on the day of this moment."""
        if amount:
            self.counted[local_day(at), mark.value] += amount

    def wait(self, due_at: datetime, *marks: Mark) -> None:
        """Count these from their limit on."""
        self.pending += [(mark.value, due_at) for mark in marks]


def local_day(moment: datetime) -> date:
    """The day in China."""
    return moment.astimezone(ZONE).date()


def stands(status: str, category: str | None) -> str:
    """The gauge of the issues that stand here and are of this category (null: none yet)."""
    return f"stands.{status}.{category or ''}"


def tally(case: Case) -> Tally:
    """What counts of the case."""
    found = Tally(stands=stands(case.status, case.category))
    found.add(case.created_at, Mark.ISSUES_REPORTED)
    for clock in case.clocks:
        if clock.stage == Stage.FIRST_RESPONSE:
            _contacted(found, clock)
    _promised(found, [clock for clock in case.clocks if clock.stage != Stage.FIRST_RESPONSE])
    _outcomes(found, case.lines)
    yes = [(line.at, "solved") for line in case.lines if line.confirms]
    for at, outcome in (*case.attempts, *yes):
        found.add(at, Mark.GOVERNED_ENDED)
        found.add(at, Mark.GOVERNED_SOLVED, int(outcome == "solved"))
    for at, score in case.ratings:
        found.add(at, Mark.RATINGS_COUNT)
        found.add(at, Mark.RATINGS_POINTS, score * POINTS)
        found.add(at, Mark.RATINGS_SATISFIED, int(score >= SATISFIED))
    for order in case.orders:
        _ordered(found, order)
    return found


def _contacted(found: Tally, clock: Clock) -> None:
    if clock.ended_at is None:
        if not clock.paused:
            found.wait(clock.due_at, Mark.CONTACT_DUE)
        return
    if clock.ending == Ending.VOID:
        return
    waited = int((clock.ended_at - clock.started_at).total_seconds())
    found.add(clock.due_at, Mark.CONTACT_DUE)
    found.add(clock.due_at, Mark.CONTACT_DONE)
    found.add(clock.due_at, Mark.CONTACT_ON_TIME, int(clock.ended_at <= clock.due_at))
    found.add(clock.due_at, Mark.CONTACT_SECONDS, waited)


def _promised(found: Tally, clocks: Iterable[Clock]) -> None:
    """The last word of each round is due by the promise that ran then, or the first that broke."""
    broken: datetime | None = None
    for clock in clocks:
        if clock.ended_at is None:
            if not clock.paused:
                found.wait(clock.due_at, Mark.FINISH_AGAIN if broken else Mark.FINISH_DUE)
        elif clock.ending == Ending.VOID:
            broken = None
        elif clock.ending == Ending.KEPT:
            due = broken or clock.due_at
            found.add(due, Mark.FINISH_DUE)
            found.add(due, Mark.FINISH_DONE)
            found.add(due, Mark.FINISH_ON_TIME, int(clock.ended_at <= due))
            broken = None
        elif broken is None and clock.ended_at > clock.due_at and not clock.paused:
            broken = clock.due_at
    if broken is not None:
        found.add(broken, Mark.FINISH_DUE)


def _outcomes(found: Tally, lines: Sequence[Line]) -> None:
    """Each round has one outcome: the last that it came to, on the day when it came to it."""
    came: dict[int, tuple[str, datetime]] = {}
    reopened: set[int] = set()
    for line in lines:
        if line.reopens:
            reopened.add(line.round - 1)
        if line.result is not None and came.get(line.round, ("",))[0] != line.result:
            came[line.round] = (line.result, line.at)
    for number, (result, at) in came.items():
        found.add(at, Mark.OUTCOMES_ALL)
        found.add(at, Mark.OUTCOMES_SOLVED, int(result in SOLVED))
        found.add(at, Mark.OUTCOMES_EXPLAINED, int(result in EXPLAINED))
        found.add(at, Mark.OUTCOMES_REOPENED, int(number in reopened))


# -- orders ------------------------------------------------------------------------------------

REGISTERING, DISPATCHING, DISPOSING, CLOSING = "verifying", "dispatched", "disposing", "checking"
"""The stages whose limits these are: looked at and registered, handed on, dealt with, closed."""


@dataclass(slots=True)
class _Turn:
    """One way of an order from the desk to its closing."""

    limits: dict[str, datetime]
    verifying: bool = False
    registered: tuple[datetime, bool] | None = None  # when, and whether in time
    refused: bool = False
    over: bool = False  # refused or cancelled: nothing more is due
    handed: datetime | None = None  # the last dispatch
    dispatched: tuple[datetime, datetime] | None = None  # the limit, and when
    returned: bool = False
    disposed: tuple[datetime, datetime] | None = None
    took: int = 0
    checking: bool = False
    extended: bool = False
    reworked: bool = False
    closed: tuple[datetime, datetime] | None = None


def _ordered(found: Tally, order: Order) -> None:
    limits = dict.fromkeys((REGISTERING, DISPATCHING, DISPOSING, CLOSING), order.deadline)
    turn = _Turn({**limits, **order.limits})
    turns = [turn]
    for update in order.updates:
        if update.state is State.REOPENED:
            again = update.limits or dict.fromkeys(limits, update.deadline or order.deadline)
            turn = _Turn(dict(again))
            turns.append(turn)
        _give_longer(turn, update.deadline)
        _take(found, turn, update)
    _give_longer(turn, order.deadline)
    found.add(order.opened_at, Mark.ORDERS_REPORTED)
    first = turns[0]
    found.add(
        order.opened_at, Mark.ORDERS_EFFECTIVE, int(bool(first.registered) and not first.refused)
    )
    for one in turns:
        _settle(found, one)


def _give_longer(turn: _Turn, deadline: datetime | None) -> None:
    more = deadline - turn.limits[CLOSING] if deadline else None
    if more and more.total_seconds() > 0:
        for stage in (DISPOSING, CLOSING):
            turn.limits[stage] += more


def _take(found: Tally, turn: _Turn, update: Update) -> None:
    state, at = update.state, update.at
    if turn.verifying and state in (State.REGISTERED, State.NOT_REGISTERED):
        turn.verifying = False
        found.add(turn.limits[REGISTERING], Mark.VERIFY_DUE)
        found.add(
            turn.limits[REGISTERING], Mark.VERIFY_ON_TIME, int(at <= turn.limits[REGISTERING])
        )
    if turn.checking and state in (State.CLOSED, State.REWORK):
        turn.checking = False
        found.add(turn.limits[CLOSING], Mark.CHECK_DUE)
        found.add(turn.limits[CLOSING], Mark.CHECK_ON_TIME, int(at <= turn.limits[CLOSING]))
    match state:
        case State.VERIFYING:
            turn.verifying = True
        case State.REGISTERED:
            turn.registered = (at, at <= turn.limits[REGISTERING])
        case State.DISPATCHED:
            turn.handed = at
            turn.dispatched = turn.dispatched or (turn.limits[DISPATCHING], at)
        case State.RETURNED:
            turn.returned = True
        case State.EXTENSION_REQUESTED:
            turn.extended = True
        case State.DISPOSED:
            if turn.disposed is None:
                turn.disposed = (turn.limits[DISPOSING], at)
                turn.took = int((at - (turn.handed or at)).total_seconds())
            turn.checking = True
        case State.REWORK:
            turn.reworked = True
        case State.CLOSED:
            turn.closed = (turn.limits[CLOSING], at)
        case _:
            turn.refused = turn.refused or state in REFUSED
            turn.over = turn.over or state in REFUSED or state is State.CANCELLED


def _settle(found: Tally, turn: _Turn) -> None:
    """What of a turn is done is counted; what is open waits for its limit."""
    if turn.registered:
        at, on_time = turn.registered
        found.add(at, Mark.REGISTER_DONE)
        found.add(at, Mark.REGISTER_ON_TIME, int(on_time))
        found.add(at, Mark.REGISTER_ACCURATE, int(not turn.refused))
    extended = (Mark.DISPOSE_EXTENDED,) if turn.extended else ()
    reworked = (Mark.CLOSE_REWORKED,) if turn.reworked else ()
    if turn.dispatched:
        due, at = turn.dispatched
        found.add(due, Mark.DISPATCH_DUE)
        found.add(due, Mark.DISPATCH_ON_TIME, int(at <= due))
        found.add(due, Mark.DISPATCH_ACCURATE, int(not turn.returned))
    if turn.disposed:
        due, at = turn.disposed
        found.add(due, Mark.DISPOSE_DUE)
        found.add(due, Mark.DISPOSE_DONE)
        found.add(due, Mark.DISPOSE_ON_TIME, int(at <= due))
        found.add(due, Mark.DISPOSE_SECONDS, turn.took)
        found.add(due, Mark.DISPOSE_EXTENDED, len(extended))
    if turn.closed:
        due, at = turn.closed
        found.add(due, Mark.CLOSE_DUE)
        found.add(due, Mark.CLOSE_DONE)
        found.add(due, Mark.CLOSE_ON_TIME, int(at <= due))
        found.add(due, Mark.CLOSE_REWORKED, len(reworked))
    if turn.over:
        return
    if not turn.dispatched:
        found.wait(turn.limits[DISPATCHING], Mark.DISPATCH_DUE)
    if not turn.disposed:
        found.wait(turn.limits[DISPOSING], Mark.DISPOSE_DUE, Mark.DISPOSE_OVERDUE, *extended)
    if not turn.closed:
        found.wait(turn.limits[CLOSING], Mark.CLOSE_DUE, *reworked)
    if turn.verifying:
        found.wait(turn.limits[REGISTERING], Mark.VERIFY_DUE)
    if turn.checking:
        found.wait(turn.limits[CLOSING], Mark.CHECK_DUE)
