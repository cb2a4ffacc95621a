"""Votes: what is decided."""

from typing import Any

from services import directory
from services.contracts import topology
from services.contracts.events import Event
from services.kit.service import Call, Service, on


class VotesService(Service):
    """Keeps its copy of the territory; the operations of the contract answer 501 for now."""

    name = "votes"

    def personal_data(self, call: Call) -> dict[str, Any]:
        return {"cards": directory.held_about(call.uow, call.caller.person_id)}

    @on(*topology.TERRITORY, queue="votes.territory", latest=True)
    def keep_territory(self, call: Call, event: Event) -> None:
        directory.project(call.uow, event)
