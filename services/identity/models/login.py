"""Sessions, codes, messages, second factors, WeChat, phones that move."""

from datetime import date, datetime

from sqlalchemy import BigInteger, CheckConstraint, Date, ForeignKey, Index, Text, text
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.orm import Mapped, mapped_column

from services.identity.models.base import Base, to


class SessionRow(Base):
    """A log-in: the family of refresh tokens that follow one another.

    ``factor_shown_at`` is when this session showed the second factor, if it did.
    """

    __tablename__ = "sessions"
    __table_args__ = (
        Index("sessions_person", "person_id"),
        Index("sessions_expiry", "expires_at"),
    )

    id: Mapped[str] = mapped_column(primary_key=True)
    person_id: Mapped[str] = to("persons.id")
    created_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    revoked_at: Mapped[datetime | None]
    revoked_why: Mapped[str | None]
    factor_shown_at: Mapped[datetime | None]


class RefreshTokenRow(Base):
    """One refresh token of a session, hashed; given in place of ``parent_hash``."""

    __tablename__ = "refresh_tokens"
    __table_args__ = (
        Index("refresh_tokens_session", "session_id"),
        Index("refresh_tokens_parent", "parent_hash"),
    )

    token_hash: Mapped[str] = mapped_column(primary_key=True)
    session_id: Mapped[str] = mapped_column(ForeignKey("sessions.id", ondelete="CASCADE"))
    issued_at: Mapped[datetime]
    used_at: Mapped[datetime | None]
    parent_hash: Mapped[str | None]


class LoginCode(Base):
    """The one code that is out for a phone, hashed with a key; ``sent_today`` since ``day``."""

    __tablename__ = "login_codes"
    __table_args__ = (Index("login_codes_expiry", "expires_at"),)

    phone_index: Mapped[str] = mapped_column(primary_key=True)
    code_hash: Mapped[str]
    tries: Mapped[int]
    sent_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    used_at: Mapped[datetime | None]
    day: Mapped[date | None] = mapped_column(Date)
    sent_today: Mapped[int] = mapped_column(server_default=text("0"), default=0)


class SmsMessage(Base):
    """A text message that waits to be sent; gone as soon as it was, or when it is too late.

    ``text_sealed`` holds the kind and its parameters (:mod:`services.identity.domain.messages`).
    """

    __tablename__ = "sms_messages"
    __table_args__ = (Index("sms_messages_due", "due_at"),)

    id: Mapped[str] = mapped_column(primary_key=True)
    phone_sealed: Mapped[str]
    text_sealed: Mapped[str]
    due_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    tries: Mapped[int]


class TotpFactor(Base):
    """A person's second factor; it counts once it is confirmed, each time step once."""

    __tablename__ = "totp_factors"

    person_id: Mapped[str] = mapped_column(ForeignKey("persons.id"), primary_key=True)
    secret_sealed: Mapped[str]
    created_at: Mapped[datetime]
    confirmed_at: Mapped[datetime | None]
    last_step: Mapped[int] = mapped_column(BigInteger, server_default=text("0"), default=0)
    recovery_hashes: Mapped[list[str]] = mapped_column(
        ARRAY(Text), server_default=text("'{}'"), default=list
    )


class WechatBinding(Base):
    """A WeChat account (blind index of its openid) and the person who logs in with it."""

    __tablename__ = "wechat_bindings"
    __table_args__ = (Index("wechat_bindings_person", "person_id", unique=True),)

    openid_index: Mapped[str] = mapped_column(primary_key=True)
    person_id: Mapped[str] = to("persons.id")
    bound_at: Mapped[datetime]


class WechatTicket(Base):
    """A WeChat account that nobody is bound to yet, for the log-in by phone that follows."""

    __tablename__ = "wechat_tickets"
    __table_args__ = (Index("wechat_tickets_expiry", "expires_at"),)

    ticket_hash: Mapped[str] = mapped_column(primary_key=True)
    openid_index: Mapped[str]
    expires_at: Mapped[datetime]


class PhoneRecovery(Base):
    """An account that moves to a new phone on the word of two staff members.

    ::

        opened ──second person──▶ waiting ──24 h──▶ done
           └────────────┬────────────┘
                    cancelled, expired

    The new number goes with a deleted account; who opened and confirmed stays as long as the log.
    """

    __tablename__ = "phone_recoveries"
    __table_args__ = (
        CheckConstraint(
            "state IN ('opened', 'waiting', 'done', 'cancelled', 'expired')",
            name="phone_recoveries_state",
        ),
        CheckConstraint("opened_by <> confirmed_by", name="phone_recoveries_two_people"),
        Index(
            "phone_recoveries_one_live",
            "person_id",
            unique=True,
            postgresql_where=text("state IN ('opened', 'waiting')"),
        ),
        Index("phone_recoveries_community", "community_id", "id"),
        Index(
            "phone_recoveries_due",
            "effective_at",
            postgresql_where=text("state IN ('opened', 'waiting')"),
        ),
    )

    id: Mapped[str] = mapped_column(primary_key=True)
    state: Mapped[str]
    person_id: Mapped[str] = to("persons.id")
    community_id: Mapped[str] = to("territory.id")
    new_phone_sealed: Mapped[str | None]
    new_phone_index: Mapped[str | None]
    reason: Mapped[str]
    opened_by: Mapped[str]
    opened_at: Mapped[datetime]
    confirmed_by: Mapped[str | None]
    confirmed_at: Mapped[datetime | None]
    effective_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]
    ended_by: Mapped[str | None]
