"""Micro-projects (公益项目): applied for, decided, moved on; their volunteers."""

from datetime import datetime
from typing import Any

from services import directory
from services.contracts.actor import COMMITTEE, Actor
from services.contracts.errors import ShequError
from services.contracts.events import Event, MemberCardChanged, PersonDeleted, ProjectAdvanced
from services.contracts.ids import new_id
from services.contracts.operations.feed import OfPost
from services.contracts.operations.feed import projects as ops
from services.feed.domain import posts, speaking, texts
from services.feed.domain import project as rules
from services.feed.domain.days import day_of
from services.feed.handlers import keeping_away
from services.feed.handlers.common import Uploads, attached, module_of, readable
from services.feed.handlers.works import acted_on, said, why_no_part, why_not, with_more
from services.feed.models import Project, ProjectStep
from services.feed.repository import project_hours
from services.feed.repository import projects as repository
from services.feed.repository.posts import PostHead
from services.kit.uow import UnitOfWork
from services.kit.verdicts import JsonText

TOLD_AT_MOST = 200  # volunteers whom a step names, see ProjectAdvanced


def apply_project(uow: UnitOfWork, cmd: ops.ApplyProject, actor: Actor, now: datetime) -> JsonText:
    """Apply for a project, or again while it waits or after a no.

    Raises:
        NotForProjects, ProjectNeedsName, NotTheLead: not with this post, or not she.
        NotInThisState: it was approved.
        Invalid: it should have been done by now.
        Silenced, WordsRefused: see ``said``.
    """
    head, _ = acted_on(uow, cmd.id, actor, begins=now)
    if head.author_id != actor.person_id:
        raise rules.NotTheLead()
    if "project" not in module_of(uow, head).works:
        raise rules.NotForProjects()
    if head.hide_name:
        raise rules.ProjectNeedsName()
    rules.check_application(cmd.until, day_of(now))
    repository.put_project(uow.session, head.id, head.community_id, now)
    project = locked(uow, head.id)
    project.wanted, project.budget, project.until = cmd.wanted, cmd.budget, cmd.until
    words = said(uow, actor, head, now, place=cmd.place)
    project.place = texts.clean_line(words["place"])
    project.applied_at = now
    _step(uow, project, head, actor, "apply", now)
    return _shown(uow, head, actor)


def record_project_step(
    uow: UnitOfWork,
    cmd: ops.RecordProjectStep,
    actor: Actor,
    now: datetime,
    uploads: Uploads,
) -> JsonText:
    """Move a project on; see ``domain.project`` for who may, and when.

    Raises:
        ProjectNotFound: nobody has applied with this post.
        NotTheCommittee, NotTheLead, OwnProject, NotInThisState: see ``check_step``.
        Invalid, AccountNeeded, ThereWasMoney: see ``check_said``.
        Silenced, WordsRefused: see ``said``.
    """
    head, _ = acted_on(uow, cmd.id, actor)
    project = locked(uow, head.id)
    rules.check_step(project.state, cmd.step, standing(head, actor))
    note = said(uow, actor, head, now, note=cmd.note)["note"]
    files = attached(uploads, cmd.attachments, actor.person_id)
    lines = project_hours.money_lines(uow.session, head.id)
    rules.check_said(cmd.step, note, files, no_money=cmd.no_money, lines=lines)
    _step(uow, project, head, actor, cmd.step, now, note=note, attachments=files)
    return _shown(uow, head, actor)


def _step(
    uow: UnitOfWork,
    project: Project,
    head: PostHead,
    actor: Actor,
    step: rules.Step,
    now: datetime,
    **more: Any,
) -> None:
    """Take a step that was checked: the project's row is locked."""
    project.state = rules.check_step(project.state, step, standing(head, actor))
    project.changed_at = now
    office = speaking.office_in(module_of(uow, head), actor, head.path)
    uow.session.add(
        ProjectStep(
            id=new_id(),
            post_id=project.post_id,
            step=step,
            actor_id=actor.person_id,
            actor_role=office or "",
            at=now,
            **more,
        )
    )
    uow.session.flush()
    uow.emit(
        ProjectAdvanced(
            post_id=head.id,
            community_id=head.community_id,
            path=head.path,
            module=head.module,
            step=step,
            state=project.state,
            author_id=head.author_id,
            actor_id=actor.person_id,
            volunteer_ids=repository.volunteer_ids(uow.session, head.id, TOLD_AT_MOST),
        )
    )


