"""What is changed in a roll before it is frozen, and the tree that proves who is on it."""

from datetime import datetime

from sqlalchemy import BigInteger, CheckConstraint, ForeignKey, Identity, Index, LargeBinary
from sqlalchemy.orm import Mapped, mapped_column

from services.votes.models.base import Base, Path


class RollChangeRow(Base):
    """An entry was added, struck or put back, for a public reason."""

    __tablename__ = "roll_changes"
    __table_args__ = (
        CheckConstraint("kind IN ('added', 'struck', 'restored')", name="roll_changes_kind"),
        Index("roll_changes_of", "poll_id", "id"),
        Index("roll_changes_by", "by"),
    )

    id: Mapped[int] = mapped_column(BigInteger, Identity(), primary_key=True)
    poll_id: Mapped[str] = mapped_column(ForeignKey("polls.id", ondelete="CASCADE"))
    code: Mapped[str]
    kind: Mapped[str]
    reason: Mapped[str]
    objection_id: Mapped[str | None]
    by: Mapped[str]
    at: Mapped[datetime]


class RollTreeRow(Base):
    """A piece of the roll's tree: its leaves one after the other, 32 bytes each, and their root.

    The leaves are in the order of the codes; ``first`` is the code of the first.
    """

    __tablename__ = "roll_tree"

    poll_id: Mapped[str] = mapped_column(
        ForeignKey("polls.id", ondelete="CASCADE"), primary_key=True
    )
    piece: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    first: Mapped[str] = mapped_column(Path)
    root: Mapped[bytes] = mapped_column(LargeBinary)
    leaves: Mapped[bytes] = mapped_column(LargeBinary)
