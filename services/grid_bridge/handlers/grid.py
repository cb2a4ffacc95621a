"""What the grid platform tells: ordered, once, and a bad message harms no other.

The rules for numbers are in :mod:`services.grid_bridge.domain.work_order`. Everything that an
update sets free is done in its own transaction: a message that waits is not retried but kept.
"""

from datetime import UTC, datetime, timedelta
from typing import Any

from services.contracts.events import IssueClosed, IssueProgressed, WorkOrderUpdated
from services.grid_bridge import repository, texts
from services.grid_bridge.domain import issue as rules
from services.grid_bridge.domain.issue import Status
from services.grid_bridge.domain.sla import ZONE
from services.grid_bridge.domain.work_order import (
    PAUSING,
    QUARANTINE,
    REFUSED,
    Held,
    Mirror,
    State,
    Step,
    Verdict,
    receive,
)
from services.grid_bridge.files import Files, of_platform
from services.grid_bridge.handlers import counting, library, outcomes, promises
from services.grid_bridge.handlers.common import Doer, about, plain, stored_limits, tell
from services.grid_bridge.models import IssueRow, WorkOrderRow, WorkOrderUpdateRow
from services.kit import logs
from services.kit.uow import UnitOfWork

log = logs.get(__name__)

UNKNOWN_ORDER = "unknown_order"
MAX_LINE = 100
"""Characters that we keep of the platform's names and references."""

Body = dict[str, Any]


def take_update(
    uow: UnitOfWork, event: WorkOrderUpdated, event_id: str, files: Files, now: datetime
) -> None:
    """Take one update, and all that waited for it."""
    body = _storable(event, now)
    no, state = body["work_order_no"], State(event.state)
    found = repository.lock_order(uow.session, no)
    if found is None:
        _hold(uow, body, "quarantined", UNKNOWN_ORDER, event_id, now)
        return
    order, row = found
    mirror = Mirror(State(order.state), order.applied, order.used)
    said = repository.said(uow.session, no, event.seq) if event.seq <= mirror.applied else None
    held = [
        Held(int(one.seq), State(one.state), (one.body, one.event_id))
        for one in repository.held_updates(uow.session, no, event.seq)
        if (int(one.seq), one.state) != (event.seq, str(state))
    ]
    mirror, steps = receive(mirror, event.seq, state, (body, event_id), held, said)
    order.applied, order.used = mirror.applied, mirror.used
    for step in steps:
        _settle(uow, order, row, step, files, now)


def _settle(
    uow: UnitOfWork,
    order: WorkOrderRow,
    row: IssueRow,
    step: Step[tuple[Body, str]],
    files: Files,
    now: datetime,
) -> None:
    body, event_id = step.update
    if step.verdict is Verdict.APPLY:
        _apply(uow, order, row, body, event_id, files, now)
        repository.release(uow.session, order.no, step.seq, step.state, now)
    elif step.verdict is Verdict.WAIT:
        _hold(uow, body, "waiting", step.verdict, event_id, now)
    elif step.verdict in QUARANTINE:
        _hold(uow, body, "quarantined", step.verdict, event_id, now)


