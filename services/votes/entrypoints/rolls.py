"""Rolls and proxies."""

from services.contracts.operations.base import Page
from services.contracts.operations.votes import proxies as proxy_ops
from services.contracts.operations.votes import rolls as ops
from services.contracts.operations.votes.polls import OfPoll
from services.kit.service import Call, rpc
from services.kit.uploads import Uploads
from services.votes.handlers import proxies, roll_desk


class RollCalls:
    """Who may vote, and for whom."""

    @rpc
    def list_roll(self, call: Call, cmd: OfPoll) -> ops.Roll:
        return roll_desk.list_roll(call.uow, cmd, call.caller)

    @rpc
    def list_my_roll_entries(self, call: Call, cmd: OfPoll) -> ops.RollProofs:
        return roll_desk.list_my_entries(call.uow, cmd, call.caller)

    @rpc
    def find_on_roll(self, call: Call, cmd: ops.FindOnRoll) -> Page[ops.DeskEntry]:
        return roll_desk.find(call.uow, cmd, call.caller)

    @rpc
    def get_roll_turnout(self, call: Call, cmd: OfPoll) -> ops.RollTurnout:
        return roll_desk.get_turnout(call.uow, cmd, call.caller)

    @rpc
    def add_roll_entry(self, call: Call, cmd: ops.AddRollEntry) -> ops.RollChange:
        return roll_desk.add(call.uow, cmd, call.caller, call.now)

    @rpc
    def strike_roll_entry(self, call: Call, cmd: ops.StrikeRollEntry) -> ops.RollChange:
        return roll_desk.strike(call.uow, cmd, call.caller, call.now)

    @rpc
    def grant_proxy(self, call: Call, cmd: proxy_ops.GrantProxy) -> proxy_ops.Proxy:
        return proxies.grant(call.uow, cmd, call.caller)

    @rpc
    def record_proxy(self, call: Call, cmd: proxy_ops.RecordProxy) -> proxy_ops.Proxy:
        return proxies.record(call.uow, cmd, call.caller, Uploads(call.settings))

    @rpc
    def revoke_proxy(self, call: Call, cmd: proxy_ops.OfProxy) -> proxy_ops.Proxy:
        return proxies.revoke(call.uow, cmd, call.caller)

    @rpc
    def list_proxies(self, call: Call, cmd: OfPoll) -> proxy_ops.Proxies:
        return proxies.list_proxies(call.uow, cmd, call.caller)
