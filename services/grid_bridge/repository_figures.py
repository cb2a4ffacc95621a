"""Counters: what was written down about cases, what of it is counted, and the sums.

::

    case ──tally──► figure_cases ──what has changed──► figure_deltas ──timer──► figure_sums
         └─ what is open ──► figure_pending                   └──────── read together ───┘

A row of ``figure_cases`` changes under its issue's lock; deltas are appended. So two transactions
never meet at a counter, whatever community they count for, and what is killed counts nothing.
"""

import json
from collections.abc import Iterable, Sequence
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import text
from sqlalchemy.orm import Session

from services.grid_bridge.domain import kpis
from services.grid_bridge.domain.histories import Case, Clock, Line, Order, Update
from services.grid_bridge.domain.sla import ZONE
from services.grid_bridge.domain.tallies import Tally
from services.grid_bridge.domain.work_order import State

GAUGES = date(1970, 1, 1)
"""The day of what has none: how many issues stand where."""

# -- what was written down -------------------------------------------------------------------------

_HISTORIES = text(
    """
    SELECT i.id, i.community_id, i.path, i.status, i.category, i.created_at,
        (SELECT json_agg(json_build_array(p.stage, p.started_at, p.due_at, p.ended_at, p.ending,
                                          p.paused_at) ORDER BY p.id)
         FROM promises p WHERE p.issue_id = i.id) AS clocks,
        (SELECT json_agg(json_build_array(t.at, t.round, t.result, t.kind, t.actor_role)
                         ORDER BY t.id)
         FROM issue_timeline t WHERE t.issue_id = i.id
             AND (t.result IS NOT NULL OR t.kind IN ('reopened', 'confirmed'))) AS lines,
        (SELECT json_agg(json_build_array(g.at, g.outcome) ORDER BY g.id)
         FROM self_governance g WHERE g.issue_id = i.id AND g.outcome IS NOT NULL) AS attempts,
        (SELECT json_agg(json_build_array(r.at, r.score) ORDER BY r.round)
         FROM ratings r WHERE r.issue_id = i.id) AS ratings,
        (SELECT json_agg(json_build_array(o.opened_at, o.deadline, o.stages,
            (SELECT json_agg(json_build_array(u.state, u.at, u.deadline, u.stages) ORDER BY u.seq)
             FROM work_order_updates u WHERE u.work_order_no = o.no)) ORDER BY o.id)
         FROM work_orders o WHERE o.issue_id = i.id) AS orders
    FROM issues i WHERE i.id = ANY(:ids)
    """
)
_COUNTED = text("SELECT issue_id, facts, pending FROM figure_cases WHERE issue_id = ANY(:ids)")


def histories(session: Session, ids: Iterable[str]) -> list[tuple[str, str, str, Case]]:
    """All that figures are made of, of several issues: (id, community, path, case)."""
    rows = session.execute(_HISTORIES, {"ids": list(ids)})
    return [(row.id, row.community_id, row.path, _case(row)) for row in rows]


def _case(row: Any) -> Case:
    return Case(
        created_at=row.created_at,
        status=row.status,
        category=row.category,
        clocks=[
            Clock(stage, _at(began), _at(due), _maybe(ended), ending, paused is not None)
            for stage, began, due, ended, ending, paused in row.clocks or ()
        ],
        lines=[
            Line(
                at=_at(at),
                round=number or 1,
                result=result,
                reopens=kind == "reopened" and role == "resident",
                confirms=kind == "confirmed",
            )
            for at, number, result, kind, role in row.lines or ()
        ],
        attempts=[(_at(at), outcome) for at, outcome in row.attempts or ()],
        ratings=[(_at(at), score) for at, score in row.ratings or ()],
        orders=[_order(*order) for order in row.orders or ()],
    )


