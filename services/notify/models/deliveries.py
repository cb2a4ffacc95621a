"""What goes out by other ways than the inbox."""

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, Index, SmallInteger, text
from sqlalchemy.orm import Mapped, mapped_column

from services.notify.models.base import Base


class Delivery(Base):
    """One piece of news on its way to one person by one channel; ``id`` is the idempotency key.

    ::

        waiting ──sent──▶ sent
           │  ▲
           │  └── later, with attempts + 1 (the provider is down)
           ├──▶ parked      given up for now: an operator sends it on
           ├──▶ digest      over the day's budget: the digest tells it
           └──▶ dropped     read meanwhile, muted, or no way to this person any more

    ``due_at`` of a waiting one lies in the future in quiet hours.
    """

    __tablename__ = "deliveries"
    __table_args__ = (
        Index("deliveries_one", "notice_id", "person_id", "channel", unique=True),
        Index("deliveries_next", "due_at", "id", postgresql_where=text("state = 'waiting'")),
        Index("deliveries_person", "person_id", "created_at"),
    )

    id: Mapped[str] = mapped_column(primary_key=True)
    person_id: Mapped[str]
    notice_id: Mapped[str] = mapped_column(ForeignKey("notices.id"))
    channel: Mapped[str]
    lane: Mapped[str]
    state: Mapped[str]
    due_at: Mapped[datetime]
    attempts: Mapped[int] = mapped_column(SmallInteger, server_default=text("0"), default=0)
    error: Mapped[str | None]
    created_at: Mapped[datetime]
    sent_at: Mapped[datetime | None]


class LaneUse(Base):
    """Somebody used the lane of emergencies: who, where, why, and how many were told.

    ``facts`` is what was said of the reason, ``link`` leads to it. Nobody who was told is named.
    """

    __tablename__ = "lane_uses"
    __table_args__ = (Index("lane_uses_newest", "used_at"),)

    notice_id: Mapped[str] = mapped_column(ForeignKey("notices.id"), primary_key=True)
    kind: Mapped[str]
    variant: Mapped[str]
    actor_id: Mapped[str | None]
    community_id: Mapped[str | None]
    path: Mapped[str | None]
    link: Mapped[str]
    facts: Mapped[dict[str, Any]]
    people: Mapped[int]
    used_at: Mapped[datetime]
