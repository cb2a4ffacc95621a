"""Handshakes: one of them, pages of them, those that time ends."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import or_, select, text
from sqlalchemy.orm import Session

from services.feed.domain.handshake import OBJECTION, OPEN
from services.feed.models import Handshake
from services.feed.repository.shared import NAMES, NEWEST, author_json, check_moment, page_json
from services.kit.pages import decode_cursor, encode_cursor

FIXED = {"objection": OBJECTION}  # what SHAKE_JSON asks for besides ``me`` and the names
HIDDEN = "(p.hide_name AND p.author_id <> :me)"

# ``h`` is the handshake and ``p`` its post.
SHAKE_CARDS = """
    LEFT JOIN directory_cards author
        ON author.community_id = h.community_id AND author.person_id = h.author_id
    LEFT JOIN directory_cards asker
        ON asker.community_id = h.community_id AND asker.person_id = h.asker_id"""


def helped_count(community: str, person: str) -> str:
    """SQL: how often somebody was thanked for help in a community that she gave with her name.

    What she gave as a hidden author does not count: the number would rise with the thanks there,
    and so tell who she is.
    """
    return f"""(SELECT count(*) FROM feed_handshakes t JOIN feed_posts offered
            ON offered.id = t.post_id
        WHERE t.community_id = {community} AND t.helper_id = {person}
            AND t.state = 'thanked' AND t.kind <> 'idle'
            AND NOT (offered.hide_name AND offered.author_id = t.helper_id))"""  # noqa: S608


def _party(person: str) -> str:
    return f"CASE {person} WHEN h.author_id THEN 'author' WHEN h.asker_id THEN 'asker' END"


SHAKE_JSON = f"""
    jsonb_build_object(
        'id', h.id,
        'post_id', h.post_id,
        'community_id', h.community_id,
        'title', CASE WHEN p.state = 'shown' OR p.author_id = :me THEN p.title ELSE '' END,
        'kind', h.kind,
        'state', h.state,
        'role', {_party(":me")},
        'author', {author_json(HIDDEN, "h.author_id", "''", "author")},
        'asker', {author_json("false", "h.asker_id", "''", "asker")},
        'helper', {_party("h.helper_id")},
        'helped_count', CASE WHEN h.helper_id = h.asker_id OR NOT {HIDDEN}
            THEN {helped_count("h.community_id", "h.helper_id")} END,
        'minors', h.minors,
        'note', h.note,
        'slots', h.slots,
        'thanks', h.thanks,
        'done_by', {_party("h.done_by")},
        'missed_by', {_party("h.missed_by")},
        'asked_at', h.asked_at,
        'changed_at', h.changed_at,
        'due_at', h.due_at,
        'object_by', CASE WHEN h.state = 'done' AND (h.kind <> 'idle' OR h.done_by <> h.asker_id)
            THEN h.changed_at + cast(:objection AS interval) END
    )"""
_FROM = f"FROM feed_handshakes h JOIN feed_posts p ON p.id = h.post_id {SHAKE_CARDS}"

_STEPS = f"""
    jsonb_build_object('steps', (
        SELECT coalesce(jsonb_agg(jsonb_build_object(
            'state', s.state, 'by', {_party("s.by")}, 'note', s.note, 'at', s.at)
            ORDER BY s.at, s.id), '[]'::jsonb)
        FROM feed_handshake_steps s WHERE s.handshake_id = h.id))"""  # noqa: S608


def handshake_json(session: Session, handshake_id: str, me: str, *, steps: bool = False) -> str:
    """One handshake as JSON text, as ``me`` sees it, with its steps if they are wanted."""
    shape = f"{SHAKE_JSON} || {_STEPS}" if steps else SHAKE_JSON
    found: str = session.execute(
        text(f"SELECT ({shape})::text {_FROM} WHERE h.id = :id"),
        {"id": handshake_id, "me": me, **FIXED, **NAMES},
    ).scalar_one()
    return found


_OF_POST = text(
    f"""
    SELECT {SHAKE_JSON}::text AS item, h.asked_at AS at, h.id {_FROM}
    WHERE h.post_id = :post AND (h.author_id = :me OR h.asker_id = :me)
        AND (h.asked_at, h.id) < (cast(:before AS timestamptz), :before_id)
    ORDER BY h.asked_at DESC, h.id DESC
    LIMIT :take
    """
)

_MINE_BY = """
    (SELECT id, changed_at FROM feed_handshakes
    WHERE {who} = :me AND state = ANY(:states)
        AND (changed_at, id) < (cast(:before AS timestamptz), :before_id)
    ORDER BY changed_at DESC, id DESC LIMIT :take)"""
_MINE = text(
    f"""
    SELECT {SHAKE_JSON}::text AS item, h.changed_at AS at, h.id {_FROM}
    WHERE h.id IN (
        SELECT id FROM (
            {_MINE_BY.format(who="author_id")} UNION ALL {_MINE_BY.format(who="asker_id")}
        ) either
        ORDER BY changed_at DESC, id DESC LIMIT :take)
    ORDER BY h.changed_at DESC, h.id DESC
    """  # noqa: S608 - all of it stands here
)
_ALL_STATES = ("asked", "agreed", "declined", "done", "thanked", "no_show", "cancelled")


def handshakes_page(
    session: Session, post_id: str, *, me: str, limit: int, cursor: str | None
) -> str:
    """A page of a post's handshakes that are ``me``'s to see, newest first, as JSON text."""
    return _page(session, _OF_POST, {"post": post_id, "me": me}, limit, cursor)


def my_handshakes_page(
    session: Session, me: str, *, open_only: bool, limit: int, cursor: str | None
) -> str:
    """A page of somebody's handshakes, those that moved last first, as JSON text."""
    states = sorted(OPEN) if open_only else list(_ALL_STATES)
    return _page(session, _MINE, {"me": me, "states": states}, limit, cursor)


