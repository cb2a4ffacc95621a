"""What the clock does with topics: questions that nobody takes up lapse, lateness is told."""

from datetime import datetime

from services.contracts.events import TopicOverdue
from services.kit.uow import UnitOfWork
from services.votes import repository
from services.votes import texts_chain as texts
from services.votes.domain import chain
from services.votes.domain.chain import Hand, State
from services.votes.domain.waiting import LAPSE, OVERDUE, Waits
from services.votes.handlers.common import CLOCK, about, lead, settings_of, standing_of, tell
from services.votes.models import TopicRow


def lapse(uow: UnitOfWork, topic_id: str, _due_at: datetime, now: datetime) -> datetime | None:
    """The duty ``topic.lapse``: too few seconded a question, or its author left it lying."""
    row = repository.topics.topic_of_duty(uow.session, topic_id)
    if not _falls_due(row, LAPSE):
        return None
    if row.deadline_at is not None and now < row.deadline_at:
        return row.deadline_at
    standing = standing_of(row)
    text, reason = texts.LAPSED_AUTHOR, texts.LAPSED_AUTHOR_WHY
    if standing.waits is Waits.SECONDERS:
        text = texts.LAPSED_SECONDERS
        reason = texts.LAPSED_SECONDERS_WHY.format(
            wanted=standing.seconders_wanted, count=row.seconders
        )
    chain.step(settings_of(row), State(row.state), State.CLOSED, {Hand.CLOCK}, reason)
    row.outcome = "lapsed"
    lead(uow, row, State.CLOSED, CLOCK, now, reason=reason, text=text)
    return None


def say_overdue(
    uow: UnitOfWork, topic_id: str, _due_at: datetime, now: datetime
) -> datetime | None:
    """The duty ``topic.overdue``: it stands in the timeline, once for each deadline.

    When the days of a discussion are over that is told first, with the day by which the desk forms
    the item.
    """
    row = repository.topics.topic_of_duty(uow.session, topic_id)
    if not _falls_due(row, OVERDUE) or row.deadline_at is None:
        return None
    if now < row.deadline_at:
        return row.deadline_at
    body, late = texts.BODIES[row.convener], standing_of(row).late_from(row.deadline_at)
    if now < late:
        tell(uow, row, "discussed", CLOCK, texts.discussed(body, late), now)
        return late
    text = texts.OVERDUE[State(row.state)].format(body=body)
    tell(uow, row, "overdue", CLOCK, text, now)
    uow.emit(TopicOverdue(**about(row), state=row.state, deadline_at=late))
    return None


def _falls_due(row: TopicRow, duty: str) -> bool:
    """Whether the topic still waits for what the duty is about."""
    return standing_of(row).duty == duty
