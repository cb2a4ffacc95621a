"""Work orders (网格工单) as their platform tells."""

from datetime import datetime
from typing import Literal

from services.contracts.events.grid import WorkOrderState
from services.contracts.events.grid_bridge import Attachment
from services.contracts.operations.base import PERSON, Command, ListCommand, Operation, Page, View
from services.contracts.operations.grid_bridge.common import OrderNo, StandardCodeView


class GetWorkOrder(Command):
    """One work order, by its number."""

    no: OrderNo


class ListWorkOrders(ListCommand):
    """Work orders in the caller's reach, newest first."""

    state: WorkOrderState | None = None
    overdue: bool | None = None


class WorkOrderStep(View):
    """One update of the grid platform, in the order of ``seq``."""

    seq: int
    state: WorkOrderState
    at: datetime
    actor_role: str
    department: str = ""
    note: str = ""
    attachments: list[Attachment] = []


class HeldUpdate(View):
    """An update that has not taken effect: it waits for a gap to fill, or lies in quarantine.

    ``reason``: wait, impossible (no such transition), conflict (its number has said something
    else), too_far (the gap before it will not fill).
    """

    seq: int
    state: WorkOrderState
    standing: Literal["waiting", "quarantined"]
    reason: str
    received_at: datetime


class CatalogueSlot(View):
    """The slot of the 8+X catalogue; the catalogue is this product's default, not official."""

    version: str
    slot: str
    name: str


class DepartmentView(View):
    """The responsible department."""

    code: str
    name: str


class WorkOrder(View):
    """A work order (网格工单) as its platform last told.

    ``no`` and ``work_order_no`` are the same: the latter is its name in events. The reporter gets
    it reduced: without notes, reason, library entry and platform reference. ``held`` is what the
    platform said that could not take effect; lists leave it out.
    """

    no: str
    work_order_no: str
    issue_id: str
    community_id: str
    state: WorkOrderState
    urgency: Literal["normal", "urgent", "critical"]
    urged: bool
    title: str
    catalogue: CatalogueSlot
    code: StandardCodeView
    department: DepartmentView
    handled_by: str
    deadline: datetime
    overdue: bool
    opened_at: datetime
    updated_at: datetime
    steps: list[WorkOrderStep] = []
    reason: str | None = None
    library_entry_no: str | None = None
    platform_ref: str | None = None
    held: list[HeldUpdate] = []


OPERATIONS: tuple[Operation, ...] = (
    Operation(
        "getWorkOrder", "GET /work-orders/{no}", service="grid_bridge", who=PERSON,
        command=GetWorkOrder, result=WorkOrder, summary="A work order",
    ),
    Operation(
        "listWorkOrders", "GET /work-orders", service="grid_bridge", who=PERSON,
        command=ListWorkOrders, result=Page[WorkOrder], summary="Work orders in reach",
    ),
)  # fmt: skip
