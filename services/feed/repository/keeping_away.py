"""Distances between faces, and silences. What distances mean: ``domain.distances``."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import text
from sqlalchemy.orm import Session

from services.contracts.ids import is_id
from services.feed.repository.shared import NAMES, NEWEST, author_json, check_moment, page_json
from services.kit.pages import BadCursor, decode_cursor, encode_cursor
from services.kit.prepared import prepared


def muted(author: str, hidden: str, official: str) -> str:
    """SQL: whether ``:me`` keeps away from this face of an author, who does not speak in office.

    The two lists are read once in a statement, not once a row, and leave its indexes alone: to
    somebody who keeps away from nobody they are two empty look-ups in a primary key.

    Args:
        author: the column of the author's id.
        hidden: whether the author's name is hidden there.
        official: whether it was said in office.
    """

    def met(face: str) -> str:
        return f"""coalesce((SELECT array_agg(away.other_id) FROM feed_distances away
            WHERE away.person_id = :me AND {face}), '{{}}')"""  # noqa: S608

    return (
        f"(NOT ({official}) AND CASE WHEN {hidden} THEN {author} = ANY({met('away.hidden')}) "
        f"ELSE {author} = ANY({met('NOT away.hidden')}) END)"
    )


@dataclass(frozen=True, slots=True)
class Met:
    """Whom somebody met beneath a post, and with which faces."""

    author_id: str
    hidden: bool
    veiled: bool
    official: bool


def met_in_post(session: Session, post_id: str) -> Met | None:
    """The author of a post, as somebody meets her there."""
    row = session.execute(
        text(
            "SELECT author_id, hide_name, false, author_role <> '' FROM feed_posts WHERE id = :id"
        ),
        {"id": post_id},
    ).first()
    return Met(*row) if row else None


def met_in_comment(session: Session, comment_id: str, me: str) -> Met | None:
    """The author of a comment, as somebody meets her there; None when an office has no account."""
    row = session.execute(
        text(
            """
            SELECT c.author_id, p.hide_name AND c.author_id = p.author_id,
                p.hide_name AND p.author_id = :me, c.official
            FROM feed_comments c JOIN feed_posts p ON p.id = c.post_id
            WHERE c.id = :id AND c.author_id IS NOT NULL
            """
        ),
        {"id": comment_id, "me": me},
    ).first()
    return Met(*row) if row else None


def share_a_community(session: Session, me: str, other_id: str) -> bool:
    """Whether two people belong to the same community: then they can know of each other."""
    return bool(
        session.scalar(
            text(
                """
                SELECT EXISTS (
                    SELECT 1 FROM directory_cards mine
                    JOIN directory_cards hers ON hers.community_id = mine.community_id
                    WHERE mine.person_id = :me AND mine.standing IN ('active', 'staff')
                        AND hers.person_id = :other
                )
                """
            ),
            {"me": me, "other": other_id},
        )
    )


def hold_distances(session: Session, me: str) -> None:
    """Whoever changes the distances of ``me`` next waits, and tells of all that there are."""
    session.execute(
        text("SELECT pg_advisory_xact_lock(hashtextextended('feed.distances ' || :me, 0))"),
        {"me": me},
    )


def others(session: Session, me: str) -> tuple[list[str], list[str]]:
    """From whom ``me`` keeps away: those with their names, and those without."""
    rows = session.execute(
        text(
            "SELECT DISTINCT other_id, hidden FROM feed_distances WHERE person_id = :me "
            "ORDER BY other_id"
        ),
        {"me": me},
    ).all()
    named = [row.other_id for row in rows if not row.hidden]
    return named, [row.other_id for row in rows if row.hidden]


def put_distance(session: Session, **values: Any) -> str:
    """Keep a distance, or change its kind; its id.

    A hidden one is another in each post: who keeps away twice does not learn whether it is from one
    person.
    """
    found: str = session.execute(
        text(
            """
            INSERT INTO feed_distances
                (person_id, other_id, hidden, veiled, met_in, id, kind, post_id, comment_id, since)
            VALUES (:me, :other, :hidden, :veiled, CASE WHEN :hidden THEN :post ELSE '' END,
                :id, :kind, :post, :comment, :now)
            ON CONFLICT (person_id, other_id, hidden, veiled, met_in)
                DO UPDATE SET kind = excluded.kind
            RETURNING id
            """
        ),
        values,
    ).scalar_one()
    return found


def drop_distance(session: Session, me: str, which: str) -> None:
    """Drop a distance by its id, or those from a person whom ``me`` knows by name."""
    session.execute(
        text(
            "DELETE FROM feed_distances "
            "WHERE person_id = :me AND (id = :which OR other_id = :which AND NOT hidden)"
        ),
        {"me": me, "which": which},
    )


# The name is that of a community which both belong to.
_DISTANCE = f"""
    SELECT json_build_object(
        'id', d.id,
        'kind', d.kind,
        'person', {author_json("d.hidden", "d.other_id", "''")},
        'post_id', d.post_id,
        'comment_id', d.comment_id,
        'since', d.since
    )::text AS item, d.id, d.since
    FROM feed_distances d
    LEFT JOIN LATERAL (
        SELECT hers.* FROM directory_cards hers
        JOIN directory_cards mine ON mine.community_id = hers.community_id
        WHERE hers.person_id = d.other_id AND mine.person_id = :me
        ORDER BY hers.community_id LIMIT 1
    ) card ON true
    WHERE d.person_id = :me
