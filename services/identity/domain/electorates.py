"""Who may be asked for as a roll of voters, by whom, and for how long a snapshot is kept."""

from datetime import timedelta
from typing import Final

from services.contracts.actor import COMMITTEE, Actor, Role
from services.contracts.errors import (
    Conflict,
    FieldError,
    Invalid,
    NotFound,
    RateLimited,
    RuleBroken,
)
from services.contracts.operations.identity import OfElectorate

KEPT: Final = timedelta(hours=24)
MOST_AT_ONCE: Final = 20
"""Snapshots of one community that may be kept at the same time."""
MOST_ENTRIES: Final = 200_000
QUICK: Final = timedelta(seconds=1)
"""So long whoever announces waits for the snapshot; otherwise it comes after the ticket."""
LONGEST: Final = timedelta(seconds=12)
"""A snapshot that takes longer than this is none."""

_OF_OWNERS: Final = frozenset({"owners", "affected_owners"})
_OWNERS_BODIES: Final = COMMITTEE | {Role.OWNERS_COMMITTEE}


class ElectorateNotFound(NotFound):
    """No snapshot is opened by this ticket: it was dropped, or its day is over."""

    code = "identity.electorate_not_found"
    zh, en = "没有找到这份名单快照，或已过期", "There is no such snapshot, or its time is over"


class ElectorateBeingDrawn(Conflict):
    """The snapshot is being taken; it can be read in a moment."""

    code = "identity.electorate_being_drawn"
    zh, en = "名单快照正在生成，请稍后再试", "The snapshot is being taken; please try again soon"


class ElectorateImpossible(Invalid):
    """There is nobody of the kind in such a community, or the place is none of it."""

    code = "identity.electorate_impossible"
    zh, en = "该社区没有这样的表决人范围", "This community has no such electorate"


class ElectorateTooLarge(RuleBroken):
    """More subjects than a roll may have."""

    code = "identity.electorate_too_large"
    zh, en = "表决人数超过上限", "There are more voters than a roll may have"


class TooManyElectorates(RateLimited):
    """So many snapshots were taken within a day that something must be wrong."""

    code = "identity.too_many_electorates"
    zh, en = "今天生成的名单过多，请明天再试", "Too many rolls were drawn today"


def require_convenes(actor: Actor, cmd: OfElectorate, path: str) -> None:
    """Raise unless the actor belongs to a body that calls such voters together at ``path``.

    The residents' committee calls residents; owners are called by their committee, or by the
    residents' committee where they have none (民法典 art. 277).
    """
    actor.require(_OWNERS_BODIES if cmd.who in _OF_OWNERS else COMMITTEE, path)


def check(cmd: OfElectorate, community_kind: str | None) -> None:
    """Raise :class:`ElectorateImpossible` for what no community of the kind has."""
    if cmd.who == "villagers" and community_kind != "village":
        raise ElectorateImpossible(errors=[FieldError("who", "只有村才有村民表决")])
    if cmd.who == "affected_owners" and cmd.within is None:
        raise ElectorateImpossible(errors=[FieldError("within", "请指明受影响的范围")])
