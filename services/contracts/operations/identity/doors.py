"""Who lives behind which door, for an emergency: whoever is in danger must be found.

Opened in the name of whoever calls the emergency, and read page by page with the ticket, by a
service that nobody is calling then. No names: a door, how many live behind it, and whose accounts
these are.
"""

from datetime import datetime
from typing import Annotated

from pydantic import Field, StringConstraints

from services.contracts.actor import COMMITTEE, Role
from services.contracts.operations.base import PERSON, PUBLIC, Command, Id, Operation, View
from services.contracts.operations.identity.common import SERVICE, PlaceKind

CALLERS = COMMITTEE | {
    Role.COMMUNITY_POLICE,
    Role.GRID_OPERATOR,
    Role.TOWN_ADMIN,
    Role.DISTRICT_ADMIN,
}
"""Who may call an emergency, and open the doors, where the office reaches."""

DoorTicket = Annotated[str, StringConstraints(min_length=20, max_length=500)]


class OpenDoors(Command):
    """The doors of a community, of ``within`` alone if given; ``count`` also says how many."""

    community_id: Id
    within: Id | None = None
    count: bool = False


class OpenedDoors(View):
    """The ticket, good for a day, and the place that it is about.

    ``households`` with somebody living there, and how many ``people`` these are, if it was asked.
    """

    ticket: str = Field(repr=False)
    place_id: str
    name: str
    kind: PlaceKind
    path: str
    households: int | None = None
    people: int | None = None


class PageDoors(Command):
    """The doors of the buildings after ``after`` (0: from the first), in their order."""

    ticket: DoorTicket = Field(repr=False)
    after: Annotated[int, Field(ge=0, le=1_000_000)] = 0


class DoorMember(View):
    """An account behind a door; ``away``: it lives elsewhere and only belongs here."""

    person_id: str
    away: bool


class Door(View):
    """A door. ``ref`` is its name that does not tell it, ``people`` are those who live there.

    Whoever is on the register or has an account is counted, once; who is away is not. ``entries``
    are those of the register who have no account here: a look at the door is one at them, too.
    """

    ref: str
    building: str
    unit: str = Field(repr=False)
    room: str = Field(repr=False)
    people: int
    members: list[DoorMember] = Field(repr=False)
    entries: list[str] = Field(default_factory=list, repr=False)


class DoorPage(View):
    """A page of whole buildings; ``after`` is where the next one begins, null on the last.

    ``as_of`` is the moment that the page shows.
    """

    items: list[Door]
    after: int | None
    as_of: datetime


OPERATIONS: tuple[Operation, ...] = (
    Operation(
        "openDoors", "INTERNAL", SERVICE, PERSON, OpenDoors, OpenedDoors,
        "Open the list of doors for an emergency",
    ),
    # By the ticket alone: notify reads on when nobody is calling.
    Operation(
        "pageDoors", "INTERNAL", SERVICE, PUBLIC, PageDoors, DoorPage,
        "A page of the doors of an emergency",
    ),
)  # fmt: skip
