"""Issues: reported, sorted, answered, tried, escalated, rated.

A *list* gives each issue without its timeline; ``getIssue`` gives every step. ``suggestion`` is
the classifier's advice and shown to the community's staff only: residents see what a human has
confirmed (PIPL art. 24).
"""

from datetime import datetime
from typing import Annotated, Literal

from pydantic import ConfigDict, Field

from services.contracts.events.grid_bridge import Attachment, Category
from services.contracts.operations.base import (
    NEIGHBOUR,
    PERSON,
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
)
from services.contracts.operations.grid_bridge.common import (
    STAFF,
    AnswerOutcome,
    AttachmentIds,
    IssueAssignee,
    IssueSource,
    IssueStatus,
    Moment,
    Outcome,
    PlaceView,
    SlotKey,
    StandardCode,
    StandardCodeView,
    Step,
    Where,
)
from services.contracts.operations.grid_bridge.guides import GuideRef
from services.contracts.operations.grid_bridge.orders import WorkOrder

Level = Literal["committee", "town", "district"]
OfficeAct = Literal["triage", "answer", "step", "escalate", "refer", "merge", "unmerge", "convene"]
"""What a committee does with an issue."""


class ReportIssue(Command):
    """A neighbour reports a problem. ``location`` may be plain words."""

    cid: Id
    title: Line
    body: Body
    location: Where | None = None
    attachments: AttachmentIds = []
    hide_name: bool = False


class IssueFromPost(Command):
    """Staff turn a post into an issue; the post stays the thread."""

    id: Id


class ListIssues(ListCommand):
    """The issues of a community, newest first.

    ``assignee`` is a person's id or ``me``, whoever stands in counts for whoever is away;
    ``has_duplicates`` asks for those that an open issue reads like. Both are the committee's.
    ``due_before`` asks for a running promise whose limit lies before that moment; ``clock`` for one
    that is near its limit or past it, ``level`` for breaches that this level, or one above it, has
    heard of. ``mine`` asks for what the reader reported herself. ``q``: all of these words
    occur. ``open`` asks for those that have no outcome yet, or for the others, ``merging`` for
    those whose reporter was asked to let them be merged; ``topic``, the committee's, for what a
    hot topic rests on. ``sort`` by ``due`` gives those with a running promise, the limit that ends
    first first.
    """

    cid: Id
    mine: bool = False
    status: IssueStatus | None = None
    category: Category | None = None
    source: IssueSource | None = None
    assignee: Id | None = None
    has_duplicates: bool | None = None
    due_before: Moment | None = None
    clock: Literal["at_risk", "overdue"] | None = None
    level: Level | None = None
    q: Annotated[Text | None, Field(max_length=100)] = None
    open: bool | None = None
    merging: bool = False
    topic: Id | None = None
    sort: Literal["newest", "due"] = "newest"


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
    standard_code: StandardCode | None = None
    reason: Reason | None = None


class AnswerIssue(Command):
    """The committee answers; ``outcome`` says truthfully how it went.

    ``guide_id`` is the department's guide (问题应对指南) that it was answered by: the use counts.
    """

    id: Id
    body: Body
    outcome: AnswerOutcome
    attachments: AttachmentIds = []
    guide_id: Id | None = None


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
    ``provisional`` says that the limit lies beyond the calendar of working days that is known: it
    is reckoned anew when the year's days are. ``at_risk`` says that it is near, ``told_to`` is the
    highest level that has heard that it was broken.
    """

    due_at: datetime
    paused: bool
    stage: str
    overdue: bool
    provisional: bool = False
    at_risk: bool = False
    told_to: Level | None = None


class TimelineEntry(View):
    """One step. ``kind`` is an act on the issue or the state that the grid platform told."""

    at: datetime
    kind: str
    actor_role: str
    text: str
    attachments: list[Attachment] = []
    guide: GuideRef | None = None


class IssueReporter(View):
    """Who reported it, as the neighbours know that person."""

    person_id: str
    display_name: str
    building_label: str = ""


class IssueHelper(View):
    """Who reported it on the reporter's behalf (代办): "by X for Y"."""

    person_id: str
    display_name: str


class IssueMerge(View):
    """Into which issue it is to be merged (``asked``: its reporter was) or was (``agreed``)."""

    into: str
    title: str
    state: Literal["asked", "agreed"]
    reason: str | None
    asked_at: datetime


class IssueReceipt(View):
    """The new issue and its thread."""

    id: str
    post_id: str
    status: IssueStatus


class IssueSummary(View):
    """An issue as lists show it.

    ``reporter`` is null when that person asked to be hidden and the reader is not staff; then
    ``assisted_by`` is null, too, which otherwise names the helper who reported it for the reporter.
    ``outcome`` is how it was answered or ended, once it was. ``supported`` says whether the reader
    has joined its ``supporters``. ``undertaking_due_at`` is the next date that somebody promised
    and nobody has checked, ``last_step`` the newest of self-governance in this round.
    ``assignee``, ``covered_by`` (who stands in while she is away) and ``minutes`` are for the
    committee.
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
    catalogue_version: str | None = None
    standard_code: StandardCodeView | None
    suggestion: Suggestion | None
    promise: Promise | None
    work_order_no: str | None
    outcome: str | None
    location: PlaceView | None
    attachments: list[Attachment]
    hide_name: bool
    reporter: IssueReporter | None
    assisted_by: IssueHelper | None = None
    mine: bool
    score: int | None
    source: IssueSource = "app"
    supporters: int = 0
    supported: bool = False
    merge: IssueMerge | None = None
    undertaking_due_at: datetime | None = None
    last_step: Step | None = None
    assignee: IssueAssignee | None = None
    covered_by: IssueAssignee | None = None
    minutes: int | None = None
    created_at: datetime
    updated_at: datetime


class IssueAct(View):
    """What a resident may do with an issue now.

    ``why_not`` is the code of the error that trying it would answer; null when it can be done.
    """

    act: Literal["me_too", "confirm", "rate", "reopen", "merge_consent"]
    why_not: str | None


class Issue(IssueSummary):
    """An issue with every step of its way.

    ``my_acts`` are those of residents, the reporter's and the neighbours', as they stand for the
    reader; whether she belongs here is asked when she does it.

    For the committee: ``acts`` are what it may do with it now, whatever else that needs (a photo, a
    reason); ``referral_id`` is the open referral, ``consultation_id`` the latest consultation.
    """

    timeline: list[TimelineEntry]
    my_acts: list[IssueAct] = []
    acts: list[OfficeAct] | None = None
    referral_id: str | None = None
    consultation_id: str | None = None


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
        "rateIssue", "POST /issues/{id}/rating", service="grid_bridge", who=PERSON,
        command=RateIssue, result=Issue, summary="Rate the outcome",
    ),
    Operation(
        "reopenIssue", "POST /issues/{id}/reopen", service="grid_bridge", who=PERSON,
        command=ReopenIssue, result=Issue, summary="Open it again",
    ),
)  # fmt: skip
