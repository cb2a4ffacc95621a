"""Figures with their formulas (KPI), of districts, towns and communities; what stands open.

Days are China's, the first and the last included. What has a limit belongs to the day of its limit;
"due" (应…) are all whose limit lies in the span and has passed by ``as_of``, done or not.
"""

from datetime import date, datetime
from typing import Annotated, Literal

from pydantic import ConfigDict, Field

from services.contracts.actor import Role
from services.contracts.events.grid_bridge import Category
from services.contracts.operations.base import Command, Id, Operation, View, holders
from services.contracts.operations.grid_bridge.common import STAFF, IssueSource, IssueStatus, Month

WATCHERS = (
    Role.TOWN_ADMIN,
    Role.DISTRICT_ADMIN,
    Role.DISTRICT_ANALYST,
    Role.AUDITOR,
    Role.OBSERVER,
)


class _Span(Command):
    model_config = ConfigDict(extra="ignore", populate_by_name=True)

    from_: Annotated[date, Field(alias="from")]
    to: date


class Kpis(_Span):
    """Figures with formula, numerator and denominator, for a span of days.

    ``town`` asks for the part of the district that this town is, ``by`` for its towns or
    communities side by side. Whoever watches over a part of it alone is told of that part.
    """

    did: Id
    town: Id | None = None
    by: Literal["town", "community"] | None = None


class CommunityKpis(_Span):
    """The figures of one community."""

    cid: Id


class IssueCounts(Command):
    """How many issues of a community stand where, for its committee."""

    cid: Id


class GetIssueBreakdown(_Span):
    """What was reported in a span of days: of which kind, from where, by which way."""

    cid: Id


class FigureValue(View):
    """A figure's value: ``value`` is exact, ``"n/d"``; ``decimal`` is rounded to four places.

    Both are null when nothing was due. ``withheld``: it is of fewer than ten cases, or would tell
    of fewer beside the others, and the reader does not serve there; then all is null.
    """

    key: str
    numerator: int | None
    denominator: int | None
    value: str | None
    decimal: str | None
    withheld: bool


class KpiView(FigureValue):
    """A figure with its name and formula in words (zh, en) and where the formula comes from.

    ``sure`` is false where the source leaves the formula open; ``note`` says how it is reckoned
    here. ``unit``: share (of 1), seconds, points (of 100).
    """

    name: str
    name_en: str
    formula: str
    formula_en: str
    family: Literal["grid", "hotline", "community"]
    unit: Literal["share", "seconds", "points"]
    source: str
    sure: bool
    note: str
    as_of: datetime


class Volume(View):
    """How many there were; per 1,000 residents, exact and rounded, where their number is known."""

    key: str
    name: str
    name_en: str
    count: int | None
    per_1000: str | None
    per_1000_decimal: str | None
    withheld: bool


class FigurePlace(View):
    """A node of the territory."""

    id: str
    kind: Literal["district", "town", "community"]
    name: str


class PlaceFigures(View):
    """The figures of one place beside others; names and formulas stand in ``items``."""

    place: FigurePlace
    residents: int | None
    values: list[FigureValue]
    volumes: list[Volume]


class KpiReport(View):
    """Figures of all that the reader watches over of what was asked: ``places``, together.

    ``residents`` are the persons on the registers (null: not known, or not told to this reader).
    """

    as_of: datetime
    from_: Annotated[date, Field(alias="from")]
    to: date
    places: list[FigurePlace]
    residents: int | None
    items: list[KpiView]
    volumes: list[Volume]
    breakdown: list[PlaceFigures] = []

    model_config = ConfigDict(extra="ignore", populate_by_name=True)


class StatusCount(View):
    """Issues that stand here, and those of them whose promise is past its limit."""

    status: IssueStatus
    count: int
    overdue: int


class CategoryCount(View):
    """Open issues of a category (null: not triaged yet), and those past their limit."""

    category: Category | None
    open: int
    overdue: int


class IssueCountsView(View):
    """How many issues stand where; ``open`` are those that have no outcome yet."""

    as_of: datetime
    total: int
    open: int
    overdue: int
    by_status: list[StatusCount]
    by_category: list[CategoryCount]


class CategoryNumber(View):
    """Issues of a category (null: not triaged yet)."""

    category: Category | None
    count: int


class MonthNumbers(View):
    """What was reported in a month, or in as much of it as lies in the span."""

    month: Month
    count: int
    by_category: list[CategoryNumber]


class SlotNumber(View):
    """Issues of a slot of the 8+X catalogue, by the name that it had."""

    slot: str
    name: str
    count: int


class SourceNumber(View):
    """Issues that came by this way."""

    source: IssueSource
    count: int


class BuildingNumber(View):
    """Issues whose reporter lives in this building."""

    building: str
    count: int


class ScoreNumber(View):
    """How often residents gave this score; 5 is the best."""

    score: int
    count: int


class IssueBreakdown(View):
    """What was reported in a span, by its day of report; ``by_score`` by the day of the rating.

    ``buildings`` are those of at least ``floor`` issues, the most first. The others are one number
    (``other_buildings``; null where that would tell of fewer), ``few`` says how many they are;
    ``nowhere`` has no building: nobody's, or somebody's who has left.
    """

    as_of: datetime
    from_: Annotated[date, Field(alias="from")]
    to: date
    total: int
    by_month: list[MonthNumbers]
    by_category: list[CategoryNumber]
    by_slot: list[SlotNumber]
    by_source: list[SourceNumber]
    by_score: list[ScoreNumber]
    buildings: list[BuildingNumber]
    other_buildings: int | None
    few: int
    nowhere: int
    floor: int

    model_config = ConfigDict(extra="ignore", populate_by_name=True)


OPERATIONS: tuple[Operation, ...] = (
    Operation(
        "kpis", "GET /districts/{did}/kpis", service="grid_bridge", who=holders(*WATCHERS),
        command=Kpis, result=KpiReport, summary="Figures with their formulas",
    ),
    Operation(
        "communityKpis", "GET /communities/{cid}/kpis", service="grid_bridge",
        who=holders(Role.COMMITTEE_STAFF, Role.SECRETARY, *WATCHERS),
        command=CommunityKpis, result=KpiReport, summary="A community's figures",
    ),
    Operation(
        "issueCounts", "GET /communities/{cid}/issue-counts", service="grid_bridge", who=STAFF,
        command=IssueCounts, result=IssueCountsView, summary="How many issues stand where",
    ),
    Operation(
        "issueBreakdown", "GET /communities/{cid}/issue-breakdown", service="grid_bridge",
        who=STAFF, command=GetIssueBreakdown, result=IssueBreakdown,
        summary="What was reported, by kind, way and building",
    ),
)  # fmt: skip
