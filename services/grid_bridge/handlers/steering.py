"""What we do to an order at the platform: urge it (督办), add to it, ask for it back (撤回)."""

from collections.abc import Callable
from datetime import datetime

from services.contracts.actor import COMMITTEE, Actor
from services.contracts.events import (
    IssueAmended,
    IssueUrged,
    IssueWithdrawn,
    WorkOrderAmended,
    WorkOrderUrged,
    WorkOrderWithdrawn,
)
from services.contracts.operations.grid_bridge import (
    AmendWorkOrder,
    UrgeWorkOrder,
    WithdrawWorkOrder,
    WorkOrder,
)
from services.grid_bridge import repository, repository_library, texts
from services.grid_bridge.domain import steering as rules
from services.grid_bridge.domain.sla import ZONE
from services.grid_bridge.domain.work_order import State
from services.grid_bridge.files import Files, attach, signed
from services.grid_bridge.handlers.common import Doer, about, serving, tell
from services.grid_bridge.handlers.orders import view
from services.grid_bridge.models import IssueRow, WorkOrderRow
from services.grid_bridge.repository import WorkOrderNotFound
from services.kit.uow import UnitOfWork


def urge(uow: UnitOfWork, cmd: UrgeWorkOrder, actor: Actor, now: datetime) -> WorkOrder:
    """A flag on the order, for the platform and for everybody who follows it."""
    order, row = _locked(uow, cmd.no, lambda path: actor.holds(rules.URGERS, path))
    level, role = rules.level_of(actor, order.path)
    rules.still_open(State(order.state))
    day = now.astimezone(ZONE).date()
    by = (actor.person_id, role.value)
    if not repository_library.urge(uow.session, order.no, level, day, cmd.reason, by, now):
        raise rules.UrgedToday()
    order.urged = True
    order.urges += 1
    tell(uow, row, "urged", Doer(role, actor.person_id), texts.urged(level, cmd.reason), now)
    uow.emit(
        IssueUrged(
            **about(row),
            work_order_no=order.no,
            reason=cmd.reason,
            level=level,
            actor_id=actor.person_id,
            actor_role=role,
            at=now,
        )
    )
    uow.emit(
        WorkOrderUrged(
            work_order_no=order.no,
            district=order.district_id,
            category=order.category,
            reason=cmd.reason,
            level=level,
            at=now,
        )
    )
    return _shown(uow, order, now)


def withdraw(uow: UnitOfWork, cmd: WithdrawWorkOrder, actor: Actor, now: datetime) -> WorkOrder:
    """We want the order back; its state changes when the platform says ``cancelled``."""
    order, row, doer = _for_committee(uow, cmd.no, actor)
    rules.may_withdraw(State(order.state), asked=order.withdrawal_asked_at is not None)
    order.withdrawal_asked_at = now
    tell(uow, row, "withdrawal_asked", doer, texts.withdrawal_asked(cmd.reason), now)
    uow.emit(
        IssueWithdrawn(
            **about(row),
            work_order_no=order.no,
            reason=cmd.reason,
            actor_id=actor.person_id,
            actor_role=doer.role,
            at=now,
        )
    )
    uow.emit(
        WorkOrderWithdrawn(
            work_order_no=order.no,
            district=order.district_id,
            category=order.category,
            reason=cmd.reason,
            at=now,
        )
    )
    return _shown(uow, order, now)


def amend(
    uow: UnitOfWork, cmd: AmendWorkOrder, actor: Actor, files: Files, now: datetime
) -> WorkOrder:
    """More was learned: words, and photos behind links that the platform can open."""
    order, row, doer = _for_committee(uow, cmd.no, actor)
    rules.still_open(State(order.state))
    attachments = attach(files, cmd.attachments, actor.person_id)
    text = texts.amended(cmd.note)
    tell(uow, row, "amended", doer, text, now, attachments=attachments)
    uow.emit(
        IssueAmended(
            **about(row),
            work_order_no=order.no,
            note=cmd.note,
            actor_id=actor.person_id,
            actor_role=doer.role,
            attachments=attachments,
            at=now,
        )
    )
    uow.emit(
        WorkOrderAmended(
            work_order_no=order.no,
            district=order.district_id,
            category=order.category,
            note=cmd.note,
            attachments=signed(files, attachments, now),
            at=now,
        )
    )
    return _shown(uow, order, now)


def _for_committee(uow: UnitOfWork, no: str, actor: Actor) -> tuple[WorkOrderRow, IssueRow, Doer]:
    order, row = _locked(uow, no, lambda path: actor.holds(COMMITTEE, path))
    return order, row, serving(actor, order.path)


def _locked(
    uow: UnitOfWork, no: str, reaches: Callable[[str], bool]
) -> tuple[WorkOrderRow, IssueRow]:
    """The order and its issue, both locked, when the actor's grants reach it.

    Raises:
        WorkOrderNotFound: there is none, or it is not hers to know of.
    """
    if not reaches(repository.order(uow.session, no).path):
        raise WorkOrderNotFound()
    found = repository.lock_order(uow.session, no)
    if found is None:
        raise WorkOrderNotFound()
    return found


def _shown(uow: UnitOfWork, order: WorkOrderRow, now: datetime) -> WorkOrder:
    updates = repository.updates_of(uow.session, [order.no]).get(order.no, [])
    return view(order, updates, now, reduced=False)
