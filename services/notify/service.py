"""Notify: who must know."""

from typing import Any

from services.contracts import topology
from services.contracts.events import Event
from services.contracts.operations.notify import (
    CountUnread,
    ListNotifications,
    MarkNotificationsRead,
    NotificationPage,
    Unread,
)
from services.kit.service import Call, Service, on, rpc
from services.notify import copies, domain, handlers


class NotifyService(Service):
    """The in-app inbox of everybody: one set of recipients per event is the truth."""

    name = "notify"

    @rpc
    def list_notifications(self, call: Call, cmd: ListNotifications) -> NotificationPage:
        language = domain.language_of(call.language)
        return handlers.list_notifications(call.uow, cmd, call.caller, language)

    @rpc
    def mark_notifications_read(self, call: Call, cmd: MarkNotificationsRead) -> Unread:
        return handlers.mark_notifications_read(call.uow, cmd, call.caller, call.now)

    @rpc
    def count_unread(self, call: Call, _cmd: CountUnread) -> Unread:
        return handlers.count_unread(call.uow, call.caller)

    def personal_data(self, call: Call) -> dict[str, Any]:
        return copies.held_about(call.uow, call.caller.person_id)

    @on(*topology.queue("notify.news").events, queue="notify.news")
    def tell(self, call: Call, event: Event) -> None:
        handlers.tell(call.uow, event, call.event_id, call.now)

    @on(*topology.queue("notify.territory").events, queue="notify.territory", latest=True)
    def keep_duties(self, call: Call, event: Event) -> None:
        handlers.keep_duties(call.uow, event)
