"""Micro-projects: one of them, pages of them, and their volunteers."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import text
from sqlalchemy.orm import Session

from services.contracts.events.feed import ProjectState
from services.feed.domain.project import Stand
from services.feed.repository.keys import by_moment, keyset_page, somebody
from services.feed.repository.project_hours import hours_sum
from services.feed.repository.shared import NAMES, NEWEST, OLDEST, author_json

_LEAD = author_json("(p.hide_name AND p.author_id <> :me)", "p.author_id", "''")


_LINE = f"""
    'post_id', j.post_id,
    'community_id', j.community_id,
    'title', p.title,
    'lead', {_LEAD},
    'state', j.state,
    'wanted', j.wanted,
    'volunteers', j.volunteers,
    'budget', j.budget::text,
    'place', j.place,
    'until', j.until,
    'hours', {hours_sum("h.post_id = j.post_id")},
    'money', (SELECT json_build_object(
            'income', coalesce(sum(m.amount) FILTER (WHERE m.kind = 'income'), 0.00)::text,
            'spending', coalesce(sum(m.amount) FILTER (WHERE m.kind = 'spending'), 0.00)::text,
            'balance', coalesce(sum(CASE m.kind WHEN 'income' THEN m.amount ELSE -m.amount END),
                0.00)::text)
        FROM feed_project_money m WHERE m.post_id = j.post_id),
    'applied_at', j.applied_at,
    'changed_at', j.changed_at
"""  # noqa: S608 - all of it stands here

_STEPS = f"""
    (SELECT coalesce(json_agg(json_build_object(
            'id', s.id,
            'step', s.step,
            'by', {somebody("s.actor_id")},
            'actor_role', nullif(s.actor_role, ''),
            'note', s.note,
            'attachments', s.attachments,
            'at', s.at) ORDER BY s.at, s.id), '[]'::json)
        FROM feed_project_steps s
        LEFT JOIN directory_cards card
            ON card.community_id = j.community_id AND card.person_id = s.actor_id
        WHERE s.post_id = j.post_id)
"""  # noqa: S608 - all of it stands here

_FROM = """
    FROM feed_projects j
    JOIN feed_posts p ON p.id = j.post_id
    LEFT JOIN directory_cards card
        ON card.community_id = p.community_id AND card.person_id = p.author_id
"""


@dataclass(frozen=True, slots=True)
class Shown:
    """A project as somebody sees it: its JSON without the actions, and what decides on these."""

    json: str
    stand: Stand
    volunteering: bool


def put_project(session: Session, post_id: str, community_id: str, now: datetime) -> None:
    """A project's row, unless it is there; two first applications make one."""
    session.execute(
        text(
            "INSERT INTO feed_projects (post_id, community_id, state, wanted, applied_at, "
            "changed_at) VALUES (:post, :community, 'applied', 0, :now, :now) "
            "ON CONFLICT DO NOTHING"
        ),
        {"post": post_id, "community": community_id, "now": now},
    )


def project_shown(session: Session, post_id: str, me: str) -> Shown | None:
    """One project; None when nobody has applied with this post."""
    row = session.execute(
        text(
            f"""
            SELECT json_build_object({_LINE}, 'mine', p.author_id = :me,
                'volunteering', mine.volunteering, 'steps', {_STEPS})::text AS item,
                j.state, j.wanted, j.volunteers, mine.volunteering
            {_FROM}
            CROSS JOIN LATERAL (SELECT EXISTS (SELECT 1 FROM feed_volunteers v
                WHERE v.post_id = j.post_id AND v.person_id = :me AND v.left_at IS NULL
            ) AS volunteering) mine
            WHERE j.post_id = :id
            """  # noqa: S608 - all of it stands here
        ),
        {"id": post_id, "me": me, **NAMES},
    ).first()
    if row is None:
        return None
    return Shown(row.item, Stand(row.state, row.wanted, row.volunteers), row.volunteering)


def projects_page(
    session: Session,
    *,
    community_id: str,
    state: ProjectState | None,
    me: str,
    limit: int,
    cursor: str | None,
) -> str:
    """A page of a community's projects as JSON text, those that moved last first."""
    before, before_id = by_moment(cursor, NEWEST)
    rows = session.execute(
        text(
            f"""
            SELECT json_build_object({_LINE})::text AS item, j.changed_at, j.post_id {_FROM}
            WHERE j.community_id = :community AND p.state = 'shown'
                AND (cast(:state AS text) IS NULL OR j.state = :state)
                AND (j.changed_at, j.post_id) < (cast(:before AS timestamptz), :before_id)
            ORDER BY j.changed_at DESC, j.post_id DESC
            LIMIT :take
            """
        ),
        {
            "community": community_id,
            "state": state,
            "me": me,
            "before": before,
            "before_id": before_id,
            "take": limit + 1,
            **NAMES,
        },
    )
    return keyset_page(rows.mappings().all(), limit, "changed_at", "post_id")


