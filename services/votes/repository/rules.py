"""Confirmations of presets, and the districts that they hold in."""

from dataclasses import dataclass
from typing import Final

from sqlalchemy import select, text, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from services.contracts.errors import NotFound
from services.votes.models import RuleConfirmationRow as Row


class DistrictNotFound(NotFound):
    """There is no such district: none of its communities is known here."""

    code = "votes.district_not_found"
    zh, en = "没有找到这个区", "There is no such district"


class ConfirmationNotFound(NotFound):
    """There is no such confirmation."""

    code = "votes.confirmation_not_found"
    zh, en = "没有找到这条核实记录", "There is no such confirmation"


@dataclass(frozen=True, slots=True)
class District:
    """A district (区) with its place in the tree; towns and communities are the levels beneath."""

    id: str
    path: str


_CONFIRMED: Final = (
    "id",
    "district_id",
    "preset",
    "version",
    "signed_as",
    "source",
    "words",
    "read_on",
    "confirmed_at",
    "confirmed_by",
)


def district(session: Session, district_id: str) -> District:
    """The district, as the copy of the territory knows it by its communities.

    Raises:
        DistrictNotFound: there is none.
    """
    path = session.scalar(
        text("SELECT path FROM directory_communities WHERE district_id = :district LIMIT 1"),
        {"district": district_id},
    )
    if path is None:
        raise DistrictNotFound()
    return District(district_id, path.rsplit(".", 2)[0])


def standing(session: Session, district_id: str) -> dict[tuple[str, int], Row]:
    """The confirmations of a district that were not taken back, by preset and version."""
    rows = session.scalars(
        select(Row).where(Row.district_id == district_id, Row.revoked_at.is_(None))
    )
    return {(row.preset, row.version): row for row in rows}


def confirmed(session: Session, district_id: str) -> frozenset[tuple[str, int]]:
    """Which versions of presets are confirmed in a district."""
    return frozenset(standing(session, district_id))


def confirm(session: Session, row: Row) -> bool:
    """Store a confirmation; False when one of this version stands already."""
    added = session.scalar(
        insert(Row)
        .values({name: getattr(row, name) for name in _CONFIRMED})
        .on_conflict_do_nothing(
            index_elements=["district_id", "preset", "version"],
            index_where=text("revoked_at IS NULL"),
        )
        .returning(Row.id)
    )
    return added is not None


def confirmation(session: Session, confirmation_id: str, *, lock: bool = False) -> Row:
    """A confirmation.

    Raises:
        ConfirmationNotFound: there is none.
    """
    row = session.get(
        Row, confirmation_id, with_for_update=True if lock else None, populate_existing=lock
    )
    if row is None:
        raise ConfirmationNotFound()
    return row


def page(
    session: Session, district_id: str, preset: str | None, before: str | None, limit: int
) -> list[Row]:
    """The confirmations of a district, the newest first; one more than ``limit`` if there is."""
    wanted = select(Row).where(Row.district_id == district_id)
    if preset is not None:
        wanted = wanted.where(Row.preset == preset)
    if before is not None:
        wanted = wanted.where(Row.id < before)
    return list(session.scalars(wanted.order_by(Row.id.desc()).limit(limit + 1)))


def forget(session: Session, person_id: str) -> None:
    """Somebody left: what she did in office stays, under the name that the office gave it."""
    for column in (Row.confirmed_by, Row.revoked_by):
        session.execute(update(Row).where(column == person_id).values({column: None}))
