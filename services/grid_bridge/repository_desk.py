"""What lies on a committee's desk, in one statement; what an issue's page needs besides."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Row, text
from sqlalchemy.orm import Session

from services.grid_bridge.models.issues import UNFINISHED

_DESK = text(
    f"""
    WITH open AS (
        SELECT id, status, assignee_id, round FROM issues
        WHERE community_id = :community AND {UNFINISHED}
    ), promised AS (
        SELECT p.due_at FROM open JOIN promises p ON p.issue_id = open.id
        WHERE p.ended_at IS NULL AND p.paused_at IS NULL AND p.due_at < :tomorrow
    ), posts AS (
        SELECT due_at FROM post_clocks
        WHERE community_id = :community AND ended_at IS NULL AND due_at IS NOT NULL
    ), tables AS (
        SELECT id FROM joint_consultations WHERE community_id = :community AND state = 'open'
    )
    SELECT
        (SELECT count(*) FROM open WHERE status IN ('reported', 'reopened')) AS waiting,
        (SELECT count(*) FROM open
         WHERE status IN ('triaged', 'self_governing', 'referred', 'in_consultation')) AS working,
        (SELECT count(*) FROM open WHERE status = 'escalated') AS escalated,
        (SELECT count(*) FROM promised WHERE due_at < :now) AS overdue,
        (SELECT count(*) FROM promised WHERE due_at >= :now) AS due_today,
        (SELECT count(*) FROM open WHERE assignee_id = ANY(:handlers)) AS mine,
        (SELECT count(DISTINCT open.id) FROM open JOIN self_governance g ON g.issue_id = open.id
         WHERE g.round = open.round AND g.step = 'undertaking' AND g.checked_at IS NULL
             AND g.due_at < :tomorrow) AS undertakings_due,
        (SELECT count(*) FROM posts) AS posts_waiting,
        (SELECT count(*) FROM posts WHERE due_at < :now) AS posts_overdue,
        (SELECT count(*) FROM open JOIN issue_referrals r ON r.issue_id = open.id
         WHERE r.state = 'open') AS referrals_open,
        (SELECT count(DISTINCT open.id) FROM open JOIN issue_referrals r ON r.issue_id = open.id
         WHERE r.state = 'declined' AND r.settled_at >= :week) AS referrals_back,
        (SELECT count(*) FROM open JOIN issue_merges m ON m.issue_id = open.id
         WHERE m.state = 'asked') AS merges_asked,
        (SELECT count(*) FROM tables) AS consultations_open,
        (SELECT count(*) FROM tables JOIN joint_meetings m ON m.consultation_id = tables.id
         WHERE m.state = 'planned' AND m.planned_at >= :today
             AND m.planned_at < :tomorrow) AS meetings_today,
        (SELECT count(*) FROM tables JOIN joint_actions a ON a.consultation_id = tables.id
         WHERE a.state = 'overdue') AS actions_overdue,
        (SELECT count(*) FROM absences WHERE community_id = :community
             AND from_day <= :day AND to_day >= :day) AS away
    """  # noqa: S608
)


def desk(
    session: Session,
    community_id: str,
    *,
    handlers: Sequence[str],
    now: datetime,
    today: datetime,
    tomorrow: datetime,
    week: datetime,
) -> Row[Any]:
    """The numbers of a community's desk; ``today`` and ``tomorrow`` are the day's two ends."""
    return session.execute(
        _DESK,
        {
            "community": community_id,
            "handlers": list(handlers),
            "now": now,
            "today": today,
            "tomorrow": tomorrow,
            "day": today.date(),
            "week": week,
        },
    ).one()


_COLLEAGUES = text(
    """
    SELECT person_id, display_name FROM directory_cards
    WHERE community_id = :community AND standing = 'staff'
    ORDER BY display_name, person_id LIMIT 100
    """
)


def colleagues(session: Session, community_id: str) -> Sequence[Row[Any]]:
    """Who serves on a community's committee, by the names that neighbours know."""
    return session.execute(_COLLEAGUES, {"community": community_id}).all()


_UNDER_WAY = text(
    """
    SELECT
        (SELECT id FROM issue_referrals WHERE issue_id = :issue AND state = 'open') AS referral,
        (SELECT id FROM joint_consultations
         WHERE issue_id = :issue ORDER BY id DESC LIMIT 1) AS consultation
    """
)


def under_way(session: Session, issue_id: str) -> Row[Any]:
    """An issue's open referral and its latest joint consultation, by their ids."""
    return session.execute(_UNDER_WAY, {"issue": issue_id}).one()


_UNSENT = text(
    """
    SELECT type, occurred_at, attempts FROM kit_outbox
    WHERE published_at IS NULL AND subject = :no ORDER BY id LIMIT 20
    """
)


def unsent(session: Session, no: str) -> Sequence[Row[Any]]:
    """What was decided about a work order and the broker has not confirmed yet, in order."""
    return session.execute(_UNSENT, {"no": no}).all()
