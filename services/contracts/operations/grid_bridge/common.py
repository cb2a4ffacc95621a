"""What the operations of the bridge share."""

from datetime import datetime
from typing import Annotated, Any, Literal, Self

from pydantic import AfterValidator, BeforeValidator, Field, model_validator

from services.contracts.actor import Role
from services.contracts.operations.base import Command, Id, Text, View, holders

IssueStatus = Literal[
    "reported",
    "triaged",
    "answered",
    "self_governing",
    "solved",
    "referred",
    "escalated",
    "in_consultation",
    "closed",
    "reopened",
    "merged",
]
IssueSource = Literal["app", "post", "phone", "visit", "letter", "open311"]
Step = Literal["site_visit", "talk", "undertaking", "check"]
Outcome = Literal["solved", "failed"]
AnswerOutcome = Literal["answered", "fixed", "refused"]
OrderNo = Annotated[str, Field(min_length=1, max_length=40, pattern=r"^[A-Z0-9-]+$")]
SlotKey = Annotated[str, Field(min_length=1, max_length=20, pattern=r"^[A-Z0-9_-]+$")]
FiveDigits = Annotated[str, Field(pattern=r"^[0-9]{5}$")]
Month = Annotated[str, Field(pattern=r"^\d{4}-(0[1-9]|1[0-2])$")]
AttachmentIds = Annotated[list[Id], Field(max_length=9)]


def _with_zone(moment: datetime) -> datetime:
    if moment.tzinfo is None:
        raise ValueError("must carry a time zone")
    return moment


Moment = Annotated[datetime, AfterValidator(_with_zone)]
STAFF = holders(Role.COMMITTEE_STAFF, Role.SECRETARY)
OPERATORS = holders(Role.DISTRICT_ADMIN)


CoordinateSystem = Literal["WGS84", "GCJ02", "CGCS2000", "BD09"]
"""GPS and 天地图 speak the first and the third, 高德 and 腾讯 GCJ-02, 百度 BD-09."""


class Place(Command):
    """Where it is: words, and a point with its coordinate reference system when one is known."""

    address: Annotated[Text, Field(max_length=256)] = ""
    lng: float | None = Field(default=None, ge=-180, le=180, allow_inf_nan=False)
    lat: float | None = Field(default=None, ge=-90, le=90, allow_inf_nan=False)
    crs: CoordinateSystem = "WGS84"

    @model_validator(mode="after")
    def _both_or_neither(self) -> Self:
        if (self.lng is None) != (self.lat is None):
            raise ValueError("lng and lat belong together")
        return self


class PlaceView(View):
    """Where it is, in WGS84; ``given_crs`` is the system in which the point came.

    ``doubtful``, for staff: as it was given it lies outside of the district, but not if it was
    meant in another system.
    """

    address: str
    lng: float | None
    lat: float | None
    crs: Literal["WGS84"] = "WGS84"
    given_crs: CoordinateSystem | None = None
    doubtful: bool | None = None


def _place(value: Any) -> Any:
    return {"address": value} if isinstance(value, str) else value


Where = Annotated[
    Place,
    BeforeValidator(_place, json_schema_input_type=Place | Annotated[str, Field(max_length=256)]),
]
"""A place, or its address alone as a bare text."""


class StandardRef(Command):
    """A code with its standard and kind; a bare text is a matter of GB/T 47678.5-2026."""

    standard: Annotated[Text, Field(max_length=40)] = "GB/T 47678.5-2026"
    kind: Literal["matter", "component"] = "matter"
    code: FiveDigits


def standard_ref(value: Any) -> Any:
    """A bare text is a code."""
    return {"code": value} if isinstance(value, str) else value


StandardCode = Annotated[
    StandardRef, BeforeValidator(standard_ref, json_schema_input_type=StandardRef | FiveDigits)
]


class StandardCodeView(View):
    """A code of a standard, with its name."""

    standard: str
    kind: str
    code: str
    name: str


class IssueAssignee(View):
    """One of the committee, by the name that neighbours know."""

    person_id: str
    display_name: str
