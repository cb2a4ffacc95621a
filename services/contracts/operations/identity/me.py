"""The caller's own page: who I am here, my name, my badge."""

from datetime import datetime
from typing import Literal

from pydantic import Field

from services.contracts.operations.base import PERSON, Command, Operation, View
from services.contracts.operations.identity.common import (
    SERVICE,
    CommunityRef,
    DisplayName,
    MembershipStatus,
    Person,
    Place,
    Relation,
    Residence,
)
from services.contracts.operations.identity.roles import RoleView


class GetMe(Command):
    """Who am I here?"""


class UpdateMe(Command):
    """Choose the name that the neighbours see."""

    display_name: DisplayName


class MyMembership(View):
    """One of the caller's memberships; ``reason`` says why one was refused or ended."""

    id: str
    status: MembershipStatus
    relation: Relation
    community: CommunityRef
    estate: Place
    building: Place
    unit: Place | None = None
    room: str = Field(repr=False)
    residence: Residence = "local"
    requested_at: datetime
    expires_at: datetime | None = None
    reason: str | None = None


class BadgeView(View):
    """A badge that the caller may show (and does, when ``shown``)."""

    key: Literal["party_member"]
    shown: bool


class TotpState(View):
    """The second factor: in use, and whether an office of the caller's asks for it."""

    enrolled: bool = False
    required: bool = False


class RecoveryNotice(View):
    """Staff are moving the account to a new phone; the caller can stop it (``cancelRecovery``).

    ``effective_at`` is when it moves; null as long as no second staff member has confirmed.
    """

    id: str
    effective_at: datetime | None = None


class Me(View):
    """The caller; ``unread`` is filled in by the gateway from notify.

    ``acted_by`` is who really calls, when the token was made to help this person.
    """

    person: Person
    memberships: list[MyMembership]
    roles: list[RoleView]
    badges: list[BadgeView]
    unread: int | None = None
    totp: TotpState = TotpState()
    wechat_bound: bool = False
    recovery: RecoveryNotice | None = None
    acted_by: Person | None = None


class SetPartyBadge(Command):
    """Show the Party flag beside the name (党员亮身份), or withdraw it."""

    shown: bool


OPERATIONS: tuple[Operation, ...] = (
    Operation("getMe", "GET /me", SERVICE, PERSON, GetMe, Me, "Who am I here", assisted=True),
    Operation(
        "updateMe", "PATCH /me", SERVICE, PERSON, UpdateMe, Person,
        "Choose the name that the neighbours see", own=True,
    ),
    Operation(
        "setPartyBadge", "PUT /me/party-badge", SERVICE, PERSON, SetPartyBadge, BadgeView,
        "Show or withdraw the Party badge",
    ),
)  # fmt: skip
