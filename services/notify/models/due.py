"""What will have to be done, and when (:mod:`services.kit.due`)."""

from datetime import datetime

from sqlalchemy import BigInteger, Identity, Index, text
from sqlalchemy.orm import Mapped, mapped_column

from services.notify.models.base import Base


class DueRow(Base):
    """One duty of the clock: what ``kind`` of, about whom, and when."""

    __tablename__ = "due"
    __table_args__ = (
        Index("due_next", "try_at", "id", postgresql_where=text("done_at IS NULL")),
        Index(
            "due_one",
            "kind",
            "subject_id",
            unique=True,
            postgresql_where=text("done_at IS NULL"),
        ),
        Index("due_of", "subject_id"),
    )

    id: Mapped[int] = mapped_column(BigInteger, Identity(), primary_key=True)
    kind: Mapped[str]
    subject_id: Mapped[str]
    due_at: Mapped[datetime]
    try_at: Mapped[datetime]
    tries: Mapped[int] = mapped_column(server_default=text("0"), default=0)
    error: Mapped[str | None]
    done_at: Mapped[datetime | None]
