"""Digests: when they were made, for whom, and what each of them told."""

from datetime import datetime

from sqlalchemy import ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column

from services.notify.models.base import Base


class DigestRound(Base):
    """One making of digests; ``at`` is when it was due, so that none is made twice.

    ``oldest_id`` is the first notice that its digests may tell; ``people`` had news.
    """

    __tablename__ = "digest_rounds"

    at: Mapped[datetime] = mapped_column(primary_key=True)
    oldest_id: Mapped[str | None]
    weekly: Mapped[bool]
    people: Mapped[int]
    begun_at: Mapped[datetime]


class DigestWaiting(Base):
    """Somebody with news whose digest is not made yet."""

    __tablename__ = "digest_waiting"
    __table_args__ = (Index("digest_waiting_person", "person_id"),)

    round: Mapped[datetime] = mapped_column(ForeignKey("digest_rounds.at"), primary_key=True)
    person_id: Mapped[str] = mapped_column(primary_key=True)


class Digest(Base):
    """What somebody had not read by the time of a round."""

    __tablename__ = "digests"
    __table_args__ = (Index("digests_once", "person_id", "round", unique=True),)

    id: Mapped[str] = mapped_column(primary_key=True)
    person_id: Mapped[str]
    round: Mapped[datetime]
    rhythm: Mapped[str]
    count: Mapped[int]
    made_at: Mapped[datetime]


class DigestItem(Base):
    """A notice in a digest: the key says that no other digest of this person tells it.

    ``position`` counts from 1: kinds by their newest notice, and within a kind the newest first.
    """

    __tablename__ = "digest_items"
    __table_args__ = (Index("digest_items_order", "digest_id", "position", unique=True),)

    person_id: Mapped[str] = mapped_column(primary_key=True)
    notice_id: Mapped[str] = mapped_column(primary_key=True)
    digest_id: Mapped[str] = mapped_column(ForeignKey("digests.id"))
    kind: Mapped[str]
    position: Mapped[int]
