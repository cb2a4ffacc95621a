"""Comments: one of them, and pages of them."""

from datetime import datetime

from sqlalchemy import text
from sqlalchemy.orm import Session

from services.contracts.ids import is_id
from services.feed.repository.shared import NAMES, author_json, check_moment, page_json
from services.kit.pages import BadCursor, decode_cursor, encode_cursor

_COMMENT_JSON = f"""
    json_build_object(
        'id', c.id,
        'post_id', c.post_id,
        'body', c.body,
        'author', {
    author_json(
        "(p.hide_name AND c.author_id IS NOT DISTINCT FROM p.author_id AND p.author_id <> :me)",
        "c.author_id",
        "c.actor_name",
    )
},
        'actor_role', nullif(c.actor_role, ''),
        'official', c.official,
        'by_post_author', c.author_id IS NOT DISTINCT FROM p.author_id,
        'mine', c.author_id IS NOT DISTINCT FROM :me,
        'step', c.step,
        'reply_to', c.reply_to,
        'reply_to_name', CASE
            WHEN parent.id IS NULL THEN NULL
            WHEN p.hide_name AND parent.author_id IS NOT DISTINCT FROM p.author_id
                AND p.author_id <> :me THEN :anonymous
            ELSE coalesce(parent_card.display_name, nullif(parent.actor_name, ''), :unknown) END,
        'attachments', c.attachments,
        'created_at', c.created_at
    )::text AS item"""

_COMMENT_FROM = """
    FROM feed_comments c
    JOIN feed_posts p ON p.id = c.post_id
    LEFT JOIN directory_cards card
        ON card.community_id = p.community_id AND card.person_id = c.author_id
    LEFT JOIN feed_comments parent ON parent.id = c.reply_to
    LEFT JOIN directory_cards parent_card
        ON parent_card.community_id = p.community_id AND parent_card.person_id = parent.author_id"""


def comment_json(session: Session, comment_id: str, me: str) -> str:
    """One comment as JSON text, as ``me`` sees it."""
    found: str = session.execute(
        text(f"SELECT {_COMMENT_JSON} {_COMMENT_FROM} WHERE c.id = :id"),
        {"id": comment_id, "me": me, **NAMES},
    ).scalar_one()
    return found


def comments_page(
    session: Session, *, post_id: str, me: str, limit: int, cursor: str | None
) -> str:
    """A page of a post's comments as JSON text, oldest first."""
    after, after_id = "-infinity", ""
    if cursor is not None:
        after, after_id = decode_cursor(cursor, 2)
        check_moment(after)
        if not is_id(after_id):
            raise BadCursor()
    values = {
        "post": post_id,
        "me": me,
        "after": after,
        "after_id": after_id,
        "take": limit + 1,
        **NAMES,
    }
    rows = session.execute(text(_COMMENTS), values).mappings().all()
    shown = rows[:limit]
    following = None
    if len(rows) > limit:
        following = encode_cursor(shown[-1]["created_at"].isoformat(), shown[-1]["id"])
    return page_json(shown, following)


_COMMENTS = f"""
    SELECT {_COMMENT_JSON}, c.id, c.created_at {_COMMENT_FROM}
    WHERE c.post_id = :post AND (c.created_at, c.id) > (cast(:after AS timestamptz), :after_id)
    ORDER BY c.created_at, c.id
    LIMIT :take
"""


def count_comment(session: Session, post_id: str, now: datetime) -> bool:
    """Count one comment more; False when the post is not shown any more."""
    done = session.execute(
        text(
            "UPDATE feed_posts SET comment_count = comment_count + 1, "
            "active_at = greatest(active_at, :now) WHERE id = :id AND state = 'shown'"
        ),
        {"id": post_id, "now": now},
    )
    return bool(done.rowcount)  # type: ignore[attr-defined]
