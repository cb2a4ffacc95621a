"""Objections (异议): filed in the legal window, answered with reasons, marked by the objector."""

from collections.abc import Sequence
from datetime import datetime
from typing import cast

from services import directory
from services.contracts.actor import Actor, Role
from services.contracts.events import ObjectionAnswered, ObjectionFiled
from services.contracts.ids import new_id
from services.contracts.operations.base import Page
from services.contracts.operations.votes import objections as ops
from services.contracts.operations.votes.rules import RuleSet
from services.kit.pages import decode_cursor, encode_cursor
from services.kit.uow import UnitOfWork
from services.votes import repository
from services.votes import texts_discussion as texts
from services.votes.domain import objections as rules
from services.votes.domain.objections import (
    MOST_ANSWERS,
    MOST_MARKS,
    MOST_OBJECTIONS,
    MOST_REPLIES,
    NoObjectionsNow,
    NotAnsweredYet,
    ObjectionNotFound,
    ObjectionSettled,
    TooManyObjections,
    Window,
)
from services.votes.handlers import taking_part
from services.votes.handlers.common import Doer, desk, look_again, tell, title_of, visible
from services.votes.handlers.discussion_views import speaker
from services.votes.models import ObjectionNoteRow, ObjectionRow, PollRow, TopicRow
from services.votes.repository.topics import TopicNotFound


def file(uow: UnitOfWork, cmd: ops.FileObjection, actor: Actor) -> ops.Objection:
    """A neighbour objects; the database's clock says whether it is in time.

    Raises:
        TopicNotFound, NotAMember, ObserverReadOnly, NotForChildren: she takes no part here.
        NoObjectionsNow, TooManyObjections: it is not the time, or she has said enough.
        WordsRefused: it holds what is not published here.
    """
    found = visible(uow, actor, cmd.id)
    taking_part.grown_up(uow, actor, found.community_id)
    if _window(uow, found) is None:
        raise NoObjectionsNow()
    taking_part.require_lawful(uow, found.community_id, cmd.body)  # before anything is locked
    row = repository.topics.topic(uow.session, cmd.id, lock=True)
    now, window = repository.clock.legal_now(uow.session), _window(uow, row)
    if window is None or not window.holds(now):
        raise NoObjectionsNow()
    poll_id = cast(str, row.poll_id)
    filed = repository.objections.filed_by(
        uow.session, actor.person_id, row.id, poll_id, window.period
    )
    if filed >= MOST_OBJECTIONS:
        raise TooManyObjections()
    new = ObjectionRow(
        id=new_id(),
        topic_id=row.id,
        poll_id=poll_id,
        period=window.period,
        kind=cmd.kind,
        body=cmd.body,
        objector_id=actor.person_id,
        assisted_by=actor.acted_by or None,
        filed_at=now,
        owed=True,
        asked_again=False,
        answers=0,
        replies=0,
    )
    uow.session.add(new)
    _tell(uow, row, new, "objection_filed", _objector(actor), texts.OBJECTED, now)
    uow.emit(
        ObjectionFiled(
            objection_id=new.id,
            topic_id=row.id,
            community_id=row.community_id,
            path=row.path,
            kind=new.kind,
            convener=row.convener,
            objector_id=actor.person_id,
            title=title_of(row),
            author_id=row.author_id,
        )
    )
    return _one(uow, row, new, actor)


def answer(uow: UnitOfWork, cmd: ops.AnswerObjection, actor: Actor, now: datetime) -> ops.Objection:
    """The convening body answers; a late answer is better than none, so there is no last day.

    Raises:
        ObjectionNotFound, Forbidden, NotYourStep: the actor is not of the convening body.
        ObjectionSettled: it was taken back, or answered often enough.
        AnswerWithoutReason: too short, or what was said before.
    """
    row, found = _readable(uow, cmd.id, actor, lock=True)
    doer = desk(actor, row)
    if found.withdrawn_at is not None or found.answers >= MOST_ANSWERS:
        raise ObjectionSettled()
    thread = repository.objections.threads(uow.session, [found.id]).get(found.id, [])
    rules.require_reasoned(cmd.body, [found.body, *(one.body for one in thread)])
    _note(uow, found, "answer", cmd.body, doer, actor, now)
    found.answers += 1
    found.owed = False
    _tell(uow, row, found, "objection_answered", doer, texts.ANSWERED, now)
    look_again(uow, row.poll_id, now)
    if found.objector_id is not None:
        uow.emit(
            ObjectionAnswered(
                objection_id=found.id,
                topic_id=row.id,
                community_id=row.community_id,
                path=row.path,
                objector_id=found.objector_id,
                title=title_of(row),
                convener=row.convener,
                actor_id=actor.person_id,
            )
        )
    return _one(uow, row, found, actor)


