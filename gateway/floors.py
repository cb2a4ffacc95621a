"""Names under which floors stand: of what an answer shows, a pass says, an event is about.

An answer is as new as it must be when it is above the floors of all its names
(:mod:`gateway.cache`); an event raises the floors of those that it tells of.
"""

import json

from services.contracts.actor import Actor
from services.contracts.events import (
    CommentPublished,
    ModuleChanged,
    PostChanged,
    PostPublished,
    PostRemoved,
    ReactionChanged,
    ViewChanged,
)


def of_answer(values: str, place: str) -> tuple[str, ...]:
    """By which names the answer to a question goes: its place; its post, or the place's posts.

    Args:
        values: what was asked for, as JSON.
    """
    post = json.loads(values).get("id")
    return f"place {place}", f"post {post}" if post else f"posts of {place}"


def of_pass(place: str, actor: Actor) -> tuple[str, ...]:
    """By which names a pass goes: her own, and the rules of the place."""
    return f"person {actor.person_id}", f"rules of {place}"


def names(event: object) -> tuple[str, ...]:
    """Under which names floors rise when this happened."""
    match event:
        case PostPublished() | CommentPublished():
            return (*_of_post(event), f"person {event.author_id}")
        case ReactionChanged():
            return (*_of_post(event), f"person {event.person_id}")
        case PostChanged() | PostRemoved():
            return _of_post(event)
        case ModuleChanged(community_id=place) | ViewChanged(community_id=place, person_id=""):
            return f"place {place}", f"rules of {place}"
        case ViewChanged(community_id="", person_id=who):
            return (f"person {who}",)
        case ViewChanged(community_id=place, person_id=who):
            return f"place {place}", f"person {who}"
    return ()


def _of_post(
    event: PostPublished | CommentPublished | ReactionChanged | PostChanged | PostRemoved,
) -> tuple[str, str]:
    return f"posts of {event.community_id}", f"post {event.post_id}"
