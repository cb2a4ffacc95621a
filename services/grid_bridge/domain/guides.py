"""Answer guides (问题应对指南): a department's words for what the committees are asked.

::

    written (version 1) ──update──► version 2, 3, …        the writer of a version is kept with it
            └─────────┬───────────────┘
                   retire ──► retired: found no more, read still by what was answered by it

A search wants all of its words to occur; at this size their guides are read through. An issue is
compared by the pairs of characters that it shares with a guide (ADR 0021), and a pair that many
guides have says little.
"""

import unicodedata
from typing import Final

from services.contracts.actor import Actor, Grant, covers
from services.contracts.errors import Conflict, FieldError, Forbidden, Invalid, NotFound
from services.contracts.operations.grid_bridge.guides import GUIDE_WRITERS
from services.grid_bridge.domain.issue import Category, SlotNotAllowed

MOST_WORDS: Final = 5  # of a search
ISSUE_READ: Final = 400  # characters of an issue that are compared, as many as the classifier reads


class GuideNotFound(NotFound):
    """There is no such guide, or it is not the actor's to see."""

    code = "grid.guide_not_found"
    zh, en = "没有找到这份应对指南", "There is no such answer guide"


class UnknownGuide(Invalid):
    """An answer names a guide that is not in use where the issue is."""

    code = "grid.unknown_guide"
    zh, en = "没有适用于此处的这份应对指南", "No such answer guide is in use here"


class GuideChangedMeanwhile(Conflict):
    """The guide has another version than the one that was read."""

    code = "grid.guide_changed"
    zh, en = "应对指南已被他人修改，请重新查看", "Somebody else has changed the guide meanwhile"


class GuideRetired(Conflict):
    """The guide is out of use and does not change any more."""

    code = "grid.guide_retired"
    zh, en = "这份应对指南已停用", "The answer guide is out of use"


class NotYourDepartment(Forbidden):
    """The guide is for more than the actor's department serves."""

    code = "grid.not_your_department"
    zh, en = (
        "只有该部门或区管理员可以修改这份指南",
        "Only its department or the district may write it",
    )


def scope_of(actor: Actor, district: str) -> Grant | None:
    """The grant by which the actor writes in a district, the widest; None when she has none."""
    grants = [
        grant
        for grant in actor.grants
        if grant.role in GUIDE_WRITERS
        and (covers(grant.path, district) or covers(district, grant.path))
    ]
    return min(grants, key=lambda grant: (grant.path.count("."), grant.path), default=None)


def reach_of(grant: Grant, district: str) -> str:
    """The node that a guide written by this grant is for; never more than the district."""
    return grant.path if covers(district, grant.path) else district


def kind_of(category: str | None, slot: str | None) -> Category | None:
    """The category that a guide is for; a slot makes it 8x.

    Raises:
        SlotNotAllowed: a slot was given to another category.
    """
    if slot is None:
        return Category(category) if category else None
    if category not in (None, Category.HARD):
        raise SlotNotAllowed(errors=[FieldError("slot", "belongs to 8x alone")])
    return Category.HARD


def fold(text: str) -> str:
    """``text`` without the differences that a search does not see: width, capitals, spaces."""
    return " ".join(unicodedata.normalize("NFKC", text).casefold().split())


def words(query: str | None) -> list[str]:
    """The words of a query that must all occur, folded; at most five."""
    return fold(query or "").split(" ")[:MOST_WORDS] if query and fold(query) else []


def pairs(text: str) -> list[str]:
    """The pairs of characters side by side in folded words; marks part them, as spaces do."""
    apart = "".join(one if one.isalnum() else " " for one in text)
    return sorted({word[at : at + 2] for word in apart.split() for at in range(len(word) - 1)})
