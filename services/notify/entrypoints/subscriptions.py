"""What somebody follows, and the words of it all."""

from services.contracts.operations.base import Empty, Page
from services.contracts.operations.notify import subscriptions as ops
from services.contracts.operations.notify import templates as template_ops
from services.kit.service import Call, rpc
from services.notify import domain
from services.notify.handlers import subscriptions, templates


class SubscriptionCalls:
    """What a person follows."""

    @rpc
    def list_subscriptions(self, call: Call, cmd: ops.ListSubscriptions) -> Page[ops.Subscription]:
        language = domain.language_of(call.language)
        return subscriptions.list_subscriptions(call.uow, cmd, call.caller, language)

    @rpc
    def follow_thread(self, call: Call, cmd: ops.OfSubscription) -> ops.Subscription:
        language = domain.language_of(call.language)
        return subscriptions.follow(call.uow, cmd, call.caller, language)

    @rpc
    def unfollow_thread(self, call: Call, cmd: ops.OfSubscription) -> Empty:
        return subscriptions.unfollow(call.uow, cmd, call.caller)

    @rpc
    def list_notification_templates(
        self, call: Call, cmd: template_ops.ListNotificationTemplates
    ) -> template_ops.NotificationTemplates:
        return templates.list_templates(cmd, domain.language_of(call.language))
