"""What somebody asks lists for again and again."""

from datetime import datetime

from sqlalchemy import UniqueConstraint
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from services.identity.models.base import Base, to


class KeptFilter(Base):
    """A filter ``of`` a list under a name of its owner's; ``asked`` is what it asks, by field."""

    __tablename__ = "kept_filters"
    __table_args__ = (UniqueConstraint("person_id", "of", "name"),)

    id: Mapped[str] = mapped_column(primary_key=True)
    person_id: Mapped[str] = to("persons.id")
    of: Mapped[str]
    name: Mapped[str]
    asked: Mapped[dict[str, str]] = mapped_column(JSONB)
    kept_at: Mapped[datetime]
