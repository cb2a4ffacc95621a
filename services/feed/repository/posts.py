"""Posts: one of them, and pages of them."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import text
from sqlalchemy.orm import Session

from services.contracts.ids import is_id
from services.feed.domain.posts import PINNED_FIRST
from services.feed.domain.texts import like_pattern
from services.feed.repository.comments import ANSWERS_JSON
from services.feed.repository.shared import NAMES, NEWEST, author_json, check_moment, page_json
from services.kit.pages import BadCursor, decode_cursor, encode_cursor

BODY_IN_LISTS = 500  # characters

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
        'author', {author_json(_HIDDEN, "p.author_id", "''")},
        'assisted_by', CASE WHEN p.assisted_by IS NULL OR {_HIDDEN} THEN NULL
            ELSE json_build_object('id', p.assisted_by,
                'display_name', coalesce(helper.display_name, :helper)) END,
        'author_role', nullif(p.author_role, ''),
        'official', p.author_role <> '',
        'mine', p.author_id = :me,
        'hide_name', p.hide_name,
        'extra', p.extra,
        'attachments', p.attachments,
        'state', p.state,
        'pinned', p.pinned_at IS NOT NULL,
        'issue_id', p.issue_id,
        'like_count', p.like_count,
        'liked_by_me', my_like.person_id IS NOT NULL,
        'comment_count', p.comment_count,
        'answers', CASE WHEN :whole THEN {ANSWERS_JSON} ELSE '[]'::json END,
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

# What a list shows: shown, not past its end.
_SHOWN = "state = 'shown' AND (expires_at IS NULL OR expires_at > :now)"


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
    state: str


def post_head(session: Session, post_id: str) -> PostHead | None:
    """The head of a post that was not deleted, whoever may see it."""
    row = session.execute(
        text(
            "SELECT id, community_id, path, module, author_id, hide_name, issue_id, state "
            "FROM feed_posts WHERE id = :id AND state <> 'deleted'"
        ),
        {"id": post_id},
    ).first()
    return PostHead(*row) if row else None


def post_json(session: Session, post_id: str, me: str) -> str | None:
    """One post as JSON text, as ``me`` sees it; None when it was deleted."""
    found: str | None = session.scalar(
        text(
            f"SELECT {_POST_JSON} FROM feed_posts p {_POST_JOINS} "  # noqa: S608
            "WHERE p.id = :id AND p.state <> 'deleted'"
        ),
        {"id": post_id, "me": me, "whole": True, "moderator": False, **NAMES},
    )
    return found


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
        check_moment(before)
        check_moment(as_of)
        if not (before_id == "" or is_id(before_id)):
            raise BadCursor()
        if not (pinned.isascii() and pinned.isdigit() and len(pinned) <= 3):
            raise BadCursor()
        return cls(before, before_id, as_of, int(pinned))


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
    place = Place(NEWEST, "", now.isoformat(), limit) if cursor is None else Place.read(cursor)
    values: dict[str, Any] = {
        "community": community_id,
        "modules": list(modules),
        "me": me,
        "now": now,
        "whole": False,
        "moderator": False,
        "before": place.before,
        "before_id": place.before_id,
        "as_of": place.as_of,
        "pinned_limit": 0 if words else place.pinned,
        "pinned_first": PINNED_FIRST,
        "first": first,
        "take": limit + 1,
        **NAMES,
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
            (NEWEST, "") if last["part"] == 0 else (last["created_at"].isoformat(), last["id"])
        )
        following = encode_cursor(at, last_id, place.as_of, str(pinned))
    return page_json(shown, following)


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
