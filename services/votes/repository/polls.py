"""Polls: one of them, a page of them, how much of the roll took part."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from fractions import Fraction

from sqlalchemy import select, text
from sqlalchemy.orm import Session

from services.contracts.errors import NotFound
from services.votes.domain.rolls import VOTED
from services.votes.models import PollRow


class PollNotFound(NotFound):
    """There is no such poll, or it is not the actor's to see."""

    code = "votes.poll_not_found"
    zh, en = "没有找到这次表决", "There is no such poll"


def poll(session: Session, poll_id: str, *, lock: bool = False) -> PollRow:
    """A poll; ``lock`` keeps others from leading it on meanwhile. The topic is locked before it.

    Raises:
        PollNotFound: there is none.
    """
    row = session.get(
        PollRow, poll_id, with_for_update=True if lock else None, populate_existing=lock
    )
    if row is None:
        raise PollNotFound()
    return row


def page(
    session: Session,
    community_id: str,
    *,
    states: Sequence[str],
    between: tuple[object | None, object | None],
    before: str | None,
    limit: int,
) -> list[PollRow]:
    """Polls of a community, newest first, after that of the id ``before``.

    ``states`` none means all; ``between`` asks for those whose voting touches that time.
    """
    wanted = select(PollRow).where(PollRow.community_id == community_id)
    if states:
        wanted = wanted.where(PollRow.state.in_(states))
    begins, ends = between
    if begins is not None:
        wanted = wanted.where(PollRow.closes_at >= begins)
    if ends is not None:
        wanted = wanted.where(PollRow.opens_at <= ends)
    if before is not None:
        wanted = wanted.where(PollRow.id < before)
    return list(session.scalars(wanted.order_by(PollRow.id.desc()).limit(limit)))


_MINE = text(
    """
    SELECT e.poll_id, e.code, e.kind, e.building, e.place, e.area, e.head_n, e.head_d, e.state
    FROM roll_people p JOIN roll_entries e ON e.poll_id = p.poll_id AND e.code = p.code
    WHERE p.person_id = :person AND p.poll_id = ANY(:polls)
    ORDER BY e.poll_id, e.building, e.place, e.code
    """
)


@dataclass(frozen=True, slots=True)
class Sums:
    """Sums over entries of a roll; ``area`` in hundredths of m²."""

    entries: int
    households: int
    area: int
    heads: Fraction


_SUMS = text(
    """
    SELECT head_d, count(*) AS entries, sum(area)::bigint AS area, sum(head_n)::bigint AS heads,
           (SELECT count(DISTINCT household) FROM roll_entries
            WHERE poll_id = :poll AND state = ANY(:states)) AS households
    FROM roll_entries WHERE poll_id = :poll AND state = ANY(:states)
    GROUP BY head_d
    """
)


def sums(session: Session, poll_id: str, states: Iterable[str] = VOTED) -> Sums:
    """What the entries in one of these states come to; by default, of those that voted."""
    rows = session.execute(_SUMS, {"poll": poll_id, "states": sorted(states)}).all()
    return Sums(
        entries=sum(row.entries for row in rows),
        households=rows[0].households if rows else 0,
        area=sum(row.area for row in rows),
        heads=sum((Fraction(row.heads, row.head_d) for row in rows), Fraction(0)),
    )


_COUNTS = text(
    "SELECT state, count(*) AS entries FROM roll_entries WHERE poll_id = :poll GROUP BY state"
)


def counts(session: Session, poll_id: str) -> dict[str, int]:
    """How many entries are in each state."""
    rows = session.execute(_COUNTS, {"poll": poll_id})
    return {row.state: row.entries for row in rows}


_BUILDINGS = text(
    """
    SELECT building, count(*) AS roll,
           count(*) FILTER (WHERE state IN ('online', 'proxy')) AS online,
           count(*) FILTER (WHERE state = 'paper') AS paper
    FROM roll_entries WHERE poll_id = :poll AND state <> 'struck'
    GROUP BY building ORDER BY building
    """
)


@dataclass(frozen=True, slots=True)
class Building:
    """How many entries of the roll a building has, and how many voted over which channel."""

    building: str
    roll: int
    online: int
    paper: int


def buildings(session: Session, poll_id: str) -> list[Building]:
    """The turnout building by building."""
    return [Building(*row) for row in session.execute(_BUILDINGS, {"poll": poll_id})]
