"""Breaches of a covenant (违约): a report opens a conversation first.

Those who talk are the reporter, the body that convened the covenant and, once it brings her in, the
person concerned. Nobody else reads it; what everybody sees is how many there were, by article.
"""

from datetime import datetime
from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from services.contracts.operations.base import (
    NEIGHBOUR,
    PERSON,
    Body,
    Command,
    Id,
    ListCommand,
    Operation,
    Page,
    Reason,
    Text,
    View,
)
from services.contracts.operations.votes.common import DESK, Convener

BreachState = Literal["open", "talking", "settled", "to_issue", "closed"]
BreachAction = Literal["reply", "settled", "closed", "to_issue"]
Talk = Literal["agreed", "failed"]
_Label = Annotated[Text, Field(max_length=100)]
_Words = Annotated[Body, Field(max_length=4_000)]

# -- what the caller asks for ---------------------------------------------------------------------


class ReportBreach(Command):
    """Somebody does not keep the covenant.

    ``article`` is an article's key, ``place`` where it was seen, ``building`` whose it is, by the
    building: nobody is reported by name. ``hide_me``: the person concerned is not told who reports
    it; the residents' committee always knows.
    """

    id: Id
    article: Id | None = None
    body: _Words
    place: _Label = ""
    building: _Label = ""
    hide_me: bool = False


class ListBreaches(ListCommand):
    """Reported breaches: all of the desk's, of anybody else those that she has a part in.

    What waits too long for a first reaction stands first, then what waits, then the newest.
    """

    cid: Id
    covenant_id: Id | None = None
    article: Id | None = None
    state: BreachState | None = None
    overdue: bool = False


class OfBreach(Command):
    """Concerning one breach."""

    id: Id


class ReplyToBreach(Command):
    """A note in the conversation; ``talk``: the desk has talked with them, and what came of it."""

    id: Id
    body: _Words
    talk: Talk | None = None


class BringIntoBreach(Command):
    """The desk brings the person concerned into the conversation."""

    id: Id
    person_id: Id


class ShowBreachNote(Command):
    """The desk shows a note that waited because of its words to the others, as it is."""

    id: Id
    note: Annotated[int, Field(ge=1, le=2**53)]


class SettleBreach(Command):
    """How it ends: settled, closed, or, when talk has failed, handed on as an issue.

    The reporter may settle it, or take it back by closing it. ``issue_id`` is the issue that the
    desk reported of it.
    """

    id: Id
    state: Literal["settled", "to_issue", "closed"]
    reason: Reason
    issue_id: Id | None = None

    @model_validator(mode="after")
    def _names_its_issue(self) -> Self:
        if (self.issue_id is not None) != (self.state == "to_issue"):
            raise ValueError("to_issue names its issue_id, and nothing else does")
        return self


# -- what the caller gets -------------------------------------------------------------------------


class BreachPerson(View):
    """Somebody of the conversation, as neighbours know her."""

    person_id: str
    display_name: str
    building_label: str


class BreachNote(View):
    """What was said; ``person`` is null for the desk, and for whom the reader is not told."""

    id: int
    role: str
    person: BreachPerson | None
    mine: bool
    body: str
    talk: Talk | None
    waits: bool
    at: datetime


class BreachSummary(View):
    """A reported breach; ``role`` is what the reader is in it.

    ``due_at`` is by when the desk should have reacted, ``reacted_at`` when it did.
    """

    id: str
    covenant_id: str
    covenant_title: str
    community_id: str
    convener: Convener
    version: int
    article: str | None
    state: BreachState
    role: Literal["desk", "reporter", "concerned"]
    place: str
    building: str
    hide_me: bool
    due_at: datetime
    overdue: bool
    reacted_at: datetime | None
    failed_talks: int
    issue_id: str | None
    reason: str | None
    created_at: datetime
    ended_at: datetime | None


class Breach(BreachSummary):
    """A breach with its conversation, in order; the first note is the report itself.

    ``actions`` is what the reader may do now: reply, or end it like that.
    """

    reporter: BreachPerson | None
    """Null where she is hidden from the reader, or has left for good."""
    concerned: list[BreachPerson]
    """Whom the desk brought in; shown to the desk, and herself to each."""
    notes: list[BreachNote]
    actions: list[BreachAction] = []


OPERATIONS: tuple[Operation, ...] = (
    Operation(
        "reportBreach", "POST /covenants/{id}/breaches", "votes", NEIGHBOUR, ReportBreach,
        Breach, "Report that a covenant is not kept", status=201, assisted=True,
    ),
    Operation(
        "listBreaches", "GET /communities/{cid}/breaches", "votes", PERSON, ListBreaches,
        Page[BreachSummary], "Reported breaches that I have to do with",
    ),
    Operation(
        "getBreach", "GET /breaches/{id}", "votes", PERSON, OfBreach, Breach,
        "A breach with its conversation", audited=True,
    ),
    Operation(
        "replyToBreach", "POST /breaches/{id}/notes", "votes", PERSON, ReplyToBreach, Breach,
        "Say something in the conversation", status=201,
    ),
    Operation(
        "bringIntoBreach", "POST /breaches/{id}/concerned", "votes", DESK, BringIntoBreach, Breach,
        "Bring the person concerned into the conversation",
    ),
    Operation(
        "showBreachNote", "POST /breaches/{id}/notes/{note}/show", "votes", DESK, ShowBreachNote,
        Breach, "Show a note that waited",
    ),
    Operation(
        "settleBreach", "POST /breaches/{id}/outcome", "votes", PERSON, SettleBreach, Breach,
        "End the conversation, with what came of it",
    ),
)  # fmt: skip
