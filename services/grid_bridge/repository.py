"""The bridge's queries. To change an issue, its order or its promise, lock the issue first."""

from collections.abc import Iterable, Sequence
from datetime import date, datetime
from typing import Any

from sqlalchemy import ColumnElement, Row, Select, and_, or_, select, text, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from services.contracts.actor import COMMITTEE, Actor, Role
from services.contracts.errors import NotFound
from services.contracts.ids import new_id
from services.grid_bridge.domain import sla, work_order
from services.grid_bridge.domain.issue import Category, Issue, Status
from services.grid_bridge.domain.numbers import Counter
from services.grid_bridge.domain.work_order import OPEN, State
from services.grid_bridge.models import (
    CounterRow,
    HeldUpdateRow,
    IssueRow,
    PromiseRow,
    SelfGovernanceRow,
    TimelineRow,
    WorkOrderRow,
    WorkOrderUpdateRow,
)
from services.grid_bridge.repository_clocks import as_steps

ORDER_READERS = COMMITTEE | {Role.GRID_OPERATOR}
"""Who reads the work orders of the nodes that a grant covers."""


class IssueNotFound(NotFound):
    """There is no such issue, or it is not the actor's to see."""

    code = "grid.issue_not_found"
    zh, en = "没有找到这个问题", "There is no such issue"


class WorkOrderNotFound(NotFound):
    """There is no such work order, or it is not the actor's to see."""

    code = "grid.work_order_not_found"
    zh, en = "没有找到这张工单", "There is no such work order"


# -- issues ------------------------------------------------------------------------------------


def issue(session: Session, issue_id: str, *, lock: bool = False) -> IssueRow:
    """The issue; :class:`IssueNotFound` when there is none."""
    row = session.get(IssueRow, issue_id, with_for_update=lock or None, populate_existing=lock)
    if row is None:
        raise IssueNotFound()
    return row


def issue_of_post(session: Session, post_id: str) -> str | None:
    """The id of the issue whose thread this post is."""
    return session.scalar(select(IssueRow.id).where(IssueRow.post_id == post_id))


def as_issue(row: IssueRow) -> Issue:
    """What the rules need to know of the row."""
    return Issue(
        status=Status(row.status),
        category=Category(row.category) if row.category else None,
        slot=row.slot,
        round=row.round,
        last_outcome=row.last_outcome,
        proof=row.proof,
        rated=row.rated,
        order=State(row.order_state) if row.order_state else None,
        result=row.result,
    )


def keep(row: IssueRow, changed: Issue, now: datetime) -> None:
    """Write back what the rules decided."""
    row.status = changed.status
    row.category = changed.category
    row.slot = changed.slot
    row.round = changed.round
    row.last_outcome = changed.last_outcome
    row.proof = changed.proof
    row.rated = changed.rated
    row.score = row.score if changed.rated else None
    row.order_state = changed.order
    row.result = changed.result
    row.updated_at = now


def timeline(session: Session, issue_id: str, *, staff: bool) -> Sequence[TimelineRow]:
    """The issue's steps in their order; residents don't see the staff's own."""
    query = select(TimelineRow).where(TimelineRow.issue_id == issue_id)
    if not staff:
        query = query.where(TimelineRow.staff_only.is_(False))
    return session.scalars(query.order_by(TimelineRow.id)).all()


def self_governance(session: Session, issue_id: str) -> Sequence[SelfGovernanceRow]:
    """What the neighbourhood tried by itself, in its order."""
    query = select(SelfGovernanceRow).where(SelfGovernanceRow.issue_id == issue_id)
    return session.scalars(query.order_by(SelfGovernanceRow.id)).all()


# -- promises ----------------------------------------------------------------------------------


def running_promise(session: Session, issue_id: str) -> PromiseRow | None:
    """The promise that runs for the issue."""
    return session.scalar(
        select(PromiseRow).where(PromiseRow.issue_id == issue_id, PromiseRow.ended_at.is_(None))
    )


def running_promises(session: Session, issue_ids: Iterable[str]) -> dict[str, PromiseRow]:
    """The running promises of several issues, by issue."""
    rows = session.scalars(
        select(PromiseRow).where(
            PromiseRow.issue_id.in_(list(issue_ids)), PromiseRow.ended_at.is_(None)
        )
    )
    return {row.issue_id: row for row in rows}


