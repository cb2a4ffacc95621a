"""Joint consultation (联合会商): who comes to the table, and how it ends."""

from collections.abc import Iterable
from datetime import datetime

from services.contracts.actor import Actor
from services.contracts.errors import FieldError
from services.contracts.ids import new_id
from services.contracts.operations.grid_bridge import (
    AnswerDepartmentInvitation,
    ConcludeJointConsultation,
    EscalateIssue,
    InviteDepartment,
    JointConsultation,
    JointInvitee,
    OpenJointConsultation,
    TriageIssue,
    WithdrawDepartmentInvitation,
)
from services.grid_bridge import repository, repository_casework
from services.grid_bridge import repository_consultations as store
from services.grid_bridge import texts_consultations as texts
from services.grid_bridge.domain import consultation as rules
from services.grid_bridge.domain.issue import Status
from services.grid_bridge.domain.work_order import PAUSING, State
from services.grid_bridge.files import Files, attach, has_photo
from services.grid_bridge.handlers import (
    committee,
    consulting_work,
    outcomes,
    promises,
    referring,
    undertakings,
)
from services.grid_bridge.handlers.common import Doer, read_attachments, visible
from services.grid_bridge.handlers.consulting_table import (
    Table,
    close,
    for_leader,
    leading,
    left_to_committee,
    locked,
    part,
    promise,
    say,
)
from services.grid_bridge.handlers.consulting_views import shown
from services.grid_bridge.models import IssueRow, JointConsultationRow, JointSeatRow
from services.grid_bridge.repository_consultations import ConsultationNotFound
from services.kit.uow import UnitOfWork

_DECISION = "转入联合会商"


def open_consultation(
    uow: UnitOfWork, cmd: OpenJointConsultation, actor: Actor, now: datetime
) -> JointConsultation:
    """A legacy case goes to the table; an open referral of it is taken back."""
    found = visible(uow, actor, cmd.id)
    doer = leading(actor, found.path)
    row = repository.issue(uow.session, cmd.id, lock=True)
    changed = rules.convene(repository.as_issue(row))
    if row.status == Status.CLOSED:
        outcomes.take_back(uow, row, doer, cmd.reason or _DECISION, now)
    if row.status == Status.REFERRED:
        referral = repository_casework.open_referral(uow.session, row.id)
        if referral is not None:
            referring.take_back(uow, row, referral, doer, cmd.reason or _DECISION, now)
    repository.keep(row, changed, now)
    one = JointConsultationRow(
        id=new_id(),
        issue_id=row.id,
        community_id=row.community_id,
        path=row.path,
        state="open",
        reason=cmd.reason or "",
        promised_at=promises.at_table(uow, row, now),
        opened_by=actor.person_id,
        opened_role=str(doer.role),
        opened_at=now,
        outcome=None,
        conclusion=None,
        conclusion_attachments=[],
        concluded_by=None,
        concluded_role=None,
        concluded_at=None,
    )
    uow.session.add(one)
    uow.session.flush()
    seats = [_seat(one, who, actor, now) for who in _each_once(cmd.departments)]
    uow.session.add_all(seats)
    table = Table(one, row, seats)
    if cmd.minutes:
        consulting_work.first_minutes(uow, table, cmd.minutes, doer, now)
    agreed = [
        consulting_work.agree(uow, table, draft, doer, now, field=f"actions.{index}.")
        for index, draft in enumerate(cmd.actions)
    ]
    promised = promise(uow, table, now) if agreed else one.promised_at
    names = [seat.department for seat in seats]
    say(
        uow,
        table,
        "opened",
        doer,
        texts.opened(names, one.reason, promised),
        now,
        words=one.reason,
        departments=names,
        to=seats,
        promised=promised,
    )
    for action in agreed:
        consulting_work.tell_agreed(uow, table, action, doer, promised, now)
    return shown(uow, one, row, actor, now)


def invite(
    uow: UnitOfWork, cmd: InviteDepartment, actor: Actor, now: datetime
) -> JointConsultation:
    """One more department; or one that had declined, or was let go, is asked again."""
    table, doer = for_leader(uow, actor, cmd.id)
    seat = next(
        (
            seat
            for seat in table.seats
            if (seat.department, seat.person_id) == (cmd.department, cmd.person_id)
        ),
        None,
    )
    if seat is None:
        if len(table.seats) >= rules.SEATS_AT_MOST:
            raise rules.TableFull()
        seat = _seat(table.one, cmd, actor, now, cmd.note)
        uow.session.add(seat)
    else:
        seat.state = rules.move(rules.SEAT_MOVES, rules.Seat(seat.state), "invite", rules.SeatState)
        seat.note, seat.reason = cmd.note, None
        seat.invited_by, seat.invited_at = actor.person_id, now
        seat.answered_by = seat.answered_at = None
    say(
        uow,
        table,
        "invited",
        doer,
        texts.invited(cmd.department),
        now,
        departments=[cmd.department],
        to=[seat],
    )
    return shown(uow, table.one, table.row, actor, now)


