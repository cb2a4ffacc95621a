"""Objections (异议) as threads: what somebody objects, the answers, and what she says to them."""

from datetime import datetime
from typing import Literal

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
    View,
)
from services.contracts.operations.votes.common import DESK
from services.contracts.operations.votes.discussion import Speaker

ObjectionKind = Literal["publicity_period", "mechanism", "text", "roll", "other"]
ObjectionPeriod = Literal["notice", "publicity"]
ObjectionAction = Literal["reply", "mark", "withdraw"]
Mark = Literal["satisfied", "stands"]

# -- what the caller asks for ---------------------------------------------------------------


class FileObjection(Command):
    """An objection (异议), in the legal window of the notice or of the publicity."""

    id: Id
    kind: ObjectionKind
    body: Body


class ListObjections(ListCommand):
    """The objections on a topic, newest first.

    ``standing`` asks for those that stand, or for the others; ``owed`` for those that wait for an
    answer.
    """

    id: Id
    period: ObjectionPeriod | None = None
    standing: bool | None = None
    owed: bool | None = None


class OfObjection(Command):
    """Names an objection and nothing more."""

    id: Id


class AnswerObjection(OfObjection):
    """The reasoned answer that every objection must get before voting opens."""

    body: Body


class ReplyToObjection(OfObjection):
    """What the objector says to an answer; her first reply asks for another one."""

    body: Reason


class MarkObjection(OfObjection):
    """The objector says whether the answer satisfies."""

    mark: Mark


# -- what the caller gets -------------------------------------------------------------------


class ObjectionNote(View):
    """A note of the thread: an answer of the convening body, or a reply of the objector."""

    side: Literal["answer", "reply"]
    body: str
    by: Speaker | None
    role: str
    at: datetime


class Objection(View):
    """An objection with its thread, in order; ``objector`` is null when the person has left.

    ``owed``: a reasoned answer is missing. It stands (``stands``) until the objector says that she
    is satisfied, or takes it back. ``assisted``: somebody helped her to file it. ``actions`` is
    what the objector may do now; ``may_ask_again``: she has not asked for another answer yet, which
    her next reply does while objections are filed.
    """

    id: str
    topic_id: str
    poll_id: str
    period: ObjectionPeriod
    kind: ObjectionKind
    body: str
    objector: Speaker | None
    mine: bool
    assisted: bool
    filed_at: datetime
    owed: bool
    stands: bool
    mark: Mark | None
    marked_at: datetime | None
    withdrawn_at: datetime | None
    thread: list[ObjectionNote]
    actions: list[ObjectionAction] = []
    may_ask_again: bool = False


OPERATIONS: tuple[Operation, ...] = (
    Operation(
        "object", "POST /topics/{id}/objections", "votes", NEIGHBOUR, FileObjection, Objection,
        "Object", status=201, assisted=True,
    ),
    Operation(
        "listObjections", "GET /topics/{id}/objections", "votes", PERSON, ListObjections,
        Page[Objection], "The objections on a topic", assisted=True,
    ),
    Operation(
        "getObjection", "GET /objections/{id}", "votes", PERSON, OfObjection, Objection,
        "An objection with its thread", assisted=True,
    ),
    Operation(
        "answerObjection", "POST /objections/{id}/answers", "votes", DESK, AnswerObjection,
        Objection, "Answer an objection", status=201,
    ),
    Operation(
        "replyToObjection", "POST /objections/{id}/replies", "votes", NEIGHBOUR, ReplyToObjection,
        Objection, "Reply to an answer", status=201, assisted=True,
    ),
    Operation(
        "markObjection", "POST /objections/{id}/mark", "votes", NEIGHBOUR, MarkObjection, Objection,
        "Say whether the answer satisfies", assisted=True,
    ),
    Operation(
        "withdrawObjection", "DELETE /objections/{id}", "votes", PERSON, OfObjection, Objection,
        "Take an objection back",
    ),
)  # fmt: skip
