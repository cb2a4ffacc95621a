"""Modules."""

from services.contracts.operations.base import Empty
from services.contracts.operations.feed import OfCommunity
from services.contracts.operations.feed import modules as ops
from services.feed.handlers import modules, readers
from services.kit.service import Call, JsonText, rpc


class ModuleCalls:
    """Modules, and what a community says of them."""

    @rpc
    def list_modules(self, call: Call, cmd: OfCommunity) -> JsonText:
        return modules.list_modules(call.uow, cmd, call.caller, call.now)

    @rpc
    def get_feed_pass(self, call: Call, cmd: OfCommunity) -> JsonText:
        return readers.get_feed_pass(call.uow, cmd, call.caller, call.now)

    @rpc
    def list_module_definitions(self, call: Call, cmd: OfCommunity) -> ops.ModuleDefinitions:
        return modules.list_module_definitions(call.uow, cmd, call.caller)

    @rpc
    def get_module(self, call: Call, cmd: ops.OfModule) -> ops.ModuleDefinition:
        return modules.get_module(call.uow, cmd, call.caller)

    @rpc
    def put_module(self, call: Call, cmd: ops.PutModule) -> ops.ModuleDefinition:
        return modules.put_module(call.uow, cmd, call.caller, call.now)

    @rpc
    def delete_module(self, call: Call, cmd: ops.DeleteModule) -> Empty:
        return modules.delete_module(call.uow, cmd, call.caller)