def answer(
    uow: UnitOfWork, cmd: AnswerDepartmentInvitation, actor: Actor, now: datetime
) -> JointConsultation:
    """The department comes, or declines with its reason."""
    found = store.consultation(uow.session, cmd.id)
    if not store.seats_of(actor, store.seats(uow.session, found.id), found.path):
        raise ConsultationNotFound()
    table = locked(uow, found)
    seat = part(store.seats_of(actor, table.seats, found.path), cmd.seat_id)
    if not cmd.accept and cmd.reason is None:
        raise rules.ReasonNeeded(errors=[FieldError("reason", "needed to decline")])
    act = "accept" if cmd.accept else "decline"
    seat.state = rules.move(rules.SEAT_MOVES, rules.Seat(seat.state), act, rules.SeatState)
    seat.reason = cmd.reason
    seat.answered_by, seat.answered_at = actor.person_id, now
    if not cmd.accept:
        left_to_committee(uow, table)
    say(
        uow,
        table,
        "accepted" if cmd.accept else "declined",
        Doer("department_staff", actor.person_id),
        texts.answered(seat.department, accepts=cmd.accept),
        now,
        departments=[seat.department],
        reason=cmd.reason,
    )
    return shown(uow, table.one, table.row, actor, now)


def withdraw(
    uow: UnitOfWork, cmd: WithdrawDepartmentInvitation, actor: Actor, now: datetime
) -> JointConsultation:
    """The department need not come; what it had to do is the committee's."""
    table, doer = for_leader(uow, actor, cmd.id)
    seat = part(table.seats, cmd.seat_id)
    seat.state = rules.move(rules.SEAT_MOVES, rules.Seat(seat.state), "withdraw", rules.SeatState)
    seat.reason = cmd.reason
    left_to_committee(uow, table)
    say(
        uow,
        table,
        "uninvited",
        doer,
        texts.uninvited(seat.department),
        now,
        departments=[seat.department],
        to=[seat],
        reason=cmd.reason,
    )
    return shown(uow, table.one, table.row, actor, now)


def conclude(
    uow: UnitOfWork, cmd: ConcludeJointConsultation, actor: Actor, files: Files, now: datetime
) -> JointConsultation:
    """The end: solved, not to be solved, handed to the grid, or given back to the committee."""
    table, doer = for_leader(uow, actor, cmd.id)
    one, row = table.one, table.row
    attachments = attach(files, cmd.attachments, actor.person_id)
    before = repository.as_issue(row)
    changed = rules.conclude(
        before,
        cmd.outcome,
        photo=has_photo(attachments) or _has_proof(uow, one),
        slot=cmd.slot,
        urgent=cmd.urgent,
    )
    ends = cmd.outcome in ("resolved", "unresolvable")
    repository.keep(row, changed if ends else rules.give_back(before), now)
    # Who goes on has the time of the category from here: the days at the table had their own dates.
    row.triaged_at = None if ends else now
    close(uow, table, cmd.outcome, cmd.words, doer, now, attachments=attachments)
    promised = None
    if ends:
        promises.end(uow, row, now)
        undertakings.checked(uow, row, now)
    elif cmd.outcome == "returned":
        promised = _promise_after(uow, table, now)
    say(
        uow,
        table,
        "concluded",
        doer,
        texts.concluded(cmd.outcome, cmd.words),
        now,
        words=cmd.words,
        departments=[seat.department for seat in table.seated],
        to=table.seated,
        outcome=cmd.outcome,
        promised=promised,
        attachments=attachments,
        ends=ends,
    )
    if cmd.outcome == "handed_over":
        _hand_over(uow, row, cmd, doer, files, now)
    return shown(uow, one, row, actor, now)


def _hand_over(
    uow: UnitOfWork,
    row: IssueRow,
    cmd: ConcludeJointConsultation,
    doer: Doer,
    files: Files,
    now: datetime,
) -> None:
    """Sorted into its slot, then through the gate: as the committee would, one after the other."""
    sorted_into = TriageIssue(
        id=row.id,
        category="8x",
        slot=cmd.slot,
        standard_code=cmd.standard_code,
        reason=cmd.words,
    )
    committee.confirm(uow, row, doer, sorted_into, now)
    handed = EscalateIssue(id=row.id, reason=cmd.words, urgent=cmd.urgent)
    committee.hand_over(uow, row, doer, handed, files, now)


def _promise_after(uow: UnitOfWork, table: Table, now: datetime) -> datetime | None:
    """By when the next word comes: the committee's, or that of the order that lives on.

    The order's clock is taken up as the platform left it, not before what was promised already;
    None where it stands still, or has run out.
    """
    row = table.row
    if row.status != Status.ESCALATED or row.work_order_no is None:
        return promise(uow, table, now)
    order = repository.order(uow.session, row.work_order_no)
    due = max(order.deadline, table.one.promised_at)
    paused = State(order.state) in PAUSING
    promises.start_for_order(uow, row, due, now)
    promises.follow_order(uow, row, due, now, paused=paused)
    return due if due > now and not paused else None


def _has_proof(uow: UnitOfWork, one: JointConsultationRow) -> bool:
    """Whether an action that was done came with a picture."""
    return any(
        action.state == rules.Action.DONE and has_photo(read_attachments(action.attachments))
        for action in store.actions(uow.session, one.id)
    )


def _each_once(invitees: Iterable[JointInvitee]) -> list[JointInvitee]:
    return list({(who.department, who.person_id): who for who in invitees}.values())


def _seat(
    one: JointConsultationRow, who: JointInvitee, actor: Actor, now: datetime, note: str = ""
) -> JointSeatRow:
    return JointSeatRow(
        id=new_id(),
        consultation_id=one.id,
        department=who.department,
        person_id=who.person_id,
        state="invited",
        note=note,
        reason=None,
        invited_by=actor.person_id,
        invited_at=now,
        answered_by=None,
        answered_at=None,
    )
