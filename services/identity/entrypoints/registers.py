"""A register's file at the desk: brought, looked at, imported."""

from services.contracts.operations import identity as op
from services.contracts.operations.base import Empty, Page
from services.contracts.operations.feed.common import Sheet
from services.identity.entrypoints.parts import vault
from services.identity.handlers import drafts
from services.kit.service import Call, rpc


class RegisterCalls:
    """A register's file at the desk: brought, looked at, imported."""

    @rpc
    def bring_register_file(self, call: Call, cmd: op.BringFile) -> op.RegisterDraftHead:
        return drafts.bring(call.uow, vault(call), cmd, call.caller, call.now)

    @rpc
    def list_register_drafts(
        self, call: Call, cmd: op.ListRegisterDrafts
    ) -> Page[op.RegisterDraftHead]:
        return drafts.list_drafts(call.uow, cmd, call.caller)

    @rpc
    def get_register_draft(self, call: Call, cmd: op.DraftOf) -> op.RegisterDraft:
        return drafts.get_draft(call.uow, vault(call), cmd, call.caller, call.now)

    @rpc
    def confirm_register_draft(self, call: Call, cmd: op.DraftOf) -> op.RegisterDraftHead:
        return drafts.confirm(call.uow, cmd, call.caller, call.now)

    @rpc
    def drop_register_draft(self, call: Call, cmd: op.DraftOf) -> Empty:
        return drafts.drop(call.uow, cmd, call.caller, call.now)

    @rpc
    def get_register_draft_faults(self, call: Call, cmd: op.DraftFaults) -> Sheet:
        return drafts.faults(call.uow, vault(call), cmd, call.caller)
