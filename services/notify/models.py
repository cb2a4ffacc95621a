"""Tables of notify.

::

    notices 1 ──── n inbox n ──── 1 unread_counts        threads 1 ── n follows      duties
    what is told     to whom        per person            what news is about          who serves

The text of a notice is kept once, however many people it is told to, and as facts: it is put
into words when somebody reads it. ``inbox`` has one row per person and event, so that nobody
hears an event twice; ``unread_counts`` is written in the statement that writes ``inbox``, so
that the number beside the bell is always the number of unread rows.
"""

from datetime import datetime
from typing import Any

from sqlalchemy import (
    CheckConstraint,
    ForeignKey,
    Index,
    SmallInteger,
    Text,
    UniqueConstraint,
    false,
    text,
)
from sqlalchemy.dialects.postgresql import JSONB, TIMESTAMP
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column


class Base(DeclarativeBase):
    """Metadata of notify's own tables."""

    type_annotation_map = {  # noqa: RUF012 - SQLAlchemy's own convention
        str: Text(),
        datetime: TIMESTAMP(timezone=True),
        dict[str, Any]: JSONB(),
    }


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


class Thread(Base):
    """What news may say of a post; a row may come with its removal before its title."""

    __tablename__ = "threads"

    post_id: Mapped[str] = mapped_column(primary_key=True)
    title: Mapped[str] = mapped_column(server_default="")
    author_id: Mapped[str | None]
    author_hidden: Mapped[bool] = mapped_column(server_default=false())
    removed: Mapped[bool] = mapped_column(server_default=false())


class Follow(Base):
    """Somebody takes part in a thread."""

    __tablename__ = "follows"
    __table_args__ = (Index("follows_person", "person_id"),)

    post_id: Mapped[str] = mapped_column(primary_key=True)
    person_id: Mapped[str] = mapped_column(primary_key=True)


class Duty(Base):
    """A granted role: who is told as an office holder. An ended one never comes back."""

    __tablename__ = "duties"
    __table_args__ = (
        Index("duties_path", "path", "role", postgresql_where=text("NOT ended")),
        Index("duties_person", "person_id"),
    )

    grant_id: Mapped[str] = mapped_column(primary_key=True)
    person_id: Mapped[str]
    role: Mapped[str]
    path: Mapped[str]
    expires_at: Mapped[datetime | None]
    ended: Mapped[bool] = mapped_column(server_default=false())


class Departed(Base):
    """A deleted account: events that are still on their way must not bring it back."""

    __tablename__ = "departed"

    person_id: Mapped[str] = mapped_column(primary_key=True)
