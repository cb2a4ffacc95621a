"""Issues and work orders: the operations of the bridge to the city's grid.

A *list* gives each issue without its timeline; ``getIssue`` gives every step. ``suggestion`` is
the classifier's advice and shown to the community's staff only: residents see what a human has
confirmed (PIPL art. 24).
"""

from datetime import date, datetime
from typing import Annotated, Any, Literal, Self

from pydantic import AfterValidator, BeforeValidator, ConfigDict, Field, model_validator

from services.contracts.actor import Role
from services.contracts.events.grid import WorkOrderState
from services.contracts.events.grid_bridge import Attachment, Category
from services.contracts.operations.base import (
    NEIGHBOUR,
    PERSON,
    AnyObject,
    Body,
    Command,
    Id,
    Line,
    ListCommand,
    Operation,
    Page,
    Reason,
    Text,
    View,
    holders,
)

IssueStatus = Literal[
    "reported",
    "triaged",
    "answered",
    "self_governing",
    "solved",
    "referred",
    "escalated",
    "in_consultation",
    "closed",
    "reopened",
    "merged",
]
Step = Literal["site_visit", "talk", "undertaking", "check"]
Outcome = Literal["solved", "failed"]
AnswerOutcome = Literal["answered", "fixed", "refused"]

OrderNo = Annotated[str, Field(min_length=1, max_length=40, pattern=r"^[A-Z0-9-]+$")]
SlotKey = Annotated[str, Field(min_length=1, max_length=20, pattern=r"^[A-Z0-9_-]+$")]
Month = Annotated[str, Field(pattern=r"^\d{4}-(0[1-9]|1[0-2])$")]
AttachmentIds = Annotated[list[Id], Field(max_length=9)]


def _with_zone(moment: datetime) -> datetime:
    if moment.tzinfo is None:
        raise ValueError("must carry a time zone")
    return moment


Moment = Annotated[datetime, AfterValidator(_with_zone)]

STAFF = holders(Role.COMMITTEE_STAFF, Role.SECRETARY)
OPERATORS = holders(Role.DISTRICT_ADMIN)


# -- what is asked -----------------------------------------------------------------------------


class Place(Command):
    """Where it is: words, and a point with its coordinate reference system when one is known."""

    address: Annotated[Text, Field(max_length=256)] = ""
    lng: float | None = Field(default=None, ge=-180, le=180, allow_inf_nan=False)
    lat: float | None = Field(default=None, ge=-90, le=90, allow_inf_nan=False)
    crs: Literal["WGS84", "GCJ02", "CGCS2000"] = "WGS84"

    @model_validator(mode="after")
    def _both_or_neither(self) -> Self:
        if (self.lng is None) != (self.lat is None):
            raise ValueError("lng and lat belong together")
        return self


def _place(value: Any) -> Any:
    return {"address": value} if isinstance(value, str) else value


class StandardRef(Command):
    """A code with its standard and kind; a bare text is a matter of GB/T 47678.5-2026."""

    standard: Annotated[Text, Field(max_length=40)] = "GB/T 47678.5-2026"
    kind: Literal["matter", "component"] = "matter"
    code: Annotated[str, Field(pattern=r"^[0-9]{5}$")]


def _standard_ref(value: Any) -> Any:
    return {"code": value} if isinstance(value, str) else value


class ReportIssue(Command):
    """A neighbour reports a problem. ``location`` may be plain words."""

    cid: Id
    title: Line
    body: Body
    location: Annotated[Place | None, BeforeValidator(_place)] = None
    attachments: AttachmentIds = []
    hide_name: bool = False


class IssueFromPost(Command):
    """Staff turn a post into an issue; the post stays the thread."""

    id: Id


class ListIssues(ListCommand):
    """The issues of a community, newest first."""

    cid: Id
    status: IssueStatus | None = None
    category: Category | None = None


class GetIssue(Command):
    """One issue."""

    id: Id


class TriageIssue(Command):
    """Staff confirm the kind of problem; ``slot`` (a catalogue key) belongs to 8x alone.

    ``reason`` is for the record when the suggestion or an earlier triage is overridden.
    """

    id: Id
    category: Category
    slot: SlotKey | None = None
    standard_code: Annotated[StandardRef | None, BeforeValidator(_standard_ref)] = None
    reason: Reason | None = None


class AnswerIssue(Command):
    """The committee answers; ``outcome`` says truthfully how it went."""

    id: Id
    body: Body
    outcome: AnswerOutcome
    attachments: AttachmentIds = []


