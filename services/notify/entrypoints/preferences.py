"""How somebody wants to be told."""

from services.contracts.operations.base import Empty, Page
from services.contracts.operations.notify import preferences as ops
from services.kit.service import Call, rpc
from services.notify import domain
from services.notify.handlers import preferences


class PreferenceCalls:
    """What a person chose."""

    @rpc
    def get_notification_preferences(
        self, call: Call, _cmd: ops.GetNotificationPreferences
    ) -> ops.NotificationPreferences:
        language = domain.language_of(call.language)
        return preferences.get_preferences(call.uow, call.caller, language)

    @rpc
    def put_notification_preferences(
        self, call: Call, cmd: ops.PutNotificationPreferences
    ) -> ops.NotificationPreferences:
        language = domain.language_of(call.language)
        return preferences.put_preferences(call.uow, cmd, call.caller, language, call.now)

    @rpc
    def list_muted_threads(self, call: Call, cmd: ops.ListMutedThreads) -> Page[ops.MutedThread]:
        return preferences.list_muted_threads(call.uow, cmd, call.caller)

    @rpc
    def mute_thread(self, call: Call, cmd: ops.OfThread) -> ops.MutedThread:
        return preferences.mute_thread(call.uow, cmd, call.caller, call.now)

    @rpc
    def unmute_thread(self, call: Call, cmd: ops.OfThread) -> Empty:
        return preferences.unmute_thread(call.uow, cmd, call.caller)
