"""Breaches of a covenant: reported, talked about, ended; handed on as an issue when talk failed.

What one neighbour says another one reads, so feed's lexicon judges it as it judges what everybody
reads. A note that it holds waits: its author and the desk see it until the desk shows it. The
desk's own words are not judged.
"""

from datetime import datetime
from typing import Literal, cast

from services import directory
from services.contracts.actor import Actor, Role
from services.contracts.errors import FieldError
from services.contracts.events import CovenantBreachReported
from services.contracts.ids import new_id
from services.contracts.operations.votes import breaches as ops
from services.kit.uow import UnitOfWork
from services.votes import repository
from services.votes.domain import breaches as rules
from services.votes.domain.breaches import (
    BreachEnded,
    BreachNotFound,
    ConversationFull,
    NoteNotWaiting,
    NotToBringIn,
    Part,
    TooManyBreaches,
    UnknownIssue,
)
from services.votes.domain.chain import NotYourStep
from services.votes.domain.covenants import CovenantNotInForce, UnknownArticle
from services.votes.handlers.breach_views import part_of, shown
from services.votes.handlers.common import desk, of_community
from services.votes.handlers.covenant_views import articles_of, readable
from services.votes.handlers.taking_part import must_wait
from services.votes.models import BreachNoteRow, BreachPersonRow, BreachRow


def report(uow: UnitOfWork, cmd: ops.ReportBreach, actor: Actor, now: datetime) -> ops.Breach:
    """A neighbour, or a helper for her, reports that an article is not kept.

    Raises:
        CovenantNotFound, NotAMember, ObserverReadOnly: it is not hers to report.
        CovenantNotInForce: it does not hold yet, or no longer.
        UnknownArticle, TooManyBreaches: there is no such article; she has enough open.
        Silenced, WordsRefused: feed's word, see the module.
    """
    covenant = readable(uow, cmd.id, actor)
    directory.require_member(uow, actor, covenant.community_id)
    if covenant.state != "in_force":
        raise CovenantNotInForce()
    version = repository.covenants.version(uow.session, covenant.id, covenant.version)
    if cmd.article and cmd.article not in {one.key for one in articles_of(version)}:
        raise UnknownArticle(errors=[FieldError("article", UnknownArticle.zh)])
    waits = must_wait(uow, covenant.community_id, _said(cmd))
    if repository.breaches.open_of(uow.session, covenant.id, actor.person_id) >= rules.MOST_OPEN:
        raise TooManyBreaches()
    row = BreachRow(
        id=new_id(),
        covenant_id=covenant.id,
        community_id=covenant.community_id,
        path=covenant.path,
        convener=covenant.convener,
        version=version.version,
        article=cmd.article,
        state="open",
        reporter_id=actor.person_id,
        assisted_by=actor.acted_by or None,
        hidden=cmd.hide_me,
        place=cmd.place,
        building=cmd.building,
        due_at=rules.due(now),
        created_at=now,
    )
    uow.session.add(row)
    uow.session.flush()
    _note(uow, row, actor, Part.REPORTER, Role.RESIDENT, cmd.body, now, waits=waits)
    uow.emit(
        CovenantBreachReported(
            covenant_id=covenant.id,
            breach_id=row.id,
            community_id=row.community_id,
            path=row.path,
            title=covenant.title,
            convener=row.convener,
        )
    )
    return shown(uow, row, Part.REPORTER, actor, now)


def reply(uow: UnitOfWork, cmd: ops.ReplyToBreach, actor: Actor, now: datetime) -> ops.Breach:
    """Say something; the desk's first word begins the talk, and it records what came of a talk.

    Raises:
        BreachNotFound, ObserverReadOnly, Forbidden, NotYourStep: she has no part in it.
        BreachEnded, ConversationFull: it is over; there are too many notes.
        DeskTalks: only the desk records a talk.
        Silenced, WordsRefused: feed's word, see the module.
    """
    row, part = _with_part(uow, cmd.id, actor)
    role = desk(actor, row).role if part is Part.DESK else Role.RESIDENT
    rules.require_talk_of_desk(cmd.talk, part)
    waits = part is not Part.DESK and must_wait(uow, row.community_id, cmd.body)
    row = _open(uow, row.id)
    if row.notes >= rules.MOST_NOTES:
        raise ConversationFull()
    _note(uow, row, actor, part, role, cmd.body, now, talk=cmd.talk, waits=waits)
    if part is Part.DESK:
        row.state, row.reacted_at = "talking", row.reacted_at or now
        row.failed_talks += cmd.talk == "failed"
    return shown(uow, row, part, actor, now)


