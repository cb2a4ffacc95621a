"""Tables of feed."""

from datetime import datetime
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, Index, text
from sqlalchemy.dialects.postgresql import JSONB, TIMESTAMP
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column
from sqlalchemy.types import Text


class Base(DeclarativeBase):
    """Text is text, times carry a zone."""

    type_annotation_map = {  # noqa: RUF012 - SQLAlchemy reads it from the class
        str: Text,
        datetime: TIMESTAMP(timezone=True),
        dict[str, Any]: JSONB,
        list[dict[str, Any]]: JSONB,
    }


class Post(Base):
    """A post. ``like_count`` and ``comment_count`` are kept by the statements that change them.

    ``author_role`` is the office in which it was said, or empty. ``assisted_by`` is the helper who
    reported a problem for the author (代办). ``path`` is the community's place in the tree at the
    time.
    """

    __tablename__ = "feed_posts"

    id: Mapped[str] = mapped_column(primary_key=True)
    community_id: Mapped[str]
    path: Mapped[str]
    module: Mapped[str]
    author_id: Mapped[str]
    author_role: Mapped[str] = mapped_column(server_default="")
    assisted_by: Mapped[str | None]
    title: Mapped[str]
    body: Mapped[str]
    extra: Mapped[dict[str, Any]] = mapped_column(server_default=text("'{}'"))
    attachments: Mapped[list[dict[str, Any]]] = mapped_column(server_default=text("'[]'"))
    hide_name: Mapped[bool] = mapped_column(server_default=text("false"))
    issue_id: Mapped[str | None]
    pinned_at: Mapped[datetime | None]
    expires_at: Mapped[datetime | None]
    like_count: Mapped[int] = mapped_column(server_default=text("0"))
    comment_count: Mapped[int] = mapped_column(server_default=text("0"))
    created_at: Mapped[datetime]
    edited_at: Mapped[datetime | None]
    removed_at: Mapped[datetime | None]
    removed_by: Mapped[str | None]

    __table_args__ = (
        CheckConstraint("like_count >= 0", name="feed_posts_like_count_check"),
        CheckConstraint("comment_count >= 0", name="feed_posts_comment_count_check"),
        Index(
            "feed_posts_newest",
            "community_id",
            text("created_at DESC"),
            text("id DESC"),
            postgresql_where=text("removed_at IS NULL"),
        ),
        Index(
            "feed_posts_module_newest",
            "community_id",
            "module",
            text("created_at DESC"),
            text("id DESC"),
            postgresql_where=text("removed_at IS NULL"),
        ),
        Index(
            "feed_posts_pinned",
            "community_id",
            "module",
            postgresql_where=text("pinned_at IS NOT NULL AND removed_at IS NULL"),
        ),
        Index(
            "feed_posts_search",
            "title",
            "body",
            postgresql_using="gin",
            postgresql_ops={"title": "gin_trgm_ops", "body": "gin_trgm_ops"},
        ),
        Index("feed_posts_author", "author_id"),
        Index("feed_posts_issue", "issue_id", unique=True),
    )


class Comment(Base):
    """A comment, or (``step`` set) a step of an issue's story, whose id is its event's.

    ``author_id`` is empty for an office without an account here; ``actor_name`` names it.
    """

    __tablename__ = "feed_comments"

    id: Mapped[str] = mapped_column(primary_key=True)
    post_id: Mapped[str] = mapped_column(ForeignKey("feed_posts.id"))
    author_id: Mapped[str | None]
    actor_role: Mapped[str] = mapped_column(server_default="")
    actor_name: Mapped[str] = mapped_column(server_default="")
    official: Mapped[bool] = mapped_column(server_default=text("false"))
    step: Mapped[str | None]
    body: Mapped[str]
    reply_to: Mapped[str | None] = mapped_column(ForeignKey("feed_comments.id"))
    attachments: Mapped[list[dict[str, Any]]] = mapped_column(server_default=text("'[]'"))
    created_at: Mapped[datetime]

    __table_args__ = (
        Index("feed_comments_thread", "post_id", "created_at", "id"),
        Index("feed_comments_author", "author_id"),
    )


class Like(Base):
    """Somebody likes a post."""

    __tablename__ = "feed_likes"

    post_id: Mapped[str] = mapped_column(ForeignKey("feed_posts.id"), primary_key=True)
    person_id: Mapped[str] = mapped_column(primary_key=True)
    created_at: Mapped[datetime]

    __table_args__ = (Index("feed_likes_person", "person_id"),)
