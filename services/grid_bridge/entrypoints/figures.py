"""Figures, and the counters that they are made of."""

from services.contracts.operations.grid_bridge import (
    CommunityKpis,
    GetIssueBreakdown,
    IssueBreakdown,
    IssueCounts,
    IssueCountsView,
    KpiReport,
    Kpis,
)
from services.grid_bridge.handlers import breakdown, counting, figures
from services.kit.service import Call, rpc, timer


class FigureCalls:
    """Figures, and the counters that they are made of."""

    @rpc
    def kpis(self, call: Call, cmd: Kpis) -> KpiReport:
        return figures.kpis(call.uow, cmd, call.caller, call.now)

    @rpc
    def community_kpis(self, call: Call, cmd: CommunityKpis) -> KpiReport:
        return figures.community_kpis(call.uow, cmd, call.caller, call.now)

    @rpc
    def issue_counts(self, call: Call, cmd: IssueCounts) -> IssueCountsView:
        return figures.issue_counts(call.uow, cmd, call.caller, call.now)

    @rpc
    def issue_breakdown(self, call: Call, cmd: GetIssueBreakdown) -> IssueBreakdown:
        return breakdown.issue_breakdown(call.uow, cmd, call.caller, call.now)

    @timer(every=5.0)
    def roll_up_counters(self, call: Call) -> int:
        return counting.roll_up(call.uow)

    @timer(every=7.0)
    def count_again(self, call: Call) -> int:
        return counting.recount(call.uow)
