"""The clocks: beginning, pausing and ending a promise, and saying when one is near or broken.

By which calendar and limits is asked of the community's place (:mod:`services.grid_bridge.clocks`).
"""

from datetime import datetime

from services.contracts.events import PromiseAtRisk, PromiseBroken
from services.grid_bridge import clocks, repository, repository_clocks, slots, texts
from services.grid_bridge.domain import sla
from services.grid_bridge.domain.issue import Category, Status
from services.grid_bridge.domain.tallies import ending
from services.grid_bridge.handlers import counting
from services.grid_bridge.handlers.common import CLOCK, about, tell
from services.grid_bridge.models import IssueRow, PromiseRow, WorkOrderRow
from services.kit.uow import UnitOfWork

STAGE_OF: dict[Category, sla.Stage] = {
    Category.CONSULT: sla.Stage.CONSULT,
    Category.ADVISE: sla.Stage.ADVISE,
    Category.DISPOSE: sla.Stage.DISPOSE,
    Category.HARD: sla.Stage.HARD,
}


def start(
    uow: UnitOfWork,
    row: IssueRow,
    stage: sla.Stage,
    now: datetime,
    *,
    since: datetime | None = None,
) -> sla.Promise:
    """Begin the promise of one of the community's stages, counted from ``since`` or now."""
    place = clocks.at(uow, row.community_id)
    promise = sla.make(stage, since or now, place.calendar, place.limits[stage])
    begin(uow, row, promise, now)
    return promise


def start_for_order(uow: UnitOfWork, row: IssueRow, deadline: datetime, now: datetime) -> None:
    """Begin the promise while the grid platform is at work."""
    place = clocks.at(uow, row.community_id)
    begin(uow, row, sla.make_for_order(now, deadline, place.calendar, place.warn), now)


def limits_of_order(
    uow: UnitOfWork, order: WorkOrderRow, since: datetime
) -> tuple[datetime, list[tuple[str, datetime]]]:
    """An order's limits counted from ``since`` by its own catalogue and its place's calendar."""
    limits = slots.kept(uow, order.catalogue_version).get(order.slot).limits
    pace, share = limits.of(order.urgency)
    calendar = clocks.at(uow, order.community_id).calendar
    return sla.order_deadlines(since, order.urgency, pace.on_site, pace.disposed, calendar, share)


def begin(uow: UnitOfWork, row: IssueRow, promise: sla.Promise, now: datetime) -> None:
    """End the promise that runs and begin this one."""
    end(uow, row, now)
    kept = PromiseRow(issue_id=row.id, ended_at=None)
    keep(uow, row, kept, promise)
    uow.session.add(kept)
    uow.session.flush()


def end(uow: UnitOfWork, row: IssueRow, now: datetime) -> None:
    """The promise was answered; nothing more is due."""
    running = repository.running_promise(uow.session, row.id)
    if running is not None:
        running.ended_at = now
        running.ending = ending(row.status, row.result)
        running.next_alarm = None
        counting.follow(uow, row.id)
        uow.session.flush()


def at_work(uow: UnitOfWork, row: IssueRow, now: datetime) -> None:
    """The committee is at it (again): the promise of the issue's category runs."""
    running = repository.running_promise(uow.session, row.id)
    if row.category and (running is None or running.stage == sla.Stage.FIRST_RESPONSE):
        start(uow, row, STAGE_OF[Category(row.category)], now)


def at_table(uow: UnitOfWork, row: IssueRow, now: datetime) -> datetime:
    """A joint consultation begins: the limit that runs, of the issue's category and not paused.

    Where the grid was at work its limit stays, when it is the later one.
    """
    before, stage = repository.running_promise(uow.session, row.id), stage_at_table(row)
    if before is not None and before.stage == stage:
        due = max(before.due_at, now)
    else:
        due = start(uow, row, stage, now).due_at
        if before is not None and before.stage == sla.Stage.GRID:
            due = max(due, before.due_at)
    until(uow, row, due, now)
    return due


