"""The outline of a district: what lies outside of it is no place of a report here."""

from datetime import datetime
from typing import Annotated

from pydantic import Field

from services.contracts.operations.base import PERSON, Command, Id, Line, Operation, View
from services.contracts.operations.grid_bridge.common import OPERATORS, CoordinateSystem

_Degrees = Annotated[float, Field(ge=-180, le=180, allow_inf_nan=False)]
Corner = Annotated[list[_Degrees], Field(min_length=2, max_length=2)]


class OfDistrictBounds(Command):
    """Concerning the outline of one district."""

    did: Id


class PutDistrictBounds(Command):
    """The corners [lng, lat] of the outline, in the ``crs`` in which they were drawn.

    The last may repeat the first. ``source`` says where it is from (a map, a decree).
    """

    did: Id
    ring: Annotated[list[Corner], Field(min_length=3, max_length=200)]
    crs: CoordinateSystem = "WGS84"
    source: Line


class DistrictBounds(View):
    """The outline in WGS84, ``crs`` in which it was drawn; an empty ``ring``: none was entered."""

    did: str
    ring: list[Corner]
    crs: CoordinateSystem | None
    source: str | None
    set_at: datetime | None


OPERATIONS: tuple[Operation, ...] = (
    Operation(
        "getDistrictBounds", "GET /districts/{did}/bounds", service="grid_bridge", who=PERSON,
        command=OfDistrictBounds, result=DistrictBounds, summary="A district's outline",
    ),
    Operation(
        "putDistrictBounds", "PUT /districts/{did}/bounds", service="grid_bridge",
        who=OPERATORS, command=PutDistrictBounds, result=DistrictBounds,
        summary="Enter a district's outline",
    ),
    Operation(
        "deleteDistrictBounds", "DELETE /districts/{did}/bounds", service="grid_bridge",
        who=OPERATORS, command=OfDistrictBounds, result=DistrictBounds,
        summary="Take a district's outline out",
    ),
)  # fmt: skip
