"""Where in a thread a comment stands."""

from datetime import datetime, timedelta
from typing import Final, Literal

from sqlalchemy import text
from sqlalchemy.orm import Session

from services.feed.domain import comments as rules

Order = Literal["oldest", "newest"]
_MOMENT: Final = timedelta(microseconds=1)


def is_root(session: Session, comment_id: str, post_id: str) -> bool:
    """Whether a comment is one of the first level of this post."""
    return bool(
        session.scalar(
            text(
                "SELECT EXISTS (SELECT 1 FROM feed_comments "
                "WHERE id = :id AND post_id = :post AND root_id IS NULL)"
            ),
            {"id": comment_id, "post": post_id},
        )
    )


def before(session: Session, post_id: str, at: str, under: str | None, order: Order) -> str:
    """The moment at which a list begins that has a comment first; no two of a thread share one.

    Raises:
        CommentNotFound: it has no place in the list.
    """
    found: datetime | None = session.scalar(
        text(
            "SELECT coalesce(root.created_at, x.created_at) "
            "FROM feed_comments x LEFT JOIN feed_comments root "
            "ON root.id = x.root_id AND :under = 'roots' "
            "WHERE x.id = :id AND x.post_id = :post "
            "AND (:under IN ('', 'roots') OR x.root_id = :under)"
        ),
        {"id": at, "post": post_id, "under": under or ""},
    )
    if found is None:
        raise rules.CommentNotFound()
    return (found if order == "oldest" else found + _MOMENT).isoformat()
