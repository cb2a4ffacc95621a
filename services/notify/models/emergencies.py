"""Emergencies: what was called, what was told, whom it concerns, what is known of them.

::

    emergencies 1 ── n emergency_broadcasts          what was told, and how far it has come
         │ 1
         ├──── n emergency_households 1 ── n emergency_ticks      what was found at the door
         │              │ 1
         └──── n emergency_people (n)                what each account said

All but the first two are personal and go some weeks after the end.
"""

from datetime import date, datetime
from typing import Any

from sqlalchemy import ARRAY, CheckConstraint, Index, SmallInteger, Text, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from services.notify.models.base import Base


class Emergency(Base):
    """An emergency at ``path``; of one place there is one open at a time, and one drill.

    ``ticket`` opens the doors at identity, of which ``doors_read`` buildings were read. ``counted``
    is what the live streams were told last; ``report`` is kept when the rest was forgotten.
    """

    __tablename__ = "emergencies"
    __table_args__ = (
        CheckConstraint("state IN ('open', 'closed')", name="emergencies_state"),
        Index(
            "emergencies_one_open",
            "path",
            "drill",
            unique=True,
            postgresql_where=text("state = 'open'"),
        ),
        Index("emergencies_community", "community_id", "id"),
        Index("emergencies_path", "path", postgresql_ops={"path": "text_pattern_ops"}),
    )

    id: Mapped[str] = mapped_column(primary_key=True)
    scope: Mapped[str]
    community_id: Mapped[str | None]
    path: Mapped[str]
    place: Mapped[str]
    title: Mapped[str]
    message: Mapped[str]
    drill: Mapped[bool]
    state: Mapped[str]
    called_by: Mapped[str]
    called_by_role: Mapped[str]
    called_at: Mapped[datetime]
    closed_by: Mapped[str | None]
    closed_at: Mapped[datetime | None]
    told: Mapped[int] = mapped_column(server_default=text("0"), default=0)
    doors: Mapped[str]
    ticket: Mapped[str | None]
    doors_read: Mapped[int] = mapped_column(server_default=text("0"), default=0)
    doors_as_of: Mapped[datetime | None]
    counted: Mapped[dict[str, Any] | None] = mapped_column(JSONB(none_as_null=True))
    report: Mapped[dict[str, Any] | None] = mapped_column(JSONB(none_as_null=True))


class EmergencyBroadcast(Base):
    """Something that was told; its id is the event's of its notices.

    It goes out in portions: ``step`` 1 to the members as the directory has them, 2 to whoever else
    lives behind the doors; ``after_community`` and ``after_person`` say how far it has come.
    """

    __tablename__ = "emergency_broadcasts"
    __table_args__ = (Index("emergency_broadcasts_of", "emergency_id", "id"),)

    id: Mapped[str] = mapped_column(primary_key=True)
    emergency_id: Mapped[str]
    kind: Mapped[str]
    to_whom: Mapped[str]
    message: Mapped[str]
    by_id: Mapped[str]
    by_role: Mapped[str]
    at: Mapped[datetime]
    step: Mapped[int] = mapped_column(SmallInteger, server_default=text("1"), default=1)
    after_community: Mapped[str] = mapped_column(server_default=text("''"), default="")
    after_person: Mapped[str] = mapped_column(server_default=text("''"), default="")
    told: Mapped[int] = mapped_column(server_default=text("0"), default=0)
    done_at: Mapped[datetime | None]


class EmergencyHousehold(Base):
    """A door; ``person_id`` is set where no address is known, of an account alone.

    ``state`` is what is known, reckoned whenever something is said of it: ``by_staff`` if that was
    at the door. ``heard_at`` is when something was heard first. ``entries`` are those of them whom
    the register knows and who have no account.
    """

    __tablename__ = "emergency_households"
    __table_args__ = (
        Index("emergency_households_walk", "emergency_id", "state", "position", "ref"),
        Index(
            "emergency_households_person",
            "person_id",
            postgresql_where=text("person_id IS NOT NULL"),
        ),
    )

    emergency_id: Mapped[str] = mapped_column(primary_key=True)
    ref: Mapped[str] = mapped_column(primary_key=True)
    position: Mapped[int]
    building: Mapped[str]
    unit: Mapped[str]
    room: Mapped[str]
    floor: Mapped[int | None] = mapped_column(SmallInteger)
    people: Mapped[int]
    person_id: Mapped[str | None]
    state: Mapped[str] = mapped_column(server_default=text("'silent'"), default="silent")
    need: Mapped[str | None]
    by_staff: Mapped[bool] = mapped_column(server_default=text("false"), default=False)
    heard_at: Mapped[datetime | None]
    entries: Mapped[list[str]] = mapped_column(
        ARRAY(Text()), server_default=text("'{}'"), default=list
    )


class EmergencyMember(Base):
    """An account of a household, and what it last said; ``whole``: for all at home."""

    __tablename__ = "emergency_people"
    __table_args__ = (
        Index("emergency_people_household", "emergency_id", "ref"),
        Index("emergency_people_person", "person_id"),
    )

    emergency_id: Mapped[str] = mapped_column(primary_key=True)
    person_id: Mapped[str] = mapped_column(primary_key=True)
    ref: Mapped[str]
    away: Mapped[bool]
    state: Mapped[str | None]
    need: Mapped[str | None]
    note: Mapped[str | None] = mapped_column(Text)
    whole: Mapped[bool | None]
    answered_at: Mapped[datetime | None]


class EmergencyTick(Base):
    """What was found at a door, by whom and when; ``key`` is the device's own name of it."""

    __tablename__ = "emergency_ticks"
    __table_args__ = (Index("emergency_ticks_household", "emergency_id", "ref", "at"),)

    emergency_id: Mapped[str] = mapped_column(primary_key=True)
    key: Mapped[str] = mapped_column(primary_key=True)
    ref: Mapped[str]
    state: Mapped[str]
    need: Mapped[str | None]
    note: Mapped[str | None]
    by_id: Mapped[str]
    by_role: Mapped[str]
    at: Mapped[datetime]
    taken_at: Mapped[datetime]


class EmergencyLook(Base):
    """Whose household was shown to whom on which day (China's): told to identity once.

    ``person_id`` is an account, or an entry of the register.
    """

    __tablename__ = "emergency_looks"
    __table_args__ = (Index("emergency_looks_person", "person_id"),)

    emergency_id: Mapped[str] = mapped_column(primary_key=True)
    person_id: Mapped[str] = mapped_column(primary_key=True)
    reader_id: Mapped[str] = mapped_column(primary_key=True)
    day: Mapped[date] = mapped_column(primary_key=True)
