"""One community, one plan (一小区一方案): why, by whom, with what money, and how far it is.

A plan is written by the committee in versions, lies open for comments, is adopted as it was read,
and then keeps account of itself. Each item says on what it rests: a hot topic, an answer of a
survey, reported issues, a visit.
"""

from datetime import date, datetime
from typing import Annotated, Literal

from pydantic import Field

from services.contracts.events.grid_bridge import Attachment
from services.contracts.events.plans import PlanState
from services.contracts.operations.base import (
    NEIGHBOUR,
    PERSON,
    Body,
    Command,
    Id,
    Line,
    ListCommand,
    Moment,
    Operation,
    Page,
    Reason,
    Text,
    View,
)
from services.contracts.operations.documents import Document, DocumentForm
from services.contracts.operations.grid_bridge.common import STAFF, AttachmentIds
from services.contracts.operations.grid_bridge.plan_items import (
    Evidence,
    Fen,
    ItemState,
    PlanBudget,
    PlanItemDraft,
    PlanOwner,
)

CommentState = Literal["shown", "waiting", "hidden", "withdrawn"]
Number = Annotated[int, Field(ge=1, le=2**31 - 1)]

# -- what the caller asks for ---------------------------------------------------------------------


class _Written(Command):
    title: Line
    summary: Annotated[Text, Field(max_length=5_000)] = ""
    items: Annotated[list[PlanItemDraft], Field(max_length=200)] = []


class ListPlans(ListCommand):
    """The plans of a community, the newest first; drafts are shown to its committee alone."""

    cid: Id
    state: PlanState | None = None


class CreatePlan(_Written):
    """A draft of a plan whose items carry evidence."""

    cid: Id


class OfPlan(Command):
    """Concerning one plan."""

    id: Id


class UpdatePlan(_Written):
    """The next version of a draft as a whole; ``version`` is the one that was read."""

    id: Id
    version: Number


class StepPlan(Command):
    """Lead a plan to another state; ``version`` is the one that was read.

    ``closes_at`` ends the comment period of a plan that is opened, at ``opens_at`` or at once. Back
    to the draft and withdrawn need a ``reason``, which everybody reads.
    """

    id: Id
    to: PlanState
    version: Number
    reason: Reason | None = None
    opens_at: Moment | None = None
    closes_at: Moment | None = None


class RecordPlanProgress(Command):
    """How far an item is. ``spent_fen`` is all that it has cost until now."""

    id: Id
    item: Id
    note: Reason
    state: ItemState | None = None
    spent_fen: Fen | None = None
    attachments: AttachmentIds = []


class ComparePlanVersions(Command):
    """What became of the plan between two of its versions."""

    id: Id
    older: Number
    newer: Number


class ListPlanComments(ListCommand):
    """What residents say of a plan, or of one item, the newest first.

    ``unanswered``: those alone that wait for an answer or for a decision.
    """

    id: Id
    item: Id | None = None
    unanswered: bool = False


class CommentOnPlan(Command):
    """A neighbour comments on the plan, or on one item, while it lies open."""

    id: Id
    body: Annotated[Body, Field(max_length=2_000)]
    item: Id | None = None


class AnswerPlanComment(Command):
    """The committee answers a comment, or puts its answer better."""

    id: Id
    body: Annotated[Body, Field(max_length=2_000)]


class WithdrawPlanComment(Command):
    """The author takes a comment back."""

    id: Id


class DecidePlanComment(Command):
    """The committee shows a comment that waits, or hides one; the reason is told to its author."""

    id: Id
    decision: Literal["show", "hide"]
    reason: Reason


class ExportPlan(Command):
    """The plan as a file to print and keep."""

    id: Id
    format: DocumentForm


# -- what the caller gets -------------------------------------------------------------------------


class PlanProgress(View):
    """A step of an item: what it became, what it had cost, and what was done."""

    item: str
    at: datetime
    actor_role: str
    state: ItemState
    spent_fen: int
    note: str
    attachments: list[Attachment] = []


class PlanItem(View):
    """An item of a plan, with how far it is once the plan is adopted."""

    key: str
    title: str
    text: str
    evidence: list[Evidence]
    owner: PlanOwner | None
    budget: PlanBudget | None
    due_on: date | None
    state: ItemState = "planned"
    spent_fen: int = 0
    overdue: bool = False
    progress: list[PlanProgress] = []


class PlanStep(View):
    """A line of the plan's timeline; ``by`` is told to its committee."""

    at: datetime
    state: PlanState
    version: int
    actor_role: str
    reason: str | None
    by: str | None = None


