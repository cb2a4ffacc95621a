"""The bridge's tables; the DDL is in ``migrations/``, the rules are in ``domain``."""

from datetime import date, datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    DateTime,
    ForeignKey,
    Identity,
    Index,
    Numeric,
    SmallInteger,
    Text,
    UniqueConstraint,
    text,
)
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

from services.grid_bridge.domain.sla import Urgency

Json = dict[str, Any]
Path = Text(collation="C")


class Base(DeclarativeBase):
    """Base of the bridge's tables."""

    type_annotation_map = {  # noqa: RUF012
        str: Text,
        datetime: DateTime(timezone=True),
        Json: JSONB(none_as_null=True),
        list[Json]: JSONB,
    }


class IssueRow(Base):
    """An issue and where it stands; whoever changes it holds its lock.

    ``assisted_by`` is the helper who reported it for ``reporter_id`` (assisted mode, 代办).
    """

    __tablename__ = "issues"
    __table_args__ = (
        Index("issues_newest", "community_id", "id"),
        Index("issues_by_status", "community_id", "status", "id"),
        Index("issues_by_category", "community_id", "category", "id"),
    )

    id: Mapped[str] = mapped_column(primary_key=True)
    post_id: Mapped[str] = mapped_column(unique=True)
    community_id: Mapped[str]
    path: Mapped[str] = mapped_column(Path)
    reporter_id: Mapped[str]
    assisted_by: Mapped[str | None]
    title: Mapped[str]
    body: Mapped[str]
    hide_name: Mapped[bool]
    location: Mapped[Json | None]
    attachments: Mapped[list[Json]]
    status: Mapped[str]
    category: Mapped[str | None]
    slot: Mapped[str | None]
    standard_code: Mapped[Json | None]
    suggestion: Mapped[Json | None]
    round: Mapped[int]
    last_outcome: Mapped[str | None]
    proof: Mapped[bool]
    rated: Mapped[bool]
    score: Mapped[int | None] = mapped_column(SmallInteger)
    result: Mapped[str | None]
    work_order_no: Mapped[str | None]
    order_state: Mapped[str | None]
    triaged_at: Mapped[datetime | None]
    created_at: Mapped[datetime]
    updated_at: Mapped[datetime]


class TimelineRow(Base):
    """One step of an issue, in the order in which it took effect.

    ``reason`` is the actor's own, for the record; ``staff_only`` rows are not shown to residents.
    """

    __tablename__ = "issue_timeline"
    __table_args__ = (Index("issue_timeline_of_issue", "issue_id", "id"),)

    id: Mapped[int] = mapped_column(BigInteger, Identity(always=False), primary_key=True)
    issue_id: Mapped[str] = mapped_column(ForeignKey("issues.id", ondelete="CASCADE"))
    at: Mapped[datetime]
    kind: Mapped[str]
    actor_id: Mapped[str | None]
    actor_role: Mapped[str]
    text: Mapped[str]
    reason: Mapped[str | None]
    attachments: Mapped[list[Json]]
    staff_only: Mapped[bool]


class ReporterLookRow(Base):
    """On which day (China's) one of the staff last saw a hidden name; see ``handlers.looks``."""

    __tablename__ = "reporter_looks"

    issue_id: Mapped[str] = mapped_column(
        ForeignKey("issues.id", ondelete="CASCADE"), primary_key=True
    )
    reader_id: Mapped[str] = mapped_column(primary_key=True)
    person_id: Mapped[str] = mapped_column(primary_key=True)
    day: Mapped[date]


class SelfGovernanceRow(Base):
    """One step of self-governance (自治)."""

    __tablename__ = "self_governance"
    __table_args__ = (Index("self_governance_of_issue", "issue_id", "id"),)

    id: Mapped[int] = mapped_column(BigInteger, Identity(always=False), primary_key=True)
    issue_id: Mapped[str] = mapped_column(ForeignKey("issues.id", ondelete="CASCADE"))
    round: Mapped[int]
    step: Mapped[str]
    note: Mapped[str]
    spoke_with: Mapped[str | None]
    due_at: Mapped[datetime | None]
    outcome: Mapped[str | None]
    actor_id: Mapped[str]
    actor_role: Mapped[str]
    attachments: Mapped[list[Json]]
    at: Mapped[datetime]


class PromiseRow(Base):
    """A promise; at most one of an issue runs (``ended_at`` is null)."""

    __tablename__ = "promises"
    __table_args__ = (
        Index(
            "promises_running", "issue_id", unique=True, postgresql_where=text("ended_at IS NULL")
        ),
        Index("promises_alarms", "next_alarm", postgresql_where=text("ended_at IS NULL")),
    )

    id: Mapped[int] = mapped_column(BigInteger, Identity(always=False), primary_key=True)
    issue_id: Mapped[str] = mapped_column(ForeignKey("issues.id", ondelete="CASCADE"))
    stage: Mapped[str]
    started_at: Mapped[datetime]
    due_at: Mapped[datetime]
    provisional: Mapped[bool]
    paused_at: Mapped[datetime | None]
    rung: Mapped[int]
    next_alarm: Mapped[datetime | None]
    ended_at: Mapped[datetime | None]


class RatingRow(Base):
    """The reporter's judgement, one a round."""

    __tablename__ = "ratings"
    __table_args__ = (CheckConstraint("score BETWEEN 1 AND 5", name="ratings_score_check"),)

    issue_id: Mapped[str] = mapped_column(
        ForeignKey("issues.id", ondelete="CASCADE"), primary_key=True
    )
    round: Mapped[int] = mapped_column(primary_key=True)
    score: Mapped[int] = mapped_column(SmallInteger)
    solved: Mapped[bool]
    comment: Mapped[str]
    work_order_no: Mapped[str | None]
    at: Mapped[datetime]


class CounterRow(Base):
    """The last number given of a series, locked while the next is given."""

    __tablename__ = "counters"

    series: Mapped[str] = mapped_column(primary_key=True)
    division: Mapped[str] = mapped_column(primary_key=True)
    year: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    last: Mapped[int]


class WorkOrderRow(Base):
    """A work order as its platform last told; ``applied`` and ``used`` are the mirror's."""

    __tablename__ = "work_orders"
    __table_args__ = (
        Index("work_orders_by_path", "path", "id"),
        Index("work_orders_of_reporter", "reporter_id", "id"),
        Index("work_orders_of_issue", "issue_id"),
    )

    no: Mapped[str] = mapped_column(primary_key=True)
    id: Mapped[str] = mapped_column(unique=True)
    issue_id: Mapped[str] = mapped_column(ForeignKey("issues.id"))
    community_id: Mapped[str]
    path: Mapped[str] = mapped_column(Path)
    district_id: Mapped[str]
    reporter_id: Mapped[str]
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
    library_no: Mapped[str] = mapped_column(unique=True)
    opened_at: Mapped[datetime]
    updated_at: Mapped[datetime]


class WorkOrderUpdateRow(Base):
    """An update of the platform that took effect."""

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


class HeldUpdateRow(Base):
    """An update that has not taken effect: it waits for a gap to fill, or lies in quarantine.

    ``standing`` is waiting, quarantined or applied; ``reason`` says why it is held. One row per
    order, number and state, so that a repeated message is held once. The order may be unknown.
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
