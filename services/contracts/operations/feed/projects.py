"""Public-good micro-projects (公益项目)."""

from typing import Literal

from pydantic import Field

from services.contracts.operations.base import NEIGHBOUR, AnyObject, Operation
from services.contracts.operations.feed.common import Note, OfPost, Photos


class RecordProjectStep(OfPost):
    """Move a public-good micro-project (公益项目) on."""

    step: Literal["approve", "recruit", "progress", "done"]
    note: Note = ""
    attachments: Photos = Field(default_factory=list)


OPERATIONS: tuple[Operation, ...] = (
    Operation(
        "recordProjectStep",
        "POST /posts/{id}/project-steps",
        service="feed",
        who=NEIGHBOUR,
        command=RecordProjectStep,
        result=AnyObject,
        status=201,
        summary="Move a micro-project on",
        built=False,
    ),
)
