"""What follows from a topic's end.

::

    planned ──▶ under_way ──▶ done        done and dropped may be taken up again
       └────────────┴───────▶ dropped

It begins when the chain is over, or while a result lies open (公示): with a covenant, with a vote
that failed, with a refusal.
"""

from collections.abc import Mapping
from datetime import date, datetime, time, timedelta
from typing import Final

from services.contracts.errors import Conflict, FieldError, Invalid, NotFound
from services.contracts.operations.votes.follow_ups import FollowUpState
from services.votes.domain.chain import ENDED, State
from services.votes.domain.days import CHINA, day_of

MOVES: Final[Mapping[FollowUpState, frozenset[FollowUpState]]] = {
    "planned": frozenset({"under_way", "done", "dropped"}),
    "under_way": frozenset({"done", "dropped"}),
    "done": frozenset({"under_way"}),
    "dropped": frozenset({"planned", "under_way"}),
}
OPEN: Final[frozenset[str]] = frozenset({"planned", "under_way"})
MOST: Final = 100
"""Items of one topic."""

MOST_PHOTOS: Final = 30
_BEGINS: Final = ENDED | {State.PUBLICITY}


class FollowUpNotFound(NotFound):
    """There is no such item, or it is not the actor's to see."""

    code = "votes.follow_up_not_found"
    zh, en = "没有找到这条后续事项", "There is no such item"


class ChainRuns(Conflict):
    """The topic is still on its way: nothing follows from it yet."""

    code = "votes.chain_runs"
    zh, en = "议题还没有结果，暂时不能登记后续事项", "Nothing follows before the topic has an end"


class WrongFollowUpState(Conflict):
    """The item cannot go there from where it stands."""

    code = "votes.follow_up_state"
    zh, en = "后续事项目前的状态不能这样操作", "The item does not allow this where it stands"


class FollowUpFull(Conflict):
    """The topic has enough items, or the item enough photos."""

    code = "votes.follow_up_full"
    zh, en = "后续事项或照片已达上限", "There are too many items, or photos"


class BadDueDay(Invalid):
    """What is planned is planned for a day to come."""

    code = "votes.bad_due_day"
    zh, en = "完成日期不能早于今天", "The day must not lie in the past"


def require_end(state: str) -> None:
    """Let something follow from a topic in this state; :class:`ChainRuns` when it has no end."""
    if State(state) not in _BEGINS:
        raise ChainRuns()


def move(state: FollowUpState, to: FollowUpState) -> None:
    """Let an item go from ``state`` to ``to``; :class:`WrongFollowUpState` when it cannot."""
    if to != state and to not in MOVES[state]:
        raise WrongFollowUpState()


def require_day(due_on: date | None, now: datetime) -> None:
    """Let a day be promised; :class:`BadDueDay` when it is over already."""
    if due_on is not None and due_on < day_of(now):
        raise BadDueDay(errors=[FieldError("due_on", "must not lie in the past")])


def late_from(due_on: date) -> datetime:
    """From when on something is late that was promised for this day."""
    return datetime.combine(due_on + timedelta(days=1), time(), CHINA)


def is_overdue(state: str, due_on: date | None, now: datetime) -> bool:
    """Whether it should have been done by now."""
    return state in OPEN and due_on is not None and late_from(due_on) <= now
