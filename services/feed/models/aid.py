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
    8:00–15:00), any time is all of them. ``minors`` marks help that concerns children, which the
    committee's list shows by ``flagged_at``. States in :mod:`services.feed.domain.aid`.
    """

    __tablename__ = "feed_aid_posts"

    post_id: Mapped[str] = mapped_column(ForeignKey("feed_posts.id"), primary_key=True)
    community_id: Mapped[str]
    kind: Mapped[str]
    skill: Mapped[str] = mapped_column(server_default="")
    hours: Mapped[Any] = mapped_column(INT4MULTIRANGE, server_default=text("'{[0,10080)}'"))
    minors: Mapped[bool] = mapped_column(server_default=text("false"))
    state: Mapped[str] = mapped_column(server_default="open")
    flagged_at: Mapped[datetime]

    __table_args__ = (
        CheckConstraint("kind IN ('offer', 'need', 'idle')", name="feed_aid_posts_kind"),
        CheckConstraint(
            "state IN ('open', 'reserved', 'closed', 'gone')", name="feed_aid_posts_state"
        ),
        Index(
            "feed_aid_posts_open", "community_id", "kind", postgresql_where=text("state = 'open'")
        ),
        Index(
            "feed_aid_posts_minors",
            "community_id",
            text("flagged_at DESC"),
            text("post_id DESC"),
            postgresql_where=text("minors"),
        ),
    )


class Handshake(Base):
    """Two neighbours on one offer, need or thing; states in :mod:`services.feed.domain.handshake`.

    An idle thing has one that stands at a time. ``helper_id`` helps or gives, ``done_by`` said
    that it was done, ``missed_by`` did not come, ``due_at`` is when time ends it.
    """

    __tablename__ = "feed_handshakes"

    id: Mapped[str] = mapped_column(primary_key=True)
    post_id: Mapped[str] = mapped_column(ForeignKey("feed_posts.id"))
    community_id: Mapped[str]
    kind: Mapped[str]
    author_id: Mapped[str]
    asker_id: Mapped[str]
    helper_id: Mapped[str]
    state: Mapped[str]
    minors: Mapped[bool] = mapped_column(server_default=text("false"))
    slots: Mapped[list[dict[str, Any]]] = mapped_column(server_default=text("'[]'"))
    note: Mapped[str] = mapped_column(server_default="")
    thanks: Mapped[str] = mapped_column(server_default="")
    done_by: Mapped[str | None]
    missed_by: Mapped[str | None]
    asked_at: Mapped[datetime]
    changed_at: Mapped[datetime]
    due_at: Mapped[datetime | None]

    __table_args__ = (
        CheckConstraint("kind IN ('offer', 'need', 'idle')", name="feed_handshakes_kind"),
        CheckConstraint(
            "state IN ('asked', 'agreed', 'declined', 'done', 'thanked', 'no_show', 'cancelled')",
            name="feed_handshakes_state",
        ),
        CheckConstraint("author_id <> asker_id", name="feed_handshakes_two_people"),
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
        Index("feed_handshakes_post", "post_id", text("asked_at DESC"), text("id DESC")),
        Index("feed_handshakes_asker", "asker_id", "changed_at"),
        Index("feed_handshakes_author", "author_id", "changed_at"),
        Index(
            "feed_handshakes_thanked",
            "community_id",
            "helper_id",
            postgresql_where=text("state = 'thanked' AND kind <> 'idle'"),
        ),
        Index(
            "feed_handshakes_missed",
            "community_id",
            "missed_by",
            "changed_at",
            postgresql_where=text("state = 'no_show'"),
        ),
        Index("feed_handshakes_due", "due_at", postgresql_where=text("due_at IS NOT NULL")),
    )


class HandshakeStep(Base):
    """Who moved a handshake where, and when; ``by`` NULL is time itself."""

    __tablename__ = "feed_handshake_steps"

    id: Mapped[str] = mapped_column(primary_key=True)
    handshake_id: Mapped[str] = mapped_column(ForeignKey("feed_handshakes.id"))
    state: Mapped[str]
    by: Mapped[str | None]
    note: Mapped[str] = mapped_column(server_default="")
    at: Mapped[datetime]

    __table_args__ = (Index("feed_handshake_steps_of", "handshake_id", "at", "id"),)


class NoShowClearance(Base):
    """The committee's word that somebody who did not come may ask and agree again."""

    __tablename__ = "feed_no_show_clearances"

    id: Mapped[str] = mapped_column(primary_key=True)
    community_id: Mapped[str]
    person_id: Mapped[str]
    note: Mapped[str]
    by: Mapped[str]
    at: Mapped[datetime]

    __table_args__ = (
        Index("feed_no_show_clearances_of", "community_id", "person_id", "at"),
        Index("feed_no_show_clearances_person", "person_id"),
    )
