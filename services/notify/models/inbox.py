"""What is told, to whom, and how much of it is unread."""

from datetime import datetime
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, Index, SmallInteger, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from services.notify.models.base import Base


class Notice(Base):
    """One thing told to one audience; ids grow with time, so they are the order of the inbox.

    ``rank`` is the place of its rule among those of the event, ``actor_id`` whoever may be named.
    """

    __tablename__ = "notices"
    __table_args__ = (UniqueConstraint("event_id", "rank"),)

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


class Inbox(Base):
    """A notice in somebody's inbox."""

    __tablename__ = "inbox"
    __table_args__ = (Index("inbox_newest", "person_id", "notice_id", unique=True),)

    person_id: Mapped[str] = mapped_column(primary_key=True)
    event_id: Mapped[str] = mapped_column(primary_key=True)
    notice_id: Mapped[str] = mapped_column(ForeignKey("notices.id"))
    read_at: Mapped[datetime | None]


class UnreadCount(Base):
    """How many rows of a person's inbox are unread."""

    __tablename__ = "unread_counts"
    __table_args__ = (CheckConstraint("unread >= 0", name="unread_counts_unread_check"),)

    person_id: Mapped[str] = mapped_column(primary_key=True)
    unread: Mapped[int]
