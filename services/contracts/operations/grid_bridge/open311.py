"""Open311 GeoReport v2: who may send reports in, what is published, and what the gateway asks.

Source: the specification at https://wiki.open311.org/GeoReport_v2/. The operations without a
route of their own are asked by the gateway for ``/open311/v2/``, which translates and knows no
rule. Moments are ISO 8601 with zone, points WGS84. A *jurisdiction* is a district, a town or a
community, by its id or by its statistical code (6, 9 or 12 digits).
"""

from datetime import datetime
from typing import Annotated, Literal

from pydantic import Field, StringConstraints

from services.contracts.operations.base import (
    PERSON,
    PUBLIC,
    Command,
    Id,
    Moment,
    Operation,
    Text,
    View,
)
from services.contracts.operations.grid_bridge.common import OPERATORS, STAFF

Status = Literal["open", "closed"]
Datatype = Literal["string", "number", "datetime", "text", "singlevaluelist", "multivaluelist"]
KeyName = Annotated[Text, StringConstraints(strip_whitespace=True, min_length=1, max_length=100)]
Jurisdiction = Annotated[Text, Field(max_length=64)]
ServiceCode = Annotated[Text, Field(max_length=64)]
MOST = 1_000
"""Requests that a list holds at most."""


# -- keys and consent ------------------------------------------------------------------------------


class CreateOpen311Key(Command):
    """A key for somebody who sends in reports; ``per_minute`` and ``per_day`` bound how many."""

    did: Id
    name: KeyName
    per_minute: int = Field(default=30, ge=1, le=600, strict=True)
    per_day: int = Field(default=2_000, ge=1, le=100_000, strict=True)


class ListOpen311Keys(Command):
    """The keys of a district, revoked ones too."""

    did: Id


class RevokeOpen311Key(Command):
    """The key opens nothing any more."""

    did: Id
    id: Id


class Open311Key(View):
    """A key without its secret; ``hint`` is how it begins."""

    id: str
    name: str
    hint: str
    per_minute: int
    per_day: int
    created_at: datetime
    used_at: datetime | None
    revoked_at: datetime | None


class NewOpen311Key(Open311Key):
    """A key as it is shown once: only its hash is kept."""

    api_key: str


class Open311Keys(View):
    """The keys of a district, newest first."""

    items: list[Open311Key]


class GetOpen311Publication(Command):
    """Whether a community's words are published."""

    cid: Id


class PutOpen311Publication(Command):
    """The committee lets the words of what nobody's account stands behind be published."""

    cid: Id
    words: bool = Field(strict=True)


class Open311Publication(View):
    """Whether it lets them."""

    words: bool


class PutIssuePublication(Command):
    """The reporter's own consent that her words are published outside (PIPL art. 25), or its end.

    It concerns this issue alone, and nothing else depends on it.
    """

    id: Id
    words: bool = Field(strict=True)


# -- what the gateway asks -------------------------------------------------------------------------


class ListOpen311Services(Command):
    """What can be reported."""

    jurisdiction_id: Jurisdiction = ""


class GetOpen311Service(Command):
    """What a report of this service may and must say."""

    jurisdiction_id: Jurisdiction = ""
    service_code: ServiceCode


class CreateOpen311Request(Command):
    """A report. Names, phone and e-mail of the sender are not asked for and not taken."""

    api_key: Annotated[Text, Field(max_length=200)] = ""
    jurisdiction_id: Jurisdiction = ""
    service_code: ServiceCode = ""
    lat: Annotated[Text, Field(max_length=40)] = ""
    long: Annotated[Text, Field(max_length=40)] = ""
    address_string: Annotated[Text, Field(max_length=256)] = ""
    address_id: Annotated[Text, Field(max_length=64)] = ""
    description: Text = ""
    media_url: Annotated[Text, Field(max_length=2_000)] = ""
    attributes: dict[str, list[Text]] = Field(default={}, max_length=50)


class GetOpen311Token(Command):
    """Which request a token became."""

    jurisdiction_id: Jurisdiction = ""
    token: Annotated[Text, Field(max_length=64)]


class ListOpen311Requests(Command):
    """Requests, newest first. ``service_request_id`` overrides every other condition.

    Without dates: the last 90 days, at most 1,000. ``updated_after`` and ``updated_before`` are an
    extension; they ask by the last change, latest first.
    """

    jurisdiction_id: Jurisdiction = ""
    service_request_id: list[Annotated[Text, Field(max_length=64)]] = Field(
        default=[], max_length=MOST
    )
    service_code: list[ServiceCode] = Field(default=[], max_length=200)
    status: list[Status] = []
    start_date: Moment | None = None
    end_date: Moment | None = None
    updated_after: Moment | None = None
    updated_before: Moment | None = None
    page: int = Field(default=1, ge=1, le=10_000)
    page_size: int = Field(default=MOST, ge=1, le=MOST)
    extensions: bool = False


