"""Runs of the hot ten: asked for, taken by one reader, given what was written, written down."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any, Final

from pgvector.sqlalchemy import Vector
from sqlalchemy import delete, insert, select, text
from sqlalchemy.dialects.postgresql import insert as upsert
from sqlalchemy.orm import Session

from services.contracts.ids import new_id
from services.grid_bridge.classifier.embedding import WIDTH
from services.grid_bridge.domain.hot_topics import Level, Month, Standing
from services.grid_bridge.models import (
    ConcernMessageRow,
    ConcernRow,
    HotTopicMessageRow,
    HotTopicRunRow,
)
from services.grid_bridge.repository_hot_topics import COLUMNS, Node

PAGE: Final = 1_000
STALE: Final = timedelta(minutes=30)
"""A run that takes longer has lost its reader, and is taken by another."""

ATTEMPTS: Final = 3
REMEMBERED: Final = 12
"""Months after which a concern that nobody wrote of is not looked for any more."""

CAUGHT_UP: Final = 12
"""Months back that are made up for when the clock stood still."""

_MISSED = text(
    """
    SELECT least(max(month), :month) FROM hot_topic_runs
    WHERE kind = 'monthly' AND month >= :oldest
    """
)
_FAILED_BEFORE = text(
    """
    UPDATE hot_topic_runs SET state = 'asked', asked_at = :now
    WHERE kind = 'monthly' AND state = 'failed' AND month >= :oldest AND asked_at < :today
    """
)
_NIGHTS_BEFORE = text(
    """
    DELETE FROM hot_topic_runs
    WHERE kind = 'nightly' AND day < :today AND (state IN ('asked', 'failed')
        OR (state = 'running' AND started_at < :stale))
    """
)
_LOCK = text("SELECT pg_advisory_xact_lock(hashtextextended('hot topics ' || :of, 0))")
_ASKED = text(
    "SELECT EXISTS (SELECT FROM hot_topic_runs"
    " WHERE kind = :kind AND day = :day AND month = :month)"
)
_ACTIVE = text(
    """
    WITH active AS (
        SELECT id, path, town_id, district_id FROM directory_communities AS here
        WHERE EXISTS (SELECT FROM vectors WHERE community_id = here.id
                      AND written_at >= :begins AND written_at < :ends))
    SELECT 'community' AS level, id, path FROM active
    UNION SELECT 'town', town_id, regexp_replace(path, '[.][^.]+$', '') FROM active
    UNION SELECT 'district', district_id, regexp_replace(path, '([.][^.]+){2}$', '') FROM active
    """
)


def ask_by_clock(session: Session, kind: str, month: Month, day: date, now: datetime) -> int:
    """Ask for the runs of all places where something was written in the month; once for a day."""
    if session.scalar(_ASKED, {"kind": kind, "day": day, "month": month.first_day}):
        return 0
    found = session.execute(_ACTIVE, {"begins": month.begins, "ends": month.ends}).all()
    if not found:
        return 0
    asked = session.execute(
        upsert(HotTopicRunRow)
        .values(
            [
                _asked(Node(Level(row.level), row.id, row.path), kind, month, day, now)
                for row in found
            ]
        )
        .on_conflict_do_nothing()
    )
    return int(asked.rowcount)  # type: ignore[attr-defined]


def newest_month(session: Session, month: Month) -> Month:
    """The newest month that the clock has asked for, at most this one; this one before the first.

    Of the last :data:`CAUGHT_UP` months: what is older is made up for no more.
    """
    oldest = month.plus(-CAUGHT_UP).first_day
    found = session.scalar(_MISSED, {"month": month.first_day, "oldest": oldest})
    return Month.around(found) if found else month


def ask_failed(session: Session, month: Month, today: datetime, now: datetime) -> int:
    """Ask again for the months that failed before today; how many runs."""
    oldest = month.plus(-CAUGHT_UP).first_day
    asked = session.execute(_FAILED_BEFORE, {"oldest": oldest, "today": today, "now": now})
    return int(asked.rowcount)  # type: ignore[attr-defined]


def forget_nights(session: Session, today: date, now: datetime) -> None:
    """Nights before today that nobody has reckoned: this night's run sees all that they would."""
    session.execute(_NIGHTS_BEFORE, {"today": today, "stale": now - STALE})


