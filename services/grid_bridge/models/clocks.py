"""Days off as a district knows them, its limits, and the clocks of ordinary posts."""

from datetime import date, datetime

from sqlalchemy import CheckConstraint, Index, SmallInteger, text
from sqlalchemy.orm import Mapped, mapped_column

from services.grid_bridge.models.base import Base, Json, Path


class CalendarRow(Base):
    """That a district has a calendar of its own, and whether all clocks go by it.

    Each entering is another ``revision``; ``settled_at`` is null until nothing that runs was
    reckoned by an earlier one.
    """

    __tablename__ = "calendars"

    district_id: Mapped[str] = mapped_column(primary_key=True)
    revision: Mapped[str]
    changed_at: Mapped[datetime]
    settled_at: Mapped[datetime | None]


class CalendarYearRow(Base):
    """A year as a district entered it, never changed; the highest version of a year counts.

    ``days`` are {day, worked, name}: what is not among them is as published, or as weekdays are.
    """

    __tablename__ = "calendar_years"

    district_id: Mapped[str] = mapped_column(primary_key=True)
    year: Mapped[int] = mapped_column(SmallInteger, primary_key=True, autoincrement=False)
    version: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    days: Mapped[list[Json]]
    source: Mapped[str]
    complete: Mapped[bool]
    entered_by: Mapped[str]
    entered_at: Mapped[datetime]


class LimitsRow(Base):
    """A district's limits, or those of one of its communities, never changed; the highest counts.

    ``community_id`` is empty for the district's own. ``limits`` are {stage: {days, warn}}: what is
    not among them is the district's, or the default.
    """

    __tablename__ = "sla_limits"

    district_id: Mapped[str] = mapped_column(primary_key=True)
    community_id: Mapped[str] = mapped_column(primary_key=True)
    version: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    limits: Mapped[Json]
    note: Mapped[str]
    set_by: Mapped[str]
    set_at: Mapped[datetime]


class PostClockRow(Base):
    """The clock of an ordinary post until somebody in office answers (发帖必响应).

    ``published_at`` and ``due_at`` are null while only something else about the post was heard.
    ``title`` is kept while the clock runs. ``seen_epoch`` and ``seen_version`` say by which event
    it was last shown or hidden.
    """

    __tablename__ = "post_clocks"
    __table_args__ = (
        Index(
            "post_clocks_unanswered",
            "community_id",
            "due_at",
            "post_id",
            postgresql_where=text("ended_at IS NULL AND due_at IS NOT NULL"),
        ),
        Index(
            "post_clocks_open_by_path",
            "path",
            "due_at",
            postgresql_where=text("ended_at IS NULL AND due_at IS NOT NULL"),
        ),
        Index("post_clocks_alarms", "next_alarm", postgresql_where=text("next_alarm IS NOT NULL")),
        Index(
            "post_clocks_provisional",
            "due_at",
            postgresql_where=text("provisional AND ended_at IS NULL"),
        ),
        Index("post_clocks_of_author", "author_id", postgresql_where=text("author_id IS NOT NULL")),
        CheckConstraint(
            "ended_by IN ('staff', 'issue', 'removed', 'moved', 'left')",
            name="post_clocks_ended_by_check",
        ),
    )

    post_id: Mapped[str] = mapped_column(primary_key=True)
    community_id: Mapped[str]
    path: Mapped[str] = mapped_column(Path)
    module: Mapped[str]
    author_id: Mapped[str | None]
    title: Mapped[str]
    published_at: Mapped[datetime | None]
    started_at: Mapped[datetime | None]
    due_at: Mapped[datetime | None]
    provisional: Mapped[bool] = mapped_column(server_default=text("false"))
    calendar: Mapped[str] = mapped_column(server_default="")
    days: Mapped[int] = mapped_column(SmallInteger, server_default=text("1"))
    warn: Mapped[int] = mapped_column(SmallInteger, server_default=text("75"))
    rung: Mapped[int] = mapped_column(SmallInteger, server_default=text("0"))
    next_alarm: Mapped[datetime | None]
    neighbour_replied_at: Mapped[datetime | None]
    staff_replied_at: Mapped[datetime | None]
    ended_at: Mapped[datetime | None]
    ended_by: Mapped[str | None]
    seen_epoch: Mapped[int] = mapped_column(server_default=text("0"))
    seen_version: Mapped[int] = mapped_column(server_default=text("0"))


class PostClockDayRow(Base):
    """How the clocks of a community's posts of a day (China's) came out; see ``PostCounts``."""

    __tablename__ = "post_clock_days"
    __table_args__ = (Index("post_clock_days_by_path", "path", "day"),)

    community_id: Mapped[str] = mapped_column(primary_key=True)
    day: Mapped[date] = mapped_column(primary_key=True)
    path: Mapped[str] = mapped_column(Path)
    posts: Mapped[int] = mapped_column(server_default=text("0"))
    left_out: Mapped[int] = mapped_column(server_default=text("0"))
    handed_over: Mapped[int] = mapped_column(server_default=text("0"))
    gone_late: Mapped[int] = mapped_column(server_default=text("0"))
    staff_in_time: Mapped[int] = mapped_column(server_default=text("0"))
    staff_late: Mapped[int] = mapped_column(server_default=text("0"))
    neighbour_in_time: Mapped[int] = mapped_column(server_default=text("0"))
    neighbour_late: Mapped[int] = mapped_column(server_default=text("0"))
