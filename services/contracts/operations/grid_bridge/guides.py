"""Answer guides of the departments (问题应对指南)."""

from typing import Annotated

from pydantic import Field

from services.contracts.actor import Role
from services.contracts.events.grid_bridge import Category
from services.contracts.operations.base import (
    AnyObject,
    Body,
    Command,
    Id,
    Line,
    ListCommand,
    Operation,
    Page,
    Text,
    holders,
)
from services.contracts.operations.grid_bridge.common import SlotKey


class ListAnswerGuides(ListCommand):
    """The guides of a district's departments (问题应对指南)."""

    did: Id
    q: Annotated[Text | None, Field(max_length=100)] = None


class CreateAnswerGuide(Command):
    """A department writes a guide."""

    did: Id
    title: Line
    body: Body
    category: Category | None = None
    slot: SlotKey | None = None


class UpdateAnswerGuide(Command):
    """A new version of a guide."""

    id: Id
    title: Line
    body: Body


OPERATIONS: tuple[Operation, ...] = (
    Operation(
        "listAnswerGuides", "GET /districts/{did}/answer-guides", service="grid_bridge",
        who=holders(
            Role.COMMITTEE_STAFF, Role.SECRETARY, Role.DEPARTMENT_STAFF, Role.TOWN_ADMIN,
            Role.DISTRICT_ADMIN, Role.DISTRICT_ANALYST,
        ),
        command=ListAnswerGuides, result=Page[AnyObject], summary="Answer guides", built=False,
    ),
    Operation(
        "createAnswerGuide", "POST /districts/{did}/answer-guides", service="grid_bridge",
        who=holders(Role.DEPARTMENT_STAFF, Role.DISTRICT_ADMIN),
        command=CreateAnswerGuide, result=AnyObject, status=201, summary="Write an answer guide",
        built=False,
    ),
    Operation(
        "updateAnswerGuide", "PUT /answer-guides/{id}", service="grid_bridge",
        who=holders(Role.DEPARTMENT_STAFF, Role.DISTRICT_ADMIN),
        command=UpdateAnswerGuide, result=AnyObject, summary="A new version of an answer guide",
        built=False,
    ),
)  # fmt: skip
