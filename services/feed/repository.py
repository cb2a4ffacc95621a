"""Queries of feed. Lists and single posts leave the database as finished JSON text.

One place makes the JSON of a post and one that of a comment, whether it stands alone or in a
list; a page is one statement, however many rows it has.
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import RowMapping, text
from sqlalchemy.orm import Session

from services.contracts.ids import is_id
from services.feed.domain import (
    ANONYMOUS_NAME,
    HELPER_NAME,
    PINNED_FIRST,
    UNKNOWN_NAME,
    like_pattern,
)
from services.kit.pages import BadCursor, decode_cursor, encode_cursor

BODY_IN_LISTS = 500  # characters


def _author(hidden: str, person: str, fallback: str) -> str:
    """SQL for the author block; ``card`` is the joined directory card."""
    return f"""
        json_build_object(
            'id', CASE WHEN {hidden} THEN NULL ELSE {person} END,
            'display_name', CASE WHEN {hidden} THEN :anonymous
                ELSE coalesce(card.display_name, nullif({fallback}, ''), :unknown) END,
            'building_label', CASE WHEN {hidden} THEN '' ELSE coalesce(card.building_label, '') END,
            'badge_shown', NOT ({hidden}) AND coalesce(card.badge_shown, false),
            'role_badges', CASE WHEN {hidden} OR card.role_badges IS NULL THEN '[]'::json
                ELSE to_json(card.role_badges) END,
            'anonymous', {hidden}
        )"""


_HIDDEN = "(p.hide_name AND p.author_id <> :me)"

# Who knows the helper would guess the author, so a hidden name hides both.
_POST_JSON = f"""
    json_build_object(
        'id', p.id,
        'community_id', p.community_id,
        'module', p.module,
        'title', p.title,
        'body', CASE WHEN :whole THEN p.body ELSE left(p.body, {BODY_IN_LISTS}) END,
        'body_cut', NOT :whole AND length(p.body) > {BODY_IN_LISTS},
        'author', {_author(_HIDDEN, "p.author_id", "''")},
        'assisted_by', CASE WHEN p.assisted_by IS NULL OR {_HIDDEN} THEN NULL
            ELSE json_build_object('id', p.assisted_by,
                'display_name', coalesce(helper.display_name, :helper)) END,
        'author_role', nullif(p.author_role, ''),
        'official', p.author_role <> '',
        'mine', p.author_id = :me,
        'hide_name', p.hide_name,
        'extra', p.extra,
        'attachments', p.attachments,
        'pinned', p.pinned_at IS NOT NULL,
        'issue_id', p.issue_id,
        'like_count', p.like_count,
        'liked_by_me', my_like.person_id IS NOT NULL,
        'comment_count', p.comment_count,
        'created_at', p.created_at,
        'edited_at', p.edited_at,
        'expires_at', p.expires_at
    )::text AS item"""

_POST_JOINS = """
    LEFT JOIN directory_cards card
        ON card.community_id = p.community_id AND card.person_id = p.author_id
    LEFT JOIN directory_cards helper
        ON helper.community_id = p.community_id AND helper.person_id = p.assisted_by
    LEFT JOIN feed_likes my_like ON my_like.post_id = p.id AND my_like.person_id = :me"""

# What a list shows: not removed, not past its end.
_SHOWN = "removed_at IS NULL AND (expires_at IS NULL OR expires_at > :now)"

_COMMENT_JSON = f"""
    json_build_object(
        'id', c.id,
        'post_id', c.post_id,
        'body', c.body,
        'author', {
    _author(
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

_NAMES = {"anonymous": ANONYMOUS_NAME, "unknown": UNKNOWN_NAME, "helper": HELPER_NAME}


@dataclass(frozen=True, slots=True)
class PostHead:
    """What the rules want to know of a post."""

    id: str
    community_id: str
    path: str
    module: str
    author_id: str
    hide_name: bool
    issue_id: str | None


def post_head(session: Session, post_id: str) -> PostHead | None:
    """The head of a post that was not removed."""
    row = session.execute(
        text(
            "SELECT id, community_id, path, module, author_id, hide_name, issue_id "
            "FROM feed_posts WHERE id = :id AND removed_at IS NULL"
        ),
        {"id": post_id},
    ).first()
    return PostHead(*row) if row else None


def post_json(session: Session, post_id: str, me: str) -> str | None:
    """One post as JSON text, as ``me`` sees it; None when it was removed."""
    found: str | None = session.scalar(
        text(
            f"SELECT {_POST_JSON} FROM feed_posts p {_POST_JOINS} "  # noqa: S608
            "WHERE p.id = :id AND p.removed_at IS NULL"
        ),
        {"id": post_id, "me": me, "whole": True, **_NAMES},
    )
    return found


def comment_json(session: Session, comment_id: str, me: str) -> str:
    """One comment as JSON text, as ``me`` sees it."""
    found: str = session.execute(
        text(f"SELECT {_COMMENT_JSON} {_COMMENT_FROM} WHERE c.id = :id"),
        {"id": comment_id, "me": me, **_NAMES},
    ).scalar_one()
    return found


# -- pages --------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Place:
    """Where a page of posts begins.

    Pinned posts stand on the first page only, and each post on one page only: so a later page
    leaves out the ``pinned`` first ones of those that were pinned when the first page was asked
    for (``as_of``). A post pinned meanwhile still comes at its time.
    """

    before: str
    before_id: str
    as_of: str
    pinned: int

    @classmethod
    def read(cls, cursor: str) -> "Place":
        """The place that a cursor names; :class:`BadCursor` when it is not one of ours."""
        before, before_id, as_of, pinned = decode_cursor(cursor, 4)
        _check_moment(before)
        _check_moment(as_of)
        if not (before_id == "" or is_id(before_id)):
            raise BadCursor()
        if not (pinned.isascii() and pinned.isdigit() and len(pinned) <= 3):
            raise BadCursor()
        return cls(before, before_id, as_of, int(pinned))


_NEWEST = "infinity"


def _check_moment(value: str) -> None:
    if value == _NEWEST:
        return
    try:
        moment = datetime.fromisoformat(value)
        # As we wrote it: Python reads notations and offsets that PostgreSQL refuses.
        ours = moment.tzinfo is not None and moment.astimezone(UTC).isoformat() == value
    except (ValueError, OverflowError):
        raise BadCursor() from None
    if not ours or moment.year < 1970:
        raise BadCursor()


def posts_page(
    session: Session,
    *,
    community_id: str,
    modules: Sequence[str],
    words: Sequence[str],
    me: str,
    now: datetime,
    limit: int,
    cursor: str | None,
) -> str:
    """A page of posts as JSON text; see ``ListPosts`` for its order.

    Args:
        modules: one module, or all that the community has switched on.
        words: all must occur in title or body; a search has no pinned posts first.
    """
    first = cursor is None
    place = Place(_NEWEST, "", now.isoformat(), limit) if cursor is None else Place.read(cursor)
    values: dict[str, Any] = {
        "community": community_id,
        "modules": list(modules),
        "me": me,
        "now": now,
        "whole": False,
        "before": place.before,
        "before_id": place.before_id,
        "as_of": place.as_of,
        "pinned_limit": 0 if words else place.pinned,
        "pinned_first": PINNED_FIRST,
        "first": first,
        "take": limit + 1,
        **_NAMES,
    }
    conditions = []
    if len(modules) == 1:
        # an equation besides ANY: only then does the index of the module give the order
        conditions.append("module = :module")
        values["module"] = modules[0]
    for number, word in enumerate(words):
        conditions.append(f"(title ILIKE :word{number} OR body ILIKE :word{number})")
        values[f"word{number}"] = like_pattern(word)
    narrowed = "".join(f" AND {condition}" for condition in conditions)
    statement = text(_PAGE.replace("{narrowed}", narrowed))
    rows = session.execute(statement, values).mappings().all()
    shown = rows[:limit]
    following = None
    if len(rows) > limit:
        pinned = sum(row["part"] == 0 for row in shown) if first else place.pinned
        last = shown[-1]
        at, last_id = (
            (_NEWEST, "") if last["part"] == 0 else (last["created_at"].isoformat(), last["id"])
        )
        following = encode_cursor(at, last_id, place.as_of, str(pinned))
    return _page(shown, following)


_PAGE = f"""
    WITH pinned AS (
        SELECT id, row_number() OVER (ORDER BY pinned_at DESC, id DESC) AS place
        FROM (
            SELECT id, pinned_at,
                row_number() OVER (PARTITION BY module ORDER BY pinned_at DESC, id DESC) AS nth
            FROM feed_posts
            WHERE community_id = :community AND module = ANY(:modules)
                AND pinned_at <= cast(:as_of AS timestamptz) AND {_SHOWN}
        ) ranked
        WHERE nth <= :pinned_first
        ORDER BY pinned_at DESC, id DESC
        LIMIT :pinned_limit
    ),
    flow AS (
        SELECT id, created_at
        FROM feed_posts
        WHERE community_id = :community AND module = ANY(:modules) AND {_SHOWN}{{narrowed}}
            AND (created_at, id) < (cast(:before AS timestamptz), :before_id)
            AND id NOT IN (SELECT id FROM pinned)
        ORDER BY created_at DESC, id DESC
        LIMIT :take
    ),
    page AS (
        SELECT id, 0 AS part, place FROM pinned WHERE :first
        UNION ALL
        SELECT id, 1, row_number() OVER (ORDER BY created_at DESC, id DESC) FROM flow
        ORDER BY part, place
        LIMIT :take
    )
    SELECT {_POST_JSON}, p.id, p.created_at, page.part
    FROM page JOIN feed_posts p ON p.id = page.id {_POST_JOINS}
    ORDER BY page.part, page.place
"""  # noqa: S608 - all of it stands here


def comments_page(
    session: Session, *, post_id: str, me: str, limit: int, cursor: str | None
) -> str:
    """A page of a post's comments as JSON text, oldest first."""
    after, after_id = "-infinity", ""
    if cursor is not None:
        after, after_id = decode_cursor(cursor, 2)
        _check_moment(after)
        if not is_id(after_id):
            raise BadCursor()
    values = {
        "post": post_id,
        "me": me,
        "after": after,
        "after_id": after_id,
        "take": limit + 1,
        **_NAMES,
    }
    rows = session.execute(text(_COMMENTS), values).mappings().all()
    shown = rows[:limit]
    following = None
    if len(rows) > limit:
        following = encode_cursor(shown[-1]["created_at"].isoformat(), shown[-1]["id"])
    return _page(shown, following)


_COMMENTS = f"""
    SELECT {_COMMENT_JSON}, c.id, c.created_at {_COMMENT_FROM}
    WHERE c.post_id = :post AND (c.created_at, c.id) > (cast(:after AS timestamptz), :after_id)
    ORDER BY c.created_at, c.id
    LIMIT :take
"""


def _page(rows: Sequence[RowMapping], cursor: str | None) -> str:
    items = ",".join(row["item"] for row in rows)
    return f'{{"items":[{items}],"next_cursor":{json.dumps(cursor)}}}'


# -- counters -----------------------------------------------------------------------------------


def count_comment(session: Session, post_id: str) -> bool:
    """Count one comment more; False when the post was removed meanwhile."""
    done = session.execute(
        text(
            "UPDATE feed_posts SET comment_count = comment_count + 1 "
            "WHERE id = :id AND removed_at IS NULL"
        ),
        {"id": post_id},
    )
    return bool(done.rowcount)  # type: ignore[attr-defined]


def put_like(session: Session, post_id: str, person_id: str, now: datetime) -> bool:
    """Keep the like of a person; False when it stood already."""
    done = session.execute(
        text(
            "INSERT INTO feed_likes (post_id, person_id, created_at) VALUES (:post, :person, :now) "
            "ON CONFLICT DO NOTHING"
        ),
        {"post": post_id, "person": person_id, "now": now},
    )
    return bool(done.rowcount)  # type: ignore[attr-defined]


def drop_like(session: Session, post_id: str, person_id: str) -> bool:
    """Drop the like of a person; False when there was none."""
    done = session.execute(
        text("DELETE FROM feed_likes WHERE post_id = :post AND person_id = :person"),
        {"post": post_id, "person": person_id},
    )
    return bool(done.rowcount)  # type: ignore[attr-defined]


def add_likes(session: Session, post_id: str, by: int) -> int | None:
    """The likes of a post after adding ``by``; None when the post was removed meanwhile.

    The row lock that this takes lasts until the commit: likes of one post queue here, so that
    the counter and the rows of ``feed_likes`` cannot part.
    """
    count: int | None = session.scalar(
        text(
            "UPDATE feed_posts SET like_count = like_count + :by "
            "WHERE id = :id AND removed_at IS NULL RETURNING like_count"
        ),
        {"id": post_id, "by": by},
    )
    return count
