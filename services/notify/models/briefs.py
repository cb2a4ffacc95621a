"""The weekly brief: counters by community and week, what was made of them, and who read it.

::

    event ──▶ brief_facts ──▶ brief_counts ──Monday──▶ briefs ──▶ brief_reads
      │       each thing once a week
      └─────▶ brief_posts: which wait for an answer

A week that is closed is counted in no more: what comes late is counted in the week that is open.
``week`` is its Monday in China. None of it names a person but the readers.
"""

from datetime import date, datetime
from typing import Any

from sqlalchemy import ARRAY, CheckConstraint, Date, ForeignKey, Index, Text, text
from sqlalchemy.orm import Mapped, mapped_column

from services.notify.models.base import Base


class BriefWeek(Base):
    """A week that is closed."""

    __tablename__ = "brief_weeks"

    week: Mapped[date] = mapped_column(Date(), primary_key=True)
    closed_at: Mapped[datetime]


class BriefFact(Base):
    """That a thing was counted in a week for a figure, and under which key."""

    __tablename__ = "brief_facts"
    __table_args__ = (Index("brief_facts_week", "week"),)

    subject_id: Mapped[str] = mapped_column(primary_key=True)
    figure: Mapped[str] = mapped_column(primary_key=True)
    week: Mapped[date] = mapped_column(Date(), primary_key=True)
    key: Mapped[str]


class BriefCount(Base):
    """How much of it there was; ``late`` is how much of that belongs to an earlier week."""

    __tablename__ = "brief_counts"
    __table_args__ = (CheckConstraint("count >= 0", name="brief_counts_count_check"),)

    week: Mapped[date] = mapped_column(Date(), primary_key=True)
    community_id: Mapped[str] = mapped_column(primary_key=True)
    figure: Mapped[str] = mapped_column(primary_key=True)
    key: Mapped[str] = mapped_column(primary_key=True)
    count: Mapped[int]
    late: Mapped[int]


class BriefName(Base):
    """What a kind of problem is called, as it was last called."""

    __tablename__ = "brief_names"

    key: Mapped[str] = mapped_column(primary_key=True)
    name: Mapped[str]


class BriefPost(Base):
    """A post that was to be answered; it waits while it is neither answered nor removed."""

    __tablename__ = "brief_posts"
    __table_args__ = (
        Index(
            "brief_posts_waiting",
            "path",
            "due_at",
            postgresql_where=text("due_at IS NOT NULL AND answered_at IS NULL"),
        ),
    )

    post_id: Mapped[str] = mapped_column(primary_key=True)
    community_id: Mapped[str]
    path: Mapped[str] = mapped_column(Text(collation="C"))
    due_at: Mapped[datetime | None]
    answered_at: Mapped[datetime | None]
    removed_at: Mapped[datetime | None]
    shown_at: Mapped[datetime | None]


class BriefHotTopics(Base):
    """An edition of a node's hot ten of a month, and the week it came out in."""

    __tablename__ = "brief_hot_topics"

    level: Mapped[str] = mapped_column(primary_key=True)
    node_id: Mapped[str] = mapped_column(primary_key=True)
    month: Mapped[str] = mapped_column(primary_key=True)
    week: Mapped[date] = mapped_column(Date())
    edition: Mapped[int] = mapped_column(primary_key=True)
    topics: Mapped[int]


class Brief(Base):
    """What is told of a node's week; ``counts`` by figure and key never change any more.

    Of a town or a district they are what may be told of it (``domain.briefs``); of a community they
    are whole. ``late`` are the figures that hold something of an earlier week.
    """

    __tablename__ = "briefs"
    __table_args__ = (
        Index("briefs_one", "level", "node_id", "week", unique=True),
        Index("briefs_beneath", "above_id", "week"),
        Index("briefs_path", "week", "path"),
    )

    id: Mapped[str] = mapped_column(primary_key=True)
    week: Mapped[date] = mapped_column(Date())
    level: Mapped[str]
    node_id: Mapped[str]
    above_id: Mapped[str | None]
    district_id: Mapped[str]
    path: Mapped[str]
    name: Mapped[str]
    counts: Mapped[dict[str, Any]]
    late: Mapped[list[str]] = mapped_column(ARRAY(Text()))
    made_at: Mapped[datetime]


class BriefRead(Base):
    """Somebody read a brief: in which office, held where. Who has left for good has no name."""

    __tablename__ = "brief_reads"
    __table_args__ = (
        Index("brief_reads_district", "district_id", "id"),
        Index("brief_reads_person", "person_id"),
    )

    id: Mapped[str] = mapped_column(primary_key=True)
    brief_id: Mapped[str] = mapped_column(ForeignKey("briefs.id"))
    district_id: Mapped[str]
    person_id: Mapped[str | None]
    role: Mapped[str]
    path: Mapped[str]
    read_at: Mapped[datetime]
