"""What a joint consultation does: it meets, writes minutes, agrees on actions, follows them up."""

from collections.abc import Iterable
from datetime import datetime

from services.contracts.actor import Actor
from services.contracts.errors import FieldError
from services.contracts.events import Attachment
from services.contracts.events.grid_bridge import ConsultationStep
from services.contracts.ids import new_id
from services.contracts.operations.grid_bridge import (
    ActionDraft,
    AddJointAction,
    JointConsultation,
    MoveJointAction,
    PlanJointMeeting,
    SettleJointMeeting,
    WriteJointMinutes,
)
from services.contracts.operations.grid_bridge.consultations import ActionMove
from services.grid_bridge import repository_consultations as store
from services.grid_bridge import texts_consultations as texts
from services.grid_bridge.domain import consultation as rules
from services.grid_bridge.files import Files, attach
from services.grid_bridge.handlers.common import CLOCK, Doer, plain, read_attachments
from services.grid_bridge.handlers.consulting_table import (
    Table,
    for_leader,
    leading,
    locked,
    owners_seats,
    part,
    promise,
    say,
)
from services.grid_bridge.handlers.consulting_views import shown
from services.grid_bridge.models import JointActionRow, JointMeetingRow, JointMinutesRow
from services.grid_bridge.repository_consultations import ConsultationNotFound
from services.kit.uow import UnitOfWork

COMMITTEE = "居委会"

# -- meetings ------------------------------------------------------------------------------------


def plan(uow: UnitOfWork, cmd: PlanJointMeeting, actor: Actor, now: datetime) -> JointConsultation:
    """They will meet."""
    table, doer = for_leader(uow, actor, cmd.id)
    _ahead(cmd.planned_at, now, "planned_at")
    if len(store.meetings(uow.session, table.one.id)) >= rules.MEETINGS_AT_MOST:
        raise rules.TableFull()
    uow.session.add(_meeting(table, cmd.planned_at, cmd.place, doer, online=cmd.online))
    say(
        uow,
        table,
        "meeting_planned",
        doer,
        texts.planned(cmd.planned_at, online=cmd.online),
        now,
        departments=[seat.department for seat in table.seated],
        to=table.seated,
        due_at=cmd.planned_at,
    )
    return shown(uow, table.one, table.row, actor, now)


def settle(
    uow: UnitOfWork, cmd: SettleJointMeeting, actor: Actor, now: datetime
) -> JointConsultation:
    """They have met, or will not."""
    table, doer = for_leader(uow, actor, cmd.id)
    meeting = part(store.meetings(uow.session, table.one.id), cmd.meeting_id)
    held = cmd.state == "held"
    if not held and cmd.reason is None:
        raise rules.ReasonNeeded(errors=[FieldError("reason", "needed to cancel")])
    meeting.state = rules.move(
        rules.MEETING_MOVES, rules.Meeting(meeting.state), cmd.state, rules.MeetingState
    )
    meeting.participants = list(dict.fromkeys(cmd.participants)) if held else []
    meeting.reason = cmd.reason
    meeting.settled_by, meeting.settled_at = actor.person_id, now
    say(
        uow,
        table,
        "meeting_held" if held else "meeting_cancelled",
        doer,
        texts.settled(meeting.planned_at, held=held, reason=cmd.reason),
        now,
        words=cmd.reason or "",
        departments=[seat.department for seat in table.seated],
        to=() if held else table.seated,
        due_at=meeting.planned_at,
    )
    return shown(uow, table.one, table.row, actor, now)


def write_minutes(
    uow: UnitOfWork, cmd: WriteJointMinutes, actor: Actor, files: Files, now: datetime
) -> JointConsultation:
    """The minutes as a whole, over the version that was read; what is new in public is told."""
    table, doer = for_leader(uow, actor, cmd.id)
    meeting = part(store.meetings(uow.session, table.one.id), cmd.meeting_id)
    if meeting.state != rules.Meeting.HELD:
        raise rules.MeetingState()
    last = store.newest_minutes(uow.session, table.one.id).get(meeting.id)
    if cmd.version != (last.version if last else 0):
        raise rules.MinutesChanged()
    if cmd.version >= rules.VERSIONS_AT_MOST:
        raise rules.TableFull()
    kept = {one.id: one for one in read_attachments(last.attachments if last else [])}
    fresh = [one for one in cmd.attachments if one not in kept]
    found = {**kept, **{one.id: one for one in attach(files, fresh, actor.person_id)}}
    attachments = [found[one] for one in cmd.attachments]
    _minutes(uow, meeting, cmd.version + 1, (cmd.published, cmd.internal), doer, now, attachments)
    if cmd.published and cmd.published != (last.published if last else ""):
        say(
            uow,
            table,
            "minutes_published",
            doer,
            texts.minutes(meeting.planned_at, cmd.published),
            now,
            words=cmd.published,
            due_at=meeting.planned_at,
        )
    return shown(uow, table.one, table.row, actor, now)


