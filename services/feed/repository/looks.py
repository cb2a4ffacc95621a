"""Who has asked for hidden names, as the log of the moderation holds it."""

from datetime import datetime

from sqlalchemy import text
from sqlalchemy.orm import Session

UNCOVERED = "name_uncovered"


def last_look(session: Session, target: str, target_id: str, reader_id: str) -> datetime | None:
    """When this reader last asked who wrote it; None when she never did.

    The post must be locked, so that two who ask at once in one person's name come one by one.
    """
    found: datetime | None = session.scalar(
        text(
            "SELECT max(at) FROM feed_moderation_log WHERE target = :target "
            "AND target_id = :id AND actor_id = :reader AND action = :uncovered"
        ),
        {"target": target, "id": target_id, "reader": reader_id, "uncovered": UNCOVERED},
    )
    return found
