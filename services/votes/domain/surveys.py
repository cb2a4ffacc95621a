"""A survey: what may be answered, and what the answers come to.

::

    draft ──▶ open ──▶ closed        the clock closes it, or the desk

Sums are whole numbers, means and medians exact fractions. Each question is counted for itself: a
table across two of them would tell of a single neighbour what she answered to the other.
"""

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from fractions import Fraction
from statistics import median
from typing import Any, Final

from services.contracts.errors import Conflict, FieldError, Invalid, NotFound
from services.votes.domain.count_words import exact

FEWEST: Final = 3
"""Below so many answers an anonymous survey tells nothing: whoever knows who has answered would
know what, or almost."""

Question = Mapping[str, Any]


class SurveyNotFound(NotFound):
    """There is no such survey, or it is not the actor's to see."""

    code = "votes.survey_not_found"
    zh, en = "没有找到这份问卷", "There is no such survey"


class WrongSurveyState(Conflict):
    """The survey does not allow it where it stands."""

    code = "votes.survey_state"
    zh, en = "问卷目前的状态不能这样操作", "The survey does not allow this where it stands"


class SurveyNotOpen(Conflict):
    """No answer is taken any more, or none yet."""

    code = "votes.survey_not_open"
    zh, en = "问卷不在答题时间内", "The survey is not open"


class AlreadyAnswered(Conflict):
    """She, or somebody of her household, has answered; and it cannot be changed."""

    code = "votes.already_answered"
    zh, en = "您或您家已答过这份问卷", "You or your household have answered this survey"


class NoHousehold(Conflict):
    """She has no dwelling here, so she answers for no household."""

    code = "votes.no_household"
    zh, en = "您在本社区没有登记住处，不能代表一户答题", "You have no dwelling here to answer for"


class BadAnswers(Invalid):
    """An answer does not fit its question."""

    code = "votes.bad_answers"
    zh, en = "有的回答不符合要求", "Some answers do not fit their questions"


class BadClosing(Invalid):
    """A survey closes in time to come."""

    code = "votes.bad_closing"
    zh, en = "截止时间应晚于现在", "It must close later than now"


class UnknownPlan(Invalid):
    """There is no such plan of this community."""

    code = "votes.unknown_plan"
    zh, en = "本社区没有这份方案", "This community has no such plan"


class ResultsLater(Conflict):
    """Results are shown when the survey is closed."""

    code = "votes.results_later"
    zh, en = "问卷结束后才公布结果", "The results are shown when the survey is closed"


def require_closing(closes_at: datetime | None, now: datetime) -> None:
    """Let a survey close then; :class:`BadClosing` when that is over."""
    if closes_at is not None and closes_at <= now:
        raise BadClosing(errors=[FieldError("closes_at", "must be later than now")])


def takes_answers(state: str, closes_at: datetime | None, now: datetime) -> bool:
    """Whether an answer is in time."""
    return state == "open" and (closes_at is None or now < closes_at)


# -- answers --------------------------------------------------------------------------------------


def checked(questions: Sequence[Question], answers: Sequence[Any]) -> list[Any]:
    """The answers as they are kept: one to each question, None where nothing was answered.

    Raises:
        BadAnswers: some do not fit; ``answers.3`` is the fourth question's.
    """
    if len(answers) != len(questions):
        raise BadAnswers(errors=[FieldError("answers", f"must be {len(questions)}")])
    kept, wrong = [], []
    for place, (question, given) in enumerate(zip(questions, answers, strict=True)):
        try:
            kept.append(_checked(question, given))
        except ValueError as error:
            wrong.append(FieldError(f"answers.{place}", str(error)))
    if wrong:
        raise BadAnswers(errors=wrong)
    return kept


def _checked(question: Question, given: Any) -> Any:
    if given in (None, "", []):
        if question["required"] or (question["kind"] == "multiple" and question["least"]):
            raise ValueError("must be answered")
        return None
    return _CHECKS[question["kind"]](question, given)


def _single(question: Question, given: Any) -> int:
    return _among(given, 0, len(question["choices"]) - 1)


def _multiple(question: Question, given: Any) -> list[int]:
    if not isinstance(given, list) or len(given) > len(question["choices"]):
        raise ValueError("must be a list of choices")
    chosen = {_single(question, one) for one in given}
    if len(chosen) != len(given):
        raise ValueError("names a choice twice")
    most = question["most"] or len(question["choices"])
    if not question["least"] <= len(chosen) <= most:
        raise ValueError(f"must be {question['least']} to {most} choices")
    return sorted(chosen)


def _whole(question: Question, given: Any) -> int:
    low, high = question["lowest"], question["highest"]
    return _among(given, -(10**9) if low is None else low, 10**9 if high is None else high)


def _text(question: Question, given: Any) -> str | None:
    if not isinstance(given, str) or "\x00" in given:
        raise ValueError("must be a text")
    try:
        given.encode()
    except UnicodeEncodeError:
        raise ValueError("must be valid Unicode") from None
    said = given.strip()
    if len(said) > question["longest"]:
        raise ValueError(f"may have {question['longest']} characters")
    if question["required"] and not said:
        raise ValueError("must be answered")
    return said or None


def _among(given: Any, low: int, high: int) -> int:
    if type(given) is not int or not low <= given <= high:
        raise ValueError(f"must be a whole number from {low} to {high}")
    return given


_CHECKS: Final[Mapping[str, Callable[[Question, Any], Any]]] = {
    "single": _single,
    "multiple": _multiple,
    "scale": _whole,
    "number": _whole,
    "text": _text,
}


def words(questions: Sequence[Question], answers: Sequence[Any]) -> str:
    """All that was said in free texts."""
    return "\n".join(
        said
        for question, said in zip(questions, answers, strict=True)
        if question["kind"] == "text" and said
    )


# -- results --------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Result:
    """What was answered to one question."""

    answered: int
    counts: list[tuple[str, int]]
    mean: str | None = None
    median: str | None = None
    lowest: int | None = None
    highest: int | None = None


def result(question: Question, answers: Sequence[Any]) -> Result:
    """The sums of one question, of answers that were checked; None was not answered."""
    given = [one for one in answers if one is not None]
    kind = question["kind"]
    if kind in ("single", "multiple"):
        chosen = Counter(place for one in given for place in (one if kind == "multiple" else [one]))
        counts = [(text, chosen[place]) for place, text in enumerate(question["choices"])]
        return Result(len(given), counts)
    if kind == "text" or not given:
        steps = range(question["lowest"], question["highest"] + 1) if kind == "scale" else ()
        return Result(len(given), [(str(step), 0) for step in steps])
    counts = []
    if kind == "scale":
        times = Counter(given)
        steps = range(question["lowest"], question["highest"] + 1)
        counts = [(str(step), times[step]) for step in steps]
    return Result(
        len(given),
        counts,
        exact(Fraction(sum(given), len(given))),
        exact(median(map(Fraction, given))),
        min(given),
        max(given),
    )


def told(state: str, results: str) -> bool:
    """Whether the results may be read now: after the close, or all the time where so."""
    return state == "closed" or results == "live"


def withheld(*, anonymous: bool, answers: int) -> bool:
    """Whether there are too few answers to tell them."""
    return anonymous and 0 < answers < FEWEST
