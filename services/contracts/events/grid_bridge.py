"""What the bridge tells: how a reported problem fares."""

from datetime import datetime
from typing import Literal

from pydantic import BaseModel, ConfigDict

from services.contracts.events.base import Event

Category = Literal["consult", "advise", "dispose", "8x"]
ReferralParty = Literal["property", "owners_committee", "department"]
ReferralState = Literal["open", "done", "declined", "withdrawn"]
MergeStanding = Literal["asked", "agreed", "refused", "undone"]
ConsultationOutcome = Literal["resolved", "unresolvable", "handed_over", "returned"]
ConsultationStep = Literal[
    "opened",
    "invited",
    "uninvited",
    "accepted",
    "declined",
    "meeting_planned",
    "meeting_held",
    "meeting_cancelled",
    "minutes_published",
    "action_added",
    "action_started",
    "action_done",
    "action_dropped",
    "action_postponed",
    "action_due",
    "action_overdue",
    "concluded",
]


class Attachment(BaseModel):
    """A file as events carry it: where it lies, what it is, and how to check it."""

    model_config = ConfigDict(frozen=True)

    id: str
    url: str
    content_type: str
    bytes: int
    sha256: str
    thumbnail_url: str | None = None


class IssueEvent(Event, abstract=True):
    """What every event about an issue says: its thread, its place, its reporter.

    ``reporter_id`` is empty when nobody is named (a case taken by phone, at the desk).
    """

    issue_id: str
    post_id: str
    community_id: str
    path: str
    reporter_id: str


class OutcomeEvent(IssueEvent, abstract=True):
    """How it came out: neighbours with the same problem hear of it.

    ``supporter_ids`` are those who follow it, at most 200, who joined first first. Of an issue
    that was merged, ``merged_into`` is the one whose outcome it shares.
    """

    supporter_ids: list[str] = []
    merged_into: str | None = None


class IssueReported(
    IssueEvent, source="grid_bridge", type="issue.reported", version=1, subject="issue_id"
):
    """A resident reported a problem; feed makes the thread ``post_id`` from it.

    ``from_post`` says that the thread existed already (staff turned a post into an issue);
    ``taken_up_by`` is then who did. ``assisted_by`` is the helper who reported it for the reporter
    (assisted mode, 代办). What came by phone, visit or letter was taken in by ``taken_up_by``, who
    posts it in office.

    ``channel`` is the outside system it came through (``open311``); then it is nobody's, and no
    name is shown. It is a text and no list: ``source`` stays what readers of version N−1 know.
    """

    title: str
    body: str
    hide_name: bool = False
    attachments: list[Attachment] = []
    reported_at: datetime
    from_post: bool = False
    taken_up_by: str | None = None
    assisted_by: str | None = None
    source: Literal["app", "post", "phone", "visit", "letter"] = "app"
    channel: str = ""


class IssueClassified(
    IssueEvent, source="grid_bridge", type="issue.classified", version=1, subject="issue_id"
):
    """The classifier made its suggestion; a human still has to confirm (PIPL art. 24)."""

    category: Category
    slot: str | None
    confidence: float


class IssueTriaged(
    IssueEvent, source="grid_bridge", type="issue.triaged", version=1, subject="issue_id"
):
    """Staff confirmed what kind of problem it is, and with it who answers by when.

    ``slot_name`` is what the district calls the slot; empty in events of earlier versions.
    """

    category: Category
    slot: str | None
    actor_id: str
    actor_role: str
    due_at: datetime | None
    slot_name: str = ""


class IssueAnswered(
    OutcomeEvent, source="grid_bridge", type="issue.answered", version=1, subject="issue_id"
):
    """The committee answered on the thread."""

    outcome: Literal["answered", "fixed", "refused"]
    body: str
    actor_id: str
    actor_role: str
    attachments: list[Attachment] = []


