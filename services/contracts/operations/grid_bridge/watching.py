"""What somebody who watches over several communities sees of them at once."""

from datetime import datetime
from typing import Annotated

from pydantic import Field

from services.contracts.actor import Role
from services.contracts.events.grid_bridge import Category
from services.contracts.operations.base import (
    Command,
    Id,
    ListCommand,
    Operation,
    Page,
    Text,
    View,
    holders,
)
from services.contracts.operations.grid_bridge.common import IssueStatus

CASE_WATCHERS = (Role.OBSERVER, Role.TOWN_ADMIN, Role.DISTRICT_ADMIN)
"""Who reads the cases of the nodes that a grant covers, without serving in a community."""

# -- what the caller asks for ---------------------------------------------------------------------


class DistrictStanding(Command):
    """How the communities of a district stand now, as far as the caller watches over them.

    ``q`` asks for those whose name has it in it.
    """

    did: Id
    town: Id | None = None
    q: Annotated[Text | None, Field(max_length=50)] = None
    limit: int = Field(default=50, ge=1, le=100)


class ListWatchedIssues(ListCommand):
    """The issues of all communities that the caller watches over, newest first.

    ``q``: all of these words occur. ``open`` asks for those without an outcome, or for the others,
    ``overdue`` for those whose promise is past its limit.
    """

    town: Id | None = None
    community: Id | None = None
    status: IssueStatus | None = None
    category: Category | None = None
    open: bool | None = None
    overdue: bool = False
    q: Annotated[Text | None, Field(max_length=100)] = None


# -- what the caller gets -------------------------------------------------------------------------


class CommunityStanding(View):
    """A community now: open issues, those past their limit, posts that wait for an answer."""

    community_id: str
    name: str
    town_id: str
    town_name: str
    open: int
    overdue: int
    unanswered: int
    unanswered_overdue: int


class StandingReport(View):
    """The communities, the most that is late first; the sums are of all, ``more`` says of rest."""

    as_of: datetime
    communities: int
    open: int
    overdue: int
    unanswered: int
    unanswered_overdue: int
    items: list[CommunityStanding]
    more: bool


class WatchedIssue(View):
    """An issue without its text; who reported it is a building and a surname.

    Both are empty when that person asked to be hidden, or nobody's account stands behind it.
    ``due_at`` and ``stage`` are of the running promise, null where none runs.
    """

    id: str
    community_id: str
    community_name: str
    town_name: str
    title: str
    status: IssueStatus
    category: Category | None
    building: str
    surname: str
    due_at: datetime | None
    stage: str | None
    paused: bool
    overdue: bool
    supporters: int
    created_at: datetime


_WATCHERS = holders(*CASE_WATCHERS)

OPERATIONS: tuple[Operation, ...] = (
    Operation(
        "districtStanding", "GET /districts/{did}/standing", service="grid_bridge",
        who=_WATCHERS, command=DistrictStanding, result=StandingReport,
        summary="How the communities stand now",
    ),
    Operation(
        "listWatchedIssues", "GET /issues", service="grid_bridge", who=_WATCHERS,
        command=ListWatchedIssues, result=Page[WatchedIssue],
        summary="The issues of all that the caller watches over",
    ),
)  # fmt: skip
