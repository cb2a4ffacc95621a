"""What identity hears of other services."""

from services.contracts.events import AuthorSeen, ReporterSeen
from services.identity.handlers import access
from services.kit.service import Call, on


class Reactions:
    """What identity hears of other services."""

    @on(AuthorSeen, ReporterSeen, queue="identity.access_log")
    def log_look(self, call: Call, event: AuthorSeen | ReporterSeen) -> None:
        at = call.envelope.time if call.envelope else call.now
        access.heard(call.uow, event, call.event_id, at)
