"""Figures with their formulas."""

from datetime import date
from typing import Annotated

from pydantic import ConfigDict, Field

from services.contracts.actor import Role
from services.contracts.operations.base import AnyObject, Command, Id, Operation, holders


class Kpis(Command):
    """Figures with formula, numerator and denominator, for a span of days."""

    model_config = ConfigDict(extra="ignore", populate_by_name=True)

    did: Id
    from_: Annotated[date, Field(alias="from")]
    to: date


OPERATIONS: tuple[Operation, ...] = (
    Operation(
        "kpis", "GET /districts/{did}/kpis", service="grid_bridge",
        who=holders(
            Role.TOWN_ADMIN, Role.DISTRICT_ADMIN, Role.DISTRICT_ANALYST, Role.AUDITOR,
            Role.OBSERVER,
        ),
        command=Kpis, result=AnyObject, summary="Figures with their formulas", built=False,
    ),
)  # fmt: skip
