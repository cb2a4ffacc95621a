"""The clocks of ordinary posts, and how those of a day came out.

A day's counters are kept in the transaction of what they count: each change of a clock takes away
what it counted for before, and adds what it counts for now.
"""

from collections.abc import Iterable, Sequence
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import Integer, and_, cast, func, select, text
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from services.grid_bridge.domain import post_clocks as rules
from services.grid_bridge.domain.post_clocks import COUNTED, Clock, End, PostCounts
from services.grid_bridge.domain.sla import ZONE, start_of
from services.grid_bridge.models import PostClockDayRow, PostClockRow
from services.grid_bridge.repository import under

_FIELDS = tuple(Clock.__dataclass_fields__)
_ADD = text(
    f"""
    INSERT INTO post_clock_days AS kept (community_id, day, path, {", ".join(COUNTED)})
    SELECT * FROM unnest(
        cast(:communities AS text[]), cast(:days AS date[]), cast(:paths AS text[]),
        {", ".join(f"cast(:{name} AS integer[])" for name in COUNTED)})
    ORDER BY 1, 2
    ON CONFLICT (community_id, day) DO UPDATE SET
        {", ".join(f"{name} = kept.{name} + excluded.{name}" for name in COUNTED)}
    """  # noqa: S608
)
_STALE = text(
    """
    SELECT clock.post_id
    FROM calendars AS known
    JOIN directory_communities AS here ON here.district_id = known.district_id
    JOIN post_clocks AS clock ON clock.community_id = here.id
    WHERE known.settled_at IS NULL AND clock.ended_at IS NULL AND clock.due_at IS NOT NULL
      AND clock.calendar <> known.revision
    ORDER BY clock.post_id LIMIT :limit
    FOR UPDATE OF clock SKIP LOCKED
    """
)


def lock_clock(
    session: Session, post_id: str, *, community_id: str, path: str, module: str
) -> PostClockRow:
    """The clock of a post, locked; begun empty when nothing was heard of it yet."""
    found = find_clock(session, post_id)
    if found is None:
        fresh = insert(PostClockRow).values(
            post_id=post_id, community_id=community_id, path=path, module=module, title=""
        )
        session.execute(fresh.on_conflict_do_nothing())
        found = find_clock(session, post_id)
    if found is None:
        raise LookupError(f"the clock of {post_id} is gone")
    return found


def find_clock(session: Session, post_id: str) -> PostClockRow | None:
    """The clock of a post, locked; None when nothing was heard of it."""
    return session.get(PostClockRow, post_id, with_for_update=True, populate_existing=True)


def as_clock(row: PostClockRow) -> Clock:
    """What the rules need to know of the row."""
    facts = {name: getattr(row, name) for name in _FIELDS}
    return Clock(**{**facts, "ended_by": End(row.ended_by) if row.ended_by else None})


def keep(row: PostClockRow, clock: Clock, calendar: Any) -> None:
    """Write back what the rules decided; ``calendar`` is the district's."""
    for name in _FIELDS:
        setattr(row, name, getattr(clock, name))
    row.next_alarm = rules.next_alarm(clock, calendar)
    row.calendar = calendar.revision
    if clock.ended_at is not None:
        row.title = ""


def count(session: Session, changes: Iterable[tuple[PostClockRow, Clock, Clock]]) -> None:
    """Bring the counters in line with clocks that were (row, before, after), in one statement."""
    sums: dict[tuple[str, date, str], dict[str, int]] = {}
    for row, before, after in changes:
        for clock, sign in ((before, -1), (after, 1)):
            if clock.published_at is None:
                continue
            day = clock.published_at.astimezone(ZONE).date()
            kept = sums.setdefault((row.community_id, day, row.path), dict.fromkeys(COUNTED, 0))
            for name, number in rules.counted(clock).items():
                kept[name] += sign * number
    changed = sorted((key, kept) for key, kept in sums.items() if any(kept.values()))
    if not changed:
        return
    session.execute(
        _ADD,
        {
            "communities": [key[0] for key, _ in changed],
            "days": [key[1] for key, _ in changed],
            "paths": [key[2] for key, _ in changed],
            **{name: [kept[name] for _, kept in changed] for name in COUNTED},
        },
    )


