"""Joint consultations: who is let in, the lists, and what the clock has to look at.

Whoever changes anything of a consultation locks its issue first: of two meetings, minutes or ends
at the same moment one waits for the other, and sees what it has done.
"""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Row, and_, exists, false, func, or_, select, text
from sqlalchemy.orm import Session

from services.contracts.actor import GUESTS, Actor
from services.contracts.errors import NotFound
from services.grid_bridge.domain.consultation import READERS, SEATED, may_sit
from services.grid_bridge.models import (
    IssueRow,
    JointActionRow,
    JointConsultationRow,
    JointMeetingRow,
    JointMinutesRow,
    JointSeatRow,
)
from services.grid_bridge.repository import under


class ConsultationNotFound(NotFound):
    """There is no such consultation, or it is not the actor's to see."""

    code = "grid.consultation_not_found"
    zh, en = "没有找到这次联合会商", "There is no such joint consultation"


class PartNotFound(NotFound):
    """The consultation has no such seat, meeting or action."""

    code = "grid.consultation_part_not_found"
    zh, en = "没有找到该邀请、会议或事项", "There is no such invitation, meeting or action"


# -- who is let in -------------------------------------------------------------------------------


def invited_to(actor: Actor) -> ColumnElement[bool]:
    """Which consultations the actor's department, or she by name, was invited to and sits at.

    A grant of hers must cover the place now; it was only a name when she was invited.
    """
    if actor.acted_by:
        return false()
    scopes = sorted({grant.path for grant in actor.grants if grant.role in GUESTS})
    if not scopes:
        return false()
    return and_(
        or_(*(under(JointConsultationRow.path, scope) for scope in scopes)),
        exists().where(
            JointSeatRow.consultation_id == JointConsultationRow.id,
            JointSeatRow.state.in_(SEATED),
            or_(JointSeatRow.person_id.is_(None), JointSeatRow.person_id == actor.person_id),
        ),
    )


def issues_of_guest(actor: Actor) -> Any:
    """The ids of the issues whose consultations the actor is invited to."""
    return select(JointConsultationRow.issue_id).where(invited_to(actor))


def is_invited(session: Session, actor: Actor, issue_id: str, path: str) -> bool:
    """Whether the actor sees this issue as a department that was invited to its consultation."""
    if not may_sit(actor, path):
        return False
    found = issues_of_guest(actor).where(JointConsultationRow.issue_id == issue_id).limit(1)
    return session.scalar(found) is not None


def seats_of(actor: Actor, seats: Iterable[JointSeatRow], path: str) -> list[JointSeatRow]:
    """The seats that the actor may answer for, whatever she has answered."""
    if not may_sit(actor, path):
        return []
    return [
        seat
        for seat in seats
        if seat.state != "withdrawn" and seat.person_id in (None, actor.person_id)
    ]


# -- one ---------------------------------------------------------------------------------------


def consultation(
    session: Session, consultation_id: str, *, lock: bool = False
) -> JointConsultationRow:
    """The consultation; with ``lock`` as it is now that the caller holds the issue's lock.

    Raises:
        ConsultationNotFound: there is none.
    """
    row = session.get(JointConsultationRow, consultation_id, populate_existing=lock)
    if row is None:
        raise ConsultationNotFound()
    return row


def open_consultation(session: Session, issue_id: str) -> JointConsultationRow | None:
    """The consultation that an issue is at; the caller holds the issue's lock."""
    return session.scalar(
        select(JointConsultationRow)
        .where(JointConsultationRow.issue_id == issue_id, JointConsultationRow.state == "open")
        .execution_options(populate_existing=True)
    )


def seats(session: Session, consultation_id: str) -> Sequence[JointSeatRow]:
    """The seats in the order of the invitations."""
    return seats_by_consultation(session, [consultation_id]).get(consultation_id, [])


def seats_by_consultation(session: Session, ids: Iterable[str]) -> dict[str, list[JointSeatRow]]:
    """The seats of several consultations in one statement, by consultation."""
    wanted = sorted(set(ids))
    if not wanted:
        return {}
    rows = session.scalars(
        select(JointSeatRow)
        .where(JointSeatRow.consultation_id.in_(wanted))
        .order_by(JointSeatRow.id)
        .execution_options(populate_existing=True)
    )
    found: dict[str, list[JointSeatRow]] = {}
    for row in rows:
        found.setdefault(row.consultation_id, []).append(row)
    return found


def meetings(session: Session, consultation_id: str) -> Sequence[JointMeetingRow]:
    """The meetings in their order."""
    return session.scalars(
        select(JointMeetingRow)
        .where(JointMeetingRow.consultation_id == consultation_id)
        .order_by(JointMeetingRow.planned_at, JointMeetingRow.id)
        .execution_options(populate_existing=True)
    ).all()


def actions(session: Session, consultation_id: str) -> Sequence[JointActionRow]:
    """The actions in the order in which they were agreed."""
    return session.scalars(
        select(JointActionRow)
        .where(JointActionRow.consultation_id == consultation_id)
        .order_by(JointActionRow.id)
        .execution_options(populate_existing=True)
    ).all()


