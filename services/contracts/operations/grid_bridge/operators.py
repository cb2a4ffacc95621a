"""What operators do: comparing with the platform, and dead letters."""

from datetime import datetime
from typing import Annotated, Literal

from pydantic import ConfigDict, Field

from services.contracts.actor import Role
from services.contracts.events.grid import WorkOrderState
from services.contracts.operations.base import (
    Command,
    Id,
    ListCommand,
    Moment,
    Operation,
    Text,
    View,
    holders,
)
from services.contracts.operations.grid_bridge.common import OPERATORS, OrderNo

RECONCILERS = holders(Role.DISTRICT_ADMIN, Role.GRID_OPERATOR)
MAX_ORDERS = 2_000
MAX_REPAIRS = 100

DifferenceKind = Literal[
    "missing_there", "missing_here", "behind", "ahead", "other_state", "other_deadline", "held"
]
Repair = Literal["republish_opened", "ask_updates", "take_deadline", "release", "look"]
RepairStatus = Literal["open", "asked", "done", "left"]


class PlatformOrder(Command):
    """An order as the platform's list has it: one line of its export.

    ``seq`` is the number of its last update (0 when it has sent none), ``deadline`` the last date
    that it promised.
    """

    model_config = ConfigDict(frozen=True, extra="ignore")

    work_order_no: OrderNo
    state: WorkOrderState
    seq: int = Field(ge=0, le=1_000_000)
    deadline: Moment | None = None
    platform_ref: Annotated[Text, Field(max_length=100)] = ""


class StartReconciliation(Command):
    """Compare the platform's list with ours, order by order; nothing is changed by it.

    Args of a list that is not the whole: ``opened_since`` leaves out older orders of ours.
    ``exported_at`` is when the platform wrote its list: what happened since is no difference.
    """

    did: Id
    orders: Annotated[list[PlatformOrder], Field(max_length=MAX_ORDERS)]
    exported_at: Moment | None = None
    opened_since: Moment | None = None


class GetReconciliation(ListCommand):
    """What a comparison found, row by row."""

    id: Id


class RepairReconciliation(Command):
    """Do what the rows suggest: these rows, or the first open ones; each once."""

    id: Id
    rows: Annotated[list[Annotated[int, Field(ge=1)]], Field(max_length=MAX_REPAIRS)] = []


class OrderFacts(View):
    """One side of a difference."""

    state: WorkOrderState
    seq: int
    deadline: datetime | None = None


class Difference(View):
    """A difference and its repair.

    ``missing_there`` they don't know the order: tell them again. ``missing_here`` we don't know
    it: somebody looks. ``behind`` we lack updates from ``from_seq``: ask for them. ``ahead`` we
    have more than they (did they restore a copy?): somebody looks. ``other_state`` the same
    number, another state: somebody looks. ``other_deadline`` they gave it longer: take that.
    ``held`` updates wait or lie in quarantine: judge them anew, or ask for what is missing.

    ``status``: open; asked (a message is out, the next comparison tells); done; left (tried, and
    nothing could be done: somebody looks).
    """

    row: int
    work_order_no: str
    kind: DifferenceKind
    ours: OrderFacts | None = None
    theirs: OrderFacts | None = None
    held: int = 0
    repair: Repair
    from_seq: int | None = None
    status: RepairStatus
    repaired_at: datetime | None = None
    repaired_by: str | None = None


class Reconciliation(View):
    """A comparison: how many orders each side has, how many are the same, and the rest in rows."""

    id: str
    district_id: str | None
    started_by: str
    started_at: datetime
    exported_at: datetime | None
    ours: int
    theirs: int
    equal: int
    differences: int
    rows: list[Difference]
    next_cursor: str | None = None


class ListDeadLetters(Command):
    """Messages that nobody could handle, queue by queue; looking takes none away."""

    queue: Annotated[Text, Field(max_length=100)] | None = None
    limit: int = Field(default=100, ge=1, le=200)


class ReplayDeadLetter(Command):
    """Put a dead letter back onto its queue."""

    id: Id


class DeadLetter(View):
    """A dead letter without its content.

    ``why``: rejected (its handler said never), unreadable (no JSON, an unknown type or shape),
    gave_up (every attempt failed), crashed (every delivery ended in a crash).
    """

    id: str
    queue: str
    event_id: str | None
    event_type: str | None
    why: Literal["rejected", "unreadable", "gave_up", "crashed"]
    died_at: datetime | None
    bytes: int


class DeadLetters(View):
    """Dead letters, oldest first in each queue; ``more`` says that the limit cut some off."""

    items: list[DeadLetter]
    more: bool


class Replayed(View):
    """A letter that was put back; a second time gives the first one's moment."""

    id: str
    queue: str
    event_id: str | None
    replayed_at: datetime


OPERATIONS: tuple[Operation, ...] = (
    Operation(
        "startReconciliation", "POST /districts/{did}/reconciliations", service="grid_bridge",
        who=RECONCILERS, command=StartReconciliation, result=Reconciliation, status=201,
        summary="Compare the platform's orders with ours", timeout=20.0,
    ),
    Operation(
        "getReconciliation", "GET /reconciliations/{id}", service="grid_bridge",
        who=RECONCILERS, command=GetReconciliation, result=Reconciliation,
        summary="What a comparison found",
    ),
    Operation(
        "repairReconciliation", "POST /reconciliations/{id}/repairs", service="grid_bridge",
        who=RECONCILERS, command=RepairReconciliation, result=Reconciliation,
        summary="Repair what a comparison found", timeout=20.0,
    ),
    Operation(
        "listDeadLetters", "GET /ops/dead-letters", service="grid_bridge", who=OPERATORS,
        command=ListDeadLetters, result=DeadLetters, summary="Messages nobody could handle",
        timeout=15.0,
    ),
    Operation(
        "replayDeadLetter", "POST /ops/dead-letters/{id}/replay", service="grid_bridge",
        who=OPERATORS, command=ReplayDeadLetter, result=Replayed,
        summary="Replay a dead letter", timeout=15.0,
    ),
)  # fmt: skip
