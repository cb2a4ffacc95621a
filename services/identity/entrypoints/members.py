"""The members of a community, as its committee finds and looks after them."""

from services.contracts.operations import identity as op
from services.contracts.operations.base import Page
from services.identity.entrypoints.parts import vault
from services.identity.handlers import members
from services.kit.service import Call, rpc


class MemberCalls:
    """The members of a community, as its committee finds and looks after them."""

    @rpc
    def list_members(self, call: Call, cmd: op.ListMembers) -> Page[op.Member]:
        return members.list_members(call.uow, vault(call), cmd, call.caller, call.now)

    @rpc
    def get_member(self, call: Call, cmd: op.MemberOf) -> op.MemberSheet:
        return members.get_member(call.uow, vault(call), cmd, call.caller, call.now)
