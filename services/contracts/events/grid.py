"""The grid platform's border: work orders out, updates in.

Out go the ``workorder.*`` events on the exchange ``grid.workorders`` with routing key
``<type>.<district>.<category>``; in comes ``workorder.updated.v1`` on ``grid.updates``.
"""

from datetime import datetime
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

from services.contracts.events.base import Event

WorkOrderState = Literal[
    "reported",
    "accepted",
    "rejected",
    "duplicate",
    "verifying",
    "registered",
    "not_registered",
    "dispatched",
    "returned",
    "disposing",
    "extension_requested",
    "suspended",
    "disposed",
    "checking",
    "rework",
    "closed",
    "evaluated",
    "reopened",
    "cancelled",
]


class Part(BaseModel):
    """A nested value of the border's messages."""

    model_config = ConfigDict(frozen=True)


class CommunityRef(Part):
    """The community where it happened; ``code12`` is its 12-digit code."""

    id: str
    name: str
    code12: str


class CatalogueRef(Part):
    """The slot of the district's 8+X catalogue, with the catalogue's version."""

    version: str
    slot: str
    name: str


class StandardCode(Part):
    """A code with its standard and kind; bare codes are ambiguous between editions."""

    standard: str
    kind: str
    code: str
    name: str


class Location(Part):
    """Where: an address and, when known, a point with its coordinate reference system."""

    address: str
    lng: float | None = None
    lat: float | None = None
    crs: Literal["WGS84", "GCJ02", "CGCS2000"] | None = None
    grid15: str | None = None


class LibraryEntry(Part):
    """The entry in the library of actively discovered problems (主动发现问题库)."""

    no: str
    slot: str
    entered_at: datetime


class SignedAttachment(Part):
    """A file behind a link that is signed for 30 days."""

    url: str
    sha256: str
    content_type: str
    bytes: int


class SelfGovernanceStep(Part):
    """What the neighbourhood tried by itself before it asked the city."""

    step: str
    note: str
    at: datetime
    outcome: str | None = None


class Department(Part):
    """The responsible department."""

    code: str
    name: str


class StageDeadline(Part):
    """A limit for one stage of the disposal."""

    stage: str
    due_at: datetime


class Deadlines(Part):
    """The overall limit and those of the stages."""

    overall: datetime
    stages: list[StageDeadline] = []


class Reporter(Part):
    """The reporter, masked; sent only with that person's consent."""

    masked: str


class WorkOrderEvent(Event, abstract=True):
    """What every outbound message says."""

    work_order_no: str
    district: str
    category: str

    @property
    def routing_key(self) -> str:
        """``<type>.<district>.<category>``, so that a platform can bind by district."""
        return f"{self.TYPE}.{self.district}.{self.category}"


class WorkOrderOpened(
    WorkOrderEvent,
    source="grid_bridge",
    type="workorder.opened",
    version=1,
    subject="work_order_no",
    exchange="grid.workorders",
):
    """An issue that the neighbourhood could not solve is handed to the city."""

    community: CommunityRef
    catalogue: CatalogueRef
    code: StandardCode
    title: str
    description: str
    location: Location
    urgency: Literal["normal", "urgent", "critical"]
    source: Literal["shequtong"] = "shequtong"
    library_entry: LibraryEntry
    external_ref: str
    attachments: list[SignedAttachment] = []
    self_governance: list[SelfGovernanceStep] = []
    department: Department
    deadlines: Deadlines
    reported_at: datetime
    reporter: Reporter | None = None


class WorkOrderAmended(
    WorkOrderEvent,
    source="grid_bridge",
    type="workorder.amended",
    version=1,
    subject="work_order_no",
    exchange="grid.workorders",
):
    """More was learned after opening.

    ``deadlines`` are there when the limits were reckoned anew, before the platform took it on: the
    working days of the year had not been known.
    """

    note: str
    attachments: list[SignedAttachment] = []
    deadlines: Deadlines | None = None
    at: datetime


class WorkOrderUrged(
    WorkOrderEvent,
    source="grid_bridge",
    type="workorder.urged",
    version=1,
    subject="work_order_no",
    exchange="grid.workorders",
):
    """The order is urged (督办); a flag, not a state."""

    reason: str
    level: Literal["committee", "town", "district"]
    at: datetime


class WorkOrderWithdrawn(
    WorkOrderEvent,
    source="grid_bridge",
    type="workorder.withdrawn",
    version=1,
    subject="work_order_no",
    exchange="grid.workorders",
):
    """The neighbourhood takes the order back, with a reason."""

    reason: str
    at: datetime


class WorkOrderRated(
    WorkOrderEvent,
    source="grid_bridge",
    type="workorder.rated",
    version=1,
    subject="work_order_no",
    exchange="grid.workorders",
):
    """The resident rated the outcome, 1 to 5."""

    score: int = Field(ge=1, le=5)
    solved: bool
    comment: str = ""
    at: datetime


class WorkOrderReopened(
    WorkOrderEvent,
    source="grid_bridge",
    type="workorder.reopened",
    version=1,
    subject="work_order_no",
    exchange="grid.workorders",
):
    """The resident was not satisfied (重办)."""

    reason: str
    at: datetime


class WorkOrderUpdatesWanted(
    WorkOrderEvent,
    source="grid_bridge",
    type="workorder.updates_wanted",
    version=1,
    subject="work_order_no",
    exchange="grid.workorders",
):
    """A comparison showed that updates are missing here: say those from ``from_seq`` again."""

    from_seq: int = Field(ge=1)
    at: datetime


class WorkOrderUpdated(
    Event,
    source="grid_platform",
    type="workorder.updated",
    version=1,
    subject="work_order_no",
    exchange="grid.updates",
):
    """The platform moved an order; ``seq`` is 1, 2, 3… per order and never restarts."""

    work_order_no: str
    seq: int = Field(ge=1)
    state: WorkOrderState
    at: datetime
    actor_role: str
    department: str = ""
    note: str = Field(default="", max_length=4000)
    deadline: datetime | None = None
    attachments: list[str] = []
    platform_ref: str = ""
