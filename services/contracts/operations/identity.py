"""Identity's operations: who somebody is, where they live, what they may do.

Personal data goes in (phone, real name, ID number) and comes out masked, or not at all. Fields
that hold it are kept out of ``repr`` so that no log line can show them by accident.
"""

from datetime import datetime
from typing import Annotated, Literal

from pydantic import AfterValidator, AwareDatetime, Field, StringConstraints

from services.contracts.actor import COMMITTEE, Role
from services.contracts.events.identity import Standing
from services.contracts.operations.base import (
    PERSON,
    PUBLIC,
    AnyObject,
    Command,
    Empty,
    Id,
    Line,
    ListCommand,
    Operation,
    Page,
    Reason,
    Text,
    View,
    _storable,
    holders,
)

MembershipStatus = Literal["pending", "active", "refused", "ended"]
Relation = Literal["owner", "family", "tenant", "operator", "villager", "away", "migrant"]
CommunityKind = Literal["urban", "village"]

Short = Annotated[
    str,
    StringConstraints(strip_whitespace=True, min_length=1, max_length=50),
    AfterValidator(_storable),
]
Secret = Annotated[Text, StringConstraints(min_length=1, max_length=200)]
TreePath = Annotated[str, StringConstraints(max_length=200, pattern=r"^[A-Za-z0-9_.-]+$")]

# -- logging in --------------------------------------------------------------------------------


class RequestCode(Command):
    """Ask for a login code by SMS."""

    phone: Short = Field(repr=False)


class CodeSent(View):
    """The same answer for every phone, known or not."""

    expires_in: int


class CreateToken(Command):
    """Log in with the code; ``totp`` is the second factor of those who are enrolled."""

    phone: Short = Field(repr=False)
    code: Short = Field(repr=False)
    totp: Short | None = Field(default=None, repr=False)


class Person(View):
    """A person as everybody may see them."""

    id: str
    display_name: str


class Tokens(View):
    """A session: ``expires_in`` seconds for the access token; the refresh token works once."""

    access_token: str
    refresh_token: str
    expires_in: int
    token_type: Literal["Bearer"] = "Bearer"  # noqa: S105 - a scheme, no secret
    person: Person


class RefreshToken(Command):
    """Change a refresh token for a fresh pair."""

    refresh_token: Secret = Field(repr=False)


class RevokeToken(Command):
    """End the caller's session."""


# -- me ----------------------------------------------------------------------------------------


class GetMe(Command):
    """Who am I here?"""


class UpdateMe(Command):
    """Choose the name that the neighbours see."""

    display_name: Annotated[
        str,
        StringConstraints(strip_whitespace=True, min_length=1, max_length=20),
        AfterValidator(_storable),
    ]


class Place(View):
    """A node of the territory tree."""

    id: str
    name: str


class CommunityRef(View):
    """A community (居村), in short."""

    id: str
    name: str
    kind: CommunityKind


class MyMembership(View):
    """One of the caller's memberships; ``reason`` says why one was refused."""

    id: str
    status: MembershipStatus
    relation: Relation
    community: CommunityRef
    estate: Place
    building: Place
    unit: Place | None = None
    room: str
    requested_at: datetime
    reason: str | None = None


class RoleView(View):
    """A role held in ``scope``, a path of the tree; ``community`` when it lies in just one."""

    id: str
    person_id: str
    role: Role
    scope: str
    scope_name: str
    community: CommunityRef | None = None
    expires_at: datetime | None = None


class BadgeView(View):
    """A badge that the caller may show (and does, when ``shown``)."""

    key: Literal["party_member"]
    shown: bool


class Me(View):
    """The caller; ``unread`` is filled in by the gateway from notify."""

    person: Person
    memberships: list[MyMembership]
    roles: list[RoleView]
    badges: list[BadgeView]
    unread: int | None = None


class SetPartyBadge(Command):
    """Show the Party flag beside the name (党员亮身份), or withdraw it."""

    shown: bool


class ListMyAccessLog(ListCommand):
    """Who looked at my personal data?"""


class AccessLogEntry(View):
    """Somebody looked: ``what`` they saw, in which office, and why."""

    id: str
    at: datetime
    actor: Person
    actor_role: str
    community: CommunityRef | None
    what: str
    purpose: str


class ExportMyData(Command):
    """Everything about me, in one document."""


class DeleteMe(Command):
    """Delete my account; needs a fresh login code."""

    code: Short = Field(repr=False)


# -- joining -----------------------------------------------------------------------------------


