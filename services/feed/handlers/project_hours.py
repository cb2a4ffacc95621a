"""The hours that volunteers give a project, and its account."""

from datetime import datetime

from services.contracts.actor import Actor
from services.contracts.errors import FieldError, Invalid
from services.contracts.ids import new_id
from services.contracts.operations.base import Empty, ListCommand
from services.contracts.operations.feed import projects as ops
from services.feed.domain import project as rules
from services.feed.domain import texts
from services.feed.domain.days import day_of
from services.feed.domain.posts import PostNotFound
from services.feed.handlers.common import Uploads, attached, readable
from services.feed.handlers.projects import locked, stand_of, standing
from services.feed.handlers.works import acted_on, said
from services.feed.models import ProjectHours, ProjectMoney
from services.feed.repository import project_hours as repository
from services.feed.repository import projects
from services.feed.repository.posts import PostHead
from services.kit.uow import UnitOfWork
from services.kit.verdicts import JsonText


def log_hours(uow: UnitOfWork, cmd: ops.LogHours, actor: Actor, now: datetime) -> JsonText:
    """Log hours that the actor gave.

    Raises:
        NotAVolunteer, NotOpen: only who takes part, while the project is open.
        Invalid, DayHasNoRoom: see ``check_hours``.
        Silenced, WordsRefused: see ``said``.
    """
    head, _ = acted_on(uow, cmd.id, actor)
    project, session, me = locked(uow, head.id), uow.session, actor.person_id
    volunteer = projects.volunteers(session, head.id, me)
    rules.check_taking_part(stand_of(project), standing(head, actor, volunteer=volunteer))
    rules.check_hours(
        cmd.hours,
        cmd.on_date,
        today=day_of(now),
        recruiting_since=day_of(repository.recruiting_since(session, head.id) or now),
        that_day=repository.hours_that_day(session, me, cmd.on_date),
    )
    words = said(uow, actor, head, now, note=cmd.note)
    entry = ProjectHours(
        id=new_id(),
        post_id=head.id,
        person_id=me,
        hours=cmd.hours,
        on_date=cmd.on_date,
        note=words["note"],
        logged_at=now,
    )
    session.add(entry)
    session.flush()
    return JsonText(repository.hours_json(session, entry.id, actor.eyes))


def confirm_hours(uow: UnitOfWork, cmd: ops.OfHours, actor: Actor, now: datetime) -> JsonText:
    """Confirm a volunteer's hours: they count from now on.

    Raises:
        HoursNotFound: none such, or not the actor's to see.
        MayNotConfirm, OwnHours, HoursConfirmed: see ``check_confirm``.
    """
    entry, head = _entry(uow, cmd.id, actor)
    rules.check_confirm(
        standing(head, actor),
        own=entry.person_id == actor.person_id,
        confirmed=entry.confirmed_at is not None,
    )
    entry.confirmed_by, entry.confirmed_at = actor.person_id, now
    uow.session.flush()
    return JsonText(repository.hours_json(uow.session, entry.id, actor.eyes))


def withdraw_hours(uow: UnitOfWork, cmd: ops.OfHours, actor: Actor) -> Empty:
    """Take back one's own hours, until somebody has confirmed them.

    Raises:
        HoursNotFound: none such, or not the actor's own.
        HoursConfirmed: they stay.
    """
    entry, _ = _entry(uow, cmd.id, actor)
    if entry.person_id != actor.person_id:
        raise rules.HoursNotFound()
    if entry.confirmed_at is not None:
        raise rules.HoursConfirmed()
    uow.session.delete(entry)
    return Empty()


def list_hours(uow: UnitOfWork, cmd: ops.ListOfProject, actor: Actor) -> JsonText:
    """A page of a project's hours; those that wait are seen by who may confirm, and one's own."""
    head = readable(uow, cmd.id, actor)
    who = standing(head, actor)
    page = repository.hours_page(
        uow.session,
        post_id=head.id,
        me=actor.eyes,
        whole=who.lead or who.committee,
        limit=cmd.limit,
        cursor=cmd.cursor,
    )
    return JsonText(page)


