"""Work orders as their platform tells, and the counters that number them."""

from datetime import datetime
from decimal import Decimal

from sqlalchemy import (
    ForeignKey,
    Index,
    Numeric,
    Text,
    UniqueConstraint,
    text,
)
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from services.grid_bridge.domain.sla import Urgency
from services.grid_bridge.domain.work_order import OPEN
from services.grid_bridge.models.base import Base, Json, Path


class CounterRow(Base):
    """The last number given of a series, locked while the next is given."""

    __tablename__ = "counters"

    series: Mapped[str] = mapped_column(primary_key=True)
    division: Mapped[str] = mapped_column(primary_key=True)
    year: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    last: Mapped[int]


STILL_OPEN = "state IN ({})".format(", ".join(f"'{state}'" for state in sorted(OPEN)))
"""Orders that wait for somebody, as the index of them says it."""


class WorkOrderRow(Base):
    """A work order as its platform last told; ``applied`` and ``used`` are the mirror's."""

    __tablename__ = "work_orders"
    __table_args__ = (
        Index("work_orders_by_path", "path", "id"),
        Index("work_orders_of_reporter", "reporter_id", "id"),
        Index("work_orders_of_issue", "issue_id"),
        Index("work_orders_by_district", "district_id", "no"),
        Index("work_orders_by_state", "state", "path", "id"),
        Index("work_orders_open", "path", "deadline", postgresql_where=text(STILL_OPEN)),
    )

    no: Mapped[str] = mapped_column(primary_key=True)
    id: Mapped[str] = mapped_column(unique=True)
    issue_id: Mapped[str] = mapped_column(ForeignKey("issues.id"))
    community_id: Mapped[str]
    path: Mapped[str] = mapped_column(Path)
    district_id: Mapped[str]
    reporter_id: Mapped[str | None]
    title: Mapped[str]
    category: Mapped[str]
    catalogue_version: Mapped[str]
    slot: Mapped[str]
    slot_name: Mapped[str]
    standard_code: Mapped[Json] = mapped_column(JSONB)
    department_code: Mapped[str]
    department_name: Mapped[str]
    urgency: Mapped[Urgency] = mapped_column(Text)
    urged: Mapped[bool]
    reason: Mapped[str]
    state: Mapped[str]
    applied: Mapped[int]
    used: Mapped[int]
    handled_by: Mapped[str]
    platform_ref: Mapped[str]
    deadline: Mapped[datetime]
    library_no: Mapped[str]
    opened_at: Mapped[datetime]
    updated_at: Mapped[datetime]
    urges: Mapped[int] = mapped_column(server_default="0")
    withdrawal_asked_at: Mapped[datetime | None]
    stages: Mapped[list[Json] | None]


class WorkOrderUpdateRow(Base):
    """An update of the platform that took effect.

    ``deadline`` is the order's overall limit after it, ``stages`` all limits of a new turn (重办).
    """

    __tablename__ = "work_order_updates"

    work_order_no: Mapped[str] = mapped_column(
        ForeignKey("work_orders.no", ondelete="CASCADE"), primary_key=True
    )
    seq: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    state: Mapped[str]
    at: Mapped[datetime]
    actor_role: Mapped[str]
    department: Mapped[str]
    note: Mapped[str]
    attachments: Mapped[list[Json]]
    event_id: Mapped[str]
    received_at: Mapped[datetime]
    deadline: Mapped[datetime | None]
    stages: Mapped[list[Json] | None]


class HeldUpdateRow(Base):
    """An update that has not taken effect: it waits for a gap to fill, or lies in quarantine.

    ``standing`` is waiting, quarantined, applied, or set_aside (its number has passed);
    ``reason`` says why it is held. One row per order, number and state, so that a repeated message
    is held once. The order may be unknown.
    """

    __tablename__ = "held_updates"
    __table_args__ = (
        UniqueConstraint("work_order_no", "seq", "state"),
        Index(
            "held_updates_quarantine",
            "received_at",
            postgresql_where=text("standing = 'quarantined'"),
        ),
    )

    id: Mapped[str] = mapped_column(primary_key=True)
    work_order_no: Mapped[str]
    seq: Mapped[Decimal] = mapped_column(Numeric)
    state: Mapped[str]
    standing: Mapped[str]
    reason: Mapped[str]
    event_id: Mapped[str]
    body: Mapped[Json] = mapped_column(JSONB)
    received_at: Mapped[datetime]
    settled_at: Mapped[datetime | None]