def reply(uow: UnitOfWork, cmd: ops.ReplyToObjection, actor: Actor) -> ops.Objection:
    """The objector replies to an answer. The first time, and in time, that asks for another one.

    Raises:
        ObjectionNotFound, NotAMember: it is not hers, or she does not belong here any more.
        ObjectionSettled, NotAnsweredYet, TooManyObjections: see the errors.
        WordsRefused: it holds what is not published here.
    """
    found_in, _ = _mine(uow, cmd.id, actor)
    directory.require_member(uow, actor, found_in.community_id)
    taking_part.require_lawful(uow, found_in.community_id, cmd.body)
    row, found = _running(uow, cmd.id, actor)
    if not found.answers:
        raise NotAnsweredYet()
    if found.replies >= MOST_REPLIES:
        raise TooManyObjections()
    now, window = repository.clock.legal_now(uow.session), _window(uow, row)
    _note(uow, found, "reply", cmd.body, _objector(actor), actor, now)
    found.replies += 1
    if not found.asked_again and window is not None and window.holds(now):
        found.asked_again = found.owed = True
        _tell(uow, row, found, "objection_asked_again", _objector(actor), texts.ASKED_AGAIN, now)
    return _one(uow, row, found, actor)


def mark(uow: UnitOfWork, cmd: ops.MarkObjection, actor: Actor) -> ops.Objection:
    """The objector says whether the answer satisfies, and may say otherwise until the period ends.

    Raises:
        ObjectionNotFound, NotAMember: it is not hers, or she does not belong here any more.
        ObjectionSettled, NotAnsweredYet, TooManyObjections: see the errors.
    """
    found_in, _ = _mine(uow, cmd.id, actor)
    directory.require_member(uow, actor, found_in.community_id)
    row, found = _running(uow, cmd.id, actor)
    if not found.answers:
        raise NotAnsweredYet()
    if found.mark != cmd.mark:
        if repository.objections.marked(uow.session, row.id, found.id) >= MOST_MARKS:
            raise TooManyObjections()
        now = repository.clock.legal_now(uow.session)
        found.mark, found.marked_at = cmd.mark, now
        if cmd.mark == "satisfied" and found.owed:
            found.owed = False  # she asked again, and does not wait any more
            look_again(uow, row.poll_id, now)
        _tell(uow, row, found, "objection_marked", _objector(actor), texts.MARKS[cmd.mark], now)
    return _one(uow, row, found, actor)


def withdraw(uow: UnitOfWork, cmd: ops.OfObjection, actor: Actor) -> ops.Objection:
    """The objector takes her objection back, wherever she lives now; what was said stays readable.

    Raises:
        ObjectionNotFound: there is none of hers.
        ObjectionSettled: it was taken back already, or its period is over.
    """
    row, found = _running(uow, cmd.id, actor)
    now = repository.clock.legal_now(uow.session)
    found.withdrawn_at, found.owed = now, False
    _tell(uow, row, found, "objection_withdrawn", _objector(actor), texts.WITHDRAWN, now)
    look_again(uow, row.poll_id, now)
    return _one(uow, row, found, actor)


# -- for the poll -----------------------------------------------------------------------------


def unanswered(
    uow: UnitOfWork, topic_id: str, during: ops.ObjectionPeriod
) -> Sequence[ObjectionRow]:
    """The objections of a period to which a reasoned answer is owed: voting does not open, and
    nothing is adopted, while there is one."""
    return repository.objections.owed(uow.session, topic_id, during)


# -- reading ----------------------------------------------------------------------------------


def list_objections(uow: UnitOfWork, cmd: ops.ListObjections, actor: Actor) -> Page[ops.Objection]:
    """The objections on a topic with their threads, newest first."""
    row = visible(uow, actor, cmd.id)
    found = repository.objections.page(
        uow.session,
        row.id,
        period=cmd.period,
        standing=cmd.standing,
        owed=cmd.owed,
        before=decode_cursor(cmd.cursor, 1)[0] if cmd.cursor else None,
        limit=cmd.limit,
    )
    page = found[: cmd.limit]
    return Page(
        items=seen(uow, row, page, actor),
        next_cursor=encode_cursor(page[-1].id) if len(found) > cmd.limit else None,
    )


def get_objection(uow: UnitOfWork, cmd: ops.OfObjection, actor: Actor) -> ops.Objection:
    """An objection with its thread."""
    row, found = _readable(uow, cmd.id, actor)
    return _one(uow, row, found, actor)


def seen(
    uow: UnitOfWork, row: TopicRow, objections: Sequence[ObjectionRow], actor: Actor
) -> list[ops.Objection]:
    """Objections with their threads and who speaks in them; two statements for a page."""
    threads = repository.objections.threads(uow.session, [one.id for one in objections])
    people = [one.objector_id for one in objections]
    people += [note.by_id for notes in threads.values() for note in notes]
    cards = directory.cards(uow, [one for one in people if one], row.community_id)
    return [_shown(row, one, threads.get(one.id, []), cards, actor) for one in objections]


