"""Roles with scope and expiry, and helping somebody who cannot do it herself."""

from datetime import datetime
from typing import Literal

from pydantic import Field

from services.contracts.actor import COMMITTEE, Role
from services.contracts.operations.base import (
    NEIGHBOUR,
    PERSON,
    Command,
    Empty,
    Id,
    Line,
    ListCommand,
    Moment,
    Operation,
    Page,
    Reason,
    View,
    holders,
)
from services.contracts.operations.identity.common import (
    COMMITTEE_ONLY,
    COMMITTEE_OR_ADMIN,
    SERVICE,
    CommunityRef,
    DisplayName,
    Person,
    Relation,
    Room,
    Short,
    TreePath,
)


class RoleView(View):
    """A role held in ``scope``, a path of the tree; ``community`` when it lies in just one."""

    id: str
    person_id: str
    role: Role
    scope: str
    scope_name: str
    community: CommunityRef | None = None
    expires_at: datetime | None = None


class GrantRole(Command):
    """Grant a role; ``scope`` is the id or the path of a node of the tree.

    ``reason`` says why, and for whom somebody stands in; whoever sees the grant reads it.
    """

    person_id: Id
    role: Role
    scope: TreePath
    expires_at: Moment | None = None
    reason: Line | None = None


class RevokeRole(Command):
    """End a grant."""

    id: Id


class ListRoles(ListCommand):
    """The live grants at a node of the tree and beneath it, by place and role.

    ``ended`` asks for those that have ended instead, the latest first; how long they are kept is
    a rule of the house.
    """

    scope: TreePath
    role: Role | None = None
    ended: bool = False


class RoleHolder(RoleView):
    """A grant with the person who holds it, who gave it and why.

    ``granted_by`` is null where a town was set up, ``ended_by`` where the time was over.
    """

    person: Person
    granted_at: datetime
    granted_by: Person | None = None
    reason: str | None = None
    ended_at: datetime | None = None
    ended_by: Person | None = None
    may_revoke: bool = False


class RolesPage(Page[RoleHolder]):
    """A page of grants; ``may_grant`` are the roles that the caller may give in this scope."""

    may_grant: list[Role] = []


class ConfirmPartyMembers(Command):
    """Which of these people, who said so themselves, the branch confirms as Party members now."""

    community_id: Id
    person_ids: list[Id] = Field(max_length=101)


class ConfirmedPartyMembers(View):
    """Those whom a grant for the community, for what is above it or in it, confirms."""

    person_ids: list[str]


# -- assisted mode -----------------------------------------------------------------------------

Means = Literal["spoken", "written", "recorded", "witnessed"]


class AssistRegistration(Command):
    """Staff register somebody who has no phone, or asks for it: an account without a log-in.

    ``consent_means`` and ``consent_note`` say how the person agreed. With a ``phone`` the person
    can log in later: ``phone_code`` is a login code of it, read out by the person at the desk, and
    the membership waits for another staff member. Without one the account is used by helpers alone,
    and she is a member at once. A child below 14 needs ``guardian_id``, a grown-up member of the
    community, whose consent it then is, and has no phone and the relation ``family``.
    """

    cid: Id
    display_name: DisplayName
    real_name: Short = Field(repr=False)
    id_number: Short = Field(repr=False)
    estate: Line
    building: Line
    unit: Line | None = None
    room: Room = Field(repr=False)
    relation: Relation
    phone: Short | None = Field(default=None, repr=False)
    phone_code: Short | None = Field(default=None, repr=False)
    consent_means: Means
    consent_note: Reason
    guardian_id: Id | None = None


class RegisterChild(Command):
    """I register a child below 14, whose guardian I am, to the room where I live.

    ``membership_id`` is mine and active. What I consent to, I consent to for the child (PIPL art.
    31); each consent that a membership needs must be named.
    """

    membership_id: Id
    display_name: DisplayName
    real_name: Short = Field(repr=False)
    id_number: Short = Field(repr=False)
    kinship: Literal["parent", "guardian"]
    consents: list[Short] = Field(max_length=20)


