"""Micro-projects: their steps, volunteers, hours and money."""

from services.contracts.operations.base import Empty, ListCommand
from services.contracts.operations.feed import OfPost
from services.contracts.operations.feed import projects as ops
from services.feed.entrypoints.parts import uploads
from services.feed.handlers import project_hours, projects
from services.kit.service import Call, JsonText, rpc


class ProjectCalls:
    """Micro-projects: their steps, volunteers, hours and money."""

    @rpc
    def apply_project(self, call: Call, cmd: ops.ApplyProject) -> JsonText:
        return projects.apply_project(call.uow, cmd, call.caller, call.now)

    @rpc
    def get_project(self, call: Call, cmd: OfPost) -> JsonText:
        return projects.get_project(call.uow, cmd, call.caller)

    @rpc
    def list_projects(self, call: Call, cmd: ops.ListProjects) -> JsonText:
        return projects.list_projects(call.uow, cmd, call.caller)

    @rpc
    def record_project_step(self, call: Call, cmd: ops.RecordProjectStep) -> JsonText:
        files = uploads(call)
        return projects.record_project_step(call.uow, cmd, call.caller, call.now, files)

    @rpc
    def join_project(self, call: Call, cmd: OfPost) -> JsonText:
        return projects.join_project(call.uow, cmd, call.caller, call.now)

    @rpc
    def leave_project(self, call: Call, cmd: OfPost) -> JsonText:
        return projects.leave_project(call.uow, cmd, call.caller, call.now)

    @rpc
    def list_volunteers(self, call: Call, cmd: ops.ListOfProject) -> JsonText:
        return projects.list_volunteers(call.uow, cmd, call.caller)

    @rpc
    def log_hours(self, call: Call, cmd: ops.LogHours) -> JsonText:
        return project_hours.log_hours(call.uow, cmd, call.caller, call.now)

    @rpc
    def list_hours(self, call: Call, cmd: ops.ListOfProject) -> JsonText:
        return project_hours.list_hours(call.uow, cmd, call.caller)

    @rpc
    def confirm_hours(self, call: Call, cmd: ops.OfHours) -> JsonText:
        return project_hours.confirm_hours(call.uow, cmd, call.caller, call.now)

    @rpc
    def withdraw_hours(self, call: Call, cmd: ops.OfHours) -> Empty:
        return project_hours.withdraw_hours(call.uow, cmd, call.caller)

    @rpc
    def list_my_hours(self, call: Call, cmd: ListCommand) -> JsonText:
        return project_hours.list_my_hours(call.uow, cmd, call.caller)

    @rpc
    def add_money(self, call: Call, cmd: ops.AddMoney) -> JsonText:
        return project_hours.add_money(call.uow, cmd, call.caller, call.now, uploads(call))

    @rpc
    def list_money(self, call: Call, cmd: ops.ListOfProject) -> JsonText:
        return project_hours.list_money(call.uow, cmd, call.caller)

    @rpc
    def cancel_money(self, call: Call, cmd: ops.CancelMoney) -> JsonText:
        return project_hours.cancel_money(call.uow, cmd, call.caller, call.now)
