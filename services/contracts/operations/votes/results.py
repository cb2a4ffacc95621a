"""Results with their arithmetic."""

from services.contracts.operations.base import PERSON, AnyObject, Operation
from services.contracts.operations.votes.polls import OfPoll

OPERATIONS: tuple[Operation, ...] = (
    Operation(
        "getResult", "GET /polls/{id}/result", "votes", PERSON, OfPoll, AnyObject,
        "The result with its arithmetic", built=False,
    ),
)  # fmt: skip