def first_minutes(uow: UnitOfWork, table: Table, internal: str, doer: Doer, now: datetime) -> None:
    """Those of the meeting that decided on the consultation; they stay with the staff."""
    meeting = _meeting(table, now, "", doer, online=False)
    meeting.state = rules.Meeting.HELD
    meeting.settled_by, meeting.settled_at = doer.person_id, now
    uow.session.add(meeting)
    uow.session.flush()
    _minutes(uow, meeting, 1, ("", internal), doer, now, [])


def _meeting(
    table: Table, planned_at: datetime, place: str, doer: Doer, *, online: bool
) -> JointMeetingRow:
    return JointMeetingRow(
        id=new_id(),
        consultation_id=table.one.id,
        planned_at=planned_at,
        place=place,
        online=online,
        state="planned",
        participants=[],
        reason=None,
        planned_by=doer.person_id,
        settled_by=None,
        settled_at=None,
    )


def _minutes(
    uow: UnitOfWork,
    meeting: JointMeetingRow,
    version: int,
    said: tuple[str, str],
    doer: Doer,
    now: datetime,
    attachments: Iterable[Attachment],
) -> None:
    published, internal = said
    uow.session.add(
        JointMinutesRow(
            meeting_id=meeting.id,
            version=version,
            published=published,
            internal=internal,
            attachments=plain(attachments),
            written_by=doer.person_id,
            written_role=str(doer.role),
            written_at=now,
        )
    )


# -- actions -------------------------------------------------------------------------------------


def add(uow: UnitOfWork, cmd: AddJointAction, actor: Actor, now: datetime) -> JointConsultation:
    """One more thing to be done; the promise follows the next date."""
    table, doer = for_leader(uow, actor, cmd.id)
    if len(store.actions(uow.session, table.one.id)) >= rules.ACTIONS_AT_MOST:
        raise rules.TableFull()
    action = agree(uow, table, cmd, doer, now)
    tell_agreed(uow, table, action, doer, promise(uow, table, now), now)
    return shown(uow, table.one, table.row, actor, now)


def agree(
    uow: UnitOfWork, table: Table, draft: ActionDraft, doer: Doer, now: datetime, field: str = ""
) -> JointActionRow:
    """Put an action down; ``field`` is where the caller's command has it.

    Raises:
        BadDate, OwnerNeeded: ``errors`` says which field.
    """
    _ahead(draft.due_at, now, f"{field}due_at")
    _require_owner(table, draft, field)
    alarm = rules.alarm(draft.due_at, now)
    action = JointActionRow(
        id=new_id(),
        consultation_id=table.one.id,
        what=draft.what,
        owner=draft.owner,
        department=draft.department,
        person_id=draft.person_id,
        due_at=draft.due_at,
        state="open",
        note="",
        attachments=[],
        made_by=doer.person_id,
        made_at=now,
        moved_by=None,
        moved_at=None,
        alarm_at=alarm.at,
        reminded=alarm.reminded,
    )
    uow.session.add(action)
    return action


def tell_agreed(
    uow: UnitOfWork,
    table: Table,
    action: JointActionRow,
    doer: Doer,
    promised: datetime,
    now: datetime,
) -> None:
    """Neighbours read what is to be done; whoever has to do it hears of it."""
    say(
        uow,
        table,
        "action_added",
        doer,
        texts.agreed(action.what, owner_of(action), action.due_at, promised),
        now,
        words=action.what,
        departments=[owner_of(action)],
        to=owners_seats(table, action),
        due_at=action.due_at,
        promised=promised,
    )