def stage_at_table(row: IssueRow) -> sla.Stage:
    """The stage of the issue's category; one that was never sorted is as one to be dealt with."""
    return STAGE_OF[Category(row.category or Category.DISPOSE)]


def until(uow: UnitOfWork, row: IssueRow, due: datetime, now: datetime) -> None:
    """The next word is promised for ``due``; a clock that stood goes on."""
    running = repository.running_promise(uow.session, row.id)
    if running is None:
        return
    calendar = clocks.at(uow, row.community_id).calendar
    promise = sla.resume(repository.as_promise(running), now, calendar)
    _go_on(uow, row, running, sla.reschedule(promise, due, calendar), now)


def stretch(uow: UnitOfWork, row: IssueRow, until: datetime, now: datetime) -> None:
    """An undertaking with a date was given."""
    running = repository.running_promise(uow.session, row.id)
    if running is not None:
        calendar = clocks.at(uow, row.community_id).calendar
        promise = sla.stretch(repository.as_promise(running), until, now, calendar)
        _go_on(uow, row, running, promise, now)


def follow_order(
    uow: UnitOfWork, row: IssueRow, deadline: datetime, now: datetime, *, paused: bool
) -> None:
    """Bring the promise in line with the order: its limit, and whether its clock stands."""
    running = repository.running_promise(uow.session, row.id)
    if running is None:
        return
    promise = repository.as_promise(running)
    calendar = clocks.at(uow, row.community_id).calendar
    if paused:
        promise = sla.pause(promise, now)
    else:
        promise = sla.resume(promise, now, calendar)
        promise = sla.reschedule(promise, max(promise.due_at, deadline), calendar)
    _go_on(uow, row, running, promise, now)


def _go_on(
    uow: UnitOfWork, issue: IssueRow, row: PromiseRow, promise: sla.Promise, now: datetime
) -> None:
    """Write a promise back; of one that was broken the limit stays, and a later one is another."""
    if row.paused_at is None and row.due_at < now and promise.due_at > row.due_at:
        begin(uow, issue, promise, now)
    else:
        keep(uow, issue, row, promise)


def chase(uow: UnitOfWork, now: datetime, *, limit: int = 50) -> int:
    """Say one rung of each promise that has reached it; how many there were.

    Each rung is said once: it moves the row on in the transaction of its events.
    """
    due = repository.alarms(uow.session, now, limit)
    clocks.look_up(uow, [row.community_id for row, _ in due])
    for row, running in due:
        promise, rung = sla.climb(repository.as_promise(running))
        keep(uow, row, running, promise)
        head, order = about(row), row.work_order_no if row.status == Status.ESCALATED else None
        uow.emit(
            PromiseAtRisk(**head, due_at=promise.due_at, work_order_no=order)
            if rung.kind == "at_risk"
            else PromiseBroken(**head, due_at=promise.due_at, level=rung.level, work_order_no=order)
        )
        tell(
            uow,
            row,
            f"promise_{rung.kind}",
            CLOCK,
            texts.alarm(rung, promise.due_at),
            now,
            # a warning is the committee's matter; a broken promise is everybody's
            staff_only=rung.kind == "at_risk",
        )
    return len(due)


def keep(uow: UnitOfWork, issue: IssueRow, row: PromiseRow, promise: sla.Promise) -> None:
    """Write a promise back, with its next alarm and the calendar that it goes by."""
    counting.follow(uow, issue.id)
    calendar = clocks.at(uow, issue.community_id).calendar
    row.stage = promise.stage
    row.started_at = promise.started_at
    row.due_at = promise.due_at
    row.provisional = promise.provisional
    row.paused_at = promise.paused_at
    row.rung = promise.rung
    row.warn = promise.warn
    row.steps = repository_clocks.stored_steps(promise.steps)
    row.next_alarm = sla.next_alarm(promise, calendar)
    row.calendar = calendar.revision
