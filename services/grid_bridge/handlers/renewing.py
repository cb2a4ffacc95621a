"""A calendar became known: what runs by the one before is reckoned anew.

::

    a year is entered ──► the district is not settled ──► promises, then posts, a hundred at a
    chinesecalendar is upgraded ──► provisional limits       time, until nothing is left behind
    within its years                                         ──► settled

Each turn is a transaction of its own, so that a process that is killed loses nothing, and what
somebody else holds is met again. A promise says by which revision of the calendar it goes.

An order that the platform has not taken on yet gets its limits anew, and the platform is told.
One that it works on keeps the limits that it was told: the platform's own clock goes by them.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta

from services.contracts.events import PromiseMoved, WorkOrderAmended
from services.contracts.events import grid as border
from services.grid_bridge import clocks, repository, texts
from services.grid_bridge import repository_clocks as store
from services.grid_bridge.domain import sla
from services.grid_bridge.handlers import post_clocks, promises
from services.grid_bridge.handlers.common import CLOCK, about, stored_limits, tell
from services.grid_bridge.models import IssueRow, PromiseRow, WorkOrderRow
from services.grid_bridge.workdays import CALENDAR
from services.kit.uow import UnitOfWork

QUIET = timedelta(minutes=2)
"""Longer than any transaction lives that may have asked for the calendar before it changed."""


def renew(uow: UnitOfWork, now: datetime, *, limit: int = 100) -> int:
    """One turn; how many clocks were reckoned anew."""
    until = CALENDAR.until()
    done = _promises(uow, store.stale_promises(uow.session, until, limit), now)
    done = done or post_clocks.renew(uow, until, now, limit=limit)
    if not done:
        store.settle(uow.session, now - QUIET, now)
    return done


def _promises(uow: UnitOfWork, stale: Sequence[tuple[IssueRow, PromiseRow]], now: datetime) -> int:
    clocks.look_up(uow, [issue.community_id for issue, _ in stale])
    orders = store.untouched_orders(
        uow.session,
        [
            issue.work_order_no
            for issue, row in stale
            if issue.work_order_no and row.stage == sla.Stage.GRID
        ],
    )
    for issue, row in stale:
        calendar = clocks.at(uow, issue.community_id).calendar
        promise, was = repository.as_promise(row), row.due_at
        order = orders.get(issue.work_order_no or "")
        if order is not None and row.stage == sla.Stage.GRID:
            promise = sla.follow(promise, _order(uow, order, now))
        promise = sla.renew(promise, calendar, now)
        promises.keep(uow, issue, row, promise)
        if promise.due_at != was:
            text = texts.promise_moved(was, promise.due_at)
            tell(uow, issue, "promise_moved", CLOCK, text, now)
            uow.emit(PromiseMoved(**about(issue), due_at=promise.due_at, was_due_at=was))
    return len(stale)


def _order(uow: UnitOfWork, order: WorkOrderRow, now: datetime) -> datetime:
    """The order's limit by its calendar as it is now; of another one the platform hears."""
    overall, stages = promises.limits_of_order(uow, order, order.opened_at)
    if overall == order.deadline or overall <= now:
        return order.deadline
    text = texts.deadline_moved(order.deadline, overall)
    order.deadline = overall
    order.stages = stored_limits(stages)
    uow.emit(
        WorkOrderAmended(
            work_order_no=order.no,
            district=order.district_id,
            category=order.category,
            note=text,
            deadlines=border.Deadlines(
                overall=overall,
                stages=[border.StageDeadline(stage=stage, due_at=due) for stage, due in stages],
            ),
            at=now,
        )
    )
    return overall
