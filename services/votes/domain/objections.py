"""Objections (异议): when they may be filed, when an answer is owed, and when they stand.

::

    filed ─► owed ─ answer ─► answered ─ first reply ─► owed ─ answer ─► answered
                                 └── satisfied ◄─► stands (the objector's mark)
      withdrawn: from anywhere, by the objector

An objection stands until its objector is satisfied or takes it back: silence after an answer is no
consent. The window in which they are filed begins with the period and lasts ``objection_days`` of
the rules, at most until voting opens, or the publicity ends. A reply asks for another answer once,
and within the window, so that nobody puts the vote off for ever.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from services.contracts.errors import Conflict, FieldError, Invalid, NotFound
from services.contracts.operations.votes.objections import ObjectionPeriod
from services.contracts.operations.votes.rules import RuleSet
from services.votes.domain.chain import State

MOST_OBJECTIONS: Final = 5
"""Of one person in one period."""
MOST_REPLIES: Final = 5
MOST_ANSWERS: Final = 20
MOST_MARKS: Final = 10
"""How often somebody may mark one objection otherwise: each time stands in the timeline."""
SHORTEST_ANSWER: Final = 10
"""Letters of a reasoned answer; less is a yes or a no."""

_WHILE: Final[dict[ObjectionPeriod, frozenset[State]]] = {
    "notice": frozenset({State.PROPOSAL, State.NOTICE}),
    "publicity": frozenset({State.PUBLICITY}),
}
"""Where a period is not over: that of the notice goes on while the text is drafted anew."""


class ObjectionNotFound(NotFound):
    """There is no such objection, or it is not the actor's to see."""

    code = "votes.objection_not_found"
    zh, en = "没有找到这条异议", "There is no such objection"


class NoObjectionsNow(Conflict):
    """The window for objections is not open, by the database's clock."""

    code = "votes.no_objections_now"
    zh, en = "现在不在异议期内", "Objections cannot be filed now"


class TooManyObjections(Conflict):
    """One person has objected, replied or marked otherwise often enough."""

    code = "votes.too_many_objections"
    zh, en = (
        "您在本期提出异议、回复或更改意见的次数已达上限",
        "You have objected, replied or changed your mark as often as anybody may",
    )


class ObjectionSettled(Conflict):
    """It was taken back, or its period is over."""

    code = "votes.objection_settled"
    zh, en = (
        "这条异议已撤回或所在的公示期已结束",
        "The objection was taken back, or its period is over",
    )


class NotAnsweredYet(Conflict):
    """There is no answer yet to reply to, or to be satisfied with."""

    code = "votes.not_answered_yet"
    zh, en = "这条异议还没有得到答复", "The objection has no answer yet"


class AnswerWithoutReason(Invalid):
    """Every objection gets a reasoned answer: not a word or two, and not its own words."""

    code = "votes.answer_without_reason"
    zh, en = "请写明答复的理由，不能只是简单回复或重复原话", "Please give a reasoned answer"


@dataclass(frozen=True, slots=True)
class Window:
    """When objections are filed: from ``opens`` until before ``closes``."""

    period: ObjectionPeriod
    opens: datetime
    closes: datetime

    def holds(self, at: datetime) -> bool:
        """Whether something filed at that moment is in time."""
        return self.opens <= at < self.closes


def window(state: str, since: datetime, rules: RuleSet, opens_at: datetime) -> Window | None:
    """The window of a topic that came into its state ``since``; None where nobody objects.

    Args:
        opens_at: when its poll opens.
    """
    days = timedelta(days=rules.objection_days)
    if state == State.NOTICE:
        return Window("notice", since, min(since + days, opens_at))
    if state == State.PUBLICITY:
        return Window("publicity", since, since + min(days, timedelta(days=rules.publicity_days)))
    return None


def running(period: ObjectionPeriod, state: str, withdrawn: bool) -> bool:
    """Whether its objector may still do something with an objection."""
    return not withdrawn and State(state) in _WHILE[period]


def require_running(period: ObjectionPeriod, state: str, withdrawn: bool) -> None:
    """Raise :class:`ObjectionSettled` when the period is over or the objection taken back."""
    if not running(period, state, withdrawn):
        raise ObjectionSettled()


def stands(mark: str | None, withdrawn: bool) -> bool:
    """Whether an objection stands: until she is satisfied or takes it back."""
    return not withdrawn and mark != "satisfied"


def require_reasoned(answer: str, said: list[str]) -> None:
    """Check an answer against what was ``said`` in the thread before.

    Raises:
        AnswerWithoutReason: it has too few letters, or is what was said already.
    """
    letters = _letters(answer)
    if len(letters) < SHORTEST_ANSWER:
        raise AnswerWithoutReason(
            errors=[FieldError("body", f"must have at least {SHORTEST_ANSWER} letters")]
        )
    if any(letters == _letters(one) for one in said):
        raise AnswerWithoutReason(errors=[FieldError("body", "was said before")])


def _letters(text: str) -> str:
    """What is left of words without blanks, marks and case."""
    return "".join(letter for letter in text.casefold() if letter.isalnum())
