"""Results: one of them, and what is in publicity in a community."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, cast

from sqlalchemy import Row, and_, func, or_, select, text, update
from sqlalchemy.orm import Session

from services.votes.models import ObjectionRow, PollRow, ResultRow, TopicRow


def result(session: Session, poll_id: str, *, lock: bool = False) -> ResultRow | None:
    """The result of a poll; None while it has none."""
    return session.get(
        ResultRow, poll_id, with_for_update=True if lock else None, populate_existing=lock
    )


def standing(session: Session, poll_ids: Sequence[str]) -> dict[str, Row[Any]]:
    """How these polls' results stand, without figures and certificates."""
    rows = session.execute(
        select(
            ResultRow.poll_id,
            ResultRow.passed,
            ResultRow.ends_at,
            ResultRow.waits,
            ResultRow.sign_by,
            ResultRow.adopted_at,
            ResultRow.file_by,
            ResultRow.filed_at,
            ResultRow.annulled_at,
        ).where(ResultRow.poll_id.in_(poll_ids))
    ).all()
    return {row.poll_id: cast(Row[Any], row) for row in rows}


_PUBLIC = text(
    """
    SELECT t.id AS topic_id, t.title, t.convener, t.state, t.since, p.id AS poll_id,
           r.passed, coalesce(r.waits, p.held) AS waits, coalesce(r.ends_at, p.opens_at) AS until,
           p.rules, p.opens_at
    FROM topics t
    JOIN polls p ON p.id = t.poll_id
    LEFT JOIN results r ON r.poll_id = p.id
    WHERE t.community_id = :community AND t.state IN ('notice', 'publicity')
      AND (cast(:before AS text) IS NULL OR t.id < :before)
    ORDER BY t.id DESC LIMIT :limit
    """
)


def in_publicity(
    session: Session, community_id: str, before: str | None, limit: int
) -> Sequence[Row[Any]]:
    """The notices and the results that the community may object to now, the newest topic first."""
    return session.execute(
        _PUBLIC, {"community": community_id, "before": before, "limit": limit}
    ).all()


def objections(session: Session, poll: PollRow) -> list[ObjectionRow]:
    """The objections to a poll and its result that nobody took back, in the order of filing.

    Those to an earlier notice of the topic that was broken off are among them while they stand: a
    notice that begins anew does away with no objection.
    """
    stands = func.coalesce(ObjectionRow.mark, "") != "satisfied"
    earlier = and_(ObjectionRow.filed_at < poll.announced_at, stands)
    return list(
        session.scalars(
            select(ObjectionRow)
            .where(
                ObjectionRow.topic_id == poll.topic_id,
                ObjectionRow.withdrawn_at.is_(None),
                or_(ObjectionRow.poll_id == poll.id, earlier),
            )
            .order_by(ObjectionRow.id)
        )
    )


_LOCKED = text(
    """
    SELECT max(locked_until) FROM topics
    WHERE community_id = :community AND id <> :topic AND locked_until > :now
      AND (title = :title OR from_post_id = :post
           OR (aim <> 'new' AND aim = :aim AND covenant_id = :covenant))
    """
)


def locked_until(session: Session, topic: TopicRow, now: datetime) -> datetime | None:
    """Until when the same may not be voted on again; None where it may.

    The same is what has the same title, came from the same post, or wants the same of the same
    covenant, in the same community.
    """
    same = {
        "community": topic.community_id,
        "topic": topic.id,
        "now": now,
        "title": topic.title,
        "post": topic.from_post_id,
        "aim": topic.aim,
        "covenant": topic.covenant_id,
    }
    return cast(datetime | None, session.scalar(_LOCKED, same))


def forget(session: Session, person_id: str) -> None:
    """Who signed, filed or took back a result and left is named no longer; that it was, stays."""
    for column in (ResultRow.signed_by, ResultRow.filed_by, ResultRow.annulled_by):
        session.execute(update(ResultRow).where(column == person_id).values({column.key: None}))
