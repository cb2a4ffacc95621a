"""Answer guides of the departments, their versions, and what they were used for."""

from datetime import datetime

from sqlalchemy import BigInteger, ForeignKey, Identity, Index
from sqlalchemy.orm import Mapped, mapped_column

from services.grid_bridge.models.base import Base, Path


class AnswerGuideRow(Base):
    """A guide as it stands; ``path`` is the part of the district that it is for.

    ``words`` is what a search reads.
    """

    __tablename__ = "answer_guides"
    __table_args__ = (Index("answer_guides_newest", "district_id", "id"),)

    id: Mapped[str] = mapped_column(primary_key=True)
    district_id: Mapped[str]
    path: Mapped[str] = mapped_column(Path)
    department: Mapped[str]
    title: Mapped[str]
    body: Mapped[str]
    category: Mapped[str | None]
    slot: Mapped[str | None]
    version: Mapped[int]
    words: Mapped[str]
    uses: Mapped[int]
    last_used_at: Mapped[datetime | None]
    created_at: Mapped[datetime]
    updated_at: Mapped[datetime]
    retired_at: Mapped[datetime | None]
    retired_by: Mapped[str | None]
    retired_reason: Mapped[str | None]


class AnswerGuidePairRow(Base):
    """A pair of characters side by side in a guide's words (ADR 0021)."""

    __tablename__ = "answer_guide_pairs"
    __table_args__ = (Index("answer_guide_pairs_of_guide", "guide_id"),)

    pair: Mapped[str] = mapped_column(Path, primary_key=True)
    guide_id: Mapped[str] = mapped_column(
        ForeignKey("answer_guides.id", ondelete="CASCADE"), primary_key=True
    )


class AnswerGuideVersionRow(Base):
    """What a guide said, who wrote it in which role, and when."""

    __tablename__ = "answer_guide_versions"
    __table_args__ = (Index("answer_guide_versions_by_author", "written_by"),)

    guide_id: Mapped[str] = mapped_column(
        ForeignKey("answer_guides.id", ondelete="CASCADE"), primary_key=True
    )
    version: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    title: Mapped[str]
    body: Mapped[str]
    category: Mapped[str | None]
    slot: Mapped[str | None]
    written_by: Mapped[str]
    role: Mapped[str]
    at: Mapped[datetime]


class AnswerGuideUseRow(Base):
    """An answer that was given by a guide, in the version that it had then."""

    __tablename__ = "answer_guide_uses"
    __table_args__ = (
        Index("answer_guide_uses_newest", "guide_id", "id"),
        Index("answer_guide_uses_of_issue", "issue_id"),
    )

    id: Mapped[int] = mapped_column(BigInteger, Identity(always=False), primary_key=True)
    guide_id: Mapped[str] = mapped_column(ForeignKey("answer_guides.id", ondelete="CASCADE"))
    version: Mapped[int]
    issue_id: Mapped[str] = mapped_column(ForeignKey("issues.id", ondelete="CASCADE"))
    community_id: Mapped[str]
    category: Mapped[str | None]
    slot: Mapped[str | None]
    outcome: Mapped[str]
    answered_by: Mapped[str]
    at: Mapped[datetime]
