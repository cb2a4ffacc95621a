"""Polls and ballots."""

from datetime import datetime
from typing import Any

from services.contracts.operations.base import (
    NEIGHBOUR,
    PERSON,
    Command,
    Id,
    ListCommand,
    Operation,
    Page,
    View,
)
from services.contracts.operations.votes.common import Choice, PollState


class ListPolls(ListCommand):
    """The polls of a community, newest first."""

    cid: Id
    state: PollState | None = None


class OfPoll(Command):
    """Names a poll and nothing more."""

    id: Id


class CastBallot(Command):
    """A ballot. ``subject_id`` is an entry of the roll, needed only when I have several."""

    id: Id
    choice: Choice
    subject_id: Id | None = None
    on_behalf_of: Id | None = None


class Receipt(View):
    """The proof that the ballot was taken: look it up in the bulletin."""

    receipt: str


class Poll(View):
    """A poll: its rules in words, the size and hash of its roll, and where I stand."""

    id: str
    topic_id: str
    community_id: str
    state: PollState
    title: str
    rules: list[str]
    roll_size: int
    roll_hash: str
    my_subjects: list[dict[str, Any]]
    my_state: str | None
    opens_at: datetime
    closes_at: datetime


OPERATIONS: tuple[Operation, ...] = (
    Operation(
        "listPolls", "GET /communities/{cid}/polls", "votes", PERSON, ListPolls, Page[Poll],
        "The community's polls", built=False,
    ),
    Operation(
        "getPoll", "GET /polls/{id}", "votes", PERSON, OfPoll, Poll,
        "A poll", built=False,
    ),
    Operation(
        "castBallot", "POST /polls/{id}/ballots", "votes", NEIGHBOUR, CastBallot, Receipt,
        "Cast a ballot", status=201, built=False,
    ),
)  # fmt: skip
