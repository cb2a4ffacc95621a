"""Whom a topic waits for, and what the clock does when nobody comes.

::

    raised ──── seconders are wanted ──► the neighbours   lapses when too few came
           ──── returned ──────────────► its author       lapses when she leaves it
           ──── otherwise ─────────────► the desk         told once when it is overdue
    screened, actionable, proposal ────► the desk         told once when it is overdue
    prior_study ───────────────────────► the Party        told once when it is overdue
    discussion ────────────────────────► everybody        its days over, the desk forms the item:
                                         told when it may, and once when it is overdue
    notice and after ──────────────────► the poll's own times
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final

from services.contracts.errors import Conflict
from services.contracts.operations.votes.chain import ChainSettings
from services.votes.domain import chain
from services.votes.domain.chain import FROZEN, State


class Waits(StrEnum):
    """Whose turn it is."""

    SECONDERS = "seconders"
    AUTHOR = "author"
    DESK = "desk"
    PARTY = "party"
    TALK = "talk"
    """The neighbours are discussing it."""
    POLL = "poll"
    """The poll's times say what comes next, or nothing does."""


class Task(StrEnum):
    """What a topic waits for at the desk; the values are the contract's."""

    SCREEN_QUESTION = "screen_question"
    PUBLISH = "publish"
    FORM_ITEM = "form_item"
    SCREEN_ITEM = "screen_item"
    PRIOR_STUDY = "prior_study"
    DRAFT_PROPOSAL = "draft_proposal"


TASKS: Final[Mapping[State, Task]] = {
    State.RAISED: Task.SCREEN_QUESTION,
    State.SCREENED: Task.PUBLISH,
    State.DISCUSSION: Task.FORM_ITEM,
    State.ACTIONABLE: Task.SCREEN_ITEM,
    State.PRIOR_STUDY: Task.PRIOR_STUDY,
    State.PROPOSAL: Task.DRAFT_PROPOSAL,
}

LAPSE: Final = "topic.lapse"
OVERDUE: Final = "topic.overdue"
DUTIES: Final[Mapping[Waits, str]] = {
    Waits.SECONDERS: LAPSE,
    Waits.AUTHOR: LAPSE,
    Waits.DESK: OVERDUE,
    Waits.PARTY: OVERDUE,
    Waits.TALK: OVERDUE,
}
"""What the clock has to do when the deadline of a topic that waits so has passed."""


@dataclass(frozen=True, slots=True)
class Standing:
    """A topic as it stands, as far as it matters whose turn it is."""

    settings: ChainSettings
    state: State
    returned: bool
    seconded: bool
    """Enough have seconded it, once; it does not fall back when one of them thinks better."""

    @property
    def wants_seconders(self) -> bool:
        """Whether it cannot be screened before more have seconded it."""
        return (
            self.state is State.RAISED and "seconding" in self.settings.steps and not self.seconded
        )

    @property
    def seconders_wanted(self) -> int | None:
        """How many must second it; None where the chain asks for none."""
        return self.settings.seconders if "seconding" in self.settings.steps else None

    @property
    def waits(self) -> Waits:
        """Whose turn it is."""
        if self.wants_seconders:
            return Waits.SECONDERS
        if self.state is State.RAISED and self.returned:
            return Waits.AUTHOR
        if self.state is State.PRIOR_STUDY:
            return Waits.PARTY
        if self.state is State.DISCUSSION:
            return Waits.TALK
        return Waits.POLL if self.state in FROZEN else Waits.DESK

    @property
    def duty(self) -> str | None:
        """The duty of the clock at its deadline."""
        return DUTIES.get(self.waits)

    def deadline(self, since: datetime) -> datetime | None:
        """By when whoever's turn it is has to act, when it is theirs since then."""
        match self.waits:
            case Waits.SECONDERS:
                return since + timedelta(days=self.settings.seconding_days)
            case Waits.AUTHOR:
                return since + timedelta(days=self.settings.amending_days)
        return chain.deadline(self.settings, self.state, since)

    def ripens(self, to: State) -> bool:
        """Whether the step there is taken after the deadline, not before it."""
        return self.state is State.DISCUSSION and to is State.ACTIONABLE

    def late_from(self, deadline: datetime) -> datetime:
        """From when on whoever is in office is late.

        A discussion's deadline is the neighbours', who may speak until then at least: from then on
        the desk has as long to form the item as it has to screen a question.
        """
        if self.waits is Waits.TALK:
            return deadline + timedelta(days=self.settings.screening_days)
        return deadline

    def overdue(self, deadline: datetime | None, now: datetime) -> bool:
        """Whether somebody in office has let the deadline pass."""
        return self.duty == OVERDUE and deadline is not None and self.late_from(deadline) <= now


MOST_WAITING: Final = 10
"""Questions of one person in one community that wait for their first screening: each binds the desk
to a reasoned answer."""


class TooManyQuestions(Conflict):
    """She has enough questions waiting; the next one comes when one of them is screened."""

    code = "votes.too_many_questions"
    zh, en = (
        "您还有多个问题等待筛选，请稍后再提",
        "You have enough questions waiting to be screened",
    )


class WaitsForSeconders(Conflict):
    """A question that needs seconders is screened when it has them."""

    code = "votes.waits_for_seconders"
    zh, en = "附议人数还不够，暂不能筛选", "It cannot be screened before enough have seconded it"


class DiscussionRuns(Conflict):
    """The discussion is open for as long as the community's settings promise."""

    code = "votes.discussion_runs"
    zh, en = "讨论期还没有结束", "The discussion is not over yet"


class Locked(Conflict):
    """It was voted down a short while ago: the same thing may not come back yet."""

    code = "votes.locked"
    zh, en = (
        "同一事项表决未通过，锁定期内不能再次提出",
        "It was voted down; it may not come back yet",
    )


class NotLocked(Conflict):
    """The topic named as the reason was not voted down, or may come back by now."""

    code = "votes.not_locked"
    zh, en = "所指的议题没有处于锁定期", "The topic named does not keep the question from coming"


def locked_until(voted_down_at: datetime, lock_days: int) -> datetime | None:
    """Until when the same thing may not come back; None where the rules lock nothing."""
    return voted_down_at + timedelta(days=lock_days) if lock_days else None


def require_discussed(deadline: datetime | None, now: datetime) -> None:
    """The discussion has lasted its days.

    Raises:
        DiscussionRuns: it has not; the detail says until when it is open.
    """
    if deadline is not None and now < deadline:
        raise DiscussionRuns(f"open until {deadline.isoformat()}")
