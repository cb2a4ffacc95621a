"""What is said in the discussion of a topic: given, corrected, taken back by its author."""

from datetime import datetime

from services.contracts.actor import Actor
from services.contracts.ids import new_id
from services.contracts.operations.votes import discussion as ops
from services.kit.uow import UnitOfWork
from services.votes import repository
from services.votes.domain import discussion as rules
from services.votes.domain.discussion import (
    ModeratorsAreNeutral,
    OpinionNotFound,
    OpinionSettled,
    TooLateToCorrect,
)
from services.votes.handlers import taking_part
from services.votes.handlers.common import say_part, settings_of, visible
from services.votes.handlers.discussion_views import seen
from services.votes.models import OpinionRow, TopicRow
from services.votes.repository.topics import TopicNotFound


def discuss(uow: UnitOfWork, cmd: ops.DiscussTopic, actor: Actor, now: datetime) -> ops.Opinion:
    """A neighbour gives an opinion.

    Raises:
        TopicNotFound, NotAMember, ObserverReadOnly, NotForChildren: she takes no part here.
        DiscussionClosed, SpeechesSpent, SpeakLater, ModeratorsAreNeutral: not now, or not she.
        Silenced, WordsRefused: feed's word, see :mod:`services.votes.handlers.taking_part`.
    """
    found = visible(uow, actor, cmd.id)
    taking_part.grown_up(uow, actor, found.community_id)
    rules.require_open(found.state)
    waits = taking_part.must_wait(
        uow, found.community_id, cmd.body
    )  # asked before anything is locked
    row = repository.topics.topic(uow.session, cmd.id, lock=True)
    rules.require_open(row.state)
    if repository.discussion.moderating(uow.session, row.id, actor.person_id):
        raise ModeratorsAreNeutral()
    given, last = repository.discussion.given(uow.session, row.id, actor.person_id)
    rules.require_turn(settings_of(row), given, last, now)
    new = add(uow, row, actor, cmd.body, now, stance=cmd.stance, nth=given + 1, waits=waits)
    return seen(uow, row, [new], actor)[0]


def add(
    uow: UnitOfWork,
    row: TopicRow,
    actor: Actor,
    body: str,
    now: datetime,
    *,
    stance: ops.Stance | None,
    nth: int,
    waits: bool,
) -> OpinionRow:
    """Add something that is said to the discussion; the topic is locked by the caller."""
    new = OpinionRow(
        id=new_id(),
        topic_id=row.id,
        author_id=actor.person_id,
        nth=nth,
        stance=stance,
        body=body,
        earlier=[],
        state="waiting",
        proposal=row.proposal or None,
        assisted_by=actor.acted_by or None,
        created_at=now,
        final=False,
    )
    uow.session.add(new)
    if not waits:
        turn(uow, row, new, "shown")
    uow.session.flush()
    say_part(uow, row, actor.person_id, "spoke")
    return new


def turn(uow: UnitOfWork, row: TopicRow, found: OpinionRow, state: ops.OpinionState) -> None:
    """Let an opinion come into a state: what is told gets its number, what is shown counts."""
    _count(row, found, -1)
    found.state = state
    if found.no is None and state in ("shown", "hidden"):
        found.no = repository.discussion.next_no(uow.session, row.id)
    _count(row, found, 1)


def _count(row: TopicRow, found: OpinionRow, by: int) -> None:
    if found.state == "shown" and found.stance is not None:
        name = f"opinions_{found.stance}"
        setattr(row, name, getattr(row, name) + by)


def correct(uow: UnitOfWork, cmd: ops.CorrectOpinion, actor: Actor, now: datetime) -> ops.Opinion:
    """The author says it better, soon after; what it said before stays readable.

    Raises:
        OpinionNotFound, NotAMember: it is not hers, or she does not belong here any more.
        DiscussionClosed, OpinionSettled, TooLateToCorrect: it stands as it is.
        Silenced, WordsRefused: feed's word; words that somebody would have to look at are refused
            where the neighbours read the earlier ones already.
    """
    row, found = _mine(uow, cmd.id, actor)
    taking_part.grown_up(uow, actor, row.community_id)
    if found.stance is not None:
        rules.require_open(row.state)
    rules.require_correctable(found.state, found.created_at, len(found.earlier), now)
    waits = taking_part.must_wait(uow, row.community_id, cmd.body)
    row, found = _mine(uow, cmd.id, actor, lock=True)
    if found.stance is not None:
        rules.require_open(row.state)
    rules.require_correctable(found.state, found.created_at, len(found.earlier), now)
    if waits and found.state == "shown":
        raise TooLateToCorrect("the new words would have to be looked at first")
    if cmd.body != found.body:
        if found.state == "shown":  # what waits nobody has read
            found.earlier = [*found.earlier, {"body": found.body, "at": now.isoformat()}]
            found.corrected_at = now
        found.body = cmd.body
        if found.state == "waiting" and not waits:
            turn(uow, row, found, "shown")
        uow.session.flush()
    return seen(uow, row, [found], actor)[0]


def withdraw(uow: UnitOfWork, cmd: ops.OfOpinion, actor: Actor) -> ops.Opinion:
    """The author takes an opinion back, wherever she lives now: its words are deleted.

    It still counts as one of those that she may give, and keeps its place in the list.

    Raises:
        OpinionNotFound: there is none of hers.
        OpinionSettled: it was taken back already.
    """
    row, found = _mine(uow, cmd.id, actor, lock=True)
    if found.state == "withdrawn":
        raise OpinionSettled()
    turn(uow, row, found, "withdrawn")
    found.body, found.earlier, found.appeal = "", [], None
    uow.session.flush()
    return seen(uow, row, [found], actor)[0]


def _mine(
    uow: UnitOfWork, opinion_id: str, actor: Actor, *, lock: bool = False
) -> tuple[TopicRow, OpinionRow]:
    topic_id = repository.discussion.topic_of(uow.session, opinion_id)
    row = repository.topics.topic(uow.session, topic_id, lock=lock)
    found = repository.discussion.opinion(uow.session, opinion_id)
    if found.author_id != actor.person_id:
        raise OpinionNotFound()
    return row, found


def readable(
    uow: UnitOfWork, opinion_id: str, actor: Actor, *, lock: bool = False
) -> tuple[TopicRow, OpinionRow]:
    """An opinion with its topic, when the actor may read the topic's community.

    Raises:
        OpinionNotFound.
    """
    topic_id = repository.discussion.topic_of(uow.session, opinion_id)
    try:
        row = visible(uow, actor, topic_id, lock=lock)
    except TopicNotFound:
        raise OpinionNotFound() from None
    return row, repository.discussion.opinion(uow.session, opinion_id)
