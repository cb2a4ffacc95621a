"""Identity's tables.

::

    territory ◀── register_persons ── person_id ─▶ persons ◀── real_names
        ▲                                             ▲  ▲──── grants, party_badges, consents
        ├── memberships ───────────────────────────────┘  └──── sessions ◀── refresh_tokens
        └── qr_tokens                                   login_codes, sms_messages, access_log

Columns that end in ``_sealed`` hold envelopes of :mod:`services.identity.crypto`, each bound to
its column and row; ``_index`` columns hold blind indexes. The tree is kept as text paths with a
``text_pattern_ops`` index: scope is a prefix match everywhere, in tokens and events too.
"""

from datetime import datetime

from sqlalchemy import (
    CheckConstraint,
    ForeignKey,
    Index,
    Text,
    UniqueConstraint,
    text,
)
from sqlalchemy.dialects.postgresql import ARRAY, TIMESTAMP
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column


class Base(DeclarativeBase):
    """Every id is text, every time aware and UTC."""

    type_annotation_map = {str: Text(), datetime: TIMESTAMP(timezone=True)}  # noqa: RUF012


def _to(target: str) -> Mapped[str]:
    return mapped_column(ForeignKey(target))


class Territory(Base):
    """A node of the tree; ``modules`` and ``community_kind`` concern communities alone."""

    __tablename__ = "territory"
    __table_args__ = (
        CheckConstraint(
            "kind IN ('district','town','community','estate','building','unit','room')",
            name="territory_kind",
        ),
        CheckConstraint(
            "(kind = 'community') = (community_kind IS NOT NULL)",
            name="territory_community_kind",
        ),
        UniqueConstraint("path", name="territory_path_key"),
        UniqueConstraint("parent_id", "name", name="territory_sibling_names"),
        Index("territory_subtree", "path", postgresql_ops={"path": "text_pattern_ops"}),
    )

    id: Mapped[str] = mapped_column(primary_key=True)
    kind: Mapped[str]
    parent_id: Mapped[str | None] = mapped_column(ForeignKey("territory.id"))
    path: Mapped[str]
    name: Mapped[str]
    position: Mapped[int]
    code12: Mapped[str | None]
    community_kind: Mapped[str | None]
    modules: Mapped[list[str]] = mapped_column(
        ARRAY(Text), default=list, server_default=text("'{}'")
    )


class PersonRow(Base):
    """An account: one phone, one person."""

    __tablename__ = "persons"
    __table_args__ = (UniqueConstraint("phone_index", name="persons_phone_index_key"),)

    id: Mapped[str] = mapped_column(primary_key=True)
    phone_sealed: Mapped[str]
    phone_index: Mapped[str]
    display_name: Mapped[str]
    created_at: Mapped[datetime]


class RealName(Base):
    """Who an account really is. Held once per ID number while a membership is live."""

    __tablename__ = "real_names"
    __table_args__ = (UniqueConstraint("id_index", name="real_names_id_index_key"),)

    person_id: Mapped[str] = mapped_column(ForeignKey("persons.id"), primary_key=True)
    name_sealed: Mapped[str]
    id_number_sealed: Mapped[str]
    id_index: Mapped[str]
    birth_year: Mapped[int]
    given_at: Mapped[datetime]


class RegisterPerson(Base):
    """A person of the community's register, with or without an account.

    ``match_index`` is the blind index of name, building and room; what the register does not
    know (unit, birth year, ID number) is NULL.
    """

    __tablename__ = "register_persons"
    __table_args__ = (
        Index("register_persons_match", "match_index"),
        Index("register_persons_community", "community_id"),
        Index(
            "register_persons_person", "person_id", postgresql_where=text("person_id IS NOT NULL")
        ),
    )

    id: Mapped[str] = mapped_column(primary_key=True)
    community_id: Mapped[str] = _to("territory.id")
    building_id: Mapped[str] = _to("territory.id")
    unit_id: Mapped[str | None] = mapped_column(ForeignKey("territory.id"))
    room_id: Mapped[str | None] = mapped_column(ForeignKey("territory.id"))
    name_sealed: Mapped[str]
    match_index: Mapped[str]
    birth_year: Mapped[int | None]
    relation: Mapped[str]
    id_index: Mapped[str | None]
    person_id: Mapped[str | None] = mapped_column(ForeignKey("persons.id"))


