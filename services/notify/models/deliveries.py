"""What goes out by other ways than the inbox."""

from datetime import datetime
from typing import Any

from sqlalchemy import ARRAY, CheckConstraint, ForeignKey, Index, SmallInteger, Text, text
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

    ``due_at`` of a waiting one lies in the future in quiet hours, and while somebody is sending it:
    it comes back by itself when that one dies. ``attempts`` is the rung of the ladder; ``taken``
    counts how often somebody took it, never goes back, and so tells two senders of one row apart.

    ``what`` is ``news``, or a ``test`` or ``code`` that is nobody's news; ``target`` is then the
    browser to be tried, or the ticket of the address. ``reached`` are the browsers that have it.
    A robot's ``person_id`` is its community. What is over goes after ``domain.sending.KEPT``; news
    that is parked stays until an operator sends it on.
    """

    __tablename__ = "deliveries"
    __table_args__ = (
        Index("deliveries_one", "notice_id", "person_id", "channel", unique=True),
        CheckConstraint("(what = 'news') = (notice_id IS NOT NULL)", name="deliveries_what_check"),
        Index(
            "deliveries_due", "channel", "due_at", "id", postgresql_where=text("state = 'waiting'")
        ),
        Index(
            "deliveries_urgent",
            "channel",
            "due_at",
            "id",
            postgresql_where=text("state = 'waiting' AND lane = 'emergency'"),
        ),
        Index("deliveries_parked", "created_at", "id", postgresql_where=text("state = 'parked'")),
        Index("deliveries_person", "person_id", "created_at"),
        Index(
            "deliveries_over",
            "created_at",
            postgresql_where=text("state IN ('sent', 'dropped', 'digest')"),
        ),
    )

    id: Mapped[str] = mapped_column(primary_key=True)
    person_id: Mapped[str]
    notice_id: Mapped[str | None] = mapped_column(ForeignKey("notices.id"))
    channel: Mapped[str]
    lane: Mapped[str]
    state: Mapped[str]
    due_at: Mapped[datetime]
    attempts: Mapped[int] = mapped_column(SmallInteger, server_default=text("0"), default=0)
    taken: Mapped[int] = mapped_column(server_default=text("0"), default=0)
    error: Mapped[str | None]
    created_at: Mapped[datetime]
    sent_at: Mapped[datetime | None]
    what: Mapped[str] = mapped_column(server_default=text("'news'"), default="news")
    target: Mapped[str | None]
    reached: Mapped[list[str]] = mapped_column(
        ARRAY(Text()), server_default=text("'{}'"), default=list
    )


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
