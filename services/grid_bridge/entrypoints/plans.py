"""One community, one plan (一小区一方案), and the districts' outlines."""

from services.contracts.operations.base import Page
from services.contracts.operations.documents import Document
from services.contracts.operations.grid_bridge import bounds
from services.contracts.operations.grid_bridge import plans as ops
from services.grid_bridge.entrypoints.parts import files
from services.grid_bridge.handlers import locating, plan_comments, plan_documents, plans
from services.kit.service import Call, rpc


class PlanCalls:
    """One community, one plan (一小区一方案), and the districts' outlines."""

    @rpc
    def list_plans(self, call: Call, cmd: ops.ListPlans) -> Page[ops.PlanSummary]:
        return plans.list_plans(call.uow, cmd, call.caller, call.now)

    @rpc
    def create_plan(self, call: Call, cmd: ops.CreatePlan) -> ops.Plan:
        return plans.create(call.uow, cmd, call.caller, call.now)

    @rpc
    def get_plan(self, call: Call, cmd: ops.OfPlan) -> ops.Plan:
        return plans.get_plan(call.uow, cmd, call.caller, call.now)

    @rpc
    def update_plan(self, call: Call, cmd: ops.UpdatePlan) -> ops.Plan:
        return plans.update(call.uow, cmd, call.caller, call.now)

    @rpc
    def step_plan(self, call: Call, cmd: ops.StepPlan) -> ops.Plan:
        return plans.step(call.uow, cmd, call.caller, call.now)

    @rpc
    def record_plan_progress(self, call: Call, cmd: ops.RecordPlanProgress) -> ops.Plan:
        return plans.record_progress(call.uow, cmd, call.caller, files(call), call.now)

    @rpc
    def compare_plan_versions(
        self, call: Call, cmd: ops.ComparePlanVersions
    ) -> ops.PlanDifferences:
        return plans.compare(call.uow, cmd, call.caller)

    @rpc
    def list_plan_comments(self, call: Call, cmd: ops.ListPlanComments) -> Page[ops.PlanComment]:
        return plan_comments.list_comments(call.uow, cmd, call.caller)

    @rpc
    def comment_on_plan(self, call: Call, cmd: ops.CommentOnPlan) -> ops.PlanComment:
        return plan_comments.comment(call.uow, cmd, call.caller, call.now)

    @rpc
    def answer_plan_comment(self, call: Call, cmd: ops.AnswerPlanComment) -> ops.PlanComment:
        return plan_comments.answer(call.uow, cmd, call.caller, call.now)

    @rpc
    def decide_plan_comment(self, call: Call, cmd: ops.DecidePlanComment) -> ops.PlanComment:
        return plan_comments.decide(call.uow, cmd, call.caller, call.now)

    @rpc
    def withdraw_plan_comment(self, call: Call, cmd: ops.WithdrawPlanComment) -> ops.PlanComment:
        return plan_comments.withdraw(call.uow, cmd, call.caller)

    @rpc
    def export_plan(self, call: Call, cmd: ops.ExportPlan) -> Document:
        return plan_documents.export(call.uow, cmd, call.caller, call.now)

    @rpc
    def get_district_bounds(
        self, call: Call, cmd: bounds.OfDistrictBounds
    ) -> bounds.DistrictBounds:
        return locating.get_bounds(call.uow, cmd, call.caller)

    @rpc
    def put_district_bounds(
        self, call: Call, cmd: bounds.PutDistrictBounds
    ) -> bounds.DistrictBounds:
        return locating.put_bounds(call.uow, cmd, call.caller, call.now)

    @rpc
    def delete_district_bounds(
        self, call: Call, cmd: bounds.OfDistrictBounds
    ) -> bounds.DistrictBounds:
        return locating.delete_bounds(call.uow, cmd, call.caller)