class ResolveQr(Command):
    """What lies behind the QR code on the notice board?"""

    token: Secret


class UnitView(Place):
    """A unit (单元) of a building."""


class BuildingView(Place):
    """A building (楼) with its units, if it has any."""

    units: list[UnitView] = Field(default=[])


class QrTarget(View):
    """Where a QR token leads; several estates belong to one community."""

    community: CommunityRef
    estate: Place
    buildings: list[BuildingView]
    relations: list[Relation]


class RequestMembership(Command):
    """Ask to join: building and unit by id or by the name on the door."""

    qr_token: Secret
    building: Line
    unit: Line | None = None
    room: Annotated[
        str,
        StringConstraints(strip_whitespace=True, min_length=1, max_length=30),
        AfterValidator(_storable),
    ] = Field(repr=False)
    relation: Relation
    real_name: Short = Field(repr=False)
    id_number: Short = Field(repr=False)
    consents: list[Short] = Field(default=[], max_length=20)


class MembershipState(View):
    """Where a request stands."""

    id: str
    status: MembershipStatus


class ListMembershipRequests(ListCommand):
    """The committee's queue."""

    cid: Id
    status: MembershipStatus = "pending"


class MembershipRequest(View):
    """A request as the committee sees it: personal data masked, each look written down.

    ``finding`` says why the register did not let the person in at once.
    """

    id: str
    status: MembershipStatus
    person: Person
    relation: Relation
    estate: Place
    building: Place
    unit: Place | None
    room: str = Field(repr=False)
    real_name: str = Field(repr=False)
    id_number: str = Field(repr=False)
    phone: str = Field(repr=False)
    finding: str
    finding_text: str
    requested_at: datetime
    decided_at: datetime | None
    reason: str | None


class CountMembershipRequests(Command):
    """How many requests wait? No personal data is looked at, so no look is written down."""

    cid: Id


class WaitingRequests(View):
    """How long the committee's queue is."""

    pending: int


class DecideMembership(Command):
    """Approve or refuse; refusing needs a reason, which the person reads."""

    id: Id
    decision: Literal["approve", "refuse"]
    reason: Reason | None = None


# -- QR tokens and the register ------------------------------------------------------------------


class ListQr(ListCommand):
    """The community's QR tokens, newest first."""

    cid: Id


class CreateQr(Command):
    """Make a QR token for an estate, or for one building of it."""

    cid: Id
    estate: Id
    building: Id | None = None
    expires_at: AwareDatetime | None = None


class QrView(View):
    """A QR token; ``url`` is what is printed."""

    id: str
    token: str
    url: str
    estate: Place
    building: Place | None
    created_at: datetime
    expires_at: datetime | None
    revoked_at: datetime | None


class RevokeQr(Command):
    """Let nobody in by this token any more."""

    token: Secret


class GetPoster(Command):
    """The poster to print."""

    token: Secret
    format: Literal["png", "pdf"]


class ImportRegister(Command):
    """Import the community's register of persons; nothing is half-imported."""

    cid: Id
    dry_run: bool = False


# -- roles and territory -------------------------------------------------------------------------


class GrantRole(Command):
    """Grant a role; ``scope`` is the id or the path of a node of the tree."""

    person_id: Id
    role: Role
    scope: TreePath
    expires_at: AwareDatetime | None = None


class RevokeRole(Command):
    """End a grant."""

    id: Id


class ListCommunities(ListCommand):
    """The communities that the caller belongs to or watches over."""


class CommunityView(CommunityRef):
    """A community with its place in the tree."""

    path: str
    code12: str
    district_id: str
    district_name: str
    town_id: str
    town_name: str
    modules: list[str]


class CommunityRecord(View):
    """A community as services keep it; see ``CommunityChanged``."""

    community_id: str
    path: str
    name: str
    kind: CommunityKind
    code12: str
    district_id: str
    district_name: str
    town_id: str
    town_name: str
    modules: list[str]


class GetCommunity(Command):
    """A service asks for a community that its own copy doesn't hold yet."""

    community_id: Id


class GetMemberCard(Command):
    """A service asks how a person stands in a community."""

    person_id: Id
    community_id: Id


class MemberCard(View):
    """How a person appears to one community; see ``MemberCardChanged``."""

    person_id: str
    community_id: str
    path: str
    standing: Standing
    display_name: str
    building_label: str
    badge_shown: bool
    role_badges: list[str]


