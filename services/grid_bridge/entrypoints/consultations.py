"""Joint consultations: the table, its meetings, what was agreed, and what goes by time."""

from services.contracts.operations.base import Page
from services.contracts.operations.grid_bridge import (
    AddJointAction,
    AnswerDepartmentInvitation,
    ConcludeJointConsultation,
    InviteDepartment,
    JointConsultation,
    JointConsultationSummary,
    JointMinutesVersions,
    ListJointConsultations,
    ListMyJointConsultations,
    MoveJointAction,
    OfConsultation,
    OfJointMeeting,
    OpenJointConsultation,
    PlanJointMeeting,
    SettleJointMeeting,
    WithdrawDepartmentInvitation,
    WriteJointMinutes,
)
from services.grid_bridge.entrypoints.parts import files
from services.grid_bridge.handlers import consulting, consulting_views, consulting_work
from services.kit.service import Call, rpc, timer


class ConsultationCalls:
    """Joint consultations of many departments."""

    @rpc
    def open_joint_consultation(self, call: Call, cmd: OpenJointConsultation) -> JointConsultation:
        return consulting.open_consultation(call.uow, cmd, call.caller, call.now)

    @rpc
    def list_joint_consultations(
        self, call: Call, cmd: ListJointConsultations
    ) -> Page[JointConsultationSummary]:
        return consulting_views.of_community(call.uow, cmd, call.caller)

    @rpc
    def list_my_joint_consultations(
        self, call: Call, cmd: ListMyJointConsultations
    ) -> Page[JointConsultationSummary]:
        return consulting_views.of_actor(call.uow, cmd, call.caller)

    @rpc
    def get_joint_consultation(self, call: Call, cmd: OfConsultation) -> JointConsultation:
        return consulting_views.get(call.uow, cmd, call.caller, call.now)

    @rpc
    def invite_department(self, call: Call, cmd: InviteDepartment) -> JointConsultation:
        return consulting.invite(call.uow, cmd, call.caller, call.now)

    @rpc
    def answer_department_invitation(
        self, call: Call, cmd: AnswerDepartmentInvitation
    ) -> JointConsultation:
        return consulting.answer(call.uow, cmd, call.caller, call.now)

    @rpc
    def withdraw_department_invitation(
        self, call: Call, cmd: WithdrawDepartmentInvitation
    ) -> JointConsultation:
        return consulting.withdraw(call.uow, cmd, call.caller, call.now)

    @rpc
    def plan_joint_meeting(self, call: Call, cmd: PlanJointMeeting) -> JointConsultation:
        return consulting_work.plan(call.uow, cmd, call.caller, call.now)

    @rpc
    def settle_joint_meeting(self, call: Call, cmd: SettleJointMeeting) -> JointConsultation:
        return consulting_work.settle(call.uow, cmd, call.caller, call.now)

    @rpc
    def write_joint_minutes(self, call: Call, cmd: WriteJointMinutes) -> JointConsultation:
        return consulting_work.write_minutes(call.uow, cmd, call.caller, files(call), call.now)

    @rpc
    def list_joint_minutes(self, call: Call, cmd: OfJointMeeting) -> JointMinutesVersions:
        return consulting_views.versions(call.uow, cmd, call.caller)

    @rpc
    def add_joint_action(self, call: Call, cmd: AddJointAction) -> JointConsultation:
        return consulting_work.add(call.uow, cmd, call.caller, call.now)

    @rpc
    def move_joint_action(self, call: Call, cmd: MoveJointAction) -> JointConsultation:
        return consulting_work.move(call.uow, cmd, call.caller, files(call), call.now)

    @rpc
    def conclude_joint_consultation(
        self, call: Call, cmd: ConcludeJointConsultation
    ) -> JointConsultation:
        return consulting.conclude(call.uow, cmd, call.caller, files(call), call.now)

    @timer(every=5.0)
    def follow_up_joint_actions(self, call: Call) -> int:
        return consulting_work.follow_up(call.uow, call.now)
