"""Answer guides of the departments (问题应对指南): written there, found beside the answer box.

A guide has versions; what was answered by it keeps the one that it was answered by.
"""

from datetime import datetime
from typing import Annotated, Literal

from pydantic import Field

from services.contracts.actor import COMMITTEE, Role
from services.contracts.events.grid_bridge import Category
from services.contracts.operations.base import (
    Body,
    Command,
    Id,
    Line,
    ListCommand,
    Operation,
    Page,
    Reason,
    Text,
    View,
    holders,
)
from services.contracts.operations.grid_bridge.catalogue import Name
from services.contracts.operations.grid_bridge.common import AnswerOutcome, SlotKey

GUIDE_WRITERS = frozenset({Role.DEPARTMENT_STAFF, Role.DISTRICT_ADMIN})
"""Who writes guides, for the part of the district that the grant covers."""

GUIDE_READERS = COMMITTEE | GUIDE_WRITERS | {Role.TOWN_ADMIN, Role.DISTRICT_ANALYST}
"""Who reads the guides of the district that they serve in."""

_WRITERS, _READERS = holders(*GUIDE_WRITERS), holders(*GUIDE_READERS)

# -- what the caller asks for ---------------------------------------------------------------


class ListAnswerGuides(ListCommand):
    """The guides of a district's departments (问题应对指南), the newest first.

    ``q``: all of these words occur. ``for_issue``: those that concern the issue's place, and what
    fits its slot, its category and its words first. ``retired`` ones are shown when asked for.
    """

    did: Id
    q: Annotated[Text | None, Field(max_length=100)] = None
    category: Category | None = None
    slot: SlotKey | None = None
    for_issue: Id | None = None
    retired: bool = False


class GetAnswerGuide(Command):
    """One guide, with what it said before."""

    id: Id


class CreateAnswerGuide(Command):
    """A department writes a guide for where the writer serves: the district, or a part of it.

    ``slot`` is one of the district's catalogue and belongs to 8x; ``category`` follows from it.
    """

    did: Id
    department: Name
    title: Line
    body: Body
    category: Category | None = None
    slot: SlotKey | None = None


class UpdateAnswerGuide(Command):
    """A new version of a guide as a whole; ``version`` is the one that was read."""

    id: Id
    version: int = Field(ge=1, le=2**31 - 1)
    title: Line
    body: Body
    category: Category | None = None
    slot: SlotKey | None = None


class RetireAnswerGuide(Command):
    """A guide is not to be used any more; what was answered by it stays as it is."""

    id: Id
    reason: Reason


class ListAnswerGuideUses(ListCommand):
    """What a guide was used for, the newest first."""

    id: Id


# -- what the caller gets -------------------------------------------------------------------


class GuideRef(View):
    """A guide by which something was answered, as it was called then."""

    id: str
    version: int
    title: str


class AnswerGuideSummary(View):
    """A guide as lists show it; ``excerpt`` is how its text begins.

    ``fits`` says in what it fits the issue that was asked for. ``uses`` counts the answers that
    were given by it.
    """

    id: str
    did: str
    department: str
    title: str
    excerpt: str
    category: Category | None
    slot: str | None
    version: int
    fits: list[Literal["slot", "category", "words"]] = []
    uses: int
    last_used_at: datetime | None
    created_at: datetime
    updated_at: datetime
    retired_at: datetime | None


class AnswerGuideVersion(View):
    """What a guide said; ``by`` is told to those who may write it."""

    version: int
    title: str
    body: str
    category: Category | None
    slot: str | None
    at: datetime
    role: str
    by: str | None = None


class AnswerGuide(AnswerGuideSummary):
    """A guide with all of its versions, the newest first; ``may_write``: the caller may."""

    body: str
    retired_reason: str | None
    may_write: bool
    versions: list[AnswerGuideVersion]


class AnswerGuideUse(View):
    """One answer by a guide: where, to what kind of problem, with what outcome.

    Not which case it was: a department that was not invited to it does not read it.
    """

    at: datetime
    version: int
    community_id: str
    community_name: str
    category: Category | None
    slot: str | None
    outcome: AnswerOutcome


OPERATIONS: tuple[Operation, ...] = (
    Operation(
        "listAnswerGuides", "GET /districts/{did}/answer-guides", service="grid_bridge",
        who=_READERS, command=ListAnswerGuides, result=Page[AnswerGuideSummary],
        summary="Answer guides",
    ),
    Operation(
        "getAnswerGuide", "GET /answer-guides/{id}", service="grid_bridge", who=_READERS,
        command=GetAnswerGuide, result=AnswerGuide, summary="An answer guide with its versions",
    ),
    Operation(
        "createAnswerGuide", "POST /districts/{did}/answer-guides", service="grid_bridge",
        who=_WRITERS, command=CreateAnswerGuide, result=AnswerGuide, status=201,
        summary="Write an answer guide",
    ),
    Operation(
        "updateAnswerGuide", "PUT /answer-guides/{id}", service="grid_bridge",
        who=_WRITERS, command=UpdateAnswerGuide, result=AnswerGuide,
        summary="A new version of an answer guide",
    ),
    Operation(
        "retireAnswerGuide", "POST /answer-guides/{id}/retirement", service="grid_bridge",
        who=_WRITERS, command=RetireAnswerGuide, result=AnswerGuide,
        summary="Take an answer guide out of use",
    ),
    Operation(
        "listAnswerGuideUses", "GET /answer-guides/{id}/uses", service="grid_bridge",
        who=_WRITERS, command=ListAnswerGuideUses, result=Page[AnswerGuideUse],
        summary="What an answer guide was used for",
    ),
)  # fmt: skip