_COMMITTEE = holders(*COMMITTEE)
_GRANTERS = holders(Role.SECRETARY, Role.COMMITTEE_STAFF, Role.TOWN_ADMIN, Role.DISTRICT_ADMIN)
_S = "identity"

OPERATIONS: tuple[Operation, ...] = (
    Operation(
        "requestCode", "POST /auth/codes", _S, PUBLIC, RequestCode, CodeSent,
        "Send a login code", status=202,
    ),
    Operation("createToken", "POST /auth/tokens", _S, PUBLIC, CreateToken, Tokens, "Log in"),
    Operation(
        "refreshToken", "POST /auth/tokens/refresh", _S, PUBLIC, RefreshToken, Tokens,
        "Change a refresh token for a fresh pair",
    ),
    Operation(
        "revokeToken", "DELETE /auth/tokens", _S, PERSON, RevokeToken, Empty, "Log out", own=True,
    ),
    Operation("getMe", "GET /me", _S, PERSON, GetMe, Me, "Who am I here"),
    Operation(
        "updateMe", "PATCH /me", _S, PERSON, UpdateMe, Person,
        "Choose the name that the neighbours see", own=True,
    ),
    Operation(
        "resolveQr", "GET /qr/{token}", _S, PUBLIC, ResolveQr, QrTarget,
        "What lies behind a QR code",
    ),
    Operation(
        "requestMembership", "POST /memberships", _S, PERSON, RequestMembership, MembershipState,
        "Ask to join a community", status=201,
    ),
    Operation(
        "listMembershipRequests", "GET /communities/{cid}/memberships", _S, _COMMITTEE,
        ListMembershipRequests, Page[MembershipRequest], "Requests to join",
        audited=True,
    ),
    Operation(
        "decideMembership", "POST /memberships/{id}/decision", _S, _COMMITTEE, DecideMembership,
        MembershipState, "Approve or refuse a request to join",
    ),
    Operation(
        "setPartyBadge", "PUT /me/party-badge", _S, PERSON, SetPartyBadge, BadgeView,
        "Show or withdraw the Party badge",
    ),
    Operation(
        "listQr", "GET /communities/{cid}/qr", _S, _COMMITTEE, ListQr, Page[QrView],
        "The community's QR codes",
    ),
    Operation(
        "createQr", "POST /communities/{cid}/qr", _S, _COMMITTEE, CreateQr, QrView,
        "Make a QR code for an estate or a building", status=201,
    ),
    Operation(
        "revokeQr", "DELETE /qr/{token}", _S, _COMMITTEE, RevokeQr, Empty, "Revoke a QR code",
    ),
    Operation(
        "getPoster", "GET /qr/{token}/poster.{format}", _S, _COMMITTEE, GetPoster, AnyObject,
        "The poster to print", built=False,
    ),
    Operation(
        "importRegister", "POST /communities/{cid}/register:import", _S, _COMMITTEE,
        ImportRegister, AnyObject, "Import the register of persons", multipart=True, built=False,
        timeout=30.0,
    ),
    Operation(
        "exportMyData", "GET /me/export", _S, PERSON, ExportMyData, AnyObject,
        "Everything about me in one document", built=False,
    ),
    Operation(
        "deleteMe", "DELETE /me", _S, PERSON, DeleteMe, Empty, "Delete my account", own=True,
        built=False,
    ),
    Operation(
        "listMyAccessLog", "GET /me/access-log", _S, PERSON, ListMyAccessLog,
        Page[AccessLogEntry], "Who looked at my personal data",
    ),
    Operation(
        "grantRole", "POST /roles", _S, _GRANTERS, GrantRole, RoleView, "Grant a role", status=201,
    ),
    Operation("revokeRole", "DELETE /roles/{id}", _S, _GRANTERS, RevokeRole, Empty, "End a grant"),
    Operation(
        "listCommunities", "GET /communities", _S, PERSON, ListCommunities, Page[CommunityView],
        "The communities that I belong to or watch over",
    ),
    # Between services only. They change nothing, so observers may cause them: hence ``own``.
    Operation(
        "countMembershipRequests", "INTERNAL", _S, _COMMITTEE, CountMembershipRequests,
        WaitingRequests, "How many requests to join wait",
    ),
    Operation(
        "getMemberCard", "INTERNAL", _S, PERSON, GetMemberCard, MemberCard,
        "How a person stands in a community", own=True,
    ),
    Operation(
        "getCommunity", "INTERNAL", _S, PUBLIC, GetCommunity, CommunityRecord,
        "A community with its place in the tree", own=True,
    ),
)  # fmt: skip