def get_project(uow: UnitOfWork, cmd: OfPost, actor: Actor) -> JsonText:
    """How a project stands, and what the actor may do."""
    return _shown(uow, readable(uow, cmd.id, actor), actor)


def list_projects(uow: UnitOfWork, cmd: ops.ListProjects, actor: Actor) -> JsonText:
    """A page of a community's projects, those that moved last first."""
    directory.require_reader(uow, actor, cmd.cid)
    page = repository.projects_page(
        uow.session,
        community_id=cmd.cid,
        state=cmd.state,
        me=actor.eyes,
        limit=cmd.limit,
        cursor=cmd.cursor,
    )
    return JsonText(page)


# -- volunteers ----------------------------------------------------------------------------------


def join_project(uow: UnitOfWork, cmd: OfPost, actor: Actor, now: datetime) -> JsonText:
    """Take part; whoever does already goes on doing so.

    Raises:
        NotOpen, ProjectFull: no volunteers are looked for, or all have been found.
        KeptAway: the lead has blocked her.
    """
    head, _ = acted_on(uow, cmd.id, actor, begins=now)
    project = locked(uow, head.id)
    if not repository.volunteers(uow.session, head.id, actor.person_id):
        keeping_away.require_welcome(uow, actor, head.path, head.id)
        rules.check_join(stand_of(project), standing(head, actor))
        repository.put_volunteer(uow.session, head.id, actor.person_id, now)
        project.volunteers += 1
        uow.session.flush()
    return _shown(uow, head, actor)


def leave_project(uow: UnitOfWork, cmd: OfPost, actor: Actor, now: datetime) -> JsonText:
    """Take part no more; hours that were given stay. Who does not take part changes nothing.

    Raises:
        NotOpen: the project is over, and who took part in it is on record.
    """
    head, _ = acted_on(uow, cmd.id, actor)
    project = locked(uow, head.id)
    if repository.volunteers(uow.session, head.id, actor.person_id):
        rules.check_taking_part(stand_of(project), standing(head, actor, volunteer=True))
        repository.drop_volunteer(uow.session, head.id, actor.person_id, now)
        project.volunteers -= 1
        uow.session.flush()
    return _shown(uow, head, actor)


def list_volunteers(uow: UnitOfWork, cmd: ops.ListOfProject, actor: Actor) -> JsonText:
    """A page of who takes part, as the neighbours know them."""
    head = readable(uow, cmd.id, actor)
    return JsonText(repository.volunteers_page(uow.session, head.id, cmd.limit, cmd.cursor))


def follow(uow: UnitOfWork, event: Event, now: datetime) -> None:
    """Whoever has left the community gives her place as a volunteer free; her hours stay."""
    match event:
        case MemberCardChanged(standing="ended"):
            repository.leave_all(uow.session, event.person_id, event.community_id, now)
        case PersonDeleted():
            repository.leave_all(uow.session, event.person_id, None, now)


# -- what the use-cases of projects share --------------------------------------------------------


def locked(uow: UnitOfWork, post_id: str) -> Project:
    """The project of a post, locked until the commit.

    Raises:
        ProjectNotFound: nobody has applied with this post.
    """
    project = uow.session.get(Project, post_id, with_for_update=True, populate_existing=True)
    if project is None:
        raise rules.ProjectNotFound()
    return project


def standing(head: PostHead, actor: Actor, *, volunteer: bool = False) -> rules.Standing:
    """What the actor is to the project of a post."""
    return rules.Standing(
        lead=head.author_id == actor.person_id,
        committee=actor.holds(COMMITTEE, head.path),
        volunteer=volunteer,
    )


def stand_of(project: Project) -> rules.Stand:
    """Where a project stands."""
    return rules.Stand(project.state, project.wanted, project.volunteers)


def _shown(uow: UnitOfWork, head: PostHead, actor: Actor) -> JsonText:
    shown = repository.project_shown(uow.session, head.id, actor.eyes)
    if shown is None:
        raise rules.ProjectNotFound()
    found = rules.actions(shown.stand, standing(head, actor, volunteer=shown.volunteering))
    no_part: ShequError | None = why_no_part(uow, actor, head.community_id)
    if head.state != "shown":
        no_part = no_part or posts.PostNotFound()
    actions = [
        ops.ProjectAction(
            action=action, may=(no_part or why) is None, why_not=why_not(no_part or why)
        ).model_dump()
        for action, why in found.items()
    ]
    return with_more(shown.json, actions=actions)