"""  # noqa: S608


def distance_json(session: Session, me: str, distance_id: str) -> str:
    """One distance as JSON text."""
    found: str = (
        session.execute(text(f"{_DISTANCE} AND d.id = :id"), {"me": me, "id": distance_id, **NAMES})
        .scalars()
        .one()
    )
    return found


def distances_page(session: Session, *, me: str, limit: int, cursor: str | None) -> str:
    """A page of the distances of ``me``, the newest first."""
    return _page(
        session,
        f"{_DISTANCE} AND (d.since, d.id) < (cast(:at AS timestamptz), :before) "
        "ORDER BY d.since DESC, d.id DESC LIMIT :take",
        {"me": me},
        limit,
        cursor,
    )


_KEPT_AWAY = prepared(
    """
    SELECT EXISTS (
        SELECT 1 FROM feed_posts p
        JOIN feed_distances d ON d.person_id = p.author_id AND d.other_id = :me
        WHERE p.id = :post AND p.author_role = ''
            AND d.kind = 'block' AND NOT d.hidden AND d.veiled = p.hide_name
    ) OR EXISTS (
        SELECT 1 FROM feed_comments c JOIN feed_posts p ON p.id = c.post_id
        JOIN feed_distances d ON d.person_id = c.author_id AND d.other_id = :me
        WHERE c.id = :comment AND NOT c.official AND d.kind = 'block'
            AND d.hidden = (p.hide_name AND p.author_id = :me)
            AND d.veiled = (p.hide_name AND p.author_id = c.author_id)
    )
    """
)


def kept_away(session: Session, me: str, post_id: str, comment_id: str | None = None) -> bool:
    """Whether the author of a post, or of a comment of it, has blocked this face of ``me``."""
    values = {"me": me, "post": post_id, "comment": comment_id}
    return bool(session.scalar(_KEPT_AWAY, values))


def blocked_by(session: Session, person_id: str, me: str, *, hidden: bool = False) -> bool:
    """Whether somebody, with her name, has blocked ``me`` with mine, or where it is ``hidden``."""
    return bool(
        session.scalar(
            prepared(
                "SELECT EXISTS (SELECT 1 FROM feed_distances WHERE person_id = :person "
                "AND other_id = :me AND kind = 'block' AND hidden = :hidden AND NOT veiled)"
            ),
            {"person": person_id, "me": me, "hidden": hidden},
        )
    )


# -- silences ---------------------------------------------------------------------------------


def silenced_until(
    session: Session, community_id: str, person_id: str, now: datetime
) -> datetime | None:
    """Until when somebody may not write in a community; None when she may."""
    found: datetime | None = session.scalar(
        prepared(
            "SELECT until FROM feed_silences WHERE community_id = :community "
            "AND person_id = :person AND lifted_at IS NULL AND until > :now"
        ),
        {"community": community_id, "person": person_id, "now": now},
    )
    return found


def put_silence(session: Session, **values: Any) -> bool:
    """Keep a silence; False when one stands already."""
    done = session.execute(
        text(
            """
            INSERT INTO feed_silences
                (id, community_id, path, person_id, reason, by, since, until)
            VALUES (:id, :community, :path, :person, :reason, :by, :now, :until)
            ON CONFLICT (community_id, person_id) WHERE lifted_at IS NULL DO NOTHING
            """
        ),
        values,
    )
    return bool(done.rowcount)  # type: ignore[attr-defined]


@dataclass(frozen=True, slots=True)
class Ended:
    """A silence that is over."""

    id: str
    community_id: str
    path: str
    person_id: str


def end_silence(session: Session, silence_id: str, by: str, now: datetime) -> Ended | None:
    """End a silence before its time; None when it is over."""
    row = session.execute(
        text(
            "UPDATE feed_silences SET lifted_by = :by, lifted_at = :now "
            "WHERE id = :id AND lifted_at IS NULL AND until > :now "
            "RETURNING id, community_id, path, person_id"
        ),
        {"id": silence_id, "by": by, "now": now},
    ).first()
    return Ended(*row) if row else None


def silence_place(session: Session, silence_id: str) -> tuple[str, str] | None:
    """The community of a silence and its path."""
    row = session.execute(
        text("SELECT community_id, path FROM feed_silences WHERE id = :id"), {"id": silence_id}
    ).first()
    return (row.community_id, row.path) if row else None


def end_due_silences(session: Session, now: datetime, most: int, person: str = "") -> list[Ended]:
    """End the silences whose time is over; those of ``person``, or everybody's."""
    rows = session.execute(
        text(
            """
            UPDATE feed_silences s SET lifted_at = until
            FROM (
                SELECT id FROM feed_silences
                WHERE lifted_at IS NULL AND until <= :now
                    AND (cast(:person AS text) = '' OR person_id = :person)
                ORDER BY until LIMIT :most FOR UPDATE SKIP LOCKED
            ) due
            WHERE s.id = due.id
            RETURNING s.id, s.community_id, s.path, s.person_id
            """
        ),
        {"now": now, "most": most, "person": person},
    )
    return [Ended(*row) for row in rows]


