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