class SelfGovernanceRecorded(
    OutcomeEvent,
    source="grid_bridge",
    type="issue.self_governance_recorded",
    version=1,
    subject="issue_id",
):
    """A step of self-governance (自治) was taken: visit, talk 约谈, undertaking, check."""

    step: Literal["site_visit", "talk", "undertaking", "check"]
    note: str
    outcome: Literal["solved", "failed"] | None
    actor_id: str
    actor_role: str
    attachments: list[Attachment] = []
    due_at: datetime | None = None


class IssueEscalated(
    IssueEvent, source="grid_bridge", type="issue.escalated", version=1, subject="issue_id"
):
    """The issue went to the grid platform as a work order (网格工单)."""

    work_order_no: str
    reason: str
    urgent: bool
    actor_id: str
    actor_role: str


class IssueProgressed(
    IssueEvent, source="grid_bridge", type="issue.progressed", version=1, subject="issue_id"
):
    """The grid platform moved the work order; ``state`` is one of the contract's states."""

    work_order_no: str
    state: str
    note: str
    actor_role: str
    department: str
    at: datetime
    attachments: list[Attachment] = []


class IssueClosed(
    OutcomeEvent, source="grid_bridge", type="issue.closed", version=1, subject="issue_id"
):
    """The issue came to its end; ``result`` is truthful about how."""

    result: Literal["solved", "answered", "refused", "grid_closed", "grid_refused", "cancelled"]
    note: str
    work_order_no: str | None = None
    attachments: list[Attachment] = []


class IssueRated(
    IssueEvent, source="grid_bridge", type="issue.rated", version=1, subject="issue_id"
):
    """The reporter rated the outcome, 1 to 5; ``nameless`` when the thread must not say who."""

    score: int
    solved: bool
    nameless: bool = False


class IssueReopened(
    IssueEvent, source="grid_bridge", type="issue.reopened", version=1, subject="issue_id"
):
    """The reporter was not satisfied and opened it again, with a reason.

    ``nameless`` when the thread must not say who.
    """

    reason: str
    work_order_no: str | None = None
    nameless: bool = False


class IssueConfirmed(
    OutcomeEvent, source="grid_bridge", type="issue.confirmed", version=1, subject="issue_id"
):
    """The reporter said whether self-governance has solved it (居民确认): a yes ends it.

    ``nameless`` when the thread must not say who.
    """

    solved: bool
    comment: str = ""
    nameless: bool = False


class ReferralChanged(
    OutcomeEvent,
    source="grid_bridge",
    type="issue.referral_changed",
    version=1,
    subject="issue_id",
):
    """The issue was referred to another party, or that referral ended; ``words`` are the actor's.

    ``done`` is the outcome that the party brought about; ``declined`` and ``withdrawn`` give the
    issue back to the committee.
    """

    referral_id: str
    party: ReferralParty
    department: str | None
    state: ReferralState
    words: str
    actor_id: str
    actor_role: str
    attachments: list[Attachment] = []


class MergeChanged(
    IssueEvent, source="grid_bridge", type="issue.merge_changed", version=1, subject="issue_id"
):
    """A merge was asked for, agreed to, refused or undone; told once for each of the two issues.

    ``side`` says which of them this one is: the one that goes into the other, or that other.
    """

    other_issue_id: str
    other_post_id: str
    side: Literal["merged", "into"]
    state: MergeStanding
    reason: str = ""
    actor_id: str
    actor_role: str


class JointConsultationChanged(
    OutcomeEvent,
    source="grid_bridge",
    type="joint_consultation.changed",
    version=1,
    subject="issue_id",
):
    """Something happened at a joint consultation (联合会商); ``words`` are the public ones.

    ``departments`` are those concerned by the step. ``guest_ids`` are the people of departments
    who must hear of it by name; ``to_departments`` says that whoever serves as a department at the
    place must. ``due_at`` is the date of the meeting or action, ``promise_due_at`` by when the
    resident is promised the next word. ``outcome`` belongs to ``concluded``; of ``resolved`` and
    ``unresolvable`` neighbours with the same problem hear as of any outcome.
    """

    consultation_id: str
    what: ConsultationStep
    words: str = ""
    departments: list[str] = []
    guest_ids: list[str] = []
    to_departments: bool = False
    due_at: datetime | None = None
    promise_due_at: datetime | None = None
    outcome: ConsultationOutcome | None = None
    actor_id: str
    actor_role: str
    attachments: list[Attachment] = []


