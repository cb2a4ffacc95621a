"""Accounts, who they really are, where they live, what they may do, who helps them."""

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from services.identity.models.base import Base, maybe, to


class PersonRow(Base):
    """An account: one phone, one person.

    Without a phone it was made by staff for somebody who has none (``made_by``), and is used by
    helpers alone. With a ``guardian_id`` it is a child's, below 14 when it was made. A deleted
    account keeps its id, so that what was done stays somebody's.
    """

    __tablename__ = "persons"
    __table_args__ = (
        UniqueConstraint("phone_index", name="persons_phone_index_key"),
        Index(
            "persons_guardian",
            "guardian_id",
            postgresql_where=text("guardian_id IS NOT NULL"),
        ),
    )

    id: Mapped[str] = mapped_column(primary_key=True)
    phone_sealed: Mapped[str | None]
    phone_index: Mapped[str | None]
    display_name: Mapped[str]
    created_at: Mapped[datetime]
    made_by: Mapped[str | None]
    guardian_id: Mapped[str | None] = maybe("persons.id")
    deleted_at: Mapped[datetime | None]


class RealName(Base):
    """Who an account really is. Held once per ID number while a membership is live.

    Either name and ID number, or the pseudonym that an external verifier gave for the person
    (网号): then the platform holds neither.
    """

    __tablename__ = "real_names"
    __table_args__ = (
        UniqueConstraint("id_index", name="real_names_id_index_key"),
        UniqueConstraint("pseudonym_index", name="real_names_pseudonym_key"),
        CheckConstraint(
            "id_index IS NOT NULL OR pseudonym_index IS NOT NULL", name="real_names_somebody"
        ),
    )

    person_id: Mapped[str] = mapped_column(ForeignKey("persons.id"), primary_key=True)
    name_sealed: Mapped[str | None]
    id_number_sealed: Mapped[str | None]
    id_index: Mapped[str | None]
    birth_year: Mapped[int | None]
    given_at: Mapped[datetime]
    pseudonym_index: Mapped[str | None]
    verified_by: Mapped[str | None]
    verified_at: Mapped[datetime | None]


class Membership(Base):
    """A person's tie to an address of a community, asked for by ``requested_by`` if not by herself.

    ``residence`` ``away`` is a member who lives elsewhere (离村不离心).
    """

    __tablename__ = "memberships"
    __table_args__ = (
        CheckConstraint(
            "status IN ('pending','active','refused','ended')", name="memberships_status"
        ),
        Index(
            "memberships_one_live",
            "person_id",
            "building_id",
            text("coalesce(unit_id, '')"),
            "room_key",
            unique=True,
            postgresql_where=text("status IN ('pending', 'active')"),
        ),
        Index("memberships_queue", "community_id", "status", "requested_at", "id"),
        Index("memberships_person", "person_id"),
        Index("memberships_qr", "qr_id", postgresql_where=text("qr_id IS NOT NULL")),
        # a place can go only when nobody points at it: without these, each is a walk through all
        Index("memberships_estate", "estate_id"),
        Index("memberships_building", "building_id"),
        Index("memberships_unit", "unit_id", postgresql_where=text("unit_id IS NOT NULL")),
        Index(
            "memberships_household",
            "community_id",
            "building_id",
            "unit_id",
            "room_key",
            postgresql_where=text("status = 'active'"),
        ),
        Index(
            "memberships_register",
            "register_id",
            postgresql_where=text("register_id IS NOT NULL"),
        ),
        Index(
            "memberships_members",
            "community_id",
            "person_id",
            postgresql_where=text("status = 'active'"),
        ),
        Index(
            "memberships_expiring",
            "expires_at",
            postgresql_where=text("status = 'active' AND expires_at IS NOT NULL"),
        ),
        CheckConstraint("residence IN ('local', 'away')", name="memberships_residence"),
    )

    id: Mapped[str] = mapped_column(primary_key=True)
    person_id: Mapped[str] = to("persons.id")
    community_id: Mapped[str] = to("territory.id")
    estate_id: Mapped[str] = to("territory.id")
    building_id: Mapped[str] = to("territory.id")
    unit_id: Mapped[str | None] = maybe("territory.id")
    room: Mapped[str]
    room_key: Mapped[str]
    relation: Mapped[str]
    status: Mapped[str]
    finding: Mapped[str]
    register_id: Mapped[str | None] = maybe("register_persons.id")
    qr_id: Mapped[str | None] = maybe("qr_tokens.id")
    requested_at: Mapped[datetime]
    decided_at: Mapped[datetime | None]
    decided_by: Mapped[str | None]
    reason: Mapped[str | None]
    ended_at: Mapped[datetime | None]
    ended_by: Mapped[str | None]
    end_reason: Mapped[str | None]
    residence: Mapped[str] = mapped_column(server_default=text("'local'"), default="local")
    expires_at: Mapped[datetime | None]
    requested_by: Mapped[str | None]