class RecordSelfGovernance(Command):
    """A step of self-governance (自治).

    ``with`` names who was spoken to in the words of the committee (商户, 业主…), ``due_at`` is
    the date of an undertaking. ``outcome`` ends the attempt.
    """

    model_config = ConfigDict(extra="ignore", populate_by_name=True)

    id: Id
    step: Step
    note: Reason
    with_: Annotated[Text | None, Field(alias="with", max_length=200)] = None
    due_at: Moment | None = None
    attachments: AttachmentIds = []
    outcome: Outcome | None = None


class EscalateIssue(Command):
    """To the grid platform; ``urgent`` passes by the self-governance gate, with its reason."""

    id: Id
    reason: Reason
    urgent: bool = False


class RateIssue(Command):
    """The reporter's judgement, 1 to 5."""

    id: Id
    score: int = Field(ge=1, le=5, strict=True)
    solved: bool
    comment: Annotated[Text, Field(max_length=1_000)] = ""


class ReopenIssue(Command):
    """The reporter is not satisfied."""

    id: Id
    reason: Reason


class ReferIssue(Command):
    """To the property firm, the owners' committee or a department; the promise runs on."""

    id: Id
    to: Literal["property", "owners_committee", "department"]
    note: Reason
    attachments: AttachmentIds = []


class OpenJointConsultation(Command):
    """A legacy case of many departments (联合会商)."""

    id: Id
    departments: Annotated[list[Line], Field(min_length=1, max_length=30)]
    minutes: Annotated[Text, Field(max_length=20_000)] = ""
    actions: list[dict[str, Any]] = []


class MergeIssue(Command):
    """Into the issue that tells of the same problem."""

    id: Id
    into: Id
    reason: Reason | None = None


class MeToo(Command):
    """The same problem concerns me."""

    id: Id


class GetWorkOrder(Command):
    """One work order, by its number."""

    no: OrderNo


class ListWorkOrders(ListCommand):
    """Work orders in the caller's reach, newest first."""

    state: WorkOrderState | None = None
    overdue: bool | None = None


class ListCatalogue(Command):
    """The 8+X catalogue as it stands, to choose a slot from."""


class ReplayDeadLetter(Command):
    """Put a dead letter back onto its queue."""

    id: Id


class ListAnswerGuides(ListCommand):
    """The guides of a district's departments (问题应对指南)."""

    did: Id
    q: Annotated[Text | None, Field(max_length=100)] = None


class CreateAnswerGuide(Command):
    """A department writes a guide."""

    did: Id
    title: Line
    body: Body
    category: Category | None = None
    slot: SlotKey | None = None


class UpdateAnswerGuide(Command):
    """A new version of a guide."""

    id: Id
    title: Line
    body: Body


class HotTopics(Command):
    """The ten hottest concerns of a district in a month."""

    did: Id
    month: Month


class CommunityHotTopics(Command):
    """The ten hottest concerns of a community in a month."""

    cid: Id
    month: Month


class AddHotTopicAction(Command):
    """What is done about a hot topic."""

    id: Id
    kind: Literal["campaign", "project", "topic"]
    ref: Annotated[Text, Field(max_length=200)] = ""
    starts_at: Moment | None = None


class ListPlans(ListCommand):
    """The plans of a community (一小区一方案)."""

    cid: Id


class CreatePlan(Command):
    """A plan whose items carry evidence."""

    cid: Id
    title: Line
    items: Annotated[list[dict[str, Any]], Field(max_length=200)] = []


class Kpis(Command):
    """Figures with formula, numerator and denominator, for a span of days."""

    model_config = ConfigDict(extra="ignore", populate_by_name=True)

    did: Id
    from_: Annotated[date, Field(alias="from")]
    to: date


# -- what is answered --------------------------------------------------------------------------


class Candidate(View):
    """One of the classifier's guesses; ``confidence`` is a share of 1."""

    category: Category
    slot: str | None = None
    confidence: float


class Suggestion(View):
    """The classifier's advice with its reasons; never a decision.

    ``dangers`` say why it is ``urgent``: staff see them first, and call the emergency number.
    """

    category: Category
    slot: str | None
    confidence: float
    candidates: list[Candidate] = []
    reasons: list[str] = []
    code: str | None = None
    department: str | None = None
    urgent: bool = False
    dangers: list[str] = []
    model_version: str = ""


