"""What happens to the demo alone."""

from services.contracts.events.base import Event


class ClockMoved(Event, source="services", type="clock.moved", version=1, subject="service"):
    """A service's business clock was moved: what was answered before is of another day."""

    service: str
