"""Addresses for messages, the tickets that open them, and mail addresses on trial."""

from datetime import date, datetime

from sqlalchemy import CheckConstraint, Date, Index, SmallInteger, text
from sqlalchemy.orm import Mapped, mapped_column

from services.identity.models.base import Base, maybe, to


class Contact(Base):
    """Where somebody is told things: her mail address, or who she is in WeChat.

    Her phone is not here: it is the account's own.
    """

    __tablename__ = "contacts"
    __table_args__ = (Index("contacts_one", "person_id", "channel", unique=True),)

    id: Mapped[str] = mapped_column(primary_key=True)
    person_id: Mapped[str] = to("persons.id")
    channel: Mapped[str]
    address_sealed: Mapped[str]
    kept_at: Mapped[datetime]


class ContactTicket(Base):
    """What opens an address of a person, or the group robot of a community; hashed.

    ``looks`` is how often it did on ``day``. A ticket that ended is gone.
    """

    __tablename__ = "contact_tickets"
    __table_args__ = (
        CheckConstraint(
            "(person_id IS NULL) <> (community_id IS NULL) "
            "AND (community_id IS NULL) = (robot_sealed IS NULL)",
            name="contact_tickets_whose",
        ),
        Index("contact_tickets_hash", "ticket_hash", unique=True),
        Index(
            "contact_tickets_person",
            "person_id",
            "channel",
            unique=True,
            postgresql_where=text("person_id IS NOT NULL"),
        ),
        Index(
            "contact_tickets_community",
            "community_id",
            unique=True,
            postgresql_where=text("community_id IS NOT NULL"),
        ),
    )

    id: Mapped[str] = mapped_column(primary_key=True)
    ticket_hash: Mapped[str]
    person_id: Mapped[str | None] = maybe("persons.id")
    community_id: Mapped[str | None]
    channel: Mapped[str]
    robot_sealed: Mapped[str | None]
    given_at: Mapped[datetime]
    day: Mapped[date | None] = mapped_column(Date)
    looks: Mapped[int] = mapped_column(server_default=text("0"), default=0)


class MailCode(Base):
    """A mail address that somebody says is hers, and the code that goes there to prove it.

    The code is sealed, not hashed: whoever sends it has to read it, by the ticket. ``sent_today``
    since ``day``.
    """

    __tablename__ = "mail_codes"
    __table_args__ = (
        Index("mail_codes_person", "person_id", unique=True),
        Index("mail_codes_ticket", "ticket_hash", unique=True),
        Index("mail_codes_expiry", "expires_at"),
    )

    id: Mapped[str] = mapped_column(primary_key=True)
    person_id: Mapped[str] = to("persons.id")
    address_sealed: Mapped[str]
    code_sealed: Mapped[str]
    ticket_hash: Mapped[str]
    tries: Mapped[int] = mapped_column(SmallInteger)
    looks: Mapped[int] = mapped_column(SmallInteger)
    sent_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    day: Mapped[date] = mapped_column(Date)
    sent_today: Mapped[int] = mapped_column(SmallInteger)
