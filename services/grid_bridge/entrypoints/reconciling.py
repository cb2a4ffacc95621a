"""The platform's side held against ours: steering orders, the library, comparing, dead letters."""

from services.contracts.operations.base import Page
from services.contracts.operations.grid_bridge import (
    AmendWorkOrder,
    DeadLetters,
    GetReconciliation,
    LibraryEntryView,
    ListDeadLetters,
    ListLibraryEntries,
    Reconciliation,
    RepairReconciliation,
    ReplayDeadLetter,
    Replayed,
    StartReconciliation,
    UrgeWorkOrder,
    WithdrawWorkOrder,
    WorkOrder,
)
from services.grid_bridge.entrypoints.parts import files
from services.grid_bridge.handlers import dead_letters, library, reconciling, steering
from services.kit.service import Call, rpc


class ReconcilingCalls:
    """The platform's side held against ours."""

    @rpc
    def urge_work_order(self, call: Call, cmd: UrgeWorkOrder) -> WorkOrder:
        return steering.urge(call.uow, cmd, call.caller, call.now)

    @rpc
    def withdraw_work_order(self, call: Call, cmd: WithdrawWorkOrder) -> WorkOrder:
        return steering.withdraw(call.uow, cmd, call.caller, call.now)

    @rpc
    def amend_work_order(self, call: Call, cmd: AmendWorkOrder) -> WorkOrder:
        return steering.amend(call.uow, cmd, call.caller, files(call), call.now)

    @rpc
    def list_library_entries(self, call: Call, cmd: ListLibraryEntries) -> Page[LibraryEntryView]:
        return library.list_entries(call.uow, cmd, call.caller)

    @rpc
    def start_reconciliation(self, call: Call, cmd: StartReconciliation) -> Reconciliation:
        return reconciling.start(call.uow, cmd, call.caller, call.now)

    @rpc
    def get_reconciliation(self, call: Call, cmd: GetReconciliation) -> Reconciliation:
        return reconciling.get(call.uow, cmd, call.caller)

    @rpc
    def repair_reconciliation(self, call: Call, cmd: RepairReconciliation) -> Reconciliation:
        return reconciling.repair(call.uow, cmd, call.caller, files(call), call.now)

    @rpc
    def list_dead_letters(self, call: Call, cmd: ListDeadLetters) -> DeadLetters:
        return dead_letters.list_letters(call.uow, cmd, call.settings.amqp_url)

    @rpc
    def replay_dead_letter(self, call: Call, cmd: ReplayDeadLetter) -> Replayed:
        return dead_letters.replay(call.uow, cmd, call.caller, call.settings.amqp_url, call.now)
