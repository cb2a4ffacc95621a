"""Who may vote: the register as a roll of voters, for votes alone.

An electorate is a snapshot of one moment, drawn in the name of whoever announces a poll; votes
then reads it page by page with the ticket, which nobody can guess and which opens nothing else.
A large register takes longer than whoever announces can wait: then the ticket comes first, and the
moment is the one at which the snapshot was taken, as its pages say.
"""

from datetime import datetime
from typing import Annotated, Literal

from pydantic import Field, StringConstraints

from services.contracts.actor import COMMITTEE, Role
from services.contracts.operations.base import PERSON, PUBLIC, Command, Id, Operation, View, holders
from services.contracts.operations.identity.common import SERVICE, Short

MOST_OF_A_PAGE = 2_000
MOST_SHOWN = 50
"""Subjects that the desk is shown at once."""

Who = Literal[
    "residents18", "households", "representatives", "owners", "affected_owners", "villagers"
]
SubjectKind = Literal["person", "household", "unit"]
Ticket = Annotated[str, StringConstraints(min_length=20, max_length=100)]
Doubt = Literal["", "age", "area", "owner"]
"""What the register does not know of somebody who is counted in all the same.

``age``: the year of birth, or whether the eighteenth birthday of this year has been · ``area``:
the floor area, taken for nought · ``owner``: whose the unit is, counted as one owner's.
"""


class OfElectorate(Command):
    """Whom of a community: ``who``, and which of them; ``within`` narrows it to one node.

    ``salt`` is the poll's id: groups of units of the same owner are told under names that no other
    poll has.
    """

    community_id: Id
    salt: Id
    who: Who
    tenants: bool = True
    migrants: bool = True
    away: bool = True
    within: Id | None = None


class DrawElectorate(OfElectorate):
    """Take the snapshot, now."""


class DrawnElectorate(View):
    """The ticket that opens it for a day, and how many subjects there are; ``size`` is null while
    it is still being taken.
    """

    ticket: str = Field(repr=False)
    size: int | None


class PageElectorate(Command):
    """The subjects after ``after`` (0: from the first), in their order."""

    ticket: Ticket = Field(repr=False)
    after: Annotated[int, Field(ge=0, le=10_000_000)] = 0
    limit: Annotated[int, Field(ge=1, le=MOST_OF_A_PAGE)] = MOST_OF_A_PAGE


class ElectorateEntry(View):
    """A subject: a person of the register, a household, or a unit.

    ``area`` is in hundredths of m². An owner of several units is one head together: those of one
    ``head_group`` share it, each ``head_n``/``head_d``. ``people`` are the accounts that may act.
    """

    ref: str
    kind: SubjectKind
    household: str
    building: str
    place: str = Field(repr=False)
    area: int
    head_n: int
    head_d: int
    head_group: str
    doubt: Doubt
    people: list[str] = Field(repr=False)


class ElectoratePage(View):
    """A page; ``after`` is where the next one begins, null on the last. ``drawn_at`` is the moment
    of the register that all of them show, where it is known.
    """

    items: list[ElectorateEntry]
    after: int | None
    drawn_at: datetime | None = None


class DropElectorate(Command):
    """It has been read: forget it."""

    ticket: Ticket = Field(repr=False)


class DroppedElectorate(View):
    """Whether there was anything to forget."""

    dropped: bool


class MySubjects(OfElectorate):
    """As which subjects of such a roll I may act, as the register ties me to it now."""


class SubjectRefs(View):
    """Their refs."""

    refs: list[str]


class ShowSubjects(OfElectorate):
    """Subjects for the desk: those of ``refs``, or those with somebody of this name.

    Also those that do not belong to the electorate, so that the desk can say why, and mend it.
    """

    refs: Annotated[list[Id], Field(max_length=MOST_SHOWN)] = []
    name: Short | None = Field(default=None, repr=False)


class ShownSubject(ElectorateEntry):
    """A subject with those who belong to it: names masked, years of birth."""

    names: list[str] = Field(repr=False)
    birth_years: list[int | None] = Field(repr=False)


class ShownSubjects(View):
    """At most as many as are shown at once; ``more`` when there would be others."""

    items: list[ShownSubject]
    more: bool


CONVENERS = holders(*COMMITTEE, Role.OWNERS_COMMITTEE)

OPERATIONS: tuple[Operation, ...] = (
    Operation(
        "drawElectorate", "INTERNAL", SERVICE, CONVENERS, DrawElectorate, DrawnElectorate,
        "Take a snapshot of who may vote", audited=True,
    ),
    # By the ticket alone: votes reads on when nobody is calling.
    Operation(
        "pageElectorate", "INTERNAL", SERVICE, PUBLIC, PageElectorate, ElectoratePage,
        "A page of the snapshot",
    ),
    Operation(
        "dropElectorate", "INTERNAL", SERVICE, PUBLIC, DropElectorate, DroppedElectorate,
        "Forget the snapshot", audited=True,
    ),
    Operation(
        "mySubjects", "INTERNAL", SERVICE, PERSON, MySubjects, SubjectRefs,
        "As which subjects of a roll I may act", own=True,
    ),
    Operation(
        "showSubjects", "INTERNAL", SERVICE, CONVENERS, ShowSubjects, ShownSubjects,
        "Subjects of a roll for the desk", audited=True,
    ),
)  # fmt: skip
