"""Offers, needs and idle things: their rows, and what the committee watches over."""

import json
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import RowMapping, text
from sqlalchemy.orm import Session

from services.feed.domain.aid import ADVICE, ANY_TIME, NO_SHOWS_ALLOWED, Aid, multirange
from services.feed.models import Post
from services.feed.repository.handshakes import (
    FIXED,
    HIDDEN,
    SHAKE_CARDS,
    SHAKE_JSON,
    before,
    helped_count,
)
from services.feed.repository.shared import NAMES, author_json, page_json
from services.kit.pages import encode_cursor

_ADVICE = json.dumps([{"zh": zh, "en": en} for zh, en in ADVICE], ensure_ascii=False)
AUTHORS_CARD = """
    LEFT JOIN directory_cards card
        ON card.community_id = p.community_id AND card.person_id = p.author_id"""


# Faces, as ``domain.distances`` has them: who asks does so by name, the author as in the post.
AUTHOR_BLOCKS = """
    EXISTS (SELECT 1 FROM feed_distances d
        WHERE d.person_id = p.author_id AND d.other_id = :me AND d.kind = 'block'
            AND NOT d.hidden AND d.veiled = p.hide_name)"""
I_KEEP_AWAY = """
    EXISTS (SELECT 1 FROM feed_distances d
        WHERE d.person_id = :me AND d.other_id = p.author_id AND d.kind = ANY(:kinds)
            AND d.hidden = p.hide_name AND NOT d.veiled)"""
_APART = text(
    f"SELECT {AUTHOR_BLOCKS} AS by_author, {I_KEEP_AWAY} AS by_asker "  # noqa: S608
    "FROM feed_posts p WHERE p.id = :post"
)


@dataclass(frozen=True, slots=True)
class Apart:
    """Who of the two on a post has blocked the other."""

    by_author: bool
    by_asker: bool


def apart(session: Session, post_id: str, asker_id: str) -> Apart:
    """Whether the author of a post and who asks keep each other away (拉黑)."""
    values = {"post": post_id, "me": asker_id, "kinds": ["block"]}
    return Apart(*session.execute(_APART, values).one())


# -- the row that goes with a post ----------------------------------------------------------


def put_aid(session: Session, post: Post, aid: Aid) -> None:
    """Keep what a post is now; what concerned children once when somebody asked goes on to."""
    session.execute(
        text(
            """
            INSERT INTO feed_aid_posts (post_id, community_id, kind, skill, hours, minors,
                                        flagged_at)
            VALUES (:post, :community, :kind, :skill, cast(:hours AS int4multirange), :minors, :at)
            ON CONFLICT (post_id) DO UPDATE SET
                kind = excluded.kind, skill = excluded.skill, hours = excluded.hours,
                minors = excluded.minors OR EXISTS (
                    SELECT 1 FROM feed_handshakes h
                    WHERE h.post_id = excluded.post_id AND h.minors)
            """
        ),
        {
            "post": post.id,
            "community": post.community_id,
            "kind": aid.kind,
            "skill": aid.skill,
            "hours": multirange(aid.hours),
            "minors": aid.minors,
            "at": post.created_at,
        },
    )


def close_aid(session: Session, post_id: str) -> None:
    """A post became words alone: nobody finds it as an offer or need."""
    session.execute(
        text("UPDATE feed_aid_posts SET state = 'closed' WHERE post_id = :post"), {"post": post_id}
    )


def close_all_of(session: Session, person_id: str, community_id: str | None) -> list[str]:
    """Close what somebody offered, needed or gave away; the ids of its posts, which are locked."""
    closed = session.scalars(
        text(
            """
            UPDATE feed_aid_posts a SET state = 'closed' FROM feed_posts p
            WHERE p.author_id = :person AND a.post_id = p.id AND a.state IN ('open', 'reserved')
                AND (cast(:community AS text) IS NULL OR a.community_id = :community)
            RETURNING a.post_id
            """
        ),
        {"person": person_id, "community": community_id},
    )
    return sorted(closed)


@dataclass(frozen=True, slots=True)
class AidHead:
    """What the rules want to know of an offer, a need or a thing."""

    kind: str
    state: str
    minors: bool
    skill: str
    hours: str
    shown: bool
    expires_at: datetime | None