def _shown(
    row: TopicRow,
    one: ObjectionRow,
    thread: Sequence[ObjectionNoteRow],
    cards: dict[str, directory.Card],
    actor: Actor,
) -> ops.Objection:
    mine = one.objector_id is not None and one.objector_id == actor.eyes
    actions = _actions(row, one) if mine else []
    return ops.Objection(
        id=one.id,
        topic_id=one.topic_id,
        poll_id=one.poll_id,
        period=cast(ops.ObjectionPeriod, one.period),
        kind=cast(ops.ObjectionKind, one.kind),
        body=one.body,
        objector=speaker(cards, one.objector_id),
        mine=mine,
        assisted=one.assisted_by is not None,
        filed_at=one.filed_at,
        owed=one.owed,
        stands=rules.stands(one.mark, one.withdrawn_at is not None),
        mark=cast("ops.Mark | None", one.mark),
        marked_at=one.marked_at,
        withdrawn_at=one.withdrawn_at,
        thread=[
            ops.ObjectionNote(
                side="answer" if note.side == "answer" else "reply",
                body=note.body,
                by=speaker(cards, note.by_id),
                role=note.by_role,
                at=note.at,
            )
            for note in thread
        ],
        actions=actions,
        may_ask_again="reply" in actions and not one.asked_again,
    )


def _actions(row: TopicRow, one: ObjectionRow) -> list[ops.ObjectionAction]:
    """What its objector may do with it now."""
    period = cast(ops.ObjectionPeriod, one.period)
    if not rules.running(period, row.state, one.withdrawn_at is not None):
        return []
    if not one.answers:
        return ["withdraw"]
    return ["reply", "mark", "withdraw"] if one.replies < MOST_REPLIES else ["mark", "withdraw"]


# -- shared -----------------------------------------------------------------------------------


def _one(uow: UnitOfWork, row: TopicRow, found: ObjectionRow, actor: Actor) -> ops.Objection:
    uow.session.flush()
    return seen(uow, row, [found], actor)[0]


def _window(uow: UnitOfWork, row: TopicRow) -> Window | None:
    """When objections on the topic are filed, by the rules of its poll."""
    poll = uow.session.get(PollRow, row.poll_id) if row.poll_id else None
    if poll is None:
        return None
    return rules.window(row.state, row.since, RuleSet.model_validate(poll.rules), poll.opens_at)


def _readable(
    uow: UnitOfWork, objection_id: str, actor: Actor, *, lock: bool = False
) -> tuple[TopicRow, ObjectionRow]:
    topic_id = repository.objections.topic_of(uow.session, objection_id)
    try:
        row = visible(uow, actor, topic_id, lock=lock)
    except TopicNotFound:
        raise ObjectionNotFound() from None
    return row, repository.objections.objection(uow.session, objection_id)


def _mine(
    uow: UnitOfWork, objection_id: str, actor: Actor, *, lock: bool = False
) -> tuple[TopicRow, ObjectionRow]:
    topic_id = repository.objections.topic_of(uow.session, objection_id)
    row = repository.topics.topic(uow.session, topic_id, lock=lock)
    found = repository.objections.objection(uow.session, objection_id)
    if found.objector_id != actor.person_id:
        raise ObjectionNotFound()
    return row, found


def _running(uow: UnitOfWork, objection_id: str, actor: Actor) -> tuple[TopicRow, ObjectionRow]:
    """The actor's objection, its topic locked, while its period lasts."""
    row, found = _mine(uow, objection_id, actor, lock=True)
    period = cast(ops.ObjectionPeriod, found.period)
    rules.require_running(period, row.state, found.withdrawn_at is not None)
    return row, found


def _objector(actor: Actor) -> Doer:
    return Doer(Role.RESIDENT, actor.person_id)


def _note(
    uow: UnitOfWork,
    found: ObjectionRow,
    side: str,
    body: str,
    doer: Doer,
    actor: Actor,
    at: datetime,
) -> None:
    uow.session.add(
        ObjectionNoteRow(
            objection_id=found.id,
            side=side,
            body=body,
            by_id=doer.person_id,
            by_role=str(doer.role),
            assisted_by=actor.acted_by or None,
            at=at,
        )
    )


def _tell(
    uow: UnitOfWork,
    row: TopicRow,
    found: ObjectionRow,
    kind: str,
    doer: Doer,
    text: str,
    at: datetime,
) -> None:
    said = text.format(kind=texts.KINDS[cast(ops.ObjectionKind, found.kind)])
    tell(uow, row, kind, doer, said, at, ref={"objection_id": found.id})
