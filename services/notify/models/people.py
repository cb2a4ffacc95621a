"""What news is about, who takes part in it, who serves where, and who has left."""

from datetime import datetime

from sqlalchemy import Index, false, text
from sqlalchemy.orm import Mapped, mapped_column

from services.notify.models.base import Base


class Thread(Base):
    """What news may say of a post or topic; a row may come with its removal before its title.

    ``post_id`` is the thread's id, whatever ``kind`` it is of; of covenants and surveys the title
    is kept alone. ``ended_id`` is the event that ended a topic's way.
    """

    __tablename__ = "threads"

    post_id: Mapped[str] = mapped_column(primary_key=True)
    title: Mapped[str] = mapped_column(server_default="")
    author_id: Mapped[str | None]
    author_hidden: Mapped[bool] = mapped_column(server_default=false())
    removed: Mapped[bool] = mapped_column(server_default=false())
    kind: Mapped[str] = mapped_column(server_default="post")
    community_id: Mapped[str | None]
    ended_id: Mapped[str | None]


class Follow(Base):
    """Somebody takes part in a thread, or chose to follow it.

    ``part`` is how she takes part, None when she only chose to follow. ``left_id`` is set while she
    has left it: an id made when she did, older than whatever she does there afterwards.
    ``second_id`` is the newest event that said whether she seconds: the row stays when she took it
    back, so that what is told late is known to be older.
    """

    __tablename__ = "follows"
    __table_args__ = (Index("follows_person", "person_id", "post_id"),)

    post_id: Mapped[str] = mapped_column(primary_key=True)
    person_id: Mapped[str] = mapped_column(primary_key=True)
    part: Mapped[str | None] = mapped_column(server_default="spoke")
    chosen: Mapped[bool] = mapped_column(server_default=false())
    left_id: Mapped[str | None]
    second_id: Mapped[str | None]


class Distance(Base):
    """Somebody keeps away from what somebody else says, with her name or where it is ``hidden``.

    Feed's own copy of her data has it, without naming who hides: so it is not in notify's.
    """

    __tablename__ = "distances"
    __table_args__ = (Index("distances_other", "other_id"),)

    person_id: Mapped[str] = mapped_column(primary_key=True)
    other_id: Mapped[str] = mapped_column(primary_key=True)
    hidden: Mapped[bool] = mapped_column(primary_key=True)


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
