"""The ten hottest concerns of a month (十大热点), what is done about them, and its effect."""

from datetime import datetime
from typing import Annotated, Literal

from pydantic import Field

from services.contracts.actor import Role
from services.contracts.operations.base import (
    PERSON,
    Command,
    Empty,
    Id,
    Moment,
    Operation,
    Reason,
    Text,
    View,
    holders,
)
from services.contracts.operations.grid_bridge.common import Month

HotTopicLevel = Literal["community", "town", "district"]
ActionKind = Literal["campaign", "project", "topic"]
EditionNumber = Annotated[int, Field(ge=0, le=10_000)]

_ACTORS = holders(Role.COMMITTEE_STAFF, Role.SECRETARY, Role.TOWN_ADMIN, Role.DISTRICT_ADMIN)
_PUBLISHERS = holders(Role.TOWN_ADMIN, Role.DISTRICT_ADMIN)

# -- what the caller asks for ---------------------------------------------------------------------


class _List(Command):
    """``month``: by default the newest that was published. ``version`` 0 is the running month's."""

    month: Month | None = None
    version: EditionNumber | None = None


class HotTopics(_List):
    """The ten hottest concerns of a district in a month."""

    did: Id


class TownHotTopics(_List):
    """The ten hottest concerns of a town in a month."""

    tid: Id


class CommunityHotTopics(_List):
    """The ten hottest concerns of a community in a month."""

    cid: Id


class GetHotTopic(Command):
    """One hot topic with its evidence."""

    id: Id


class AddHotTopicAction(Command):
    """What is done about a hot topic; ``ref`` names the campaign, the project or the topic."""

    id: Id
    kind: ActionKind
    ref: Annotated[Text, Field(max_length=200)] = ""
    note: Annotated[Text, Field(max_length=2_000)] = ""
    starts_at: Moment | None = None
    ends_at: Moment | None = None


class FinishHotTopicAction(Command):
    """The action has ended: now, or when ``ends_at`` says."""

    id: Id
    ends_at: Moment | None = None
    note: Annotated[Text, Field(max_length=2_000)] = ""


class RemoveHotTopicAction(Command):
    """The action was linked by mistake."""

    id: Id
    reason: Reason


class StartHotTopicRun(Command):
    """Reckon a month that is over anew: a new edition beside the one before, which stays."""

    level: HotTopicLevel
    node: Id
    month: Month
    reason: Reason


class GetHotTopicRun(Command):
    """How far a run is."""

    id: Id


# -- what the caller gets -------------------------------------------------------------------------


class HotTopicEffect(View):
    """People who reported it, per 30 days: before the action began and after (``formula``).

    Null figures are of fewer than ten people, told to nobody outside.
    """

    before: int | None
    after: float | None
    change: float | None
    days: int
    formula: str


class HotTopicAction(View):
    """An action linked to a hot topic. ``effect`` is null until ``effect_from``."""

    id: str
    topic_id: str
    kind: ActionKind
    ref: str
    note: str
    starts_at: datetime
    ends_at: datetime | None
    state: Literal["planned", "running", "finished"]
    linked_at: datetime
    effect: HotTopicEffect | None
    effect_from: datetime


class HotTopicTrend(View):
    """People of the month held against those before; ``burst`` in standard deviations."""

    previous: int | None
    mean_of_three: float | None
    burst: float | None
    direction: Literal["new", "rising", "steady", "falling"]


class HotTopicExample(View):
    """What is said of it: a title of the community's own, or words that ten wrote alike."""

    text: str
    issue_id: str | None = None
    community_id: str | None = None


class HotTopic(View):
    """A concern in its month. ``concern_id`` stays over the months, ``since`` is the first one.

    ``people`` are distinct reporters and those who said me too; of a figure that is told outside,
    full tens. ``messages`` are told to those whose office reaches there.
    """

    id: str
    concern_id: str
    level: HotTopicLevel
    node: str
    month: str
    version: int
    rank: int
    label: str
    words: list[str]
    people: int
    messages: int | None
    trend: HotTopicTrend
    since: str
    examples: list[HotTopicExample]
    actions: list[HotTopicAction]


