"""Supervision questions with their answers; each list is one statement."""

from typing import Any

from sqlalchemy import RowMapping, text
from sqlalchemy.orm import Session

from services.contracts.ids import is_id
from services.feed.repository.shared import NAMES, NEWEST, author_json, check_moment, page_json
from services.kit.pages import BadCursor, decode_cursor, encode_cursor

_HIDDEN = "(q.hide_name AND q.asker_id <> :me)"
_STATE = (
    "CASE WHEN q.answered_at IS NOT NULL THEN 'answered' "
    "WHEN q.due_at <= :now THEN 'overdue' ELSE 'open' END"
)

# Whose words the reader sees: ``keeps`` are the modules in which she answers or moderates;
# ``answers`` are those in which she answers.
_READ = "(q.state = 'shown' OR q.asker_id = :me OR p.module = ANY(:keeps))"
_LISTED = f"(q.state = 'taken_down' OR {_READ})"
_OWED = "q.state IN ('shown', 'waiting')"

_JSON = f"""
    json_build_object(
        'id', q.id,
        'post_id', q.post_id,
        'post_title', p.title,
        'community_id', q.community_id,
        'line', q.line,
        'body', CASE WHEN {_READ} THEN q.body ELSE '' END,
        'asker', {author_json(_HIDDEN, f"CASE WHEN {_READ} THEN q.asker_id END", "''")},
        'mine', q.asker_id = :me,
        'asked_at', q.asked_at,
        'due_at', q.due_at,
        'state', {_STATE},
        'answer', q.answer,
        'answered_by', CASE WHEN q.answered_by IS NULL THEN NULL
            ELSE {author_json("false", "q.answered_by", "''", "officer")} END,
        'answered_role', nullif(q.answered_role, ''),
        'answered_at', q.answered_at,
        'content_state', q.state,
        'attachments', q.attachments,
        'may_answer', q.answered_at IS NULL AND {_OWED} AND q.asker_id <> :me
            AND p.module = ANY(:answers)
    )::text AS item"""

_FROM = f"""
    FROM feed_questions q
    JOIN feed_posts p ON p.id = q.post_id
    LEFT JOIN directory_cards card
        ON card.community_id = q.community_id AND card.person_id = q.asker_id AND {_READ}
    LEFT JOIN directory_cards officer
        ON officer.community_id = q.community_id AND officer.person_id = q.answered_by"""

_IN_STATE = f"{_LISTED} AND (cast(:state AS text) IS NULL OR {_STATE} = :state AND {_OWED})"


def question_json(session: Session, question_id: str, now: Any, **reader: Any) -> str:
    """One question as JSON text, as the ``reader`` sees it (``me``, ``keeps``, ``answers``)."""
    found: str = session.execute(
        text(f"SELECT {_JSON} {_FROM} WHERE q.id = :id"),
        {"id": question_id, "now": now, **NAMES, **reader},
    ).scalar_one()
    return found


def of_post(session: Session, post_id: str, limit: int, cursor: str | None, **values: Any) -> str:
    """A page of the questions about a post, the newest first."""
    before, before_id = _place(cursor, NEWEST)
    rows = session.execute(
        text(
            f"""
            SELECT {_JSON}, q.asked_at AS at, q.id {_FROM}
            WHERE q.post_id = :post AND {_IN_STATE}
                AND (q.asked_at, q.id) < (cast(:before AS timestamptz), :before_id)
            ORDER BY q.asked_at DESC, q.id DESC LIMIT :take
            """
        ),
        {
            "post": post_id,
            "before": before,
            "before_id": before_id,
            "take": limit + 1,
            **NAMES,
            **values,
        },
    )
    return _page(rows.mappings().all(), limit)


def of_community(
    session: Session, community_id: str, limit: int, cursor: str | None, **values: Any
) -> str:
    """A page of a community's questions, those due first at the head."""
    after, after_id = _place(cursor, "-infinity")
    rows = session.execute(
        text(
            f"""
            SELECT {_JSON}, q.due_at AS at, q.id {_FROM}
            WHERE q.community_id = :community AND p.state = 'shown' AND {_IN_STATE}
                AND (q.due_at, q.id) > (cast(:after AS timestamptz), :after_id)
            ORDER BY q.due_at, q.id LIMIT :take
            """
        ),
        {
            "community": community_id,
            "after": after,
            "after_id": after_id,
            "take": limit + 1,
            **NAMES,
            **values,
        },
    )
    return _page(rows.mappings().all(), limit)


def _place(cursor: str | None, start: str) -> tuple[str, str]:
    if cursor is None:
        return start, ""
    at, last_id = decode_cursor(cursor, 2)
    check_moment(at)
    if not is_id(last_id):
        raise BadCursor()
    return at, last_id


def _page(rows: Any, limit: int) -> str:
    shown: list[RowMapping] = list(rows[:limit])
    following = None
    if len(rows) > limit:
        following = encode_cursor(shown[-1]["at"].isoformat(), shown[-1]["id"])
    return page_json(shown, following)


def waiting_of(session: Session, person_id: str, community_id: str) -> int:
    """How many of somebody's questions in a community wait for an answer."""
    found = session.scalar(
        text(
            "SELECT count(*) FROM feed_questions WHERE asker_id = :person "
            "AND community_id = :community AND answered_at IS NULL "
            "AND state IN ('shown', 'waiting')"
        ),
        {"person": person_id, "community": community_id},
    )
    return int(found or 0)
