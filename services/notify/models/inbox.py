"""What is told, to whom, and how much of it is unread."""

from datetime import datetime
from typing import Any

from sqlalchemy import CheckConstraint, Index, SmallInteger, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from services.notify.models.base import Base


class Notice(Base):
    """One thing told to one audience; ids grow with time, so they are the order of the inbox.

    ``rank`` is the place of its rule among those of the event, ``actor_id`` whoever may be named,
    ``lane`` how urgent it is (:mod:`services.notify.domain.preferences`).
    """

    __tablename__ = "notices"
    __table_args__ = (
        UniqueConstraint("event_id", "rank"),
        Index("notices_created", "created_at", "id"),
    )

    id: Mapped[str] = mapped_column(primary_key=True)
    event_id: Mapped[str]
    rank: Mapped[int] = mapped_column(SmallInteger)
    kind: Mapped[str]
    variant: Mapped[str]
    why: Mapped[str]
    link: Mapped[str]
    facts: Mapped[dict[str, Any]]
    post_id: Mapped[str | None]
    community_id: Mapped[str | None]
    actor_id: Mapped[str | None]
    created_at: Mapped[datetime]
    lane: Mapped[str] = mapped_column(server_default=text("'ordinary'"), default="ordinary")
    path: Mapped[str | None]


class Inbox(Base):
    """A notice in somebody's inbox.

    The key begins with the event: what one event told is found together, and an announcement is
    written to one end of the index instead of to a hundred thousand places of it. The notice is
    written before, in the same transaction: it is not looked for again for each of its rows.
    """

    __tablename__ = "inbox"
    __table_args__ = (Index("inbox_newest", "person_id", "notice_id", unique=True),)

    event_id: Mapped[str] = mapped_column(primary_key=True)
    person_id: Mapped[str] = mapped_column(primary_key=True)
    notice_id: Mapped[str]
    read_at: Mapped[datetime | None]


class UnreadCount(Base):
    """How many rows of a person's inbox are unread, and how far the day's budget is used.

    ``day_told`` counts the budgeted news since ``day_from``, when the budget's day began that the
    last of them fell on. ``newest`` is the greatest id of a notice that she was told.
    """

    __tablename__ = "unread_counts"
    __table_args__ = (CheckConstraint("unread >= 0", name="unread_counts_unread_check"),)

    person_id: Mapped[str] = mapped_column(primary_key=True)
    unread: Mapped[int]
    day_from: Mapped[datetime | None]
    day_told: Mapped[int] = mapped_column(server_default=text("0"), default=0)
    newest: Mapped[str | None]


class LateNews(Base):
    """What an event told came into an inbox after the younger notice ``after_id`` was there.

    A notice has its id before the many whom it concerns have it: somebody may read what is newer,
    and everything up to it, while it is on its way to her.
    """

    __tablename__ = "late_news"
    __table_args__ = (Index("late_news_person", "person_id"),)

    event_id: Mapped[str] = mapped_column(primary_key=True)
    person_id: Mapped[str] = mapped_column(primary_key=True)
    after_id: Mapped[str]
