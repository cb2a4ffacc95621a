"""Joint consultations of many departments (联合会商)."""

from typing import Annotated, Any

from pydantic import Field

from services.contracts.operations.base import AnyObject, Command, Id, Line, Operation, Text
from services.contracts.operations.grid_bridge.common import STAFF


class OpenJointConsultation(Command):
    """A legacy case of many departments (联合会商)."""

    id: Id
    departments: Annotated[list[Line], Field(min_length=1, max_length=30)]
    minutes: Annotated[Text, Field(max_length=20_000)] = ""
    actions: list[dict[str, Any]] = []


OPERATIONS: tuple[Operation, ...] = (
    Operation(
        "openJointConsultation", "POST /issues/{id}/joint-consultations", service="grid_bridge",
        who=STAFF, command=OpenJointConsultation, result=AnyObject,
        summary="Invite departments to a joint consultation", built=False,
    ),
)  # fmt: skip
