"""The members of a community as its committee finds and looks after them; data masked."""

from datetime import datetime
from typing import Literal

from pydantic import Field

from services.contracts.operations.base import (
    Command,
    Id,
    ListCommand,
    Moment,
    Operation,
    Page,
    View,
)
from services.contracts.operations.identity.common import (
    COMMITTEE_ONLY,
    SERVICE,
    MembershipStatus,
    Person,
    Place,
    Relation,
    Residence,
    Short,
)
from services.contracts.operations.identity.roles import Assistance, RoleView

MemberAct = Literal["name_helper", "recover", "register_child", "confirm_party"]
NoRecovery = Literal["own", "no_phone", "office", "running", "no_member"]


class ListMembers(ListCommand):
    """Who lives here, or did (``ended``), by address; each look is written down.

    ``q`` finds a room, the whole real name of somebody on the register, or a part of the name that
    neighbours see. ``ends_before`` asks for tenancies that run out by then, ``registered`` for
    those with or without an entry of the register, ``has_phone`` for those who log in or cannot.
    """

    cid: Id
    q: Short | None = Field(default=None, repr=False)
    building: Id | None = None
    relation: Relation | None = None
    status: Literal["active", "ended"] = "active"
    ends_before: Moment | None = None
    registered: bool | None = None
    has_phone: bool | None = None


class MemberHome(View):
    """A membership: the address, as what, since when and until when, and what may be done."""

    id: str
    status: MembershipStatus
    relation: Relation
    residence: Residence
    estate: Place
    building: Place
    unit: Place | None
    room: str = Field(repr=False)
    since: datetime
    expires_at: datetime | None
    ended_at: datetime | None
    reason: str | None
    register_id: str | None
    may_end: bool
    may_extend: bool


class Member(View):
    """A membership with whose it is; ``child`` is below 14, ``has_phone`` who can log in."""

    person: Person
    real_name: str = Field(repr=False)
    has_phone: bool
    child: bool
    role_badges: list[str]
    home: MemberHome


class MemberOf(Command):
    """One person, as far as the community is concerned."""

    cid: Id
    person_id: Id


class MemberSheet(View):
    """One person at the desk, masked; ``offices`` are those held here, above or below.

    Whether she is a Party member is told to those alone who confirm it. ``no_recovery`` says why
    her account cannot be moved to a new phone now; ``recovery`` is one under way.
    """

    person: Person
    real_name: str = Field(repr=False)
    birth_year: int | None
    phone: str | None = Field(repr=False)
    guardian: Person | None
    children: list[Person]
    homes: list[MemberHome]
    offices: list[RoleView]
    assistances: list[Assistance]
    recovery: str | None
    no_recovery: NoRecovery | None
    actions: list[MemberAct]


OPERATIONS: tuple[Operation, ...] = (
    Operation(
        "listMembers", "GET /communities/{cid}/members", SERVICE, COMMITTEE_ONLY, ListMembers,
        Page[Member], "Who lives in a community", audited=True,
    ),
    Operation(
        "getMember", "GET /communities/{cid}/members/{person_id}", SERVICE, COMMITTEE_ONLY,
        MemberOf, MemberSheet, "One member of a community", audited=True,
    ),
)  # fmt: skip