class HotTopicShare(View):
    """How many people of a community; null below ten for who is outside."""

    community_id: str
    name: str
    people: int | None


class HotTopicEvidence(View):
    """What a topic rests on, as far as its reader may see it.

    ``communities`` is for those whose office reaches the node; ``issues`` are those of communities
    that the reader may read, the most typical first, at most 50; ``more`` says that there are more.
    """

    communities: list[HotTopicShare] | None
    issues: list[HotTopicExample]
    more: bool


class HotTopicDetail(HotTopic):
    """A hot topic with what it rests on, and its months."""

    evidence: HotTopicEvidence


class HotTopicList(View):
    """The hot ten of a month in one edition.

    ``exact``: people are counted one by one, as the reader is inside; otherwise in tens, and what
    concerns fewer than ``k`` is left out. ``version`` 0 is of a month that is still running.
    """

    level: HotTopicLevel
    node: str
    month: str
    version: int
    reason: str | None
    published_at: datetime | None
    exact: bool
    k: int
    versions: list[int]
    items: list[HotTopic]


class HotTopicRun(View):
    """A run: asked for, under way, published, or failed with its reason."""

    id: str
    level: HotTopicLevel
    node: str
    month: str
    version: int | None
    state: Literal["asked", "running", "published", "failed"]
    reason: str | None
    asked_at: datetime
    published_at: datetime | None
    messages: int | None
    without_vector: int | None
    error: str | None


OPERATIONS: tuple[Operation, ...] = (
    Operation(
        "hotTopics", "GET /districts/{did}/hot-topics", service="grid_bridge", who=PERSON,
        command=HotTopics, result=HotTopicList, summary="The district's hot ten",
    ),
    Operation(
        "townHotTopics", "GET /towns/{tid}/hot-topics", service="grid_bridge", who=PERSON,
        command=TownHotTopics, result=HotTopicList, summary="The town's hot ten",
    ),
    Operation(
        "communityHotTopics", "GET /communities/{cid}/hot-topics", service="grid_bridge",
        who=PERSON, command=CommunityHotTopics, result=HotTopicList,
        summary="The community's hot ten",
    ),
    Operation(
        "getHotTopic", "GET /hot-topics/{id}", service="grid_bridge", who=PERSON,
        command=GetHotTopic, result=HotTopicDetail, summary="A hot topic with its evidence",
    ),
    Operation(
        "addHotTopicAction", "POST /hot-topics/{id}/actions", service="grid_bridge", who=_ACTORS,
        command=AddHotTopicAction, result=HotTopicAction, status=201,
        summary="Link an action to a hot topic",
    ),
    Operation(
        "finishHotTopicAction", "POST /hot-topic-actions/{id}/finish", service="grid_bridge",
        who=_ACTORS, command=FinishHotTopicAction, result=HotTopicAction,
        summary="The action has ended",
    ),
    Operation(
        "removeHotTopicAction", "POST /hot-topic-actions/{id}/remove", service="grid_bridge",
        who=_ACTORS, command=RemoveHotTopicAction, result=Empty,
        summary="Unlink an action from a hot topic",
    ),
    Operation(
        "startHotTopicRun", "POST /hot-topic-runs", service="grid_bridge", who=_PUBLISHERS,
        command=StartHotTopicRun, result=HotTopicRun, status=202,
        summary="Reckon a month's hot ten anew",
    ),
    Operation(
        "getHotTopicRun", "GET /hot-topic-runs/{id}", service="grid_bridge", who=_PUBLISHERS,
        command=GetHotTopicRun, result=HotTopicRun, summary="How far a run is",
    ),
)  # fmt: skip
