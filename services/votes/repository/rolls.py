"""Rolls: their entries, the state of each, taken by one statement, and their tree."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from sqlalchemy import delete, func, insert, select, text, tuple_
from sqlalchemy.orm import Session

from services.votes.domain.ballots import SubjectNotFound
from services.votes.domain.rolls import MOVES, VOTED, Mark
from services.votes.models import RollChangeRow, RollEntryRow, RollPersonRow, RollTreeRow

_E = RollEntryRow
_ON_ROLL = _E.state != Mark.STRUCK.value
_BY_CODE = _E.code.collate("C")

_TAKE = text(
    """
    WITH mine AS (
        SELECT code FROM roll_entries
        WHERE poll_id = :poll AND code = ANY(:codes) AND state = :was
        ORDER BY code FOR NO KEY UPDATE
    )
    UPDATE roll_entries AS e SET state = :to FROM mine
    WHERE e.poll_id = :poll AND e.code = mine.code RETURNING e.code
    """
)


def take(session: Session, poll_id: str, codes: Sequence[str], was: str, to: str) -> set[str]:
    """Lead those of the entries that are in state ``was`` to state ``to``; which these were.

    Whoever else holds one of them is waited for, and what it then is counts. Entries are locked
    in the order of their codes, so that two batches never wait for each other.

    Raises:
        ValueError: no entry ever goes from the one state to the other.
    """
    if (Mark(was), Mark(to)) not in MOVES:
        raise ValueError(f"no entry goes from {was} to {to}")
    values = {"poll": poll_id, "codes": list(codes), "was": was, "to": to}
    return set(session.scalars(_TAKE, values))


# -- laid down -----------------------------------------------------------------------------------


COLUMNS: Final[Mapping[str, str]] = {
    **dict.fromkeys(("code", "salt", "kind", "ref", "household", "building", "place"), "text"),
    "area": "bigint",
    "head_n": "integer",
    "head_d": "integer",
    "head_group": "text",
    "doubt": "text",
}
"""What a new entry comes with, and of which type."""

_ADD = text(
    f"INSERT INTO roll_entries (poll_id, {', '.join(COLUMNS)}) SELECT :poll, new.* FROM unnest("  # noqa: S608
    + ", ".join(f"cast(:{name} AS {kind}[])" for name, kind in COLUMNS.items())
    + ") AS new"
)
_TIE = text(
    "INSERT INTO roll_people (poll_id, person_id, code) SELECT :poll, new.* FROM unnest("
    "cast(:people AS text[]), cast(:codes AS text[])) AS new ON CONFLICT DO NOTHING"
)


def add(session: Session, poll_id: str, entries: Sequence[Mapping[str, Any]]) -> None:
    """New entries of a roll, each with all of :data:`COLUMNS`, in one statement."""
    if entries:
        values = {name: [entry[name] for entry in entries] for name in COLUMNS}
        session.execute(_ADD, {**values, "poll": poll_id})


def tie(session: Session, poll_id: str, people: Sequence[tuple[str, str]]) -> None:
    """These accounts may vote for these entries: pairs of person and code."""
    if people:
        persons, codes = zip(*people, strict=True)
        values = {"people": list(persons), "codes": list(codes), "poll": poll_id}
        session.execute(_TIE, values)


def untie_others(session: Session, poll_id: str, person_id: str, codes: Sequence[str]) -> None:
    """A person's own entries are nobody else's: what tied another account to them is over."""
    mine = select(_E.code).where(
        _E.poll_id == poll_id, _E.kind == "person", _E.code.in_(list(codes))
    )
    session.execute(
        delete(RollPersonRow)
        .where(
            RollPersonRow.poll_id == poll_id,
            RollPersonRow.person_id != person_id,
            RollPersonRow.code.in_(mine),
        )
        .execution_options(synchronize_session=False)
    )


_SHARE_HEADS = text(
    """
    UPDATE roll_entries AS e SET head_d = g.units FROM (
        SELECT head_group, count(*)::integer AS units FROM roll_entries
        WHERE poll_id = :poll AND head_group <> '' AND state <> 'struck' GROUP BY head_group
    ) AS g
    WHERE e.poll_id = :poll AND e.head_group = g.head_group AND e.head_d <> g.units
        AND e.state <> 'struck'
    """
)


def share_heads(session: Session, poll_id: str) -> None:
    """Let the units of one owner share her head among those that are on the roll."""
    session.execute(_SHARE_HEADS, {"poll": poll_id})


# -- read ----------------------------------------------------------------------------------------


def known(session: Session, poll_id: str, person_id: str) -> list[RollEntryRow]:
    """The entries that the account is known to vote for."""
    return list(
        session.scalars(
            select(_E)
            .join(
                RollPersonRow,
                (RollPersonRow.poll_id == _E.poll_id) & (RollPersonRow.code == _E.code),
            )
            .where(_E.poll_id == poll_id, RollPersonRow.person_id == person_id, _ON_ROLL)
            .order_by(_E.building, _E.place, _E.code)
        )
    )


def of_refs(session: Session, poll_id: str, refs: Iterable[str]) -> list[RollEntryRow]:
    """The entries of these subjects, also those that were struck."""
    return list(
        session.scalars(
            select(_E)
            .where(_E.poll_id == poll_id, _E.ref.in_(list(refs)))
            .order_by(_E.building, _E.place, _E.code)
        )
    )


def entry(session: Session, poll_id: str, code: str) -> RollEntryRow:
    """An entry as it is now; :class:`SubjectNotFound` when there is none."""
    row = session.get(RollEntryRow, (poll_id, code), populate_existing=True)
    if row is None:
        raise SubjectNotFound()
    return row


def find(
    session: Session,
    poll_id: str,
    *,
    building: str | None,
    place: str | None,
    code: str | None,
    state: str | None = None,
    after: Sequence[str] | None,
    limit: int,
) -> list[RollEntryRow]:
    """Entries whose building or place contains these words, in the order of the addresses."""
    wanted = select(_E).where(_E.poll_id == poll_id)
    if building is not None:
        wanted = wanted.where(_E.building.contains(building, autoescape=True))
    if place is not None:
        wanted = wanted.where(_E.place.contains(place, autoescape=True))
    if code is not None:
        wanted = wanted.where(_E.code == code)
    if state is not None:
        wanted = wanted.where(_E.state == state)
    order = (_E.building, _E.place, _E.code)
    if after is not None:
        wanted = wanted.where(tuple_(*order) > tuple_(*after))
    return list(session.scalars(wanted.order_by(*order).limit(limit)))


@dataclass(frozen=True, slots=True)
class Line:
    """What of an entry is hashed."""

    code: str
    kind: str
    area: int
    head_n: int
    head_d: int
    salt: str


def lines(session: Session, poll_id: str) -> list[Line]:
    """The lines of the roll in their order."""
    rows = session.execute(
        select(_E.code, _E.kind, _E.area, _E.head_n, _E.head_d, _E.salt)
        .where(_E.poll_id == poll_id, _ON_ROLL)
        .order_by(_BY_CODE)
    )
    return [Line(*row) for row in rows]


def marks(session: Session, poll_id: str) -> list[tuple[str, bool]]:
    """Every code of the roll with whether it voted, in their order: a code says nothing else."""
    rows = session.execute(
        select(_E.code, _E.state.in_([m.value for m in VOTED]))
        .where(_E.poll_id == poll_id, _ON_ROLL)
        .order_by(_BY_CODE)
    )
    return [(code, voted) for code, voted in rows]


def sizes(session: Session, poll_id: str, column: str) -> dict[str, int]:
    """How many entries there are by ``kind``, ``building`` or ``doubt``."""
    by = {"kind": _E.kind, "building": _E.building, "doubt": _E.doubt}[column]
    rows = session.execute(
        select(by, func.count()).where(_E.poll_id == poll_id, _ON_ROLL).group_by(by).order_by(by)
    )
    return {str(value): int(count) for value, count in rows}


def turnout(session: Session, poll_id: str) -> Sequence[Any]:
    """Of each building the entries, those that voted, those with a paper."""
    return session.execute(
        select(
            _E.building,
            func.count().label("roll"),
            func.count().filter(_E.state.in_([m.value for m in VOTED])).label("voted"),
            func.count().filter(_E.state == Mark.PAPER_OUT.value).label("paper_out"),
        )
        .where(_E.poll_id == poll_id, _ON_ROLL)
        .group_by(_E.building)
        .order_by(_E.building)
    ).all()


def changes(session: Session, poll_id: str) -> Sequence[RollChangeRow]:
    """What was changed in the roll, the oldest first."""
    return session.scalars(
        select(RollChangeRow).where(RollChangeRow.poll_id == poll_id).order_by(RollChangeRow.id)
    ).all()


# -- its tree ------------------------------------------------------------------------------------


def keep_tree(session: Session, poll_id: str, pieces: Sequence[Mapping[str, Any]]) -> None:
    """The tree of the roll, in pieces; an earlier one goes."""
    session.execute(delete(RollTreeRow).where(RollTreeRow.poll_id == poll_id))
    if pieces:
        session.execute(insert(RollTreeRow), list(pieces))


def tops(session: Session, poll_id: str) -> tuple[list[str], list[bytes]]:
    """The code that each piece begins with, and its root, in order."""
    rows = session.execute(
        select(RollTreeRow.first, RollTreeRow.root)
        .where(RollTreeRow.poll_id == poll_id)
        .order_by(RollTreeRow.piece)
    ).all()
    return [row.first for row in rows], [row.root for row in rows]


def pieces(session: Session, poll_id: str, numbers: Iterable[int]) -> dict[int, list[bytes]]:
    """The leaves of these pieces, as far as there are such."""
    rows = session.execute(
        select(RollTreeRow.piece, RollTreeRow.leaves).where(
            RollTreeRow.poll_id == poll_id, RollTreeRow.piece.in_(list(numbers))
        )
    )
    return {
        row.piece: [row.leaves[i : i + 32] for i in range(0, len(row.leaves), 32)] for row in rows
    }


# -- forgetting ----------------------------------------------------------------------------------

_FORGET_PLACES = text("UPDATE roll_entries SET place = '' WHERE poll_id = :poll AND place <> ''")


def forget_people(session: Session, poll_id: str) -> None:
    """Which account might vote for which entry is needed no longer, nor which door it was."""
    session.execute(delete(RollPersonRow).where(RollPersonRow.poll_id == poll_id))
    session.execute(_FORGET_PLACES, {"poll": poll_id})


def forget_person(session: Session, person_id: str) -> None:
    """The account is gone: its ties to entries, too; the entries are the register's."""
    session.execute(delete(RollPersonRow).where(RollPersonRow.person_id == person_id))
