"""Opinions on a topic, and who moderates its discussion."""

from datetime import datetime

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    ForeignKey,
    Identity,
    Index,
    UniqueConstraint,
    text,
)
from sqlalchemy.orm import Mapped, mapped_column

from services.votes.models.base import Base, Json


class OpinionRow(Base):
    """An opinion with its stance; without one it is a moderator's word.

    ``no`` counts what was told to the neighbours about one topic, in the order of the telling; it
    is empty while somebody has to look first. ``nth`` says that it is the author's first, second …
    opinion on the topic. ``earlier`` are the words before each correction, ``[{"body", "at"}]``.
    ``proposal`` is the version of the text that lay there when it was given. Of one that waited or
    was hidden ``decided_*`` say by whom and why; ``final`` is what was decided on an appeal.
    """

    __tablename__ = "opinions"
    __table_args__ = (
        CheckConstraint("stance IN ('for', 'against', 'neutral')", name="opinions_stance"),
        CheckConstraint(
            "state IN ('waiting', 'shown', 'hidden', 'withdrawn')", name="opinions_state"
        ),
        UniqueConstraint("topic_id", "no", name="opinions_no"),
        Index("opinions_author", "author_id", "topic_id"),
        Index("opinions_turns", "topic_id", "stance", "nth", "no"),
        Index("opinions_waiting", "topic_id", "id", postgresql_where=text("state = 'waiting'")),
    )

    id: Mapped[str] = mapped_column(primary_key=True)
    topic_id: Mapped[str] = mapped_column(ForeignKey("topics.id", ondelete="CASCADE"))
    no: Mapped[int | None]
    author_id: Mapped[str | None]
    nth: Mapped[int]
    stance: Mapped[str | None]
    body: Mapped[str]
    earlier: Mapped[list[Json]] = mapped_column(server_default=text("'[]'::jsonb"), default=list)
    state: Mapped[str]
    proposal: Mapped[int | None]
    assisted_by: Mapped[str | None]
    created_at: Mapped[datetime]
    corrected_at: Mapped[datetime | None]
    decided_by: Mapped[str | None]
    decided_role: Mapped[str | None]
    decision_reason: Mapped[str | None]
    decided_at: Mapped[datetime | None]
    appeal: Mapped[str | None]
    appealed_at: Mapped[datetime | None]
    final: Mapped[bool] = mapped_column(server_default=text("false"), default=False)


class ModeratorRow(Base):
    """Somebody moderates a topic's discussion from her appointment to ``ended_at``."""

    __tablename__ = "topic_moderators"
    __table_args__ = (
        Index(
            "topic_moderators_now",
            "topic_id",
            "person_id",
            unique=True,
            postgresql_where=text("ended_at IS NULL"),
        ),
        Index("topic_moderators_person", "person_id"),
    )

    id: Mapped[int] = mapped_column(BigInteger, Identity(), primary_key=True)
    topic_id: Mapped[str] = mapped_column(ForeignKey("topics.id", ondelete="CASCADE"))
    person_id: Mapped[str | None]
    appointed_by: Mapped[str | None]
    appointed_role: Mapped[str]
    appointed_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]
