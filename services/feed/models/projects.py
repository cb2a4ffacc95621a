"""Public-good micro-projects (公益项目), and the party garden (党建园地)."""

from datetime import date, datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, Index, Numeric, Text, text
from sqlalchemy.orm import Mapped, mapped_column

from services.contracts.events.feed import ProjectState
from services.feed.models.base import Base


class Project(Base):
    """A micro-project; its states stand in :mod:`services.feed.domain.project`."""

    __tablename__ = "feed_projects"

    post_id: Mapped[str] = mapped_column(ForeignKey("feed_posts.id"), primary_key=True)
    community_id: Mapped[str]
    state: Mapped[ProjectState] = mapped_column(Text)
    wanted: Mapped[int]
    budget: Mapped[Decimal | None]
    place: Mapped[str] = mapped_column(server_default="")
    until: Mapped[date | None]
    volunteers: Mapped[int] = mapped_column(server_default=text("0"))
    applied_at: Mapped[datetime]
    changed_at: Mapped[datetime]

    __table_args__ = (
        CheckConstraint(
            "state IN ('applied', 'approved', 'refused', 'recruiting', 'running', 'done', "
            "'cancelled')",
            name="feed_projects_state",
        ),
        CheckConstraint("wanted >= 0 AND volunteers >= 0", name="feed_projects_counts"),
        Index("feed_projects_moved", "community_id", text("changed_at DESC"), text("post_id DESC")),
    )


class ProjectStep(Base):
    """A step of a project, with its reason, account or photos; shown to all."""

    __tablename__ = "feed_project_steps"

    id: Mapped[str] = mapped_column(primary_key=True)
    post_id: Mapped[str] = mapped_column(ForeignKey("feed_projects.post_id"))
    step: Mapped[str]
    actor_id: Mapped[str]
    actor_role: Mapped[str] = mapped_column(server_default="")
    note: Mapped[str] = mapped_column(server_default="")
    attachments: Mapped[list[dict[str, Any]]] = mapped_column(server_default=text("'[]'"))
    at: Mapped[datetime]

    __table_args__ = (
        Index("feed_project_steps_of", "post_id", "at", "id"),
        Index("feed_project_steps_actor", "actor_id"),
    )


class Volunteer(Base):
    """Somebody who takes part in a project."""

    __tablename__ = "feed_volunteers"

    post_id: Mapped[str] = mapped_column(ForeignKey("feed_projects.post_id"), primary_key=True)
    person_id: Mapped[str] = mapped_column(primary_key=True)
    joined_at: Mapped[datetime]
    left_at: Mapped[datetime | None]

    __table_args__ = (Index("feed_volunteers_person", "person_id"),)


class ProjectHours(Base):
    """Hours that a volunteer gave; they count when the project's lead has confirmed them."""

    __tablename__ = "feed_project_hours"

    id: Mapped[str] = mapped_column(primary_key=True)
    post_id: Mapped[str] = mapped_column(ForeignKey("feed_projects.post_id"))
    person_id: Mapped[str]
    hours: Mapped[Decimal] = mapped_column(Numeric(5, 2))
    on_date: Mapped[date]
    note: Mapped[str] = mapped_column(server_default="")
    confirmed_by: Mapped[str | None]
    confirmed_at: Mapped[datetime | None]
    logged_at: Mapped[datetime]

    __table_args__ = (
        CheckConstraint("hours > 0 AND hours <= 24", name="feed_project_hours_hours"),
        Index("feed_project_hours_of", "post_id", "on_date", "id"),
        Index("feed_project_hours_person", "person_id", "on_date", "id"),
    )


class ProjectMoney(Base):
    """A line of a project's account, in yuan: what came in, what was spent.

    Lines stay as they are; a wrong one is cancelled by one of the opposite amount that names it.
    """

    __tablename__ = "feed_project_money"

    id: Mapped[str] = mapped_column(primary_key=True)
    post_id: Mapped[str] = mapped_column(ForeignKey("feed_projects.post_id"))
    kind: Mapped[str]
    amount: Mapped[Decimal]
    subject: Mapped[str]
    on_date: Mapped[date]
    note: Mapped[str] = mapped_column(server_default="")
    attachments: Mapped[list[dict[str, Any]]] = mapped_column(server_default=text("'[]'"))
    cancels: Mapped[str | None] = mapped_column(ForeignKey("feed_project_money.id"))
    by: Mapped[str]
    at: Mapped[datetime]

    __table_args__ = (
        CheckConstraint("kind IN ('income', 'spending')", name="feed_project_money_kind"),
        CheckConstraint(
            "(cancels IS NULL) = (amount > 0) AND amount <> 0", name="feed_project_money_amount"
        ),
        Index("feed_project_money_of", "post_id", "on_date", "id"),
        Index("feed_project_money_cancels", "cancels", unique=True),
        Index("feed_project_money_by", "by"),
    )


class PartyCheckIn(Base):
    """A party member reported to the community (报到); one that stands per person."""

    __tablename__ = "feed_party_check_ins"

    community_id: Mapped[str] = mapped_column(primary_key=True)
    person_id: Mapped[str] = mapped_column(primary_key=True)
    kind: Mapped[str]
    offers: Mapped[str] = mapped_column(server_default="")
    checked_in_at: Mapped[datetime]

    __table_args__ = (
        CheckConstraint("kind IN ('resident', 'in_service')", name="feed_party_check_ins_kind"),
        Index("feed_party_check_ins_person", "person_id"),
    )


class StudyCompletion(Base):
    """A party member has studied an item."""

    __tablename__ = "feed_study_completions"

    post_id: Mapped[str] = mapped_column(ForeignKey("feed_posts.id"), primary_key=True)
    person_id: Mapped[str] = mapped_column(primary_key=True)
    note: Mapped[str] = mapped_column(server_default="")
    at: Mapped[datetime]

    __table_args__ = (Index("feed_study_completions_person", "person_id"),)


class PledgeKeeper(Base):
    """A neighbour whom the author of a pledge named to keep it with her: she records, too."""

    __tablename__ = "feed_pledge_keepers"

    post_id: Mapped[str] = mapped_column(ForeignKey("feed_posts.id"), primary_key=True)
    person_id: Mapped[str] = mapped_column(primary_key=True)
    named_at: Mapped[datetime]

    __table_args__ = (Index("feed_pledge_keepers_person", "person_id"),)


class PledgeRecord(Base):
    """Something done for a pledge (a patrol walked, a class given), for the neighbours to see."""

    __tablename__ = "feed_pledge_records"

    id: Mapped[str] = mapped_column(primary_key=True)
    post_id: Mapped[str] = mapped_column(ForeignKey("feed_posts.id"))
    on_date: Mapped[date]
    note: Mapped[str]
    attachments: Mapped[list[dict[str, Any]]] = mapped_column(server_default=text("'[]'"))
    by: Mapped[str]
    at: Mapped[datetime]

    __table_args__ = (
        Index("feed_pledge_records_of", "post_id", "on_date", "id"),
        Index("feed_pledge_records_by", "by"),
    )


class PledgeWitness(Base):
    """A neighbour says whether she saw it done."""

    __tablename__ = "feed_pledge_witnesses"

    record_id: Mapped[str] = mapped_column(ForeignKey("feed_pledge_records.id"), primary_key=True)
    person_id: Mapped[str] = mapped_column(primary_key=True)
    seen: Mapped[bool]
    note: Mapped[str] = mapped_column(server_default="")
    at: Mapped[datetime]

    __table_args__ = (Index("feed_pledge_witnesses_person", "person_id"),)
