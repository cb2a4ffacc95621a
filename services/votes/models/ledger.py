"""Ledgers: the chain of each poll, its head, the heads that were signed, its box."""

from datetime import datetime

from sqlalchemy import BigInteger, ForeignKey, text
from sqlalchemy.orm import Mapped, mapped_column

from services.votes.models.ballots import Hash
from services.votes.models.base import Base


class PollHeadRow(Base):
    """The end of a poll's chain, one narrow row that every batch of ballots takes in turn.

    ``leaves`` counts the ballots in the bulletin, ``gone`` those of them that another replaced.
    ``untold`` says that the turnout has changed since others were told.
    """

    __tablename__ = "poll_heads"

    poll_id: Mapped[str] = mapped_column(
        ForeignKey("polls.id", ondelete="CASCADE"), primary_key=True
    )
    seq: Mapped[int] = mapped_column(BigInteger)
    hash: Mapped[str]
    leaves: Mapped[int] = mapped_column(server_default=text("0"), default=0)
    gone: Mapped[int] = mapped_column(server_default=text("0"), default=0)
    untold: Mapped[bool] = mapped_column(server_default=text("false"), default=False)
    told_at: Mapped[datetime | None]


class LedgerEntryRow(Base):
    """An entry of a poll's ledger; ``payload`` is the canonical text that was hashed."""

    __tablename__ = "ledger_entries"

    poll_id: Mapped[str] = mapped_column(
        ForeignKey("poll_heads.poll_id", ondelete="CASCADE"), primary_key=True
    )
    seq: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    kind: Mapped[str]
    payload: Mapped[str]
    hash: Mapped[str]


class SignedHeadRow(Base):
    """A head that was signed; ``at`` is the text of the moment, as it was signed."""

    __tablename__ = "signed_heads"

    poll_id: Mapped[str] = mapped_column(
        ForeignKey("poll_heads.poll_id", ondelete="CASCADE"), primary_key=True
    )
    seq: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    hash: Mapped[str]
    leaves: Mapped[int]
    root: Mapped[str]
    at: Mapped[str]
    public_key: Mapped[str]
    signature: Mapped[str]


class MerkleBlockRow(Base):
    """The root of 1,024 leaves, kept as soon as they are complete."""

    __tablename__ = "merkle_blocks"

    poll_id: Mapped[str] = mapped_column(primary_key=True)
    number: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    root: Mapped[str] = mapped_column(Hash)


class PollBoxRow(Base):
    """What seals a poll's ballots (``public``), and what opens them, until it has.

    ``pair`` names the keys of votes that the poll began with; ``private`` is sealed under them, and
    gone after the opening.
    """

    __tablename__ = "poll_boxes"

    poll_id: Mapped[str] = mapped_column(
        ForeignKey("polls.id", ondelete="CASCADE"), primary_key=True
    )
    pair: Mapped[str]
    public: Mapped[str]
    private: Mapped[str | None]


class PollAuditRow(Base):
    """An auditor read the named ballots of a poll."""

    __tablename__ = "poll_audits"

    poll_id: Mapped[str] = mapped_column(
        ForeignKey("polls.id", ondelete="CASCADE"), primary_key=True
    )
    person_id: Mapped[str] = mapped_column(primary_key=True)
    at: Mapped[datetime] = mapped_column(primary_key=True)
