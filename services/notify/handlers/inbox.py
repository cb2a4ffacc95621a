"""The inbox: read, marked, counted."""

from datetime import datetime

from services.contracts.actor import Actor
from services.contracts.operations.notify.inbox import (
    ListNotifications,
    MarkNotificationsRead,
    NotificationPage,
    Unread,
)
from services.kit.pages import decode_cursor, encode_cursor
from services.kit.uow import UnitOfWork
from services.notify import domain
from services.notify.domain.preferences import is_quiet
from services.notify.handlers import views
from services.notify.repository import inboxes, preferences


def list_notifications(
    uow: UnitOfWork,
    cmd: ListNotifications,
    actor: Actor,
    language: domain.Language,
    now: datetime,
) -> NotificationPage:
    """One page of the actor's inbox, newest first."""
    before = decode_cursor(cmd.cursor, 1)[0] if cmd.cursor else None
    rows = inboxes.page(
        uow.session, actor.person_id, before=before, unread=cmd.unread, limit=cmd.limit + 1
    )
    shown = rows[: cmd.limit]
    return NotificationPage(
        items=[views.shown(row, language, read=row.read_at is not None) for row in shown],
        next_cursor=encode_cursor(shown[-1].id) if len(rows) > cmd.limit else None,
        unread=inboxes.unread(uow.session, actor.person_id),
        quiet=is_quiet(preferences.of_person(uow.session, actor.person_id), now),
    )


def mark_notifications_read(
    uow: UnitOfWork, cmd: MarkNotificationsRead, actor: Actor, now: datetime
) -> Unread:
    """Mark these, those up to one, or all as read."""
    left = inboxes.mark_read(uow.session, actor.person_id, now, ids=cmd.ids, up_to=cmd.up_to)
    return Unread(unread=left)


def count_unread(uow: UnitOfWork, actor: Actor) -> Unread:
    """The number beside the bell."""
    return Unread(unread=inboxes.unread(uow.session, actor.person_id))