_SILENCE = """
    SELECT json_build_object(
        'id', s.id,
        'community_id', s.community_id,
        'person_id', s.person_id,
        'display_name', coalesce(card.display_name, :unknown),
        'reason', s.reason,
        'since', s.since,
        'until', s.until,
        'ended_at', coalesce(s.lifted_at, CASE WHEN s.until <= :now THEN s.until END)
    )::text AS item, s.id, s.since
    FROM feed_silences s
    LEFT JOIN directory_cards card
        ON card.community_id = s.community_id AND card.person_id = s.person_id
"""


def silence_json(session: Session, silence_id: str, now: datetime) -> str:
    """One silence as JSON text."""
    found: str = (
        session.execute(
            text(f"{_SILENCE} WHERE s.id = :id"),
            {"id": silence_id, "now": now, "unknown": NAMES["unknown"]},
        )
        .scalars()
        .one()
    )
    return found


def silences_page(
    session: Session,
    *,
    now: datetime,
    limit: int,
    cursor: str | None,
    community_id: str = "",
    person_id: str = "",
) -> str:
    """A page of the silences of a community, or of a person; the newest first."""
    whose = "s.community_id = :whose" if community_id else "s.person_id = :whose"
    return _page(
        session,
        f"{_SILENCE} WHERE {whose} AND (s.since, s.id) < (cast(:at AS timestamptz), :before) "
        "ORDER BY s.since DESC, s.id DESC LIMIT :take",
        {"whose": community_id or person_id, "now": now},
        limit,
        cursor,
    )


def _page(
    session: Session, statement: str, values: dict[str, Any], limit: int, cursor: str | None
) -> str:
    at, before = NEWEST, ""
    if cursor is not None:
        at, before = decode_cursor(cursor, 2)
        check_moment(at)
        if not is_id(before):
            raise BadCursor()
    place = {"at": at, "before": before, "take": limit + 1, **NAMES}
    rows = session.execute(text(statement), {**place, **values}).mappings().all()
    shown = rows[:limit]
    following = None
    if len(rows) > limit:
        following = encode_cursor(shown[-1]["since"].isoformat(), shown[-1]["id"])
    return page_json(shown, following)
