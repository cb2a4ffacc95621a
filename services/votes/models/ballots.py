"""Ballots: what the bulletin shows, what is sealed until the close, what came out.

No row says when it was written, and no table has a person's id or a sequence of its own: the
place of a leaf is that of a shuffled batch.
"""

from sqlalchemy import BigInteger, Index, Text, text
from sqlalchemy.orm import Mapped, mapped_column

from services.votes.models.base import Base

Hash = Text(collation="C")


class LeafRow(Base):
    """A ballot as the bulletin shows it. ``receipt`` is the hash of its receipt.

    ``seq`` is the entry of the ledger that it stands in, ``superseded`` the entry by which another
    ballot took its place.
    """

    __tablename__ = "ballot_leaves"
    __table_args__ = (Index("ballot_leaves_receipt", "receipt", unique=True),)

    poll_id: Mapped[str] = mapped_column(primary_key=True)
    position: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    leaf: Mapped[str] = mapped_column(Hash)
    receipt: Mapped[str] = mapped_column(Hash)
    seq: Mapped[int] = mapped_column(BigInteger)
    superseded: Mapped[int | None] = mapped_column(BigInteger)


class SealedBallotRow(Base):
    """A ballot in the box; the close opens and deletes it.

    ``code`` is the entry of a named poll, and nothing in a secret one. ``tag`` knows the entry
    again when somebody brings the receipt, where the rules let a vote be changed.
    """

    __tablename__ = "sealed_ballots"
    __table_args__ = (
        Index("sealed_ballots_code", "poll_id", "code", postgresql_where=text("code IS NOT NULL")),
    )

    poll_id: Mapped[str] = mapped_column(primary_key=True)
    position: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    sealed: Mapped[str]
    code: Mapped[str | None]
    tag: Mapped[str | None]


class BallotChoiceRow(Base):
    """A choice of a secret poll, in the order that chance gave it at the close."""

    __tablename__ = "ballot_choices"

    poll_id: Mapped[str] = mapped_column(primary_key=True)
    number: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    choice: Mapped[str]


class NamedBallotRow(Base):
    """A ballot of a named poll, opened at the close; ``heads`` is ``n/d``."""

    __tablename__ = "named_ballots"

    poll_id: Mapped[str] = mapped_column(primary_key=True)
    position: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    choice: Mapped[str]
    area: Mapped[int] = mapped_column(BigInteger)
    heads: Mapped[str]
    code: Mapped[str]
    salt: Mapped[str]


class BallotTotalRow(Base):
    """What all online ballots of one choice come to; ``area`` in hundredths of m²."""

    __tablename__ = "ballot_totals"

    poll_id: Mapped[str] = mapped_column(primary_key=True)
    choice: Mapped[str] = mapped_column(primary_key=True)
    entries: Mapped[int]
    area: Mapped[int] = mapped_column(BigInteger)
    heads: Mapped[str]


class BallotAnswerRow(Base):
    """A receipt kept for a repeat of the same request; see ``crypto.answers``."""

    __tablename__ = "ballot_answers"
    __table_args__ = (Index("ballot_answers_poll", "poll_id"),)

    id: Mapped[str] = mapped_column(Hash, primary_key=True)
    poll_id: Mapped[str]
    sealed: Mapped[str]