_HEAD = text(
    """
    SELECT a.kind, a.state, a.minors, a.skill, a.hours::text AS hours,
        p.state = 'shown' AS shown, p.expires_at
    FROM feed_aid_posts a JOIN feed_posts p ON p.id = a.post_id WHERE a.post_id = :post
    """
)


def aid_head(session: Session, post_id: str, *, lock: bool = False) -> AidHead | None:
    """The head of an aid post; None when it is only words.

    ``lock`` makes whoever asks, agrees, edits or is out of time wait for each other: all of them
    take the post's row first.
    """
    if lock:
        locked = text("SELECT 1 FROM feed_posts WHERE id = :post FOR NO KEY UPDATE")
        session.execute(locked, {"post": post_id})
    row = session.execute(_HEAD, {"post": post_id}).first()
    return AidHead(*row) if row else None


def set_state(session: Session, post_id: str, state: str) -> None:
    """How an offer, need or thing stands now; its post is locked."""
    session.execute(
        text("UPDATE feed_aid_posts SET state = :state WHERE post_id = :post"),
        {"post": post_id, "state": state},
    )


def flag(session: Session, post_id: str, now: datetime) -> None:
    """Put help that concerns children on top of the committee's list."""
    session.execute(
        text("UPDATE feed_aid_posts SET flagged_at = :now WHERE post_id = :post AND minors"),
        {"post": post_id, "now": now},
    )


# -- one of them ----------------------------------------------------------------------------

_THANKS = f"""
    SELECT json_build_object(
        'by', CASE WHEN h.helper_id = h.author_id THEN asker_block.said ELSE author_block.said END,
        'to', CASE WHEN h.helper_id = h.author_id THEN author_block.said ELSE asker_block.said END,
        'text', h.thanks,
        'at', h.changed_at) AS line, h.changed_at, h.id
    FROM feed_handshakes h {SHAKE_CARDS}
    CROSS JOIN LATERAL (SELECT {author_json(HIDDEN, "p.author_id", "''", "author")}) author_block
        (said)
    CROSS JOIN LATERAL (SELECT {author_json("false", "h.asker_id", "''", "asker")}) asker_block
        (said)
    WHERE h.post_id = p.id AND h.state = 'thanked' AND h.thanks <> ''
    ORDER BY h.changed_at DESC, h.id DESC LIMIT 20"""  # noqa: S608 - all of it stands here

_AID = text(
    f"""
    SELECT json_build_object(
        'post_id', p.id,
        'kind', a.kind,
        'skill_kind', p.extra ->> 'skill_kind',
        'any_time', a.hours = cast(:any_time AS int4multirange),
        'minors', a.minors,
        'state', a.state,
        'open', a.state = 'open',
        'helped_count', CASE WHEN a.kind = 'offer' AND NOT {HIDDEN}
            THEN {helped_count("p.community_id", "p.author_id")} END,
        'advice', CASE WHEN a.minors THEN cast(:advice AS json) ELSE '[]'::json END,
        'thanked_count', (SELECT count(*) FROM feed_handshakes h
            WHERE h.post_id = p.id AND h.state = 'thanked'),
        'thanks', (SELECT coalesce(json_agg(line ORDER BY changed_at DESC, id DESC), '[]'::json)
            FROM ({_THANKS}) thanks),
        'my_handshake', (SELECT {SHAKE_JSON} FROM feed_handshakes h {SHAKE_CARDS}
            WHERE h.post_id = p.id AND h.asker_id = :me
            ORDER BY h.asked_at DESC, h.id DESC LIMIT 1)
    )::text
    FROM feed_aid_posts a JOIN feed_posts p ON p.id = a.post_id
    WHERE a.post_id = :post
    """  # noqa: S608 - all of it stands here
)


def aid_json(session: Session, post_id: str, me: str) -> str | None:
    """How an offer, need or thing stands, as ``me`` sees it; None when the post is only words."""
    values = {"post": post_id, "me": me, "any_time": multirange(ANY_TIME), "advice": _ADVICE}
    found: str | None = session.scalar(_AID, {**values, **FIXED, **NAMES})
    return found


# -- what the committee watches over --------------------------------------------------------

