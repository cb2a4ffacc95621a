"""What notify does: it tells, it shows the inbox, it remembers who takes part and who serves."""

from datetime import datetime
from typing import Any

from sqlalchemy import Row

from services import directory
from services.contracts.actor import Actor
from services.contracts.events import (
    Event,
    NotificationCreated,
    PersonDeleted,
    PostRemoved,
    RoleGranted,
    RoleRevoked,
)
from services.contracts.operations.notify import (
    ListNotifications,
    MarkNotificationsRead,
    Notification,
    NotificationPage,
    Unread,
)
from services.kit.pages import decode_cursor, encode_cursor
from services.kit.uow import UnitOfWork
from services.notify import domain, repository

# Live streams are told person by person only while an event concerns at most this many. An
# announcement to a whole community is in every inbox at once but makes no flood of events: the
# gateways hear post.published anyway, and the count beside the bell is read with the next page.
LIVE_AT_MOST = 200


def tell(uow: UnitOfWork, event: Event, event_id: str, now: datetime) -> None:
    """Tell an event to everybody whom it concerns, each once, and remember its thread."""
    session = uow.session
    if isinstance(event, PostRemoved):
        repository.remove_thread(session, event.post_id)
    if thread := domain.thread_of(event):
        repository.remember_thread(session, thread)
    repository.follow(session, domain.follows_of(event))
    news = domain.news_of(event)
    if not news:
        return
    _tell_live(uow, repository.deliver(session, event, event_id, news, now, LIVE_AT_MOST))


def _tell_live(uow: UnitOfWork, told: list[repository.Told]) -> None:
    notices = repository.notices(uow.session, sorted({one.notice_id for one in told}))
    for one in told:
        shown = _view(notices[one.notice_id], "zh", read=False)
        uow.emit(
            NotificationCreated(
                notification_id=shown.id,
                person_id=one.person_id,
                kind=shown.kind,
                title=shown.title,
                link=shown.link,
                why=shown.why,
                unread=one.unread,
                created_at=shown.created_at,
            )
        )


def keep_duties(uow: UnitOfWork, event: Event) -> None:
    """Keep the copy of territory and cards, who serves where, and forget who left for good."""
    match event:
        case RoleGranted() | RoleRevoked():
            repository.put_duty(uow.session, event)
        case PersonDeleted(person_id=person_id):
            repository.forget_person(uow.session, person_id)
            directory.project(uow, event)
        case _:
            directory.project(uow, event)


def list_notifications(
    uow: UnitOfWork, cmd: ListNotifications, actor: Actor, language: domain.Language
) -> NotificationPage:
    """One page of the actor's inbox, newest first."""
    before = decode_cursor(cmd.cursor, 1)[0] if cmd.cursor else None
    rows = repository.page(
        uow.session, actor.person_id, before=before, unread=cmd.unread, limit=cmd.limit + 1
    )
    shown = rows[: cmd.limit]
    return NotificationPage(
        items=[_view(row, language, read=row.read_at is not None) for row in shown],
        next_cursor=encode_cursor(shown[-1].id) if len(rows) > cmd.limit else None,
        unread=repository.unread(uow.session, actor.person_id),
    )


def mark_notifications_read(
    uow: UnitOfWork, cmd: MarkNotificationsRead, actor: Actor, now: datetime
) -> Unread:
    """Mark these, those up to one, or all as read."""
    left = repository.mark_read(uow.session, actor.person_id, now, ids=cmd.ids, up_to=cmd.up_to)
    return Unread(unread=left)


def count_unread(uow: UnitOfWork, actor: Actor) -> Unread:
    """The number beside the bell."""
    return Unread(unread=repository.unread(uow.session, actor.person_id))


def _view(row: Row[Any], language: domain.Language, *, read: bool) -> Notification:
    words = domain.words(
        domain.Kind(row.kind),
        row.variant,
        row.facts,
        language=language,
        title=row.title,
        removed=row.removed,
        actor=row.actor,
        community=row.community,
    )
    return Notification(
        id=row.id,
        kind=row.kind,
        title=words.title,
        body=words.body,
        link=row.link,
        why=domain.why_text(domain.Why(row.why), language),
        read=read,
        created_at=row.created_at,
    )
