"""Who confirmed which version of a preset against the law in force."""

from datetime import date, datetime

from sqlalchemy import CheckConstraint, Date, Index, text
from sqlalchemy.orm import Mapped, mapped_column

from services.votes.models.base import Base


class RuleConfirmationRow(Base):
    """A confirmation of a district; of a version there is one at a time that was not taken back.

    ``signed_as`` is the office and name under which it was published, ``words`` the law's own. It
    is an act of office and stays; the accounts that did it are forgotten with whoever leaves.
    """

    __tablename__ = "rule_confirmations"
    __table_args__ = (
        CheckConstraint(
            "(revoked_at IS NULL) = (revoked_reason IS NULL)", name="rule_confirmations_revoked"
        ),
        Index(
            "rule_confirmations_one",
            "district_id",
            "preset",
            "version",
            unique=True,
            postgresql_where=text("revoked_at IS NULL"),
        ),
        Index("rule_confirmations_newest", "district_id", "id"),
        Index("rule_confirmations_confirmed_by", "confirmed_by"),
        Index("rule_confirmations_revoked_by", "revoked_by"),
    )

    id: Mapped[str] = mapped_column(primary_key=True)
    district_id: Mapped[str]
    preset: Mapped[str]
    version: Mapped[int]
    signed_as: Mapped[str]
    source: Mapped[str]
    words: Mapped[str]
    read_on: Mapped[date] = mapped_column(Date)
    confirmed_at: Mapped[datetime]
    confirmed_by: Mapped[str | None]
    revoked_at: Mapped[datetime | None]
    revoked_by: Mapped[str | None]
    revoked_reason: Mapped[str | None]
