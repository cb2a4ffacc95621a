"""Cases as moderators and authors see them, and the log: finished JSON, a page a statement."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import text
from sqlalchemy.orm import Session

from services.contracts.ids import is_id
from services.feed.domain.moderation import APPEAL_WITHIN
from services.feed.repository.shared import (
    NAMES,
    NEWEST,
    OLDEST,
    author_json,
    check_moment,
    page_json,
)
from services.kit.pages import BadCursor, decode_cursor, encode_cursor

EXCERPT = 200  # characters

# A question hides its own asker, whatever its post does.
_HIDDEN = (
    "(k.author_id <> :me AND CASE WHEN k.target = 'question' THEN coalesce(q.hide_name, false) "
    "ELSE p.hide_name AND k.author_id = p.author_id END)"
)

_SUMMARY = f"""
    'id', k.id,
    'community_id', k.community_id,
    'module', k.module,
    'target', k.target,
    'target_id', k.target_id,
    'post_id', k.post_id,
    'title', p.title,
    'excerpt', left(coalesce(k.evidence->>'body', ''), {EXCERPT}),
    'content_state', coalesce(q.state, c.state, p.state),
    'author', {author_json(_HIDDEN, "k.author_id", "''")},
    'opened_by', k.opened_by,
    'state', k.state,
    'held', k.held,
    'hits', k.hits,
    'reports', k.reports,
    'opened_at', k.opened_at,
    'decision', k.decision,
    'decided_at', k.decided_at,
    'appealed_at', k.appealed_at,
    'final_decision', k.final_decision,
    'final_at', k.final_at,
    'may_decide', k.state IN ('open', 'appealed') AND k.author_id <> :me
        AND k.decided_by IS DISTINCT FROM :me AND NOT EXISTS (
            SELECT 1 FROM feed_reports mine WHERE mine.case_id = k.id AND mine.reporter_id = :me)
"""  # noqa: S608

_FROM = """
    FROM feed_moderation_cases k
    JOIN feed_posts p ON p.id = k.post_id
    LEFT JOIN feed_comments c ON k.target = 'comment' AND c.id = k.target_id
    LEFT JOIN feed_questions q ON k.target = 'question' AND q.id = k.target_id
    LEFT JOIN directory_cards card
        ON card.community_id = k.community_id AND card.person_id = k.author_id"""


def _person(column: str, card: str) -> str:
    return f"""CASE WHEN {column} IS NULL THEN NULL ELSE json_build_object(
        'id', {column}, 'display_name', coalesce({card}.display_name, :unknown)) END"""


# Who reported is told only of those who did so in office.
_REPORTED = f"""(
    SELECT coalesce(json_agg(json_build_object(
        'kind', r.kind, 'reason', r.reason, 'at', r.at,
        'reporter', CASE WHEN r.reporter_role <> ''
            THEN {author_json("false", "r.reporter_id", "''").replace("card.", "reporter_card.")}
            END
    ) ORDER BY r.at, r.reporter_id), '[]'::json)
    FROM feed_reports r
    LEFT JOIN directory_cards reporter_card
        ON reporter_card.community_id = k.community_id
        AND reporter_card.person_id = r.reporter_id
    WHERE r.case_id = k.id
)"""  # noqa: S608

_WHOLE = f"""
    SELECT json_build_object({_SUMMARY},
        'evidence', k.evidence,
        'forgotten_at', k.forgotten_at,
        'reported', {_REPORTED},
        'reason', k.reason,
        'decided_by', {_person("k.decided_by", "decider")},
        'appeal_until', CASE WHEN k.state = 'decided' AND k.decision = 'take_down' AND k.held
            AND coalesce(q.state, c.state, p.state) <> 'deleted'
            THEN k.decided_at + cast(:within AS interval) END,
        'appeal', k.appeal,
        'final_reason', k.final_reason,
        'final_by', {_person("k.final_by", "second")}
    )::text {_FROM}
    LEFT JOIN directory_cards decider
        ON decider.community_id = k.community_id AND decider.person_id = k.decided_by
    LEFT JOIN directory_cards second
        ON second.community_id = k.community_id AND second.person_id = k.final_by
    WHERE k.id = :id
