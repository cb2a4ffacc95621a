"""Joining a community: QR codes and posters, requests and decisions, moving out."""

from datetime import datetime
from typing import Literal

from pydantic import Field

from services.contracts.operations.base import (
    PERSON,
    PUBLIC,
    AnyObject,
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
)
from services.contracts.operations.identity.common import (
    COMMITTEE_ONLY,
    SERVICE,
    CommunityRef,
    MembershipStatus,
    Person,
    Place,
    Relation,
    Residence,
    Room,
    Secret,
    Short,
)


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
    """Ask to join: building and unit by id or by the name on the door.

    Who the person is comes from ``real_name`` and ``id_number``, or from ``network_credential``
    (国家网络身份认证, 网号/网证): then neither may be demanded, and only a pseudonymous id is kept.
    A name that is given all the same helps to find her in the register and is not kept.
    ``residence`` is where the person lives now: ``away`` keeps a villager's membership and vote
    (离村不离心); default: ``away`` for the relation of that name. ``expires_at`` ends a tenancy.
    """

    qr_token: Secret
    building: Line
    unit: Line | None = None
    room: Room = Field(repr=False)
    relation: Relation
    real_name: Short | None = Field(default=None, repr=False)
    id_number: Short | None = Field(default=None, repr=False)
    network_credential: Secret | None = Field(default=None, repr=False)
    residence: Residence | None = None
    expires_at: Moment | None = None
    consents: list[Short] = Field(default=[], max_length=20)


class MembershipState(View):
    """Where a request stands."""

    id: str
    status: MembershipStatus


class ListMembershipRequests(ListCommand):
    """The committee's queue."""

    cid: Id
    status: MembershipStatus = "pending"


Likeness = Literal["tied", "agrees", "name", "surname", "other"]
Difference = Literal["unit", "birth_year", "id_number", "account", "relation"]
Verdict = Literal["tied", "agrees", "name", "surname", "others", "nobody", "unnamed"]


class EntryBeside(View):
    """An entry of the register beside a request: how near it comes, and in what they differ.

    ``tied``: the committee tied the two by hand; ``agrees``: one name, and nothing that both know
    differs but perhaps the relation; ``name``, ``surname``: that much is the same.
    """

    id: str
    name: str = Field(repr=False)
    birth_year: int | None
    relation: str
    unit: Place | None
    likeness: Likeness
    differs: list[Difference]


class Beside(View):
    """What the register has for the room of a request; at most twelve entries, ``more`` not shown.

    ``verdict`` is how near the nearest comes: ``nobody`` where the register has nobody in this
    room, ``unnamed`` where no name is held that could be compared (网号).
    """

    verdict: Verdict
    entries: list[EntryBeside]
    more: int


class MembershipRequest(View):
    """A request as the committee sees it: personal data masked, each look written down.

    ``finding`` says why the register did not let the person in at once; ``requested_by`` is who
    asked on the person's behalf; ``verified_by`` is an external verifier, if one was asked.
    ``beside`` is what the register has for the room, as long as the request waits.
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
    residence: Residence = "local"
    verified_by: str | None = None
    requested_by: Person | None = None
    requested_at: datetime
    expires_at: datetime | None = None
    decided_at: datetime | None
    reason: str | None
    birth_year: int | None = None
    beside: Beside | None = None


class EndMembership(Command):
    """Move out, or be moved out: by the person, or by the committee with a reason."""

    id: Id
    reason: Reason | None = None


class ExtendMembership(Command):
    """The committee lets a tenancy run longer, or without an end."""

    id: Id
    expires_at: Moment | None = None


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


class ListQr(ListCommand):
    """The community's QR tokens, newest first."""

    cid: Id


class CreateQr(Command):
    """Make a QR token for an estate, or for one building of it."""

    cid: Id
    estate: Id
    building: Id | None = None
    expires_at: Moment | None = None


class QrView(View):
    """A QR token; ``url`` is what is printed.

    ``asked`` requests to join came by it, ``joined`` of them are members now.
    """

    id: str
    token: str
    url: str
    estate: Place
    building: Place | None
    created_at: datetime
    expires_at: datetime | None
    revoked_at: datetime | None
    asked: int = 0
    joined: int = 0


class RevokeQr(Command):
    """Let nobody in by this token any more."""

    token: Secret


class RotateQr(Command):
    """Make a token in place of another, which stays valid until ``revoke_old_at`` (at once)."""

    token: Secret
    revoke_old_at: Moment | None = None
    expires_at: Moment | None = None


class GetPoster(Command):
    """The poster to print, on A4 or for a board on A3."""

    token: Secret
    format: Literal["png", "pdf"]
    size: Literal["a4", "a3"] = "a4"


class PosterOf(Command):
    """What stands on a poster; the gateway draws it."""

    token: Secret


class PosterContent(View):
    """The words of a poster."""

    district: str
    town: str
    community: str
    estate: str
    building: str | None
    url: str
    expires_at: datetime | None


OPERATIONS: tuple[Operation, ...] = (
    Operation(
        "resolveQr", "GET /qr/{token}", SERVICE, PUBLIC, ResolveQr, QrTarget,
        "What lies behind a QR code",
    ),
    Operation(
        "requestMembership", "POST /memberships", SERVICE, PERSON, RequestMembership,
        MembershipState, "Ask to join a community", status=201, assisted=True,
    ),
    Operation(
        "listMembershipRequests", "GET /communities/{cid}/memberships", SERVICE, COMMITTEE_ONLY,
        ListMembershipRequests, Page[MembershipRequest], "Requests to join",
        audited=True,
    ),
    Operation(
        "decideMembership", "POST /memberships/{id}/decision", SERVICE, COMMITTEE_ONLY,
        DecideMembership, MembershipState, "Approve or refuse a request to join",
    ),
    Operation(
        "endMembership", "POST /memberships/{id}/end", SERVICE, PERSON, EndMembership,
        MembershipState, "Move out",
    ),
    Operation(
        "extendMembership", "POST /memberships/{id}/extension", SERVICE, COMMITTEE_ONLY,
        ExtendMembership, MembershipState, "Let a tenancy run longer",
    ),
    Operation(
        "listQr", "GET /communities/{cid}/qr", SERVICE, COMMITTEE_ONLY, ListQr, Page[QrView],
        "The community's QR codes",
    ),
    Operation(
        "createQr", "POST /communities/{cid}/qr", SERVICE, COMMITTEE_ONLY, CreateQr, QrView,
        "Make a QR code for an estate or a building", status=201,
    ),
    Operation(
        "rotateQr", "POST /qr/{token}/rotation", SERVICE, COMMITTEE_ONLY, RotateQr, QrView,
        "Make a QR code in place of another", status=201,
    ),
    Operation(
        "revokeQr", "DELETE /qr/{token}", SERVICE, COMMITTEE_ONLY, RevokeQr, Empty,
        "Revoke a QR code",
    ),
    Operation(
        "getPoster", "GET /qr/{token}/poster.{format}", SERVICE, COMMITTEE_ONLY, GetPoster,
        AnyObject, "The poster to print", timeout=15.0,
    ),
    # Between services only. They change nothing, so observers may cause them: hence ``own``.
    Operation(
        "posterOf", "INTERNAL", SERVICE, COMMITTEE_ONLY, PosterOf, PosterContent,
        "What stands on a poster",
    ),
    Operation(
        "countMembershipRequests", "INTERNAL", SERVICE, COMMITTEE_ONLY, CountMembershipRequests,
        WaitingRequests, "How many requests to join wait",
    ),
)  # fmt: skip