def bring_in(uow: UnitOfWork, cmd: ops.BringIntoBreach, actor: Actor, now: datetime) -> ops.Breach:
    """The desk brings in whom it concerns; she reads the conversation from its beginning.

    Raises:
        BreachNotFound, Forbidden, NotYourStep: it is not the actor's desk.
        BreachEnded, ConversationFull: it is over; there are too many people.
        NotToBringIn: she is no grown-up neighbour here, or the reporter.
    """
    row = _of_desk(uow, cmd.id, actor)
    row = _open(uow, row.id)
    card = directory.card(uow, cmd.person_id, row.community_id)
    if card is None or card.standing != "active" or cmd.person_id == row.reporter_id:
        raise NotToBringIn(errors=[FieldError("person_id", NotToBringIn.zh)])
    there = repository.breaches.concerned(uow.session, row.id)
    if cmd.person_id not in there:
        if len(there) >= rules.MOST_CONCERNED:
            raise ConversationFull()
        uow.session.add(BreachPersonRow(breach_id=row.id, person_id=cmd.person_id, at=now))
        row.state, row.reacted_at = "talking", row.reacted_at or now
    return shown(uow, row, Part.DESK, actor, now)


def show_note(uow: UnitOfWork, cmd: ops.ShowBreachNote, actor: Actor, now: datetime) -> ops.Breach:
    """The desk shows the others a note that waited.

    Raises:
        BreachNotFound, Forbidden, NotYourStep: it is not the actor's desk.
        NoteNotWaiting: there is no such note, or it does not wait.
    """
    row = _of_desk(uow, cmd.id, actor)
    row = repository.breaches.breach(uow.session, row.id, lock=True)
    found = repository.breaches.note(uow.session, row.id, cmd.note)
    if found is None or not found.waits:
        raise NoteNotWaiting()
    found.waits = False
    return shown(uow, row, Part.DESK, actor, now)


def settle(uow: UnitOfWork, cmd: ops.SettleBreach, actor: Actor, now: datetime) -> ops.Breach:
    """End the conversation, with the reason for it.

    Raises:
        BreachNotFound, ObserverReadOnly, Forbidden, NotYourStep: she has no part in it.
        BreachEnded, TalkFirst, NotYoursToEnd: see :func:`services.votes.domain.breaches.end`.
        UnknownIssue: the issue is none of this community's.
    """
    row, part = _with_part(uow, cmd.id, actor)
    if part is Part.DESK:
        desk(actor, row)
    _may_end(row, cmd, part)
    if cmd.issue_id:
        _require_issue(uow, cmd.issue_id, row.community_id)
    row = repository.breaches.breach(uow.session, row.id, lock=True)
    _may_end(row, cmd, part)
    row.state, row.reason, row.issue_id = cmd.state, cmd.reason, cmd.issue_id
    row.ended_at, row.ended_by = now, actor.person_id
    row.reacted_at = row.reacted_at or (now if part is Part.DESK else None)
    return shown(uow, row, part, actor, now)


# -- shared ---------------------------------------------------------------------------------------


def _with_part(uow: UnitOfWork, breach_id: str, actor: Actor) -> tuple[BreachRow, Part]:
    row = repository.breaches.breach(uow.session, breach_id)
    part = part_of(uow, row, actor)
    if part is None:
        raise BreachNotFound()
    return row, part


def _of_desk(uow: UnitOfWork, breach_id: str, actor: Actor) -> BreachRow:
    """The breach for one of the body that convened the covenant, whom it does not concern."""
    row, part = _with_part(uow, breach_id, actor)
    desk(actor, row)
    if part is not Part.DESK:
        raise NotYourStep()
    return row


def _open(uow: UnitOfWork, breach_id: str) -> BreachRow:
    row = repository.breaches.breach(uow.session, breach_id, lock=True)
    if row.state not in rules.OPEN:
        raise BreachEnded()
    return row


def _may_end(row: BreachRow, cmd: ops.SettleBreach, part: Part) -> None:
    rules.end(cast(ops.BreachState, row.state), cmd.state, part, row.failed_talks)


def _note(
    uow: UnitOfWork,
    row: BreachRow,
    actor: Actor,
    part: Part,
    role: str,
    body: str,
    now: datetime,
    *,
    talk: Literal["agreed", "failed"] | None = None,
    waits: bool = False,
) -> None:
    uow.session.add(
        BreachNoteRow(
            breach_id=row.id,
            author_id=actor.person_id,
            part=part,
            role=str(role),
            body=body,
            talk=talk,
            waits=waits,
            at=now,
        )
    )
    row.notes = (row.notes or 0) + 1


def _said(cmd: ops.ReportBreach) -> str:
    """All the words of a report that others may read."""
    return "\n".join(filter(None, (cmd.body, cmd.place, cmd.building)))


def _require_issue(uow: UnitOfWork, issue_id: str, community_id: str) -> None:
    """Let an issue be named that the actor sees, of this community."""
    unknown = UnknownIssue(errors=[FieldError("issue_id", UnknownIssue.zh)])
    of_community(uow, community_id, "grid_bridge", "get_issue", issue_id, unknown)