class Assisted(View):
    """A person helped: the account, its membership, and the assistance that allows it."""

    person: Person
    membership_id: str
    status: str
    assistance_id: str


class NameHelper(Command):
    """I let somebody act for me: report, sign up, ask to join; never vote.

    ``phone`` is the helper's own; the answer is the same whether or not anybody has an account
    with it. Staff record the same for a person who cannot log in, with ``person_id`` and how the
    person agreed; with their own phone they help themselves, as long as they hold the office.
    """

    phone: Short = Field(repr=False)
    person_id: Id | None = None
    relationship: Short
    consent_means: Means | None = None
    consent_note: Reason | None = None
    expires_at: Moment | None = None


class ListAssistances(ListCommand):
    """Who helps me, and whom I help."""


class Assistance(View):
    """``helper`` may act for ``subject`` until it is ended.

    A relative named by phone is ``helper`` only once that person has acted; until then ``phone``
    (masked) says who was named. ``recorded_by`` is who wrote down that the subject agreed.
    """

    id: str
    kind: Literal["staff", "relative", "guardian"]
    helper: Person | None
    phone: str | None = Field(default=None, repr=False)
    subject: Person
    relationship: str
    consent_means: str
    consent_at: datetime
    recorded_by: Person
    expires_at: datetime | None = None
    ended_at: datetime | None = None


class EndAssistance(Command):
    """End it: the subject, the helper, or the community's staff."""

    id: Id


class CreateAssistedToken(Command):
    """A token of 15 minutes to act for somebody; what is done with it says "by X for Y"."""

    assistance_id: Id


class AssistedToken(View):
    """There is no refresh token: ask again."""

    access_token: str = Field(repr=False)
    expires_in: int
    person: Person
    acted_by: Person


OPERATIONS: tuple[Operation, ...] = (
    Operation(
        "grantRole", "POST /roles", SERVICE, COMMITTEE_OR_ADMIN, GrantRole, RoleView,
        "Grant a role", status=201,
    ),
    Operation(
        "revokeRole", "DELETE /roles/{id}", SERVICE, COMMITTEE_OR_ADMIN, RevokeRole, Empty,
        "End a grant",
    ),
    Operation(
        "listRoles", "GET /roles", SERVICE,
        holders(*COMMITTEE_OR_ADMIN.roles, Role.AUDITOR), ListRoles, RolesPage,
        "Who holds which role", audited=True,
    ),
    # Between services only: feed asks before it shows who has reported, and keeps nothing.
    Operation(
        "confirmPartyMembers", "INTERNAL", SERVICE, holders(*COMMITTEE, Role.PARTY_MEMBER),
        ConfirmPartyMembers, ConfirmedPartyMembers, "Who of these people is a Party member",
    ),
    Operation(
        "assistRegistration", "POST /communities/{cid}/assisted-registrations", SERVICE,
        COMMITTEE_ONLY, AssistRegistration, Assisted, "Register somebody on their behalf",
        status=201,
    ),
    Operation(
        "registerChild", "POST /me/children", SERVICE, NEIGHBOUR, RegisterChild, Assisted,
        "Register a child below 14 as its guardian", status=201,
    ),
    Operation(
        "nameHelper", "POST /assistances", SERVICE, PERSON, NameHelper, Assistance,
        "Let somebody act for me", status=201, secret=True,
    ),
    Operation(
        "listAssistances", "GET /me/assistances", SERVICE, PERSON, ListAssistances,
        Page[Assistance], "Who helps me, and whom I help",
    ),
    Operation(
        "endAssistance", "DELETE /assistances/{id}", SERVICE, PERSON, EndAssistance, Empty,
        "End an assistance",
    ),
    Operation(
        "createAssistedToken", "POST /auth/assisted-tokens", SERVICE, PERSON,
        CreateAssistedToken, AssistedToken, "A token to act for somebody", status=201,
        secret=True,
    ),
)  # fmt: skip