# -- volunteers ----------------------------------------------------------------------------------


def volunteers(session: Session, post_id: str, person_id: str) -> bool:
    """Whether somebody takes part in a project now."""
    found: bool | None = session.scalar(
        text(
            "SELECT true FROM feed_volunteers "
            "WHERE post_id = :post AND person_id = :person AND left_at IS NULL"
        ),
        {"post": post_id, "person": person_id},
    )
    return bool(found)


def volunteer_ids(session: Session, post_id: str, most: int) -> list[str]:
    """Who takes part in a project now, those who joined first; at most so many."""
    rows = session.scalars(
        text(
            "SELECT person_id FROM feed_volunteers WHERE post_id = :post AND left_at IS NULL "
            "ORDER BY joined_at, person_id LIMIT :most"
        ),
        {"post": post_id, "most": most},
    )
    return list(rows)


def put_volunteer(session: Session, post_id: str, person_id: str, now: datetime) -> None:
    """Somebody takes part, perhaps again; the project's row is locked."""
    session.execute(
        text(
            "INSERT INTO feed_volunteers (post_id, person_id, joined_at) "
            "VALUES (:post, :person, :now) ON CONFLICT (post_id, person_id) "
            "DO UPDATE SET joined_at = excluded.joined_at, left_at = NULL"
        ),
        {"post": post_id, "person": person_id, "now": now},
    )


def drop_volunteer(session: Session, post_id: str, person_id: str, now: datetime) -> None:
    """Somebody takes part no more; the project's row is locked."""
    session.execute(
        text(
            "UPDATE feed_volunteers SET left_at = :now "
            "WHERE post_id = :post AND person_id = :person AND left_at IS NULL"
        ),
        {"post": post_id, "person": person_id, "now": now},
    )


def leave_all(session: Session, person_id: str, community_id: str | None, now: datetime) -> None:
    """Free the places of somebody who has gone in projects that are not over.

    Args:
        community_id: where she has gone from; None: from everywhere.
    """
    session.execute(
        text(
            """
            WITH held AS (
                SELECT j.post_id FROM feed_projects j
                JOIN feed_volunteers v ON v.post_id = j.post_id
                WHERE v.person_id = :person AND v.left_at IS NULL
                    AND j.state IN ('recruiting', 'running')
                    AND (cast(:community AS text) IS NULL OR j.community_id = :community)
                ORDER BY j.post_id
                FOR UPDATE OF j
            ), gone AS (
                UPDATE feed_volunteers v SET left_at = :now FROM held
                WHERE v.post_id = held.post_id AND v.person_id = :person AND v.left_at IS NULL
                RETURNING v.post_id
            )
            UPDATE feed_projects j SET volunteers = j.volunteers - 1
            FROM gone WHERE j.post_id = gone.post_id
            """
        ),
        {"person": person_id, "community": community_id, "now": now},
    )


def volunteers_page(session: Session, post_id: str, limit: int, cursor: str | None) -> str:
    """A page of who takes part as JSON text, in the order in which they joined."""
    after, after_id = by_moment(cursor, OLDEST, person=True)
    rows = session.execute(
        text(
            f"""
            SELECT json_build_object(
                'person', {somebody("v.person_id")},
                'joined_at', v.joined_at,
                'hours', (SELECT coalesce(sum(h.hours), 0.00)::text FROM feed_project_hours h
                    WHERE h.post_id = v.post_id AND h.person_id = v.person_id
                        AND h.confirmed_at IS NOT NULL)
            )::text AS item, v.joined_at, v.person_id
            FROM feed_volunteers v
            JOIN feed_projects j ON j.post_id = v.post_id
            LEFT JOIN directory_cards card
                ON card.community_id = j.community_id AND card.person_id = v.person_id
            WHERE v.post_id = :post AND v.left_at IS NULL
                AND (v.joined_at, v.person_id) > (cast(:after AS timestamptz), :after_id)
            ORDER BY v.joined_at, v.person_id
            LIMIT :take
            """  # noqa: S608 - all of it stands here
        ),
        {"post": post_id, "after": after, "after_id": after_id, "take": limit + 1, **NAMES},
    )
    return keyset_page(rows.mappings().all(), limit, "joined_at", "person_id")
