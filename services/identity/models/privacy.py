"""The privacy desk: consents, the access log, corrections, impact assessments."""

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, Text, text
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.orm import Mapped, mapped_column

from services.identity.models.base import Base, maybe, to


class Consent(Base):
    """One consent given, for the ledger: what for, in which words, by whom, with which request."""

    __tablename__ = "consents"
    __table_args__ = (
        Index("consents_person", "person_id", "given_at"),
        Index(
            "consents_membership",
            "membership_id",
            postgresql_where=text("membership_id IS NOT NULL"),
        ),
    )

    id: Mapped[str] = mapped_column(primary_key=True)
    person_id: Mapped[str] = to("persons.id")
    membership_id: Mapped[str | None] = mapped_column(
        ForeignKey("memberships.id", ondelete="SET NULL")
    )
    purpose: Mapped[str]
    given_at: Mapped[datetime]
    withdrawn_at: Mapped[datetime | None]
    notice: Mapped[str] = mapped_column(server_default=text("''"), default="")
    given_by: Mapped[str | None]


class AccessLogRow(Base):
    """Somebody in office looked at a person's data, or at an entry of the register."""

    __tablename__ = "access_log"
    __table_args__ = (
        CheckConstraint(
            "person_id IS NOT NULL OR register_id IS NOT NULL", name="access_log_about_somebody"
        ),
        Index("access_log_person", "person_id", "id"),
        Index("access_log_age", "at"),
        Index(
            "access_log_register",
            "register_id",
            postgresql_where=text("register_id IS NOT NULL"),
        ),
    )

    id: Mapped[str] = mapped_column(primary_key=True)
    person_id: Mapped[str | None] = maybe("persons.id")
    register_id: Mapped[str | None] = maybe("register_persons.id")
    actor_id: Mapped[str]
    actor_role: Mapped[str]
    community_id: Mapped[str | None] = maybe("territory.id")
    what: Mapped[str]
    purpose: Mapped[str]
    at: Mapped[datetime]


class CorrectionRow(Base):
    """Something a person says is wrong; what it should be is sealed, and gone once decided."""

    __tablename__ = "corrections"
    __table_args__ = (
        CheckConstraint("status IN ('pending', 'approved', 'refused')", name="corrections_status"),
        CheckConstraint(
            "status = 'pending' OR new_sealed IS NULL", name="corrections_value_forgotten"
        ),
        Index(
            "corrections_one_pending",
            "person_id",
            "field",
            unique=True,
            postgresql_where=text("status = 'pending'"),
        ),
        Index("corrections_queue", "community_id", "status", "requested_at", "id"),
    )

    id: Mapped[str] = mapped_column(primary_key=True)
    person_id: Mapped[str] = to("persons.id")
    community_id: Mapped[str] = to("territory.id")
    field: Mapped[str]
    new_sealed: Mapped[str | None]
    reason: Mapped[str]
    status: Mapped[str]
    requested_at: Mapped[datetime]
    decided_at: Mapped[datetime | None]
    decided_by: Mapped[str | None]
    answer: Mapped[str | None]


class ImpactAssessment(Base):
    """A record of a personal-information impact assessment; nothing in it is ever changed."""

    __tablename__ = "impact_assessments"

    id: Mapped[str] = mapped_column(primary_key=True)
    path: Mapped[str]
    title: Mapped[str]
    purpose: Mapped[str]
    data_kinds: Mapped[list[str]] = mapped_column(ARRAY(Text))
    risks: Mapped[str]
    measures: Mapped[str]
    conclusion: Mapped[str]
    recorded_by: Mapped[str]
    recorded_at: Mapped[datetime]
    review_at: Mapped[datetime]