def one_at_a_time(session: Session, place: Node, month: Month) -> None:
    """Until the transaction ends nobody else asks for, or publishes, this month of the place."""
    session.execute(_LOCK, {"of": f"{place.level} {place.id} {month}"})


def ask(
    session: Session, place: Node, month: Month, day: date, now: datetime, by: str, reason: str
) -> HotTopicRunRow:
    """Ask for a month to be reckoned anew."""
    row = HotTopicRunRow(**_asked(place, "again", month, day, now), reason=reason, asked_by=by)
    session.add(row)
    session.flush()
    return row


def _asked(place: Node, kind: str, month: Month, day: date, now: datetime) -> dict[str, Any]:
    return {
        "id": new_id(),
        "level": place.level.value,
        "node_id": place.id,
        "path": place.path,
        "month": month.first_day,
        "kind": kind,
        "day": day,
        "state": Standing.ASKED.value,
        "asked_at": now,
        "attempts": 0,
    }


_LOST = text(
    """
    UPDATE hot_topic_runs SET state = 'failed', error = 'its reader was lost'
    WHERE state = 'running' AND started_at < :stale AND attempts >= :attempts
    """
)
_TAKE = text(
    """
    UPDATE hot_topic_runs SET state = 'running', started_at = :now, attempts = attempts + 1
    WHERE id = (
        SELECT id FROM hot_topic_runs
        WHERE state = 'asked'
            OR (state = 'running' AND started_at < :stale AND attempts < :attempts)
        ORDER BY CASE kind WHEN 'again' THEN 0 WHEN 'monthly' THEN 1 ELSE 2 END, asked_at, id
        LIMIT 1 FOR UPDATE SKIP LOCKED)
    RETURNING id
    """
)


def take(session: Session, now: datetime) -> HotTopicRunRow | None:
    """A run that waits, which is then this reader's; one that kills its readers waits no more."""
    old = {"stale": now - STALE, "attempts": ATTEMPTS}
    session.execute(_LOST, old)
    run_id = session.scalar(_TAKE, {"now": now, **old})
    return session.get(HotTopicRunRow, run_id, populate_existing=True) if run_id else None


def still_mine(session: Session, run: HotTopicRunRow) -> HotTopicRunRow | None:
    """The run, locked, unless another reader has taken it since."""
    row = session.get(HotTopicRunRow, run.id, with_for_update=True, populate_existing=True)
    mine = row is not None and row.state == Standing.RUNNING and row.attempts == run.attempts
    return row if mine else None


@dataclass(frozen=True, slots=True)
class Written:
    """A text with its vector, where it stands, and everybody who said so."""

    kind: str
    id: str
    community_id: str
    town_id: str
    author_id: str | None
    title: str
    body: str
    embedding: Any
    written_at: datetime
    supporters: tuple[str, ...]


_WRITTEN = text(
    """
    SELECT words.kind, words.id, words.community_id, here.town_id, words.author_id, words.title,
           words.body, words.embedding, words.written_at,
           ARRAY(SELECT person_id FROM issue_supporters
                 WHERE words.kind = 'issue' AND issue_id = words.id ORDER BY 1) AS supporters
    FROM vectors AS words JOIN directory_communities AS here ON here.id = words.community_id
    WHERE words.community_id = ANY(:communities)
      AND words.written_at >= :begins AND words.written_at < :ends
      AND words.module <> 'mutual_aid'
      AND (words.written_at, words.id) > (:at, :after)
    ORDER BY words.written_at, words.id LIMIT :limit
    """
).columns(embedding=Vector(WIDTH))


