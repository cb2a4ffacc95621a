"""What identity hears of other services."""

from services.contracts.events import AuthorSeen, BreachReporterSeen, ReporterSeen
from services.identity.handlers import access
from services.kit.service import Call, on


class Reactions:
    """What identity hears of other services."""

    @on(AuthorSeen, ReporterSeen, BreachReporterSeen, queue="identity.access_log")
    def log_look(self, call: Call, event: AuthorSeen | ReporterSeen | BreachReporterSeen) -> None:
        at = call.envelope.time if call.envelope else call.now
        access.heard(call.uow, event, call.event_id, at)