def alarms(session: Session, now: datetime, limit: int) -> Sequence[PostClockRow]:
    """Clocks whose next rung is due, locked; what others hold is skipped."""
    return session.scalars(
        select(PostClockRow)
        .where(PostClockRow.next_alarm <= now)
        .order_by(PostClockRow.next_alarm)
        .limit(limit)
        .with_for_update(skip_locked=True)
    ).all()


def stale(session: Session, until: datetime, limit: int) -> Sequence[PostClockRow]:
    """Running clocks that their calendar has left behind, locked; see ``stale_promises``."""
    ids = session.scalars(_STALE, {"limit": limit}).all()
    covered = and_(
        PostClockRow.provisional, PostClockRow.ended_at.is_(None), PostClockRow.due_at < until
    )
    return session.scalars(
        select(PostClockRow)
        .where(PostClockRow.post_id.in_(ids) if ids else covered)
        .order_by(PostClockRow.due_at)
        .limit(limit)
        .with_for_update(skip_locked=True)
    ).all()


def unanswered(
    session: Session,
    community_id: str,
    *,
    overdue: bool | None,
    now: datetime,
    after: tuple[datetime, str] | None,
    limit: int,
) -> Sequence[PostClockRow]:
    """The running clocks of a community, the limit that ends first first; one more than asked."""
    table = PostClockRow
    query = select(table).where(
        table.community_id == community_id, table.ended_at.is_(None), table.due_at.is_not(None)
    )
    if overdue is not None:
        query = query.where(table.due_at < now if overdue else table.due_at >= now)
    if after is not None:
        due_at, post_id = after
        query = query.where(
            (table.due_at > due_at) | ((table.due_at == due_at) & (table.post_id > post_id)),
            table.due_at >= due_at,
        )
    return session.scalars(query.order_by(table.due_at, table.post_id).limit(limit + 1)).all()


def forget_author(session: Session, person_id: str) -> Sequence[PostClockRow]:
    """The clocks of somebody's posts, locked, and by nobody any more."""
    rows = session.scalars(
        select(PostClockRow).where(PostClockRow.author_id == person_id).with_for_update()
    ).all()
    for row in rows:
        row.author_id = None
    return rows


# -- figures ---------------------------------------------------------------------------------------

_OPEN = text(
    """
    SELECT count(*) FILTER (WHERE due_at >= :now) AS open,
           count(*) FILTER (WHERE due_at < :now) AS open_overdue,
           count(*) FILTER (WHERE due_at < :now AND neighbour_replied_at <= due_at) AS in_time,
           count(*) FILTER (WHERE due_at < :now AND neighbour_replied_at > due_at) AS late
    FROM post_clocks
    WHERE (path = :scope OR (path > :scope || '.' AND path < :scope || '/'))
      AND ended_at IS NULL AND due_at IS NOT NULL
      AND published_at >= :since AND published_at < :until
    """
)


def post_counts(session: Session, scope: str, first: date, last: date, now: datetime) -> PostCounts:
    """How the posts of these days (China's, both included) came out, at ``scope`` and beneath it.

    Sums of the days' counters, and what stands open now, by an index of open clocks alone.
    """
    table = PostClockDayRow
    days = session.execute(
        select(
            *(cast(func.coalesce(func.sum(getattr(table, n)), 0), Integer) for n in COUNTED)
        ).where(under(table.path, scope), table.day >= first, table.day <= last)
    ).one()
    still = session.execute(
        _OPEN,
        {
            "scope": scope,
            "now": now,
            "since": start_of(first),
            "until": start_of(last + timedelta(days=1)),
        },
    ).one()
    sums = dict(zip(COUNTED, days, strict=True))
    sums["neighbour_in_time"] += still.in_time
    sums["neighbour_late"] += still.late
    return PostCounts(**sums, open=still.open, open_overdue=still.open_overdue)
