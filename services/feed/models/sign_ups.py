"""Events that one signs up for: places, who has one, who waits for one.

::

    place A ── in: family 1 (took it) · in: family 2 (shares it) ── one of ``taken``
    place B ── in: family 3 · invited: family 4
    line    ── waiting: families 5, 6, 7, by their ``turn`` ─────── ``waiting``

``taken`` counts places, not people. It is changed under the lock of the event's row alone, which is
how nothing is sold twice. The states of a part stand in :mod:`services.feed.domain.sign_ups`.
"""

from datetime import date, datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, text
from sqlalchemy.orm import Mapped, mapped_column

from services.feed.models.base import Base


class SignUpEvent(Base):
    """The sign-up that a post carries.

    ``unit`` is what a place is: a person, a family or a stall. ``capacity`` None: no limit;
    ``heads_each`` how many people one sign-up may bring. ``code`` lets those who stand at the
    entrance check themselves in. ``turns`` counts all who ever came, again or not.
    ``next_due_at`` is when time ends it, itself or its post; None: it is closed, or names no time.
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
    turns: Mapped[int] = mapped_column(server_default=text("0"))
    closed_at: Mapped[datetime | None]
    next_due_at: Mapped[datetime | None]

    __table_args__ = (
        CheckConstraint("unit IN ('person', 'family', 'stall')", name="feed_sign_up_events_unit"),
        CheckConstraint(
            "taken >= 0 AND waiting >= 0 AND (capacity IS NULL OR taken <= capacity)",
            name="feed_sign_up_events_counts",
        ),
        Index(
            "feed_sign_up_events_due",
            "next_due_at",
            postgresql_where=text("next_due_at IS NOT NULL"),
        ),
    )


class SignUp(Base):
    """Somebody's part in an event: one per person and event, which who comes back takes up again.

    ``turn`` numbers the parts of an event in the order of their arrival, as the lock of the event
    let them in; who comes back gets another. ``place_id`` is the place's own id, new for whoever
    takes or waits for one; whoever shares it, or is invited to, has the same. ``comings`` counts
    those of the day ``came_on`` (``rules.coming``). ``invited_by`` stands from the invitation on.
    ``stall`` is the number that the place got. ``assisted_by`` is the helper who did it.
    """

    __tablename__ = "feed_sign_ups"

    id: Mapped[str] = mapped_column(primary_key=True)
    post_id: Mapped[str] = mapped_column(ForeignKey("feed_sign_up_events.post_id"))
    turn: Mapped[int]
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
    came_on: Mapped[date | None]
    comings: Mapped[int] = mapped_column(server_default=text("0"))

    __table_args__ = (
        CheckConstraint(
            "state IN ('in', 'waiting', 'invited', 'cancelled')", name="feed_sign_ups_state"
        ),
        CheckConstraint("heads >= 1", name="feed_sign_ups_heads"),
        Index("feed_sign_ups_one", "post_id", "person_id", unique=True),
        Index(
            "feed_sign_ups_stall",
            "post_id",
            "stall",
            "person_id",
            postgresql_where=text("state = 'in'"),
        ),
        Index("feed_sign_ups_code", "post_id", "code", unique=True),
        Index("feed_sign_ups_turn", "post_id", "turn", unique=True),
        Index(
            "feed_sign_ups_waiting", "post_id", "turn", postgresql_where=text("state = 'waiting'")
        ),
        Index("feed_sign_ups_place", "place_id"),
        Index("feed_sign_ups_person", "person_id"),
    )