class Promise(View):
    """By when the next word is promised to the resident; ``paused`` while the clock stands.

    ``stage`` is what is promised (first_response, consult, advise, dispose, 8x, grid).
    ``provisional`` says that the limit lies beyond the published calendar of working days.
    """

    due_at: datetime
    paused: bool
    stage: str
    overdue: bool
    provisional: bool = False


class TimelineEntry(View):
    """One step. ``kind`` is an act on the issue or the state that the grid platform told."""

    at: datetime
    kind: str
    actor_role: str
    text: str
    attachments: list[Attachment] = []


class IssueReporter(View):
    """Who reported it, as the neighbours know that person."""

    person_id: str
    display_name: str
    building_label: str = ""


class IssueHelper(View):
    """Who reported it on the reporter's behalf (代办): "by X for Y"."""

    person_id: str
    display_name: str


class StandardCodeView(View):
    """A code of a standard, with its name."""

    standard: str
    kind: str
    code: str
    name: str


class IssueReceipt(View):
    """The new issue and its thread."""

    id: str
    post_id: str
    status: IssueStatus


class IssueSummary(View):
    """An issue as lists show it.

    ``reporter`` is null when that person asked to be hidden and the reader is not staff; then
    ``assisted_by`` is null, too, which otherwise names the helper who reported it for the reporter.
    ``outcome`` is how it was answered or ended, once it was.
    """

    id: str
    post_id: str
    community_id: str
    title: str
    body: str
    status: IssueStatus
    category: Category | None
    slot: str | None
    slot_name: str | None
    standard_code: StandardCodeView | None
    suggestion: Suggestion | None
    promise: Promise | None
    work_order_no: str | None
    outcome: str | None
    location: Place | None
    attachments: list[Attachment]
    hide_name: bool
    reporter: IssueReporter | None
    assisted_by: IssueHelper | None = None
    mine: bool
    score: int | None
    created_at: datetime
    updated_at: datetime


class Issue(IssueSummary):
    """An issue with every step of its way."""

    timeline: list[TimelineEntry]


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


class CatalogueEntry(View):
    """A slot that a hard problem may be put into, with the department that answers for it."""

    slot: str
    name: str
    department: str


