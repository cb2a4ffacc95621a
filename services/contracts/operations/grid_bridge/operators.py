"""What operators do."""

from services.contracts.operations.base import AnyObject, Command, Id, Operation
from services.contracts.operations.grid_bridge.common import OPERATORS


class ReplayDeadLetter(Command):
    """Put a dead letter back onto its queue."""

    id: Id


OPERATIONS: tuple[Operation, ...] = (
    Operation(
        "replayDeadLetter", "POST /ops/dead-letters/{id}/replay", service="grid_bridge",
        who=OPERATORS, command=ReplayDeadLetter, result=AnyObject,
        summary="Replay a dead letter", built=False,
    ),
)  # fmt: skip
