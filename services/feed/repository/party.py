"""The party garden: who has reported, who has studied."""

import json
from collections.abc import Collection
from datetime import datetime
from typing import Any

from sqlalchemy import RowMapping, text
from sqlalchemy.orm import Session

from services.directory.queries import PRESENT
from services.feed.domain.party import FEW
from services.feed.repository.keys import by_moment, keyset_page, next_key, somebody
from services.feed.repository.shared import NAMES, NEWEST

_CARD = """
    LEFT JOIN directory_cards card
        ON card.community_id = c.community_id AND card.person_id = c.person_id
"""
# Whoever has moved away stands in no list.
_HERE = "coalesce(card.standing, '') = ANY(:present)"


def put_check_in(
    session: Session, community_id: str, person_id: str, kind: str, offers: str, now: datetime
) -> str:
    """Keep a report, or what it says now; it as JSON text."""
    found: str = session.execute(
        text(
            """
            INSERT INTO feed_party_check_ins AS c
                (community_id, person_id, kind, offers, checked_in_at)
            VALUES (:community, :person, :kind, :offers, :now)
            ON CONFLICT (community_id, person_id)
                DO UPDATE SET kind = excluded.kind, offers = excluded.offers
            RETURNING json_build_object('kind', c.kind, 'offers', c.offers,
                'checked_in_at', c.checked_in_at)::text
            """
        ),
        {
            "community": community_id,
            "person": person_id,
            "kind": kind,
            "offers": offers,
            "now": now,
        },
    ).scalar_one()
    return found


def drop_check_ins(session: Session, person_id: str, community_id: str | None) -> None:
    """Drop somebody's report to a community, or (None) to all."""
    session.execute(
        text(
            "DELETE FROM feed_party_check_ins WHERE person_id = :person "
            "AND (cast(:community AS text) IS NULL OR community_id = :community)"
        ),
        {"person": person_id, "community": community_id},
    )


def check_ins(
    session: Session, *, community_id: str, me: str, whole: bool, limit: int, cursor: str | None
) -> tuple[list[RowMapping], RowMapping]:
    """A page of who has reported, the latest first, and what is true of all.

    Args:
        whole: also those who do not show the badge.

    Returns:
        Rows of ``item`` (JSON text), ``person_id``, ``badge_shown`` and ``checked_in_at``, one
        more than ``limit`` when there are more; and a row of ``number`` and ``badges`` (of all who
        are here) and ``mine`` (JSON text or None).
    """
    before, before_id = by_moment(cursor, NEWEST, person=True)
    rows = session.execute(
        text(
            f"""
            SELECT page.*, every.number, every.badges, (
                SELECT json_build_object('kind', c.kind, 'offers', c.offers,
                    'checked_in_at', c.checked_in_at)::text
                FROM feed_party_check_ins c
                WHERE c.community_id = :community AND c.person_id = :me) AS mine
            FROM (
                SELECT count(*) AS number, count(*) FILTER (WHERE card.badge_shown) AS badges
                FROM feed_party_check_ins c {_CARD}
                WHERE c.community_id = :community AND {_HERE}
            ) every LEFT JOIN LATERAL (
                SELECT json_build_object(
                    'person', {somebody("c.person_id")},
                    'kind', c.kind,
                    'offers', c.offers,
                    'mine', c.person_id = :me,
                    'checked_in_at', c.checked_in_at
                )::text AS item, c.person_id, card.badge_shown, c.checked_in_at
                FROM feed_party_check_ins c {_CARD}
                WHERE c.community_id = :community AND {_HERE} AND (:whole OR card.badge_shown)
                    AND (c.checked_in_at, c.person_id) < (cast(:before AS timestamptz), :before_id)
                ORDER BY c.checked_in_at DESC, c.person_id DESC
                LIMIT :take
            ) page ON true
            ORDER BY page.checked_in_at DESC, page.person_id DESC
            """  # noqa: S608 - all of it stands here
        ),
        {
            "community": community_id,
            "me": me,
            "whole": whole,
            "present": sorted(PRESENT),
            "before": before,
            "before_id": before_id,
            "take": limit + 1,
            **NAMES,
        },
    )
    found = list(rows.mappings().all())
    return [row for row in found if row["item"] is not None], found[0]


# -- study ---------------------------------------------------------------------------------------


def put_completion(session: Session, post_id: str, person_id: str, note: str, now: datetime) -> str:
    """Keep that somebody has studied an item, or the note that she makes now; as JSON text."""
    found: str = session.execute(
        text(
            """
            INSERT INTO feed_study_completions AS c (post_id, person_id, note, at)
            VALUES (:post, :person, :note, :now)
            ON CONFLICT (post_id, person_id) DO UPDATE SET note = excluded.note
            RETURNING json_build_object('post_id', c.post_id, 'note', c.note, 'at', c.at)::text
            """
        ),
        {"post": post_id, "person": person_id, "note": note, "now": now},
    ).scalar_one()
    return found


