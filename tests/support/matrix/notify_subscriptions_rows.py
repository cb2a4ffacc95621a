"""Notify's operations on what somebody follows, and on the words of it all."""

from services.contracts import events as e
from services.contracts.actor import Actor
from services.contracts.ids import new_id
from services.notify.handlers import telling
from tests.support.identity_world import HOME
from tests.support.matrix.house import COMMUNITIES, House
from tests.support.matrix.rows import Command, Row, place, self_
from tests.support.neighbourhood import say


def _thread(h: House, _who: Actor) -> Command:
    """A post of the home community."""
    post_id = new_id()
    with h.units["notify"]() as uow:
        event = say(e.PostPublished, post_id=post_id, community_id=COMMUNITIES[HOME], path=HOME)
        telling.tell(uow, event, new_id(), h.now)
        uow.commit()
    return {"id": post_id}


SUBSCRIPTIONS: dict[str, Row] = {
    "listSubscriptions": self_(),
    "followThread": place(_thread),
    "unfollowThread": self_(_thread),
    "listNotificationTemplates": self_(),
}
