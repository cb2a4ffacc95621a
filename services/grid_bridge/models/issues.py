"""Issues, their steps, promises and ratings."""

from datetime import date, datetime

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    ForeignKey,
    Identity,
    Index,
    SmallInteger,
    text,
)
from sqlalchemy.orm import Mapped, mapped_column

from services.grid_bridge.models.base import Base, Json, Path

UNFINISHED = "status NOT IN ('answered', 'closed', 'merged', 'solved')"
"""Issues that have no outcome yet, as the index of them says it."""

SORTED = """
CASE
    WHEN slot IS NOT NULL THEN slot
    WHEN category = ANY (ARRAY['consult', 'advise']) THEN category
    WHEN (standard_code ->> 'kind') = 'matter' THEN standard_code ->> 'code'
    WHEN category = 'dispose' THEN category
    ELSE NULL
END"""
"""What a human sorted an issue into, as its index says it: a slot, a matter, or a kind."""


class IssueRow(Base):
    """An issue and where it stands; whoever changes it holds its lock.

    ``assisted_by`` is the helper who reported it for ``reporter_id`` (assisted mode, 代办). A case
    of ``source`` phone, visit or letter was taken in by ``taken_by`` and may be nobody's.
    ``supporters`` and ``minutes`` are the sums of what their tables hold.
    """

    __tablename__ = "issues"
    __table_args__ = (
        Index("issues_newest", "community_id", "id"),
        Index("issues_of_reporter", "reporter_id", "community_id", "id"),
        Index("issues_requested", "created_at", "id"),
        Index("issues_changed", "updated_at", "id"),
        Index("issues_requested_there", "path", "created_at", "id"),
        Index("issues_requested_as", text(f"({SORTED})"), "created_at", "id"),
        Index("issues_by_status", "community_id", "status", "id"),
        Index("issues_by_category", "community_id", "category", "id"),
        Index("issues_by_source", "community_id", "source", "id"),
        Index("issues_unfinished", "community_id", "id", postgresql_where=text(UNFINISHED)),
        Index(
            "issues_by_assignee",
            "community_id",
            "assignee_id",
            "id",
            postgresql_where=text("assignee_id IS NOT NULL"),
        ),
        CheckConstraint("supporters >= 0", name="issues_supporters_check"),
        CheckConstraint("minutes >= 0", name="issues_minutes_check"),
    )

    id: Mapped[str] = mapped_column(primary_key=True)
    post_id: Mapped[str] = mapped_column(unique=True)
    community_id: Mapped[str]
    path: Mapped[str] = mapped_column(Path)
    reporter_id: Mapped[str | None]
    assisted_by: Mapped[str | None]
    title: Mapped[str]
    body: Mapped[str]
    hide_name: Mapped[bool]
    location: Mapped[Json | None]
    attachments: Mapped[list[Json]]
    status: Mapped[str]
    category: Mapped[str | None]
    slot: Mapped[str | None]
    slot_name: Mapped[str | None]
    catalogue_version: Mapped[str | None]
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
    source: Mapped[str] = mapped_column(server_default="app")
    taken_by: Mapped[str | None]
    assignee_id: Mapped[str | None]
    supporters: Mapped[int] = mapped_column(server_default=text("0"))
    minutes: Mapped[int] = mapped_column(server_default=text("0"))
    created_at: Mapped[datetime]
    updated_at: Mapped[datetime]


class TimelineRow(Base):
    """One step of an issue, in the order in which it took effect.

    ``reason`` is the actor's own, for the record; ``staff_only`` rows are not shown to residents.
    ``round`` and ``result`` are the issue's at that moment, ``result`` only when it had ended.
    """

    __tablename__ = "issue_timeline"
    __table_args__ = (
        Index("issue_timeline_of_issue", "issue_id", "id"),
        Index("issue_timeline_unsaid", "issue_id", postgresql_where=text("round IS NULL")),
    )

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
    guide: Mapped[Json | None]
    round: Mapped[int | None]
    result: Mapped[str | None]


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
    """One step of self-governance (自治).

    An undertaking with a date is brought to mind at ``remind_at`` (null once it was, or need not
    be any more); ``checked_at`` is when somebody looked whether it was kept.
    """

    __tablename__ = "self_governance"
    __table_args__ = (
        Index("self_governance_of_issue", "issue_id", "id"),
        Index(
            "self_governance_reminders", "remind_at", postgresql_where=text("remind_at IS NOT NULL")
        ),
    )

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
    remind_at: Mapped[datetime | None]
    checked_at: Mapped[datetime | None]


class PromiseRow(Base):
    """A promise; at most one of an issue runs (``ended_at`` is null).

    ``steps`` say how its limit came about, ``calendar`` by which revision of the district's.
    """

    __tablename__ = "promises"
    __table_args__ = (
        Index(
            "promises_running", "issue_id", unique=True, postgresql_where=text("ended_at IS NULL")
        ),
        Index("promises_alarms", "next_alarm", postgresql_where=text("ended_at IS NULL")),
        Index(
            "promises_provisional",
            "due_at",
            postgresql_where=text("provisional AND ended_at IS NULL"),
        ),
        Index("promises_of_issue", "issue_id", "id"),
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
    warn: Mapped[int] = mapped_column(SmallInteger, server_default=text("75"))
    steps: Mapped[list[Json]] = mapped_column(server_default=text("'[]'"))
    calendar: Mapped[str] = mapped_column(server_default="")
    ending: Mapped[str | None]


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
