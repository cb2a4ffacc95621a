"""What clocks go by: a district's days off, its limits; and posts that wait for a first answer.

A promise keeps the limit that it was made by; a calendar that becomes known later moves it.
"""

from datetime import date, datetime
from typing import Annotated, Literal

from pydantic import ConfigDict, Field, StringConstraints

from services.contracts.actor import Role
from services.contracts.operations.base import (
    PERSON,
    Command,
    Id,
    ListCommand,
    Operation,
    Page,
    Text,
    View,
    holders,
)
from services.contracts.operations.grid_bridge.common import OPERATORS

Year = Annotated[int, Field(ge=2000, le=2100)]
Source = Annotated[Text, StringConstraints(strip_whitespace=True, min_length=1, max_length=300)]
LimitStage = Literal["post", "first_response", "consult", "advise", "dispose", "8x", "grid"]
WATCHERS = holders(
    Role.COMMITTEE_STAFF, Role.SECRETARY, Role.OBSERVER, Role.TOWN_ADMIN, Role.DISTRICT_ADMIN,
    Role.DISTRICT_ANALYST, Role.AUDITOR,
)  # fmt: skip

# -- what the caller asks for ---------------------------------------------------------------


class CalendarDay(Command):
    """A day that is worked (``worked``, 调休) or not, and why."""

    day: date
    worked: Annotated[bool, Field(strict=True)]
    name: Annotated[Text, StringConstraints(strip_whitespace=True, max_length=40)] = ""


class PutCalendarYear(Command):
    """A year's days as the district knows them, in place of what it had entered for that year.

    What is not among ``days`` is as published, or as weekdays are. ``complete`` says that nothing
    is missing: what lies in that year is not provisional any more. ``source`` is where it is from.
    """

    did: Id
    year: Year
    days: Annotated[list[CalendarDay], Field(max_length=366)]
    source: Source
    complete: Annotated[bool, Field(strict=True)] = True


class GetCalendar(Command):
    """The working days of a year in a district; of this year unless ``year`` says."""

    did: Id
    year: Year | None = None


class GetLimits(Command):
    """The limits of a district, or of its community ``cid``."""

    did: Id
    cid: Id | None = None


class LimitDraft(Command):
    """Working days that a stage may take, and the per cent of them after which is warned.

    The stage ``grid`` runs to the order's own deadline: it has no ``days``.
    """

    stage: LimitStage
    days: Annotated[int | None, Field(ge=1, le=365, strict=True)] = None
    warn_percent: Annotated[int, Field(ge=1, le=99, strict=True)] = 75


class PutLimits(Command):
    """The limits of a district, or of its community ``cid``, in place of its own before.

    A stage that is not named is the district's, or the default. ``version`` is that of the limits
    that were read, 0 where there were none of its own.
    """

    did: Id
    cid: Id | None = None
    version: Annotated[int, Field(ge=0, le=2**31 - 1, strict=True)]
    limits: Annotated[list[LimitDraft], Field(max_length=7)]
    note: Annotated[Text, StringConstraints(strip_whitespace=True, max_length=300)] = ""


class ListLimitVersions(ListCommand):
    """What the limits of a district, or of its community ``cid``, were, the newest first."""

    did: Id
    cid: Id | None = None


class ListUnansweredPosts(ListCommand):
    """The posts of a community that wait for an answer in office; the limit that ends first first.

    ``overdue`` asks for those beyond their limit, or for those before it.
    """

    cid: Id
    overdue: bool | None = None


class GetPostResponse(Command):
    """How the posts of a span of days were answered; China's days, both included."""

    model_config = ConfigDict(extra="ignore", populate_by_name=True)

    cid: Id
    from_: Annotated[date, Field(alias="from")]
    to: date


# -- what the caller gets -------------------------------------------------------------------


class CalendarDayView(View):
    """A day that differs from weekdays, and which layer says so."""

    day: date
    worked: bool
    name: str
    layer: Literal["entered", "published"]


