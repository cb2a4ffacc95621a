"""Seconding (附议): the neighbours say that a question is theirs, too.

Where the chain asks for seconders, a question is screened when it has them; until a proposal is
announced anybody may add her second elsewhere, too, or take it back. Enough is enough: who thinks
better of it afterwards does not stop the screening.
"""

from datetime import datetime
from typing import Final

from services.contracts.actor import Actor
from services.contracts.errors import Conflict, Forbidden
from services.contracts.operations.votes import topics as ops
from services.kit.uow import UnitOfWork
from services.votes import repository
from services.votes import texts_chain as texts
from services.votes.domain.chain import FROZEN, State
from services.votes.handlers.common import CLOCK, renew, say_part, standing_of, visible
from services.votes.handlers.taking_part import grown_up
from services.votes.models import TopicRow

RESIDENT: Final = "active"
"""The standing of those who live here; staff without a home here are no neighbours."""


class OnlyNeighbours(Forbidden):
    """Whoever only works here does not second."""

    code = "votes.only_neighbours"
    zh, en = "只有本社区居民可以附议", "Only residents of the community may second"


class OwnQuestion(Conflict):
    """Whoever raised a question does not second it."""

    code = "votes.own_question"
    zh, en = "不能附议自己提出的问题", "You cannot second your own question"


class SecondingOver(Conflict):
    """The text is frozen, the topic has ended, or the days for seconding are over."""

    code = "votes.seconding_over"
    zh, en = "附议已经结束", "It can no longer be seconded"


def second(uow: UnitOfWork, cmd: ops.OfTopic, actor: Actor, now: datetime) -> ops.Seconding:
    """The actor seconds a topic; doing so again changes nothing.

    Raises:
        NotAMember, ObserverReadOnly, NotForChildren, OnlyNeighbours: she may not, here.
        OwnQuestion, SecondingOver: this one cannot be.
    """
    row = _open(uow, cmd, actor, now)
    if row.author_id == actor.person_id:
        raise OwnQuestion()
    if repository.seconders.add(uow.session, row.id, actor.person_id, now):
        row.seconders += 1
        say_part(uow, row, actor.person_id, "seconded")
        wanted = standing_of(row).seconders_wanted
        if standing_of(row).wants_seconders and wanted and row.seconders >= wanted:
            row.seconded_at = now
            text = texts.SECONDED.format(count=row.seconders)
            renew(uow, row, "seconded", CLOCK, now, text=text)
    return _seconding(row, my_second=True)


def withdraw(uow: UnitOfWork, cmd: ops.OfTopic, actor: Actor, now: datetime) -> ops.Seconding:
    """The actor takes her second back; without one nothing changes.

    Raises:
        NotAMember, ObserverReadOnly, NotForChildren, OnlyNeighbours, SecondingOver: see above.
    """
    row = _open(uow, cmd, actor, now)
    if repository.seconders.drop(uow.session, row.id, actor.person_id):
        row.seconders -= 1
        say_part(uow, row, actor.person_id, "seconded", taken=False)
    return _seconding(row, my_second=False)


def _open(uow: UnitOfWork, cmd: ops.OfTopic, actor: Actor, now: datetime) -> TopicRow:
    """The topic, locked, when the actor may second it now."""
    row = visible(uow, actor, cmd.id, lock=True)
    if grown_up(uow, actor, row.community_id).standing != RESIDENT:
        raise OnlyNeighbours()
    late = row.deadline_at is not None and row.deadline_at <= now
    if State(row.state) in FROZEN or (standing_of(row).wants_seconders and late):
        raise SecondingOver()
    return row


def _seconding(row: TopicRow, *, my_second: bool) -> ops.Seconding:
    return ops.Seconding(
        seconders=row.seconders,
        seconders_wanted=standing_of(row).seconders_wanted,
        my_second=my_second,
    )
