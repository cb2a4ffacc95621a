"""What notify tells: only the gateways listen, for their live streams."""

from datetime import datetime

from services.contracts.events.base import Event


class NotificationCreated(
    Event, source="notify", type="notification.created", version=1, subject="person_id"
):
    """Somebody has news in the inbox; ``unread`` is the count after it.

    ``silent``: in her quiet hours, above her day's budget, or she wants none at once. The count
    moves, but nothing rings and nothing pops up. ``lane`` is ordinary, duty or emergency.
    """

    notification_id: str
    person_id: str
    kind: str
    title: str
    link: str
    why: str
    unread: int
    created_at: datetime
    lane: str = "ordinary"
    silent: bool = False


class EmergencyEvent(Event, abstract=True):
    """What the events of an emergency say: which, where, and whether it is only a drill.

    ``community_id`` is None where a town or a district was told.
    """

    emergency_id: str
    community_id: str | None
    path: str
    drill: bool


class EmergencyCalled(
    EmergencyEvent,
    source="notify",
    type="emergency.called",
    version=1,
    subject="emergency_id",
):
    """An emergency was called; ``scope`` says of what: building, estate, community and above."""

    scope: str
    actor_id: str
    actor_role: str


class EmergencyTold(
    EmergencyEvent,
    source="notify",
    type="emergency.told",
    version=1,
    subject="emergency_id",
):
    """A word of an emergency (``call``, ``update``, ``all_clear``) is in every inbox concerned."""

    broadcast_id: str
    kind: str
    to: str
    told: int
    actor_id: str
    actor_role: str


class EmergencyCounted(
    EmergencyEvent,
    source="notify",
    type="emergency.counted",
    version=1,
    subject="emergency_id",
):
    """What is known of how many households by now, at most once a second; none is named."""

    households: int
    silent: int
    safe: int
    help: int
    absent: int
    moved: int


class HelpAsked(
    EmergencyEvent,
    source="notify",
    type="emergency.help_asked",
    version=1,
    subject="emergency_id",
):
    """A household asked for help, of this kind; which one stands with the doors alone."""

    need: str


class EmergencyClosed(
    EmergencyEvent,
    source="notify",
    type="emergency.closed",
    version=1,
    subject="emergency_id",
):
    """An emergency is over."""

    actor_id: str
    actor_role: str
