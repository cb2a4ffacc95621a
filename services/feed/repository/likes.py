"""Likes and their counter."""

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
