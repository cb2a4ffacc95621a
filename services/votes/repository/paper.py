"""The paper desk: its books, its papers, its sheets."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from fractions import Fraction
from typing import cast

from sqlalchemy import func, select, text, update
from sqlalchemy.orm import Session

from services.contracts.operations.votes.common import Choice
from services.contracts.operations.votes.rules import RuleSet
from services.votes.domain.ballots import Entry, weighed
from services.votes.domain.counting import Side
from services.votes.domain.paper_sheets import CHOICES, Booked, Weight
from services.votes.models import (
    PaperActRow,
    PaperEntryRow,
    PaperReadingRow,
    PaperRow,
    PollRow,
    RollEntryRow,
    TopicRow,
)
from services.votes.models.base import Json
from services.votes.repository import paper_sheets

# -- books ---------------------------------------------------------------------------------------

_OPEN_BOOK = text(
    """
    INSERT INTO paper_books AS book (poll_id, papers, sheets) VALUES (:poll, :papers, :sheets)
    ON CONFLICT (poll_id)
    DO UPDATE SET papers = book.papers + :papers, sheets = book.sheets + :sheets
    RETURNING papers, sheets
    """
)


def take_book(
    session: Session, poll_id: str, *, papers: int = 0, sheets: int = 0
) -> tuple[int, int]:
    """Hold the desk of a poll until the commit; the last serial and sheet after so many new ones.

    Whoever else works there waits. It is taken before any entry of the roll, and before the head
    of the ledger.
    """
    row = session.execute(_OPEN_BOOK, {"poll": poll_id, "papers": papers, "sheets": sheets}).one()
    return row.papers, row.sheets


def hold_poll(session: Session, poll_id: str) -> PollRow:
    """The poll as it is, and as it stays until the commit; taken before the book.

    Whoever leads a poll on locks its topic and then the poll, so these are held in that order: what
    the desk writes refers to both, and would otherwise wait for them with the book in its hand.
    """
    topic = select(PollRow.topic_id).where(PollRow.id == poll_id).scalar_subquery()
    session.execute(
        select(TopicRow.id).where(TopicRow.id == topic).with_for_update(read=True, key_share=True)
    )
    return session.scalars(
        select(PollRow)
        .where(PollRow.id == poll_id)
        .with_for_update(read=True, key_share=True)
        .execution_options(populate_existing=True)
    ).one()


def remember(session: Session, poll_id: str, key: str, fingerprint: str) -> PaperEntryRow | None:
    """Take a key of the desk's queue; the entry that has it already, or None if it was free.

    One that is being written just now is waited for.
    """
    taken = session.scalar(
        text(
            "INSERT INTO paper_entries (poll_id, entry_key, fingerprint) "
            "VALUES (:poll, :key, :fingerprint) ON CONFLICT DO NOTHING RETURNING entry_key"
        ),
        {"poll": poll_id, "key": key, "fingerprint": fingerprint},
    )
    return None if taken else session.get(PaperEntryRow, (poll_id, key), populate_existing=True)


def keep_result(session: Session, poll_id: str, key: str, result: Json) -> None:
    """What the entry was answered, for whoever sends it again."""
    session.execute(
        update(PaperEntryRow)
        .where(PaperEntryRow.poll_id == poll_id, PaperEntryRow.entry_key == key)
        .values(result=result)
    )


# -- papers --------------------------------------------------------------------------------------


def entries(session: Session, poll_id: str, codes: Iterable[str]) -> dict[str, RollEntryRow]:
    """Entries of the roll by code."""
    rows = session.scalars(
        select(RollEntryRow)
        .where(RollEntryRow.poll_id == poll_id, RollEntryRow.code.in_(list(codes)))
        .execution_options(populate_existing=True)
    )
    return {row.code: row for row in rows}


def hold_entries(session: Session, poll_id: str, codes: Iterable[str]) -> None:
    """Lock entries in the order of their codes, before several acts touch them one by one."""
    session.execute(
        text(
            "SELECT code FROM roll_entries WHERE poll_id = :poll AND code = ANY(:codes) "
            "ORDER BY code FOR NO KEY UPDATE"
        ),
        {"poll": poll_id, "codes": list(codes)},
    )


def buildings(session: Session, poll_id: str) -> set[str]:
    """The buildings of the roll."""
    return set(
        session.scalars(
            select(RollEntryRow.building).where(RollEntryRow.poll_id == poll_id).distinct()
        )
    )


def paper(session: Session, poll_id: str, serial: int) -> PaperRow | None:
    """A paper, as it is now."""
    return session.get(PaperRow, (poll_id, serial), populate_existing=True)


def papers(session: Session, poll_id: str, serials: Iterable[int]) -> list[PaperRow]:
    """Papers by serial."""
    return list(
        session.scalars(
            select(PaperRow)
            .where(PaperRow.poll_id == poll_id, PaperRow.serial.in_(list(serials)))
            .order_by(PaperRow.serial)
        )
    )


def latest(session: Session, poll_id: str, codes: Iterable[str]) -> dict[str, PaperRow]:
    """The paper that was handed out last for each of the entries that had one, by code."""
    last = (
        select(PaperRow.code, func.max(PaperRow.serial).label("serial"))
        .where(PaperRow.poll_id == poll_id, PaperRow.code.in_(list(codes)))
        .group_by(PaperRow.code)
        .subquery()
    )
    rows = session.scalars(
        select(PaperRow)
        .join(last, PaperRow.serial == last.c.serial)
        .where(PaperRow.poll_id == poll_id)
    )
    return {row.code: row for row in rows}


def papers_out(
    session: Session, poll_id: str, building: str | None, first: int, last: int, most: int
) -> list[PaperRow]:
    """The papers that are out, by serial, at most so many."""
    wanted = select(PaperRow).where(
        PaperRow.poll_id == poll_id, PaperRow.state == "out", PaperRow.serial.between(first, last)
    )
    if building is not None:
        wanted = wanted.where(PaperRow.building == building)
    return list(session.scalars(wanted.order_by(PaperRow.serial).limit(most)))


def held(session: Session, poll_id: str, codes: Iterable[str]) -> set[str]:
    """Those of the entries for which a paper is out, or is back."""
    return set(
        session.scalars(
            select(PaperRow.code).where(
                PaperRow.poll_id == poll_id,
                PaperRow.code.in_(list(codes)),
                PaperRow.state.in_(("out", "returned")),
            )
        )
    )


@dataclass(frozen=True, slots=True)
class InBuilding:
    """How many papers of a building are where; ``roll`` entries are on the roll."""

    building: str
    roll: int
    issued: int
    out: int
    returned: int
    spoiled: int
    taken_back: int
    late: int


_DESK = text(
    """
    WITH roll AS (
        SELECT building, count(*) AS entries FROM roll_entries
        WHERE poll_id = :poll AND state <> 'struck' GROUP BY building
    ), counted AS (
        SELECT building, count(*) FILTER (WHERE state <> 'taken_back') AS issued,
               count(*) FILTER (WHERE state = 'out') AS out,
               count(*) FILTER (WHERE state = 'returned') AS returned,
               count(*) FILTER (WHERE state = 'spoiled') AS spoiled,
               count(*) FILTER (WHERE state = 'taken_back') AS taken_back,
               count(*) FILTER (WHERE EXISTS (
                   SELECT FROM paper_acts a
                   WHERE a.poll_id = papers.poll_id AND a.serial = papers.serial AND a.late
               )) AS late
        FROM papers WHERE poll_id = :poll GROUP BY building
    )
    SELECT coalesce(roll.building, counted.building), coalesce(roll.entries, 0),
           coalesce(issued, 0), coalesce(out, 0), coalesce(returned, 0), coalesce(spoiled, 0),
           coalesce(taken_back, 0), coalesce(late, 0)
    FROM roll FULL JOIN counted ON roll.building = counted.building ORDER BY 1
    """
)


def desk(session: Session, poll_id: str) -> list[InBuilding]:
    """The papers of a poll, building by building."""
    return [InBuilding(*row) for row in session.execute(_DESK, {"poll": poll_id})]


_REGISTER = text(
    """
    SELECT p.building, e.head_d,
           count(*) FILTER (WHERE p.state <> 'taken_back') AS issued,
           count(*) FILTER (WHERE p.state = 'returned') AS returned,
           count(*) FILTER (WHERE p.state = 'spoiled') AS spoiled,
           coalesce(sum(e.area) FILTER (WHERE p.state = 'returned'), 0)::bigint AS area,
           coalesce(sum(e.head_n) FILTER (WHERE p.state = 'returned'), 0)::bigint AS heads
    FROM papers p JOIN roll_entries e ON e.poll_id = p.poll_id AND e.code = p.code
    WHERE p.poll_id = :poll GROUP BY p.building, e.head_d
    """
)


def register(session: Session, poll_id: str) -> dict[str, Booked]:
    """What the register says of each building's papers."""
    found: dict[str, Booked] = {}
    for row in session.execute(_REGISTER, {"poll": poll_id}):
        booked = Booked(
            row.issued,
            row.returned,
            row.spoiled,
            Weight(row.area, Fraction(row.heads, row.head_d)),
        )
        found[row.building] = found.get(row.building, Booked()) + booked
    return found


