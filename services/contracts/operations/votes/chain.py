"""The chain (运行链) of a community: which steps a topic takes there, and by when."""

from datetime import datetime
from typing import Annotated, Literal

from pydantic import AfterValidator, ConfigDict, Field

from services.contracts.actor import Role
from services.contracts.operations.base import (
    PERSON,
    Command,
    Id,
    ListCommand,
    Operation,
    Page,
    Reason,
    View,
    holders,
)

Days = Annotated[int, Field(ge=1, le=366)]
ChainStep = Literal["seconding", "discussion", "prior_study", "supervision", "filing"]


def _once_each(steps: list[ChainStep]) -> list[ChainStep]:
    if len(set(steps)) != len(steps):
        raise ValueError("names a step twice")
    return steps


class ChainSettings(View):
    """A community's settings of the chain; a topic keeps the version it was raised under.

    ``steps`` are those that a community may leave out. The deadlines are those of whoever has to
    act: when one has passed, the topic's page says so. ``prior_study`` is the study by the
    community's Party organisation before something comes to a vote (城市居民委员会组织法 2025,
    in force 2026-01-01). ``supervision`` is the sign-off of the supervisory committee
    (居务监督委员会): nothing is adopted before it. ``filing`` is the filing with street or town
    (备案), of what was adopted: it holds from its adoption, filed or not, as the decision makes it
    hold. The step sets the desk a deadline of ``filing_days`` and keeps number, authority and day
    beside the result; a filing that is late stands in the timeline.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    steps: Annotated[list[ChainStep], AfterValidator(_once_each)] = [
        "discussion",
        "prior_study",
        "filing",
    ]
    seconders: Annotated[int, Field(ge=1, le=10_000)] = 5
    """How many neighbours must second a question (附议) before it is screened."""
    seconding_days: Days = 30
    amending_days: Days = 30
    """How long the author has to word a returned question anew, before it lapses."""
    screening_days: Days = 7
    """How long the desk has to screen a question, to publish it, and to form the item once the
    discussion is over."""
    discussion_days: Days = 7
    """How long a topic lies open for discussion at least."""
    actionable_days: Days = 30
    study_days: Days = 15
    drafting_days: Days = 30
    speeches: Annotated[int, Field(ge=1, le=50)] = 5
    """How many opinions somebody may give on a topic."""
    speech_minutes: Annotated[int, Field(ge=0, le=1_440)] = 10
    """How long somebody waits between two opinions, while others may speak."""
    supervision_days: Days = 7
    filing_days: Days = 30
    review_months: Annotated[int, Field(ge=1, le=120)] = 12
    """After how long the community is asked whether a covenant still serves."""


class OfChain(Command):
    """Names a community and nothing more."""

    cid: Id


class PutChainSettings(Command):
    """The next version of the settings, for topics raised from now on.

    ``version`` is the one that they were made upon: 0 before the first.
    """

    cid: Id
    version: Annotated[int, Field(ge=0, le=1_000_000)]
    settings: ChainSettings
    note: Reason


class ListChainVersions(ListCommand):
    """All versions of a community's settings, the newest first."""

    cid: Id


class ChainVersion(View):
    """A version of the settings; version 0 is what holds before a community chose any."""

    version: int
    settings: ChainSettings
    note: str | None
    changed_at: datetime | None
    changed_by_name: str | None
    may_change: bool = False


OPERATIONS: tuple[Operation, ...] = (
    Operation(
        "getChainSettings", "GET /communities/{cid}/chain", "votes", PERSON, OfChain, ChainVersion,
        "How topics are led in the community",
    ),
    Operation(
        "putChainSettings", "PUT /communities/{cid}/chain", "votes", holders(Role.SECRETARY),
        PutChainSettings, ChainVersion, "Change how topics are led",
    ),
    Operation(
        "listChainVersions", "GET /communities/{cid}/chain/versions", "votes", PERSON,
        ListChainVersions, Page[ChainVersion], "How topics were led before",
    ),
)  # fmt: skip