def _apply(
    uow: UnitOfWork,
    order: WorkOrderRow,
    row: IssueRow,
    body: Body,
    event_id: str,
    files: Files,
    now: datetime,
) -> None:
    state = State(body["state"])
    at = _plausible(datetime.fromisoformat(body["at"]), order.updated_at, now)
    attachments = of_platform(files, body["attachments"])
    order.state = state
    order.updated_at = at
    order.handled_by = body["department"] or order.handled_by
    order.platform_ref = body["platform_ref"] or order.platform_ref
    order.deadline, again = _deadline(uow, order, state, body["deadline"], now)
    if state is State.REOPENED:
        order.withdrawal_asked_at = None  # it was closed before we got it back: a new round
    library.follow(uow, order, now)
    uow.session.add(
        WorkOrderUpdateRow(
            work_order_no=order.no,
            seq=body["seq"],
            state=state,
            at=at,
            actor_role=body["actor_role"],
            department=body["department"],
            note=body["note"],
            attachments=plain(attachments),
            event_id=event_id,
            received_at=now,
            deadline=order.deadline,
            stages=stored_limits(again) or None,
        )
    )
    counting.follow(uow, row.id)
    if row.work_order_no != order.no:
        return  # an order of an earlier round: the issue follows its latest one
    before = repository.as_issue(row)
    after = rules.grid_moved(before, state)
    repository.keep(row, after, now)
    text = texts.grid_state(state, body["department"], body["note"])
    doer = Doer(body["actor_role"])
    tell(uow, row, state, doer, text, at, attachments=attachments)
    uow.emit(
        IssueProgressed(
            **about(row),
            work_order_no=order.no,
            state=state,
            note=body["note"],
            actor_role=body["actor_role"],
            department=body["department"],
            at=at,
            attachments=attachments,
        )
    )
    if after.status is Status.CLOSED and before.status is not Status.CLOSED:
        promises.end(uow, row, now)
        if state in REFUSED or state is State.CANCELLED:
            tell(uow, row, "closed", doer, texts.refused(state), at)
        closed = IssueClosed(
            **about(row),
            result=after.result,
            note=body["note"],
            work_order_no=order.no,
            attachments=attachments,
        )
        outcomes.emit(uow, row, closed, doer, text, at, attachments=attachments)
    elif state is State.REOPENED and after.status is not Status.IN_CONSULTATION:
        promises.start_for_order(uow, row, order.deadline, now)
    elif after.status is not Status.IN_CONSULTATION:  # there the next action's date is promised
        promises.follow_order(uow, row, order.deadline, now, paused=state in PAUSING)


def _deadline(
    uow: UnitOfWork, order: WorkOrderRow, state: State, told: str | None, now: datetime
) -> tuple[datetime, list[tuple[str, datetime]]]:
    """The order's overall limit. What the platform tells may be the limit of a stage, so it
    counts only when it is later; a reopened order (重办) has its time once more, and new limits
    of its stages."""
    limit = order.deadline
    stages: list[tuple[str, datetime]] = []
    if state is State.REOPENED:
        limit, stages = promises.limits_of_order(uow, order, now)
    return max(limit, datetime.fromisoformat(told)) if told else limit, stages


def _plausible(told: datetime, last: datetime, now: datetime) -> datetime:
    """The platform's time, or ours when its clock puts the step before the last or ahead of us."""
    return told if last <= told <= now else max(now, last)


def _hold(
    uow: UnitOfWork, body: Body, standing: str, reason: str, event_id: str, now: datetime
) -> None:
    news = repository.hold(
        uow.session, body, standing=standing, reason=reason, event_id=event_id, now=now
    )
    if news:
        log.warning(
            "work order update held",
            standing=standing,
            reason=str(reason),
            work_order_no=body["work_order_no"],
            seq=body["seq"],
            state=body["state"],
        )


def _storable(event: WorkOrderUpdated, now: datetime) -> Body:
    """The body as the database can keep it: times with a zone, neither NUL nor half of a surrogate
    pair, names of bounded length.

    A deadline a decade away is a broken clock, not a promise.
    """
    deadline = _aware(event.deadline) if event.deadline else None
    if deadline and deadline > now + timedelta(days=3650):
        deadline = None
    return {
        "work_order_no": _line(event.work_order_no),
        "seq": event.seq,
        "state": str(event.state),
        "at": _aware(event.at).isoformat(),
        "actor_role": _line(event.actor_role) or "grid",
        "department": _line(event.department),
        "note": _text(event.note),
        "deadline": deadline.isoformat() if deadline else None,
        "attachments": [_line(one) for one in event.attachments[:20]],
        "platform_ref": _line(event.platform_ref),
    }


def _aware(moment: datetime) -> datetime:
    """A time without zone is the platform's local one; one that no zone can hold is none."""
    try:
        return (moment if moment.tzinfo else moment.replace(tzinfo=ZONE)).astimezone(UTC)
    except OverflowError:
        return datetime(1970, 1, 1, tzinfo=UTC)


def _text(text: str) -> str:
    return text.replace("\x00", "").encode(errors="ignore").decode().strip()


def _line(text: str) -> str:
    return _text(text[:MAX_LINE])
