"""Joint consultations of many departments (联合会商): who sits there, what is agreed, who does it.

A *seat* is an invitation to a department, or to one named person of it. An invited department sees
this case and no other. *Minutes* have two texts: what neighbours read on the thread, and what stays
with those who sit there. An *action* has an owner and a date; the next date is what the resident
is promised. How it moves: ``services.grid_bridge.domain.consultation``.
"""

from datetime import datetime
from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, Field

from services.contracts.actor import COMMITTEE, GUESTS, Role
from services.contracts.events.grid_bridge import Attachment, ConsultationOutcome
from services.contracts.operations.base import (
    PERSON,
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
    holders,
)
from services.contracts.operations.grid_bridge.common import (
    AttachmentIds,
    IssueStatus,
    SlotKey,
    StandardCode,
)
from services.contracts.operations.grid_bridge.issues import Promise

CONVENERS = COMMITTEE | {Role.TOWN_ADMIN, Role.DISTRICT_ADMIN}
"""Who opens, leads and concludes a consultation, for the nodes that a grant covers."""

ConsultationState = Literal["open", "concluded"]
SeatState = Literal["invited", "accepted", "declined", "withdrawn"]
MeetingState = Literal["planned", "held", "cancelled"]
ActionState = Literal["open", "in_progress", "overdue", "done", "dropped"]
ActionOwner = Literal["committee", "department", "person"]
ActionMove = Literal["start", "finish", "drop", "postpone"]

_LEADERS = holders(*CONVENERS)
_GUESTS = holders(*GUESTS)
_TABLE = holders(*CONVENERS, *GUESTS)
_READERS = holders(*CONVENERS, *GUESTS, Role.GRID_OPERATOR)

MinutesText = Annotated[Text, Field(max_length=20_000)]


def _invitee(value: Any) -> Any:
    return {"department": value} if isinstance(value, str) else value


def _flag(value: Any) -> Any:
    return True if value == "" else value  # ?mine


# -- what the caller asks for ----------------------------------------------------------------


class JointInvitee(Command):
    """A department, by its name; ``person_id`` when one named person of it is meant.

    A person who does not hold ``department_staff`` for the place is invited in vain: she is let
    in only while she does.
    """

    department: Line
    person_id: Id | None = None


Invitee = Annotated[
    JointInvitee, BeforeValidator(_invitee, json_schema_input_type=JointInvitee | Line)
]
"""A department with a person, or its name alone as a bare text."""


class ActionDraft(Command):
    """What is to be done, by whom and by when.

    ``department`` names the owner of ``owner: department`` and that of ``owner: person``;
    ``person_id`` belongs to ``owner: person`` alone. Both must have been invited.
    """

    what: Reason
    owner: ActionOwner = "committee"
    department: Line | None = None
    person_id: Id | None = None
    due_at: Moment


class OpenJointConsultation(Command):
    """A legacy case of many departments (联合会商) goes to the table.

    ``departments`` are names, or names with a person. ``reason`` is told on the thread;
    ``minutes`` are those of the meeting that decided so and stay with the staff.
    """

    id: Id
    departments: Annotated[list[Invitee], Field(min_length=1, max_length=30)]
    reason: Reason | None = None
    minutes: MinutesText = ""
    actions: Annotated[list[ActionDraft], Field(max_length=100)] = []


class ListJointConsultations(ListCommand):
    """The consultations of a community, newest first; a guest sees those she is invited to."""

    cid: Id
    state: ConsultationState | None = None


class ListMyJointConsultations(ListCommand):
    """The consultations in the caller's reach, newest first.

    Committees, towns, districts and grid operators: of the places that their grants cover;
    departments: what they were invited to. ``mine`` asks for those where the caller's department
    (or she by name) sits, or that she opened herself.
    """

    state: ConsultationState | None = None
    mine: Annotated[bool, BeforeValidator(_flag)] = False


class OfConsultation(Command):
    """One consultation, by its id."""

    id: Id


class InviteDepartment(JointInvitee):
    """One more department, or one that had declined; ``note`` says what is expected of it."""

    id: Id
    note: Annotated[Text, Field(max_length=2_000)] = ""


class AnswerDepartmentInvitation(Command):
    """The department comes, or declines with its reason (which stays with the staff)."""

    id: Id
    seat_id: Id
    accept: bool
    reason: Reason | None = None


