"""The clock's duties: set, dropped, taken one at a time."""

from datetime import datetime

from sqlalchemy import select, text
from sqlalchemy.orm import Session

from services.votes.models import DueRow


def put(session: Session, kind: str, subject_id: str, due_at: datetime) -> None:
    """The duty is due then; one that stood already is moved."""
    session.execute(
        text(
            "INSERT INTO due (kind, subject_id, due_at, try_at) VALUES (:kind, :subject, :at, :at) "
            "ON CONFLICT (kind, subject_id) WHERE done_at IS NULL "
            "DO UPDATE SET due_at = :at, try_at = :at, tries = 0, error = NULL"
        ),
        {"kind": kind, "subject": subject_id, "at": due_at},
    )


def put_if_none(session: Session, kind: str, subject_id: str, due_at: datetime) -> None:
    """The duty is due then, unless it stands already; one that is being done is not waited for."""
    session.execute(
        text(
            "INSERT INTO due (kind, subject_id, due_at, try_at) VALUES (:kind, :subject, :at, :at) "
            "ON CONFLICT (kind, subject_id) WHERE done_at IS NULL DO NOTHING"
        ),
        {"kind": kind, "subject": subject_id, "at": due_at},
    )


def hold(session: Session, subject_id: str, *kinds: str) -> None:
    """Lock these duties about the subject, as the clock does, before the subject itself.

    The clock holds the duty when it comes to the subject; whoever moves the duty has the subject.
    The other way round they could wait for each other.
    """
    session.execute(
        text(
            "SELECT id FROM due WHERE subject_id = :subject AND kind = ANY(:kinds) "
            "AND done_at IS NULL ORDER BY id FOR UPDATE"
        ),
        {"subject": subject_id, "kinds": list(kinds)},
    )


def drop(session: Session, subject_id: str, *kinds: str) -> None:
    """These duties about the subject will not be done."""
    session.execute(
        text(
            "DELETE FROM due WHERE subject_id = :subject AND kind = ANY(:kinds) AND done_at IS NULL"
        ),
        {"subject": subject_id, "kinds": list(kinds)},
    )


def hasten(session: Session, subject_id: str, now: datetime, *kinds: str) -> None:
    """These duties about the subject are looked at now; one that comes too soon says so itself.

    What is being done this moment is passed over: whoever does it holds its row, and waits for
    what the caller holds.
    """
    session.execute(
        text(
            "UPDATE due SET try_at = :now WHERE id IN (SELECT id FROM due WHERE "
            "subject_id = :subject AND kind = ANY(:kinds) AND done_at IS NULL AND try_at > :now "
            "FOR UPDATE SKIP LOCKED)"
        ),
        {"subject": subject_id, "now": now, "kinds": list(kinds)},
    )


def take(session: Session, now: datetime) -> DueRow | None:
    """The duty that has waited longest, locked; what another process holds is passed over."""
    return session.scalars(
        select(DueRow)
        .where(DueRow.done_at.is_(None), DueRow.try_at <= now)
        .order_by(DueRow.try_at, DueRow.id)
        .limit(1)
        .with_for_update(skip_locked=True)
    ).first()
