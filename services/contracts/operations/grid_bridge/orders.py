"""Work orders (网格工单) as their platform tells."""

from datetime import datetime
from typing import Literal

from services.contracts.actor import Role
from services.contracts.events.grid import WorkOrderState
from services.contracts.events.grid_bridge import Attachment
from services.contracts.operations.base import (
    PERSON,
    Body,
    Command,
    Id,
    ListCommand,
    Operation,
    Page,
    Reason,
    View,
    holders,
)
from services.contracts.operations.grid_bridge.common import (
    STAFF,
    AttachmentIds,
    OrderNo,
    StandardCodeView,
)

LibraryStanding = Literal["entered", "ordered", "returned", "withdrawn", "settled"]


class GetWorkOrder(Command):
    """One work order, by its number."""

    no: OrderNo


class ListWorkOrders(ListCommand):
    """Work orders in the caller's reach, newest first."""

    state: WorkOrderState | None = None
    overdue: bool | None = None


class UrgeWorkOrder(Command):
    """Urge an open order (督办): a flag that the platform sees, no state.

    Committee, town and district each once in a working day.
    """

    no: OrderNo
    reason: Reason


class WithdrawWorkOrder(Command):
    """Take an open order back, with a reason; the platform answers with ``cancelled``."""

    no: OrderNo
    reason: Reason


class AmendWorkOrder(Command):
    """Tell the platform what was learned after opening; photos are the caller's own uploads."""

    no: OrderNo
    note: Body
    attachments: AttachmentIds = []


class ListLibraryEntries(ListCommand):
    """The library of actively discovered problems of a district, newest entry first.

    The committee sees its own communities', grid operators what their grant covers.
    """

    did: Id
    standing: LibraryStanding | None = None


class LibraryEntryView(View):
    """An entry of the library (主动发现问题库): one per escalated issue, whatever its orders.

    ``standing``: entered (handed over, not yet taken on), ordered (the platform works on it),
    returned (it would not do it), withdrawn (taken back or cancelled), settled (closed).
    ``orders`` counts the orders that the entry had; ``work_order_no`` is the latest.
    """

    no: str
    issue_id: str
    community_id: str
    slot: str
    slot_name: str
    catalogue_version: str
    title: str
    standing: LibraryStanding
    work_order_no: str
    order_state: WorkOrderState
    orders: int
    entered_at: datetime
    updated_at: datetime


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


class UnsentMessage(View):
    """What we have to say to the platform and the broker has not confirmed yet.

    ``what``: opened, amended, urged, withdrawn, rated, reopened, updates_wanted.
    """

    what: str
    since: datetime
    attempts: int


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
    it reduced: without notes, reason, library entry and platform reference. ``open``: the
    platform is at work on it; it may be urged, amended and taken back. ``held`` is what the
    platform said that could not take effect; lists leave it out. ``urges`` counts 督办,
    ``extensions`` 延期, ``suspensions`` 挂账, ``returns`` 回退, ``reworks`` 返工, ``reopenings``
    重办. ``withdrawal_asked_at`` says since when we want it back.
    ``unsent`` is what has not left for the platform yet; lists leave it out, too.
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
    open: bool = False
    deadline: datetime
    overdue: bool
    opened_at: datetime
    updated_at: datetime
    steps: list[WorkOrderStep] = []
    reason: str | None = None
    library_entry_no: str | None = None
    platform_ref: str | None = None
    urges: int = 0
    withdrawal_asked_at: datetime | None = None
    extensions: int = 0
    suspensions: int = 0
    returns: int = 0
    reworks: int = 0
    reopenings: int = 0
    held: list[HeldUpdate] = []
    unsent: list[UnsentMessage] = []


OPERATIONS: tuple[Operation, ...] = (
    Operation(
        "getWorkOrder", "GET /work-orders/{no}", service="grid_bridge", who=PERSON,
        command=GetWorkOrder, result=WorkOrder, summary="A work order",
    ),
    Operation(
        "listWorkOrders", "GET /work-orders", service="grid_bridge", who=PERSON,
        command=ListWorkOrders, result=Page[WorkOrder], summary="Work orders in reach",
    ),
    Operation(
        "urgeWorkOrder", "POST /work-orders/{no}/urge", service="grid_bridge",
        who=holders(
            Role.COMMITTEE_STAFF, Role.SECRETARY, Role.TOWN_ADMIN, Role.DISTRICT_ADMIN
        ),
        command=UrgeWorkOrder, result=WorkOrder, summary="Urge a work order (督办)",
    ),
    Operation(
        "withdrawWorkOrder", "POST /work-orders/{no}/withdrawal", service="grid_bridge",
        who=STAFF, command=WithdrawWorkOrder, result=WorkOrder,
        summary="Take a work order back",
    ),
    Operation(
        "amendWorkOrder", "POST /work-orders/{no}/amendments", service="grid_bridge", who=STAFF,
        command=AmendWorkOrder, result=WorkOrder, status=201,
        summary="Add what was learned to a work order",
    ),
    Operation(
        "listLibraryEntries", "GET /districts/{did}/library", service="grid_bridge",
        who=holders(Role.COMMITTEE_STAFF, Role.SECRETARY, Role.GRID_OPERATOR),
        command=ListLibraryEntries, result=Page[LibraryEntryView],
        summary="The library of actively discovered problems",
    ),
)  # fmt: skip
