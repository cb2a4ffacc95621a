"""Reading work orders: the committee and grid roles in full, the reporter reduced."""

from collections import Counter
from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Row

from services.contracts.actor import Actor
from services.contracts.operations.base import Page
from services.contracts.operations.grid_bridge import (
    CatalogueSlot,
    DepartmentView,
    GetWorkOrder,
    HeldUpdate,
    ListWorkOrders,
    StandardCodeView,
    UnsentMessage,
    WorkOrder,
    WorkOrderStep,
)
from services.grid_bridge import repository, repository_consultations, repository_desk
from services.grid_bridge.domain.work_order import OPEN, State
from services.grid_bridge.handlers.common import read_attachments
from services.grid_bridge.models import HeldUpdateRow, WorkOrderRow
from services.grid_bridge.repository import ORDER_READERS, WorkOrderNotFound
from services.kit.pages import decode_cursor, encode_cursor
from services.kit.uow import UnitOfWork


def get_work_order(uow: UnitOfWork, cmd: GetWorkOrder, actor: Actor, now: datetime) -> WorkOrder:
    """One work order with every update of its platform.

    A department reads that of a case whose consultation it was invited to, and no other.
    """
    row = repository.order(uow.session, cmd.no)
    full = actor.holds(ORDER_READERS, row.path)
    if not full and row.reporter_id != actor.person_id:
        session = uow.session
        if not repository_consultations.is_invited(session, actor, row.issue_id, row.path):
            raise WorkOrderNotFound()
    updates = repository.updates_of(uow.session, [row.no]).get(row.no, [])
    held = repository.held_updates(uow.session, row.no, 0) if full else []
    unsent = repository_desk.unsent(uow.session, row.no) if full else []
    return view(row, updates, now, reduced=not full, held=held, unsent=unsent)


def list_work_orders(
    uow: UnitOfWork, cmd: ListWorkOrders, actor: Actor, now: datetime
) -> Page[WorkOrder]:
    """The work orders in the actor's reach and those of her own reports, newest first."""
    rows = repository.page_of_orders(
        uow.session,
        actor,
        state=cmd.state,
        overdue=cmd.overdue,
        now=now,
        before=decode_cursor(cmd.cursor, 1)[0] if cmd.cursor else None,
        limit=cmd.limit,
    )
    shown = rows[: cmd.limit]
    updates = repository.updates_of(uow.session, [row.no for row in shown])
    return Page[WorkOrder](
        items=[
            view(
                row,
                updates.get(row.no, []),
                now,
                reduced=not actor.holds(ORDER_READERS, row.path),
            )
            for row in shown
        ],
        next_cursor=encode_cursor(shown[-1].id) if len(rows) > cmd.limit else None,
    )


_COUNTED: dict[str, State] = {
    "extensions": State.EXTENSION_REQUESTED,
    "suspensions": State.SUSPENDED,
    "returns": State.RETURNED,
    "reworks": State.REWORK,
    "reopenings": State.REOPENED,
}


def view(
    row: WorkOrderRow,
    updates: Sequence[Row[Any]],
    now: datetime,
    *,
    reduced: bool,
    held: Iterable[HeldUpdateRow] = (),
    unsent: Iterable[Row[Any]] = (),
) -> WorkOrder:
    """The work order as the reader may see it."""
    passed = Counter(one.state for one in updates)
    return WorkOrder(
        no=row.no,
        work_order_no=row.no,
        issue_id=row.issue_id,
        community_id=row.community_id,
        state=row.state,
        urgency=row.urgency,
        urged=row.urged,
        title=row.title,
        catalogue=CatalogueSlot(version=row.catalogue_version, slot=row.slot, name=row.slot_name),
        code=StandardCodeView.model_validate(row.standard_code),
        department=DepartmentView(code=row.department_code, name=row.department_name),
        handled_by=row.handled_by,
        open=row.state in OPEN,
        deadline=row.deadline,
        overdue=row.state in OPEN and row.deadline < now,
        opened_at=row.opened_at,
        updated_at=row.updated_at,
        steps=[
            WorkOrderStep(
                seq=one.seq,
                state=one.state,
                at=one.at,
                actor_role=one.actor_role,
                department=one.department,
                note="" if reduced else one.note,
                attachments=read_attachments(one.attachments),
            )
            for one in updates
        ],
        reason=None if reduced else row.reason,
        library_entry_no=None if reduced else row.library_no,
        platform_ref=None if reduced else row.platform_ref or None,
        urges=row.urges,
        withdrawal_asked_at=row.withdrawal_asked_at,
        **{name: passed[state] for name, state in _COUNTED.items()},
        held=[
            HeldUpdate(
                seq=int(one.seq),
                state=one.state,
                standing=one.standing,
                reason=one.reason,
                received_at=one.received_at,
            )
            for one in held
        ],
        unsent=[
            UnsentMessage(
                what=one.type.split(".")[1],
                since=one.occurred_at,
                attempts=one.attempts,
            )
            for one in unsent
        ],
    )
