"""The discovery library, urges, comparisons with the platform, letters put back."""

from datetime import date, datetime

from sqlalchemy import BigInteger, ForeignKey, Identity, Index
from sqlalchemy.orm import Mapped, mapped_column

from services.grid_bridge.models.base import Base, Json, Path


class LibraryEntryRow(Base):
    """An entry of the library: one per issue that was handed over, whatever its orders.

    ``work_order_no`` is its latest order, ``orders`` how many it had; ``id`` sorts by time.
    """

    __tablename__ = "library_entries"
    __table_args__ = (
        Index("library_entries_of_district", "district_id", "id"),
        Index("library_entries_by_standing", "district_id", "standing", "id"),
    )

    no: Mapped[str] = mapped_column(primary_key=True)
    id: Mapped[str] = mapped_column(unique=True)
    issue_id: Mapped[str] = mapped_column(ForeignKey("issues.id"), unique=True)
    community_id: Mapped[str]
    path: Mapped[str] = mapped_column(Path)
    district_id: Mapped[str]
    slot: Mapped[str]
    slot_name: Mapped[str]
    catalogue_version: Mapped[str]
    title: Mapped[str]
    standing: Mapped[str]
    work_order_no: Mapped[str] = mapped_column(ForeignKey("work_orders.no"))
    order_state: Mapped[str]
    orders: Mapped[int]
    entered_at: Mapped[datetime]
    updated_at: Mapped[datetime]


class OrderUrgeRow(Base):
    """Who urged an order, and why; each level once on a day (China's)."""

    __tablename__ = "order_urges"
    __table_args__ = (Index("order_urges_by_actor", "actor_id"),)

    work_order_no: Mapped[str] = mapped_column(
        ForeignKey("work_orders.no", ondelete="CASCADE"), primary_key=True
    )
    level: Mapped[str] = mapped_column(primary_key=True)
    day: Mapped[date] = mapped_column(primary_key=True)
    reason: Mapped[str]
    actor_id: Mapped[str]
    actor_role: Mapped[str]
    at: Mapped[datetime]


class ReconciliationRow(Base):
    """A comparison with the platform's list; without a district it was of all of them."""

    __tablename__ = "reconciliations"

    id: Mapped[str] = mapped_column(primary_key=True)
    district_id: Mapped[str | None]
    path: Mapped[str | None] = mapped_column(Path)
    started_by: Mapped[str]
    started_at: Mapped[datetime]
    exported_at: Mapped[datetime | None]
    ours: Mapped[int]
    theirs: Mapped[int]
    equal: Mapped[int]
    differences: Mapped[int]


class DifferenceRow(Base):
    """A difference that a comparison found, with its repair and who did it."""

    __tablename__ = "reconciliation_rows"
    __table_args__ = (Index("reconciliation_rows_of", "reconciliation_id", "id"),)

    id: Mapped[int] = mapped_column(BigInteger, Identity(always=False), primary_key=True)
    reconciliation_id: Mapped[str] = mapped_column(
        ForeignKey("reconciliations.id", ondelete="CASCADE")
    )
    work_order_no: Mapped[str]
    kind: Mapped[str]
    ours: Mapped[Json | None]
    theirs: Mapped[Json | None]
    held: Mapped[int]
    repair: Mapped[str]
    from_seq: Mapped[int | None]
    status: Mapped[str]
    repaired_at: Mapped[datetime | None]
    repaired_by: Mapped[str | None]


class ReplayedLetterRow(Base):
    """A dead letter that was put back onto its queue, and who did it."""

    __tablename__ = "replayed_letters"

    id: Mapped[str] = mapped_column(primary_key=True)
    queue: Mapped[str]
    event_id: Mapped[str | None]
    replayed_by: Mapped[str]
    replayed_at: Mapped[datetime]
