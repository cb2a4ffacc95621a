"""The places of the territory: looked through, made one by one or by the row, changed, closed."""

from datetime import datetime
from decimal import Decimal
from typing import Self

from pydantic import Field, model_validator

from services.contracts.operations.base import (
    Command,
    Id,
    Line,
    ListCommand,
    Operation,
    Page,
    View,
)
from services.contracts.operations.identity.common import (
    COMMITTEE_ONLY,
    COMMITTEE_OR_ADMIN,
    SERVICE,
    CommunityKind,
    Place,
    PlaceKind,
)


class ListPlaces(ListCommand):
    """The nodes right below one, in their order: towns, communities, estates, buildings, rooms."""

    id: Id


class PlaceView(Place):
    """A node of the tree; ``has_children`` says whether to look further, ``children`` how many.

    ``lng`` and ``lat`` are degrees in WGS84. Nobody joins at a place that was closed.
    """

    kind: PlaceKind
    path: str
    code12: str | None = None
    community_kind: CommunityKind | None = None
    floor_area: Decimal | None = None
    has_children: bool = False
    children: int = 0
    lng: float | None = None
    lat: float | None = None
    closed_at: datetime | None = None


class GetPlace(Command):
    """One node of the tree."""

    id: Id


class PlaceAbove(Place):
    """A node that another lies in."""

    kind: PlaceKind


class PlaceSheet(PlaceView):
    """A node with where it lies: ``above`` from the community down to what it stands in.

    ``may_add`` are the kinds that the caller can make right below it, ``may_close`` says that it
    can be closed as far as its kind goes. ``members`` live there, ``codes`` of QR let people in.
    """

    above: list[PlaceAbove]
    may_add: list[PlaceKind]
    may_close: bool
    members: int
    codes: int


class CreatePlace(Command):
    """Add a node right below another.

    Towns and communities are an administrator's to make, what lies in a community is the
    committee's. ``code12`` (12 digits) and ``community_kind`` belong to communities and are needed
    there, ``floor_area`` (m²) to rooms.
    """

    parent: Id
    kind: PlaceKind
    name: Line
    code12: str | None = Field(default=None, pattern=r"^[0-9]{12}$")
    community_kind: CommunityKind | None = None
    floor_area: Decimal | None = Field(default=None, ge=0, max_digits=9, decimal_places=2)


class BuildPlaces(Command):
    """Add buildings of one shape to an estate at once, with their units and rooms.

    ``pattern`` is the name on the door, ``{n}`` its number (``{n}号楼``), from ``first`` to
    ``last`` in steps of ``step``. Each gets ``units`` (none: its rooms lie right in it), each of
    those ``floors`` of ``rooms`` rooms, numbered floor by floor: 101, 102, …, 1804. Buildings that
    the estate has by a name like it are left as they are. ``dry_run`` tells what would be made.
    """

    id: Id
    pattern: Line = "{n}号楼"
    first: int = Field(ge=1, le=9999)
    last: int = Field(ge=1, le=9999)
    step: int = Field(default=1, ge=1, le=2)
    units: int = Field(default=0, ge=0, le=20)
    floors: int = Field(default=0, ge=0, le=99)
    rooms: int = Field(default=0, ge=0, le=50)
    dry_run: bool = False


class BuiltPlaces(View):
    """What was made, or would be: ``names`` of buildings, and how many of each kind.

    ``there`` are the buildings that the estate has already; ``sample`` is the first room's name
    and the last's, empty without rooms.
    """

    dry_run: bool
    names: list[str]
    there: list[str]
    units: int
    rooms: int
    sample: list[str]


class UpdatePlace(Command):
    """Change what is given; a node keeps its id and path.

    ``lng`` and ``lat`` (degrees, WGS84) belong together. ``closed`` concerns estates,
    buildings and units: nobody joins there any more, their QR codes end, and nobody may live there
    still.
    """

    id: Id
    name: Line | None = None
    floor_area: Decimal | None = Field(default=None, ge=0, max_digits=9, decimal_places=2)
    lng: float | None = Field(default=None, ge=-180, le=180, allow_inf_nan=False)
    lat: float | None = Field(default=None, ge=-90, le=90, allow_inf_nan=False)
    closed: bool | None = None

    @model_validator(mode="after")
    def _both_or_neither(self) -> Self:
        if (self.lng is None) != (self.lat is None):
            raise ValueError("lng and lat belong together")
        return self


OPERATIONS: tuple[Operation, ...] = (
    Operation(
        "listPlaces", "GET /places/{id}/places", SERVICE, COMMITTEE_OR_ADMIN, ListPlaces,
        Page[PlaceView], "The places right below one",
    ),
    Operation(
        "getPlace", "GET /places/{id}", SERVICE, COMMITTEE_OR_ADMIN, GetPlace, PlaceSheet,
        "One place, and where it lies",
    ),
    Operation(
        "createPlace", "POST /places", SERVICE, COMMITTEE_OR_ADMIN, CreatePlace, PlaceView,
        "Add a place", status=201,
    ),
    Operation(
        "buildPlaces", "POST /places/{id}/buildings", SERVICE, COMMITTEE_ONLY, BuildPlaces,
        BuiltPlaces, "Add buildings of one shape to an estate", status=201, timeout=15.0,
    ),
    Operation(
        "updatePlace", "PATCH /places/{id}", SERVICE, COMMITTEE_OR_ADMIN, UpdatePlace, PlaceView,
        "Change a place",
    ),
)  # fmt: skip
