"""The paper desk: its register of papers, and the sheets they are counted on."""

from datetime import datetime

from sqlalchemy import (
    ARRAY,
    BigInteger,
    CheckConstraint,
    ForeignKey,
    ForeignKeyConstraint,
    Identity,
    Index,
    Text,
    UniqueConstraint,
    text,
)
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from services.votes.models.base import Base, Json


class PaperBookRow(Base):
    """A poll's papers and sheets so far; whoever works at its desk holds this row's lock."""

    __tablename__ = "paper_books"

    poll_id: Mapped[str] = mapped_column(
        ForeignKey("polls.id", ondelete="CASCADE"), primary_key=True
    )
    papers: Mapped[int] = mapped_column(server_default=text("0"), default=0)
    sheets: Mapped[int] = mapped_column(server_default=text("0"), default=0)


class PaperRow(Base):
    """The slip of a paper: who got *a* paper, and whether it is back.

    Never what it said: the ballot carries no serial. ``instead`` marks a paper that was handed out
    although a vote stands online, whose place it takes if it comes back.
    """

    __tablename__ = "papers"
    __table_args__ = (
        CheckConstraint(
            "state IN ('out', 'returned', 'spoiled', 'taken_back')", name="papers_state"
        ),
        Index(
            "papers_one",
            "poll_id",
            "code",
            unique=True,
            postgresql_where=text("state IN ('out', 'returned')"),
        ),
        Index("papers_of", "poll_id", "code"),
        Index("papers_building", "poll_id", "building", "serial"),
        Index("papers_issued_by", "issued_by"),
    )

    poll_id: Mapped[str] = mapped_column(
        ForeignKey("polls.id", ondelete="CASCADE"), primary_key=True
    )
    serial: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    code: Mapped[str]
    building: Mapped[str]
    place: Mapped[str]
    state: Mapped[str] = mapped_column(server_default=text("'out'"), default="out")
    instead: Mapped[bool] = mapped_column(server_default=text("false"), default=False)
    issued_by: Mapped[str | None]
    issued_at: Mapped[datetime]


class PaperActRow(Base):
    """What the desk did with a paper afterwards; only ever added to.

    ``at`` is when it happened, as the desk says, ``entered_at`` when the books learnt of it:
    ``late`` if that was after voting ended.
    """

    __tablename__ = "paper_acts"
    __table_args__ = (
        CheckConstraint("act IN ('return', 'spoil', 'take_back', 'reopen')", name="paper_acts_act"),
        ForeignKeyConstraint(
            ["poll_id", "serial"], ["papers.poll_id", "papers.serial"], ondelete="CASCADE"
        ),
        Index("paper_acts_of", "poll_id", "serial"),
        Index("paper_acts_person", "person_id"),
    )

    id: Mapped[int] = mapped_column(BigInteger, Identity(), primary_key=True)
    poll_id: Mapped[str]
    serial: Mapped[int]
    act: Mapped[str]
    person_id: Mapped[str | None]
    at: Mapped[datetime]
    entered_at: Mapped[datetime]
    late: Mapped[bool] = mapped_column(server_default=text("false"), default=False)
    reason: Mapped[str | None]
    witnesses: Mapped[list[str]] = mapped_column(JSONB)
    photos: Mapped[list[Json]]


class PaperEntryRow(Base):
    """An entry of a desk's queue, by the desk's key: what was asked, as a hash, and answered."""

    __tablename__ = "paper_entries"

    poll_id: Mapped[str] = mapped_column(
        ForeignKey("polls.id", ondelete="CASCADE"), primary_key=True
    )
    entry_key: Mapped[str] = mapped_column(primary_key=True)
    fingerprint: Mapped[str]
    result: Mapped[Json | None]


class PaperSheetRow(Base):
    """A tally sheet; ``counts`` is there once two people read the same, and then stays.

    ``round`` is the reading that is under way or was the last; ``buildings`` what the first of it
    entered. ``replaces`` names the sheet in whose place it is put.
    """

    __tablename__ = "paper_sheets"
    __table_args__ = (
        CheckConstraint(
            "state IN ('entered', 'recount', 'confirmed', 'replaced', 'dropped')",
            name="paper_sheets_state",
        ),
        UniqueConstraint("poll_id", "number", name="paper_sheets_number"),
        Index(
            "paper_sheets_replaces",
            "replaces",
            unique=True,
            postgresql_where=text("state <> 'dropped'"),
        ),
    )

    id: Mapped[str] = mapped_column(primary_key=True)
    poll_id: Mapped[str] = mapped_column(ForeignKey("polls.id", ondelete="CASCADE"))
    number: Mapped[int]
    state: Mapped[str]
    round: Mapped[int] = mapped_column(server_default=text("1"), default=1)
    buildings: Mapped[list[str]] = mapped_column(ARRAY(Text))
    replaces: Mapped[str | None] = mapped_column(ForeignKey("paper_sheets.id"))
    reason: Mapped[str | None]
    counts: Mapped[Json | None]
    differ: Mapped[list[str]] = mapped_column(
        ARRAY(Text), server_default=text("'{}'"), default=list
    )
    photos: Mapped[list[Json]]
    created_at: Mapped[datetime]
    confirmed_at: Mapped[datetime | None]


class PaperReadingRow(Base):
    """What one person read from a sheet; only ever added to. Of a round there are at most two."""

    __tablename__ = "paper_readings"
    __table_args__ = (
        CheckConstraint("hand IN (1, 2)", name="paper_readings_hand"),
        Index("paper_readings_person", "person_id"),
    )

    sheet_id: Mapped[str] = mapped_column(
        ForeignKey("paper_sheets.id", ondelete="CASCADE"), primary_key=True
    )
    round: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    hand: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    person_id: Mapped[str | None]
    counts: Mapped[Json]
    entered_at: Mapped[datetime]
