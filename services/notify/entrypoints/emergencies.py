"""Emergencies."""

from typing import cast

from services.contracts.operations.base import Page
from services.contracts.operations.documents import Document
from services.contracts.operations.notify import emergencies as ops
from services.contracts.operations.notify import emergency_doors as door_ops
from services.kit.service import Call, rpc
from services.notify.handlers import (
    emergencies,
    emergency_answers,
    emergency_doors,
    emergency_report,
)
from services.notify.settings import Settings


class EmergencyCalls:
    """Everybody told, every household heard of."""

    @rpc
    def call_emergency(self, call: Call, cmd: ops.CallEmergency) -> ops.CalledEmergency:
        return emergencies.call(call.uow, cmd, call.caller, call.now, _kept_days(call))

    @rpc
    def call_district_emergency(
        self, call: Call, cmd: ops.CallDistrictEmergency
    ) -> ops.CalledEmergency:
        return emergencies.call_district(call.uow, cmd, call.caller, call.now, _kept_days(call))

    @rpc
    def list_emergencies(self, call: Call, cmd: ops.ListEmergencies) -> Page[ops.Emergency]:
        return emergencies.listed(call.uow, cmd, call.caller)

    @rpc
    def list_district_emergencies(
        self, call: Call, cmd: ops.ListDistrictEmergencies
    ) -> Page[ops.Emergency]:
        return emergencies.listed_in_district(call.uow, cmd, call.caller)

    @rpc
    def get_emergency(self, call: Call, cmd: ops.OfEmergency) -> ops.EmergencyFigures:
        return emergencies.figures(call.uow, cmd, call.caller)

    @rpc
    def get_headcount(self, call: Call, cmd: ops.OfEmergency) -> ops.BuildingCounts:
        return emergencies.headcount(call.uow, cmd, call.caller)

    @rpc
    def tell_emergency(self, call: Call, cmd: ops.TellEmergency) -> ops.Broadcast:
        return emergencies.tell(call.uow, cmd, call.caller, call.now)

    @rpc
    def take_doors(self, call: Call, cmd: ops.OfEmergency) -> ops.Emergency:
        return emergencies.take_doors(call.uow, cmd, call.caller, call.now)

    @rpc
    def list_doors(self, call: Call, cmd: door_ops.ListDoors) -> Page[door_ops.HouseholdDoor]:
        return emergency_doors.listed(call.uow, cmd, call.caller, call.now)

    @rpc
    def tick_doors(self, call: Call, cmd: door_ops.TickDoors) -> door_ops.TickResults:
        return emergency_doors.tick(call.uow, cmd, call.caller, call.now)

    @rpc
    def close_emergency(self, call: Call, cmd: ops.CloseEmergency) -> ops.Emergency:
        return emergencies.close(call.uow, cmd, call.caller, call.now, _kept_days(call))

    @rpc
    def get_emergency_report(self, call: Call, cmd: ops.OfEmergency) -> ops.EmergencyReport:
        return emergency_report.report(call.uow, cmd, call.caller, call.now)

    @rpc
    def get_emergency_report_file(self, call: Call, cmd: ops.GetEmergencyReportFile) -> Document:
        return emergency_report.document(call.uow, cmd, call.caller, call.now)

    @rpc
    def answer_emergency(self, call: Call, cmd: ops.AnswerEmergency) -> ops.MyEmergency:
        return emergency_answers.answer(call.uow, cmd, call.caller, call.now)

    @rpc
    def list_my_emergencies(self, call: Call, _cmd: ops.ListMyEmergencies) -> ops.MyEmergencies:
        return emergency_answers.mine(call.uow, call.caller, call.now)


def _kept_days(call: Call) -> int:
    return cast(Settings, call.settings).emergency_kept_days
