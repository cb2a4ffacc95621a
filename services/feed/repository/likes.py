"""Likes of posts and comments, and their counters."""

from datetime import datetime

from sqlalchemy import text
from sqlalchemy.orm import Session


def put_like(session: Session, post_id: str, person_id: str, now: datetime) -> bool:
    """Keep the like of a person; False when it stood already."""
    done = session.execute(
        text(
            "INSERT INTO feed_likes (post_id, person_id, created_at) VALUES (:post, :person, :now) "
            "ON CONFLICT DO NOTHING"
        ),
        {"post": post_id, "person": person_id, "now": now},
    )
    return bool(done.rowcount)  # type: ignore[attr-defined]


def drop_like(session: Session, post_id: str, person_id: str) -> bool:
    """Drop the like of a person; False when there was none."""
    done = session.execute(
        text("DELETE FROM feed_likes WHERE post_id = :post AND person_id = :person"),
        {"post": post_id, "person": person_id},
    )
    return bool(done.rowcount)  # type: ignore[attr-defined]


def add_likes(session: Session, post_id: str, by: int) -> int | None:
    """The likes of a post after adding ``by``; None when the post is not shown any more.

    The row lock that this takes lasts until the commit: likes of one post queue here, so that
    the counter and the rows of ``feed_likes`` cannot part.
    """
    count: int | None = session.scalar(
        text(
            "UPDATE feed_posts SET like_count = like_count + :by "
            "WHERE id = :id AND state = 'shown' RETURNING like_count"
        ),
        {"id": post_id, "by": by},
    )
    return count


_PUT_ON_COMMENT = """
    WITH changed AS (
        INSERT INTO feed_comment_likes (comment_id, person_id, created_at)
        SELECT :comment, :person, :now
        WHERE EXISTS (SELECT 1 FROM feed_comments WHERE id = :comment AND state = 'shown')
        ON CONFLICT DO NOTHING RETURNING 1
    )
    UPDATE feed_comments SET like_count = like_count + (SELECT count(*) FROM changed)
    WHERE id = :comment AND state = 'shown'
    RETURNING like_count, (SELECT count(*) FROM changed) AS changed
"""
_DROP_FROM_COMMENT = """
    WITH changed AS (
        DELETE FROM feed_comment_likes l USING feed_comments c
        WHERE l.comment_id = :comment AND l.person_id = :person
            AND c.id = l.comment_id AND c.state = 'shown'
        RETURNING 1
    )
    UPDATE feed_comments SET like_count = like_count - (SELECT count(*) FROM changed)
    WHERE id = :comment AND state = 'shown'
    RETURNING like_count, (SELECT count(*) FROM changed) AS changed
"""


def like_comment(
    session: Session, comment_id: str, person_id: str, now: datetime
) -> tuple[int, bool] | None:
    """The likes of a comment with this person's, and whether hers is new; None: not shown.

    The thread must be locked: like and counter go by what the statement saw when it began.
    """
    values = {"comment": comment_id, "person": person_id, "now": now}
    row = session.execute(text(_PUT_ON_COMMENT), values).first()
    return (row.like_count, bool(row.changed)) if row else None


def unlike_comment(session: Session, comment_id: str, person_id: str) -> tuple[int, bool] | None:
    """The likes of a comment without this person's, and whether hers is gone; see above."""
    values = {"comment": comment_id, "person": person_id}
    row = session.execute(text(_DROP_FROM_COMMENT), values).first()
    return (row.like_count, bool(row.changed)) if row else None
