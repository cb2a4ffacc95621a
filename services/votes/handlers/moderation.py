"""Who moderates a discussion (主持人), what she says, and what is decided about opinions."""

from datetime import datetime
from typing import cast

from services import directory
from services.contracts.actor import Actor
from services.contracts.errors import Forbidden
from services.contracts.operations.votes import discussion as ops
from services.kit.uow import UnitOfWork
from services.votes import repository
from services.votes import texts_discussion as texts
from services.votes.domain import discussion as rules
from services.votes.domain.discussion import (
    Judge,
    ModeratorNotFound,
    ModeratorsAreNeutral,
    NotModerating,
    OpinionNotFound,
    OpinionSettled,
)
from services.votes.handlers import taking_part
from services.votes.handlers.common import Doer, convenes, desk, tell, visible
from services.votes.handlers.discussion import add, readable, turn
from services.votes.handlers.discussion_views import judges, seen, standing
from services.votes.models import ModeratorRow, TopicRow


def appoint(uow: UnitOfWork, cmd: ops.OfModerator, actor: Actor, now: datetime) -> ops.Discussion:
    """The desk lets a neighbour, or one of the staff, moderate; asking twice changes nothing.

    Raises:
        TopicNotFound, Forbidden, NotYourStep: the actor is not of the convening body.
        DiscussionClosed: nothing is, or will be, discussed any more.
        ModeratorNotFound: that person does not belong here, or is a child.
        ModeratorsAreNeutral: she raised the question, or has given an opinion on it.
    """
    found = visible(uow, actor, cmd.id)
    desk(actor, found)
    card = directory.present(uow, cmd.person_id, found.community_id)  # before anything is locked
    row = repository.topics.topic(uow.session, cmd.id, lock=True)
    doer = desk(actor, row)
    rules.require_ahead(row.state)
    if card is None or card.standing == "child":
        raise ModeratorNotFound()
    given, _ = repository.discussion.given(uow.session, row.id, cmd.person_id)
    if given or cmd.person_id == row.author_id:
        raise ModeratorsAreNeutral()
    if repository.discussion.moderating(uow.session, row.id, cmd.person_id) is None:
        uow.session.add(
            ModeratorRow(
                topic_id=row.id,
                person_id=cmd.person_id,
                appointed_by=actor.person_id,
                appointed_role=str(doer.role),
                appointed_at=now,
            )
        )
        tell(uow, row, "moderator_appointed", doer, texts.MODERATOR_APPOINTED, now)
        uow.session.flush()
    return standing(uow, row, actor, now)


def end(uow: UnitOfWork, cmd: ops.OfModerator, actor: Actor, now: datetime) -> ops.Discussion:
    """The desk ends a moderation, or the moderator her own.

    Raises:
        TopicNotFound, Forbidden, NotYourStep: it is not hers to end.
        ModeratorNotFound: that person does not moderate this topic.
    """
    row = visible(uow, actor, cmd.id, lock=True)
    found = repository.discussion.moderating(uow.session, row.id, cmd.person_id)
    if actor.person_id == cmd.person_id and found is not None:
        doer = Doer("moderator", actor.person_id)
    else:
        doer = desk(actor, row)
    if found is None:
        raise ModeratorNotFound()
    found.ended_at = now
    tell(uow, row, "moderator_ended", doer, texts.MODERATOR_ENDED, now)
    uow.session.flush()
    return standing(uow, row, actor, now)


def speak(uow: UnitOfWork, cmd: ops.ModerateTopic, actor: Actor, now: datetime) -> ops.Opinion:
    """A moderator says something, without a stance; her words are not counted.

    Raises:
        TopicNotFound, NotAMember, ObserverReadOnly: she takes no part here.
        NotModerating, DiscussionClosed: she does not moderate, or nobody speaks now.
        Silenced, WordsRefused: feed's word.
    """
    found = visible(uow, actor, cmd.id)
    taking_part.grown_up(uow, actor, found.community_id)
    _require_moderating(uow, found, actor)
    rules.require_open(found.state)
    waits = taking_part.must_wait(uow, found.community_id, cmd.body)
    row = repository.topics.topic(uow.session, cmd.id, lock=True)
    _require_moderating(uow, row, actor)
    rules.require_open(row.state)
    new = add(uow, row, actor, cmd.body, now, stance=None, nth=0, waits=waits)
    return seen(uow, row, [new], actor)[0]


def _require_moderating(uow: UnitOfWork, row: TopicRow, actor: Actor) -> None:
    if repository.discussion.moderating(uow.session, row.id, actor.person_id) is None:
        raise NotModerating()


def decide(uow: UnitOfWork, cmd: ops.DecideOpinion, actor: Actor, now: datetime) -> ops.Opinion:
    """Show an opinion that waits or was hidden, or hide one: everybody reads that, by whom and why.

    Raises:
        OpinionNotFound, Forbidden: it is not the actor's to decide.
        OpinionSettled, AnotherHasToDecide: see :func:`services.votes.domain.discussion.decided`.
    """
    row, found = readable(uow, cmd.id, actor, lock=True)
    if not judges(uow, row, actor):
        raise Forbidden()
    office = convenes(actor, row)
    pending = found.appealed_at is not None and not found.final
    state = rules.decided(
        cast(ops.OpinionState, found.state),
        cmd.decision,
        Judge(actor.person_id, desk=office),
        author_id=found.author_id,
        hid=found.decided_by,
        appealed=pending,
        final=found.final,
    )
    found.final = pending
    turn(uow, row, found, state)
    found.decided_by, found.decided_at = actor.person_id, now
    found.decided_role = str(desk(actor, row).role) if office else "moderator"
    found.decision_reason = cmd.reason
    uow.session.flush()
    return seen(uow, row, [found], actor)[0]


def appeal(uow: UnitOfWork, cmd: ops.AppealOpinion, actor: Actor, now: datetime) -> ops.Opinion:
    """The author asks the desk to look again, once; another person than the one who hid it does.

    Raises:
        OpinionNotFound: there is none of hers.
        OpinionSettled: it is not hidden, or was looked at again already.
    """
    row, found = readable(uow, cmd.id, actor, lock=True)
    if found.author_id != actor.person_id:
        raise OpinionNotFound()
    if not rules.appealable(found.state, found.appealed_at):
        raise OpinionSettled()
    found.appeal, found.appealed_at = cmd.reason, now
    uow.session.flush()
    return seen(uow, row, [found], actor)[0]
