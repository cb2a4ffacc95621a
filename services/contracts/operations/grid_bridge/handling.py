"""One problem and many hands: refer, join, merge; and what looks like the same problem.

A *referral* hands an issue to the property firm, the owners' committee or a department while the
promise to the resident runs on. Neighbours *join* with "me too"; issues of the same problem are
*merged* with the reporter's consent and never behind her back.
"""

from datetime import datetime
from typing import Annotated, Literal

from pydantic import Field

from services.contracts.actor import Role
from services.contracts.events.grid_bridge import Attachment, ReferralParty, ReferralState
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
    holders,
)
from services.contracts.operations.grid_bridge.common import (
    STAFF,
    AttachmentIds,
    IssueStatus,
    PlaceView,
)
from services.contracts.operations.grid_bridge.issues import Issue, Promise

PARTIES = holders(Role.PROPERTY_MANAGER, Role.OWNERS_COMMITTEE, Role.DEPARTMENT_STAFF)
PARTIES_AND_STAFF = holders(*PARTIES.roles, *STAFF.roles)


class ReferIssue(Command):
    """To the property firm, the owners' committee or a department; the promise runs on.

    ``department`` names which, and belongs to ``to: department`` alone.
    """

    id: Id
    to: ReferralParty
    department: Line | None = None
    note: Reason
    attachments: AttachmentIds = []


class ListReferrals(ListCommand):
    """The referrals to the caller's office, or of the community that she serves; newest first."""

    state: ReferralState | None = None
    department: Line | None = None


class OfReferral(Command):
    """One referral."""

    id: Id


class AnswerReferral(Command):
    """The party has done it, or declines and gives it back to the committee."""

    id: Id
    body: Body
    outcome: Literal["done", "declined"]
    attachments: AttachmentIds = []


class WithdrawReferral(Command):
    """The committee takes it back."""

    id: Id
    reason: Reason


class MeToo(Command):
    """The same problem concerns me; ``follow`` says whether I want to hear what becomes of it."""

    id: Id
    follow: bool = True


class OfIssue(Command):
    """One issue, by its id."""

    id: Id


class MergeIssue(Command):
    """Into the issue that tells of the same problem."""

    id: Id
    into: Id
    reason: Reason | None = None


class ConsentToMerge(Command):
    """The reporter of the issue that is to be merged says yes or no."""

    id: Id
    agree: bool


class FindLookAlikes(Command):
    """What was reported here already and reads like this; asked before reporting.

    Of ``body`` the beginning is sent: an address holds 8,000 bytes (RFC 9110, 4.1), and a
    character takes up to twelve of them.
    """

    cid: Id
    title: Annotated[Text, Field(max_length=200)] = ""
    body: Annotated[Text, Field(max_length=400)] = ""


class Referral(View):
    """A referral with what its party needs to act on it; who reported it is not said.

    ``promise`` is the one to the resident, which runs on; null once it was kept.
    """

    id: str
    issue_id: str
    post_id: str
    community_id: str
    to: ReferralParty
    department: str | None
    state: ReferralState
    title: str
    body: str
    slot_name: str | None
    location: PlaceView | None
    issue_attachments: list[Attachment]
    note: str
    attachments: list[Attachment]
    referred_at: datetime
    promise: Promise | None
    answer: str | None
    answer_attachments: list[Attachment]
    settled_at: datetime | None


class Support(View):
    """How many neighbours say "me too", and whether the caller does and follows it."""

    supporters: int
    supported: bool
    following: bool


class LookAlike(View):
    """An issue that reads like the same problem; ``similarity`` is a share of 1."""

    id: str
    post_id: str
    title: str
    status: IssueStatus
    supporters: int
    similarity: float
    created_at: datetime


class LookAlikes(View):
    """The issues most alike of the last 90 days in the community, the most similar first."""

    items: list[LookAlike]


OPERATIONS: tuple[Operation, ...] = (
    Operation(
        "referIssue", "POST /issues/{id}/referrals", service="grid_bridge", who=STAFF,
        command=ReferIssue, result=Referral, status=201, summary="Refer to another party",
    ),
    Operation(
        "listReferrals", "GET /referrals", service="grid_bridge", who=PARTIES_AND_STAFF,
        command=ListReferrals, result=Page[Referral], summary="Referrals in the caller's reach",
    ),
    Operation(
        "getReferral", "GET /referrals/{id}", service="grid_bridge", who=PARTIES_AND_STAFF,
        command=OfReferral, result=Referral, summary="A referral",
    ),
    Operation(
        "answerReferral", "POST /referrals/{id}/answer", service="grid_bridge", who=PARTIES,
        command=AnswerReferral, result=Referral, summary="Answer a referral on the thread",
    ),
    Operation(
        "withdrawReferral", "POST /referrals/{id}/withdrawal", service="grid_bridge", who=STAFF,
        command=WithdrawReferral, result=Referral, summary="Take a referral back",
    ),
    Operation(
        "meToo", "PUT /issues/{id}/me-too", service="grid_bridge", who=NEIGHBOUR,
        command=MeToo, result=Support, summary="It concerns me, too",
    ),
    Operation(
        "withdrawMeToo", "DELETE /issues/{id}/me-too", service="grid_bridge", who=PERSON,
        command=OfIssue, result=Support, summary="It concerns me no more",
    ),
    Operation(
        "mergeIssue", "POST /issues/{id}/merge", service="grid_bridge", who=STAFF,
        command=MergeIssue, result=Issue, summary="Merge into an issue of the same problem",
    ),
    Operation(
        "undoMerge", "DELETE /issues/{id}/merge", service="grid_bridge", who=STAFF,
        command=OfIssue, result=Issue, summary="Take a merge back, or the question about it",
    ),
    Operation(
        "consentToMerge", "POST /issues/{id}/merge-consent", service="grid_bridge", who=PERSON,
        command=ConsentToMerge, result=Issue, summary="Say yes or no to a merge",
    ),
    Operation(
        "findDuplicates", "GET /issues/{id}/duplicates", service="grid_bridge", who=STAFF,
        command=OfIssue, result=LookAlikes, summary="Issues that may tell of the same problem",
    ),
    Operation(
        "findLookAlikes", "GET /communities/{cid}/issues/look-alikes", service="grid_bridge",
        who=PERSON, command=FindLookAlikes, result=LookAlikes,
        summary="Was it reported already?",
    ),
)  # fmt: skip
