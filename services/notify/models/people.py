"""What news is about, who takes part in it, who serves where, and who has left."""

from datetime import datetime

from sqlalchemy import Index, false, text
from sqlalchemy.orm import Mapped, mapped_column

from services.notify.models.base import Base


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
