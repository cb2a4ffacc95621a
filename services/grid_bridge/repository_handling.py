"""Supporters, merges, look-alikes, and what stands beside an issue: the queries.

Merges of a community are decided one at a time (:func:`one_merge_at_a_time`, taken before any
issue is locked); whoever locks several issues locks the one before those that were merged into it.
"""

from collections.abc import Iterable, Sequence
from datetime import date, datetime
from typing import Any

from sqlalchemy import Row, select, text
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from services.grid_bridge.domain.handling import FOLLOWED_AT_MOST
from services.grid_bridge.models import IssueRow, LookAlikeRow, MergeRow, SupporterRow

ALIVE = ("asked", "agreed")

# -- supporters ----------------------------------------------------------------------------------


def supports(session: Session, issue_id: str, person_id: str) -> bool:
    """Whether somebody says "me too" just now; the caller holds no lock yet."""
    mine = select(SupporterRow.issue_id).where(
        SupporterRow.issue_id == issue_id, SupporterRow.person_id == person_id
    )
    return session.scalar(mine) is not None


def supporter(session: Session, issue_id: str, person_id: str) -> SupporterRow | None:
    """Somebody's "me too", if she said it; the caller holds the issue's lock."""
    return session.get(SupporterRow, (issue_id, person_id))


def followers(session: Session, issue_id: str) -> list[str]:
    """The supporters who want to hear of the outcome, who joined first first; at most 200."""
    return list(
        session.scalars(
            select(SupporterRow.person_id)
            .where(SupporterRow.issue_id == issue_id, SupporterRow.following)
            .order_by(SupporterRow.since, SupporterRow.person_id)
            .limit(FOLLOWED_AT_MOST)
        )
    )


_FORGET_SUPPORTER = text(
    """
    WITH mine AS (
        SELECT id FROM issues
        WHERE id IN (SELECT issue_id FROM issue_supporters WHERE person_id = :person)
        ORDER BY id FOR UPDATE
    ), gone AS (
        DELETE FROM issue_supporters USING mine
        WHERE issue_id = mine.id AND person_id = :person RETURNING issue_id
    )
    UPDATE issues SET supporters = supporters - 1 FROM gone WHERE id = gone.issue_id
    """
)


def forget_supporter(session: Session, person_id: str) -> None:
    """Take somebody who has left for good out of all that she joined."""
    session.execute(_FORGET_SUPPORTER, {"person": person_id})


# -- merges --------------------------------------------------------------------------------------


def one_merge_at_a_time(session: Session, community_id: str) -> None:
    """Wait until nobody else decides on a merge in this community."""
    session.execute(
        text("SELECT pg_advisory_xact_lock(hashtextextended('merge ' || :community, 0))"),
        {"community": community_id},
    )


def living_merge(session: Session, issue_id: str) -> MergeRow | None:
    """The merge of an issue into another one that is asked for, or was agreed to."""
    return session.scalar(
        select(MergeRow).where(MergeRow.issue_id == issue_id, MergeRow.state.in_(ALIVE))
    )


_MERGED_INTO = text(
    """
    WITH RECURSIVE merged (id, depth) AS (
        SELECT issue_id, 1 FROM issue_merges WHERE into_id = :issue AND state = 'agreed'
        UNION ALL
        SELECT m.issue_id, merged.depth + 1
        FROM issue_merges m JOIN merged ON m.into_id = merged.id
        WHERE m.state = 'agreed'
    )
    SELECT id FROM merged ORDER BY depth, id
    """
)


def merged_into(session: Session, issue_id: str) -> list[IssueRow]:
    """The issues merged into this one, directly or by way of others, locked from near to far."""
    ids = list(session.scalars(_MERGED_INTO, {"issue": issue_id}))
    found = (
        session.get(IssueRow, one, with_for_update=True, populate_existing=True) for one in ids
    )
    return [row for row in found if row is not None]


# -- look-alikes ---------------------------------------------------------------------------------