def as_promise(row: PromiseRow) -> sla.Promise:
    """What the rules need to know of the row."""
    return sla.Promise(
        stage=sla.Stage(row.stage),
        started_at=row.started_at,
        due_at=row.due_at,
        provisional=row.provisional,
        paused_at=row.paused_at,
        rung=row.rung,
        warn=row.warn,
        steps=as_steps(row.steps),
    )


def alarms(session: Session, now: datetime, limit: int) -> Sequence[tuple[IssueRow, PromiseRow]]:
    """Promises whose next rung is due, locked with their issues; what others hold is skipped.

    Both are locked: a promise that ended since the statement began is looked at again, and left.
    """
    rows = session.execute(
        select(IssueRow, PromiseRow)
        .join(PromiseRow, PromiseRow.issue_id == IssueRow.id)
        .where(PromiseRow.ended_at.is_(None), PromiseRow.next_alarm <= now)
        .order_by(PromiseRow.next_alarm)
        .limit(limit)
        .with_for_update(of=(IssueRow, PromiseRow), skip_locked=True)
    )
    return [(found, promise) for found, promise in rows]


# -- who saw a hidden name ---------------------------------------------------------------------

_FIRST_LOOKS = text(
    """
    INSERT INTO reporter_looks (issue_id, person_id, reader_id, day)
    SELECT issue_id, person_id, :reader, :day
    FROM unnest(cast(:issues AS text[]), cast(:people AS text[])) AS shown (issue_id, person_id)
    WHERE NOT EXISTS (
        SELECT FROM reporter_looks AS seen
        WHERE seen.issue_id = shown.issue_id AND seen.reader_id = :reader
          AND seen.person_id = shown.person_id AND seen.day >= :day)
    ORDER BY issue_id, person_id
    ON CONFLICT (issue_id, reader_id, person_id) DO UPDATE SET day = excluded.day
    WHERE reporter_looks.day < excluded.day
    RETURNING issue_id, person_id
    """
)


def first_looks(
    session: Session, seen: Iterable[tuple[str, str]], reader_id: str, day: date
) -> Sequence[tuple[str, str]]:
    """Keep that the reader sees these (issue, person) today; those that are new today.

    Of two at the same moment one is the first. A day that is kept already is not written again.
    """
    shown = list(dict.fromkeys(seen))
    rows = session.execute(
        _FIRST_LOOKS,
        {
            "issues": [issue_id for issue_id, _ in shown],
            "people": [person_id for _, person_id in shown],
            "reader": reader_id,
            "day": day,
        },
    )
    return [(row.issue_id, row.person_id) for row in rows]


# -- work orders -------------------------------------------------------------------------------


def next_number(session: Session, counter: Counter) -> str:
    """The next number of a series; its row stays locked until the transaction ends."""
    statement = (
        insert(CounterRow)
        .values(series=counter.series, division=counter.division, year=counter.year, last=1)
        .on_conflict_do_update(
            index_elements=["series", "division", "year"], set_={"last": CounterRow.last + 1}
        )
        .returning(CounterRow.last)
    )
    return counter.number(session.execute(statement).scalar_one())


def order(session: Session, no: str) -> WorkOrderRow:
    """The work order; :class:`WorkOrderNotFound` when there is none."""
    row = session.get(WorkOrderRow, no)
    if row is None:
        raise WorkOrderNotFound()
    return row


def lock_order(session: Session, no: str) -> tuple[WorkOrderRow, IssueRow] | None:
    """The order and its issue, both locked, the issue first; None when it is unknown."""
    issue_id = session.scalar(select(WorkOrderRow.issue_id).where(WorkOrderRow.no == no))
    if issue_id is None:
        return None
    locked = issue(session, issue_id, lock=True)
    row = session.scalars(
        select(WorkOrderRow)
        .where(WorkOrderRow.no == no)
        .with_for_update()
        .execution_options(populate_existing=True)
    ).one()
    return row, locked


def under(column: Any, scope: str) -> ColumnElement[bool]:
    """Whether a path is ``scope`` or beneath it, as a range ('/' follows '.' in the "C" order)."""
    return or_(column == scope, and_(column > f"{scope}.", column < f"{scope}/"))


