"""The committee's own work: cases taken in at the desk, given to somebody, covered for, timed."""

from datetime import date, datetime, timedelta

from services import directory
from services.contracts.actor import COMMITTEE, Actor
from services.contracts.errors import Conflict, FieldError, Invalid, ShequError
from services.contracts.events import IssueAssigned
from services.contracts.operations.grid_bridge import (
    Absence,
    Absences,
    AssignIssue,
    EndAbsence,
    Issue,
    IssueAssignee,
    ListAbsences,
    ListMinutes,
    LogMinutes,
    Minutes,
    MinutesEntry,
    PutAbsence,
    UnassignIssue,
)
from services.grid_bridge import repository_casework as store
from services.grid_bridge import texts_handling as texts
from services.grid_bridge.domain import sla
from services.grid_bridge.domain.issue import NotNow, Status
from services.grid_bridge.handlers.common import (
    Doer,
    about,
    for_committee,
    serving,
    tell,
    visible,
)
from services.grid_bridge.handlers.reading import COLLEAGUE, shown
from services.grid_bridge.models import AbsenceRow, IssueRow, MinutesRow
from services.kit.uow import UnitOfWork

LONGEST = timedelta(days=366)
GONE_BY = frozenset({Status.CLOSED, Status.MERGED})
"""Where nobody has anything to handle any more."""


class NotOnCommittee(Invalid):
    """Only somebody of this community's committee can handle its issues or stand in."""

    code = "grid.not_on_committee"
    zh, en = "只能交由本社区居委会工作人员", "Only somebody of this community's committee"


class AbsenceDays(Invalid):
    """An absence has a last day not before its first, and is at most a year long."""

    code = "grid.absence_days"
    zh, en = "请核对起止日期（最长一年）", "Check the days; a year at most"


class CoverIsAway(Conflict):
    """Whoever stands in must be there, and somebody else."""

    code = "grid.cover_is_away"
    zh, en = "代办人不能是本人，也不能在此期间不在岗", "Whoever stands in is away herself"


class NoAbsence(Conflict):
    """She is not away."""

    code = "grid.no_absence"
    zh, en = "没有登记不在岗", "No absence was noted"


# -- assignment ----------------------------------------------------------------------------------


def assign(uow: UnitOfWork, cmd: AssignIssue, actor: Actor, now: datetime) -> Issue:
    """One of the committee takes it on, or hands it over to a colleague."""
    row, doer = for_committee(uow, actor, cmd.id)
    if row.status in GONE_BY:
        raise NotNow()
    _require_colleague(uow, actor, row.community_id, cmd.person_id, "person_id")
    if row.assignee_id != cmd.person_id:
        away = store.absence_on(uow.session, row.community_id, cmd.person_id, _today(now))
        cover = away.cover_id if away else None
        names = _names(uow, row.community_id, cmd.person_id, cover, row.assignee_id)
        text = texts.assigned(
            names[cmd.person_id],
            names[cover] if cover else None,
            names[row.assignee_id] if row.assignee_id else None,
        )
        row.assignee_id = cmd.person_id
        _told(uow, row, doer, "assigned", text, cover or cmd.person_id, now, cmd.reason)
    return shown(uow, row, actor, now)


def unassign(uow: UnitOfWork, cmd: UnassignIssue, actor: Actor, now: datetime) -> Issue:
    """It is everybody's again."""
    row, doer = for_committee(uow, actor, cmd.id)
    if row.assignee_id is not None:
        names = _names(uow, row.community_id, row.assignee_id)
        text = texts.unassigned(names[row.assignee_id])
        row.assignee_id = None
        _told(uow, row, doer, "unassigned", text, None, now, None)
    return shown(uow, row, actor, now)


def _told(
    uow: UnitOfWork,
    row: IssueRow,
    doer: Doer,
    kind: str,
    text: str,
    handler: str | None,
    now: datetime,
    reason: str | None,
) -> None:
    """On the committee's side of the timeline, and to whoever handles it from now on."""
    row.updated_at = now
    tell(uow, row, kind, doer, text, now, reason=reason, staff_only=True)
    uow.emit(
        IssueAssigned(
            **about(row),
            assignee_id=handler,
            actor_id=doer.person_id or "",
            actor_role=str(doer.role),
        )
    )


# -- absence -------------------------------------------------------------------------------------


def put_absence(uow: UnitOfWork, cmd: PutAbsence, actor: Actor, now: datetime) -> Absence:
    """Say who is away and who stands in; each case that she handles gets a line about it."""
    community = directory.require_reader(uow, actor, cmd.cid)
    doer = serving(actor, community.path)
    who = cmd.person_id or actor.person_id
    if not timedelta() <= cmd.to - cmd.from_ < LONGEST or cmd.to < _today(now):
        raise AbsenceDays(errors=[FieldError("to", "before from, past, or too far away")])
    _require_colleague(uow, actor, community.id, who, "person_id")
    _require_colleague(uow, actor, community.id, cmd.cover_id, "cover_id")
    store.one_absence_at_a_time(uow.session, community.id)
    for other in store.absences(uow.session, community.id, cmd.from_):
        overlaps = other.from_day <= cmd.to
        if overlaps and other.person_id != who and cmd.cover_id == other.person_id:
            raise CoverIsAway()
        if overlaps and other.person_id != who and other.cover_id == who:
            raise CoverIsAway()
    if cmd.cover_id == who:
        raise CoverIsAway()
    store.put_absence(
        uow.session,
        community_id=community.id,
        person_id=who,
        cover_id=cmd.cover_id,
        from_day=cmd.from_,
        to_day=cmd.to,
        put_by=actor.person_id,
        put_at=now,
    )
    names = _names(uow, community.id, who, cmd.cover_id)
    text = texts.away(names[who], names[cmd.cover_id], cmd.from_, cmd.to)
    _tell_cases(uow, community.id, who, doer, "covered", text, now)
    return Absence(
        person=IssueAssignee(person_id=who, display_name=names[who]),
        cover=IssueAssignee(person_id=cmd.cover_id, display_name=names[cmd.cover_id]),
        from_=cmd.from_,
        to=cmd.to,
    )


