"""One community, one plan (一小区一方案)."""

from typing import Annotated, Any

from pydantic import Field

from services.contracts.operations.base import (
    PERSON,
    AnyObject,
    Command,
    Id,
    Line,
    ListCommand,
    Operation,
    Page,
)
from services.contracts.operations.grid_bridge.common import STAFF


class ListPlans(ListCommand):
    """The plans of a community (一小区一方案)."""

    cid: Id


class CreatePlan(Command):
    """A plan whose items carry evidence."""

    cid: Id
    title: Line
    items: Annotated[list[dict[str, Any]], Field(max_length=200)] = []


OPERATIONS: tuple[Operation, ...] = (
    Operation(
        "listPlans", "GET /communities/{cid}/plans", service="grid_bridge", who=PERSON,
        command=ListPlans, result=Page[AnyObject], summary="The community's plans", built=False,
    ),
    Operation(
        "createPlan", "POST /communities/{cid}/plans", service="grid_bridge", who=STAFF,
        command=CreatePlan, result=AnyObject, status=201, summary="A plan", built=False,
    ),
)  # fmt: skip
