"""Tally sheets: what was read from them, and which of them stand."""

from collections.abc import Iterable, Sequence
from typing import Any

from sqlalchemy import Row, func, select, text
from sqlalchemy.orm import Session

from services.contracts.errors import NotFound
from services.votes.domain.paper_sheets import OPEN, Counts, State
from services.votes.models import PaperReadingRow, PaperSheetRow


class SheetNotFound(NotFound):
    """There is no such sheet, or it is not the actor's to see."""

    code = "votes.sheet_not_found"
    zh, en = "没有找到这张计票单", "There is no such sheet"


def sheet(session: Session, sheet_id: str) -> PaperSheetRow:
    """A sheet, as it is now.

    Raises:
        SheetNotFound: there is none.
    """
    row = session.get(PaperSheetRow, sheet_id, populate_existing=True)
    if row is None:
        raise SheetNotFound()
    return row


def sheets(
    session: Session, poll_id: str, *, before: int | None, limit: int
) -> list[PaperSheetRow]:
    """The sheets of a poll, the newest first, after that of the number ``before``."""
    wanted = select(PaperSheetRow).where(PaperSheetRow.poll_id == poll_id)
    if before is not None:
        wanted = wanted.where(PaperSheetRow.number < before)
    return list(session.scalars(wanted.order_by(PaperSheetRow.number.desc()).limit(limit)))


def readings(session: Session, sheet_id: str, round_: int) -> list[PaperReadingRow]:
    """What was read in a round, in the order of the hands."""
    return list(
        session.scalars(
            select(PaperReadingRow)
            .where(PaperReadingRow.sheet_id == sheet_id, PaperReadingRow.round == round_)
            .order_by(PaperReadingRow.hand)
        )
    )


def read_by(session: Session, rows: Sequence[PaperSheetRow], person_id: str) -> set[str]:
    """Those of the sheets that the person read in their last round."""
    found = session.execute(
        select(PaperReadingRow.sheet_id, PaperReadingRow.round).where(
            PaperReadingRow.sheet_id.in_([row.id for row in rows]),
            PaperReadingRow.person_id == person_id,
        )
    )
    rounds = {row.id: row.round for row in rows}
    return {sheet_id for sheet_id, round_ in found if rounds[sheet_id] == round_}


def on_sheets(
    session: Session, poll_id: str, names: Iterable[str], besides: Iterable[str]
) -> set[str]:
    """Those of the buildings that a sheet holds already, which is none of ``besides``."""
    rows = session.scalars(
        select(func.unnest(PaperSheetRow.buildings)).where(
            PaperSheetRow.poll_id == poll_id,
            PaperSheetRow.state.in_([*OPEN, State.CONFIRMED]),
            PaperSheetRow.id.not_in(list(besides)),
        )
    )
    return set(rows) & set(names)


def replaced_by(session: Session, sheet_id: str) -> bool:
    """Whether a sheet is under way, or stands, in the place of this one."""
    found = session.scalar(
        select(PaperSheetRow.id).where(
            PaperSheetRow.replaces == sheet_id, PaperSheetRow.state != State.DROPPED
        )
    )
    return found is not None


def standing(session: Session, poll_id: str) -> list[tuple[int, Counts]]:
    """The sheets that stand, by number: confirmed, and none in their place."""
    rows = session.execute(
        select(PaperSheetRow.number, PaperSheetRow.counts)
        .where(PaperSheetRow.poll_id == poll_id, PaperSheetRow.state == State.CONFIRMED)
        .order_by(PaperSheetRow.number)
    )
    return [(number, Counts.of(counts)) for number, counts in rows if counts is not None]


_NAMED = text(
    """
    SELECT s.number, s.counts->>'salt' AS salt, s.counts->'ballots' AS ballots
    FROM ledger_entries AS e
    JOIN paper_sheets AS s ON s.poll_id = e.poll_id
        AND s.number = cast(cast(e.payload AS jsonb)->>'sheet' AS integer)
    WHERE e.poll_id = :poll AND e.seq <= :upto AND e.kind IN ('paper', 'counter')
    ORDER BY s.number
    """
)


def named(session: Session, poll_id: str, upto: int) -> Sequence[Row[Any]]:
    """Who voted how on the sheets that the ledger has up to ``upto``: number, salt, ballots."""
    return session.execute(_NAMED, {"poll": poll_id, "upto": upto}).all()


def open_sheets(session: Session, poll_id: str) -> int:
    """How many sheets were begun and are neither confirmed nor dropped."""
    return (
        session.scalar(
            select(func.count())
            .select_from(PaperSheetRow)
            .where(PaperSheetRow.poll_id == poll_id, PaperSheetRow.state.in_(list(OPEN)))
        )
        or 0
    )
