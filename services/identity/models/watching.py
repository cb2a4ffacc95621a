"""How often observers read what."""

from datetime import date, datetime

from sqlalchemy import Index, Text, UniqueConstraint
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.orm import Mapped, mapped_column

from services.identity.models.base import Base


class ObserverReads(Base):
    """So many reads of one operation about one place, by one observer, on one day of China's.

    ``person_id`` stays when the account is deleted, like the reader's in the access log.
    """

    __tablename__ = "observer_reads"
    __table_args__ = (
        UniqueConstraint("day", "person_id", "operation", "place", "service"),
        Index("observer_reads_person", "person_id"),
        Index("observer_reads_age", "told_at"),
        Index("observer_reads_place", "place", "day", "id"),
    )

    id: Mapped[str] = mapped_column(primary_key=True)
    day: Mapped[date]
    person_id: Mapped[str]
    service: Mapped[str]
    operation: Mapped[str]
    place: Mapped[str]
    paths: Mapped[list[str]] = mapped_column(ARRAY(Text))
    reads: Mapped[int]
    told_at: Mapped[datetime]
