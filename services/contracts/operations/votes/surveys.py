"""Surveys (问卷), the light sibling of a poll: what neighbours think, not what is decided.

An anonymous survey keeps that somebody has answered and what was answered apart, as ballots do: so
an answer cannot be found again, and not be changed.
"""

from datetime import datetime
from typing import Annotated, Any, Literal, Self

from pydantic import Field, StringConstraints, model_validator

from services.contracts.operations.base import (
    NEIGHBOUR,
    PERSON,
    Command,
    Id,
    Line,
    ListCommand,
    Moment,
    Operation,
    Page,
    Text,
    View,
)
from services.contracts.operations.feed.common import AsSheet, Sheet
from services.contracts.operations.votes.common import DESK, Barred, Convener

SurveyState = Literal["draft", "open", "closed"]
OnePer = Literal["person", "household"]
AnswerBarred = Literal["closed", "answered"] | Barred
_Whole = Annotated[int, Field(ge=-(10**9), le=10**9, strict=True)]
_Choice = Annotated[Text, StringConstraints(strip_whitespace=True, min_length=1, max_length=100)]

# -- what is asked --------------------------------------------------------------------------------


class Question(Command):
    """A question, by its ``kind``.

    ``single`` and ``multiple`` have ``choices``, which answers name by their place from 0; of
    ``multiple`` at least ``least`` and at most ``most``. ``scale`` and ``number`` take whole
    numbers from ``lowest`` to ``highest``; ``text`` at most ``longest`` characters.
    """

    kind: Literal["single", "multiple", "scale", "number", "text"]
    text: Line
    required: bool = False
    choices: Annotated[list[_Choice], Field(max_length=50)] = []
    least: Annotated[int, Field(ge=0, le=50)] = 0
    most: Annotated[int, Field(ge=1, le=50)] | None = None
    lowest: _Whole | None = None
    highest: _Whole | None = None
    longest: Annotated[int, Field(ge=1, le=2_000)] = 500

    @model_validator(mode="after")
    def _makes_sense(self) -> Self:
        chosen = self.kind in ("single", "multiple")
        if chosen and not 2 <= len(set(self.choices)) == len(self.choices):
            raise ValueError("needs two choices or more, each another")
        if self.kind == "multiple" and not self.least <= (self.most or 50) <= 50:
            raise ValueError("least must not be more than most")
        if self.kind == "multiple" and max(self.least, self.most or 1) > len(self.choices):
            raise ValueError("has fewer choices than that")
        low, high = self.lowest, self.highest
        if self.kind == "scale" and not (low is not None and high is not None and low < high):
            raise ValueError("a scale needs lowest and highest")
        if self.kind == "scale" and low is not None and high is not None and high - low > 10:
            raise ValueError("a scale has at most 11 steps")
        if low is not None and high is not None and low > high:
            raise ValueError("lowest must not be more than highest")
        return self


# -- what the caller asks for ---------------------------------------------------------------------


class _Asked(Command):
    title: Line
    intro: Annotated[Text, Field(max_length=5_000)] = ""
    questions: Annotated[list[Question], Field(min_length=1, max_length=50)]
    anonymous: bool = True
    one_per: OnePer = "person"
    results: Literal["closed", "live"] = "closed"
    texts: Literal["staff", "public"] = "staff"
    plan_id: Id | None = None
    topic_id: Id | None = None
    closes_at: Moment | None = None

    @model_validator(mode="after")
    def _is_not_watched(self) -> Self:
        if self.anonymous and self.results == "live":
            raise ValueError("results that are watched live tell who gave the last answer")
        if sum(one.longest for one in self.questions if one.kind == "text") > 18_000:
            raise ValueError("the free texts together may have 18000 characters")
        return self


class ListSurveys(ListCommand):
    """The surveys of a community, the newest first; drafts are shown to their desk alone."""

    cid: Id
    state: SurveyState | None = None
    plan_id: Id | None = None
    topic_id: Id | None = None


class CreateSurvey(_Asked):
    """A survey, opened at once unless it is to stay a ``draft``.

    ``one_per`` household: of those who live in one dwelling the first who answers. ``results`` are
    shown when it is closed, or ``live`` if it is not anonymous. ``texts``: who reads free texts.
    """

    cid: Id
    convener: Convener = "residents_committee"
    draft: bool = False


class UpdateSurvey(_Asked):
    """A draft as a whole, put better."""

    id: Id


class OfSurvey(Command):
    """Concerning one survey."""

    id: Id


