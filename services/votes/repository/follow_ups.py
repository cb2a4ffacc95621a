"""What follows from topics: one statement for a list."""

from collections.abc import Sequence
from datetime import date
from typing import Any

from sqlalchemy import Row, func, select, text
from sqlalchemy.orm import Session

from services.votes.domain.follow_ups import FollowUpNotFound
from services.votes.models import FollowUpRow

_PAGE = """
    SELECT one.*, topic.title, topic.held
    FROM follow_ups AS one JOIN topics AS topic ON topic.id = one.topic_id
    WHERE <narrowed>
    ORDER BY one.id DESC LIMIT :take
"""


def page(
    session: Session,
    community_id: str,
    today: date,
    *,
    topic_id: str | None,
    state: str | None,
    overdue: bool,
    before: str | None,
    limit: int,
) -> Sequence[Row[Any]]:
    """Items of a community, newest first; one more than ``limit``."""
    narrowed = ["one.community_id = :community"]
    if topic_id:
        narrowed.append("one.topic_id = :topic")
    if state:
        narrowed.append("one.state = :state")
    if overdue:
        narrowed.append("one.state IN ('planned', 'under_way') AND one.due_on < :today")
    if before:
        narrowed.append("one.id < :before")
    return session.execute(
        text(_PAGE.replace("<narrowed>", " AND ".join(narrowed))),
        {
            "community": community_id,
            "today": today,
            "topic": topic_id,
            "state": state,
            "before": before,
            "take": limit + 1,
        },
    ).all()


def item(session: Session, item_id: str, *, lock: bool = False) -> FollowUpRow:
    """The item; :class:`FollowUpNotFound` when there is none."""
    row = session.get(FollowUpRow, item_id, with_for_update=lock or None, populate_existing=lock)
    if row is None:
        raise FollowUpNotFound()
    return row


def count(session: Session, topic_id: str) -> int:
    """How many a topic has; its lock is the caller's."""
    return session.scalar(select(func.count()).where(FollowUpRow.topic_id == topic_id)) or 0
