"""Mutual aid and idle things, and the handshake that both end in."""

from datetime import datetime
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, Index, text
from sqlalchemy.dialects.postgresql import INT4MULTIRANGE
from sqlalchemy.orm import Mapped, mapped_column

from services.feed.models.base import Base


class AidPost(Base):
    """What of an offer, a need or an idle thing the matching asks for; its words are the post's.

    ``hours`` are minutes of the week from Monday 00:00, business time (``[480,900)`` is Monday
    8:00–15:00); empty means any time. ``minors`` marks help that concerns children.
    """

    __tablename__ = "feed_aid_posts"

    post_id: Mapped[str] = mapped_column(ForeignKey("feed_posts.id"), primary_key=True)
    community_id: Mapped[str]
    kind: Mapped[str]
    skill: Mapped[str] = mapped_column(server_default="")
    hours: Mapped[Any] = mapped_column(INT4MULTIRANGE, server_default=text("'{}'"))
    home: Mapped[str] = mapped_column(server_default="")
    minors: Mapped[bool] = mapped_column(server_default=text("false"))
    open: Mapped[bool] = mapped_column(server_default=text("true"))

    __table_args__ = (
        CheckConstraint("kind IN ('offer', 'need', 'idle')", name="feed_aid_posts_kind"),
        Index(
            "feed_aid_posts_open", "community_id", "kind", "skill", postgresql_where=text("open")
        ),
        Index(
            "feed_aid_posts_hours", "hours", postgresql_using="gist", postgresql_where=text("open")
        ),
    )


class Handshake(Base):
    """Two neighbours on one offer, need or thing; states in :mod:`services.feed.domain.handshake`.

    An idle thing has one that stands at a time.
    """

    __tablename__ = "feed_handshakes"

    id: Mapped[str] = mapped_column(primary_key=True)
    post_id: Mapped[str] = mapped_column(ForeignKey("feed_posts.id"))
    community_id: Mapped[str]
    kind: Mapped[str]
    author_id: Mapped[str]
    asker_id: Mapped[str]
    state: Mapped[str]
    hours: Mapped[Any] = mapped_column(INT4MULTIRANGE, server_default=text("'{}'"))
    note: Mapped[str] = mapped_column(server_default="")
    thanks: Mapped[str] = mapped_column(server_default="")
    asked_at: Mapped[datetime]
    changed_at: Mapped[datetime]
    due_at: Mapped[datetime | None]

    __table_args__ = (
        CheckConstraint("kind IN ('offer', 'need', 'idle')", name="feed_handshakes_kind"),
        CheckConstraint(
            "state IN ('asked', 'agreed', 'declined', 'done', 'thanked', 'no_show', 'cancelled')",
            name="feed_handshakes_state",
        ),
        Index(
            "feed_handshakes_one_buyer",
            "post_id",
            unique=True,
            postgresql_where=text(
                "kind = 'idle' AND state IN ('asked', 'agreed', 'done', 'thanked')"
            ),
        ),
        Index(
            "feed_handshakes_one_each",
            "post_id",
            "asker_id",
            unique=True,
            postgresql_where=text("state IN ('asked', 'agreed')"),
        ),
        Index("feed_handshakes_asker", "asker_id", "changed_at"),
        Index("feed_handshakes_author", "author_id", "changed_at"),
        Index("feed_handshakes_due", "due_at", postgresql_where=text("due_at IS NOT NULL")),
    )


class HandshakeStep(Base):
    """Who moved a handshake where, and when."""

    __tablename__ = "feed_handshake_steps"

    id: Mapped[str] = mapped_column(primary_key=True)
    handshake_id: Mapped[str] = mapped_column(ForeignKey("feed_handshakes.id"))
    state: Mapped[str]
    by: Mapped[str | None]
    note: Mapped[str] = mapped_column(server_default="")
    at: Mapped[datetime]

    __table_args__ = (Index("feed_handshake_steps_of", "handshake_id", "at", "id"),)
