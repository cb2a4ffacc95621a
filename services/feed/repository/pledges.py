"""Pledges: their schedules, keepers, records, and who saw it done."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any

from sqlalchemy import text
from sqlalchemy.orm import Session

from services.feed.repository.keeping_away import muted
from services.feed.repository.keys import by_day, by_moment, keyset_page, next_key, somebody
from services.feed.repository.shared import NAMES, NEWEST, OLDEST, author_json


def texts_of(session: Session, post_id: str) -> list[tuple[dict[str, Any], datetime]]:
    """The fields that a post had and has, each with when they were written; the oldest first."""
    rows = session.execute(
        text(
            """
            SELECT extra, written_at FROM feed_post_versions WHERE post_id = :post
            UNION ALL
            SELECT extra, coalesce(edited_at, created_at) FROM feed_posts WHERE id = :post
            ORDER BY written_at
            """
        ),
        {"post": post_id},
    )
    return [(row.extra, row.written_at) for row in rows]


def days_recorded(session: Session, post_id: str) -> set[date]:
    """The days for which something was recorded."""
    return set(
        session.scalars(
            text("SELECT DISTINCT on_date FROM feed_pledge_records WHERE post_id = :post"),
            {"post": post_id},
        )
    )


def pledges_page(
    session: Session,
    *,
    community_id: str,
    modules: Sequence[str],
    me: str,
    now: datetime,
    limit: int,
    cursor: str | None,
) -> tuple[list[dict[str, Any]], str | None]:
    """A page of a community's pledges, the newest first, and the cursor of the next one.

    Each with its JSON text (``item``), the fields that its post had and has with when they were
    written, the oldest first (``texts``), and the days with a record (``days``).

    Args:
        modules: those in which pledges are made; of posts that are over none is shown.
    """
    before, before_id = by_moment(cursor, NEWEST)
    found = session.execute(
        text(_PLEDGES),
        {
            "community": community_id,
            "modules": list(modules),
            "me": me,
            "now": now,
            "before": before,
            "before_id": before_id,
            "take": limit + 1,
            **NAMES,
        },
    )
    rows = found.mappings().all()
    page = [
        {
            "item": row["item"],
            "texts": [(one["extra"], datetime.fromisoformat(one["at"])) for one in row["texts"]],
            "days": row["days"] or [],
        }
        for row in rows[:limit]
    ]
    return page, next_key(rows, limit, "created_at", "id")


_PLEDGES = f"""
    SELECT json_build_object(
        'post_id', p.id,
        'title', p.title,
        'by', {author_json("(p.hide_name AND p.author_id <> :me)", "p.author_id", "''")},
        'mine', p.author_id = :me,
        'said_at', p.created_at,
        'extra', p.extra,
        'keepers', (SELECT count(*) FROM feed_pledge_keepers k WHERE k.post_id = p.id),
        'deeds', done.deeds,
        'seen', (
            SELECT count(*) FROM feed_pledge_records r
            JOIN feed_pledge_witnesses w ON w.record_id = r.id AND w.seen
            WHERE r.post_id = p.id
        ),
        'last_on', done.last_on
    )::text AS item, p.created_at, p.id, done.days, (
        SELECT json_agg(json_build_object('extra', said.extra, 'at', said.at) ORDER BY said.at)
        FROM (
            SELECT v.extra, v.written_at AS at FROM feed_post_versions v WHERE v.post_id = p.id
            UNION ALL
            SELECT p.extra, coalesce(p.edited_at, p.created_at)
        ) said
    ) AS texts
    FROM feed_posts p
    LEFT JOIN directory_cards card
        ON card.community_id = p.community_id AND card.person_id = p.author_id
    CROSS JOIN LATERAL (
        SELECT count(*) AS deeds, max(r.on_date) AS last_on, array_agg(DISTINCT r.on_date) AS days
        FROM feed_pledge_records r WHERE r.post_id = p.id
    ) done
    WHERE p.community_id = :community AND p.module = ANY(:modules) AND p.state = 'shown'
        AND p.extra->>'kind' = 'pledge' AND (p.expires_at IS NULL OR p.expires_at > :now)
        AND NOT {muted("p.author_id", "p.hide_name", "p.author_role <> ''")}
        AND (p.created_at, p.id) < (cast(:before AS timestamptz), :before_id)
    ORDER BY p.created_at DESC, p.id DESC
    LIMIT :take
"""  # noqa: S608 - all of it stands here


# -- keepers -------------------------------------------------------------------------------------


def lock_post(session: Session, post_id: str) -> None:
    """Changes of one pledge's keepers queue until the commit."""
    session.execute(
        text("SELECT 1 FROM feed_posts WHERE id = :post FOR NO KEY UPDATE"), {"post": post_id}
    )


def keepers(session: Session, post_id: str) -> list[str]:
    """Who was named to keep a pledge with its author."""
    found = session.scalars(
        text("SELECT person_id FROM feed_pledge_keepers WHERE post_id = :post"), {"post": post_id}
    )
    return list(found)


