"""The committee's own work on its cases, and the dates that it must not forget."""

from services.contracts.operations.grid_bridge import (
    Absence,
    Absences,
    AssignIssue,
    ConfirmSolved,
    DeskView,
    EndAbsence,
    GetDesk,
    Issue,
    IssueReceipt,
    ListAbsences,
    ListMinutes,
    LogMinutes,
    Minutes,
    PutAbsence,
    RecordIntake,
    UnassignIssue,
)
from services.grid_bridge.entrypoints.parts import files
from services.grid_bridge.handlers import casework, desk, reporting, undertakings
from services.kit.service import Call, rpc, timer


class CaseworkCalls:
    """The committee's own work on its cases, and the dates that it must not forget."""

    @rpc
    def record_intake(self, call: Call, cmd: RecordIntake) -> IssueReceipt:
        return reporting.take_in(call.uow, cmd, call.caller, files(call), call.now)

    @rpc
    def assign_issue(self, call: Call, cmd: AssignIssue) -> Issue:
        return casework.assign(call.uow, cmd, call.caller, call.now)

    @rpc
    def unassign_issue(self, call: Call, cmd: UnassignIssue) -> Issue:
        return casework.unassign(call.uow, cmd, call.caller, call.now)

    @rpc
    def put_absence(self, call: Call, cmd: PutAbsence) -> Absence:
        return casework.put_absence(call.uow, cmd, call.caller, call.now)

    @rpc
    def end_absence(self, call: Call, cmd: EndAbsence) -> Absences:
        return casework.end_absence(call.uow, cmd, call.caller, call.now)

    @rpc
    def list_absences(self, call: Call, cmd: ListAbsences) -> Absences:
        return casework.list_absences(call.uow, cmd, call.caller, call.now)

    @rpc
    def log_minutes(self, call: Call, cmd: LogMinutes) -> Minutes:
        return casework.log_minutes(call.uow, cmd, call.caller, call.now)

    @rpc
    def list_minutes(self, call: Call, cmd: ListMinutes) -> Minutes:
        return casework.list_minutes(call.uow, cmd, call.caller)

    @rpc
    def confirm_solved(self, call: Call, cmd: ConfirmSolved) -> Issue:
        return undertakings.confirm(call.uow, cmd, call.caller, call.now)

    @rpc
    def get_desk(self, call: Call, cmd: GetDesk) -> DeskView:
        return desk.get_desk(call.uow, cmd, call.caller, call.now)

    @timer(every=5.0)
    def remind_of_undertakings(self, call: Call) -> int:
        return undertakings.remind(call.uow, call.now)