def drop_completions(session: Session, person_id: str, post_id: str | None) -> None:
    """Drop that somebody has studied an item, or (None) any."""
    session.execute(
        text(
            "DELETE FROM feed_study_completions WHERE person_id = :person "
            "AND (cast(:post AS text) IS NULL OR post_id = :post)"
        ),
        {"person": person_id, "post": post_id},
    )


def completions(
    session: Session,
    *,
    post_id: str,
    community_id: str,
    me: str,
    whole: bool,
    limit: int,
    cursor: str | None,
) -> tuple[list[RowMapping], RowMapping]:
    """A page of who has studied an item, the latest first, and what is true of all.

    Args:
        whole: name them; otherwise there are no rows.

    Returns:
        As ``check_ins``: rows of ``item``, ``person_id``, ``badge_shown`` and ``at``; and a row of
        ``number`` and ``mine``.
    """
    before, before_id = by_moment(cursor, NEWEST, person=True)
    card = """
        LEFT JOIN directory_cards card
            ON card.community_id = :community AND card.person_id = c.person_id
    """
    rows = session.execute(
        text(
            f"""
            SELECT page.*, every.number, (
                SELECT json_build_object('post_id', c.post_id, 'note', c.note, 'at', c.at)::text
                FROM feed_study_completions c
                WHERE c.post_id = :post AND c.person_id = :me) AS mine
            FROM (
                SELECT count(*) AS number FROM feed_study_completions c {card}
                WHERE c.post_id = :post AND {_HERE}
            ) every LEFT JOIN LATERAL (
                SELECT json_build_object(
                    'person', {somebody("c.person_id")},
                    'note', c.note,
                    'at', c.at
                )::text AS item, c.person_id, card.badge_shown, c.at
                FROM feed_study_completions c {card}
                WHERE :whole AND c.post_id = :post AND {_HERE}
                    AND (c.at, c.person_id) < (cast(:before AS timestamptz), :before_id)
                ORDER BY c.at DESC, c.person_id DESC
                LIMIT :take
            ) page ON true
            ORDER BY page.at DESC, page.person_id DESC
            """  # noqa: S608 - all of it stands here
        ),
        {
            "post": post_id,
            "community": community_id,
            "me": me,
            "whole": whole,
            "present": sorted(PRESENT),
            "before": before,
            "before_id": before_id,
            "take": limit + 1,
            **NAMES,
        },
    )
    found = list(rows.mappings().all())
    return [row for row in found if row["item"] is not None], found[0]


def studies(
    session: Session,
    *,
    community_id: str,
    modules: Collection[str],
    me: str,
    whole: bool,
    limit: int,
    cursor: str | None,
) -> str:
    """A page of what there is to study as JSON text, the newest first.

    Args:
        modules: where study items stand.
        whole: how many have studied an item is told exactly; otherwise as neighbours are told.
    """
    before, before_id = by_moment(cursor, NEWEST)
    rows = session.execute(
        text(
            f"""
            SELECT json_build_object(
                'post_id', p.id,
                'title', p.title,
                'created_at', p.created_at,
                'until', p.extra -> 'until',
                'number', CASE WHEN :whole THEN every.number
                    WHEN every.number >= :few THEN every.number - every.number % :few END,
                'mine', (
                    SELECT json_build_object('post_id', c.post_id, 'note', c.note, 'at', c.at)
                    FROM feed_study_completions c
                    WHERE c.post_id = p.id AND c.person_id = :me)
            )::text AS item, p.created_at, p.id
            FROM feed_posts p CROSS JOIN LATERAL (
                SELECT count(*) AS number FROM feed_study_completions c
                LEFT JOIN directory_cards card
                    ON card.community_id = p.community_id AND card.person_id = c.person_id
                WHERE c.post_id = p.id AND {_HERE}
            ) every
            WHERE p.community_id = :community AND p.module = ANY(:modules) AND p.state = 'shown'
                AND p.extra ->> 'kind' = 'study'
                AND (p.created_at, p.id) < (cast(:before AS timestamptz), :before_id)
            ORDER BY p.created_at DESC, p.id DESC
            LIMIT :take
            """  # noqa: S608 - all of it stands here
        ),
        {
            "community": community_id,
            "modules": list(modules),
            "me": me,
            "whole": whole,
            "few": FEW,
            "present": sorted(PRESENT),
            "before": before,
            "before_id": before_id,
            "take": limit + 1,
        },
    )
    return keyset_page(rows.mappings().all(), limit, "created_at", "id")


def page_of_members(
    rows: list[RowMapping], limit: int, by: str, members: Collection[str], said: dict[str, Any]
) -> str:
    """A page as JSON text with only those rows whose people are ``members``, and what is ``said``.

    The cursor goes by all rows, so a page may be shorter than was asked for.
    """
    items = ",".join(row["item"] for row in rows[:limit] if row["person_id"] in members)
    cursor = json.dumps(next_key(rows, limit, by, "person_id"))
    more = "".join(
        f',"{name}":{"null" if value is None else value}' for name, value in said.items()
    )
    return f'{{"items":[{items}],"next_cursor":{cursor}{more}}}'
