"""The inbox: read, marked, counted."""

from collections import Counter
from datetime import datetime
from typing import Any

from sqlalchemy import Row

from services.contracts.actor import Actor
from services.contracts.operations.notify.inbox import (
    ListNotifications,
    MarkNotificationsRead,
    NewsThread,
    Notification,
    NotificationPage,
    Unread,
    UnreadAbout,
)
from services.kit.pages import decode_cursor, encode_cursor
from services.kit.uow import UnitOfWork
from services.notify import domain
from services.notify.domain import preferences as rules
from services.notify.handlers import views
from services.notify.repository import inboxes, people, preferences


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
        uow.session,
        actor.person_id,
        before=before,
        unread=cmd.unread,
        whys=rules.whys_about(cmd.about) if cmd.about else None,
        limit=cmd.limit + 1,
    )
    shown = rows[: cmd.limit]
    return NotificationPage(
        items=[_item(row, language) for row in shown],
        next_cursor=encode_cursor(shown[-1].id) if len(rows) > cmd.limit else None,
        unread=inboxes.unread(uow.session, actor.person_id),
        quiet=rules.is_quiet(preferences.of_person(uow.session, actor.person_id), now),
        counts=_counts(uow, actor, now) if cmd.counts else None,
    )


def _item(row: Row[Any], language: domain.Language) -> Notification:
    thread = None
    if row.post_id:
        thread = NewsThread(id=row.post_id, follows=row.follows, muted=row.muted)
    return views.shown(row, language, read=row.read_at is not None, thread=thread)


def _counts(uow: UnitOfWork, actor: Actor, now: datetime) -> UnreadAbout:
    found = Counter[str]()
    for why, count in inboxes.unread_by_why(uow.session, actor.person_id).items():
        found[rules.about_of(domain.Why(why))] += count
    serves = people.serves(uow.session, actor.person_id, now)
    return UnreadAbout(
        mine=found["mine"], followed=found["followed"], duty=found["duty"], on_duty=serves
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
