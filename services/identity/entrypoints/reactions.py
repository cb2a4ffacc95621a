"""What identity hears of other services."""

from services.contracts.events import (
    AccessCounted,
    AuthorSeen,
    BreachReporterSeen,
    HouseholdSeen,
    ReporterSeen,
)
from services.contracts.events.looks import Look
from services.identity.handlers import access, watching
from services.kit.service import Call, on


class Reactions:
    """What identity hears of other services."""

    @on(AuthorSeen, ReporterSeen, BreachReporterSeen, HouseholdSeen, queue="identity.access_log")
    def log_look(self, call: Call, event: Look) -> None:
        at = call.envelope.time if call.envelope else call.now
        access.heard(call.uow, event, call.event_id, at)

    @on(AccessCounted, queue="identity.observer_reads")
    def count_observers(self, call: Call, event: AccessCounted) -> None:
        at = call.envelope.time if call.envelope else call.now
        watching.heard(call.uow, event, at)