def move(
    uow: UnitOfWork, cmd: MoveJointAction, actor: Actor, files: Files, now: datetime
) -> JointConsultation:
    """What became of an action, told on the thread; the promise follows the next date."""
    found = store.consultation(uow.session, cmd.id)
    leads = rules.leads_as(actor, found.path) is not None
    mine = store.seats_of(actor, store.seats(uow.session, found.id), found.path)
    if not leads and not any(seat.state in rules.SEATED for seat in mine):
        raise ConsultationNotFound()
    table = locked(uow, found)
    action = part(store.actions(uow.session, table.one.id), cmd.action_id)
    doer = leading(actor, found.path) if leads else Doer("department_staff", actor.person_id)
    if not leads:
        hers = {seat.id for seat in store.seats_of(actor, owners_seats(table, action), found.path)}
        if cmd.move in rules.LEADERS_MOVES or not hers:
            raise rules.NotYours()
    if cmd.move in rules.LEADERS_MOVES and not cmd.note.strip():
        raise rules.ReasonNeeded(errors=[FieldError("note", f"needed to {cmd.move}")])
    if (cmd.move == "postpone") != (cmd.due_at is not None):
        raise rules.BadDate(errors=[FieldError("due_at", "with postpone alone")])
    if cmd.due_at is not None:
        _ahead(cmd.due_at, now, "due_at")
    attachments = attach(files, cmd.attachments, actor.person_id)
    action.state = rules.move(
        rules.ACTION_MOVES, rules.Action(action.state), cmd.move, rules.ActionState
    )
    action.note = cmd.note or action.note
    action.attachments = [*action.attachments, *plain(attachments)]
    action.moved_by, action.moved_at = actor.person_id, now
    if cmd.due_at is not None:
        action.due_at = cmd.due_at
        alarm = rules.alarm(cmd.due_at, now)
        action.alarm_at, action.reminded = alarm.at, alarm.reminded
    elif action.state not in rules.UNDONE:
        action.alarm_at = None
    promised = promise(uow, table, now)
    say(
        uow,
        table,
        _STEP_OF[cmd.move],
        doer,
        texts.moved(cmd.move, action.what, cmd.note, cmd.due_at, promised),
        now,
        words="；".join(part for part in (action.what, cmd.note.strip()) if part),
        departments=[owner_of(action)],
        to=owners_seats(table, action) if leads else (),
        due_at=action.due_at,
        promised=promised,
        attachments=attachments,
    )
    return shown(uow, table.one, table.row, actor, now)


_STEP_OF: dict[ActionMove, ConsultationStep] = {
    "start": "action_started",
    "finish": "action_done",
    "drop": "action_dropped",
    "postpone": "action_postponed",
}


def follow_up(uow: UnitOfWork, now: datetime, *, limit: int = 50) -> int:
    """Bring to mind what is due tomorrow, and say what is overdue; how many there were.

    Each once: the alarm moves on in the transaction of its event.
    """
    due = store.alarms(uow.session, now, limit)
    seats = store.seats_by_consultation(uow.session, [one.id for _, one, _ in due])
    for row, one, action in due:
        table = Table(one, row, seats.get(one.id, []))
        to = owners_seats(table, action)
        what: ConsultationStep
        if action.due_at > now:
            action.alarm_at, action.reminded = action.due_at, True
            what, text = "action_due", texts.reminder(action.what, action.due_at)
        else:
            action.alarm_at = None
            action.state = rules.move(
                rules.ACTION_MOVES, rules.Action(action.state), "lapse", rules.ActionState
            )
            what = "action_overdue"
            text = texts.overdue(action.what, owner_of(action), action.due_at)
        say(
            uow,
            table,
            what,
            CLOCK,
            text,
            now,
            words=action.what,
            departments=[owner_of(action)],
            to=to,
            due_at=action.due_at,
            staff_only=what == "action_due",
        )
    return len(due)


def owner_of(action: JointActionRow) -> str:
    """Who has to do it, in words; a person by her department."""
    return action.department or COMMITTEE


def _require_owner(table: Table, draft: ActionDraft, field: str) -> None:
    departments = {seat.department for seat in table.seated}
    pairs = {(seat.department, seat.person_id) for seat in table.seated}
    fits = {
        "committee": draft.department is None and draft.person_id is None,
        "department": draft.department in departments and draft.person_id is None,
        "person": draft.person_id is not None and (draft.department, draft.person_id) in pairs,
    }[draft.owner]
    if not fits:
        raise rules.OwnerNeeded(errors=[FieldError(f"{field}owner", "must have been invited")])


def _ahead(moment: datetime, now: datetime, field: str) -> None:
    try:
        rules.ahead(moment, now)
    except rules.BadDate:
        raise rules.BadDate(errors=[FieldError(field, "must lie ahead, within 2 years")]) from None
