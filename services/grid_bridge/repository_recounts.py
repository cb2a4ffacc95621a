"""Counting again: what older rows do not say is inferred, and sums that went wrong are mended.

::

    a migration, recount ─► figure_recounts ─┐
    version N−1 wrote ────► round is null ───┴─► inferred ─► tallied anew ─► what differs: deltas
"""

from collections.abc import Sequence

from sqlalchemy import text
from sqlalchemy.orm import Session

from services.grid_bridge.repository_figures import GRAINS, NODES

# Version N−1 writes lines without their round, before an upgrade and while it runs beside: the
# index of these lines is empty at all other times.
_UNSAID = text(
    """
    INSERT INTO figure_recounts
    SELECT DISTINCT issue_id FROM (
        SELECT issue_id FROM issue_timeline WHERE round IS NULL ORDER BY issue_id LIMIT :limit
    ) AS unsaid ORDER BY issue_id
    ON CONFLICT (issue_id) DO NOTHING
    """
)
_NEXT = text(
    """
    SELECT i.id FROM figure_recounts AS again JOIN issues AS i ON i.id = again.issue_id
    ORDER BY i.id LIMIT :limit FOR UPDATE SKIP LOCKED
    """
)
_DONE = text("DELETE FROM figure_recounts WHERE issue_id = ANY(:ids)")
_ALL = text("INSERT INTO figure_recounts SELECT id FROM issues ON CONFLICT (issue_id) DO NOTHING")

# A promise went on where the next one is no first response; the last of a round was kept, unless
# the case was merged or cancelled.
_ENDINGS = text(
    """
    UPDATE promises SET ending = known.ending
    FROM (
        SELECT one.id,
            CASE WHEN merged.issue_id IS NOT NULL THEN 'void'
                 WHEN one.next IS NULL AND one.result = 'cancelled' THEN 'void'
                 WHEN one.next IS NOT NULL AND one.next <> 'first_response' THEN 'moved'
                 ELSE 'kept' END AS ending
        FROM (
            SELECT p.id, p.issue_id, p.ended_at, p.ending, i.result,
                lead(p.stage) OVER (PARTITION BY p.issue_id ORDER BY p.id) AS next
            FROM promises AS p JOIN issues AS i ON i.id = p.issue_id
            WHERE p.issue_id = ANY(:ids)
        ) AS one
        LEFT JOIN issue_merges AS merged
            ON merged.issue_id = one.issue_id AND merged.decided_at = one.ended_at
        WHERE one.ended_at IS NOT NULL AND one.ending IS NULL
    ) AS known
    WHERE known.id = promises.id
    """
)
_LINES = text(
    """
    UPDATE issue_timeline AS line SET round = known.round, result = known.result
    FROM (
        SELECT one.id,
            1 + count(*) FILTER (WHERE one.kind = 'reopened' AND one.actor_role = 'resident')
                OVER (PARTITION BY one.issue_id ORDER BY one.id) AS round,
            CASE
                WHEN one.kind = 'answered' AND one.text LIKE '已处理完毕%' THEN 'fixed'
                WHEN one.kind = 'answered' AND one.text LIKE '暂不受理%' THEN 'refused'
                WHEN one.kind = 'answered' THEN 'answered'
                WHEN one.kind = 'referral_done' THEN 'fixed'
                WHEN one.kind = 'confirmed' OR step.id IS NOT NULL THEN 'solved'
                WHEN one.kind = 'cancelled' THEN 'cancelled'
                WHEN one.kind IN ('rejected', 'duplicate', 'not_registered') THEN 'grid_refused'
                WHEN one.kind = 'closed' AND lag(one.kind) OVER (
                    PARTITION BY one.issue_id ORDER BY one.id
                ) NOT IN ('cancelled', 'rejected', 'duplicate', 'not_registered')
                    THEN 'grid_closed'
            END AS result
        FROM issue_timeline AS one
        LEFT JOIN self_governance AS step ON step.issue_id = one.issue_id
            AND step.at = one.at AND step.step = one.kind AND step.outcome = 'solved'
        WHERE one.issue_id = ANY(:ids)
    ) AS known
    WHERE known.id = line.id AND line.round IS NULL
    """
)
UNSAID_AT_ONCE = 2_000


def ask(session: Session) -> None:
    """Let every issue be counted again."""
    session.execute(_ALL)


def take(session: Session, limit: int) -> list[str]:
    """Issues that are to be counted again, locked; what others hold is left."""
    session.execute(_UNSAID, {"limit": UNSAID_AT_ONCE})
    return list(session.scalars(_NEXT, {"limit": limit}))


def infer(session: Session, ids: Sequence[str]) -> None:
    """Say of locked issues what version N−1 did not write down, as far as it can be known."""
    session.execute(_ENDINGS, {"ids": list(ids)})
    session.execute(_LINES, {"ids": list(ids)})


def done(session: Session, ids: Sequence[str]) -> None:
    """They were counted."""
    session.execute(_DONE, {"ids": list(ids)})


_DIFFERENCES = f"""
    WITH facts AS (
        SELECT i.path, cast(days.key AS date) AS day, marks.key AS mark,
            sum(cast(marks.value AS bigint)) AS amount
        FROM figure_cases AS c JOIN issues AS i ON i.id = c.issue_id,
            jsonb_each(c.facts) AS days, jsonb_each_text(days.value) AS marks
        GROUP BY i.path, days.key, marks.key
    ), every AS (
        SELECT up.node COLLATE "C" AS node, grain, since AS day, mark, amount
        FROM facts, {NODES.format(path="path")}, {GRAINS}
        UNION ALL SELECT node, grain, day, mark, -amount FROM figure_sums
        UNION ALL SELECT up.node, grain, since, mark, -amount
        FROM figure_deltas, {NODES.format(path="path")}, {GRAINS}
    ), differences AS (
        SELECT node, grain, day, mark, sum(amount) AS amount
        FROM every GROUP BY node, grain, day, mark HAVING sum(amount) <> 0
    )
"""  # noqa: S608 - made of constants
_DRIFT = text(f"{_DIFFERENCES} SELECT count(*) FROM differences")  # noqa: S608 - see above
_MEND = text(
    f"""
    {_DIFFERENCES}
    INSERT INTO figure_sums AS sums (node, grain, day, mark, amount)
    SELECT node, grain, day, mark, amount FROM differences ORDER BY node, grain, day, mark
    ON CONFLICT (node, grain, day, mark) DO UPDATE SET amount = sums.amount + excluded.amount
    """  # noqa: S608 - see above
)


def drift(session: Session) -> int:
    """How many sums are not what the cases say; reads every case."""
    session.execute(text("SET LOCAL statement_timeout = 0"))
    return int(session.scalar(_DRIFT) or 0)


def mend(session: Session) -> int:
    """Add to each sum what it lacks of what the cases say; to how many.

    Whoever counts changes a case and a delta together, and who moves deltas changes no total: so
    what a sum lacks stays the same however much is counted meanwhile, and nobody has to wait.
    """
    session.execute(text("SET LOCAL statement_timeout = 0"))
    return int(session.execute(_MEND).rowcount)  # type: ignore[attr-defined]