def _order(opened: str, deadline: str, stages: Any, updates: Any) -> Order:
    return Order(
        opened_at=_at(opened),
        deadline=_at(deadline),
        limits=_limits(stages),
        updates=[
            Update(State(state), _at(at), _maybe(limit), _limits(turn) or None)
            for state, at, limit, turn in updates or ()
        ],
    )


def _limits(stages: Any) -> dict[str, datetime]:
    return {one["stage"]: _at(one["due_at"]) for one in stages or ()}


def _at(told: str) -> datetime:
    return datetime.fromisoformat(told)


def _maybe(told: str | None) -> datetime | None:
    return datetime.fromisoformat(told) if told else None


# -- counting --------------------------------------------------------------------------------------

_KEEP = text(
    """
    INSERT INTO figure_cases (issue_id, facts, pending)
    SELECT * FROM unnest(cast(:ids AS text[]), cast(:facts AS jsonb[]), cast(:pending AS jsonb[]))
    ON CONFLICT (issue_id) DO UPDATE SET facts = excluded.facts, pending = excluded.pending
    """
)
_APPEND = text(
    """
    INSERT INTO figure_deltas (path, day, mark, amount)
    SELECT * FROM unnest(cast(:paths AS text[]), cast(:days AS date[]), cast(:marks AS text[]),
                         cast(:amounts AS bigint[]))
    """
)
_NO_LONGER = text("DELETE FROM figure_pending WHERE issue_id = ANY(:ids)")
_WAIT = text(
    """
    INSERT INTO figure_pending (issue_id, community_id, path, mark, due_at)
    SELECT * FROM unnest(cast(:ids AS text[]), cast(:communities AS text[]),
                         cast(:paths AS text[]), cast(:marks AS text[]),
                         cast(:due AS timestamptz[]))
    """
)

Facts = dict[str, dict[str, int]]


def facts_of(found: Tally) -> Facts:
    """What a tally counts, as it is kept: day → mark → amount."""
    facts: Facts = {GAUGES.isoformat(): {found.stands: 1}}
    for (day, mark), amount in sorted(found.counted.items()):
        if amount:
            facts.setdefault(day.isoformat(), {})[mark] = amount
    return facts


def changes(before: Facts, after: Facts) -> list[tuple[str, str, int]]:
    """(day, mark, amount) by which the counters change."""
    found = []
    for day in sorted({*before, *after}):
        old, new = before.get(day, {}), after.get(day, {})
        for mark in sorted({*old, *new}):
            if amount := new.get(mark, 0) - old.get(mark, 0):
                found.append((day, mark, amount))
    return found


def counted(session: Session, ids: Iterable[str]) -> dict[str, tuple[Facts, list[Any]]]:
    """What of several issues has been counted."""
    rows = session.execute(_COUNTED, {"ids": list(ids)})
    return {row.issue_id: (row.facts, row.pending) for row in rows}


def keep(session: Session, found: Iterable[tuple[str, str, str, Tally]]) -> int:
    """Count what has changed of issues (id, community, path, tally); how many have changed.

    Five statements, however many issues there are.
    """
    tallies = {issue_id: (community, path, one) for issue_id, community, path, one in found}
    before = counted(session, tallies)
    kept: list[tuple[str, str, str]] = []
    deltas: list[tuple[str, str, str, int]] = []
    moved: list[str] = []
    waits: list[tuple[str, str, str, str, str]] = []
    for issue_id, (community_id, path, one) in tallies.items():
        facts, pending = facts_of(one), waits_of(one)
        old_facts, old_pending = before.get(issue_id, ({}, []))
        changed = changes(old_facts, facts)
        if issue_id in before and not changed and pending == old_pending:
            continue
        kept.append((issue_id, _json(facts), _json(pending)))
        deltas += [(path, *change) for change in changed]
        if pending != old_pending:
            moved.append(issue_id)
            waits += [(issue_id, community_id, path, mark, due) for mark, due in pending]
    if kept:
        ids, all_facts, all_pending = map(list, zip(*kept, strict=True))
        session.execute(_KEEP, {"ids": ids, "facts": all_facts, "pending": all_pending})
        append(session, deltas)
    if moved:
        session.execute(_NO_LONGER, {"ids": moved})
    if waits:
        names = ("ids", "communities", "paths", "marks", "due")
        columns = (list(column) for column in zip(*waits, strict=True))
        session.execute(_WAIT, dict(zip(names, columns, strict=True)))
    return len(kept)