def readable_orders(actor: Actor) -> Select[WorkOrderRow]:
    """The work orders that the actor may see: in the reach of a grant, or one's own."""
    scopes = sorted({grant.path for grant in actor.grants if grant.role in ORDER_READERS})
    reach = [under(WorkOrderRow.path, scope) for scope in scopes]
    return select(WorkOrderRow).where(or_(*reach, WorkOrderRow.reporter_id == actor.person_id))


def page_of_orders(
    session: Session,
    actor: Actor,
    *,
    state: str | None,
    overdue: bool | None,
    now: datetime,
    before: str | None,
    limit: int,
) -> Sequence[WorkOrderRow]:
    """Work orders, newest first; one more than ``limit``."""
    query = readable_orders(actor)
    if state is not None:
        query = query.where(WorkOrderRow.state == state)
    if overdue is not None:
        late = and_(WorkOrderRow.state.in_(OPEN), WorkOrderRow.deadline < now)
        query = query.where(late if overdue else ~late)
    if before is not None:
        query = query.where(WorkOrderRow.id < before)
    return session.scalars(query.order_by(WorkOrderRow.id.desc()).limit(limit + 1)).all()


def updates_of(session: Session, numbers: Iterable[str]) -> dict[str, list[Row[Any]]]:
    """What the platform told of several orders, in its order, by order.

    Rows and no objects of the session: a page of orders has hundreds of them.
    """
    rows = session.execute(
        select(*WorkOrderUpdateRow.__table__.columns)
        .where(WorkOrderUpdateRow.work_order_no.in_(list(numbers)))
        .order_by(WorkOrderUpdateRow.work_order_no, WorkOrderUpdateRow.seq)
    )
    found: dict[str, list[Row[Any]]] = {}
    for row in rows:
        found.setdefault(row.work_order_no, []).append(row)
    return found


def said(session: Session, no: str, seq: int) -> State | None:
    """The state that the update ``seq`` has led to, if it took effect."""
    state = session.scalar(
        select(WorkOrderUpdateRow.state).where(
            WorkOrderUpdateRow.work_order_no == no, WorkOrderUpdateRow.seq == seq
        )
    )
    return State(state) if state else None


# -- updates that wait or lie in quarantine ----------------------------------------------------


def held_updates(session: Session, no: str, seq: int) -> Sequence[HeldUpdateRow]:
    """What is held of an order with this number or a higher one."""
    return session.scalars(
        select(HeldUpdateRow).where(
            HeldUpdateRow.work_order_no == no,
            HeldUpdateRow.seq >= seq,
            HeldUpdateRow.standing.in_(("waiting", "quarantined")),
        )
    ).all()


def hold(
    session: Session,
    body: dict[str, Any],
    *,
    standing: str,
    reason: work_order.Verdict | str,
    event_id: str,
    now: datetime,
) -> bool:
    """Keep an update that has not taken effect.

    A number and state that is held already is held once; what waited may go into quarantine.

    Returns:
        Whether this was news.
    """
    statement = insert(HeldUpdateRow).values(
        id=new_id(),
        work_order_no=body["work_order_no"],
        seq=body["seq"],
        state=body["state"],
        standing=standing,
        reason=str(reason),
        event_id=event_id,
        body=body,
        received_at=now,
        settled_at=None,
    )
    upsert = statement.on_conflict_do_update(
        index_elements=["work_order_no", "seq", "state"],
        set_={"standing": statement.excluded.standing, "reason": statement.excluded.reason},
        where=and_(
            HeldUpdateRow.standing == "waiting", statement.excluded.standing == "quarantined"
        ),
    ).returning(HeldUpdateRow.id)
    return session.execute(upsert).first() is not None


def release(session: Session, no: str, seq: int, state: State, now: datetime) -> None:
    """A held update has taken effect after all."""
    session.execute(
        update(HeldUpdateRow)
        .where(
            HeldUpdateRow.work_order_no == no,
            HeldUpdateRow.seq == seq,
            HeldUpdateRow.state == state,
        )
        .values(standing="applied", settled_at=now)
    )
