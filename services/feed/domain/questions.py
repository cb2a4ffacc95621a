"""Supervision questions (监督提问): asked in public, answered in office, in time.

::

    open ──answer──▶ answered
      └──its time is over──▶ overdue ──answer──▶ answered (late, and seen to be)
"""

from datetime import datetime, timedelta
from typing import Final

from services.contracts.errors import Conflict, FieldError, Forbidden, Invalid, NotFound, RuleBroken

# Ours: no law found says within how many days. 罗店's rule is that each remark gets a reply.
DAYS_TO_ANSWER: Final = 7
TO_ANSWER: Final = ("shown", "waiting")  # the states in which the office owes an answer
MOST_OPEN: Final = 20  # of one person in one community, so that asking stays asking


class QuestionNotFound(NotFound):
    """There is no such question, or it is not the actor's to see."""

    code = "feed.question_not_found"
    zh, en = "没有这个提问", "There is no such question"


class NoQuestionsHere(RuleBroken):
    """The module's posts take no supervision questions."""

    code = "feed.no_questions_here"
    zh, en = "这个栏目不接受监督提问", "This module takes no supervision questions"


class QuestionAnsweredAlready(Conflict):
    """It was answered already; another question may follow."""

    code = "feed.question_answered"
    zh, en = "已经答复过，可以再提新的问题", "It was answered already; please ask another question"


class MayNotAnswer(Forbidden):
    """The office that discloses answers, and nobody answers her own question."""

    code = "feed.may_not_answer"
    zh, en = "只有公开此事的部门可以答复", "Only the office that discloses this may answer"


class TooManyQuestions(RuleBroken):
    """So many questions of one person wait for an answer."""

    code = "feed.too_many_questions"
    zh = "您还有很多提问在等待答复，请稍后再提"
    en = "Many of your questions wait for an answer; please ask more later"


def due_at(asked_at: datetime) -> datetime:
    """Until when a question asked now must be answered."""
    return asked_at + timedelta(days=DAYS_TO_ANSWER)


def check_line(line: int | None, published_lines: int) -> None:
    """A question about a line names one that the published account has."""
    if line is not None and line > published_lines:
        raise Invalid(errors=[FieldError("line", "账目没有这一行")])
