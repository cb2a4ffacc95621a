"""Results, their certificates, and what came of them in the publicity."""

from datetime import date, datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column

from services.votes.models.base import Base, Json


class ResultRow(Base):
    """The result of a poll, as it was published; only what comes after is written later.

    ``certificate`` is the canonical JSON that ``certificate_hash`` is of. ``ends_at`` is the end of
    the publicity, None where the motion failed. ``waits`` are the things that the timeline said the
    result waits for. ``sign_off`` is what the supervisors decided, ``file_by`` the deadline of the
    filing where the chain has one.
    """

    __tablename__ = "results"
    __table_args__ = (
        CheckConstraint("sign_off IN ('sign', 'refuse')", name="results_sign_off"),
        Index("results_topic", "topic_id"),
    )

    poll_id: Mapped[str] = mapped_column(
        ForeignKey("polls.id", ondelete="CASCADE"), primary_key=True
    )
    topic_id: Mapped[str]
    passed: Mapped[bool]
    figures: Mapped[Json]
    certificate: Mapped[str]
    certificate_hash: Mapped[str]
    published_at: Mapped[datetime]
    ends_at: Mapped[datetime | None]
    waits: Mapped[Json | None]
    sign_off: Mapped[str | None]
    sign_note: Mapped[str | None]
    sign_by: Mapped[datetime | None]
    signed_at: Mapped[datetime | None]
    signed_by: Mapped[str | None]
    adopted_at: Mapped[datetime | None]
    file_by: Mapped[datetime | None]
    file_number: Mapped[str | None]
    file_authority: Mapped[str | None]
    filed_on: Mapped[date | None]
    filed_at: Mapped[datetime | None]
    filed_by: Mapped[str | None]
    annulled_at: Mapped[datetime | None]
    annulled_by: Mapped[str | None]
    annul_reason: Mapped[str | None]