class WithdrawDepartmentInvitation(Command):
    """The department need not come any more, and sees the case no longer."""

    id: Id
    seat_id: Id
    reason: Reason


class PlanJointMeeting(Command):
    """A meeting; ``place`` is a room or, of an ``online`` one, its address in the network."""

    id: Id
    planned_at: Moment
    place: Line
    online: bool = False


class SettleJointMeeting(Command):
    """It was held, with these ``participants`` (offices and names in words), or cancelled."""

    id: Id
    meeting_id: Id
    state: Literal["held", "cancelled"]
    participants: Annotated[list[Line], Field(max_length=100)] = []
    reason: Reason | None = None


class WriteJointMinutes(Command):
    """The minutes of a meeting that was held, as a whole.

    ``version`` is the one that was read, 0 before the first. ``published`` is told on the thread,
    ``internal`` and the attachments (PDF or photos of the caller's own) stay with the staff.
    """

    id: Id
    meeting_id: Id
    version: int = Field(ge=0, le=2**31 - 2)
    published: MinutesText = ""
    internal: MinutesText = ""
    attachments: AttachmentIds = []


class OfJointMeeting(Command):
    """One meeting of a consultation."""

    id: Id
    meeting_id: Id


class AddJointAction(ActionDraft):
    """One more action."""

    id: Id


class MoveJointAction(Command):
    """What became of an action; ``note`` and attachments are told on the thread.

    Its owner starts and finishes it; whoever leads the consultation may also drop it, with the
    reason in ``note``, or ``postpone`` it to ``due_at``.
    """

    id: Id
    action_id: Id
    move: ActionMove
    note: Annotated[Text, Field(max_length=2_000)] = ""
    due_at: Moment | None = None
    attachments: AttachmentIds = []


class ConcludeJointConsultation(Command):
    """How it came out; ``words`` are told on the thread.

    ``resolved`` needs a photo taken afterwards, here or with an action that was done;
    ``unresolvable`` closes the issue as not solved, for the reason given; ``handed_over`` sorts it
    into ``slot`` of the 8+X and opens a work order by the same gate as ever; ``returned`` gives it
    back to the committee. What is still to be done or to be met for is dropped with it.
    """

    id: Id
    outcome: ConsultationOutcome
    words: Reason
    slot: SlotKey | None = None
    standard_code: StandardCode | None = None
    urgent: bool = False
    attachments: AttachmentIds = []


# -- what the caller gets --------------------------------------------------------------------


class JointSeat(View):
    """A department at the table. Who is meant, the note and the reason are for the staff.

    ``mine``: the reader answers for it.
    """

    id: str
    department: str
    state: SeatState
    mine: bool = False
    person_id: str | None = None
    note: str | None = None
    reason: str | None = None
    invited_at: datetime
    answered_at: datetime | None


class JointMinutes(View):
    """One version of a meeting's minutes; ``internal`` is null where only the public one shows."""

    version: int
    published: str
    internal: str | None
    attachments: list[Attachment]
    written_role: str
    written_at: datetime


class JointMinutesVersions(View):
    """Everything that the minutes of a meeting have said, the newest first."""

    items: list[JointMinutes]


class JointMeeting(View):
    """A meeting with the newest version of its minutes; place and participants are the staff's."""

    id: str
    planned_at: datetime
    online: bool
    place: str | None
    state: MeetingState
    participants: list[str]
    reason: str | None
    minutes: JointMinutes | None


class JointAction(View):
    """An action. ``overdue``: its date has passed and nobody has said that it is done."""

    id: str
    what: str
    owner: ActionOwner
    department: str | None
    person_id: str | None
    due_at: datetime
    state: ActionState
    note: str
    attachments: list[Attachment]
    moved_at: datetime | None


class JointConsultationSummary(View):
    """A consultation as lists show it; ``departments`` are those that were not let go."""

    id: str
    issue_id: str
    post_id: str
    community_id: str
    title: str
    state: ConsultationState
    outcome: ConsultationOutcome | None
    departments: list[str]
    open_actions: int
    overdue_actions: int
    next_due_at: datetime | None
    next_meeting_at: datetime | None
    opened_at: datetime
    concluded_at: datetime | None


