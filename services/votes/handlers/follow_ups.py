"""What follows from a topic, kept by its convening body and told on its timeline."""

from datetime import datetime
from typing import Any, Final, cast

from services import directory
from services.contracts.actor import Actor
from services.contracts.events.grid_bridge import Attachment
from services.contracts.ids import new_id
from services.contracts.operations.base import Page
from services.contracts.operations.votes import follow_ups as ops
from services.kit.pages import decode_cursor, encode_cursor
from services.kit.uow import UnitOfWork
from services.votes import repository, texts_covenants
from services.votes.domain import follow_ups as rules
from services.votes.domain.days import day_of
from services.votes.domain.follow_ups import FollowUpFull, FollowUpNotFound
from services.votes.files import Files, attach
from services.votes.handlers.common import CLOCK, desk, tell, title_of, visible
from services.votes.models import FollowUpRow, TopicRow
from services.votes.repository.topics import TopicNotFound

LATE: Final = "follow_up.late"


def list_follow_ups(
    uow: UnitOfWork, cmd: ops.ListFollowUps, actor: Actor, now: datetime
) -> Page[ops.FollowUp]:
    """What follows from a community's topics; one statement."""
    community = directory.require_reader(uow, actor, cmd.cid)
    rows = repository.follow_ups.page(
        uow.session,
        community.id,
        day_of(now),
        topic_id=cmd.topic_id,
        state=cmd.state,
        overdue=cmd.overdue,
        before=decode_cursor(cmd.cursor, 1)[0] if cmd.cursor else None,
        limit=cmd.limit,
    )
    page = rows[: cmd.limit]
    return Page(
        items=[_view(row, title_of(cast(Any, row)), now) for row in page],
        next_cursor=encode_cursor(page[-1].id) if len(rows) > cmd.limit else None,
    )


def add(uow: UnitOfWork, cmd: ops.AddFollowUp, actor: Actor, now: datetime) -> ops.FollowUp:
    """The convening body says what will follow.

    Raises:
        TopicNotFound, Forbidden, NotYourStep: the topic is another body's.
        ChainRuns, FollowUpFull: it has no end yet; it has enough items.
        BadDueDay: the day is over.
    """
    topic = visible(uow, actor, cmd.id, lock=True)
    doer = desk(actor, topic)
    rules.require_end(topic.state)
    rules.require_day(cmd.due_on, now)
    if repository.follow_ups.count(uow.session, topic.id) >= rules.MOST:
        raise FollowUpFull()
    row = FollowUpRow(
        id=new_id(),
        topic_id=topic.id,
        community_id=topic.community_id,
        what=cmd.what,
        who=cmd.who,
        due_on=cmd.due_on,
        state="planned",
        note="",
        attachments=[],
        created_at=now,
        created_by=actor.person_id,
        updated_at=now,
        updated_by=actor.person_id,
    )
    uow.session.add(row)
    _watch(uow, row, now)
    said = texts_covenants.planned(row.what, row.who, row.due_on)
    tell(uow, topic, "follow_up", doer, said, now, ref={"follow_up_id": row.id})
    return _view(row, title_of(topic), now)


def update(
    uow: UnitOfWork, cmd: ops.UpdateFollowUp, actor: Actor, files: Files, now: datetime
) -> ops.FollowUp:
    """The convening body says how something goes; what it says stands on the timeline.

    Raises:
        FollowUpNotFound, Forbidden, NotYourStep: it is another body's.
        WrongFollowUpState, BadDueDay, FollowUpFull: it cannot go there; the day is over; there
            are too many photos.
        NoSuchPhoto: a photo is no picture of the actor's.
    """
    topic = _topic(uow, repository.follow_ups.item(uow.session, cmd.id), actor)
    doer = desk(actor, topic)
    photos = attach(files, cmd.attachments, actor.person_id)
    repository.due.hold(uow.session, cmd.id, LATE)
    row = repository.follow_ups.item(uow.session, cmd.id, lock=True)
    state = cmd.state or cast(ops.FollowUpState, row.state)
    rules.move(cast(ops.FollowUpState, row.state), state)
    rules.require_day(cmd.due_on, now)
    if len(row.attachments) + len(photos) > rules.MOST_PHOTOS:
        raise FollowUpFull()
    said = texts_covenants.moved(row.what, state)
    if cmd.due_on is not None and state in rules.OPEN:
        said = f"{said}；{texts_covenants.until(cmd.due_on)}"
    row.state, row.note = state, cmd.note
    row.due_on = cmd.due_on or row.due_on
    row.attachments = [*row.attachments, *(one.model_dump(mode="json") for one in photos)]
    row.updated_at, row.updated_by = now, actor.person_id
    _watch(uow, row, now)
    ref = {"follow_up_id": row.id, "attachments": [one.id for one in photos]}
    tell(uow, topic, "follow_up", doer, said, now, reason=cmd.note, ref=ref)
    return _view(row, title_of(topic), now)


def tell_late(uow: UnitOfWork, item_id: str, _due: datetime, now: datetime) -> None:
    """What was promised was not done in time: the neighbours are told, once for each day named."""
    row = repository.follow_ups.item(uow.session, item_id, lock=True)
    if row.due_on is None or not rules.is_overdue(row.state, row.due_on, now):
        return
    topic = repository.topics.topic(uow.session, row.topic_id)
    said = texts_covenants.late(row.what, row.who, row.due_on)
    tell(uow, topic, "follow_up", CLOCK, said, now, ref={"follow_up_id": row.id})


def _topic(uow: UnitOfWork, row: FollowUpRow, actor: Actor) -> TopicRow:
    try:
        return visible(uow, actor, row.topic_id)
    except TopicNotFound:
        raise FollowUpNotFound() from None


def _watch(uow: UnitOfWork, row: FollowUpRow, now: datetime) -> None:
    """The clock says when it is late; what it has said already it does not say again."""
    late = rules.late_from(row.due_on) if row.due_on else None
    if row.state in rules.OPEN and late and late > now:
        repository.due.put(uow.session, LATE, row.id, late)
    else:
        repository.due.drop(uow.session, row.id, LATE)


def _view(row: Any, topic_title: str, now: datetime) -> ops.FollowUp:
    return ops.FollowUp(
        id=row.id,
        topic_id=row.topic_id,
        topic_title=topic_title,
        community_id=row.community_id,
        what=row.what,
        who=row.who,
        due_on=row.due_on,
        state=row.state,
        overdue=rules.is_overdue(row.state, row.due_on, now),
        note=row.note,
        attachments=[Attachment.model_validate(one) for one in row.attachments],
        created_at=row.created_at,
        updated_at=row.updated_at,
    )
