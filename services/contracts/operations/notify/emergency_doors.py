"""The doors of an emergency: where nobody has been heard of, and what was found there."""

from datetime import datetime
from typing import Annotated, Literal

from pydantic import Field, StringConstraints

from services.contracts.operations.base import (
    Command,
    Id,
    ListCommand,
    Moment,
    Operation,
    Page,
    View,
    holders,
)
from services.contracts.operations.notify.emergencies import (
    AT_THE_DOOR,
    DoorState,
    Need,
    Note,
    OfEmergency,
    Ticked,
)


class ListDoors(ListCommand):
    """The doors in one state, in the order in which they are walked; the silent unless said."""

    id: Id
    state: DoorState = "silent"
    building: Annotated[str, StringConstraints(max_length=200)] | None = None


class LastTick(View):
    """What somebody in office last said of a door."""

    state: Ticked
    need: Need | None
    note: str | None = Field(repr=False)
    by: str
    by_role: str
    at: datetime


class HouseholdDoor(View):
    """A door. ``name`` is given where the address is not known: somebody with an account alone.

    ``need`` and ``note`` are those of whoever last asked for help.
    """

    household: str
    building: str
    unit: str = Field(repr=False)
    room: str = Field(repr=False)
    floor: int | None
    name: str | None = Field(repr=False)
    people: int
    state: DoorState
    need: Need | None
    note: str | None = Field(repr=False)
    heard_at: datetime | None
    tick: LastTick | None


class DoorTick(Command):
    """What was found at a door. ``key`` is the device's own name of it: it counts once.

    ``at`` is when it was, if not just now. What is known later counts.
    """

    key: Id
    household: Id
    state: Ticked
    need: Need | None = None
    note: Note | None = Field(default=None, repr=False)
    at: Moment | None = None


class TickDoors(OfEmergency):
    """What waited in a device's queue, in any order. Each gets its own result."""

    ticks: Annotated[list[DoorTick], Field(min_length=1, max_length=200)]


class TickResult(View):
    """What became of a tick: ``done``, ``before`` (it was done already) or ``refused``."""

    key: str
    outcome: Literal["done", "before", "refused"]
    code: str | None = None


class TickResults(View):
    """A result for each tick, in their order."""

    results: list[TickResult]


_DOORS = holders(*AT_THE_DOOR)

OPERATIONS: tuple[Operation, ...] = (
    Operation(
        "listDoors", "GET /emergencies/{id}/doors", "notify", _DOORS, ListDoors,
        Page[HouseholdDoor], "The doors to knock at", audited=True,
    ),
    Operation(
        "tickDoors", "POST /emergencies/{id}/ticks", "notify", _DOORS, TickDoors, TickResults,
        "Say what was found at doors", timeout=15.0,
    ),
)  # fmt: skip
