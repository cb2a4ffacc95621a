"""Posts that look like problems, as the grid bridge's classifier sees them; for staff only."""

from datetime import datetime
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, Index, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from services.feed.models.base import Base


class Suggestion(Base):
    """What the classifier says of a post; a person decides.

    ``post_version`` is the text that it read: an answer about an older text is passed over.
    """

    __tablename__ = "feed_suggestions"

    post_id: Mapped[str] = mapped_column(ForeignKey("feed_posts.id"), primary_key=True)
    community_id: Mapped[str]
    post_version: Mapped[int]
    said: Mapped[dict[str, Any]] = mapped_column(JSONB)
    state: Mapped[str]
    came_at: Mapped[datetime]
    decided_by: Mapped[str | None]
    decided_at: Mapped[datetime | None]
    reason: Mapped[str] = mapped_column(server_default="")

    __table_args__ = (
        CheckConstraint("state IN ('open', 'dismissed', 'taken')", name="feed_suggestions_state"),
        Index(
            "feed_suggestions_open",
            "community_id",
            "came_at",
            "post_id",
            postgresql_where=text("state = 'open'"),
        ),
    )
