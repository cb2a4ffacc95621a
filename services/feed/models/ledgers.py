"""Accounts that are disclosed (村务公开, 公共收益, 维修资金), and questions about them.

A published ledger is not changed: a wrong line is cancelled by a line with the opposite amount
that names it, and a right one follows.
"""

from datetime import date, datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, Index, text
from sqlalchemy.orm import Mapped, mapped_column

from services.feed.models.base import Base


class Ledger(Base):
    """An account of a period, told by a post.

    ``kind``: the village collective's (``collective``), common income of the estate
    (``public_income``), its maintenance fund (``maintenance_fund``).
    """

    __tablename__ = "feed_ledgers"

    post_id: Mapped[str] = mapped_column(ForeignKey("feed_posts.id"), primary_key=True)
    community_id: Mapped[str]
    kind: Mapped[str]
    title: Mapped[str]
    starts_on: Mapped[date]
    ends_on: Mapped[date]
    opening: Mapped[Decimal]
    state: Mapped[str]
    made_by: Mapped[str]
    made_at: Mapped[datetime]
    published_by: Mapped[str | None]
    published_at: Mapped[datetime | None]
    checked_by: Mapped[str | None]
    checked_at: Mapped[datetime | None]
    check_note: Mapped[str] = mapped_column(server_default="")

    __table_args__ = (
        CheckConstraint(
            "kind IN ('collective', 'public_income', 'maintenance_fund')", name="feed_ledgers_kind"
        ),
        CheckConstraint("state IN ('draft', 'published')", name="feed_ledgers_state"),
        CheckConstraint("starts_on <= ends_on", name="feed_ledgers_period"),
        Index(
            "feed_ledgers_of",
            "community_id",
            text("ends_on DESC"),
            text("post_id DESC"),
            postgresql_where=text("state = 'published'"),
        ),
    )


class LedgerLine(Base):
    """One line. ``amount`` is in yuan; negative only in a line that cancels another."""

    __tablename__ = "feed_ledger_lines"

    post_id: Mapped[str] = mapped_column(ForeignKey("feed_ledgers.post_id"), primary_key=True)
    number: Mapped[int] = mapped_column(primary_key=True)
    section: Mapped[str]
    on_date: Mapped[date]
    subject: Mapped[str]
    amount: Mapped[Decimal]
    party: Mapped[str] = mapped_column(server_default="")
    note: Mapped[str] = mapped_column(server_default="")
    attachments: Mapped[list[dict[str, Any]]] = mapped_column(server_default=text("'[]'"))
    cancels: Mapped[int | None]
    by: Mapped[str]
    at: Mapped[datetime]

    __table_args__ = (
        CheckConstraint(
            "section IN ('income', 'spending', 'asset', 'liability')",
            name="feed_ledger_lines_section",
        ),
        CheckConstraint(
            "(cancels IS NULL) = (amount > 0) AND amount <> 0", name="feed_ledger_lines_amount"
        ),
        Index(
            "feed_ledger_lines_cancels",
            "post_id",
            "cancels",
            unique=True,
            postgresql_where=text("cancels IS NOT NULL"),
        ),
    )


class Question(Base):
    """A supervision question (监督提问) on a disclosing post; it must be answered by ``due_at``.

    ``state`` says who reads its words, as that of a post does.
    """

    __tablename__ = "feed_questions"

    id: Mapped[str] = mapped_column(primary_key=True)
    post_id: Mapped[str] = mapped_column(ForeignKey("feed_posts.id"))
    community_id: Mapped[str]
    path: Mapped[str]
    line: Mapped[int | None]
    asker_id: Mapped[str]
    hide_name: Mapped[bool] = mapped_column(server_default=text("false"))
    body: Mapped[str]
    asked_at: Mapped[datetime]
    due_at: Mapped[datetime]
    overdue_at: Mapped[datetime | None]
    answer: Mapped[str | None]
    attachments: Mapped[list[dict[str, Any]]] = mapped_column(server_default=text("'[]'"))
    answered_by: Mapped[str | None]
    answered_role: Mapped[str] = mapped_column(server_default="")
    answered_at: Mapped[datetime | None]
    state: Mapped[str] = mapped_column(server_default="shown")

    __table_args__ = (
        CheckConstraint("(answer IS NULL) = (answered_at IS NULL)", name="feed_questions_answered"),
        CheckConstraint(
            "state IN ('shown', 'waiting', 'refused', 'taken_down')", name="feed_questions_state"
        ),
        Index("feed_questions_of", "post_id", text("asked_at DESC"), text("id DESC")),
        Index("feed_questions_community", "community_id", "due_at", "id"),
        Index(
            "feed_questions_due",
            "due_at",
            postgresql_where=text("answered_at IS NULL AND overdue_at IS NULL"),
        ),
        Index("feed_questions_asker", "asker_id"),
    )
