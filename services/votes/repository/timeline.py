"""The public timeline of a topic, with the names that neighbours know."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Row, text
from sqlalchemy.orm import Session

_LINES = text(
    """
    SELECT line.at, line.kind, line.was, line.state, line.actor_role, line.text, line.reason,
           line.deadline_at, line.ref, actor.display_name AS actor_name
    FROM topic_steps AS line
    LEFT JOIN directory_cards AS actor
        ON actor.community_id = :community AND actor.person_id = line.actor_id
    WHERE line.topic_id = :topic ORDER BY line.id
    """
)


def lines(session: Session, topic_id: str, community_id: str) -> Sequence[Row[Any]]:
    """The timeline, from the post on; one statement."""
    return session.execute(_LINES, {"topic": topic_id, "community": community_id}).all()
