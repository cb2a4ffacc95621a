"""What goes on beside an issue: referrals, supporters, merges, look-alikes, absences, minutes."""

from datetime import date, datetime

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    ForeignKey,
    Identity,
    Index,
    Numeric,
    text,
)
from sqlalchemy.orm import Mapped, mapped_column

from services.grid_bridge.models.base import Base, Json, Path


class ReferralRow(Base):
    """A referral to another party (转办); an issue has at most one that is open."""

    __tablename__ = "issue_referrals"
    __table_args__ = (
        Index(
            "issue_referrals_open",
            "issue_id",
            unique=True,
            postgresql_where=text("state = 'open'"),
        ),
        Index("issue_referrals_by_path", "path", "id"),
        Index("issue_referrals_by_state", "state", "path", "id"),
        CheckConstraint(
            "state IN ('open', 'done', 'declined', 'withdrawn')", name="issue_referrals_state_check"
        ),
    )

    id: Mapped[str] = mapped_column(primary_key=True)
    issue_id: Mapped[str] = mapped_column(ForeignKey("issues.id", ondelete="CASCADE"))
    community_id: Mapped[str]
    path: Mapped[str] = mapped_column(Path)
    party: Mapped[str]
    department: Mapped[str | None]
    state: Mapped[str]
    note: Mapped[str]
    attachments: Mapped[list[Json]]
    referred_by: Mapped[str]
    referred_at: Mapped[datetime]
    answer: Mapped[str | None]
    answer_attachments: Mapped[list[Json]]
    settled_by: Mapped[str | None]
    settled_role: Mapped[str | None]
    settled_at: Mapped[datetime | None]


class SupporterRow(Base):
    """A neighbour whom the same problem concerns; ``following`` while she wants to hear of it."""

    __tablename__ = "issue_supporters"
    __table_args__ = (
        Index("issue_supporters_followed", "issue_id", "since", postgresql_where=text("following")),
        Index("issue_supporters_of_person", "person_id"),
    )

    issue_id: Mapped[str] = mapped_column(
        ForeignKey("issues.id", ondelete="CASCADE"), primary_key=True
    )
    person_id: Mapped[str] = mapped_column(primary_key=True)
    following: Mapped[bool]
    since: Mapped[datetime]


class MergeRow(Base):
    """A merge with the question that went before it; at most one of an issue is alive.

    ``status_before`` is where the issue goes back to when it is undone.
    """

    __tablename__ = "issue_merges"
    __table_args__ = (
        Index(
            "issue_merges_alive",
            "issue_id",
            unique=True,
            postgresql_where=text("state IN ('asked', 'agreed')"),
        ),
        Index("issue_merges_into", "into_id", postgresql_where=text("state = 'agreed'")),
        CheckConstraint(
            "state IN ('asked', 'agreed', 'refused', 'undone')", name="issue_merges_state_check"
        ),
    )

    id: Mapped[int] = mapped_column(BigInteger, Identity(always=False), primary_key=True)
    issue_id: Mapped[str] = mapped_column(ForeignKey("issues.id", ondelete="CASCADE"))
    into_id: Mapped[str] = mapped_column(ForeignKey("issues.id", ondelete="CASCADE"))
    state: Mapped[str]
    reason: Mapped[str | None]
    status_before: Mapped[str | None]
    asked_by: Mapped[str]
    asked_at: Mapped[datetime]
    decided_by: Mapped[str | None]
    decided_at: Mapped[datetime | None]


class LookAlikeRow(Base):
    """Two issues that read like the same problem, each of them once on either side.

    No foreign key on ``other_id``: checking it would lock the other issue.
    """

    __tablename__ = "issue_look_alikes"

    issue_id: Mapped[str] = mapped_column(
        ForeignKey("issues.id", ondelete="CASCADE"), primary_key=True
    )
    other_id: Mapped[str] = mapped_column(primary_key=True)
    similarity: Mapped[float] = mapped_column(Numeric(4, 3))


class AbsenceRow(Base):
    """Somebody of the committee is away, from the first day to the last (China's), who stands in.

    One a person: another takes its place.
    """

    __tablename__ = "absences"
    __table_args__ = (
        Index("absences_by_cover", "community_id", "cover_id"),
        CheckConstraint("from_day <= to_day", name="absences_days_check"),
        CheckConstraint("person_id <> cover_id", name="absences_cover_check"),
    )

    community_id: Mapped[str] = mapped_column(primary_key=True)
    person_id: Mapped[str] = mapped_column(primary_key=True)
    cover_id: Mapped[str]
    from_day: Mapped[date]
    to_day: Mapped[date]
    put_by: Mapped[str]
    put_at: Mapped[datetime]


class MinutesRow(Base):
    """Time that somebody of the committee spent on an issue."""

    __tablename__ = "issue_minutes"
    __table_args__ = (
        Index("issue_minutes_of_issue", "issue_id", "id"),
        CheckConstraint("minutes BETWEEN 1 AND 1440", name="issue_minutes_minutes_check"),
    )

    id: Mapped[int] = mapped_column(BigInteger, Identity(always=False), primary_key=True)
    issue_id: Mapped[str] = mapped_column(ForeignKey("issues.id", ondelete="CASCADE"))
    person_id: Mapped[str]
    minutes: Mapped[int]
    note: Mapped[str]
    at: Mapped[datetime]
