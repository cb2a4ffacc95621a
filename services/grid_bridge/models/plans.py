"""Plans of a community, their versions, items, steps and comments."""

from datetime import datetime

from sqlalchemy import BigInteger, ForeignKey, Identity, Index, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from services.grid_bridge.models.base import Base, Json, Path


class PlanRow(Base):
    """A plan as it stands; whoever changes it, its items or its comments holds its lock.

    ``fresh`` is the number of the next new item, ``seen`` the last version that everybody may read
    (0: none). The counters are the sums of what its tables hold.
    """

    __tablename__ = "plans"
    __table_args__ = (Index("plans_newest", "community_id", "id"),)

    id: Mapped[str] = mapped_column(primary_key=True)
    community_id: Mapped[str]
    path: Mapped[str] = mapped_column(Path)
    state: Mapped[str]
    version: Mapped[int]
    fresh: Mapped[int]
    seen: Mapped[int]
    done: Mapped[int]
    dropped: Mapped[int]
    spent_fen: Mapped[int] = mapped_column(BigInteger)
    comments: Mapped[int]
    unanswered: Mapped[int]
    opens_at: Mapped[datetime | None]
    closes_at: Mapped[datetime | None]
    adopted_at: Mapped[datetime | None]
    created_at: Mapped[datetime]
    updated_at: Mapped[datetime]


class PlanVersionRow(Base):
    """What a plan said; ``shown`` once it has lain open, so that everybody may read it.

    ``size`` is the number of its items, ``budget_fen`` what they may cost together.
    """

    __tablename__ = "plan_versions"

    plan_id: Mapped[str] = mapped_column(
        ForeignKey("plans.id", ondelete="CASCADE"), primary_key=True
    )
    version: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    title: Mapped[str]
    summary: Mapped[str]
    items: Mapped[list[Json]] = mapped_column(JSONB)
    size: Mapped[int]
    budget_fen: Mapped[int] = mapped_column(BigInteger)
    shown: Mapped[bool] = mapped_column(server_default=text("false"))
    written_by: Mapped[str]
    role: Mapped[str]
    at: Mapped[datetime]


class PlanStepRow(Base):
    """The plan came to a state: by whom, in which version, and why."""

    __tablename__ = "plan_steps"
    __table_args__ = (Index("plan_steps_of_plan", "plan_id", "id"),)

    id: Mapped[int] = mapped_column(BigInteger, Identity(always=False), primary_key=True)
    plan_id: Mapped[str] = mapped_column(ForeignKey("plans.id", ondelete="CASCADE"))
    state: Mapped[str]
    version: Mapped[int]
    reason: Mapped[str | None]
    actor_id: Mapped[str]
    role: Mapped[str]
    at: Mapped[datetime]


class PlanItemRow(Base):
    """How far an item of an adopted plan is; what it says stands in the version."""

    __tablename__ = "plan_items"

    plan_id: Mapped[str] = mapped_column(
        ForeignKey("plans.id", ondelete="CASCADE"), primary_key=True
    )
    key: Mapped[str] = mapped_column(primary_key=True)
    state: Mapped[str]
    spent_fen: Mapped[int] = mapped_column(BigInteger)


class PlanProgressRow(Base):
    """A step of an item, with what it had cost by then."""

    __tablename__ = "plan_progress"
    __table_args__ = (Index("plan_progress_of_plan", "plan_id", "id"),)

    id: Mapped[int] = mapped_column(BigInteger, Identity(always=False), primary_key=True)
    plan_id: Mapped[str] = mapped_column(ForeignKey("plans.id", ondelete="CASCADE"))
    item: Mapped[str]
    state: Mapped[str]
    spent_fen: Mapped[int] = mapped_column(BigInteger)
    note: Mapped[str]
    attachments: Mapped[list[Json]]
    actor_id: Mapped[str]
    role: Mapped[str]
    at: Mapped[datetime]


class PlanCommentRow(Base):
    """What a neighbour said of a version that lay open, and the committee's answer.

    ``state`` is shown, waiting (for somebody to look), hidden, or withdrawn (its words are gone).
    ``author_id`` is null when that person has left for good.
    """

    __tablename__ = "plan_comments"
    __table_args__ = (
        Index("plan_comments_newest", "plan_id", "id"),
        Index("plan_comments_of_author", "author_id", "plan_id"),
    )

    id: Mapped[str] = mapped_column(primary_key=True)
    plan_id: Mapped[str] = mapped_column(ForeignKey("plans.id", ondelete="CASCADE"))
    version: Mapped[int]
    item: Mapped[str | None]
    author_id: Mapped[str | None]
    body: Mapped[str]
    state: Mapped[str]
    created_at: Mapped[datetime]
    answer: Mapped[str | None]
    answered_by: Mapped[str | None]
    answered_role: Mapped[str | None]
    answered_at: Mapped[datetime | None]
    decided_by: Mapped[str | None]
    decision_reason: Mapped[str | None]
    decided_at: Mapped[datetime | None]


class DistrictBoundsRow(Base):
    """The district's outline: ``ring`` holds corners [lng, lat] in WGS84, the last is the first."""

    __tablename__ = "district_bounds"

    district_id: Mapped[str] = mapped_column(primary_key=True)
    ring: Mapped[list[list[float]]] = mapped_column(JSONB)
    crs: Mapped[str]
    source: Mapped[str]
    set_by: Mapped[str]
    set_at: Mapped[datetime]
