"""Objections (异议) and their answers."""

from typing import Literal

from services.contracts.operations.base import NEIGHBOUR, AnyObject, Body, Command, Id, Operation
from services.contracts.operations.votes.common import DESK


class FileObjection(Command):
    """An objection (异议) in the notice period."""

    id: Id
    kind: Literal["publicity_period", "mechanism", "text", "roll", "other"]
    body: Body


class AnswerObjection(Command):
    """The reasoned answer that every objection must get before voting opens."""

    id: Id
    body: Body


class MarkObjection(Command):
    """The objector says whether the answer satisfies."""

    id: Id
    mark: Literal["satisfied", "stands"]


OPERATIONS: tuple[Operation, ...] = (
    Operation(
        "object", "POST /topics/{id}/objections", "votes", NEIGHBOUR, FileObjection, AnyObject,
        "Object", status=201, built=False,
    ),
    Operation(
        "answerObjection", "POST /objections/{id}/answers", "votes", DESK, AnswerObjection,
        AnyObject, "Answer an objection", status=201, built=False,
    ),
    Operation(
        "markObjection", "POST /objections/{id}/mark", "votes", NEIGHBOUR, MarkObjection, AnyObject,
        "Say whether the answer satisfies", built=False,
    ),
)  # fmt: skip
