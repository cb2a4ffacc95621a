"""Snapshots of who may vote, for the day in which votes reads them."""

from datetime import datetime
from typing import Any

from sqlalchemy import BigInteger, Identity, Index, Text, UniqueConstraint, text
from sqlalchemy.dialects.postgresql import ARRAY, JSONB
from sqlalchemy.orm import Mapped, mapped_column

from services.identity.models.base import Base


class Electorate(Base):
    """A snapshot; its ticket is stored hashed, and opens it until ``expires_at``.

    ``asked`` is what was asked for, as long as it is not taken. ``too_large``: there were more
    subjects than a roll may have, and none is kept.
    """

    __tablename__ = "electorates"
    __table_args__ = (
        UniqueConstraint("ticket_hash", name="electorates_ticket_key"),
        Index("electorates_community", "community_id"),
        Index("electorates_expiry", "expires_at"),
        Index("electorates_asked", "id", postgresql_where=text("asked IS NOT NULL")),
    )

    id: Mapped[int] = mapped_column(BigInteger, Identity(), primary_key=True)
    ticket_hash: Mapped[str]
    community_id: Mapped[str]
    who: Mapped[str]
    drawn_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    asked: Mapped[dict[str, Any] | None] = mapped_column(JSONB(none_as_null=True))
    too_large: Mapped[bool] = mapped_column(server_default=text("false"), default=False)


class ElectorateEntryRow(Base):
    """A subject of a snapshot at its ``position``; ``area`` in hundredths of m².

    No foreign key: a hundred thousand of them are written at once, and go with their snapshot.
    """

    __tablename__ = "electorate_entries"

    electorate_id: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    position: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    ref: Mapped[str]
    kind: Mapped[str]
    household: Mapped[str]
    building: Mapped[str]
    place: Mapped[str]
    area: Mapped[int] = mapped_column(BigInteger)
    head_n: Mapped[int]
    head_d: Mapped[int]
    head_group: Mapped[str]
    doubt: Mapped[str]
    people: Mapped[list[str]] = mapped_column(ARRAY(Text), server_default=text("'{}'"))
