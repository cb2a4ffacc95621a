"""The hot ten: runs, concerns over the months, topics of a month, what is done about them."""

from datetime import date, datetime
from typing import Any

from pgvector.sqlalchemy import Vector
from sqlalchemy import ForeignKey, Index, text
from sqlalchemy.dialects.postgresql import JSONB, REAL
from sqlalchemy.orm import Mapped, mapped_column

from services.grid_bridge.classifier.embedding import WIDTH
from services.grid_bridge.models.base import Base, Json, Path


class HotTopicRunRow(Base):
    """A run, and when it is published an edition: its topics change no more.

    ``version`` 0 is of the running month, and gives way to the next night's; the others are kept.
    ``kind``: monthly and nightly ones come by the clock, once for each ``day``; again was asked for
    with a reason. ``digest`` names the messages and the rules that it was made from.
    """

    __tablename__ = "hot_topic_runs"
    __table_args__ = (
        Index("hot_topic_runs_editions", "level", "node_id", "month", "version", unique=True),
        Index(
            "hot_topic_runs_by_clock",
            "level",
            "node_id",
            "month",
            "kind",
            "day",
            unique=True,
            postgresql_where=text("kind <> 'again'"),
        ),
        Index(
            "hot_topic_runs_waiting",
            "asked_at",
            postgresql_where=text("state IN ('asked', 'running')"),
        ),
        Index("hot_topic_runs_by_day", "kind", "day"),
    )

    id: Mapped[str] = mapped_column(primary_key=True)
    level: Mapped[str]
    node_id: Mapped[str]
    path: Mapped[str] = mapped_column(Path)
    month: Mapped[date]
    version: Mapped[int | None]
    kind: Mapped[str]
    day: Mapped[date]
    state: Mapped[str]
    reason: Mapped[str | None]
    asked_by: Mapped[str | None]
    asked_at: Mapped[datetime]
    started_at: Mapped[datetime | None]
    attempts: Mapped[int]
    published_at: Mapped[datetime | None]
    messages: Mapped[int | None]
    without_vector: Mapped[int | None]
    digest: Mapped[str | None]
    error: Mapped[str | None]


class ConcernRow(Base):
    """A concern over the months, with the centre by which it is known again."""

    __tablename__ = "concerns"
    __table_args__ = (Index("concerns_of_node", "level", "node_id", "last_month"),)

    id: Mapped[str] = mapped_column(primary_key=True)
    level: Mapped[str]
    node_id: Mapped[str]
    first_month: Mapped[date]
    last_month: Mapped[date]
    vector: Mapped[Any | None] = mapped_column(Vector(WIDTH))
    pairs: Mapped[Json]


class ConcernMessageRow(Base):
    """A message that belongs to a concern, of whatever month; of nobody: ``vectors`` says whose."""

    __tablename__ = "concern_messages"
    __table_args__ = (
        Index("concern_messages_in_time", "concern_id", "at"),
        Index("concern_messages_by_message", "kind", "message_id"),
    )

    concern_id: Mapped[str] = mapped_column(
        ForeignKey("concerns.id", ondelete="CASCADE"), primary_key=True
    )
    kind: Mapped[str] = mapped_column(primary_key=True)
    message_id: Mapped[str] = mapped_column(primary_key=True)
    at: Mapped[datetime]


class HotTopicRow(Base):
    """A topic of a month: figures alone, nothing of a person.

    ``before`` are the people of the last three months, the newest first; ``spread`` those of the
    month by community. ``outside`` is what is told outside, null when it is not told there.
    """

    __tablename__ = "hot_topics"
    __table_args__ = (
        Index("hot_topics_of_run", "run_id", "rank", unique=True),
        Index("hot_topics_of_concern", "concern_id"),
    )

    id: Mapped[str] = mapped_column(primary_key=True)
    run_id: Mapped[str] = mapped_column(ForeignKey("hot_topic_runs.id", ondelete="CASCADE"))
    concern_id: Mapped[str] = mapped_column(ForeignKey("concerns.id"))
    rank: Mapped[int]
    label: Mapped[str]
    words: Mapped[list[str]] = mapped_column(JSONB)
    people: Mapped[int]
    messages: Mapped[int]
    before: Mapped[list[int]] = mapped_column(JSONB)
    spread: Mapped[Json]
    outside: Mapped[Json | None]


class HotTopicMessageRow(Base):
    """A message that a topic rests on, the most typical first; its words stand in ``vectors``."""

    __tablename__ = "hot_topic_messages"
    __table_args__ = (Index("hot_topic_messages_in_order", "topic_id", "place"),)

    topic_id: Mapped[str] = mapped_column(
        ForeignKey("hot_topics.id", ondelete="CASCADE"), primary_key=True
    )
    kind: Mapped[str] = mapped_column(primary_key=True)
    message_id: Mapped[str] = mapped_column(primary_key=True)
    place: Mapped[int]
    likeness: Mapped[float] = mapped_column(REAL)


class HotTopicActionRow(Base):
    """What is done about a concern. One that was linked by mistake is kept, and not shown."""

    __tablename__ = "hot_topic_actions"
    __table_args__ = (
        Index("hot_topic_actions_of_concern", "concern_id", "starts_at"),
        Index("hot_topic_actions_by_linker", "linked_by"),
    )

    id: Mapped[str] = mapped_column(primary_key=True)
    concern_id: Mapped[str] = mapped_column(ForeignKey("concerns.id"))
    topic_id: Mapped[str]
    path: Mapped[str] = mapped_column(Path)
    kind: Mapped[str]
    ref: Mapped[str]
    note: Mapped[str]
    starts_at: Mapped[datetime]
    ends_at: Mapped[datetime | None]
    linked_by: Mapped[str]
    linked_at: Mapped[datetime]
    ended_by: Mapped[str | None]
    removed_by: Mapped[str | None]
    removed_at: Mapped[datetime | None]
    removed_for: Mapped[str | None]
