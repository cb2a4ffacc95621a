"""Counters: what of each case was counted, what is still open, and the sums."""

from datetime import date, datetime

from sqlalchemy import BigInteger, CheckConstraint, Identity, Index
from sqlalchemy.orm import Mapped, mapped_column

from services.grid_bridge.models.base import Base, Json, Path


class FigureCaseRow(Base):
    """What of an issue has been counted; changed under the issue's lock alone."""

    __tablename__ = "figure_cases"

    issue_id: Mapped[str] = mapped_column(primary_key=True)
    facts: Mapped[Json]
    pending: Mapped[list[Json]]


class FigurePendingRow(Base):
    """What of an open issue counts once ``due_at`` has passed."""

    __tablename__ = "figure_pending"
    __table_args__ = (
        Index("figure_pending_of_issue", "issue_id"),
        Index("figure_pending_by_path", "path", "due_at", postgresql_include=["mark"]),
    )

    id: Mapped[int] = mapped_column(BigInteger, Identity(always=False), primary_key=True)
    issue_id: Mapped[str]
    community_id: Mapped[str]
    path: Mapped[str] = mapped_column(Path)
    mark: Mapped[str]
    due_at: Mapped[datetime]


class FigureDeltaRow(Base):
    """A change of a counter that is not in the sums yet."""

    __tablename__ = "figure_deltas"

    id: Mapped[int] = mapped_column(BigInteger, Identity(always=False), primary_key=True)
    path: Mapped[str] = mapped_column(Path)
    day: Mapped[date]
    mark: Mapped[str]
    amount: Mapped[int] = mapped_column(BigInteger)


class FigureSumRow(Base):
    """A counter of a node: of a day, of a month (by its first day), or a gauge (``now``)."""

    __tablename__ = "figure_sums"
    __table_args__ = (
        CheckConstraint("grain IN ('day', 'month', 'now')", name="figure_sums_grain_check"),
    )

    node: Mapped[str] = mapped_column(Path, primary_key=True)
    grain: Mapped[str] = mapped_column(primary_key=True)
    day: Mapped[date] = mapped_column(primary_key=True)
    mark: Mapped[str] = mapped_column(primary_key=True)
    amount: Mapped[int] = mapped_column(BigInteger)


class FigureRecountRow(Base):
    """An issue that is to be counted (again)."""

    __tablename__ = "figure_recounts"

    issue_id: Mapped[str] = mapped_column(primary_key=True)