_MINORS = text(
    f"""
    SELECT json_build_object(
        'post_id', p.id,
        'title', p.title,
        'kind', a.kind,
        'skill_kind', p.extra ->> 'skill_kind',
        'state', a.state,
        'author', {author_json("p.hide_name", "p.author_id", "''")},
        'created_at', p.created_at,
        'flagged_at', a.flagged_at,
        'no_shows', (SELECT count(*) FROM feed_handshakes h
            WHERE h.post_id = p.id AND h.state = 'no_show'),
        'handshakes', (SELECT coalesce(json_agg(shake ORDER BY asked_at DESC, id DESC), '[]'::json)
            FROM (SELECT {SHAKE_JSON} AS shake, h.asked_at, h.id
                FROM feed_handshakes h {SHAKE_CARDS} WHERE h.post_id = p.id
                ORDER BY h.asked_at DESC, h.id DESC LIMIT 20) newest)
    )::text AS item, a.flagged_at AS at, a.post_id AS id
    FROM feed_aid_posts a JOIN feed_posts p ON p.id = a.post_id {AUTHORS_CARD}
    WHERE a.community_id = :community AND a.minors AND p.state <> 'deleted'
        AND (a.flagged_at, a.post_id) < (cast(:before AS timestamptz), :before_id)
    ORDER BY a.flagged_at DESC, a.post_id DESC
    LIMIT :take
    """  # noqa: S608 - all of it stands here
)

_NO_SHOWS = text(
    f"""
    SELECT json_build_object(
        'person', {author_json("false", "m.person_id", "''")},
        'count', m.count,
        'last_at', m.at
    )::text AS item, m.at, m.person_id AS id
    FROM (
        SELECT h.missed_by AS person_id, count(*) AS count, max(h.changed_at) AS at
        FROM feed_handshakes h
        LEFT JOIN LATERAL (
            SELECT max(at) AS at FROM feed_no_show_clearances c
            WHERE c.community_id = h.community_id AND c.person_id = h.missed_by) cleared ON true
        WHERE h.community_id = :community AND h.state = 'no_show' AND h.changed_at > :since
            AND (cleared.at IS NULL OR h.changed_at > cleared.at)
        GROUP BY h.missed_by HAVING count(*) > :allowed
    ) m
    LEFT JOIN directory_cards card
        ON card.community_id = :community AND card.person_id = m.person_id
    WHERE (m.at, m.person_id) < (cast(:before AS timestamptz), :before_id)
    ORDER BY m.at DESC, m.person_id DESC
    LIMIT :take
    """  # noqa: S608 - all of it stands here
)


def minors_page(
    session: Session, community_id: str, *, me: str, limit: int, cursor: str | None
) -> str:
    """A page of help that concerns children as JSON text; what was flagged last comes first."""
    values = {"community": community_id, "me": me, "take": limit + 1, **before(cursor)}
    rows = session.execute(_MINORS, {**values, **FIXED, **NAMES}).mappings().all()
    return _by_time(rows, limit)


def no_shows_page(
    session: Session, community_id: str, *, since: datetime, limit: int, cursor: str | None
) -> str:
    """A page of who did not come too often as JSON text, the latest first."""
    values = {"community": community_id, "since": since, "allowed": NO_SHOWS_ALLOWED}
    place = {"take": limit + 1, **before(cursor)}
    rows = session.execute(_NO_SHOWS, {**values, **place, **NAMES}).mappings().all()
    return _by_time(rows, limit)


def _by_time(rows: Any, limit: int) -> str:
    shown: list[RowMapping] = list(rows[:limit])
    following = None
    if len(rows) > limit:
        following = encode_cursor(shown[-1]["at"].isoformat(), shown[-1]["id"])
    return page_json(shown, following)


def cleared_at(session: Session, community_id: str, person_id: str) -> datetime | None:
    """When the committee last gave its word for somebody."""
    at: datetime | None = session.scalar(
        text(
            "SELECT max(at) FROM feed_no_show_clearances "
            "WHERE community_id = :community AND person_id = :person"
        ),
        {"community": community_id, "person": person_id},
    )
    return at


def no_shows(session: Session, community_id: str, person_id: str, since: datetime) -> int:
    """How often somebody did not come since then."""
    count = session.scalar(
        text(
            "SELECT count(*) FROM feed_handshakes WHERE community_id = :community "
            "AND missed_by = :person AND state = 'no_show' AND changed_at > :since"
        ),
        {"community": community_id, "person": person_id, "since": since},
    )
    return int(count or 0)