def end_absence(uow: UnitOfWork, cmd: EndAbsence, actor: Actor, now: datetime) -> Absences:
    """She is back, or does not go."""
    community = directory.require_reader(uow, actor, cmd.cid)
    doer = serving(actor, community.path)
    who = cmd.person_id or actor.person_id
    store.one_absence_at_a_time(uow.session, community.id)
    found = uow.session.get(AbsenceRow, (community.id, who), populate_existing=True)
    if found is None or found.to_day < _today(now):
        raise NoAbsence()
    uow.session.delete(found)
    uow.session.flush()
    text = texts.back(_names(uow, community.id, who)[who])
    _tell_cases(uow, community.id, who, doer, "uncovered", text, now)
    return _absences(uow, community.id, now)


def list_absences(uow: UnitOfWork, cmd: ListAbsences, actor: Actor, now: datetime) -> Absences:
    """Who of the committee is away, or will be."""
    community = directory.require_reader(uow, actor, cmd.cid)
    serving(actor, community.path)
    return _absences(uow, community.id, now)


def _absences(uow: UnitOfWork, community_id: str, now: datetime) -> Absences:
    rows = store.absences(uow.session, community_id, _today(now))
    names = _names(
        uow, community_id, *(one for row in rows for one in (row.person_id, row.cover_id))
    )
    return Absences(
        items=[
            Absence(
                person=IssueAssignee(person_id=row.person_id, display_name=names[row.person_id]),
                cover=IssueAssignee(person_id=row.cover_id, display_name=names[row.cover_id]),
                from_=row.from_day,
                to=row.to_day,
            )
            for row in rows
        ]
    )


def _tell_cases(
    uow: UnitOfWork,
    community_id: str,
    assignee_id: str,
    doer: Doer,
    kind: str,
    text: str,
    now: datetime,
) -> None:
    store.tell_all_of_assignee(
        uow.session,
        community_id,
        assignee_id,
        at=now,
        kind=kind,
        actor=doer.person_id,
        role=str(doer.role),
        words=text,
    )


# -- minutes -------------------------------------------------------------------------------------


def log_minutes(uow: UnitOfWork, cmd: LogMinutes, actor: Actor, now: datetime) -> Minutes:
    """Note time spent on a case; the committee alone sees it."""
    row, doer = for_committee(uow, actor, cmd.id)
    uow.session.add(
        MinutesRow(
            issue_id=row.id,
            person_id=actor.person_id,
            minutes=cmd.minutes,
            note=cmd.note,
            at=now,
        )
    )
    row.minutes += cmd.minutes
    tell(uow, row, "minutes", doer, texts.spent(cmd.minutes, cmd.note), now, staff_only=True)
    uow.session.flush()
    return _sheet(uow, row)


def list_minutes(uow: UnitOfWork, cmd: ListMinutes, actor: Actor) -> Minutes:
    """The time spent on a case."""
    row = visible(uow, actor, cmd.id)
    serving(actor, row.path)
    return _sheet(uow, row)


def _sheet(uow: UnitOfWork, row: IssueRow) -> Minutes:
    entries = store.minutes(uow.session, row.id)
    names = _names(uow, row.community_id, *(entry.person_id for entry in entries))
    return Minutes(
        total=row.minutes,
        items=[
            MinutesEntry(
                person_id=entry.person_id,
                display_name=names[entry.person_id],
                minutes=entry.minutes,
                note=entry.note,
                at=entry.at,
            )
            for entry in entries
        ],
    )


# -- colleagues ----------------------------------------------------------------------------------


def _today(now: datetime) -> date:
    return now.astimezone(sla.ZONE).date()


def _names(uow: UnitOfWork, community_id: str, *people: str | None) -> dict[str, str]:
    wanted = [one for one in people if one]
    cards = directory.cards(uow, wanted, community_id)
    return {one: cards[one].display_name if one in cards else COLLEAGUE for one in wanted}


def _require_colleague(
    uow: UnitOfWork, actor: Actor, community_id: str, person_id: str, field: str
) -> None:
    """Whether somebody serves on this committee; identity is asked before saying no.

    Raises:
        NotOnCommittee: she does not.
    """
    if person_id == actor.person_id:
        return  # her token says so
    card = directory.card(uow, person_id, community_id)
    if card is not None and COMMITTEE & {*card.role_badges}:
        return
    try:
        told = uow.ask(
            "identity", "get_member_card", person_id=person_id, community_id=community_id
        )
    except ShequError as error:
        if error.status not in (403, 404):
            raise  # identity is away: nobody knows
        told = {}
    if not COMMITTEE & {*(told.get("role_badges") or ())}:
        raise NotOnCommittee(errors=[FieldError(field, "serves on another committee, or none")])