"""

_MINE = """json_build_object(
    'id', k.id,
    'community_id', k.community_id,
    'module', k.module,
    'target', k.target,
    'target_id', k.target_id,
    'post_id', k.post_id,
    'title', p.title,
    'content_state', coalesce(q.state, c.state, p.state),
    'state', k.state,
    'decision', k.decision,
    'reason', k.reason,
    'decided_at', k.decided_at,
    'appeal_until', CASE WHEN k.state = 'decided' AND k.decision = 'take_down'
        AND coalesce(q.state, c.state, p.state) <> 'deleted'
        AND k.decided_at + cast(:within AS interval) >= :now
        THEN k.decided_at + cast(:within AS interval) END,
    'appeal', k.appeal,
    'appealed_at', k.appealed_at,
    'final_decision', k.final_decision,
    'final_reason', k.final_reason,
    'final_at', k.final_at
)::text AS item
    FROM feed_moderation_cases k
    JOIN feed_posts p ON p.id = k.post_id
    LEFT JOIN feed_comments c ON k.target = 'comment' AND c.id = k.target_id
    LEFT JOIN feed_questions q ON k.target = 'question' AND q.id = k.target_id"""


# -- reading ----------------------------------------------------------------------------------


def case_json(session: Session, case_id: str, me: str) -> str:
    """One case with its evidence as JSON text, as ``me`` sees it."""
    found: str = session.execute(
        text(_WHOLE), {"id": case_id, "me": me, "within": APPEAL_WITHIN, **NAMES}
    ).scalar_one()
    return found


def my_case_json(session: Session, case_id: str, *, within: Any, now: datetime) -> str:
    """One case as its author sees it."""
    found: str = session.execute(
        text(f"SELECT {_MINE} WHERE k.id = :id"),
        {"id": case_id, "within": within, "now": now},
    ).scalar_one()
    return found


def cases_page(
    session: Session,
    *,
    community_id: str,
    modules: Sequence[str] | None,
    states: Sequence[str],
    me: str,
    limit: int,
    cursor: str | None,
) -> str:
    """A page of a community's cases, the oldest first; none that is about ``me``.

    Args:
        modules: None for those of all.
    """
    at, after = _place(cursor, OLDEST)
    # Written out, so that the index of what waits is known to hold all of it.
    listed = ", ".join(f"'{state}'" for state in states)
    narrowed = "" if modules is None else "AND k.module = ANY(:modules)"
    rows = (
        session.execute(
            text(
                f"""
                SELECT json_build_object({_SUMMARY})::text AS item, k.id, k.opened_at {_FROM}
                WHERE k.community_id = :community AND k.state IN ({listed}) {narrowed}
                    AND k.author_id <> :me
                    AND (k.opened_at, k.id) > (cast(:at AS timestamptz), :after)
                ORDER BY k.opened_at, k.id
                LIMIT :take
                """
            ),
            {
                "community": community_id,
                **({} if modules is None else {"modules": list(modules)}),
                "me": me,
                "at": at,
                "after": after,
                "take": limit + 1,
                **NAMES,
            },
        )
        .mappings()
        .all()
    )
    return _page(rows, limit)


def my_cases_page(
    session: Session, *, me: str, within: Any, now: datetime, limit: int, cursor: str | None
) -> str:
    """A page of what was decided about ``me``'s content, or waits; the newest first.

    A case that never kept anything from the neighbours is not hers to know: she would ask who
    reported her.
    """
    at, before = _place(cursor, NEWEST)
    rows = (
        session.execute(
            text(
                f"""
                SELECT {_MINE.replace("AS item", "AS item, k.id, k.opened_at")}
                WHERE k.author_id = :me AND k.held
                    AND (k.opened_at, k.id) < (cast(:at AS timestamptz), :before)
                ORDER BY k.opened_at DESC, k.id DESC
                LIMIT :take
                """
            ),
            {
                "me": me,
                "within": within,
                "now": now,
                "at": at,
                "before": before,
                "take": limit + 1,
            },
        )
        .mappings()
        .all()
    )
    return _page(rows, limit)


def log_page(session: Session, *, community_id: str, limit: int, cursor: str | None) -> str:
    """A page of the log of a community, the newest first."""
    before = str(2**63 - 1)
    if cursor is not None:
        (before,) = decode_cursor(cursor, 1)
        if not (before.isascii() and before.isdigit() and len(before) <= 18):
            raise BadCursor()
    rows = (
        session.execute(
            text(
                f"""
                SELECT json_build_object(
                    'id', l.id::text,
                    'at', l.at,
                    'actor', {_person("l.actor_id", "card")},
                    'actor_role', l.actor_role,
                    'action', l.action,
                    'target', l.target,
                    'target_id', l.target_id,
                    'case_id', l.case_id,
                    'reason', l.reason,
                    'details', l.details
                )::text AS item, l.id
                FROM feed_moderation_log l
                LEFT JOIN directory_cards card
                    ON card.community_id = l.community_id AND card.person_id = l.actor_id
                WHERE l.community_id = :community AND l.id < :before
                ORDER BY l.id DESC
                LIMIT :take
                """  # noqa: S608
            ),
            {
                "community": community_id,
                "before": int(before),
                "take": limit + 1,
                "unknown": NAMES["unknown"],
            },
        )
        .mappings()
        .all()
    )
    shown = rows[:limit]
    following = encode_cursor(str(shown[-1]["id"])) if len(rows) > limit else None
    return page_json(shown, following)


def _place(cursor: str | None, start: str) -> tuple[str, str]:
    if cursor is None:
        return start, ""
    at, row_id = decode_cursor(cursor, 2)
    check_moment(at)
    if not is_id(row_id):
        raise BadCursor()
    return at, row_id


def _page(rows: Sequence[Any], limit: int) -> str:
    shown = rows[:limit]
    following = None
    if len(rows) > limit:
        following = encode_cursor(shown[-1]["opened_at"].isoformat(), shown[-1]["id"])
    return page_json(shown, following)
