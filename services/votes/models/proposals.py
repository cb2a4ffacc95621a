"""The text that is voted on, version by version."""

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column

from services.votes.models.base import Base, Json


class ProposalVersionRow(Base):
    """A version of a topic's proposal (提案), which is never written again.

    ``articles`` are ``[{"key", "title", "text"}]`` in their order: the first is article 1, and an
    article keeps its key over the versions. ``rules`` is the whole rule set that its choice led to.
    ``covenant_version`` is the version of the covenant that it amends or repeals. What it makes
    holds from its adoption on, or from ``effective_at`` if that is later, until ``expires_at``.
    ``hash`` is of the text (:func:`services.votes.domain.proposals.text_hash`).
    """

    __tablename__ = "proposal_versions"
    __table_args__ = (
        CheckConstraint("opens_at < closes_at", name="proposal_versions_times"),
        Index("proposal_versions_writer", "written_by"),
    )

    topic_id: Mapped[str] = mapped_column(
        ForeignKey("topics.id", ondelete="CASCADE"), primary_key=True
    )
    version: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    articles: Mapped[list[Json]]
    covenant_version: Mapped[int | None]
    rules: Mapped[Json]
    opens_at: Mapped[datetime]
    closes_at: Mapped[datetime]
    effective_at: Mapped[datetime | None]
    expires_at: Mapped[datetime | None]
    hash: Mapped[str]
    written_at: Mapped[datetime]
    written_by: Mapped[str | None]
    written_role: Mapped[str]
