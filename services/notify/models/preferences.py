"""How somebody wants to be told."""

from datetime import datetime

from sqlalchemy import ARRAY, CheckConstraint, Index, SmallInteger, Text, text
from sqlalchemy.orm import Mapped, mapped_column

from services.notify.models.base import Base


class Preference(Base):
    """What somebody chose; who never chose has no row and is told by ``domain.preferences``.

    ``quiet_from`` and ``quiet_until`` are minutes of the day in China; a night runs over midnight.
    ``daily_budget`` is how many pieces of news a day may interrupt her; what comes above it waits
    for the digest.
    """

    __tablename__ = "preferences"
    __table_args__ = (
        CheckConstraint(
            "(quiet_from IS NULL) = (quiet_until IS NULL)", name="preferences_quiet_check"
        ),
    )

    person_id: Mapped[str] = mapped_column(primary_key=True)
    channels: Mapped[list[str]] = mapped_column(ARRAY(Text()))
    quiet_from: Mapped[int | None] = mapped_column(SmallInteger)
    quiet_until: Mapped[int | None] = mapped_column(SmallInteger)
    muted_kinds: Mapped[list[str]] = mapped_column(ARRAY(Text()), server_default=text("'{}'"))
    daily_budget: Mapped[int] = mapped_column(SmallInteger)
    digest: Mapped[str]
    language: Mapped[str]
    changed_at: Mapped[datetime]


class MutedThread(Base):
    """Somebody does not want to hear of a thread any more."""

    __tablename__ = "muted_threads"
    __table_args__ = (Index("muted_threads_person", "person_id"),)

    post_id: Mapped[str] = mapped_column(primary_key=True)
    person_id: Mapped[str] = mapped_column(primary_key=True)
    muted_at: Mapped[datetime]
