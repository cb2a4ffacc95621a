"""Mutual aid, idle things, handshakes."""

from services.contracts.operations.base import Empty
from services.contracts.operations.feed import OfPost
from services.contracts.operations.feed import aid as ops
from services.feed.handlers import aid, handshakes
from services.kit.service import Call, JsonText, rpc, timer


class AidCalls:
    """Mutual aid, idle things, handshakes."""

    @rpc
    def list_matches(self, call: Call, cmd: ops.ListMatches) -> JsonText:
        return aid.list_matches(call.uow, cmd, call.caller, call.now)

    @rpc
    def get_aid(self, call: Call, cmd: OfPost) -> JsonText:
        return aid.get_aid(call.uow, cmd, call.caller)

    @rpc
    def update_aid(self, call: Call, cmd: ops.UpdateAid) -> JsonText:
        return aid.update_aid(call.uow, cmd, call.caller, call.now)

    @rpc
    def create_handshake(self, call: Call, cmd: ops.CreateHandshake) -> JsonText:
        return handshakes.create_handshake(call.uow, cmd, call.caller, call.now)

    @rpc
    def list_handshakes(self, call: Call, cmd: ops.ListHandshakes) -> JsonText:
        return handshakes.list_handshakes(call.uow, cmd, call.caller)

    @rpc
    def list_my_handshakes(self, call: Call, cmd: ops.ListMyHandshakes) -> JsonText:
        return handshakes.list_my_handshakes(call.uow, cmd, call.caller)

    @rpc
    def get_handshake(self, call: Call, cmd: ops.OfHandshake) -> JsonText:
        return handshakes.get_handshake(call.uow, cmd, call.caller, call.now)

    @rpc
    def step_handshake(self, call: Call, cmd: ops.StepHandshake) -> JsonText:
        return handshakes.step_handshake(call.uow, cmd, call.caller, call.now)

    @rpc
    def list_minors_aid(self, call: Call, cmd: ops.ListOfCommunity) -> JsonText:
        return aid.list_minors_aid(call.uow, cmd, call.caller)

    @rpc
    def list_no_shows(self, call: Call, cmd: ops.ListOfCommunity) -> JsonText:
        return aid.list_no_shows(call.uow, cmd, call.caller, call.now)

    @rpc
    def clear_no_shows(self, call: Call, cmd: ops.ClearNoShows) -> Empty:
        return aid.clear_no_shows(call.uow, cmd, call.caller, call.now)

    @timer(every=15.0)
    def expire_handshakes(self, call: Call) -> int:
        return handshakes.expire_handshakes(call.uow, call.now)
