"""The districts' catalogues in versions."""

from datetime import datetime

from sqlalchemy import UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from services.grid_bridge.models.base import Base, Json


class CatalogueVersionRow(Base):
    """A version of a district's catalogue, never changed; the highest number is the current one."""

    __tablename__ = "catalogue_versions"
    __table_args__ = (UniqueConstraint("version"),)

    district_id: Mapped[str] = mapped_column(primary_key=True)
    number: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    version: Mapped[str]
    slots: Mapped[list[Json]]
    note: Mapped[str]
    drafted_by: Mapped[str]
    drafted_at: Mapped[datetime]
    published_by: Mapped[str]
    published_at: Mapped[datetime]


class CatalogueDraftRow(Base):
    """The next version as it is being written; each writing is another ``revision``."""

    __tablename__ = "catalogue_drafts"

    district_id: Mapped[str] = mapped_column(primary_key=True)
    revision: Mapped[str]
    slots: Mapped[list[Json]]
    note: Mapped[str]
    drafted_by: Mapped[str]
    drafted_at: Mapped[datetime]