def written(session: Session, place: Node, begins: datetime, ends: datetime) -> list[Written]:
    """What was written in a place within a time, in its order; offers and needs are no concerns."""
    communities = session.scalars(
        text(f"SELECT id FROM directory_communities WHERE {COLUMNS[place.level]} = :id"),  # noqa: S608
        {"id": place.id},
    ).all()
    found: list[Written] = []
    at, after = begins, ""
    while True:
        rows = session.execute(
            _WRITTEN,
            {
                "communities": communities,
                "begins": begins,
                "ends": ends,
                "at": at,
                "after": after,
                "limit": PAGE,
            },
        ).all()
        found += [Written(**{**row._mapping, "supporters": tuple(row.supporters)}) for row in rows]
        if len(rows) < PAGE:
            return found
        at, after = rows[-1].written_at, rows[-1].id


def concerns(session: Session, place: Node, month: Month) -> Sequence[ConcernRow]:
    """Concerns of a place that somebody wrote of within the last year, the oldest first."""
    return session.scalars(
        select(ConcernRow)
        .where(
            ConcernRow.level == place.level.value,
            ConcernRow.node_id == place.id,
            ConcernRow.last_month >= month.plus(-REMEMBERED).first_day,
        )
        .order_by(ConcernRow.first_month, ConcernRow.id)
    ).all()


def drop_nightly(session: Session, run: HotTopicRunRow) -> None:
    """The nights before give way, and so do they when the month is published."""
    session.execute(
        delete(HotTopicRunRow).where(
            HotTopicRunRow.level == run.level,
            HotTopicRunRow.node_id == run.node_id,
            HotTopicRunRow.month == run.month,
            HotTopicRunRow.version == 0,
            HotTopicRunRow.id != run.id,
        )
    )


_TAKEN_FROM = text(
    """
    DELETE FROM concern_messages AS of USING concerns AS whole
    WHERE whole.id = of.concern_id AND whole.level = :level AND whole.node_id = :node
      AND (of.kind, of.message_id) IN (
          SELECT * FROM unnest(cast(:kinds AS text[]), cast(:ids AS text[])))
    """
)


def assign(session: Session, place: Node, lines: Sequence[tuple[str, str, str, datetime]]) -> None:
    """Say to which concern messages belong, from (concern, kind, message, when): to one each."""
    for start in range(0, len(lines), PAGE):
        piece = lines[start : start + PAGE]
        session.execute(
            _TAKEN_FROM,
            {
                "level": place.level.value,
                "node": place.id,
                "kinds": [kind for _, kind, _, _ in piece],
                "ids": [message for _, _, message, _ in piece],
            },
        )
        session.execute(
            insert(ConcernMessageRow),
            [
                {"concern_id": concern, "kind": kind, "message_id": message, "at": at}
                for concern, kind, message, at in piece
            ],
        )


def rest_on(session: Session, lines: Iterable[dict[str, Any]]) -> None:
    """Write down on which messages topics rest."""
    if rows := list(lines):
        session.execute(insert(HotTopicMessageRow), rows)


def waiting(session: Session, place: Node, month: Month) -> HotTopicRunRow | None:
    """A run of the month that was asked for by somebody and is not done yet."""
    return session.scalar(
        select(HotTopicRunRow)
        .where(
            HotTopicRunRow.level == place.level.value,
            HotTopicRunRow.node_id == place.id,
            HotTopicRunRow.month == month.first_day,
            HotTopicRunRow.kind == "again",
            HotTopicRunRow.state.in_([Standing.ASKED.value, Standing.RUNNING.value]),
        )
        .limit(1)
    )


_LOOSE = text(
    """
    DELETE FROM concerns AS whole
    WHERE level = :level AND node_id = :node
      AND NOT EXISTS (SELECT FROM hot_topics WHERE concern_id = whole.id)
      AND NOT EXISTS (SELECT FROM hot_topic_actions WHERE concern_id = whole.id)
    """
)


def forget_loose(session: Session, place: Node) -> None:
    """Concerns that only a night's list named, and nothing is done about."""
    session.execute(_LOOSE, {"level": place.level.value, "node": place.id})