class Membership(Base):
    """A person's tie to an address of a community."""

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
    )

    id: Mapped[str] = mapped_column(primary_key=True)
    person_id: Mapped[str] = _to("persons.id")
    community_id: Mapped[str] = _to("territory.id")
    estate_id: Mapped[str] = _to("territory.id")
    building_id: Mapped[str] = _to("territory.id")
    unit_id: Mapped[str | None] = mapped_column(ForeignKey("territory.id"))
    room: Mapped[str]
    room_key: Mapped[str]
    relation: Mapped[str]
    status: Mapped[str]
    finding: Mapped[str]
    register_id: Mapped[str | None] = mapped_column(ForeignKey("register_persons.id"))
    qr_id: Mapped[str | None] = mapped_column(ForeignKey("qr_tokens.id"))
    requested_at: Mapped[datetime]
    decided_at: Mapped[datetime | None]
    decided_by: Mapped[str | None]
    reason: Mapped[str | None]
    ended_at: Mapped[datetime | None]


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
    )

    id: Mapped[str] = mapped_column(primary_key=True)
    person_id: Mapped[str] = _to("persons.id")
    role: Mapped[str]
    path: Mapped[str]
    territory_id: Mapped[str] = _to("territory.id")
    granted_by: Mapped[str | None]
    granted_at: Mapped[datetime]
    expires_at: Mapped[datetime | None]
    revoked_at: Mapped[datetime | None]
    revoked_by: Mapped[str | None]


class PartyBadge(Base):
    """Whether a confirmed Party member shows it. No row: never chosen, so not shown."""

    __tablename__ = "party_badges"

    person_id: Mapped[str] = mapped_column(ForeignKey("persons.id"), primary_key=True)
    shown: Mapped[bool]
    changed_at: Mapped[datetime]


class Consent(Base):
    """One consent given, for the ledger: what for, when, with which request."""

    __tablename__ = "consents"
    __table_args__ = (Index("consents_person", "person_id", "given_at"),)

    id: Mapped[str] = mapped_column(primary_key=True)
    person_id: Mapped[str] = _to("persons.id")
    membership_id: Mapped[str | None] = mapped_column(ForeignKey("memberships.id"))
    purpose: Mapped[str]
    given_at: Mapped[datetime]
    withdrawn_at: Mapped[datetime | None]


class SessionRow(Base):
    """A log-in: the family of refresh tokens that follow one another."""

    __tablename__ = "sessions"
    __table_args__ = (
        Index("sessions_person", "person_id"),
        Index("sessions_expiry", "expires_at"),
    )

    id: Mapped[str] = mapped_column(primary_key=True)
    person_id: Mapped[str] = _to("persons.id")
    created_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    revoked_at: Mapped[datetime | None]
    revoked_why: Mapped[str | None]


class RefreshTokenRow(Base):
    """One refresh token of a session, hashed; used once."""

    __tablename__ = "refresh_tokens"
    __table_args__ = (Index("refresh_tokens_session", "session_id"),)

    token_hash: Mapped[str] = mapped_column(primary_key=True)
    session_id: Mapped[str] = mapped_column(ForeignKey("sessions.id", ondelete="CASCADE"))
    issued_at: Mapped[datetime]
    used_at: Mapped[datetime | None]


class LoginCode(Base):
    """The one code that is out for a phone, hashed with a key."""

    __tablename__ = "login_codes"
    __table_args__ = (Index("login_codes_expiry", "expires_at"),)

    phone_index: Mapped[str] = mapped_column(primary_key=True)
    code_hash: Mapped[str]
    tries: Mapped[int]
    sent_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    used_at: Mapped[datetime | None]


class SmsMessage(Base):
    """A text message that waits to be sent; gone as soon as it was, or when it is too late."""

    __tablename__ = "sms_messages"
    __table_args__ = (Index("sms_messages_due", "due_at"),)

    id: Mapped[str] = mapped_column(primary_key=True)
    phone_sealed: Mapped[str]
    text_sealed: Mapped[str]
    due_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    tries: Mapped[int]


class QrToken(Base):
    """A QR token; its signature is computed, never kept. ``building_id`` NULL: the whole estate."""

    __tablename__ = "qr_tokens"
    __table_args__ = (Index("qr_tokens_community", "community_id", "id"),)

    id: Mapped[str] = mapped_column(primary_key=True)
    community_id: Mapped[str] = _to("territory.id")
    estate_id: Mapped[str] = _to("territory.id")
    building_id: Mapped[str | None] = mapped_column(ForeignKey("territory.id"))
    created_by: Mapped[str | None]
    created_at: Mapped[datetime]
    expires_at: Mapped[datetime | None]
    revoked_at: Mapped[datetime | None]
    revoked_by: Mapped[str | None]


class AccessLogRow(Base):
    """Somebody in office looked at a person's data."""

    __tablename__ = "access_log"
    __table_args__ = (Index("access_log_person", "person_id", "id"),)

    id: Mapped[str] = mapped_column(primary_key=True)
    person_id: Mapped[str] = _to("persons.id")
    actor_id: Mapped[str]
    actor_role: Mapped[str]
    community_id: Mapped[str | None] = mapped_column(ForeignKey("territory.id"))
    what: Mapped[str]
    purpose: Mapped[str]
    at: Mapped[datetime]