class PlanSummary(View):
    """A plan as lists show it. Sums are of its items; dropped ones count in ``items`` alone.

    ``comments`` are those that neighbours read, ``unanswered`` those that still wait (the
    committee's figure, null for others).
    """

    id: str
    cid: str
    title: str
    state: PlanState
    version: int
    items: int
    done: int
    dropped: int
    budget_fen: int
    spent_fen: int
    comments: int
    unanswered: int | None
    opens_at: datetime | None
    closes_at: datetime | None
    comments_open: bool
    adopted_at: datetime | None
    created_at: datetime
    updated_at: datetime


class Plan(PlanSummary):
    """A plan as it is written now, with its timeline.

    ``next_steps`` are the states to which its committee may lead it, onwards first; each may need
    more (comments that are answered, a reason), which is said when it is tried.
    """

    summary: str
    content: list[PlanItem]
    timeline: list[PlanStep]
    may_write: bool
    next_steps: list[PlanState] = []


class PlanWords(View):
    """A piece of a text that stayed, went or came."""

    kind: Literal["same", "removed", "added"]
    text: str


class PlanChange(View):
    """One difference: of the plan's ``title`` or ``summary``, or of an item and its ``field``.

    ``words`` put the two texts beside each other, clause by clause.
    """

    item: str | None
    title: str
    kind: Literal["added", "removed", "changed"]
    field: str | None
    before: str
    after: str
    words: list[PlanWords] = []


class PlanDifferences(View):
    """What became of a plan between two versions, in the order in which it is read."""

    older: int
    newer: int
    older_at: datetime
    newer_at: datetime
    changes: list[PlanChange]


class PlanCommenter(View):
    """Who commented, as the neighbours know that person."""

    person_id: str
    display_name: str
    building_label: str = ""


class PlanComment(View):
    """A comment on the version that lay open; ``author`` is null when the person has left.

    ``waiting`` ones and hidden ones are shown to their authors and to the committee.
    """

    id: str
    plan_id: str
    version: int
    item: str | None
    body: str
    state: CommentState
    author: PlanCommenter | None
    mine: bool
    created_at: datetime
    answer: str | None
    answered_at: datetime | None
    answered_role: str | None
    decision_reason: str | None = None


OPERATIONS: tuple[Operation, ...] = (
    Operation(
        "listPlans", "GET /communities/{cid}/plans", service="grid_bridge", who=PERSON,
        command=ListPlans, result=Page[PlanSummary], summary="The community's plans",
    ),
    Operation(
        "createPlan", "POST /communities/{cid}/plans", service="grid_bridge", who=STAFF,
        command=CreatePlan, result=Plan, status=201, summary="Draft a plan",
    ),
    Operation(
        "getPlan", "GET /plans/{id}", service="grid_bridge", who=PERSON, command=OfPlan,
        result=Plan, summary="A plan with its items and its timeline",
    ),
    Operation(
        "updatePlan", "PUT /plans/{id}", service="grid_bridge", who=STAFF, command=UpdatePlan,
        result=Plan, summary="A new version of a draft",
    ),
    Operation(
        "stepPlan", "POST /plans/{id}/steps", service="grid_bridge", who=STAFF,
        command=StepPlan, result=Plan, summary="Open, adopt, begin, finish or withdraw a plan",
    ),
    Operation(
        "recordPlanProgress", "POST /plans/{id}/items/{item}/progress", service="grid_bridge",
        who=STAFF, command=RecordPlanProgress, result=Plan, summary="How far an item is",
    ),
    Operation(
        "comparePlanVersions", "GET /plans/{id}/differences", service="grid_bridge", who=PERSON,
        command=ComparePlanVersions, result=PlanDifferences,
        summary="What changed between two versions",
    ),
    Operation(
        "listPlanComments", "GET /plans/{id}/comments", service="grid_bridge", who=PERSON,
        command=ListPlanComments, result=Page[PlanComment], summary="Comments on a plan",
    ),
    Operation(
        "commentOnPlan", "POST /plans/{id}/comments", service="grid_bridge", who=NEIGHBOUR,
        command=CommentOnPlan, result=PlanComment, status=201, summary="Comment on a plan",
    ),
    Operation(
        "answerPlanComment", "PUT /plan-comments/{id}/answer", service="grid_bridge", who=STAFF,
        command=AnswerPlanComment, result=PlanComment, summary="Answer a comment on a plan",
    ),
    Operation(
        "decidePlanComment", "POST /plan-comments/{id}/decision", service="grid_bridge",
        who=STAFF, command=DecidePlanComment, result=PlanComment,
        summary="Show or hide a comment on a plan",
    ),
    Operation(
        "withdrawPlanComment", "DELETE /plan-comments/{id}", service="grid_bridge", who=PERSON,
        command=WithdrawPlanComment, result=PlanComment, summary="Take a comment back",
    ),
    Operation(
        "exportPlan", "GET /plans/{id}/document.{format}", service="grid_bridge", who=PERSON,
        command=ExportPlan, result=Document, summary="The plan as a file",
    ),
)  # fmt: skip
