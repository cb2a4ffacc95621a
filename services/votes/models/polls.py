"""Polls, the rolls of those who may vote in them, and whose account may use which entry."""

from datetime import datetime

from sqlalchemy import BigInteger, CheckConstraint, ForeignKey, Index, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from services.votes.models.base import Base, Json, Path


class PollRow(Base):
    """A poll on one version of a topic's proposal.

    ``rules`` is the whole rule set, frozen when the poll opens, ``rules_hash`` its hash.
    ``closes_at`` moves with an extension, ``extended`` counts them. ``held`` is what the timeline
    said keeps it from opening, or its result from being published. The roll is ``drawing`` while
    its pages come from identity (``ticket`` opens them there, ``drawn_to`` is how far they came of
    ``roll_expected``), then ``published``, as the register was at ``roll_drawn_at``, and ``frozen``
    by the opening: ``roll_hash`` is of what it then is. The sums beneath are the roll's: entries,
    households, area (hundredths of m²), heads.
    """

    __tablename__ = "polls"
    __table_args__ = (
        CheckConstraint(
            "state IN ('announced', 'open', 'closed', 'published', 'void')", name="polls_state"
        ),
        CheckConstraint("roll_state IN ('drawing', 'published', 'frozen')", name="polls_roll"),
        CheckConstraint("opens_at < closes_at", name="polls_times"),
        Index("polls_newest", "community_id", "id"),
        Index("polls_topic", "topic_id"),
    )

    id: Mapped[str] = mapped_column(primary_key=True)
    topic_id: Mapped[str] = mapped_column(ForeignKey("topics.id"))
    community_id: Mapped[str]
    path: Mapped[str] = mapped_column(Path)
    title: Mapped[str]
    state: Mapped[str]
    convener: Mapped[str]
    proposal: Mapped[int]
    rules: Mapped[Json]
    rules_hash: Mapped[str] = mapped_column(server_default=text("''"), default="")
    secrecy: Mapped[str]
    announced_at: Mapped[datetime]
    opens_at: Mapped[datetime]
    closes_at: Mapped[datetime]
    extended: Mapped[int] = mapped_column(server_default=text("0"), default=0)
    opened_at: Mapped[datetime | None]
    closed_at: Mapped[datetime | None]
    published_at: Mapped[datetime | None]
    void_reason: Mapped[str | None]
    held: Mapped[Json | None]
    roll_state: Mapped[str] = mapped_column(server_default=text("'drawing'"), default="drawing")
    ticket: Mapped[str | None]
    drawn_to: Mapped[str | None]
    roll_expected: Mapped[int | None]
    roll_drawn_at: Mapped[datetime | None]
    roll_hash: Mapped[str] = mapped_column(server_default=text("''"), default="")
    roll_size: Mapped[int] = mapped_column(server_default=text("0"), default=0)
    roll_households: Mapped[int] = mapped_column(server_default=text("0"), default=0)
    roll_area: Mapped[int] = mapped_column(BigInteger, server_default=text("0"), default=0)
    roll_heads: Mapped[str] = mapped_column(server_default=text("'0/1'"), default="0/1")


class RollEntryRow(Base):
    """One subject of the roll: a person, a household or a unit, with one state for all channels.

    ``code`` is drawn at random for this poll: whoever holds the entry knows it, and it says
    nothing to others. ``ref`` is identity's id of the subject. ``area`` is in hundredths of m²;
    ``head_n``/``head_d`` is the share of a head that it carries: an owner of three units is one
    head (最高法建筑物区分所有权解释 art. 9), a third of it on each. The mark ``state`` carries
    neither time nor sequence: of a secret poll nobody may learn when somebody voted.
    ``salt`` goes with the line into the roll's hash. Units of one ``head_group`` share a head.
    ``doubt`` is what the register did not know of an entry that is counted in all the same.
    """

    __tablename__ = "roll_entries"
    __table_args__ = (
        CheckConstraint("kind IN ('person', 'household', 'unit')", name="roll_entries_kind"),
        CheckConstraint(
            "state IN ('free', 'online', 'paper_out', 'paper', 'proxy', 'struck')",
            name="roll_entries_state",
        ),
        CheckConstraint("area >= 0", name="roll_entries_area"),
        CheckConstraint("head_n >= 0 AND head_d > 0", name="roll_entries_heads"),
        UniqueConstraint("poll_id", "ref", name="roll_entries_ref"),
        Index("roll_entries_place", "poll_id", "building", "place", "code"),
        Index(
            "roll_entries_group",
            "poll_id",
            "head_group",
            postgresql_where=text("head_group <> ''"),
        ),
    )

    poll_id: Mapped[str] = mapped_column(
        ForeignKey("polls.id", ondelete="CASCADE"), primary_key=True
    )
    code: Mapped[str] = mapped_column(primary_key=True)
    kind: Mapped[str]
    ref: Mapped[str]
    household: Mapped[str]
    building: Mapped[str]
    place: Mapped[str]
    area: Mapped[int] = mapped_column(BigInteger)
    head_n: Mapped[int]
    head_d: Mapped[int]
    state: Mapped[str] = mapped_column(server_default=text("'free'"), default="free")
    salt: Mapped[str] = mapped_column(server_default=text("''"), default="")
    head_group: Mapped[str] = mapped_column(server_default=text("''"), default="")
    doubt: Mapped[str] = mapped_column(server_default=text("''"), default="")


class RollPersonRow(Base):
    """An account that may vote for an entry; found at the drawing or when somebody came to vote."""

    __tablename__ = "roll_people"
    __table_args__ = (
        Index("roll_people_entry", "poll_id", "code"),
        Index("roll_people_person", "person_id"),
    )

    poll_id: Mapped[str] = mapped_column(
        ForeignKey("polls.id", ondelete="CASCADE"), primary_key=True
    )
    person_id: Mapped[str] = mapped_column(primary_key=True)
    code: Mapped[str] = mapped_column(primary_key=True)
