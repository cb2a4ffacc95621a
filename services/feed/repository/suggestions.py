"""Suggestions with the posts that they are about; one statement a page."""

from sqlalchemy import text
from sqlalchemy.orm import Session

from services.contracts.ids import is_id
from services.feed.repository.shared import NEWEST, check_moment, page_json
from services.kit.pages import BadCursor, decode_cursor, encode_cursor

EXCERPT = 200  # characters

_JSON = f"""
    (s.said::jsonb || jsonb_build_object(
        'post_id', p.id,
        'title', p.title,
        'excerpt', left(p.body, {EXCERPT}),
        'module', p.module,
        'state', s.state,
        'posted_at', p.created_at,
        'suggested_at', s.came_at
    ))::text AS item"""

_FROM = "FROM feed_suggestions s JOIN feed_posts p ON p.id = s.post_id"


def suggestion_json(session: Session, post_id: str) -> str | None:
    """The suggestion for a post as JSON text; None when there is none."""
    found: str | None = session.scalar(
        text(f"SELECT {_JSON} {_FROM} WHERE s.post_id = :id"),
        {"id": post_id},
    )
    return found


def open_page(session: Session, community_id: str, limit: int, cursor: str | None) -> str:
    """A page of open suggestions as JSON text, the newest first; of posts that are shown."""
    before, before_id = NEWEST, ""
    if cursor is not None:
        before, before_id = decode_cursor(cursor, 2)
        check_moment(before)
        if not is_id(before_id):
            raise BadCursor()
    rows = session.execute(
        text(
            f"""
            SELECT {_JSON}, s.came_at, s.post_id {_FROM}
            WHERE s.community_id = :community AND s.state = 'open' AND p.state = 'shown'
                AND (s.came_at, s.post_id) < (cast(:before AS timestamptz), :before_id)
            ORDER BY s.came_at DESC, s.post_id DESC LIMIT :take
            """
        ),
        {"community": community_id, "before": before, "before_id": before_id, "take": limit + 1},
    ).mappings()
    found = rows.all()
    shown = found[:limit]
    following = None
    if len(found) > limit:
        following = encode_cursor(shown[-1]["came_at"].isoformat(), shown[-1]["post_id"])
    return page_json(shown, following)
