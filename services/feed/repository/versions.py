"""The texts that a post had."""

from typing import Any

from sqlalchemy import text
from sqlalchemy.orm import Session

from services.feed.models import Post, PostVersion


def keep_version(session: Session, post: Post) -> None:
    """Keep the present text of a post, which is about to be changed; its row must be locked."""
    session.add(
        PostVersion(
            post_id=post.id,
            version=post.version,
            title=post.title,
            body=post.body,
            extra=post.extra,
            attachments=post.attachments,
            tags=post.tags,
            written_by=post.edited_by or post.author_id,
            written_at=post.edited_at or post.created_at,
        )
    )


def versions(session: Session, post_id: str, *, below: int, take: int) -> list[dict[str, Any]]:
    """The texts of a post with a version below this one, the newest first; the present one, too."""
    values: dict[str, Any] = {"id": post_id, "below": below, "take": take}
    return [dict(row) for row in session.execute(_VERSIONS, values).mappings()]


_VERSIONS = text(
    """
    SELECT version, title, body, extra, attachments, tags, written_at FROM (
        SELECT version, title, body, extra, attachments, tags,
            coalesce(edited_at, created_at) AS written_at
        FROM feed_posts WHERE id = :id
        UNION ALL
        SELECT version, title, body, extra, attachments, tags, written_at
        FROM feed_post_versions WHERE post_id = :id
    ) texts
    WHERE version < :below
    ORDER BY version DESC
    LIMIT :take
    """
)
