"""Joint consultations as their readers may see them."""

from collections.abc import Sequence
from datetime import datetime

from services.contracts.actor import Actor
from services.contracts.operations.base import Page
from services.contracts.operations.grid_bridge import (
    JointAction,
    JointConsultation,
    JointConsultationSummary,
    JointMeeting,
    JointMinutes,
    JointMinutesVersions,
    JointSeat,
    ListJointConsultations,
    ListMyJointConsultations,
    OfConsultation,
    OfJointMeeting,
)
from services.grid_bridge import repository
from services.grid_bridge import repository_consultations as store
from services.grid_bridge.domain import consultation as rules
from services.grid_bridge.handlers.common import read_attachments, reader, visible
from services.grid_bridge.handlers.reading import promise_view
from services.grid_bridge.models import (
    IssueRow,
    JointActionRow,
    JointConsultationRow,
    JointMeetingRow,
    JointMinutesRow,
    JointSeatRow,
)
from services.grid_bridge.repository import IssueNotFound
from services.grid_bridge.repository_consultations import ConsultationNotFound, PartNotFound
from services.kit.pages import decode_cursor, encode_cursor
from services.kit.uow import UnitOfWork


def get(uow: UnitOfWork, cmd: OfConsultation, actor: Actor, now: datetime) -> JointConsultation:
    """One consultation; whoever may read the issue reads what is public of it."""
    one = store.consultation(uow.session, cmd.id)
    try:
        row = visible(uow, actor, one.issue_id)
    except IssueNotFound:
        raise ConsultationNotFound() from None
    return shown(uow, one, row, actor, now)


def versions(uow: UnitOfWork, cmd: OfJointMeeting, actor: Actor) -> JointMinutesVersions:
    """Everything that the minutes of a meeting have said, for those who sit there or lead it."""
    one = store.consultation(uow.session, cmd.id)
    mine = store.seats_of(actor, store.seats(uow.session, one.id), one.path)
    if not _sees_all(actor, one, mine):
        raise ConsultationNotFound()
    if cmd.meeting_id not in {m.id for m in store.meetings(uow.session, one.id)}:
        raise PartNotFound()
    found = store.minutes(uow.session, cmd.meeting_id)
    return JointMinutesVersions(items=[_minutes(row, full=True) for row in found])


def of_community(
    uow: UnitOfWork, cmd: ListJointConsultations, actor: Actor
) -> Page[JointConsultationSummary]:
    """The consultations of a community, newest first; a guest's own alone."""
    community, guest = reader(uow, actor, cmd.cid)
    here = JointConsultationRow.community_id == community.id
    rows = store.page(
        uow.session,
        here,
        *((store.invited_to(actor),) if guest else ()),
        state=cmd.state,
        before=decode_cursor(cmd.cursor, 1)[0] if cmd.cursor else None,
        limit=cmd.limit,
    )
    return _page(uow, rows, cmd.limit)


def of_actor(
    uow: UnitOfWork, cmd: ListMyJointConsultations, actor: Actor
) -> Page[JointConsultationSummary]:
    """The consultations in the actor's reach, or those where she sits or that she opened."""
    rows = store.page(
        uow.session,
        store.of_hers(actor) if cmd.mine else store.in_reach(actor),
        state=cmd.state,
        before=decode_cursor(cmd.cursor, 1)[0] if cmd.cursor else None,
        limit=cmd.limit,
    )
    return _page(uow, rows, cmd.limit)


