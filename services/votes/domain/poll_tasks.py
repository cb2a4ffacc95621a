"""What comes next with a poll, and by when: the desk's list, and the calendar of votes.

::

    roll ─► notice ─► voting ─► counting ─► publicity ─► sign ─► file ─► done
              │                                 │
              └──────── answer ◄────────────────┘     an objection waits for its answer

Nothing here is kept: each is read from the poll and its result as they are.
"""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from services.votes.domain.polls import COUNTING, Hold, State
from services.votes.domain.publicity import Awaits


class Task(StrEnum):
    """What is to be done next; the values are the contract's."""

    ROLL = "roll"
    """The roll is being drawn."""
    NOTICE = "notice"
    ANSWER = "answer"
    VOTING = "voting"
    COUNTING = "counting"
    PUBLICITY = "publicity"
    SIGN = "sign"
    FILE = "file"
    DONE = "done"


@dataclass(frozen=True, slots=True)
class Decided:
    """A result, as far as something is left to do with it; times as its row has them."""

    passed: bool
    ends_at: datetime | None
    waits: Collection[str]
    sign_by: datetime | None
    adopted_at: datetime | None
    file_by: datetime | None
    filed: bool
    annulled: bool


@dataclass(frozen=True, slots=True)
class Running:
    """A poll, as far as something is left to do with it; ``held`` is what it lacks."""

    state: str
    roll_state: str
    held: Collection[str]
    opens_at: datetime
    closes_at: datetime
    closed_at: datetime | None


Next = tuple[Task, datetime | None]
"""What is to be done, and by when; None where nobody promised a day."""


def task(poll: Running, result: Decided | None, now: datetime) -> Next:
    """What comes next with a poll; ``result`` is None while it has none."""
    match State(poll.state):
        case State.ANNOUNCED if poll.roll_state == "drawing":
            return Task.ROLL, poll.opens_at
        case State.ANNOUNCED:
            owed = Hold.OBJECTIONS in poll.held
            return Task.ANSWER if owed else Task.NOTICE, poll.opens_at
        case State.OPEN:
            return Task.VOTING, poll.closes_at
        case State.CLOSED:
            return Task.COUNTING, (poll.closed_at or poll.closes_at) + COUNTING
        case State.PUBLISHED if result is not None:
            return _after(result, now)
    return Task.DONE, None


def _after(result: Decided, now: datetime) -> Next:
    if not result.passed or result.annulled:
        return Task.DONE, None
    if result.adopted_at is None:
        if result.ends_at is None or now < result.ends_at:
            return Task.PUBLICITY, result.ends_at
        if Awaits.OBJECTIONS in result.waits:
            return Task.ANSWER, result.ends_at
        signs = Awaits.SIGN_OFF in result.waits or Awaits.REFUSED in result.waits
        return (Task.SIGN, result.sign_by) if signs else (Task.PUBLICITY, result.ends_at)
    if result.file_by is not None and not result.filed:
        return Task.FILE, result.file_by
    return Task.DONE, None
