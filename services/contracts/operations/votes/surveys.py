"""Surveys, the light sibling of a poll."""

from typing import Annotated, Any

from pydantic import Field

from services.contracts.operations.base import (
    NEIGHBOUR,
    PERSON,
    AnyObject,
    Command,
    Id,
    Line,
    ListCommand,
    Moment,
    Operation,
    Page,
)
from services.contracts.operations.votes.common import DESK


class ListSurveys(ListCommand):
    """The surveys of a community."""

    cid: Id


class CreateSurvey(Command):
    """A survey, the light sibling of a poll."""

    cid: Id
    title: Line
    questions: Annotated[list[dict[str, Any]], Field(min_length=1, max_length=50)]
    closes_at: Moment | None = None


class AnswerSurvey(Command):
    """My answers, in the order of the questions."""

    id: Id
    answers: Annotated[list[Any], Field(min_length=1, max_length=50)]


OPERATIONS: tuple[Operation, ...] = (
    Operation(
        "listSurveys", "GET /communities/{cid}/surveys", "votes", PERSON, ListSurveys,
        Page[AnyObject], "The community's surveys", built=False,
    ),
    Operation(
        "createSurvey", "POST /communities/{cid}/surveys", "votes", DESK, CreateSurvey, AnyObject,
        "Make a survey", status=201, built=False,
    ),
    Operation(
        "answerSurvey", "POST /surveys/{id}/answers", "votes", NEIGHBOUR, AnswerSurvey, AnyObject,
        "Answer a survey", status=201, built=False,
    ),
)  # fmt: skip