def list_my_hours(uow: UnitOfWork, cmd: ListCommand, actor: Actor) -> JsonText:
    """A page of the actor's hours over all projects, with the sums of all of them."""
    page = repository.my_hours_page(uow.session, actor.person_id, cmd.limit, cmd.cursor)
    return JsonText(page)


def _entry(uow: UnitOfWork, entry_id: str, actor: Actor) -> tuple[ProjectHours, PostHead]:
    entry = uow.session.get(ProjectHours, entry_id, with_for_update=True)
    if entry is None:
        raise rules.HoursNotFound()
    try:
        head, _ = acted_on(uow, entry.post_id, actor)
    except PostNotFound:
        raise rules.HoursNotFound() from None
    return entry, head


# -- the account ---------------------------------------------------------------------------------


def add_money(
    uow: UnitOfWork, cmd: ops.AddMoney, actor: Actor, now: datetime, uploads: Uploads
) -> JsonText:
    """Enter what came in or was spent; a line stays as it is.

    Raises:
        NotTheLead, NotInThisState: see ``check_money``.
        Invalid: the day is to come, or a receipt is not there.
        Silenced, WordsRefused: see ``said``.
    """
    head, _ = acted_on(uow, cmd.id, actor)
    rules.check_money(locked(uow, head.id).state, standing(head, actor))
    if cmd.on_date > day_of(now):
        raise Invalid(errors=[FieldError("on_date", "日期不能晚于今天")])
    words = said(uow, actor, head, now, subject=cmd.subject, note=cmd.note)
    return _entered(
        uow,
        ProjectMoney(
            id=new_id(),
            post_id=head.id,
            kind=cmd.kind,
            amount=cmd.amount,
            subject=texts.required("subject", texts.clean_line(words["subject"])),
            on_date=cmd.on_date,
            note=words["note"],
            attachments=attached(uploads, cmd.attachments, actor.person_id),
            by=actor.person_id,
            at=now,
        ),
    )


def cancel_money(uow: UnitOfWork, cmd: ops.CancelMoney, actor: Actor, now: datetime) -> JsonText:
    """Cancel a line by one of the opposite amount.

    Raises:
        MoneyNotFound: none such, or not the actor's to see.
        NotTheLead: she keeps no account here.
        MoneyCancelled: it was cancelled, or cancels another.
        Silenced, WordsRefused: see ``said``.
    """
    line = uow.session.get(ProjectMoney, cmd.id)
    if line is None:
        raise rules.MoneyNotFound()
    try:
        head, _ = acted_on(uow, line.post_id, actor)
    except PostNotFound:
        raise rules.MoneyNotFound() from None
    rules.check_money(locked(uow, head.id).state, standing(head, actor))
    if line.cancels is not None or repository.is_cancelled(uow.session, line.id):
        raise rules.MoneyCancelled()
    words = said(uow, actor, head, now, reason=cmd.reason)
    return _entered(
        uow,
        ProjectMoney(
            id=new_id(),
            post_id=head.id,
            kind=line.kind,
            amount=-line.amount,
            subject=line.subject,
            on_date=line.on_date,
            note=texts.required("reason", words["reason"]),
            cancels=line.id,
            by=actor.person_id,
            at=now,
        ),
    )


def list_money(uow: UnitOfWork, cmd: ops.ListOfProject, actor: Actor) -> JsonText:
    """A page of a project's account, open to everybody who may read the post."""
    head = readable(uow, cmd.id, actor)
    return JsonText(repository.money_page(uow.session, head.id, cmd.limit, cmd.cursor))


def _entered(uow: UnitOfWork, line: ProjectMoney) -> JsonText:
    uow.session.add(line)
    uow.session.flush()
    return JsonText(repository.money_json(uow.session, line.id))
