"""What residents wrote, as one vector each."""

from datetime import datetime
from typing import Any

from pgvector.sqlalchemy import Vector
from sqlalchemy import CheckConstraint, Index, text
from sqlalchemy.orm import Mapped, mapped_column

from services.grid_bridge.classifier.embedding import WIDTH
from services.grid_bridge.models.base import Base, Path


class VectorRow(Base):
    """A text and what it means, as a point: texts of a like meaning lie near each other.

    An issue has ``id`` its own and ``post_id`` its thread's; of a post both are the same, and a
    post that became an issue is here as the issue alone. ``body`` is what was read of it.
    ``embedding`` and ``model`` are null until it was reckoned, and again when ``digest`` says that
    the words have changed. ``author_id`` is null when nobody is named or she has left.
    """

    __tablename__ = "vectors"
    __table_args__ = (
        CheckConstraint("kind IN ('issue', 'post')", name="vectors_kind_check"),
        CheckConstraint("(embedding IS NULL) = (model IS NULL)", name="vectors_model_check"),
        Index("vectors_by_post", "post_id"),
        Index("vectors_by_author", "author_id", postgresql_where=text("author_id IS NOT NULL")),
        Index("vectors_of_community", "community_id", "written_at"),
        Index("vectors_by_path", "path", "written_at"),
        Index("vectors_waiting", "written_at", postgresql_where=text("embedding IS NULL")),
        Index("vectors_by_model", "model"),
    )

    kind: Mapped[str] = mapped_column(primary_key=True)
    id: Mapped[str] = mapped_column(primary_key=True)
    post_id: Mapped[str]
    community_id: Mapped[str]
    path: Mapped[str] = mapped_column(Path)
    module: Mapped[str]
    author_id: Mapped[str | None]
    title: Mapped[str]
    body: Mapped[str]
    digest: Mapped[str]
    model: Mapped[str | None]
    embedding: Mapped[Any | None] = mapped_column(Vector(WIDTH))
    written_at: Mapped[datetime]
    reckoned_at: Mapped[datetime | None]
