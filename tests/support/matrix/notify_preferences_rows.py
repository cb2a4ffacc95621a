"""Notify's operations on how somebody wants to be told."""

from services.contracts import events as e
from services.contracts.actor import Actor
from services.contracts.ids import new_id
from services.notify.handlers import telling
from tests.support.matrix.house import House
from tests.support.matrix.rows import Command, Row, self_, thing
from tests.support.neighbourhood import say


def _thread(h: House, who: Actor) -> Command:
    """The actor wrote it, so it is hers to mute; nobody else was ever told of it."""
    post_id = new_id()
    with h.units["notify"]() as uow:
        event = say(e.PostPublished, post_id=post_id, author_id=who.person_id)
        telling.tell(uow, event, new_id(), h.now)
        uow.commit()
    return {"id": post_id}


PREFERENCES: dict[str, Row] = {
    "getNotificationPreferences": self_(),
    "putNotificationPreferences": self_(
        lambda _h, _who: {"channels": ["in_app"], "quiet_from": "22:00", "quiet_until": "06:30"}
    ),
    "listMutedThreads": self_(),
    "muteThread": thing(_thread),
    "unmuteThread": self_(_thread),
}
