"""Topics: one of them, and the settings of their chain."""

from sqlalchemy import select
from sqlalchemy.orm import Session

from services.contracts.errors import NotFound
from services.votes.models import ChainSettingsRow, TopicRow


class TopicNotFound(NotFound):
    """There is no such topic, or it is not the actor's to see."""

    code = "votes.topic_not_found"
    zh, en = "没有找到这个议题", "There is no such topic"


def topic(session: Session, topic_id: str, *, lock: bool = False) -> TopicRow:
    """A topic; ``lock`` keeps others from leading it on meanwhile.

    Raises:
        TopicNotFound: there is none.
    """
    row = session.get(
        TopicRow, topic_id, with_for_update=True if lock else None, populate_existing=lock
    )
    if row is None:
        raise TopicNotFound()
    return row


def newest_settings(session: Session, community_id: str) -> ChainSettingsRow | None:
    """The settings that the community chose last; None when it never did."""
    return session.scalars(
        select(ChainSettingsRow)
        .where(ChainSettingsRow.community_id == community_id)
        .order_by(ChainSettingsRow.version.desc())
        .limit(1)
    ).first()
