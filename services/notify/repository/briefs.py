"""The weekly brief: counted by events, made from the counters, read."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any, Final

from sqlalchemy import Row, Select, insert, select, text
from sqlalchemy.orm import Session

from services.contracts.events import HotTopicsPublished
from services.contracts.ids import new_id
from services.notify.domain.brief_events import Counted
from services.notify.domain.briefs import BACK, KEPT, Level
from services.notify.domain.digests import WEEK
from services.notify.models import Brief, BriefCount, BriefHotTopics, BriefName, BriefRead

SKEW: Final = timedelta(days=1)
"""So far the clocks of two processes may be apart; what was closed later is of a clock ahead."""

# Whoever counts holds the weeks as they are; whoever closes one waits for those, so that nothing
# is counted in a week whose brief is made.
_COUNTING = text("SELECT pg_advisory_xact_lock_shared(hashtext('notify.brief'))")
_CLOSING = text("SELECT pg_advisory_xact_lock(hashtext('notify.brief'))")
# One after the other in a community: of two that tell of one thing at once the second has to see
# what the first counted, and two that move things between two keys would wait for each other.
_IN_TURN = text(
    "SELECT pg_advisory_xact_lock(hashtext('notify.brief.count'), hashtext(:community))"
)
_COUNT = text(
    """
    WITH known AS (
        SELECT key FROM brief_facts
        WHERE subject_id = :subject AND figure = :figure AND week = :week
    ),
    kept AS (
        INSERT INTO brief_facts (subject_id, figure, week, key)
        VALUES (:subject, :figure, :week, :key)
        ON CONFLICT (subject_id, figure, week) DO UPDATE SET key = excluded.key
    ),
    moved AS (
        UPDATE brief_counts c SET count = c.count - 1, late = greatest(c.late - :late, 0)
        FROM known WHERE c.week = :week AND c.community_id = :community AND c.figure = :figure
                     AND c.key = known.key AND known.key <> :key
    )
    INSERT INTO brief_counts AS c (week, community_id, figure, key, count, late)
    SELECT :week, :community, :figure, :key, 1, :late
    WHERE NOT EXISTS (SELECT FROM known WHERE known.key = :key)
    ON CONFLICT (week, community_id, figure, key)
    DO UPDATE SET count = c.count + 1, late = c.late + excluded.late
    """
)
_POST = """
INSERT INTO brief_posts AS p (post_id, community_id, path, {column})
VALUES (:post, :community, :path, :at)
ON CONFLICT (post_id) DO UPDATE SET {column} = {newest}(p.{column}, excluded.{column})
"""
_NEWEST = {"due_at": "greatest", "answered_at": "least", "removed_at": "greatest",
           "shown_at": "greatest"}  # fmt: skip
_WAITS = """
FROM brief_posts WHERE due_at IS NOT NULL AND answered_at IS NULL
  AND (removed_at IS NULL OR shown_at > removed_at)
  AND (path = :path OR (path > :path || '.' AND path < :path || '/'))
