"""What somebody who watches over several communities sees of them at once."""

from services.contracts.operations.base import Page
from services.contracts.operations.grid_bridge import (
    DistrictStanding,
    ListWatchedIssues,
    StandingReport,
    WatchedIssue,
)
from services.grid_bridge.handlers import watching
from services.kit.service import Call, rpc


class WatchingCalls:
    """Many communities at once."""

    @rpc
    def district_standing(self, call: Call, cmd: DistrictStanding) -> StandingReport:
        return watching.district_standing(call.uow, cmd, call.caller, call.now)

    @rpc
    def list_watched_issues(self, call: Call, cmd: ListWatchedIssues) -> Page[WatchedIssue]:
        return watching.list_watched_issues(call.uow, cmd, call.caller, call.now)