def back(session: Session, poll_id: str) -> dict[str, frozenset[str]]:
    """By building the entries whose papers came back."""
    rows = session.execute(
        select(PaperRow.building, func.array_agg(PaperRow.code))
        .where(PaperRow.poll_id == poll_id, PaperRow.state == "returned")
        .group_by(PaperRow.building)
    )
    return {building: frozenset(codes) for building, codes in rows}


def roll_of(
    session: Session, poll_id: str, building: str, most: int
) -> list[tuple[RollEntryRow, PaperRow | None]]:
    """The entries of a building with the papers that were handed out for them, by address."""
    rows = session.execute(
        select(RollEntryRow, PaperRow)
        .outerjoin(
            PaperRow,
            (PaperRow.poll_id == RollEntryRow.poll_id) & (PaperRow.code == RollEntryRow.code),
        )
        .where(
            RollEntryRow.poll_id == poll_id,
            RollEntryRow.building == building,
            RollEntryRow.state != "struck",
        )
        .order_by(RollEntryRow.place, RollEntryRow.code, PaperRow.serial)
        .limit(most)
    )
    return cast(list[tuple[RollEntryRow, PaperRow | None]], [tuple(row) for row in rows])


# -- tallies -------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class PaperTally:
    """What the papers of a poll come to; ``spoiled`` lay in the urn, say nothing, and took part.

    (What was spoiled at the desk and changed for another is none of them.)
    """

    votes: Mapping[Choice, Side]
    spoiled: int


