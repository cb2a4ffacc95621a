"""A poll's life: announced, open, closed, published, or void.

::

    announced ──► open ──► closed ──► published
        │         │  ▲ │      │           │
        │         └──┘ │      │           │
        │      extended│      │           │
        └──────────────┴──────┴─► void ◄──┘ (annulled)

The clock opens, closes and publishes; the desk may only stop a poll, for a reason that everybody
reads. An opening that lacks something (the roll, an answer) is held; so is a publishing.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final

from services.contracts.errors import Conflict

RETRY: Final = timedelta(minutes=10)
"""How often the clock looks again at what is held, if nobody tells it before."""
COUNTING: Final = timedelta(days=3)
"""How long after the close papers may still come in from the street before they count as lost."""
LAST_DAY: Final = timedelta(days=1)


class State(StrEnum):
    """Where a poll stands; the values are the contract's."""

    ANNOUNCED = "announced"
    OPEN = "open"
    CLOSED = "closed"
    PUBLISHED = "published"
    VOID = "void"


_S = State
STEPS: Final[Mapping[State, frozenset[State]]] = {
    _S.ANNOUNCED: frozenset({_S.OPEN, _S.VOID}),
    _S.OPEN: frozenset({_S.CLOSED, _S.VOID}),
    _S.CLOSED: frozenset({_S.PUBLISHED, _S.VOID}),
    _S.PUBLISHED: frozenset({_S.VOID}),
    _S.VOID: frozenset(),
}
RUNNING: Final = frozenset({_S.ANNOUNCED, _S.OPEN, _S.CLOSED})
"""Where a poll may still be stopped; a published one is annulled."""


class Hold(StrEnum):
    """What keeps a poll from opening, or its result from being published."""

    ROLL = "roll"
    """Its pages are still being drawn."""
    EMPTY_ROLL = "empty_roll"
    OBJECTIONS = "objections"
    """One has no reasoned answer."""
    TEXT = "text"
    """The text is not the one that was announced."""
    PAPERS = "papers"
    """Papers are still out."""
    SHEETS = "sheets"
    """A sheet is missing or not confirmed by a second person, or the books do not agree."""
    TALLY = "tally"
    """The votes are not those of the entries that are marked on the roll."""


class PollRefuses(Conflict):
    """The poll is past that, or not there yet."""

    code = "votes.poll_refuses"
    zh, en = "表决现在的状态不允许这样做", "The state of the poll does not allow this"


class NotClosed(Conflict):
    """Nobody learns a result before the close."""

    code = "votes.not_closed"
    zh, en = "表决还没有结束，结果要等结束后公布", "Voting is not over; there is no result yet"


class NotPublished(Conflict):
    """Voting is over, and the papers are still being counted."""

    code = "votes.not_published"
    zh, en = "表决已结束，正在计票，结果尚未公布", "Votes are being counted; there is no result yet"


class NoResult(Conflict):
    """The poll was stopped before it had a result."""

    code = "votes.poll_void"
    zh, en = "这次表决已作废，没有结果", "The poll was stopped; it has no result"


def require_running(state: str) -> None:
    """Raise :class:`PollRefuses` unless the poll may still be stopped."""
    if state not in RUNNING:
        raise PollRefuses()


def step(was: str, to: State) -> None:
    """Check a step of a poll.

    Raises:
        PollRefuses: there is no such step.
    """
    if to not in STEPS[State(was)]:
        raise PollRefuses()


@dataclass(frozen=True, slots=True)
class Span:
    """From when until when voting lasts."""

    opens_at: datetime
    closes_at: datetime

    def moved(self, to: datetime) -> "Span":
        """The same length from another beginning on, where that is later."""
        late = max(to - self.opens_at, timedelta())
        return Span(self.opens_at + late, self.closes_at + late)


def announced(wished: Span, now: datetime, notice_days: int) -> Span:
    """When voting is, if it is announced now: the notice is never cut short, and voting neither.

    A text may have been written long before it is announced. What is missing of the notice moves
    the opening, and the close with it.
    """
    return wished.moved(now + timedelta(days=notice_days))


def opened(planned: Span, now: datetime, *, held: bool) -> datetime:
    """When voting closes that opens now, or goes on.

    One that was held lasts as long as was promised. One that the machine was late for closes as
    announced while at least half of its time is left: the announced close is what people go by.
    """
    promised = planned.closes_at - planned.opens_at
    if not held and planned.closes_at - now >= promised / 2:
        return planned.closes_at
    return planned.moved(now).closes_at


def reminded(opened_at: datetime, closes_at: datetime) -> datetime:
    """When those who have not voted are reminded: in the last quarter, or the day before."""
    return closes_at - min(LAST_DAY, (closes_at - opened_at) / 4)
