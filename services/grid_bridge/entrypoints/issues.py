"""Issues and work orders: asked for, told, and what goes by time."""

from services.contracts.events import IssueReported, PostOffered, WorkOrderUpdated
from services.contracts.operations.base import Page
from services.contracts.operations.grid_bridge import (
    AnswerIssue,
    EscalateIssue,
    GetIssue,
    GetWorkOrder,
    Issue,
    IssueFromPost,
    IssueReceipt,
    IssueSummary,
    ListIssues,
    ListWorkOrders,
    RateIssue,
    RecordSelfGovernance,
    ReopenIssue,
    ReportIssue,
    TriageIssue,
    WorkOrder,
)
from services.grid_bridge import advice
from services.grid_bridge.entrypoints.parts import files
from services.grid_bridge.handlers import (
    classifying,
    committee,
    grid,
    offered,
    orders,
    promises,
    reading,
    reporting,
)
from services.kit.service import Call, on, rpc, timer


class IssueCalls:
    """Issues and work orders: asked for, told, and what goes by time."""

    @rpc
    def report_issue(self, call: Call, cmd: ReportIssue) -> IssueReceipt:
        return reporting.report(call.uow, cmd, call.caller, files(call), call.now)

    @rpc
    def issue_from_post(self, call: Call, cmd: IssueFromPost) -> IssueReceipt:
        return reporting.from_post(call.uow, cmd, call.caller, call.now)

    @rpc
    def list_issues(self, call: Call, cmd: ListIssues) -> Page[IssueSummary]:
        return reading.list_issues(call.uow, cmd, call.caller, call.now)

    @rpc
    def get_issue(self, call: Call, cmd: GetIssue) -> Issue:
        return reading.get_issue(call.uow, cmd, call.caller, call.now)

    @rpc
    def triage_issue(self, call: Call, cmd: TriageIssue) -> Issue:
        return committee.triage(call.uow, cmd, call.caller, call.now)

    @rpc
    def answer_issue(self, call: Call, cmd: AnswerIssue) -> Issue:
        return committee.answer(call.uow, cmd, call.caller, files(call), call.now)

    @rpc
    def record_self_governance(self, call: Call, cmd: RecordSelfGovernance) -> Issue:
        return committee.record_step(call.uow, cmd, call.caller, files(call), call.now)

    @rpc
    def escalate_issue(self, call: Call, cmd: EscalateIssue) -> WorkOrder:
        return committee.escalate(call.uow, cmd, call.caller, files(call), call.now)

    @rpc
    def rate_issue(self, call: Call, cmd: RateIssue) -> Issue:
        return reporting.rate(call.uow, cmd, call.caller, call.now)

    @rpc
    def reopen_issue(self, call: Call, cmd: ReopenIssue) -> Issue:
        return reporting.reopen(call.uow, cmd, call.caller, call.now)

    @rpc
    def get_work_order(self, call: Call, cmd: GetWorkOrder) -> WorkOrder:
        return orders.get_work_order(call.uow, cmd, call.caller, call.now)

    @rpc
    def list_work_orders(self, call: Call, cmd: ListWorkOrders) -> Page[WorkOrder]:
        return orders.list_work_orders(call.uow, cmd, call.caller, call.now)

    @on(IssueReported, queue="grid_bridge.classification")
    def classify_issue(self, call: Call, event: IssueReported) -> None:
        classifying.classify(call.uow, event, advice.suggest, call.now)

    @on(PostOffered, queue="grid_bridge.offered_posts")
    def read_offered_post(self, call: Call, event: PostOffered) -> None:
        offered.suggest(call.uow, event, advice.likelihood, advice.suggest)

    @on(WorkOrderUpdated, queue="grid_bridge.grid_updates")
    def take_grid_update(self, call: Call, event: WorkOrderUpdated) -> None:
        event_id = call.envelope.event_id if call.envelope else ""
        grid.take_update(call.uow, event, event_id, files(call), call.now)

    @timer(every=5.0)
    def chase_promises(self, call: Call) -> int:
        return promises.chase(call.uow, call.now)
