"""The reaction to votes: a post is told what became of the question that came from it."""

from datetime import datetime

from services.contracts import events as e
from services.feed.threads import append
from services.feed.topic_story import entry_for
from services.kit.uow import UnitOfWork

TopicEvent = e.TopicRaised | e.TopicAdvanced | e.CovenantAdopted


def tell_topic_story(uow: UnitOfWork, event: TopicEvent, event_id: str, at: datetime) -> None:
    """Bring the thread of the post up to what ``event`` says; most topics come from no post.

    A post that is gone for good is told nothing: the topic has its own timeline.

    Args:
        event_id: becomes the entry's id, so that telling it twice has no effect.
        at: when it happened, in business time; entries stand in this order.
    """
    entry = entry_for(event)
    if event.from_post_id is not None and entry is not None:
        append(uow, event, event.from_post_id, entry, event_id, at)
