"""The weekly brief of a community, a town or a district, for those who watch over it."""

from datetime import date, datetime
from typing import Annotated, Literal

from pydantic import ConfigDict, Field, StringConstraints

from services.contracts.actor import Role
from services.contracts.operations.base import (
    Command,
    Id,
    ListCommand,
    Operation,
    Page,
    View,
    holders,
)

BriefLevel = Literal["community", "town", "district"]
Week = Annotated[
    str, StringConstraints(pattern=r"^(19|20|21)[0-9]{2}-W(0[1-9]|[1-4][0-9]|5[0-3])$")
]

WATCHERS = (
    Role.TOWN_ADMIN,
    Role.DISTRICT_ADMIN,
    Role.DISTRICT_ANALYST,
    Role.AUDITOR,
    Role.OBSERVER,
)
COMMITTEE = (Role.COMMITTEE_STAFF, Role.SECRETARY)

# -- what the caller asks for ---------------------------------------------------------------------


class _Brief(Command):
    """``week`` as in ISO 8601 (``2026-W09``), by default the newest that was made."""

    week: Week | None = None


class CommunityBrief(_Brief):
    """A week of a community."""

    cid: Id


class TownBrief(_Brief):
    """A week of a town."""

    tid: Id


class DistrictBrief(_Brief):
    """A week of a district."""

    did: Id


class CommunityBriefWeeks(ListCommand):
    """The weeks of which a community has a brief."""

    cid: Id


class TownBriefWeeks(ListCommand):
    """The weeks of which a town has a brief."""

    tid: Id


class DistrictBriefWeeks(ListCommand):
    """The weeks of which a district has a brief."""

    did: Id


class ListBriefReads(ListCommand):
    """Who read the briefs of a district and of what is beneath it; ``week``: of this week alone."""

    did: Id
    week: Week | None = None


# -- what the caller gets -------------------------------------------------------------------------


class BriefKey(View):
    """A part of a figure: one outcome."""

    key: str
    count: int


class BriefFigure(View):
    """A figure with its definition, and that of the week before.

    Null: not told, as it is of fewer than ``floor`` cases of people's own (``withheld``), or there
    is no brief of the week before. ``by`` leaves out what would tell of fewer. ``late``: it holds
    something that happened in a week before and was heard of after that was closed.
    """

    key: str
    name: str
    name_en: str
    definition: str
    definition_en: str
    value: int | None
    last_week: int | None
    withheld: bool
    late: bool
    by: list[BriefKey] = []


class BriefPainPoint(View):
    """A kind of problem that grew; ``slot`` with the district's name for it.

    ``direction`` is ``new`` where the four weeks before had none.
    """

    category: str
    slot: str | None
    name: str
    name_en: str
    value: int
    last_week: int
    mean_of_four: float
    burst: float
    direction: Literal["new", "rising"]


class BriefPainPoints(View):
    """What grew, the most striking first, with the definition."""

    definition: str
    definition_en: str
    items: list[BriefPainPoint]


class BriefPost(View):
    """A post that still waits for an answer in office, by its id alone."""

    post_id: str
    community_id: str
    due_at: datetime
    link: str


class BriefWaiting(View):
    """What waits beyond its limit now, whichever week that passed in; the longest waiting first."""

    as_of: datetime
    count: int
    oldest_due_at: datetime | None
    posts: list[BriefPost]
    more: bool


class BriefHotTopics(View):
    """A hot ten that was published in the week."""

    month: str
    edition: int
    topics: int
    link: str


class BriefPartValue(View):
    """A figure of a part; null: withheld."""

    key: str
    value: int | None


class BriefPart(View):
    """A town of the district, or a community of the town, with its figures."""

    level: BriefLevel
    id: str
    name: str
    values: list[BriefPartValue]


class Brief(View):
    """A week of a place in numbers: no names, and no words of residents.

    It never changes, but for what ``waiting`` says of now. ``exact``: the reader serves there and
    is told every number; otherwise none below ``floor`` that comes of what residents did.
    """

    level: BriefLevel
    node: str
    name: str
    week: str
    from_: Annotated[date, Field(alias="from")]
    to: date
    made_at: datetime
    exact: bool
    floor: int
    figures: list[BriefFigure]
    pain_points: BriefPainPoints
    waiting: BriefWaiting
    hot_topics: list[BriefHotTopics]
    parts: list[BriefPart]

    model_config = ConfigDict(extra="ignore", populate_by_name=True, serialize_by_alias=True)


class BriefWeek(View):
    """A week of which there is a brief."""

    week: str
    from_: Annotated[date, Field(alias="from")]
    to: date
    made_at: datetime

    model_config = ConfigDict(extra="ignore", populate_by_name=True, serialize_by_alias=True)


class BriefRead(View):
    """Somebody read a brief, in an office held at ``path``; null: she has left for good."""

    id: str
    person_id: str | None
    role: str
    path: str
    level: BriefLevel
    node: str
    name: str
    week: str
    read_at: datetime


_ALL = holders(*WATCHERS)
_OF_COMMUNITY = holders(*COMMITTEE, *WATCHERS)

OPERATIONS: tuple[Operation, ...] = (
    Operation(
        "communityBrief", "GET /communities/{cid}/briefs", service="notify", who=_OF_COMMUNITY,
        command=CommunityBrief, result=Brief, summary="A community's week", audited=True,
    ),
    Operation(
        "townBrief", "GET /towns/{tid}/briefs", service="notify", who=_ALL,
        command=TownBrief, result=Brief, summary="A town's week", audited=True,
    ),
    Operation(
        "districtBrief", "GET /districts/{did}/briefs", service="notify", who=_ALL,
        command=DistrictBrief, result=Brief, summary="A district's week", audited=True,
    ),
    Operation(
        "communityBriefWeeks", "GET /communities/{cid}/brief-weeks", service="notify",
        who=_OF_COMMUNITY, command=CommunityBriefWeeks, result=Page[BriefWeek],
        summary="The weeks of a community",
    ),
    Operation(
        "townBriefWeeks", "GET /towns/{tid}/brief-weeks", service="notify", who=_ALL,
        command=TownBriefWeeks, result=Page[BriefWeek], summary="The weeks of a town",
    ),
    Operation(
        "districtBriefWeeks", "GET /districts/{did}/brief-weeks", service="notify", who=_ALL,
        command=DistrictBriefWeeks, result=Page[BriefWeek], summary="The weeks of a district",
    ),
    Operation(
        "listBriefReads", "GET /districts/{did}/brief-reads", service="notify",
        who=holders(Role.DISTRICT_ADMIN), command=ListBriefReads, result=Page[BriefRead],
        summary="Who read the briefs",
    ),
)  # fmt: skip
