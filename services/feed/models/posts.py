"""Posts with their history, comments, likes; the modules that a community made its own."""

from datetime import datetime
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, Index, text
from sqlalchemy.orm import Mapped, mapped_column

from services.feed.models.base import Base

# Of posts and comments alike.
STATES = "('shown', 'waiting', 'refused', 'taken_down', 'deleted')"


class CommunityModule(Base):
    """A module as one community has it: its own, or a built-in one that it changed.

    ``definition`` is what it says otherwise (see :mod:`services.feed.domain.modules`), and all of
    it for a module of its own. ``switched_on`` concerns its own ones: the built-in ones are
    switched in identity, where the community's list stands.
    """

    __tablename__ = "feed_modules"

    community_id: Mapped[str] = mapped_column(primary_key=True)
    key: Mapped[str] = mapped_column(primary_key=True)
    path: Mapped[str]
    definition: Mapped[dict[str, Any]]
    switched_on: Mapped[bool] = mapped_column(server_default=text("true"))
    version: Mapped[int] = mapped_column(server_default=text("1"))
    changed_by: Mapped[str]
    changed_at: Mapped[datetime]


class Post(Base):
    """A post. ``like_count`` and ``comment_count`` are kept by the statements that change them.

    ``author_role`` is the office in which it was said, or empty. ``assisted_by`` is the helper who
    reported a problem for the author (代办). ``path`` is the community's place in the tree at the
    time. ``state`` says who sees it (see :mod:`services.feed.domain.posts`): ``shown`` all who may
    read the module, ``waiting`` and ``refused`` its author and the moderators, ``taken_down`` the
    same with the decision, ``deleted`` nobody. ``active_at`` is when it was last spoken on,
    ``praised_id`` whom it thanks, ``version`` counts its texts (see :class:`PostVersion`).
    ``checked_at`` is when the committee last said that a service guide is right.
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
    state: Mapped[str] = mapped_column(server_default="shown")
    tags: Mapped[list[str]] = mapped_column(server_default=text("'{}'"))
    praised_id: Mapped[str | None]
    version: Mapped[int] = mapped_column(server_default=text("1"))
    active_at: Mapped[datetime] = mapped_column(server_default=text("now()"))
    pinned_at: Mapped[datetime | None]
    expires_at: Mapped[datetime | None]
    like_count: Mapped[int] = mapped_column(server_default=text("0"))
    comment_count: Mapped[int] = mapped_column(server_default=text("0"))
    created_at: Mapped[datetime]
    edited_at: Mapped[datetime | None]
    edited_by: Mapped[str | None]
    checked_at: Mapped[datetime | None]
    removed_at: Mapped[datetime | None]
    removed_by: Mapped[str | None]

    __table_args__ = (
        CheckConstraint(f"state IN {STATES}", name="feed_posts_state_check"),
        CheckConstraint("like_count >= 0", name="feed_posts_like_count_check"),
        CheckConstraint("comment_count >= 0", name="feed_posts_comment_count_check"),
        Index(
            "feed_posts_newest",
            "community_id",
            text("created_at DESC"),
            text("id DESC"),
            postgresql_where=text("state = 'shown'"),
        ),
        Index(
            "feed_posts_module_newest",
            "community_id",
            "module",
            text("created_at DESC"),
            text("id DESC"),
            postgresql_where=text("state = 'shown'"),
        ),
        Index(
            "feed_posts_pinned",
            "community_id",
            "module",
            postgresql_where=text("pinned_at IS NOT NULL AND state = 'shown'"),
        ),
        Index(
            "feed_posts_module_active",
            "community_id",
            "module",
            text("active_at DESC"),
            text("id DESC"),
            postgresql_where=text("state = 'shown'"),
        ),
        Index(
            "feed_posts_module_title",
            "community_id",
            "module",
            "title",
            "id",
            postgresql_where=text("state = 'shown'"),
        ),
        Index("feed_posts_tags", "community_id", "tags", postgresql_using="gin"),
        Index(
            "feed_posts_unshown",
            "community_id",
            "state",
            text("created_at DESC"),
            text("id DESC"),
            postgresql_where=text("state <> 'shown' AND state <> 'deleted'"),
        ),
        Index(
            "feed_posts_praised",
            "praised_id",
            text("created_at DESC"),
            postgresql_where=text("praised_id IS NOT NULL"),
        ),
        Index("feed_posts_author", "author_id", text("created_at DESC"), text("id DESC")),
        Index("feed_posts_issue", "issue_id", unique=True),
    )


class SearchedPost(Base):
    """The words of a shown post, folded; a trigger keeps them (see ``search_schema``)."""

    __tablename__ = "feed_search"

    post_id: Mapped[str] = mapped_column(
        ForeignKey("feed_posts.id", ondelete="CASCADE"), primary_key=True
    )
    community_id: Mapped[str]
    created_at: Mapped[datetime]
    words: Mapped[str]

    __table_args__ = (
        Index("feed_search_newest", "community_id", text("created_at DESC"), text("post_id DESC")),
        Index(
            "feed_search_grams",
            "community_id",
            text("feed_grams(words)"),
            postgresql_using="gin",
            postgresql_with={"fastupdate": "off"},
        ),
    )


class PostVersion(Base):
    """A text that a post had before it was edited; the present one stands in the post."""

    __tablename__ = "feed_post_versions"

    post_id: Mapped[str] = mapped_column(ForeignKey("feed_posts.id"), primary_key=True)
    version: Mapped[int] = mapped_column(primary_key=True)
    title: Mapped[str]
    body: Mapped[str]
    extra: Mapped[dict[str, Any]]
    attachments: Mapped[list[dict[str, Any]]]
    tags: Mapped[list[str]]
    written_by: Mapped[str]
    written_at: Mapped[datetime]


class Comment(Base):
    """A comment, or (``step`` set) a step of an issue's story, whose id is its event's.

    ``author_id`` is empty for an office without an account here; ``actor_name`` names it.
    ``root_id`` is the comment of the first level beneath which a reply stands, None for one of
    the first level; ``reply_count`` counts the shown ones beneath a root. ``pinned_at`` puts an
    official answer on top of the thread. ``unseen`` was taken back before the neighbours saw it.
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
    root_id: Mapped[str | None] = mapped_column(ForeignKey("feed_comments.id"))
    reply_count: Mapped[int] = mapped_column(server_default=text("0"))
    like_count: Mapped[int] = mapped_column(server_default=text("0"))
    state: Mapped[str] = mapped_column(server_default="shown")
    unseen: Mapped[bool] = mapped_column(server_default=text("false"))
    pinned_at: Mapped[datetime | None]
    attachments: Mapped[list[dict[str, Any]]] = mapped_column(server_default=text("'[]'"))
    created_at: Mapped[datetime]
    removed_at: Mapped[datetime | None]
    removed_by: Mapped[str | None]

    __table_args__ = (
        CheckConstraint(f"state IN {STATES}", name="feed_comments_state_check"),
        CheckConstraint("like_count >= 0", name="feed_comments_like_count_check"),
        CheckConstraint("reply_count >= 0", name="feed_comments_reply_count_check"),
        Index("feed_comments_thread", "post_id", "created_at", "id"),
        Index(
            "feed_comments_roots",
            "post_id",
            "created_at",
            "id",
            postgresql_where=text("root_id IS NULL"),
        ),
        Index("feed_comments_replies", "root_id", "created_at", "id"),
        Index(
            "feed_comments_answers",
            "post_id",
            "created_at",
            "id",
            postgresql_where=text("official AND step IS NULL AND state = 'shown'"),
        ),
        Index(
            "feed_comments_pinned",
            "post_id",
            "pinned_at",
            postgresql_where=text("pinned_at IS NOT NULL"),
        ),
        Index("feed_comments_author", "author_id"),
    )


class Like(Base):
    """Somebody likes a post."""

    __tablename__ = "feed_likes"

    post_id: Mapped[str] = mapped_column(ForeignKey("feed_posts.id"), primary_key=True)
    person_id: Mapped[str] = mapped_column(primary_key=True)
    created_at: Mapped[datetime]

    __table_args__ = (Index("feed_likes_person", "person_id"),)


class CommentLike(Base):
    """Somebody likes a comment."""

    __tablename__ = "feed_comment_likes"

    comment_id: Mapped[str] = mapped_column(ForeignKey("feed_comments.id"), primary_key=True)
    person_id: Mapped[str] = mapped_column(primary_key=True)
    created_at: Mapped[datetime]

    __table_args__ = (Index("feed_comment_likes_person", "person_id"),)
