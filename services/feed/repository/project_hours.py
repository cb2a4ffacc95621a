"""The hours that volunteers give a project, and its account."""

from datetime import date, datetime
from decimal import Decimal

from sqlalchemy import text
from sqlalchemy.orm import Session

from services.feed.repository.keys import by_day, keyset_page, somebody
from services.feed.repository.shared import NAMES, NEWEST, OLDEST


def hours_sum(condition: str) -> str:
    """SQL for a HoursSum of the hours ``h`` that meet ``condition``."""
    return f"""
        (SELECT json_build_object(
            'confirmed',
            coalesce(sum(h.hours) FILTER (WHERE h.confirmed_at IS NOT NULL), 0.00)::text,
            'waiting', coalesce(sum(h.hours) FILTER (WHERE h.confirmed_at IS NULL), 0.00)::text)
        FROM feed_project_hours h WHERE {condition})"""  # noqa: S608 - all of it stands here


def recruiting_since(session: Session, post_id: str) -> datetime | None:
    """When volunteers were first looked for."""
    since: datetime | None = session.scalar(
        text("SELECT min(at) FROM feed_project_steps WHERE post_id = :post AND step = 'recruit'"),
        {"post": post_id},
    )
    return since


def hours_that_day(session: Session, person_id: str, day: date) -> Decimal:
    """What somebody has logged for a day over all projects; other entries of hers wait."""
    session.execute(
        text("SELECT pg_advisory_xact_lock(hashtextextended('feed_project_hours ' || :person, 0))"),
        {"person": person_id},
    )
    logged: Decimal = session.execute(
        text(
            "SELECT coalesce(sum(hours), 0) FROM feed_project_hours "
            "WHERE person_id = :person AND on_date = :day"
        ),
        {"person": person_id, "day": day},
    ).scalar_one()
    return logged


_HOURS = f"""
    SELECT json_build_object(
        'id', h.id,
        'post_id', h.post_id,
        'person', {somebody("h.person_id")},
        'mine', h.person_id = :me,
        'hours', h.hours::text,
        'on_date', h.on_date,
        'note', h.note,
        'confirmed_at', h.confirmed_at,
        'may_confirm', :whole AND h.confirmed_at IS NULL AND h.person_id <> :me,
        'logged_at', h.logged_at
    )::text AS item, h.on_date, h.id
    FROM feed_project_hours h
    JOIN feed_projects j ON j.post_id = h.post_id
    LEFT JOIN directory_cards card
        ON card.community_id = j.community_id AND card.person_id = h.person_id
"""  # noqa: S608 - all of it stands here


def hours_json(session: Session, entry_id: str, me: str) -> str:
    """One entry of hours as JSON text, for whoever has just logged or confirmed it."""
    found: str = session.execute(
        text(f"{_HOURS} WHERE h.id = :id"), {"id": entry_id, "me": me, "whole": False, **NAMES}
    ).scalar_one()
    return found


def hours_page(
    session: Session, *, post_id: str, me: str, whole: bool, limit: int, cursor: str | None
) -> str:
    """A page of a project's hours as JSON text, the latest day first.

    Args:
        whole: for who confirms them: those that wait, too; otherwise of these ``me``'s alone.
    """
    before, before_id = by_day(cursor, NEWEST)
    rows = session.execute(
        text(
            f"""
            {_HOURS} WHERE h.post_id = :post
                AND (:whole OR h.confirmed_at IS NOT NULL OR h.person_id = :me)
                AND (h.on_date, h.id) < (cast(:before AS date), :before_id)
            ORDER BY h.on_date DESC, h.id DESC
            LIMIT :take
            """
        ),
        {
            "post": post_id,
            "me": me,
            "whole": whole,
            "before": before,
            "before_id": before_id,
            "take": limit + 1,
            **NAMES,
        },
    )
    return keyset_page(rows.mappings().all(), limit, "on_date", "id")


def my_hours_page(session: Session, me: str, limit: int, cursor: str | None) -> str:
    """A page of somebody's own hours with the sums of all, as JSON text, the latest day first."""
    before, before_id = by_day(cursor, NEWEST)
    rows = session.execute(
        text(
            f"""
            SELECT {hours_sum("h.person_id = :me")}::text AS total, page.*
            FROM (SELECT) one LEFT JOIN LATERAL (
                SELECT json_build_object(
                    'id', h.id,
                    'post_id', h.post_id,
                    'community_id', j.community_id,
                    'title', p.title,
                    'hours', h.hours::text,
                    'on_date', h.on_date,
                    'note', h.note,
                    'confirmed_at', h.confirmed_at
                )::text AS item, h.on_date, h.id
                FROM feed_project_hours h
                JOIN feed_projects j ON j.post_id = h.post_id
                JOIN feed_posts p ON p.id = h.post_id
                WHERE h.person_id = :me AND (h.on_date, h.id) < (cast(:before AS date), :before_id)
                ORDER BY h.on_date DESC, h.id DESC
                LIMIT :take
            ) page ON true
            ORDER BY page.on_date DESC, page.id DESC
            """  # noqa: S608 - all of it stands here
        ),
        {"me": me, "before": before, "before_id": before_id, "take": limit + 1},
    )
    found = rows.mappings().all()
    listed = [row for row in found if row["item"] is not None]
    page = keyset_page(listed, limit, "on_date", "id")
    return f'{page[:-1]},"total":{found[0]["total"]}}}'


# -- money ---------------------------------------------------------------------------------------

_MONEY = """
    SELECT json_build_object(
        'id', m.id,
        'post_id', m.post_id,
        'kind', m.kind,
        'amount', m.amount::text,
        'subject', m.subject,
        'on_date', m.on_date,
        'note', m.note,
        'attachments', m.attachments,
        'cancels', m.cancels,
        'cancelled', EXISTS (SELECT 1 FROM feed_project_money o WHERE o.cancels = m.id),
        'at', m.at
    )::text AS item, m.on_date, m.id
    FROM feed_project_money m
"""


def money_lines(session: Session, post_id: str) -> int:
    """How many lines of an account stand: neither cancelled nor cancelling."""
    found: int = session.execute(
        text(
            "SELECT count(*) FROM feed_project_money m WHERE m.post_id = :post "
            "AND m.cancels IS NULL "
            "AND NOT EXISTS (SELECT 1 FROM feed_project_money o WHERE o.cancels = m.id)"
        ),
        {"post": post_id},
    ).scalar_one()
    return found


def is_cancelled(session: Session, line_id: str) -> bool:
    """Whether another line cancels this one; the project's row is locked."""
    found: bool | None = session.scalar(
        text("SELECT true FROM feed_project_money WHERE cancels = :id"), {"id": line_id}
    )
    return bool(found)


def money_json(session: Session, line_id: str) -> str:
    """One line of an account as JSON text."""
    found: str = session.execute(text(f"{_MONEY} WHERE m.id = :id"), {"id": line_id}).scalar_one()
    return found


def money_page(session: Session, post_id: str, limit: int, cursor: str | None) -> str:
    """A page of a project's account as JSON text, by day."""
    after, after_id = by_day(cursor, OLDEST)
    rows = session.execute(
        text(
            f"""
            {_MONEY} WHERE m.post_id = :post
                AND (m.on_date, m.id) > (cast(:after AS date), :after_id)
            ORDER BY m.on_date, m.id
            LIMIT :take
            """
        ),
        {"post": post_id, "after": after, "after_id": after_id, "take": limit + 1},
    )
    return keyset_page(rows.mappings().all(), limit, "on_date", "id")