def newest_minutes(session: Session, consultation_id: str) -> dict[str, JointMinutesRow]:
    """The newest minutes of each meeting, by meeting."""
    last = (
        select(JointMinutesRow.meeting_id, func.max(JointMinutesRow.version).label("version"))
        .join(JointMeetingRow, JointMeetingRow.id == JointMinutesRow.meeting_id)
        .where(JointMeetingRow.consultation_id == consultation_id)
        .group_by(JointMinutesRow.meeting_id)
        .subquery()
    )
    rows = session.scalars(
        select(JointMinutesRow).join(
            last,
            and_(
                last.c.meeting_id == JointMinutesRow.meeting_id,
                last.c.version == JointMinutesRow.version,
            ),
        )
    )
    return {row.meeting_id: row for row in rows}


def minutes(session: Session, meeting_id: str) -> Sequence[JointMinutesRow]:
    """All versions of a meeting's minutes, the newest first."""
    return session.scalars(
        select(JointMinutesRow)
        .where(JointMinutesRow.meeting_id == meeting_id)
        .order_by(JointMinutesRow.version.desc())
    ).all()


# -- lists -------------------------------------------------------------------------------------

_BESIDE = text(
    """
    SELECT c.id,
        ARRAY(SELECT s.department FROM joint_seats s
              WHERE s.consultation_id = c.id AND s.state <> 'withdrawn'
              GROUP BY s.department ORDER BY min(s.id)) AS departments,
        a.open_actions, a.overdue_actions, a.next_due_at,
        (SELECT min(m.planned_at) FROM joint_meetings m
         WHERE m.consultation_id = c.id AND m.state = 'planned') AS next_meeting_at
    FROM joint_consultations c
    LEFT JOIN LATERAL (
        SELECT count(*) AS open_actions, min(due_at) AS next_due_at,
            count(*) FILTER (WHERE state = 'overdue') AS overdue_actions
        FROM joint_actions
        WHERE consultation_id = c.id AND state IN ('open', 'in_progress', 'overdue')
    ) a ON true
    WHERE c.id = ANY(:ids)
    """
)


def beside(session: Session, ids: Iterable[str]) -> dict[str, Row[Any]]:
    """What lists show beside several consultations, in one statement, by consultation."""
    return {row.id: row for row in session.execute(_BESIDE, {"ids": list(ids)})}


def page(
    session: Session,
    *reach: ColumnElement[bool],
    state: str | None,
    before: str | None,
    limit: int,
) -> Sequence[tuple[JointConsultationRow, IssueRow]]:
    """Consultations with their issues, newest first; one more than ``limit``."""
    query = (
        select(JointConsultationRow, IssueRow)
        .join(IssueRow, IssueRow.id == JointConsultationRow.issue_id)
        .where(*reach)
    )
    if state is not None:
        query = query.where(JointConsultationRow.state == state)
    if before is not None:
        query = query.where(JointConsultationRow.id < before)
    rows = session.execute(query.order_by(JointConsultationRow.id.desc()).limit(limit + 1))
    return [(one, issue) for one, issue in rows]


def in_reach(actor: Actor) -> ColumnElement[bool]:
    """What the actor's grants reach, or she was invited to."""
    scopes = sorted({grant.path for grant in actor.grants if grant.role in READERS})
    return or_(invited_to(actor), *(under(JointConsultationRow.path, scope) for scope in scopes))


def of_hers(actor: Actor) -> ColumnElement[bool]:
    """What the actor opened, or was invited to."""
    opened = JointConsultationRow.opened_by == actor.person_id
    return or_(invited_to(actor), and_(opened, in_reach(actor)))


# -- the clock ---------------------------------------------------------------------------------


def alarms(
    session: Session, now: datetime, limit: int
) -> Sequence[tuple[IssueRow, JointConsultationRow, JointActionRow]]:
    """Actions that the clock has to look at, with their issues, both locked; others' are skipped.

    The action is locked, too: whoever waited for the issue must not say the same twice.
    """
    rows = session.execute(
        select(IssueRow, JointConsultationRow, JointActionRow)
        .join(JointConsultationRow, JointConsultationRow.issue_id == IssueRow.id)
        .join(JointActionRow, JointActionRow.consultation_id == JointConsultationRow.id)
        .where(JointActionRow.alarm_at <= now)
        .order_by(JointActionRow.alarm_at)
        .limit(limit)
        .with_for_update(of=(IssueRow, JointActionRow), skip_locked=True)
        .execution_options(populate_existing=True)
    )
    return [(issue, one, action) for issue, one, action in rows]


# -- who has left for good ---------------------------------------------------------------------

_FORGET = (
    # Nobody else takes a named person's seat by her leaving.
    """
    UPDATE joint_seats SET state = 'withdrawn', note = '', reason = NULL
    WHERE person_id = :person AND state <> 'withdrawn'
    """,
    """
    UPDATE joint_actions SET owner = 'committee', department = NULL, person_id = NULL
    WHERE person_id = :person AND state IN ('open', 'in_progress', 'overdue')
    """,
    "UPDATE joint_actions SET owner = 'department', person_id = NULL WHERE person_id = :person",
)


def forget(session: Session, person_id: str) -> None:
    """Somebody has left for good: she sits nowhere, and what she was to do is the committee's.

    What she has done, her department did.
    """
    for statement in _FORGET:
        session.execute(text(statement), {"person": person_id})