class GrantRow(Base):
    """A role held at a node of the tree until it expires or is revoked."""

    __tablename__ = "grants"
    __table_args__ = (
        Index(
            "grants_one_live",
            "person_id",
            "role",
            "path",
            unique=True,
            postgresql_where=text("revoked_at IS NULL"),
        ),
        Index(
            "grants_expiring",
            "expires_at",
            postgresql_where=text("revoked_at IS NULL AND expires_at IS NOT NULL"),
        ),
        Index("grants_path", "path", postgresql_ops={"path": "text_pattern_ops"}),
    )

    id: Mapped[str] = mapped_column(primary_key=True)
    person_id: Mapped[str] = to("persons.id")
    role: Mapped[str]
    path: Mapped[str]
    territory_id: Mapped[str] = to("territory.id")
    granted_by: Mapped[str | None]
    granted_at: Mapped[datetime]
    expires_at: Mapped[datetime | None]
    revoked_at: Mapped[datetime | None]
    revoked_by: Mapped[str | None]
    reason: Mapped[str | None]
    import_id: Mapped[str | None] = maybe("imports.id")


class PartyBadge(Base):
    """Whether a confirmed Party member shows it. No row: never chosen, so not shown."""

    __tablename__ = "party_badges"

    person_id: Mapped[str] = mapped_column(ForeignKey("persons.id"), primary_key=True)
    shown: Mapped[bool]
    changed_at: Mapped[datetime]


class Assistance(Base):
    """``helper`` may act for ``subject`` (assisted mode, 代办), as the subject agreed.

    A relative is named by phone and stays unknown (``helper_id`` NULL) until the holder of that
    phone takes it up; the number is forgotten when it ends. Staff are bound to ``community_id``.
    """

    __tablename__ = "assistances"
    __table_args__ = (
        CheckConstraint("kind IN ('staff', 'relative', 'guardian')", name="assistances_kind"),
        CheckConstraint("helper_id <> subject_id", name="assistances_two_people"),
        CheckConstraint(
            "helper_id IS NOT NULL OR phone_index IS NOT NULL OR ended_at IS NOT NULL",
            name="assistances_somebody",
        ),
        Index(
            "assistances_one_live",
            "helper_id",
            "subject_id",
            "kind",
            unique=True,
            postgresql_where=text("ended_at IS NULL"),
        ),
        Index(
            "assistances_one_phone",
            "phone_index",
            "subject_id",
            unique=True,
            postgresql_where=text("ended_at IS NULL"),
        ),
        Index("assistances_subject", "subject_id"),
        Index("assistances_due", "due_at", postgresql_where=text("ended_at IS NULL")),
    )

    id: Mapped[str] = mapped_column(primary_key=True)
    kind: Mapped[str]
    helper_id: Mapped[str | None] = maybe("persons.id")
    phone_index: Mapped[str | None]
    phone_sealed: Mapped[str | None]
    subject_id: Mapped[str] = to("persons.id")
    community_id: Mapped[str | None] = maybe("territory.id")
    relationship: Mapped[str]
    consent_means: Mapped[str]
    consent_note: Mapped[str]
    consent_at: Mapped[datetime]
    recorded_by: Mapped[str] = to("persons.id")
    expires_at: Mapped[datetime | None]
    taken_up_at: Mapped[datetime | None]
    due_at: Mapped[datetime | None]
    ended_at: Mapped[datetime | None]
    ended_by: Mapped[str | None]


class AttemptLock(Base):
    """Failed attempts of one subject at one thing, and until when no more are taken."""

    __tablename__ = "attempt_locks"

    subject: Mapped[str] = mapped_column(primary_key=True)
    failures: Mapped[int]
    first_at: Mapped[datetime]
    locked_until: Mapped[datetime | None]
