"""Ways out of the house, and what operators do about what could not be sent."""

from typing import cast

from services.contracts.operations.base import Empty, Page
from services.contracts.operations.notify import channels as ops
from services.kit.service import Call, rpc
from services.notify.handlers import channels
from services.notify.settings import Settings


class ChannelCalls:
    """Ways out of the house."""

    @rpc
    def list_my_channels(self, call: Call, _cmd: ops.ListMyChannels) -> ops.MyChannels:
        return channels.list_my_channels(call.uow, call.caller)

    @rpc
    def request_mail_address(
        self, call: Call, cmd: ops.RequestMailAddress
    ) -> ops.MailAddressRequested:
        return channels.request_mail_address(call.uow, cmd, call.caller, call.now)

    # -- browsers --------------------------------------------------------------------------------

    @rpc
    def get_push_key(self, call: Call, _cmd: ops.GetPushKey) -> ops.PushKey:
        return channels.get_push_key(call.uow)

    @rpc
    def list_push_subscriptions(
        self, call: Call, _cmd: ops.ListPushSubscriptions
    ) -> ops.PushSubscriptions:
        return channels.list_push_subscriptions(call.uow, call.caller)

    @rpc
    def put_push_subscription(
        self, call: Call, cmd: ops.PutPushSubscription
    ) -> ops.PushSubscriptionView:
        hosts = cast(Settings, call.settings).push_hosts
        return channels.put_push_subscription(call.uow, cmd, call.caller, hosts, call.now)

    @rpc
    def delete_push_subscription(self, call: Call, cmd: ops.OfPushSubscription) -> Empty:
        return channels.delete_push_subscription(call.uow, cmd, call.caller)

    @rpc
    def test_push_subscription(self, call: Call, cmd: ops.OfPushSubscription) -> Empty:
        return channels.test_push_subscription(call.uow, cmd, call.caller, call.now)

    # -- a committee's robot ---------------------------------------------------------------------

    @rpc
    def get_robot(self, call: Call, cmd: ops.GetRobot) -> ops.RobotView:
        return channels.get_robot(call.uow, cmd, call.caller)

    @rpc
    def put_robot(self, call: Call, cmd: ops.PutRobot) -> ops.RobotView:
        return channels.put_robot(call.uow, cmd, call.caller, call.now)

    @rpc
    def delete_robot(self, call: Call, cmd: ops.GetRobot) -> Empty:
        return channels.delete_robot(call.uow, cmd, call.caller)

    @rpc
    def test_robot(self, call: Call, cmd: ops.GetRobot) -> Empty:
        return channels.test_robot(call.uow, cmd, call.caller, call.now)

    # -- operators -------------------------------------------------------------------------------

    @rpc
    def list_parked_deliveries(
        self, call: Call, cmd: ops.ListParkedDeliveries
    ) -> Page[ops.ParkedDelivery]:
        return channels.list_parked(call.uow, cmd, call.caller)

    @rpc
    def send_on_deliveries(self, call: Call, cmd: ops.SendOnDeliveries) -> ops.SentOn:
        return channels.send_on(call.uow, cmd, call.caller, call.now)
