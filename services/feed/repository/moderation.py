"""Cases, their reports, the log: what is written, and what decides about it.

The post is always locked first, then the comment, then the case.
"""

from datetime import datetime
from typing import Any

from sqlalchemy import bindparam, select, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Session

from services.feed.models import Comment, ModerationCase, Post, Question


def locked_post(session: Session, post_id: str) -> Post:
    """The post, ours until the commit, with what was written meanwhile."""
    return session.get_one(
        Post, post_id, with_for_update={"key_share": True}, populate_existing=True
    )


def locked_comment(session: Session, comment_id: str) -> Comment:
    """The comment, ours until the commit."""
    return session.get_one(
        Comment, comment_id, with_for_update={"key_share": True}, populate_existing=True
    )


def locked_question(session: Session, question_id: str) -> Question:
    """The question, ours until the commit."""
    return session.get_one(
        Question, question_id, with_for_update={"key_share": True}, populate_existing=True
    )


def case(session: Session, case_id: str) -> ModerationCase | None:
    """The case, for a look."""
    return session.get(ModerationCase, case_id)


def locked_case(session: Session, case_id: str) -> ModerationCase:
    """The case, ours until the commit."""
    return session.get_one(
        ModerationCase, case_id, with_for_update={"key_share": True}, populate_existing=True
    )


def open_case(session: Session, target: str, target_id: str) -> ModerationCase | None:
    """The case of a content that somebody still has to decide, locked."""
    return session.scalars(
        select(ModerationCase)
        .where(
            ModerationCase.target == target,
            ModerationCase.target_id == target_id,
            ModerationCase.state.in_(("open", "appealed")),
        )
        .with_for_update(key_share=True)
        .execution_options(populate_existing=True)
    ).first()


def answered_author(session: Session, comment_id: str) -> str | None:
    """Who wrote the comment that a comment answers."""
    found: str | None = session.scalar(
        text(
            "SELECT parent.author_id FROM feed_comments c "
            "JOIN feed_comments parent ON parent.id = c.reply_to WHERE c.id = :id"
        ),
        {"id": comment_id},
    )
    return found


def put_report(
    session: Session, case_id: str, person_id: str, role: str, kind: str, reason: str, now: datetime
) -> bool:
    """Keep a report and count it; False when this person had reported it in this case."""
    return bool(
        session.scalar(
            text(
                """
                WITH new AS (
                    INSERT INTO feed_reports (case_id, reporter_id, reporter_role, kind, reason, at)
                    VALUES (:case, :person, :role, :kind, :reason, :now)
                    ON CONFLICT DO NOTHING RETURNING case_id
                )
                UPDATE feed_moderation_cases k SET reports = reports + 1
                FROM new WHERE k.id = new.case_id RETURNING true
                """
            ),
            {
                "case": case_id,
                "person": person_id,
                "role": role,
                "kind": kind,
                "reason": reason,
                "now": now,
            },
        )
    )


def homes_reporting_since(session: Session, case_id: str, since: datetime) -> int:
    """From how many homes a content was reported since then; whoever has none is one herself.

    Children report for themselves and do not count: they live where their guardians do.
    """
    found = session.scalar(
        text(
            """
            SELECT count(DISTINCT coalesce(nullif(card.home, ''), r.reporter_id))
            FROM feed_reports r
            JOIN feed_moderation_cases k ON k.id = r.case_id
            JOIN directory_cards card
                ON card.community_id = k.community_id AND card.person_id = r.reporter_id
            WHERE r.case_id = :case AND r.at > :since AND card.standing IN ('active', 'staff')
            """
        ),
        {"case": case_id, "since": since},
    )
    return int(found or 0)


def has_reported(session: Session, case_id: str, person_id: str) -> bool:
    """Whether somebody has reported in a case."""
    return bool(
        session.scalar(
            text(
                "SELECT EXISTS (SELECT 1 FROM feed_reports "
                "WHERE case_id = :case AND reporter_id = :person)"
            ),
            {"case": case_id, "person": person_id},
        )
    )


def kept_since(session: Session, target: str, target_id: str, since: datetime | None) -> bool:
    """Whether a person has decided to keep a content after it was last edited."""
    return bool(
        session.scalar(
            text(
                """
                SELECT EXISTS (
                    SELECT 1 FROM feed_moderation_cases
                    WHERE target = :target AND target_id = :id AND state IN ('decided', 'final')
                        AND coalesce(final_decision, decision) = 'keep'
                        AND coalesce(final_at, decided_at)
                            > coalesce(cast(:since AS timestamptz), '-infinity')
                )
                """
            ),
            {"target": target, "id": target_id, "since": since},
        )
    )


def somebody_else_decides(session: Session, case: ModerationCase) -> bool:
    """Whether the committee has somebody who may decide: neither author, reporter nor first."""
    return bool(
        session.scalar(
            text(
                """
                SELECT EXISTS (
                    SELECT 1 FROM directory_cards card
                    WHERE card.community_id = :community
                        AND card.standing IN ('active', 'staff')
                        AND card.role_badges && ARRAY['committee_staff', 'secretary']
                        AND card.person_id <> ALL(:out)
                        AND NOT EXISTS (SELECT 1 FROM feed_reports r
                            WHERE r.case_id = :case AND r.reporter_id = card.person_id)
                )
                """
            ),
            {
                "community": case.community_id,
                "case": case.id,
                "out": [case.author_id, case.decided_by or ""],
            },
        )
    )


_LOG = text(
    """
    INSERT INTO feed_moderation_log (at, actor_id, actor_role, action, target, target_id,
        community_id, path, case_id, reason, details)
    VALUES (:at, :actor, :role, :action, :target, :target_id, :community, :path, :case, :reason,
        :details)
    """
).bindparams(bindparam("details", type_=JSONB))


def put_log(session: Session, **line: Any) -> None:
    """Add a line to the log; there is no way to change one."""
    session.execute(_LOG, line)


def forget_evidence(session: Session, before: datetime, now: datetime, most: int) -> int:
    """Drop the words of cases that were decided before then; how many were."""
    done = session.execute(
        text(
            """
            WITH due AS (
                SELECT id FROM feed_moderation_cases
                WHERE forgotten_at IS NULL AND decided_at < :before
                    AND state IN ('decided', 'final') AND coalesce(final_at, decided_at) < :before
                ORDER BY decided_at
                LIMIT :most FOR UPDATE SKIP LOCKED
            ),
            words AS (
                UPDATE feed_reports r SET reason = '' FROM due WHERE r.case_id = due.id
            )
            UPDATE feed_moderation_cases k
            SET evidence = '{}', appeal = '', forgotten_at = :now
            FROM due WHERE k.id = due.id
            """
        ),
        {"before": before, "now": now, "most": most},
    )
    return int(done.rowcount)  # type: ignore[attr-defined]
