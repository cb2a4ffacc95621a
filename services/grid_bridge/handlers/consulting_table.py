"""What the use-cases of a joint consultation share: the table under its lock, and telling of it."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TypeVar

from services.contracts.actor import Actor, Role
from services.contracts.errors import Forbidden, ObserverReadOnly
from services.contracts.events import Attachment, JointConsultationChanged
from services.contracts.events.grid_bridge import ConsultationOutcome, ConsultationStep
from services.grid_bridge import clocks, repository, repository_handling
from services.grid_bridge import repository_consultations as store
from services.grid_bridge import texts_consultations as texts
from services.grid_bridge.domain import consultation as rules
from services.grid_bridge.domain import sla
from services.grid_bridge.handlers import outcomes, promises
from services.grid_bridge.handlers.common import Doer, about, plain, tell
from services.grid_bridge.models import (
    IssueRow,
    JointActionRow,
    JointConsultationRow,
    JointMeetingRow,
    JointSeatRow,
)
from services.grid_bridge.repository_consultations import ConsultationNotFound, PartNotFound
from services.kit.uow import UnitOfWork

P = TypeVar("P", JointSeatRow, JointMeetingRow, JointActionRow)

TO_SUPPORTERS: frozenset[ConsultationStep] = frozenset({"opened", "concluded"})
"""What neighbours with the same problem hear of besides its outcome."""


@dataclass(frozen=True, slots=True)
class Table:
    """A consultation with its issue, whose lock the caller holds, and its seats."""

    one: JointConsultationRow
    row: IssueRow
    seats: Sequence[JointSeatRow]

    @property
    def seated(self) -> list[JointSeatRow]:
        """The seats whose departments sit there."""
        return [seat for seat in self.seats if seat.state in rules.SEATED]


def leading(actor: Actor, path: str) -> Doer:
    """The actor as somebody who leads consultations there; :class:`Forbidden` when she is not."""
    role = rules.leads_as(actor, path)
    if role is None:
        raise ObserverReadOnly() if actor.is_observer else Forbidden()
    return Doer(role, actor.person_id)


def for_leader(uow: UnitOfWork, actor: Actor, consultation_id: str) -> tuple[Table, Doer]:
    """An open consultation, locked, for somebody who leads it.

    Raises:
        ConsultationNotFound: there is none, or it is not the actor's to know of.
        ConsultationConcluded: it has ended.
    """
    found = store.consultation(uow.session, consultation_id)
    if rules.leads_as(actor, found.path) is None:
        raise ConsultationNotFound()
    return locked(uow, found), leading(actor, found.path)


def locked(uow: UnitOfWork, found: JointConsultationRow) -> Table:
    """The table as it is now that its issue is locked; raises when it has ended."""
    row = repository.issue(uow.session, found.issue_id, lock=True)
    one = store.consultation(uow.session, found.id, lock=True)
    if one.state != "open":
        raise rules.ConsultationConcluded()
    return Table(one, row, store.seats(uow.session, one.id))


def part(parts: Iterable[P], part_id: str) -> P:
    """The seat, meeting or action with this id; :class:`PartNotFound` if none of those has it."""
    for one in parts:
        if one.id == part_id:
            return one
    raise PartNotFound()


def promise(uow: UnitOfWork, table: Table, now: datetime) -> datetime:
    """Bring the promise in line with the actions; by when the resident hears the next word."""
    uow.session.flush()
    dates = [
        one.due_at for one in store.actions(uow.session, table.one.id) if one.state in rules.UNDONE
    ]
    stage = promises.stage_at_table(table.row)
    place = clocks.at(uow, table.row.community_id)
    fallback = sla.make(stage, now, place.calendar, place.limits[stage]).due_at
    due = rules.next_word(table.one.promised_at, dates, fallback)
    promises.until(uow, table.row, due, now)
    return due


def say(
    uow: UnitOfWork,
    table: Table,
    what: ConsultationStep,
    doer: Doer,
    text: str,
    now: datetime,
    *,
    words: str = "",
    departments: Iterable[str] = (),
    to: Iterable[JointSeatRow] = (),
    due_at: datetime | None = None,
    promised: datetime | None = None,
    outcome: ConsultationOutcome | None = None,
    attachments: Sequence[Attachment] = (),
    reason: str | None = None,
    staff_only: bool = False,
    ends: bool = False,
) -> None:
    """Add a line to the issue's timeline and tell the others.

    Args:
        text: what the timeline says.
        words: the actor's own, as the thread quotes them.
        to: whose seats must hear of it.
        reason: the actor's, for the record alone.
        staff_only: neighbours do not read the line.
        ends: the issue has its outcome by it.
    """
    kind = f"consultation_{what}"
    tell(
        uow,
        table.row,
        kind,
        doer,
        text,
        now,
        attachments=attachments,
        reason=reason,
        staff_only=staff_only,
    )
    seats = list(to)
    event = JointConsultationChanged(
        **about(table.row),
        consultation_id=table.one.id,
        what=what,
        words=words,
        departments=list(dict.fromkeys(departments)),
        guest_ids=sorted({seat.person_id for seat in seats if seat.person_id}),
        to_departments=any(seat.person_id is None for seat in seats),
        due_at=due_at,
        promise_due_at=promised,
        outcome=outcome,
        actor_id=doer.person_id or "",
        actor_role=str(doer.role),
        attachments=list(attachments),
    )
    if ends:
        outcomes.emit(uow, table.row, event, doer, text, now, attachments=attachments)
    elif what in TO_SUPPORTERS and doer.role != Role.RESIDENT and table.row.supporters:
        followers = repository_handling.followers(uow.session, table.row.id)
        uow.emit(event.model_copy(update={"supporter_ids": followers}))
    else:
        uow.emit(event)


def close(
    uow: UnitOfWork,
    table: Table,
    outcome: ConsultationOutcome,
    words: str,
    doer: Doer,
    now: datetime,
    *,
    attachments: Sequence[Attachment] = (),
) -> None:
    """Nothing is left to be done there or to be met for."""
    one = table.one
    one.state, one.outcome, one.conclusion = "concluded", outcome, words
    one.conclusion_attachments = plain(attachments)
    one.concluded_by, one.concluded_role = doer.person_id, str(doer.role)
    one.concluded_at = now
    for meeting in store.meetings(uow.session, one.id):
        if meeting.state == rules.Meeting.PLANNED:
            meeting.state = rules.Meeting.CANCELLED
            meeting.settled_by, meeting.settled_at = doer.person_id, now
    for action in store.actions(uow.session, one.id):
        if action.state in rules.UNDONE:
            action.state, action.alarm_at = rules.Action.DROPPED, None
            action.moved_by, action.moved_at = doer.person_id, now
    uow.session.flush()


def owners_seats(table: Table, action: JointActionRow) -> list[JointSeatRow]:
    """The seats that have to do it; none when the committee has."""
    if action.owner == "person":
        return [seat for seat in table.seated if seat.person_id == action.person_id]
    if action.owner == "department":
        return [seat for seat in table.seated if seat.department == action.department]
    return []


def left_to_committee(uow: UnitOfWork, table: Table) -> None:
    """What nobody who sits there has to do any more is the committee's."""
    uow.session.flush()
    for action in store.actions(uow.session, table.one.id):
        if (
            action.state in rules.UNDONE
            and action.owner != "committee"
            and not owners_seats(table, action)
        ):
            action.owner, action.department, action.person_id = "committee", None, None


def ended_by_reporter(uow: UnitOfWork, row: IssueRow, now: datetime) -> None:
    """The reporter says that it is solved: whoever sits at the table hears that it has ended.

    Her word is told by ``issue.confirmed``; who she is, is not said here.
    """
    one = store.open_consultation(uow.session, row.id)
    if one is None:
        return
    table = Table(one, row, store.seats(uow.session, one.id))
    reporter = Doer(Role.RESIDENT)
    close(uow, table, "resolved", texts.CONFIRMED, reporter, now)
    say(
        uow,
        table,
        "concluded",
        reporter,
        texts.concluded("resolved", texts.CONFIRMED),
        now,
        words=texts.CONFIRMED,
        departments=[seat.department for seat in table.seated],
        to=table.seated,
        outcome="resolved",
    )
