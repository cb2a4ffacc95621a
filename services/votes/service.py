"""Votes: what is decided, from a neighbour's question to a covenant.

Its entrypoints stand in :mod:`services.votes.entrypoints`, a class for each of their families.
"""

from typing import Any

from services import directory
from services.contracts import topology
from services.contracts.events import Event
from services.kit.service import Call, Service, on
from services.votes.entrypoints.duties import DutyCalls


class VotesService(
    DutyCalls,
    Service,
):
    """What is decided: topics, polls, covenants."""

    name = "votes"

    def personal_data(self, call: Call) -> dict[str, Any]:
        return {"cards": directory.held_about(call.uow, call.caller.person_id)}

    @on(*topology.TERRITORY, queue="votes.territory", latest=True)
    def keep_territory(self, call: Call, event: Event) -> None:
        directory.project(call.uow, event)
