"""The committee's own work on its cases: taken in at the desk, given to somebody, timed, confirmed.

Days of absence are China's calendar days, the first and the last included.
"""

from datetime import date, datetime
from typing import Annotated, Literal

from pydantic import ConfigDict, Field

from services.contracts.operations.base import (
    PERSON,
    Body,
    Command,
    Id,
    Line,
    Operation,
    Reason,
    Text,
    View,
)
from services.contracts.operations.grid_bridge.common import (
    STAFF,
    AttachmentIds,
    IssueAssignee,
    Where,
)
from services.contracts.operations.grid_bridge.issues import Issue, IssueReceipt

_Minutes = Annotated[int, Field(ge=1, le=1_440, strict=True)]


class RecordIntake(Command):
    """A case taken by phone, at the desk or from a letter (来电来访).

    Either ``person_id`` says which resident it is from, or ``anonymous`` that nobody is named.
    Whoever called did not choose to stand on the page: her name is hidden unless she wants it.
    """

    cid: Id
    source: Literal["phone", "visit", "letter"]
    title: Line
    body: Body
    location: Where | None = None
    attachments: AttachmentIds = []
    person_id: Id | None = None
    anonymous: bool = False
    hide_name: bool = True


class AssignIssue(Command):
    """One of the committee takes it on, or hands it over."""

    id: Id
    person_id: Id
    reason: Reason | None = None


class UnassignIssue(Command):
    """It is everybody's again."""

    id: Id


class PutAbsence(Command):
    """Somebody of the committee is away, and who stands in; the caller unless ``person_id`` says.

    There is one absence a person: another takes the place of the last.
    """

    model_config = ConfigDict(extra="ignore", populate_by_name=True)

    cid: Id
    from_: Annotated[date, Field(alias="from")]
    to: date
    cover_id: Id
    person_id: Id | None = None


class EndAbsence(Command):
    """She is back, or does not go."""

    cid: Id
    person_id: Id | None = None


class ListAbsences(Command):
    """Who of the committee is away, or will be."""

    cid: Id


class LogMinutes(Command):
    """Time spent on a case, at most a day at once."""

    id: Id
    minutes: _Minutes
    note: Annotated[Text, Field(max_length=500)] = ""


class ListMinutes(Command):
    """The time spent on a case."""

    id: Id


class ConfirmSolved(Command):
    """The reporter says whether what the neighbourhood tried has solved it (居民确认)."""

    id: Id
    solved: bool = True
    comment: Annotated[Text, Field(max_length=1_000)] = ""


class Absence(View):
    """Somebody's absence with whoever stands in."""

    model_config = ConfigDict(extra="ignore", populate_by_name=True)

    person: IssueAssignee
    cover: IssueAssignee
    from_: Annotated[date, Field(alias="from")]
    to: date


class Absences(View):
    """Who is away today or later, the first to go first."""

    items: list[Absence]


class MinutesEntry(View):
    """One entry of the time sheet."""

    person_id: str
    display_name: str
    minutes: int
    note: str
    at: datetime


class Minutes(View):
    """The minutes spent on an issue, in all and one by one, newest first (at most 100)."""

    total: int
    items: list[MinutesEntry]


OPERATIONS: tuple[Operation, ...] = (
    Operation(
        "recordIntake", "POST /communities/{cid}/intakes", service="grid_bridge", who=STAFF,
        command=RecordIntake, result=IssueReceipt, status=201,
        summary="Take in a call, a visit or a letter",
    ),
    Operation(
        "assignIssue", "PUT /issues/{id}/assignee", service="grid_bridge", who=STAFF,
        command=AssignIssue, result=Issue, summary="Give an issue to one of the committee",
    ),
    Operation(
        "unassignIssue", "DELETE /issues/{id}/assignee", service="grid_bridge", who=STAFF,
        command=UnassignIssue, result=Issue, summary="Give an issue back to the committee",
    ),
    Operation(
        "putAbsence", "PUT /communities/{cid}/absence", service="grid_bridge", who=STAFF,
        command=PutAbsence, result=Absence, summary="Say who is away and who stands in",
    ),
    Operation(
        "endAbsence", "DELETE /communities/{cid}/absence", service="grid_bridge", who=STAFF,
        command=EndAbsence, result=Absences, summary="End an absence",
    ),
    Operation(
        "listAbsences", "GET /communities/{cid}/absences", service="grid_bridge", who=STAFF,
        command=ListAbsences, result=Absences, summary="Who is away",
    ),
    Operation(
        "logMinutes", "POST /issues/{id}/minutes", service="grid_bridge", who=STAFF,
        command=LogMinutes, result=Minutes, summary="Note time spent on an issue",
    ),
    Operation(
        "listMinutes", "GET /issues/{id}/minutes", service="grid_bridge", who=STAFF,
        command=ListMinutes, result=Minutes, summary="The time spent on an issue",
    ),
    Operation(
        "confirmSolved", "POST /issues/{id}/confirmation", service="grid_bridge", who=PERSON,
        command=ConfirmSolved, result=Issue, summary="Confirm that it is solved, or not",
    ),
)  # fmt: skip
