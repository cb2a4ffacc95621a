"""Who seconds which topic. The topic's lock is the caller's, its counter follows."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import select, text
from sqlalchemy.orm import Session

from services.votes.models import SeconderRow

_ADD = text(
    """
    INSERT INTO topic_seconders (topic_id, person_id, at) VALUES (:topic, :person, :at)
    ON CONFLICT DO NOTHING RETURNING topic_id
    """
)
_DROP = text(
    "DELETE FROM topic_seconders WHERE topic_id = :topic AND person_id = :person RETURNING topic_id"
)
_LOCK_ALL = text(
    """
    SELECT topic.id FROM topics AS topic
    JOIN topic_seconders AS hers ON hers.topic_id = topic.id
    WHERE hers.person_id = :person ORDER BY topic.id FOR UPDATE OF topic
    """
)
_FORGET = text(
    """
    WITH gone AS (DELETE FROM topic_seconders WHERE person_id = :person RETURNING topic_id)
    UPDATE topics SET seconders = seconders - 1 FROM gone WHERE topics.id = gone.topic_id
    """
)


def seconds(session: Session, topic_id: str, person_id: str) -> bool:
    """Whether somebody seconds a topic."""
    return session.get(SeconderRow, (topic_id, person_id), populate_existing=True) is not None


def add(session: Session, topic_id: str, person_id: str, at: datetime) -> bool:
    """She seconds it; False when she did already."""
    asked = {"topic": topic_id, "person": person_id, "at": at}
    return session.execute(_ADD, asked).first() is not None


def drop(session: Session, topic_id: str, person_id: str) -> bool:
    """She no longer seconds it; False when she did not."""
    return session.execute(_DROP, {"topic": topic_id, "person": person_id}).first() is not None


def of_topic(session: Session, topic_id: str) -> Sequence[str]:
    """Everybody who seconds a topic."""
    people = select(SeconderRow.person_id).where(SeconderRow.topic_id == topic_id)
    return session.scalars(people.order_by(SeconderRow.person_id)).all()


def forget(session: Session, person_id: str) -> None:
    """Somebody has left for good: what she seconded is no longer seconded by her."""
    session.execute(_LOCK_ALL, {"person": person_id})
    session.execute(_FORGET, {"person": person_id})
