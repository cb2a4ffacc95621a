"""Polls: one of them, a page of them, how much of the roll took part."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from fractions import Fraction

from sqlalchemy import and_, or_, select, text
from sqlalchemy.orm import Session

from services.contracts.errors import NotFound
from services.votes.domain.counting import Side
from services.votes.domain.polls import RUNNING
from services.votes.domain.results import Building
from services.votes.domain.rolls import VOTED
from services.votes.models import PollHeadRow, PollRow, ResultRow, RollEntryRow, RollPersonRow


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
    state: str | None,
    begins: datetime | None,
    ends: datetime | None,
    to_do: bool,
    before: str | None,
    limit: int,
) -> list[PollRow]:
    """Polls of a community, newest first, after that of the id ``before``.

    Between ``begins`` and ``ends`` are those whose voting touches that time; ``to_do`` are those
    that run, or whose result has yet to hold or to be put on file.
    """
    wanted = select(PollRow).where(PollRow.community_id == community_id)
    if state is not None:
        wanted = wanted.where(PollRow.state == state)
    if begins is not None:
        wanted = wanted.where(PollRow.closes_at >= begins)
    if ends is not None:
        wanted = wanted.where(PollRow.opens_at <= ends)
    if to_do:
        wanted = wanted.where(or_(PollRow.state.in_(RUNNING), PollRow.id.in_(_UNFINISHED)))
    if before is not None:
        wanted = wanted.where(PollRow.id < before)
    return list(session.scalars(wanted.order_by(PollRow.id.desc()).limit(limit)))


_UNFINISHED = select(ResultRow.poll_id).where(
    ResultRow.passed,
    ResultRow.annulled_at.is_(None),
    or_(
        ResultRow.adopted_at.is_(None),
        and_(ResultRow.file_by.is_not(None), ResultRow.filed_at.is_(None)),
    ),
)
"""Polls whose result passed, and has yet to hold, or to be put on file."""


def subjects(
    session: Session, person_id: str, poll_ids: Sequence[str]
) -> dict[str, list[RollEntryRow]]:
    """The entries that the account is known to vote for, by poll."""
    rows = session.scalars(
        select(RollEntryRow)
        .join(
            RollPersonRow,
            (RollPersonRow.poll_id == RollEntryRow.poll_id)
            & (RollPersonRow.code == RollEntryRow.code),
        )
        .where(RollPersonRow.person_id == person_id, RollPersonRow.poll_id.in_(poll_ids))
        .order_by(RollEntryRow.building, RollEntryRow.place, RollEntryRow.code)
    )
    found: dict[str, list[RollEntryRow]] = {}
    for row in rows:
        found.setdefault(row.poll_id, []).append(row)
    return found


def heads(session: Session, poll_ids: Sequence[str]) -> dict[str, str]:
    """The hash of the newest entry of each poll's bulletin."""
    rows = session.execute(
        select(PollHeadRow.poll_id, PollHeadRow.hash).where(PollHeadRow.poll_id.in_(poll_ids))
    )
    return {row.poll_id: row.hash for row in rows}


_SUMS = text(
    """
    SELECT head_d, count(*) AS entries, sum(area)::bigint AS area, sum(head_n)::bigint AS heads,
           (SELECT count(DISTINCT household) FROM roll_entries
            WHERE poll_id = :poll AND state = ANY(:states)) AS households
    FROM roll_entries WHERE poll_id = :poll AND state = ANY(:states)
    GROUP BY head_d
    """
)


def sums(session: Session, poll_id: str, states: Iterable[str] = VOTED) -> Side:
    """What the entries in one of these states come to; by default, of those that voted."""
    rows = session.execute(_SUMS, {"poll": poll_id, "states": sorted(states)}).all()
    return Side(
        entries=sum(row.entries for row in rows),
        households=rows[0].households if rows else 0,
        area=sum(row.area for row in rows),
        heads=sum((Fraction(row.heads, row.head_d) for row in rows), Fraction(0)),
    )


_ANYBODY = text(
    "SELECT EXISTS (SELECT FROM roll_entries WHERE poll_id = :poll AND state <> 'struck')"
)


def anybody(session: Session, poll_id: str) -> bool:
    """Whether the roll holds anybody who may vote."""
    return bool(session.scalar(_ANYBODY, {"poll": poll_id}))


@dataclass(frozen=True, slots=True)
class Turnout:
    """How many entries have voted over which channel, and for how many a paper is out."""

    online: int = 0
    paper: int = 0
    paper_out: int = 0


_TURNOUTS = text(
    """
    SELECT asked.id, coalesce(head.leaves - head.gone, 0) AS online,
           coalesce(desk.back, 0) AS paper, coalesce(desk.away, 0) AS paper_out
    FROM unnest(cast(:polls AS text[])) AS asked (id)
    LEFT JOIN poll_heads AS head ON head.poll_id = asked.id
    LEFT JOIN (
        SELECT poll_id, count(*) FILTER (WHERE state = 'returned') AS back,
               count(*) FILTER (WHERE state = 'out' AND NOT instead) AS away
        FROM papers WHERE poll_id = ANY(:polls) AND state IN ('out', 'returned') GROUP BY poll_id
    ) AS desk ON desk.poll_id = asked.id
    """
)


def turnouts(session: Session, poll_ids: Sequence[str]) -> dict[str, Turnout]:
    """The turnout of each of these polls, by the counters that go along with every vote.

    The marks themselves are a hundred thousand rows, which would be read for every page.
    """
    rows = session.execute(_TURNOUTS, {"polls": list(poll_ids)})
    return {row.id: Turnout(row.online, row.paper, row.paper_out) for row in rows}


def turnout(session: Session, poll_id: str) -> Turnout:
    """The same of one poll."""
    return turnouts(session, [poll_id])[poll_id]


_BUILDINGS = text(
    """
    SELECT building, count(*) AS roll,
           count(*) FILTER (WHERE state IN ('online', 'proxy')) AS online,
           count(*) FILTER (WHERE state = 'paper') AS paper
    FROM roll_entries WHERE poll_id = :poll AND state <> 'struck'
    GROUP BY building ORDER BY building
    """
)


def buildings(session: Session, poll_id: str) -> list[Building]:
    """The turnout building by building."""
    return [Building(*row) for row in session.execute(_BUILDINGS, {"poll": poll_id})]