"""
_WATCHERS = text(
    """
    SELECT DISTINCT ON (d.person_id) d.person_id, b.id, b.level, b.node_id, b.name
    FROM briefs b JOIN duties d ON d.path = b.path AND d.role = ANY (:roles) AND NOT d.ended
    WHERE b.week = :week AND b.district_id = :district
      AND (d.expires_at IS NULL OR d.expires_at > :now)
    ORDER BY d.person_id, length(b.path), b.id
    """
)
_COMMUNITIES = text(
    """
    SELECT id, path, name, town_id, town_name, district_id, district_name
    FROM directory_communities WHERE district_id = :district ORDER BY id
    """
)
_NODE = {
    "town": text("SELECT path FROM directory_communities WHERE town_id = :id LIMIT 1"),
    "district": text("SELECT path FROM directory_communities WHERE district_id = :id LIMIT 1"),
}
_ABOVE = {"town": 1, "district": 2}


@dataclass(frozen=True, slots=True)
class Node:
    """A place that has briefs."""

    level: Level
    id: str
    path: str


# -- counted --------------------------------------------------------------------------------------


def closed_until(session: Session, now: datetime) -> date | None:
    """The last week that is closed; it stays the last one until the commit."""
    session.execute(_COUNTING)
    return _closed(session, now)


def _closed(session: Session, now: datetime) -> date | None:
    """What a clock that ran ahead closed is open when the clock is right again."""
    last = text("SELECT max(week) FROM brief_weeks WHERE closed_at < :soon")
    return session.scalar(last, {"soon": now + SKEW})


def count(session: Session, one: Counted, community_id: str, week: date, *, late: bool) -> None:
    """Count a thing in a week; again with another key it is moved there, with the same it stays."""
    session.execute(_IN_TURN, {"community": community_id})
    session.execute(
        _COUNT,
        {
            "week": week,
            "community": community_id,
            "figure": one.figure,
            "subject": one.subject_id,
            "key": one.key,
            "late": int(late),
        },
    )


def call(session: Session, key: str, name: str) -> None:
    """What a kind of problem is called now."""
    session.execute(
        text(
            "INSERT INTO brief_names (key, name) VALUES (:key, :name) "
            "ON CONFLICT (key) DO UPDATE SET name = excluded.name"
        ),
        {"key": key, "name": name},
    )


def mark_post(session: Session, event: Any, column: str, at: datetime) -> None:
    """What happened to a post that is to be answered, in whichever order it is heard of."""
    session.execute(
        text(_POST.format(column=column, newest=_NEWEST[column])),
        {"post": event.post_id, "community": event.community_id, "path": event.path, "at": at},
    )


def keep_hot_topics(session: Session, event: HotTopicsPublished, week: date) -> None:
    """An edition came out."""
    session.execute(
        text(
            "INSERT INTO brief_hot_topics (level, node_id, month, edition, week, topics) "
            "VALUES (:level, :node, :month, :edition, :week, :topics) ON CONFLICT DO NOTHING"
        ),
        {
            "level": event.level,
            "node": event.node_id,
            "month": event.month,
            "edition": event.edition,
            "week": week,
            "topics": event.topics,
        },
    )


# -- made -----------------------------------------------------------------------------------------


def close(session: Session, weeks: Sequence[date], now: datetime) -> None:
    """Nothing is counted in these weeks any more; forget what is too old to be asked for."""
    session.execute(
        text(
            "INSERT INTO brief_weeks (week, closed_at) VALUES (:week, :now) "
            "ON CONFLICT (week) DO UPDATE SET closed_at = excluded.closed_at"
        ),
        [{"week": week, "now": now} for week in weeks],
    )
    values = {"week": weeks[-1] - KEPT, "at": now - KEPT}
    session.execute(text("DELETE FROM brief_facts WHERE week < :week"), values)
    session.execute(
        text("DELETE FROM brief_posts WHERE greatest(answered_at, removed_at, shown_at) < :at"),
        values,
    )


def closing(session: Session, now: datetime) -> date | None:
    """The last week that is closed, once nobody counts any more; nobody does until the commit."""
    session.execute(_CLOSING)
    return _closed(session, now)


def districts(session: Session) -> Sequence[str]:
    """All districts."""
    return session.scalars(
        text("SELECT DISTINCT district_id FROM directory_communities ORDER BY 1")
    ).all()


def communities(session: Session, district_id: str) -> Sequence[Row[Any]]:
    """The communities of a district."""
    return session.execute(_COMMUNITIES, {"district": district_id}).all()


def counts(session: Session, week: date, communities: Sequence[str]) -> Sequence[BriefCount]:
    """What was counted in a week in these communities."""
    wanted = select(BriefCount).where(
        BriefCount.week == week, BriefCount.community_id.in_(communities), BriefCount.count > 0
    )
    return session.scalars(wanted).all()


def keep(session: Session, briefs: Sequence[Mapping[str, Any]]) -> None:
    """Keep these briefs; one that was made before stays as it is."""
    if not briefs:
        return
    session.execute(
        text(
            "INSERT INTO briefs (id, week, level, node_id, above_id, district_id, path, name, "
            "counts, late, made_at) VALUES (:id, :week, :level, :node_id, :above_id, "
            ":district_id, :path, :name, cast(:counts AS jsonb), :late, :made_at) "
            "ON CONFLICT (level, node_id, week) DO UPDATE SET above_id = excluded.above_id, "
            "district_id = excluded.district_id, path = excluded.path, name = excluded.name, "
            "counts = excluded.counts, late = excluded.late, made_at = excluded.made_at "
            "WHERE briefs.made_at > excluded.made_at"
        ),
        [{**one, "id": new_id(), "counts": json.dumps(one["counts"])} for one in briefs],
    )


def watchers(
    session: Session, week: date, district_id: str, roles: Sequence[str], now: datetime
) -> Sequence[Row[Any]]:
    """Who watches over which node of a district; whoever watches over several has the highest."""
    values = {"week": week, "district": district_id, "roles": list(roles), "now": now}
    return session.execute(_WATCHERS, values).all()


# -- read -----------------------------------------------------------------------------------------


def node(session: Session, level: Level, node_id: str) -> Node | None:
    """A town or a district."""
    path = session.scalar(_NODE[level], {"id": node_id})
    return None if path is None else Node(level, node_id, path.rsplit(".", _ABOVE[level])[0])


def brief(session: Session, place: Node, week: date | None, now: datetime) -> Brief | None:
    """The brief of a week, or the newest; none that a clock made that ran ahead."""
    wanted = _made(place, now)
    if week is not None:
        wanted = wanted.where(Brief.week == week)
    return session.scalar(wanted.order_by(Brief.week.desc()).limit(1))


def before(session: Session, row: Brief) -> dict[date, Brief]:
    """The briefs of the weeks before that it is compared with."""
    wanted = select(Brief).where(
        Brief.level == row.level,
        Brief.node_id == row.node_id,
        Brief.week < row.week,
        Brief.week >= row.week - BACK * WEEK,
    )
    return {one.week: one for one in session.scalars(wanted)}


def beneath(session: Session, row: Brief) -> Sequence[Brief]:
    """The briefs of the same week of what is beneath its place."""
    wanted = select(Brief).where(
        Brief.above_id == row.node_id, Brief.week == row.week, Brief.level != row.level
    )
    return session.scalars(wanted.order_by(Brief.path)).all()


def _made(place: Node, now: datetime) -> Select[Brief]:
    return select(Brief).where(
        Brief.level == place.level, Brief.node_id == place.id, Brief.made_at < now + SKEW
    )


def weeks(
    session: Session, place: Node, before: date | None, now: datetime, limit: int
) -> Sequence[Brief]:
    """The briefs of a place, the newest first, of weeks before this one."""
    wanted = _made(place, now)
    if before is not None:
        wanted = wanted.where(Brief.week < before)
    return session.scalars(wanted.order_by(Brief.week.desc()).limit(limit)).all()


def names(session: Session, keys: Sequence[str]) -> dict[str, str]:
    """What kinds of problems are called."""
    found = session.scalars(select(BriefName).where(BriefName.key.in_(keys)))
    return {one.key: one.name for one in found}


def waiting(session: Session, path: str, most: int) -> tuple[int, Sequence[Row[Any]]]:
    """How many posts at a node or beneath it wait, and those that have waited longest."""
    found: int = session.scalar(text(f"SELECT count(*) {_WAITS}"), {"path": path}) or 0
    rows = session.execute(
        text(f"SELECT post_id, community_id, due_at {_WAITS} ORDER BY due_at, post_id LIMIT :most"),
        {"path": path, "most": most},
    )
    return found, rows.all()


def hot_topics(session: Session, row: Brief) -> Sequence[BriefHotTopics]:
    """The hot tens that came out in the week."""
    wanted = select(BriefHotTopics).where(
        BriefHotTopics.level == row.level,
        BriefHotTopics.node_id == row.node_id,
        BriefHotTopics.week == row.week,
    )
    order = BriefHotTopics.month.desc(), BriefHotTopics.edition.desc()
    return session.scalars(wanted.order_by(*order)).all()


def note_read(
    session: Session, row: Brief, person_id: str, role: str, path: str, now: datetime
) -> None:
    """Somebody read it."""
    session.execute(
        insert(BriefRead).values(
            id=new_id(),
            brief_id=row.id,
            district_id=row.district_id,
            person_id=person_id,
            role=role,
            path=path,
            read_at=now,
        )
    )


def reads(
    session: Session, district_id: str, week: date | None, before: str | None, limit: int
) -> Sequence[Any]:
    """Who read what of a district, the newest first."""
    wanted = (
        select(BriefRead, Brief)
        .join(Brief, Brief.id == BriefRead.brief_id)
        .where(BriefRead.district_id == district_id)
    )
    if week is not None:
        wanted = wanted.where(Brief.week == week)
    if before is not None:
        wanted = wanted.where(BriefRead.id < before)
    return session.execute(wanted.order_by(BriefRead.id.desc()).limit(limit)).all()
