"""The inbox."""

from services.contracts.operations.notify import inbox as ops
from services.kit.service import Call, rpc
from services.notify import domain
from services.notify.handlers import inbox


class InboxCalls:
    """What a person was told."""

    @rpc
    def list_notifications(self, call: Call, cmd: ops.ListNotifications) -> ops.NotificationPage:
        language = domain.language_of(call.language)
        return inbox.list_notifications(call.uow, cmd, call.caller, language, call.now)

    @rpc
    def mark_notifications_read(self, call: Call, cmd: ops.MarkNotificationsRead) -> ops.Unread:
        return inbox.mark_notifications_read(call.uow, cmd, call.caller, call.now)

    @rpc
    def count_unread(self, call: Call, _cmd: ops.CountUnread) -> ops.Unread:
        return inbox.count_unread(call.uow, call.caller)
