"""Written proxies."""

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, text
from sqlalchemy.orm import Mapped, mapped_column

from services.votes.models.base import Base, Json


class ProxyRow(Base):
    """Somebody may vote for an entry: given by one who may herself, or recorded from paper.

    ``choice`` is what was stated, and unknown in a secret poll. When it was used is kept nowhere:
    the mark on the roll says that it was.
    """

    __tablename__ = "proxies"
    __table_args__ = (
        CheckConstraint("choice IN ('for', 'against', 'abstain')", name="proxies_choice"),
        Index(
            "proxies_one",
            "poll_id",
            "code",
            unique=True,
            postgresql_where=text("revoked_at IS NULL"),
        ),
        Index("proxies_holder", "holder_id"),
        Index("proxies_principal", "principal_id"),
        Index("proxies_recorded", "recorded_by"),
    )

    id: Mapped[str] = mapped_column(primary_key=True)
    poll_id: Mapped[str] = mapped_column(ForeignKey("polls.id", ondelete="CASCADE"))
    code: Mapped[str]
    principal_id: Mapped[str | None]
    holder_id: Mapped[str]
    choice: Mapped[str | None]
    written: Mapped[bool]
    photo: Mapped[Json | None]
    recorded_by: Mapped[str | None]
    granted_at: Mapped[datetime]
    revoked_at: Mapped[datetime | None]
    revoked_by: Mapped[str | None]
