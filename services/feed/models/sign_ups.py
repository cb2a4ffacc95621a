"""Events that one signs up for: places, who has one, who waits for one.

::

    sign_up ──free place──▶ in ──cancel──▶ cancelled      the next who waits moves up, in the
       └──────full────────▶ waiting ─────▶ in / cancelled same transaction
    invited (to share a stall) ──sign_up──▶ in, on the same place · ──cancel──▶ cancelled

``taken`` counts places, not people: two families on one stall take one. It is changed under the
lock of the event's row alone, which is how nothing is sold twice.
"""

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, text
from sqlalchemy.orm import Mapped, mapped_column

from services.feed.models.base import Base


class SignUpEvent(Base):
    """The sign-up that a post carries.

    ``unit`` is what a place is: a person, a family or a stall. ``capacity`` None: no limit;
    ``heads_each`` how many people one place may bring. ``code`` lets those who stand at the
    entrance check themselves in.
    """

    __tablename__ = "feed_sign_up_events"

    post_id: Mapped[str] = mapped_column(ForeignKey("feed_posts.id"), primary_key=True)
    community_id: Mapped[str]
    unit: Mapped[str]
    capacity: Mapped[int | None]
    heads_each: Mapped[int] = mapped_column(server_default=text("1"))
    shareable: Mapped[bool] = mapped_column(server_default=text("false"))
    opens_at: Mapped[datetime | None]
    deadline: Mapped[datetime | None]
    starts_at: Mapped[datetime | None]
    ends_at: Mapped[datetime | None]
    code: Mapped[str]
    taken: Mapped[int] = mapped_column(server_default=text("0"))
    waiting: Mapped[int] = mapped_column(server_default=text("0"))
    closed_at: Mapped[datetime | None]

    __table_args__ = (
        CheckConstraint("unit IN ('person', 'family', 'stall')", name="feed_sign_up_events_unit"),
        CheckConstraint(
            "taken >= 0 AND waiting >= 0 AND (capacity IS NULL OR taken <= capacity)",
            name="feed_sign_up_events_counts",
        ),
    )


class SignUp(Base):
    """Somebody's part in an event; one that stands per person and event.

    ``place_id`` is shared by those who share a place (the id of the sign-up that took it).
    ``stall`` is the number that the place got. ``assisted_by`` is the helper who did it.
    """

    __tablename__ = "feed_sign_ups"

    id: Mapped[str] = mapped_column(primary_key=True)
    post_id: Mapped[str] = mapped_column(ForeignKey("feed_sign_up_events.post_id"))
    person_id: Mapped[str]
    state: Mapped[str]
    place_id: Mapped[str]
    stall: Mapped[int | None]
    heads: Mapped[int] = mapped_column(server_default=text("1"))
    note: Mapped[str] = mapped_column(server_default="")
    code: Mapped[str]
    invited_by: Mapped[str | None]
    assisted_by: Mapped[str | None]
    signed_at: Mapped[datetime]
    moved_up_at: Mapped[datetime | None]
    cancelled_at: Mapped[datetime | None]
    checked_in_at: Mapped[datetime | None]
    checked_in_by: Mapped[str | None]

    __table_args__ = (
        CheckConstraint(
            "state IN ('in', 'waiting', 'invited', 'cancelled')", name="feed_sign_ups_state"
        ),
        CheckConstraint("heads >= 1", name="feed_sign_ups_heads"),
        Index(
            "feed_sign_ups_one",
            "post_id",
            "person_id",
            unique=True,
            postgresql_where=text("state <> 'cancelled'"),
        ),
        Index(
            "feed_sign_ups_stall",
            "post_id",
            "stall",
            "person_id",
            postgresql_where=text("state = 'in'"),
        ),
        Index("feed_sign_ups_code", "post_id", "code", unique=True),
        Index(
            "feed_sign_ups_waiting",
            "post_id",
            "signed_at",
            "id",
            postgresql_where=text("state = 'waiting'"),
        ),
        Index("feed_sign_ups_place", "place_id"),
        Index("feed_sign_ups_person", "person_id"),
    )
