"""Ways out of the house: what is offered, browsers that take a push, tickets, group robots."""

from datetime import datetime

from sqlalchemy import Index
from sqlalchemy.orm import Mapped, mapped_column

from services.notify.models.base import Base


class Offer(Base):
    """A channel that the sender has a provider for, as it said last; no row: not offered.

    So it is when the row is old: the sender has gone. ``said_at`` is by the database's clock.
    ``public_key`` is web push's application server key (RFC 8292).
    """

    __tablename__ = "offers"

    channel: Mapped[str] = mapped_column(primary_key=True)
    public_key: Mapped[str | None]
    said_at: Mapped[datetime]


class PushSubscription(Base):
    """A browser that lets us wake it (RFC 8030); ``label`` is what its owner calls it.

    An endpoint is of whoever logged in with that browser last.
    """

    __tablename__ = "push_subscriptions"
    __table_args__ = (
        Index("push_subscriptions_endpoint", "endpoint_hash", unique=True),
        Index("push_subscriptions_person", "person_id"),
    )

    id: Mapped[str] = mapped_column(primary_key=True)
    person_id: Mapped[str]
    endpoint: Mapped[str]
    endpoint_hash: Mapped[str]
    p256dh: Mapped[str]
    auth: Mapped[str]
    label: Mapped[str]
    created_at: Mapped[datetime]
    reached_at: Mapped[datetime | None]


class ChannelTicket(Base):
    """What opens a person's address at identity while something is sent to her."""

    __tablename__ = "channel_tickets"

    person_id: Mapped[str] = mapped_column(primary_key=True)
    channel: Mapped[str] = mapped_column(primary_key=True)
    ticket: Mapped[str]
    shown: Mapped[str]
    given_at: Mapped[datetime]


class Robot(Base):
    """A committee's group robot, by a ticket too: duties of its community are said there."""

    __tablename__ = "robots"

    community_id: Mapped[str] = mapped_column(primary_key=True)
    ticket: Mapped[str]
    shown: Mapped[str]
    set_by: Mapped[str]
    set_at: Mapped[datetime]
