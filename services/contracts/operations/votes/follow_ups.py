"""What became of it (后续): what follows from a topic's end, whichever it was.

The chain does not end with a vote. The convening body says what will be done, by whom and by when,
and how it goes; each of it is a line on the topic's timeline.
"""

from datetime import date, datetime
from typing import Annotated, Literal

from pydantic import Field

from services.contracts.events.grid_bridge import Attachment
from services.contracts.operations.base import (
    PERSON,
    Command,
    Day,
    Id,
    Line,
    ListCommand,
    Operation,
    Page,
    Reason,
    Text,
    View,
)
from services.contracts.operations.votes.common import DESK

FollowUpState = Literal["planned", "under_way", "done", "dropped"]
_Who = Annotated[Text, Field(min_length=1, max_length=100)]

# -- what the caller asks for ---------------------------------------------------------------------


class AddFollowUp(Command):
    """Something follows; ``who`` is an office or a body (居委会、物业), no neighbour's name."""

    id: Id
    what: Line
    who: _Who
    due_on: Day | None = None


class UpdateFollowUp(Command):
    """How it goes: ``note`` says it in words, which everybody reads; photos are uploads of mine.

    Only what is given is changed; photos are added. What is dropped is dropped for the reason that
    the note gives.
    """

    id: Id
    note: Reason
    state: FollowUpState | None = None
    due_on: Day | None = None
    attachments: Annotated[list[Id], Field(max_length=9)] = []


class ListFollowUps(ListCommand):
    """What follows from a community's topics, or from one, the newest first.

    ``overdue``: what should have been done by now and was not.
    """

    cid: Id
    topic_id: Id | None = None
    state: FollowUpState | None = None
    overdue: bool = False


# -- what the caller gets -------------------------------------------------------------------------


class FollowUp(View):
    """Something that follows from a topic, and how it goes; ``note`` is what was said last."""

    id: str
    topic_id: str
    topic_title: str
    community_id: str
    what: str
    who: str
    due_on: date | None
    state: FollowUpState
    overdue: bool
    note: str
    attachments: list[Attachment]
    created_at: datetime
    updated_at: datetime


OPERATIONS: tuple[Operation, ...] = (
    Operation(
        "addFollowUp", "POST /topics/{id}/follow-ups", "votes", DESK, AddFollowUp, FollowUp,
        "Say what will follow", status=201,
    ),
    Operation(
        "updateFollowUp", "PATCH /follow-ups/{id}", "votes", DESK, UpdateFollowUp, FollowUp,
        "Say how it goes",
    ),
    Operation(
        "listFollowUps", "GET /communities/{cid}/follow-ups", "votes", PERSON, ListFollowUps,
        Page[FollowUp], "What became of decisions",
    ),
)  # fmt: skip