class JointConsultation(View):
    """A consultation with all that belongs to it.

    ``full`` says whether the reader sits there, leads it or is the grid's operator; everybody else
    who may read the issue gets what is public. ``leads``: she is one of those who lead it. Who
    reported the issue is not said.
    """

    id: str
    issue_id: str
    post_id: str
    community_id: str
    title: str
    issue_status: IssueStatus
    state: ConsultationState
    reason: str
    full: bool
    leads: bool = False
    seats: list[JointSeat]
    meetings: list[JointMeeting]
    actions: list[JointAction]
    promise: Promise | None
    opened_role: str
    opened_at: datetime
    outcome: ConsultationOutcome | None
    conclusion: str | None
    conclusion_attachments: list[Attachment]
    work_order_no: str | None
    concluded_at: datetime | None


_ONE = "/joint-consultations/{id}"
_SEAT = f"{_ONE}/seats/{{seat_id}}"
_MEETING = f"{_ONE}/meetings/{{meeting_id}}"

OPERATIONS: tuple[Operation, ...] = (
    Operation(
        "openJointConsultation", "POST /issues/{id}/joint-consultations", service="grid_bridge",
        who=_LEADERS, command=OpenJointConsultation, result=JointConsultation, status=201,
        summary="Invite departments to a joint consultation",
    ),
    Operation(
        "listJointConsultations", "GET /communities/{cid}/joint-consultations",
        service="grid_bridge", who=PERSON, command=ListJointConsultations,
        result=Page[JointConsultationSummary], summary="The joint consultations of a community",
    ),
    Operation(
        "listMyJointConsultations", "GET /joint-consultations", service="grid_bridge",
        who=_READERS, command=ListMyJointConsultations, result=Page[JointConsultationSummary],
        summary="Joint consultations in the caller's reach",
    ),
    Operation(
        "getJointConsultation", f"GET {_ONE}", service="grid_bridge", who=PERSON,
        command=OfConsultation, result=JointConsultation, summary="A joint consultation",
    ),
    Operation(
        "inviteDepartment", f"POST {_ONE}/seats", service="grid_bridge", who=_LEADERS,
        command=InviteDepartment, result=JointConsultation, summary="Invite one more department",
    ),
    Operation(
        "answerDepartmentInvitation", f"POST {_SEAT}/answer", service="grid_bridge",
        who=_GUESTS, command=AnswerDepartmentInvitation, result=JointConsultation,
        summary="Accept or decline an invitation",
    ),
    Operation(
        "withdrawDepartmentInvitation", f"POST {_SEAT}/withdrawal", service="grid_bridge",
        who=_LEADERS, command=WithdrawDepartmentInvitation, result=JointConsultation,
        summary="Take an invitation back",
    ),
    Operation(
        "planJointMeeting", f"POST {_ONE}/meetings", service="grid_bridge", who=_LEADERS,
        command=PlanJointMeeting, result=JointConsultation, summary="Plan a meeting",
    ),
    Operation(
        "settleJointMeeting", f"POST {_MEETING}/state", service="grid_bridge", who=_LEADERS,
        command=SettleJointMeeting, result=JointConsultation,
        summary="Say that a meeting was held, or cancel it",
    ),
    Operation(
        "writeJointMinutes", f"PUT {_MEETING}/minutes", service="grid_bridge", who=_LEADERS,
        command=WriteJointMinutes, result=JointConsultation, summary="Write a meeting's minutes",
    ),
    Operation(
        "listJointMinutes", f"GET {_MEETING}/minutes", service="grid_bridge", who=_READERS,
        command=OfJointMeeting, result=JointMinutesVersions,
        summary="What a meeting's minutes have said",
    ),
    Operation(
        "addJointAction", f"POST {_ONE}/actions", service="grid_bridge", who=_LEADERS,
        command=AddJointAction, result=JointConsultation, summary="Agree on one more action",
    ),
    Operation(
        "moveJointAction", f"POST {_ONE}/actions/{{action_id}}/moves", service="grid_bridge",
        who=_TABLE, command=MoveJointAction, result=JointConsultation,
        summary="Start, finish, postpone or drop an action",
    ),
    Operation(
        "concludeJointConsultation", f"POST {_ONE}/conclusion", service="grid_bridge",
        who=_LEADERS, command=ConcludeJointConsultation, result=JointConsultation,
        summary="Conclude a joint consultation",
    ),
)  # fmt: skip