def tallies(session: Session, poll_id: str) -> PaperTally:
    """What the sheets that stand say.

    Where ballots carry names their weights are the roll's; otherwise the sheet's, or one household
    and one head for each ballot, as it is online.
    """
    rules = RuleSet.model_validate(
        session.scalar(select(PollRow.rules).where(PollRow.id == poll_id))
    )
    found = dict.fromkeys(CHOICES, Side())
    named: dict[str, str] = {}
    for _, counts in paper_sheets.standing(session, poll_id):
        if counts.ballots:
            named.update(counts.ballots)
            continue
        for choice, votes in counts.votes.items():
            weight = counts.weights.get(choice, Weight(0, Fraction(votes)))
            found[choice] += Side(votes, votes, weight.area, weight.heads)
    rows = entries(session, poll_id, named) if named else {}
    for code, choice in named.items():
        row = rows[code]
        heads = Fraction(row.head_n, row.head_d)
        found[choice] += Side(1, 1, *weighed(Entry(code, row.state, row.area, heads), rules))
    spoiled = found.pop("invalid").entries
    return PaperTally(cast(dict[Choice, Side], found), spoiled)


def forget(session: Session, person_id: str) -> None:
    """Who worked at the desk and left is named no longer; that two people did stays."""
    for column in (PaperRow.issued_by, PaperActRow.person_id, PaperReadingRow.person_id):
        session.execute(update(column.class_).where(column == person_id).values({column.key: None}))