def waits_of(found: Tally) -> list[list[str]]:
    """What of a tally is still open, as it is kept."""
    return sorted([mark, due.astimezone(ZONE).isoformat()] for mark, due in found.pending)


def append(session: Session, changed: Sequence[tuple[str, str, str, int]]) -> None:
    """Add to the counters: (path of the community, day, mark, amount)."""
    if changed:
        columns = (list(column) for column in zip(*changed, strict=True))
        names = ("paths", "days", "marks", "amounts")
        session.execute(_APPEND, dict(zip(names, columns, strict=True)))


def _json(value: Any) -> str:
    return json.dumps(value, separators=(",", ":"))


# -- sums ------------------------------------------------------------------------------------------

# Every node of a path, from the district down to the community itself.
NODES = """
    LATERAL (SELECT array_to_string((string_to_array({path}, '.'))[1:n], '.') AS node
             FROM generate_series(1, cardinality(string_to_array({path}, '.'))) AS n) AS up
"""
# A node of ``root`` itself or one beneath it, found by the index of the paths.
BENEATH = """
    ({path} = root.path COLLATE "C"
        OR {path} > (root.path || '.') COLLATE "C" AND {path} < (root.path || '/') COLLATE "C")
"""
GRAINS = """
    LATERAL (
        SELECT 'now' AS grain, day AS since WHERE day = '1970-01-01'
        UNION ALL SELECT 'day', day WHERE day <> '1970-01-01'
        UNION ALL SELECT 'month', date_trunc('month', day)::date WHERE day <> '1970-01-01'
    ) AS grains
"""
_ROLL_UP = text(
    f"""
    WITH taken AS (
        DELETE FROM figure_deltas WHERE id = ANY(ARRAY(
            SELECT id FROM figure_deltas ORDER BY id LIMIT :limit FOR UPDATE SKIP LOCKED))
        RETURNING path, day, mark, amount
    ), put AS (
        INSERT INTO figure_sums AS sums (node, grain, day, mark, amount)
        SELECT up.node COLLATE "C", grain, since, mark, sum(amount)
        FROM taken, {NODES.format(path="path")}, {GRAINS}
        GROUP BY up.node, grain, since, mark HAVING sum(amount) <> 0
        ORDER BY up.node COLLATE "C", grain, since, mark
        ON CONFLICT (node, grain, day, mark) DO UPDATE SET amount = sums.amount + excluded.amount
    )
    SELECT count(*) FROM taken
    """  # noqa: S608 - made of constants
)


def roll_up(session: Session, limit: int) -> int:
    """Move the oldest deltas into the sums; how many. What others move at this moment is left.

    Sums are locked in one order, so that two who do this cannot wait for each other.
    """
    return int(session.scalar(_ROLL_UP, {"limit": limit}) or 0)