class Catalogue(View):
    """The slots of one version of the catalogue; ``notice`` says whose list it is, show it."""

    version: str
    notice: str
    items: list[CatalogueEntry]


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
        "reportIssue", "POST /communities/{cid}/issues", service="grid_bridge", who=NEIGHBOUR,
        command=ReportIssue, result=IssueReceipt, status=201, summary="Report a problem",
        assisted=True,
    ),
    Operation(
        "listIssues", "GET /communities/{cid}/issues", service="grid_bridge", who=PERSON,
        command=ListIssues, result=Page[IssueSummary], summary="The issues of a community",
        assisted=True, audited=True,
    ),
    Operation(
        "getIssue", "GET /issues/{id}", service="grid_bridge", who=PERSON,
        command=GetIssue, result=Issue, summary="An issue with its timeline",
        assisted=True, audited=True,
    ),
    Operation(
        "issueFromPost", "POST /posts/{id}/issue", service="grid_bridge", who=STAFF,
        command=IssueFromPost, result=IssueReceipt, status=201,
        summary="Turn a post into an issue",
    ),
    Operation(
        "triageIssue", "POST /issues/{id}/triage", service="grid_bridge", who=STAFF,
        command=TriageIssue, result=Issue, summary="Confirm the kind of problem",
    ),
    Operation(
        "answerIssue", "POST /issues/{id}/answers", service="grid_bridge", who=STAFF,
        command=AnswerIssue, result=Issue, summary="Answer on the thread",
    ),
    Operation(
        "recordSelfGovernance", "POST /issues/{id}/self-governance", service="grid_bridge",
        who=STAFF, command=RecordSelfGovernance, result=Issue,
        summary="Record a step of self-governance",
    ),
    Operation(
        "escalateIssue", "POST /issues/{id}/escalate", service="grid_bridge", who=STAFF,
        command=EscalateIssue, result=WorkOrder, summary="Open a work order with the grid",
    ),
    Operation(
        "referIssue", "POST /issues/{id}/referrals", service="grid_bridge", who=STAFF,
        command=ReferIssue, result=AnyObject, summary="Refer to another party", built=False,
    ),
    Operation(
        "openJointConsultation", "POST /issues/{id}/joint-consultations", service="grid_bridge",
        who=STAFF, command=OpenJointConsultation, result=AnyObject,
        summary="Invite departments to a joint consultation", built=False,
    ),
    Operation(
        "mergeIssue", "POST /issues/{id}/merge", service="grid_bridge", who=STAFF,
        command=MergeIssue, result=AnyObject, summary="Merge into an issue of the same problem",
        built=False,
    ),
    Operation(
        "meToo", "PUT /issues/{id}/me-too", service="grid_bridge", who=NEIGHBOUR,
        command=MeToo, result=AnyObject, summary="It concerns me, too", built=False,
    ),
    Operation(
        "rateIssue", "POST /issues/{id}/rating", service="grid_bridge", who=PERSON,
        command=RateIssue, result=Issue, summary="Rate the outcome",
    ),
    Operation(
        "reopenIssue", "POST /issues/{id}/reopen", service="grid_bridge", who=PERSON,
        command=ReopenIssue, result=Issue, summary="Open it again",
    ),
    Operation(
        "getWorkOrder", "GET /work-orders/{no}", service="grid_bridge", who=PERSON,
        command=GetWorkOrder, result=WorkOrder, summary="A work order",
    ),
    Operation(
        "listWorkOrders", "GET /work-orders", service="grid_bridge", who=PERSON,
        command=ListWorkOrders, result=Page[WorkOrder], summary="Work orders in reach",
    ),
    Operation(
        "listCatalogue", "INTERNAL", service="grid_bridge", who=STAFF, command=ListCatalogue,
        result=Catalogue, summary="The 8+X catalogue",
    ),
    Operation(
        "replayDeadLetter", "POST /ops/dead-letters/{id}/replay", service="grid_bridge",
        who=OPERATORS, command=ReplayDeadLetter, result=AnyObject,
        summary="Replay a dead letter", built=False,
    ),
    Operation(
        "listAnswerGuides", "GET /districts/{did}/answer-guides", service="grid_bridge",
        who=holders(
            Role.COMMITTEE_STAFF, Role.SECRETARY, Role.DEPARTMENT_STAFF, Role.TOWN_ADMIN,
            Role.DISTRICT_ADMIN, Role.DISTRICT_ANALYST,
        ),
        command=ListAnswerGuides, result=Page[AnyObject], summary="Answer guides", built=False,
    ),
    Operation(
        "createAnswerGuide", "POST /districts/{did}/answer-guides", service="grid_bridge",
        who=holders(Role.DEPARTMENT_STAFF, Role.DISTRICT_ADMIN),
        command=CreateAnswerGuide, result=AnyObject, status=201, summary="Write an answer guide",
        built=False,
    ),
    Operation(
        "updateAnswerGuide", "PUT /answer-guides/{id}", service="grid_bridge",
        who=holders(Role.DEPARTMENT_STAFF, Role.DISTRICT_ADMIN),
        command=UpdateAnswerGuide, result=AnyObject, summary="A new version of an answer guide",
        built=False,
    ),
    Operation(
        "hotTopics", "GET /districts/{did}/hot-topics", service="grid_bridge", who=PERSON,
        command=HotTopics, result=AnyObject, summary="The district's hot ten", built=False,
    ),
    Operation(
        "communityHotTopics", "GET /communities/{cid}/hot-topics", service="grid_bridge",
        who=PERSON, command=CommunityHotTopics, result=AnyObject,
        summary="The community's hot ten", built=False,
    ),
    Operation(
        "addHotTopicAction", "POST /hot-topics/{id}/actions", service="grid_bridge",
        who=holders(
            Role.COMMITTEE_STAFF, Role.SECRETARY, Role.TOWN_ADMIN, Role.DISTRICT_ADMIN
        ),
        command=AddHotTopicAction, result=AnyObject, status=201,
        summary="Link an action to a hot topic", built=False,
    ),
    Operation(
        "listPlans", "GET /communities/{cid}/plans", service="grid_bridge", who=PERSON,
        command=ListPlans, result=Page[AnyObject], summary="The community's plans", built=False,
    ),
    Operation(
        "createPlan", "POST /communities/{cid}/plans", service="grid_bridge", who=STAFF,
        command=CreatePlan, result=AnyObject, status=201, summary="A plan", built=False,
    ),
    Operation(
        "kpis", "GET /districts/{did}/kpis", service="grid_bridge",
        who=holders(
            Role.TOWN_ADMIN, Role.DISTRICT_ADMIN, Role.DISTRICT_ANALYST, Role.AUDITOR,
            Role.OBSERVER,
        ),
        command=Kpis, result=AnyObject, summary="Figures with their formulas", built=False,
    ),
)  # fmt: skip