class AnswerSurvey(Command):
    """My answers, in the order of the questions; null for one that I leave out.

    Until the survey closes another answer takes the place of mine, unless it is anonymous.
    """

    id: Id
    answers: Annotated[list[Any], Field(min_length=1, max_length=50)]


class ExportSurvey(AsSheet):
    """The results as a table."""

    id: Id


class KnownSurveys(Command):
    """A service asks which of these are surveys that a community was asked."""

    community_id: Id
    ids: Annotated[list[Id], Field(max_length=200)]


# -- what the caller gets -------------------------------------------------------------------------


class SurveySummary(View):
    """A survey as a list shows it; ``answered``: I have answered it, or somebody did for me."""

    id: str
    community_id: str
    convener: Convener
    title: str
    state: SurveyState
    size: int
    anonymous: bool
    one_per: OnePer
    results: Literal["closed", "live"]
    texts: Literal["staff", "public"]
    plan_id: str | None
    topic_id: str | None
    closes_at: datetime | None
    opened_at: datetime | None
    closed_at: datetime | None
    answers: int
    answered: bool


class QuestionView(View):
    """A question as it is asked."""

    kind: Literal["single", "multiple", "scale", "number", "text"]
    text: str
    required: bool
    choices: list[str]
    least: int
    most: int | None
    lowest: int | None
    highest: int | None
    longest: int


class Survey(SurveySummary):
    """A survey with its questions; ``mine`` are my answers, where the survey is not anonymous."""

    intro: str
    questions: list[QuestionView]
    mine: list[Any] | None
    may_change: bool
    """Whether another answer takes the place of mine."""
    may_see: bool = False
    """Whether the results may be read now."""
    barred: AnswerBarred | None = None
    """Why no answer is taken from the caller; null where one is."""


class Answered(View):
    """The answer was taken; of an anonymous survey nothing more is known of it."""

    survey_id: str
    answers: int


class Counted(View):
    """How often something was answered; of ``scale`` the value, of choices their text."""

    answer: str
    count: int


class SurveyIds(View):
    """Those that are."""

    ids: list[str]


class QuestionResult(View):
    """What was answered to one question; ``share`` and ``mean`` are exact (``"n/d"``).

    ``texts`` is null for whoever may not read them, and so are those that wait for a look.
    """

    kind: Literal["single", "multiple", "scale", "number", "text"]
    text: str
    answered: int
    counts: list[Counted]
    mean: str | None
    median: str | None
    lowest: int | None
    highest: int | None
    texts: list[str] | None


class SurveyResults(View):
    """The results: sums of each question for itself, never across.

    ``withheld``: there are too few answers to an anonymous survey to tell them without telling
    whose they are.
    """

    survey_id: str
    state: SurveyState
    answers: int
    withheld: bool
    questions: list[QuestionResult]


OPERATIONS: tuple[Operation, ...] = (
    Operation(
        "listSurveys", "GET /communities/{cid}/surveys", "votes", PERSON, ListSurveys,
        Page[SurveySummary], "The community's surveys", assisted=True,
    ),
    Operation(
        "createSurvey", "POST /communities/{cid}/surveys", "votes", DESK, CreateSurvey, Survey,
        "Make a survey", status=201,
    ),
    Operation(
        "getSurvey", "GET /surveys/{id}", "votes", PERSON, OfSurvey, Survey, "A survey",
        assisted=True,
    ),
    Operation(
        "updateSurvey", "PUT /surveys/{id}", "votes", DESK, UpdateSurvey, Survey,
        "Put a draft better",
    ),
    Operation(
        "openSurvey", "POST /surveys/{id}/opening", "votes", DESK, OfSurvey, Survey,
        "Open a draft",
    ),
    # Neither the answer nor the hash of its few possible bodies is kept with a name.
    Operation(
        "answerSurvey", "POST /surveys/{id}/answers", "votes", NEIGHBOUR, AnswerSurvey, Answered,
        "Answer a survey", status=201, assisted=True, secret=True,
    ),
    Operation(
        "closeSurvey", "POST /surveys/{id}/closing", "votes", DESK, OfSurvey, Survey,
        "Close a survey",
    ),
    Operation(
        "surveyResults", "GET /surveys/{id}/results", "votes", PERSON, OfSurvey, SurveyResults,
        "The results of a survey",
    ),
    Operation(
        "exportSurvey", "GET /surveys/{id}/results/export", "votes", DESK, ExportSurvey, Sheet,
        "The results as a table",
    ),
    Operation(
        "knownSurveys", "INTERNAL", "votes", PERSON, KnownSurveys, SurveyIds,
        "Which of these surveys there are, for plans that rest on them",
    ),
)  # fmt: skip
