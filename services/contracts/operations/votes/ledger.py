"""The public bulletin, and what a receipt proves."""

from services.contracts.operations.base import PUBLIC, AnyObject, Command, Id, Operation
from services.contracts.operations.votes.polls import OfPoll


class CheckReceipt(Command):
    """Is my ballot in the bulletin? Never what it said."""

    code: Id


OPERATIONS: tuple[Operation, ...] = (
    Operation(
        "getBulletin", "GET /polls/{id}/bulletin", "votes", PUBLIC, OfPoll, AnyObject,
        "The public bulletin", built=False,
    ),
    Operation(
        "checkReceipt", "GET /receipts/{code}", "votes", PUBLIC, CheckReceipt, AnyObject,
        "Look a receipt up in the bulletin", built=False,
    ),
)  # fmt: skip