class CalendarYear(View):
    """The working days of a year.

    ``layer`` is the highest that covers the year as a whole: ``entered`` by the district,
    ``published`` by the government; or ``weekdays``, and then limits in it are ``provisional``.
    ``settled`` is false while running promises are being reckoned anew. Who entered it is told
    to the district's administrators.
    """

    did: str
    year: int
    layer: Literal["entered", "published", "weekdays"]
    provisional: bool
    days: list[CalendarDayView]
    source: str | None = None
    complete: bool | None = None
    entered_at: datetime | None = None
    entered_by: str | None = None
    published_years: list[int]
    entered_years: list[int]
    settled: bool


class LimitView(View):
    """The limit of a stage as it applies, and whose it is; ``grid`` has no ``days``."""

    stage: LimitStage
    days: int | None
    warn_percent: int
    set_by: Literal["default", "district", "community"]


class Limits(View):
    """The limits that apply; ``version`` is that of the place's own, 0 where it has none."""

    did: str
    cid: str | None
    version: int
    items: list[LimitView]


class OwnLimit(View):
    """A limit as a place set it."""

    stage: LimitStage
    days: int | None
    warn_percent: int


class LimitsVersion(View):
    """What a place set at a time; who did is told to the district's administrators."""

    version: int
    limits: list[OwnLimit]
    note: str
    set_at: datetime
    set_by: str | None = None


class UnansweredPost(View):
    """A post that waits for an answer in office; neighbours may have answered.

    ``told_to`` is the highest level that has heard that it is late.
    """

    post_id: str
    module: str
    title: str
    published_at: datetime
    due_at: datetime
    overdue: bool
    at_risk: bool
    provisional: bool
    neighbour_replied_at: datetime | None
    told_to: Literal["committee", "town", "district"] | None


class RateView(View):
    """A share with its formula; a denominator of 0 says that nothing is judged yet."""

    formula: str
    numerator: int
    denominator: int


class PostResponse(View):
    """How posts were answered, in office and by neighbours (发帖必响应).

    The denominator of each rate are the posts that were answered in office or whose limit has
    passed; those handed over to an issue or gone before their limit are judged nowhere here.
    """

    cid: str
    posts: int
    handed_over: int
    left_out: int
    open: int
    open_overdue: int
    staff_in_time: RateView
    staff: RateView
    neighbour_in_time: RateView
    neighbour: RateView
    as_of: datetime


OPERATIONS: tuple[Operation, ...] = (
    Operation(
        "getCalendar", "GET /districts/{did}/calendar", service="grid_bridge", who=PERSON,
        command=GetCalendar, result=CalendarYear, summary="The working days of a year",
    ),
    Operation(
        "putCalendarYear", "PUT /districts/{did}/calendar/{year}", service="grid_bridge",
        who=OPERATORS, command=PutCalendarYear, result=CalendarYear,
        summary="Enter the days off of a year",
    ),
    Operation(
        "getLimits", "GET /districts/{did}/limits", service="grid_bridge", who=PERSON,
        command=GetLimits, result=Limits, summary="By when what is promised",
    ),
    Operation(
        "putLimits", "PUT /districts/{did}/limits", service="grid_bridge", who=OPERATORS,
        command=PutLimits, result=Limits, summary="Set a district's or community's limits",
    ),
    Operation(
        "listLimitVersions", "GET /districts/{did}/limits/versions", service="grid_bridge",
        who=PERSON, command=ListLimitVersions, result=Page[LimitsVersion],
        summary="What the limits were",
    ),
    Operation(
        "listUnansweredPosts", "GET /communities/{cid}/unanswered-posts", service="grid_bridge",
        who=WATCHERS, command=ListUnansweredPosts, result=Page[UnansweredPost],
        summary="Posts that wait for an answer in office",
    ),
    Operation(
        "getPostResponse", "GET /communities/{cid}/post-response", service="grid_bridge",
        who=WATCHERS, command=GetPostResponse, result=PostResponse,
        summary="How posts were answered",
    ),
)  # fmt: skip