def shown(
    uow: UnitOfWork, one: JointConsultationRow, row: IssueRow, actor: Actor, now: datetime
) -> JointConsultation:
    """The consultation as the actor may see it."""
    uow.session.flush()
    seats = store.seats(uow.session, one.id)
    mine = store.seats_of(actor, seats, one.path)
    full = _sees_all(actor, one, mine)
    minutes = store.newest_minutes(uow.session, one.id)
    return JointConsultation(
        id=one.id,
        issue_id=row.id,
        post_id=row.post_id,
        community_id=row.community_id,
        title=row.title,
        issue_status=row.status,
        state=one.state,
        reason=one.reason,
        full=full,
        leads=not actor.acted_by and rules.leads_as(actor, one.path) is not None,
        seats=[_seat(seat, full=full, mine=seat in mine) for seat in seats],
        meetings=[
            _meeting(meeting, minutes.get(meeting.id), full=full)
            for meeting in store.meetings(uow.session, one.id)
        ],
        actions=[_action(action, full=full) for action in store.actions(uow.session, one.id)],
        promise=promise_view(repository.running_promise(uow.session, row.id), now),
        opened_role=one.opened_role,
        opened_at=one.opened_at,
        outcome=one.outcome,
        conclusion=one.conclusion,
        conclusion_attachments=read_attachments(one.conclusion_attachments),
        work_order_no=row.work_order_no,
        concluded_at=one.concluded_at,
    )


def _sees_all(actor: Actor, one: JointConsultationRow, mine: Sequence[JointSeatRow]) -> bool:
    sits = any(seat.state in rules.SEATED for seat in mine)
    return sits or (not actor.acted_by and actor.holds(rules.READERS, one.path))


def _page(
    uow: UnitOfWork, rows: Sequence[tuple[JointConsultationRow, IssueRow]], limit: int
) -> Page[JointConsultationSummary]:
    shown = rows[:limit]
    beside = store.beside(uow.session, [one.id for one, _ in shown])
    return Page[JointConsultationSummary](
        items=[
            JointConsultationSummary(
                id=one.id,
                issue_id=row.id,
                post_id=row.post_id,
                community_id=row.community_id,
                title=row.title,
                state=one.state,
                outcome=one.outcome,
                departments=beside[one.id].departments,
                open_actions=beside[one.id].open_actions,
                overdue_actions=beside[one.id].overdue_actions,
                next_due_at=beside[one.id].next_due_at,
                next_meeting_at=beside[one.id].next_meeting_at,
                opened_at=one.opened_at,
                concluded_at=one.concluded_at,
            )
            for one, row in shown
        ],
        next_cursor=encode_cursor(shown[-1][0].id) if len(rows) > limit else None,
    )


def _seat(seat: JointSeatRow, *, full: bool, mine: bool) -> JointSeat:
    return JointSeat(
        id=seat.id,
        department=seat.department,
        state=seat.state,
        mine=mine,
        person_id=seat.person_id if full else None,
        note=seat.note if full else None,
        reason=seat.reason if full else None,
        invited_at=seat.invited_at,
        answered_at=seat.answered_at,
    )


def _meeting(
    meeting: JointMeetingRow, minutes: JointMinutesRow | None, *, full: bool
) -> JointMeeting:
    public = minutes is not None and (full or bool(minutes.published))
    return JointMeeting(
        id=meeting.id,
        planned_at=meeting.planned_at,
        online=meeting.online,
        place=meeting.place if full else None,
        state=meeting.state,
        participants=meeting.participants if full else [],
        reason=meeting.reason,
        minutes=_minutes(minutes, full=full) if minutes and public else None,
    )


def _minutes(row: JointMinutesRow, *, full: bool) -> JointMinutes:
    return JointMinutes(
        version=row.version,
        published=row.published,
        internal=row.internal if full else None,
        attachments=read_attachments(row.attachments) if full else [],
        written_role=row.written_role,
        written_at=row.written_at,
    )


def _action(action: JointActionRow, *, full: bool) -> JointAction:
    return JointAction(
        id=action.id,
        what=action.what,
        owner=action.owner,
        department=action.department,
        person_id=action.person_id if full else None,
        due_at=action.due_at,
        state=action.state,
        note=action.note,
        attachments=read_attachments(action.attachments),
        moved_at=action.moved_at,
    )
