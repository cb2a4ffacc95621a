"""The text that is voted on, version by version."""

from typing import Annotated

from pydantic import Field

from services.contracts.operations.base import Body, Command, Id, Moment, Operation
from services.contracts.operations.votes.common import DESK
from services.contracts.operations.votes.rules import RuleChoice
from services.contracts.operations.votes.topics import Topic


class PutProposal(Command):
    """A new version of the proposal (提案): its articles, how and when it is voted on."""

    id: Id
    articles: Annotated[list[Body], Field(min_length=1, max_length=200)]
    rule_set: RuleChoice
    opens_at: Moment
    closes_at: Moment


OPERATIONS: tuple[Operation, ...] = (
    Operation(
        "putProposal", "PUT /topics/{id}/proposal", "votes", DESK, PutProposal, Topic,
        "A new version of the proposal", built=False,
    ),
)  # fmt: skip
