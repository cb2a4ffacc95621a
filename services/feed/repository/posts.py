"""Posts: the JSON of one, whether it stands alone or in a list."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import text
from sqlalchemy.orm import Session

from services.feed.domain.guides import CHECK_EVERY
from services.feed.domain.modules import GUIDES
from services.feed.repository.comments import ANSWERS_JSON
from services.feed.repository.shared import NAMES, author_json
from services.kit.prepared import prepared

BODY_IN_LISTS = 500  # characters
TEXT_IN_LISTS = 200  # characters of each text in ``extra``; a line is not longer

# When a service guide should be looked at again; NULL for what is no guide.
CHECK_BY = f"""(CASE WHEN p.module = '{GUIDES}' THEN least(
    cast(p.extra ->> 'valid_until' AS timestamptz),
    coalesce(p.checked_at, p.created_at) + interval '{CHECK_EVERY.days} days') END)"""
_HIDDEN = "(p.hide_name AND p.author_id <> :me)"


_LONG = f"jsonb_typeof(value) = 'string' AND length(value #>> '{{}}') > {TEXT_IN_LISTS}"
_EXTRA_CUT = f"EXISTS (SELECT 1 FROM jsonb_each(p.extra) WHERE {_LONG})"  # noqa: S608
_EXTRA_SHORT = f"""(
    SELECT coalesce(jsonb_object_agg(key, CASE WHEN {_LONG}
        THEN to_jsonb(left(value #>> '{{}}', {TEXT_IN_LISTS})) ELSE value END), '{{}}')
    FROM jsonb_each(p.extra))"""  # noqa: S608 - all of it stands here


def _json(body: str, body_cut: str, extra: str, extra_cut: str, answers: str) -> str:
    """SQL for the JSON of a post; who knows the helper would guess a hidden author, too."""
    return f"""
    json_build_object(
        'id', p.id,
        'community_id', p.community_id,
        'module', p.module,
        'title', p.title,
        'body', {body},
        'body_cut', {body_cut},
        'author', {author_json(_HIDDEN, "p.author_id", "''")},
        'assisted_by', CASE WHEN p.assisted_by IS NULL OR {_HIDDEN} THEN NULL
            ELSE json_build_object('id', p.assisted_by,
                'display_name', coalesce(helper.display_name, :helper)) END,
        'author_role', nullif(p.author_role, ''),
        'official', p.author_role <> '',
        'mine', p.author_id = :me,
        'hide_name', p.hide_name,
        'extra', {extra},
        'extra_cut', {extra_cut},
        'aid', (SELECT json_build_object('kind', a.kind, 'state', a.state)
            FROM feed_aid_posts a WHERE a.post_id = p.id),
        'signs_up', EXISTS (SELECT 1 FROM feed_sign_up_events e WHERE e.post_id = p.id),
        'tags', p.tags,
        'praised', CASE WHEN p.praised_id IS NOT NULL THEN json_build_object(
            'id', p.praised_id,
            'display_name', coalesce(praised.display_name, :unknown),
            'building_label', coalesce(praised.building_label, ''),
            'role_badges', coalesce(to_json(praised.role_badges), '[]'::json)) END,
        'attachments', p.attachments,
        'state', p.state,
        'pinned', p.pinned_at IS NOT NULL,
        'issue_id', p.issue_id,
        'like_count', p.like_count,
        'liked_by_me', my_like.person_id IS NOT NULL,
        'comment_count', p.comment_count,
        'answers', {answers},
        'created_at', p.created_at,
        'edited_at', p.edited_at,
        'expires_at', p.expires_at,
        'version', p.version,
        'checked_at', CASE WHEN p.module = '{GUIDES}' THEN coalesce(p.checked_at, p.created_at) END,
        'check_by', {CHECK_BY},
        'stale', coalesce({CHECK_BY} <= :now, false)
    )::text AS item"""  # noqa: S608 - all of it stands here


_WHOLE = _json("p.body", "false", "p.extra", "false", ANSWERS_JSON)
LISTED = _json(
    f"left(p.body, {BODY_IN_LISTS})",
    f"length(p.body) > {BODY_IN_LISTS}",
    _EXTRA_SHORT,
    _EXTRA_CUT,
    "'[]'::json",
)
POST_JOINS = """
    LEFT JOIN directory_cards card
        ON card.community_id = p.community_id AND card.person_id = p.author_id
    LEFT JOIN directory_cards helper
        ON helper.community_id = p.community_id AND helper.person_id = p.assisted_by
    LEFT JOIN directory_cards praised
        ON praised.community_id = p.community_id AND praised.person_id = p.praised_id
    LEFT JOIN feed_likes my_like ON my_like.post_id = p.id AND my_like.person_id = :me"""


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
    expires_at: datetime | None


def post_head(session: Session, post_id: str) -> PostHead | None:
    """The head of a post that was not deleted, whoever may see it."""
    row = session.execute(
        prepared(
            "SELECT id, community_id, path, module, author_id, hide_name, issue_id, state, "
            "expires_at "
            "FROM feed_posts WHERE id = :id AND state <> 'deleted'"
        ),
        {"id": post_id},
    ).first()
    return PostHead(*row) if row else None


def on_record(session: Session, post_id: str) -> bool:
    """Whether a post carries what is kept: accounts, questions, a project's money or hours."""
    found: bool = session.execute(
        text(
            """
            SELECT EXISTS (
                    SELECT 1 FROM feed_ledgers WHERE post_id = :id AND state = 'published')
                OR EXISTS (SELECT 1 FROM feed_questions WHERE post_id = :id)
                OR EXISTS (SELECT 1 FROM feed_project_money WHERE post_id = :id)
                OR EXISTS (SELECT 1 FROM feed_project_hours
                    WHERE post_id = :id AND confirmed_at IS NOT NULL)
            """
        ),
        {"id": post_id},
    ).scalar_one()
    return found


def post_json(session: Session, post_id: str, me: str, now: datetime) -> str | None:
    """One post as JSON text, as ``me`` sees it; None when it was deleted."""
    found: str | None = session.scalar(
        prepared(
            f"SELECT {_WHOLE} FROM feed_posts p {POST_JOINS} "  # noqa: S608
            "WHERE p.id = :id AND p.state <> 'deleted'"
        ),
        {"id": post_id, "me": me, "now": now, "moderator": False, **NAMES},
    )
    return found
