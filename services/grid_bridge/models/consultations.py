"""Joint consultations (联合会商): the table, its seats, meetings with minutes, actions."""

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, Text, text
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.orm import Mapped, mapped_column

from services.grid_bridge.models.base import Base, Json, Path


class JointConsultationRow(Base):
    """A joint consultation; an issue has at most one that is open.

    ``promised_at`` is the limit that ran when it was opened: the resident is promised the next
    word not earlier. Whoever changes anything of it holds the issue's lock.
    """

    __tablename__ = "joint_consultations"
    __table_args__ = (
        Index(
            "joint_consultations_open",
            "issue_id",
            unique=True,
            postgresql_where=text("state = 'open'"),
        ),
        Index("joint_consultations_of_issue", "issue_id", "id"),
        Index("joint_consultations_by_community", "community_id", "id"),
        Index("joint_consultations_by_path", "path", "id"),
        CheckConstraint("state IN ('open', 'concluded')", name="joint_consultations_state_check"),
        CheckConstraint(
            "outcome IN ('resolved', 'unresolvable', 'handed_over', 'returned')",
            name="joint_consultations_outcome_check",
        ),
        CheckConstraint(
            "(state = 'concluded') = (outcome IS NOT NULL)",
            name="joint_consultations_outcome_needed",
        ),
    )

    id: Mapped[str] = mapped_column(primary_key=True)
    issue_id: Mapped[str] = mapped_column(ForeignKey("issues.id", ondelete="CASCADE"))
    community_id: Mapped[str]
    path: Mapped[str] = mapped_column(Path)
    state: Mapped[str]
    reason: Mapped[str]
    promised_at: Mapped[datetime]
    opened_by: Mapped[str]
    opened_role: Mapped[str]
    opened_at: Mapped[datetime]
    outcome: Mapped[str | None]
    conclusion: Mapped[str | None]
    conclusion_attachments: Mapped[list[Json]]
    concluded_by: Mapped[str | None]
    concluded_role: Mapped[str | None]
    concluded_at: Mapped[datetime | None]


class JointSeatRow(Base):
    """An invitation to a department, or to one named person of it."""

    __tablename__ = "joint_seats"
    __table_args__ = (
        Index(
            "joint_seats_once",
            "consultation_id",
            "department",
            text("COALESCE(person_id, '')"),
            unique=True,
        ),
        Index("joint_seats_of_person", "person_id", postgresql_where=text("person_id IS NOT NULL")),
        CheckConstraint(
            "state IN ('invited', 'accepted', 'declined', 'withdrawn')",
            name="joint_seats_state_check",
        ),
    )

    id: Mapped[str] = mapped_column(primary_key=True)
    consultation_id: Mapped[str] = mapped_column(
        ForeignKey("joint_consultations.id", ondelete="CASCADE")
    )
    department: Mapped[str]
    person_id: Mapped[str | None]
    state: Mapped[str]
    note: Mapped[str]
    reason: Mapped[str | None]
    invited_by: Mapped[str]
    invited_at: Mapped[datetime]
    answered_by: Mapped[str | None]
    answered_at: Mapped[datetime | None]


class JointMeetingRow(Base):
    """A meeting: planned, then held by these participants (in words), or cancelled."""

    __tablename__ = "joint_meetings"
    __table_args__ = (
        Index("joint_meetings_of_consultation", "consultation_id", "id"),
        CheckConstraint(
            "state IN ('planned', 'held', 'cancelled')", name="joint_meetings_state_check"
        ),
    )

    id: Mapped[str] = mapped_column(primary_key=True)
    consultation_id: Mapped[str] = mapped_column(
        ForeignKey("joint_consultations.id", ondelete="CASCADE")
    )
    planned_at: Mapped[datetime]
    place: Mapped[str]
    online: Mapped[bool]
    state: Mapped[str]
    participants: Mapped[list[str]] = mapped_column(ARRAY(Text))
    reason: Mapped[str | None]
    planned_by: Mapped[str]
    settled_by: Mapped[str | None]
    settled_at: Mapped[datetime | None]


class JointMinutesRow(Base):
    """One version of a meeting's minutes: what neighbours read, and what stays with the staff."""

    __tablename__ = "joint_minutes"
    __table_args__ = (CheckConstraint("version >= 1", name="joint_minutes_version_check"),)

    meeting_id: Mapped[str] = mapped_column(
        ForeignKey("joint_meetings.id", ondelete="CASCADE"), primary_key=True
    )
    version: Mapped[int] = mapped_column(primary_key=True)
    published: Mapped[str]
    internal: Mapped[str]
    attachments: Mapped[list[Json]]
    written_by: Mapped[str]
    written_role: Mapped[str]
    written_at: Mapped[datetime]


class JointActionRow(Base):
    """What was agreed to be done; ``alarm_at`` is when the clock looks at it next."""

    __tablename__ = "joint_actions"
    __table_args__ = (
        Index("joint_actions_of_consultation", "consultation_id", "id"),
        Index("joint_actions_alarms", "alarm_at", postgresql_where=text("alarm_at IS NOT NULL")),
        Index(
            "joint_actions_of_person", "person_id", postgresql_where=text("person_id IS NOT NULL")
        ),
        CheckConstraint(
            "owner IN ('committee', 'department', 'person')", name="joint_actions_owner_check"
        ),
        CheckConstraint(
            "state IN ('open', 'in_progress', 'overdue', 'done', 'dropped')",
            name="joint_actions_state_check",
        ),
    )

    id: Mapped[str] = mapped_column(primary_key=True)
    consultation_id: Mapped[str] = mapped_column(
        ForeignKey("joint_consultations.id", ondelete="CASCADE")
    )
    what: Mapped[str]
    owner: Mapped[str]
    department: Mapped[str | None]
    person_id: Mapped[str | None]
    due_at: Mapped[datetime]
    state: Mapped[str]
    note: Mapped[str]
    attachments: Mapped[list[Json]]
    made_by: Mapped[str]
    made_at: Mapped[datetime]
    moved_by: Mapped[str | None]
    moved_at: Mapped[datetime | None]
    alarm_at: Mapped[datetime | None]
    reminded: Mapped[bool]