_SUMS = text(
    f"""
    SELECT node, mark, sum(amount)::bigint AS amount FROM (
        SELECT node, mark, amount FROM figure_sums
        WHERE node = ANY(:nodes) AND grain = 'month' AND day = ANY(cast(:months AS date[]))
        UNION ALL
        SELECT node, mark, amount
        FROM unnest(cast(:firsts AS date[]), cast(:lasts AS date[])) AS around (first, last),
            figure_sums
        WHERE node = ANY(:nodes) AND grain = 'day' AND day BETWEEN first AND last
        UNION ALL
        SELECT up.node, mark, amount FROM figure_deltas, {NODES.format(path="path")}
        WHERE day BETWEEN :first AND :last AND up.node = ANY(:nodes)
        UNION ALL
        SELECT up.node, mark, 1
        FROM unnest(cast(:roots AS text[])) AS root (path)
        JOIN figure_pending AS open ON {BENEATH.format(path="open.path")}
            AND open.due_at >= :start AND open.due_at < :until,
            {NODES.format(path="open.path")}
        WHERE up.node = ANY(:nodes)
        UNION ALL
        SELECT up.node, posts.mark, posts.amount
        FROM unnest(cast(:roots AS text[])) AS root (path)
        JOIN post_clock_days AS days ON {BENEATH.format(path="days.path")}
            AND days.day BETWEEN :first AND :last,
            LATERAL (VALUES
                ('posts.due', days.staff_in_time + days.staff_late + days.gone_late),
                ('posts.on_time', days.staff_in_time)) AS posts (mark, amount),
            {NODES.format(path="days.path")}
        WHERE up.node = ANY(:nodes)
        UNION ALL
        SELECT up.node, 'posts.due', 1
        FROM unnest(cast(:roots AS text[])) AS root (path)
        JOIN post_clocks AS post ON {BENEATH.format(path="post.path")}
            AND post.ended_at IS NULL AND post.due_at < :now
            AND post.published_at >= :start AND post.published_at < :end,
            {NODES.format(path="post.path")}
        WHERE up.node = ANY(:nodes)
    ) AS every GROUP BY node, mark
    """  # noqa: S608 - made of constants
)


def sums(
    session: Session,
    nodes: Sequence[str],
    roots: Sequence[str],
    first: date,
    last: date,
    now: datetime,
) -> dict[str, dict[str, int]]:
    """What is counted of each node between two days, and what is open and past its limit now.

    Posts count on the day when they were published, as their clocks do
    (:mod:`services.grid_bridge.domain.post_clocks`).

    In one statement, so of one moment: nothing is missed or seen twice while deltas move.

    Args:
        roots: nodes that cover all of ``nodes``.
    """
    months, around = kpis.pieces(first, last)
    start = datetime(first.year, first.month, first.day, tzinfo=ZONE)
    end = datetime(last.year, last.month, last.day, tzinfo=ZONE) + timedelta(days=1)
    rows = session.execute(
        _SUMS,
        {
            "nodes": list(nodes),
            "roots": list(roots),
            "months": months,
            "firsts": [a for a, _ in around],
            "lasts": [b for _, b in around],
            "first": first,
            "last": last,
            "start": start,
            "end": end,
            "now": now,
            "until": min(end, now),
        },
    )
    return kpis.grouped(rows.all())


_STANDS = text(
    """
    SELECT mark, sum(amount)::bigint AS amount FROM (
        SELECT mark, amount FROM figure_sums
        WHERE node = :path AND grain = 'now' AND day = :day
        UNION ALL
        SELECT mark, amount FROM figure_deltas WHERE path = :path AND day = :day
    ) AS every GROUP BY mark HAVING sum(amount) <> 0
    """
)
_OVERDUE = text(
    """
    SELECT i.status, i.category, count(*) AS amount
    FROM figure_pending AS open JOIN issues AS i ON i.id = open.issue_id
    WHERE open.path = :path AND open.due_at < :now
        AND open.mark IN ('contact.due', 'finish.due', 'finish.again')
    GROUP BY i.status, i.category
    """
)


def standing(session: Session, path: str) -> dict[str, int]:
    """How many issues of a community stand where: gauge → number."""
    rows = session.execute(_STANDS, {"path": path, "day": GAUGES})
    return {row.mark: row.amount for row in rows}


def overdue(session: Session, path: str, now: datetime) -> list[tuple[str, str | None, int]]:
    """(status, category, number) of a community's issues whose promise is past its limit."""
    rows = session.execute(_OVERDUE, {"path": path, "now": now})
    return [(row.status, row.category, row.amount) for row in rows]