class IssueAssigned(
    IssueEvent, source="grid_bridge", type="issue.assigned", version=1, subject="issue_id"
):
    """One of the committee was given the issue, or (None) it was given back to all."""

    assignee_id: str | None
    actor_id: str
    actor_role: str


class IssueReminder(
    IssueEvent, source="grid_bridge", type="issue.reminder", version=1, subject="issue_id"
):
    """The date of an undertaking has come and nobody has checked yet.

    ``assignee_id`` is who handles it now (whoever stands in, while she is away); None: all of the
    committee.
    """

    due_at: datetime
    assignee_id: str | None = None


class IssueUrged(
    IssueEvent, source="grid_bridge", type="issue.urged", version=1, subject="issue_id"
):
    """The issue's work order was urged (督办); ``level`` says by whom."""

    work_order_no: str
    reason: str
    level: Literal["committee", "town", "district"]
    actor_id: str
    actor_role: str
    at: datetime


class IssueWithdrawn(
    IssueEvent, source="grid_bridge", type="issue.withdrawn", version=1, subject="issue_id"
):
    """The committee asked the platform for the issue's work order back (撤回)."""

    work_order_no: str
    reason: str
    actor_id: str
    actor_role: str
    at: datetime


class IssueAmended(
    IssueEvent, source="grid_bridge", type="issue.amended", version=1, subject="issue_id"
):
    """The committee told the platform more about the issue's work order (补充)."""

    work_order_no: str
    note: str
    actor_id: str
    actor_role: str
    attachments: list[Attachment] = []
    at: datetime


class PromiseAtRisk(
    IssueEvent, source="grid_bridge", type="promise.at_risk", version=1, subject="issue_id"
):
    """The limit is near; ``work_order_no`` while the grid has it in hand."""

    due_at: datetime
    work_order_no: str | None = None


class PromiseBroken(
    IssueEvent, source="grid_bridge", type="promise.broken", version=1, subject="issue_id"
):
    """The limit has passed without an answer; ``level`` is who is told (升级).

    ``work_order_no``: see :class:`PromiseAtRisk`.
    """

    due_at: datetime
    level: Literal["committee", "town", "district"]
    work_order_no: str | None = None


class HotTopicsPublished(
    Event,
    source="grid_bridge",
    type="hot_topics.published",
    version=1,
    subject=("level", "node_id"),
):
    """The hot ten of a month was published, or published anew (``edition`` 2 and more).

    What is hot is read by asking, as it depends on who asks.
    """

    run_id: str
    level: Literal["community", "town", "district"]
    node_id: str
    path: str
    month: str
    edition: int
    topics: int
    published_at: datetime


class PromiseMoved(
    IssueEvent, source="grid_bridge", type="promise.moved", version=1, subject="issue_id"
):
    """The working days became known after the promise was made, and with them its limit moved."""

    due_at: datetime
    was_due_at: datetime


class PostUnanswered(
    Event, source="grid_bridge", type="post.unanswered", version=1, subject="post_id"
):
    """An ordinary post waits for an answer in office: its limit is near, or has passed.

    ``level`` is who is told; of a warning always the committee.
    """

    post_id: str
    community_id: str
    path: str
    module: str
    standing: Literal["at_risk", "broken"]
    level: Literal["committee", "town", "district"]
    due_at: datetime


class IssueSuggested(
    Event, source="grid_bridge", type="issue.suggested", version=1, subject="post_id"
):
    """The classifier read an ordinary post; ``problem`` (0–1) says whether it is one at all.

    For the committee's eyes only, and only a suggestion: a human decides (PIPL art. 24).
    """

    post_id: str
    community_id: str
    path: str
    post_version: int
    problem: float
    category: Category | None
    slot: str | None
    confidence: float
    reasons: list[str]
    urgent: bool = False