class GetOpen311Request(Command):
    """One request."""

    jurisdiction_id: Jurisdiction = ""
    service_request_id: Annotated[Text, Field(max_length=64)]
    extensions: bool = False


class Open311Service(View):
    """A kind of report; ``keywords`` is a text with commas."""

    service_code: str
    service_name: str
    description: str
    metadata: bool
    type: Literal["realtime", "batch", "blackbox"]
    keywords: str
    group: str


class Open311Services(View):
    """All kinds."""

    items: list[Open311Service]


class Open311Value(View):
    """A choice of a list."""

    key: str
    name: str


class Open311Attribute(View):
    """What a report may say besides; ``variable`` false only informs."""

    variable: bool
    code: str
    datatype: Datatype
    required: bool
    datatype_description: str
    order: int
    description: str
    values: list[Open311Value] = []


class Open311Definition(View):
    """What a report of a service may and must say."""

    service_code: str
    attributes: list[Open311Attribute]


class Open311Receipt(View):
    """What was sent in is a request now."""

    service_request_id: str
    service_notice: str


class Open311Token(View):
    """A token and the request that it became."""

    service_request_id: str
    token: str


class Open311Note(View):
    """One step, in words that name nobody."""

    datetime: datetime
    description: str
    type: str


class Open311Request(View):
    """A request as anybody may read it: nobody's name, and nobody's words without consent."""

    service_request_id: str
    status: Status
    status_notes: str
    service_name: str
    service_code: str
    description: str
    agency_responsible: str
    service_notice: str
    requested_datetime: datetime
    updated_datetime: datetime
    expected_datetime: datetime | None
    address: str
    address_id: str
    lat: float | None
    long: float | None
    state: str
    community: str
    town: str
    notes: list[Open311Note] = []


class Open311Requests(View):
    """Requests of one page."""

    items: list[Open311Request]


OPERATIONS: tuple[Operation, ...] = (
    Operation(
        "createOpen311Key", "POST /districts/{did}/open311-keys", service="grid_bridge",
        who=OPERATORS, command=CreateOpen311Key, result=NewOpen311Key, status=201, secret=True,
        summary="Give out a key for Open311",
    ),
    Operation(
        "listOpen311Keys", "GET /districts/{did}/open311-keys", service="grid_bridge",
        who=OPERATORS, command=ListOpen311Keys, result=Open311Keys,
        summary="The keys for Open311",
    ),
    Operation(
        "revokeOpen311Key", "DELETE /districts/{did}/open311-keys/{id}", service="grid_bridge",
        who=OPERATORS, command=RevokeOpen311Key, result=Open311Key,
        summary="Take a key for Open311 back",
    ),
    Operation(
        "getOpen311Publication", "GET /communities/{cid}/open311", service="grid_bridge",
        who=STAFF, command=GetOpen311Publication, result=Open311Publication,
        summary="Whether words are published outside",
    ),
    Operation(
        "putOpen311Publication", "PUT /communities/{cid}/open311", service="grid_bridge",
        who=STAFF, command=PutOpen311Publication, result=Open311Publication,
        summary="Let words be published outside, or not",
    ),
    Operation(
        "putIssuePublication", "PUT /issues/{id}/publication", service="grid_bridge",
        who=PERSON, command=PutIssuePublication, result=Open311Publication, own=True,
        summary="Let my words be published outside, or not",
    ),
    # The gateway asks these for /open311/v2/.
    Operation(
        "listOpen311Services", "INTERNAL", service="grid_bridge", who=PUBLIC,
        command=ListOpen311Services, result=Open311Services, summary="GET services",
    ),
    Operation(
        "getOpen311Service", "INTERNAL", service="grid_bridge", who=PUBLIC,
        command=GetOpen311Service, result=Open311Definition, summary="GET service definition",
    ),
    Operation(
        "createOpen311Request", "INTERNAL", service="grid_bridge", who=PUBLIC,
        command=CreateOpen311Request, result=Open311Receipt, audited=True,
        summary="POST service request",
    ),
    Operation(
        "getOpen311Token", "INTERNAL", service="grid_bridge", who=PUBLIC,
        command=GetOpen311Token, result=Open311Token, summary="GET request id from a token",
    ),
    Operation(
        "listOpen311Requests", "INTERNAL", service="grid_bridge", who=PUBLIC,
        command=ListOpen311Requests, result=Open311Requests, summary="GET service requests",
    ),
    Operation(
        "getOpen311Request", "INTERNAL", service="grid_bridge", who=PUBLIC,
        command=GetOpen311Request, result=Open311Requests, summary="GET service request",
    ),
)  # fmt: skip