def put_keeper(session: Session, post_id: str, person_id: str, now: datetime) -> None:
    """Somebody keeps a pledge, too; once is enough."""
    session.execute(
        text(
            "INSERT INTO feed_pledge_keepers (post_id, person_id, named_at) "
            "VALUES (:post, :person, :now) ON CONFLICT DO NOTHING"
        ),
        {"post": post_id, "person": person_id, "now": now},
    )


def drop_keeper(session: Session, person_id: str, post_id: str | None) -> None:
    """Somebody keeps a pledge no more, or (None) none."""
    session.execute(
        text(
            "DELETE FROM feed_pledge_keepers WHERE person_id = :person "
            "AND (cast(:post AS text) IS NULL OR post_id = :post)"
        ),
        {"person": person_id, "post": post_id},
    )


def keepers_json(session: Session, post_id: str) -> str:
    """Who keeps a pledge with its author, in the order of naming, as a JSON list."""
    found: str = session.execute(
        text(
            f"""
            SELECT coalesce(json_agg({somebody("k.person_id")} ORDER BY k.named_at, k.person_id),
                '[]'::json)::text
            FROM feed_pledge_keepers k
            JOIN feed_posts p ON p.id = k.post_id
            LEFT JOIN directory_cards card
                ON card.community_id = p.community_id AND card.person_id = k.person_id
            WHERE k.post_id = :post
            """  # noqa: S608 - all of it stands here
        ),
        {"post": post_id, **NAMES},
    ).scalar_one()
    return found


# -- records -------------------------------------------------------------------------------------

_DEED = f"""
    SELECT json_build_object(
        'id', r.id,
        'post_id', r.post_id,
        'on_date', r.on_date,
        'note', r.note,
        'attachments', r.attachments,
        'by', {somebody("r.by")},
        'at', r.at,
        'seen', said.seen,
        'not_seen', said.not_seen,
        'seen_by_me', said.mine
    )::text AS item, r.on_date, r.id
    FROM feed_pledge_records r
    JOIN feed_posts p ON p.id = r.post_id
    LEFT JOIN directory_cards card
        ON card.community_id = p.community_id AND card.person_id = r.by
    CROSS JOIN LATERAL (
        SELECT count(*) FILTER (WHERE w.seen) AS seen,
            count(*) FILTER (WHERE NOT w.seen) AS not_seen,
            bool_or(w.seen) FILTER (WHERE w.person_id = :me) AS mine
        FROM feed_pledge_witnesses w WHERE w.record_id = r.id
    ) said
"""  # noqa: S608 - all of it stands here


def deed_json(session: Session, deed_id: str, me: str) -> str:
    """One record as JSON text."""
    found: str = session.execute(
        text(f"{_DEED} WHERE r.id = :id"), {"id": deed_id, "me": me, **NAMES}
    ).scalar_one()
    return found


def deeds_page(session: Session, post_id: str, me: str, limit: int, cursor: str | None) -> str:
    """A page of what was done for a pledge as JSON text, the latest day first."""
    before, before_id = by_day(cursor, NEWEST)
    rows = session.execute(
        text(
            f"""
            {_DEED} WHERE r.post_id = :post
                AND (r.on_date, r.id) < (cast(:before AS date), :before_id)
            ORDER BY r.on_date DESC, r.id DESC
            LIMIT :take
            """
        ),
        {
            "post": post_id,
            "me": me,
            "before": before,
            "before_id": before_id,
            "take": limit + 1,
            **NAMES,
        },
    )
    return keyset_page(rows.mappings().all(), limit, "on_date", "id")


def put_witness(
    session: Session, deed_id: str, person_id: str, *, seen: bool, note: str, now: datetime
) -> None:
    """Keep whether somebody saw it done, or what she says now."""
    session.execute(
        text(
            "INSERT INTO feed_pledge_witnesses (record_id, person_id, seen, note, at) "
            "VALUES (:record, :person, :seen, :note, :now) ON CONFLICT (record_id, person_id) "
            "DO UPDATE SET seen = excluded.seen, note = excluded.note, at = excluded.at"
        ),
        {"record": deed_id, "person": person_id, "seen": seen, "note": note, "now": now},
    )


def witnesses_page(session: Session, deed_id: str, limit: int, cursor: str | None) -> str:
    """A page of who saw something done, or did not, as JSON text, the first one first."""
    after, after_id = by_moment(cursor, OLDEST, person=True)
    rows = session.execute(
        text(
            f"""
            SELECT json_build_object(
                'person', {somebody("w.person_id")},
                'seen', w.seen,
                'note', w.note,
                'at', w.at
            )::text AS item, w.at, w.person_id
            FROM feed_pledge_witnesses w
            JOIN feed_pledge_records r ON r.id = w.record_id
            JOIN feed_posts p ON p.id = r.post_id
            LEFT JOIN directory_cards card
                ON card.community_id = p.community_id AND card.person_id = w.person_id
            WHERE w.record_id = :record
                AND (w.at, w.person_id) > (cast(:after AS timestamptz), :after_id)
            ORDER BY w.at, w.person_id
            LIMIT :take
            """  # noqa: S608 - all of it stands here
        ),
        {"record": deed_id, "after": after, "after_id": after_id, "take": limit + 1, **NAMES},
    )
    return keyset_page(rows.mappings().all(), limit, "at", "person_id")
