"""Objections (异议) and what was said about them."""

from datetime import datetime

from sqlalchemy import BigInteger, CheckConstraint, ForeignKey, Identity, Index, text
from sqlalchemy.orm import Mapped, mapped_column

from services.votes.models.base import Base


class ObjectionRow(Base):
    """An objection in the notice or the publicity of a poll.

    ``owed`` says that a reasoned answer is owed; it comes back once, when the objector asks again
    (``asked_again``). ``mark`` is the objector's own: until she says ``satisfied`` it stands.
    ``answers`` and ``replies`` count its notes.
    """

    __tablename__ = "objections"
    __table_args__ = (
        CheckConstraint("period IN ('notice', 'publicity')", name="objections_period"),
        CheckConstraint(
            "kind IN ('publicity_period', 'mechanism', 'text', 'roll', 'other')",
            name="objections_kind",
        ),
        CheckConstraint("mark IN ('satisfied', 'stands')", name="objections_mark"),
        Index("objections_of", "topic_id", "id"),
        Index("objections_objector", "objector_id", "topic_id"),
    )

    id: Mapped[str] = mapped_column(primary_key=True)
    topic_id: Mapped[str] = mapped_column(ForeignKey("topics.id", ondelete="CASCADE"))
    poll_id: Mapped[str] = mapped_column(ForeignKey("polls.id"))
    period: Mapped[str]
    kind: Mapped[str]
    body: Mapped[str]
    objector_id: Mapped[str | None]
    assisted_by: Mapped[str | None]
    filed_at: Mapped[datetime]
    owed: Mapped[bool] = mapped_column(server_default=text("true"), default=True)
    asked_again: Mapped[bool] = mapped_column(server_default=text("false"), default=False)
    answers: Mapped[int] = mapped_column(server_default=text("0"), default=0)
    replies: Mapped[int] = mapped_column(server_default=text("0"), default=0)
    mark: Mapped[str | None]
    marked_at: Mapped[datetime | None]
    withdrawn_at: Mapped[datetime | None]


class ObjectionNoteRow(Base):
    """One note in the thread of an objection: an answer of the body, or a reply to it."""

    __tablename__ = "objection_notes"
    __table_args__ = (
        CheckConstraint("side IN ('answer', 'reply')", name="objection_notes_side"),
        Index("objection_notes_by", "by_id"),
        Index("objection_notes_of", "objection_id", "id"),
    )

    id: Mapped[int] = mapped_column(BigInteger, Identity(), primary_key=True)
    objection_id: Mapped[str] = mapped_column(ForeignKey("objections.id", ondelete="CASCADE"))
    side: Mapped[str]
    body: Mapped[str]
    by_id: Mapped[str | None]
    by_role: Mapped[str]
    assisted_by: Mapped[str | None]
    at: Mapped[datetime]