def reports(
    session: Session,
    community_id: str,
    since: datetime,
    limit: int,
    *,
    besides: str | None = None,
    length: int,
) -> Sequence[Row[Any]]:
    """Id, title and the beginning of the body of a community's newest issues; and how near each
    is to the one ``besides`` which they are asked for, where both have a vector."""
    rows = session.execute(
        text(
            """
            SELECT issues.id, issues.title, left(issues.body, :length) AS body,
                1 - (theirs.embedding <=> mine.embedding) AS nearness
            FROM issues
            LEFT JOIN vectors mine ON mine.kind = 'issue' AND mine.id = :besides
            LEFT JOIN vectors theirs ON theirs.kind = 'issue' AND theirs.id = issues.id
                AND theirs.model = mine.model
            WHERE issues.community_id = :community AND issues.created_at >= :since
                AND issues.id IS DISTINCT FROM :besides
            ORDER BY issues.id DESC LIMIT :limit
            """
        ),
        {
            "community": community_id,
            "since": since,
            "besides": besides,
            "length": length,
            "limit": limit,
        },
    )
    return rows.all()


def issues(session: Session, ids: Iterable[str]) -> dict[str, IssueRow]:
    """Several issues, by id."""
    rows = session.scalars(select(IssueRow).where(IssueRow.id.in_(list(ids))))
    return {row.id: row for row in rows}


def keep_look_alikes(session: Session, issue_id: str, found: Iterable[tuple[str, float]]) -> None:
    """Keep both sides of each pair, in one order: two issues may find each other at once."""
    pairs = sorted(
        (pair, share) for other, share in found for pair in ((issue_id, other), (other, issue_id))
    )
    if not pairs:
        return
    rows = [
        {"issue_id": one, "other_id": other, "similarity": share} for (one, other), share in pairs
    ]
    session.execute(insert(LookAlikeRow).values(rows).on_conflict_do_nothing())


# -- beside an issue -----------------------------------------------------------------------------

_BESIDE = text(
    """
    SELECT i.id,
        EXISTS (
            SELECT FROM issue_supporters s WHERE s.issue_id = i.id AND s.person_id = :me
        ) AS supported,
        (SELECT min(g.due_at) FROM self_governance g
         WHERE g.issue_id = i.id AND g.round = i.round AND g.step = 'undertaking'
             AND g.checked_at IS NULL) AS undertaking_due_at,
        (SELECT g.step FROM self_governance g
         WHERE g.issue_id = i.id AND g.round = i.round
         ORDER BY g.id DESC LIMIT 1) AS last_step,
        a.cover_id,
        m.into_id, m.state AS merge_state, m.reason AS merge_reason, m.asked_at,
        o.title AS into_title
    FROM issues i
    LEFT JOIN absences a ON a.community_id = i.community_id AND a.person_id = i.assignee_id
        AND :today BETWEEN a.from_day AND a.to_day
    LEFT JOIN issue_merges m ON m.issue_id = i.id AND m.state IN ('asked', 'agreed')
    LEFT JOIN issues o ON o.id = m.into_id
    WHERE i.id = ANY(:ids)
    """
)


def beside(session: Session, ids: Iterable[str], me: str, today: date) -> dict[str, Row[Any]]:
    """What stands beside several issues, in one statement, by issue."""
    rows = session.execute(_BESIDE, {"ids": list(ids), "me": me, "today": today})
    return {row.id: row for row in rows}


# -- undertakings --------------------------------------------------------------------------------

_CHECKED = text(
    """
    UPDATE self_governance SET remind_at = NULL, checked_at = :now
    WHERE issue_id = :issue AND step = 'undertaking' AND checked_at IS NULL
    """
)


def undertakings_checked(session: Session, issue_id: str, now: datetime) -> None:
    """Somebody looked whether they were kept: nothing is left to bring to mind."""
    session.execute(_CHECKED, {"issue": issue_id, "now": now})