def _page(
    session: Session, statement: Any, values: dict[str, Any], limit: int, cursor: str | None
) -> str:
    place = {"take": limit + 1, **before(cursor)}
    rows = session.execute(statement, {**values, **place, **FIXED, **NAMES}).mappings().all()
    shown = rows[:limit]
    following = None
    if len(rows) > limit:
        following = encode_cursor(shown[-1]["at"].isoformat(), shown[-1]["id"])
    return page_json(shown, following)


def before(cursor: str | None) -> dict[str, str]:
    """Where a list begins that goes back in time."""
    moment, row_id = (NEWEST, "") if cursor is None else decode_cursor(cursor, 2)
    check_moment(moment)
    return {"before": moment, "before_id": row_id}


def open_handshake(session: Session, post_id: str, asker_id: str) -> bool:
    """Whether somebody has a handshake with a post that is not over."""
    found = session.scalar(
        text(
            "SELECT 1 FROM feed_handshakes WHERE post_id = :post AND asker_id = :asker "
            "AND state = ANY(:open)"
        ),
        {"post": post_id, "asker": asker_id, "open": sorted(OPEN)},
    )
    return found is not None


def take_overdue(session: Session, now: datetime, limit: int) -> Sequence[Handshake]:
    """Handshakes that time ends, their posts locked; another process takes others."""
    due = session.execute(
        text(
            """
            SELECT h.id FROM feed_handshakes h JOIN feed_posts p ON p.id = h.post_id
            WHERE h.due_at <= :now ORDER BY h.due_at LIMIT :limit
            FOR NO KEY UPDATE OF p SKIP LOCKED
            """
        ),
        {"now": now, "limit": limit},
    )
    found = []
    for handshake_id in due.scalars():
        shake = session.get_one(
            Handshake, handshake_id, with_for_update=True, populate_existing=True
        )
        if shake.due_at is not None and shake.due_at <= now:  # it may have moved meanwhile
            found.append(shake)
    return found


def take_open_of(session: Session, person_id: str, community_id: str | None) -> Sequence[Handshake]:
    """What somebody has asked or agreed on and not ended, locked; the posts are already."""
    mine = select(Handshake).where(
        or_(Handshake.author_id == person_id, Handshake.asker_id == person_id),
        Handshake.state.in_(sorted(OPEN)),
    )
    if community_id is not None:
        mine = mine.where(Handshake.community_id == community_id)
    locked = mine.order_by(Handshake.id).with_for_update()
    return session.scalars(locked.execution_options(populate_existing=True)).all()
