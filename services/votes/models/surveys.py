"""Surveys, who has answered, and what was answered."""

from datetime import datetime
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, Index, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from services.votes.models.base import Base, Json, Path


class SurveyRow(Base):
    """A survey; whoever changes its state holds its lock, whoever answers shares it.

    ``results`` says when they are shown, ``texts`` to whom the free texts are.
    """

    __tablename__ = "surveys"
    __table_args__ = (
        CheckConstraint("state IN ('draft', 'open', 'closed')", name="surveys_state"),
        CheckConstraint(
            "convener IN ('residents_committee', 'owners_committee')", name="surveys_convener"
        ),
        CheckConstraint("one_per IN ('person', 'household')", name="surveys_one_per"),
        CheckConstraint("results IN ('closed', 'live')", name="surveys_results"),
        CheckConstraint("NOT (anonymous AND results = 'live')", name="surveys_not_watched"),
        CheckConstraint("texts IN ('staff', 'public')", name="surveys_texts"),
        Index("surveys_newest", "community_id", "id"),
    )

    id: Mapped[str] = mapped_column(primary_key=True)
    community_id: Mapped[str]
    path: Mapped[str] = mapped_column(Path)
    convener: Mapped[str]
    title: Mapped[str]
    intro: Mapped[str]
    state: Mapped[str]
    questions: Mapped[list[Json]]
    anonymous: Mapped[bool]
    one_per: Mapped[str]
    results: Mapped[str]
    texts: Mapped[str]
    plan_id: Mapped[str | None]
    topic_id: Mapped[str | None] = mapped_column(ForeignKey("topics.id"))
    closes_at: Mapped[datetime | None]
    opened_at: Mapped[datetime | None]
    closed_at: Mapped[datetime | None]
    created_at: Mapped[datetime]
    created_by: Mapped[str | None]


class SurveyMarkRow(Base):
    """That somebody has answered: neither when nor what.

    ``subject`` is the person, or her household as identity names it for this survey alone.
    """

    __tablename__ = "survey_marks"
    __table_args__ = (Index("survey_marks_person", "person_id"),)

    survey_id: Mapped[str] = mapped_column(ForeignKey("surveys.id"), primary_key=True)
    subject: Mapped[str] = mapped_column(primary_key=True)
    person_id: Mapped[str | None]


class SurveyAnswerRow(Base):
    """What was answered. Of an anonymous survey it shares nothing with a mark: no id, no time.

    ``code`` is drawn at random. ``waits``: its words are not shown in public, as somebody would
    have to look at them first.
    """

    __tablename__ = "survey_answers"
    __table_args__ = (
        Index(
            "survey_answers_one",
            "survey_id",
            "subject",
            unique=True,
            postgresql_where=text("subject IS NOT NULL"),
        ),
        Index("survey_answers_person", "person_id"),
    )

    survey_id: Mapped[str] = mapped_column(ForeignKey("surveys.id"), primary_key=True)
    code: Mapped[str] = mapped_column(primary_key=True)
    answers: Mapped[list[Any]] = mapped_column(JSONB)
    waits: Mapped[bool]
    subject: Mapped[str | None]
    person_id: Mapped[str | None]
    assisted_by: Mapped[str | None]
    at: Mapped[datetime | None]
