"""The weekly brief."""

from services.contracts import topology
from services.contracts.events import Event
from services.contracts.operations.base import Page
from services.contracts.operations.notify import briefs as ops
from services.kit.service import Call, on, rpc
from services.notify.handlers import brief_views, briefs


class BriefCalls:
    """Weeks in numbers, for those who watch over a place."""

    @on(*topology.queue("notify.brief").events, queue="notify.brief")
    def count_for_brief(self, call: Call, event: Event) -> None:
        happened_at = call.envelope.time if call.envelope else call.now
        briefs.count(call.uow, event, happened_at, call.now)

    @rpc
    def community_brief(self, call: Call, cmd: ops.CommunityBrief) -> ops.Brief:
        return brief_views.of_community(call.uow, cmd, call.caller, call.now)

    @rpc
    def town_brief(self, call: Call, cmd: ops.TownBrief) -> ops.Brief:
        return brief_views.of_town(call.uow, cmd, call.caller, call.now)

    @rpc
    def district_brief(self, call: Call, cmd: ops.DistrictBrief) -> ops.Brief:
        return brief_views.of_district(call.uow, cmd, call.caller, call.now)

    @rpc
    def community_brief_weeks(
        self, call: Call, cmd: ops.CommunityBriefWeeks
    ) -> Page[ops.BriefWeek]:
        return brief_views.weeks_of_community(call.uow, cmd, call.caller, call.now)

    @rpc
    def town_brief_weeks(self, call: Call, cmd: ops.TownBriefWeeks) -> Page[ops.BriefWeek]:
        return brief_views.weeks_of_town(call.uow, cmd, call.caller, call.now)

    @rpc
    def district_brief_weeks(self, call: Call, cmd: ops.DistrictBriefWeeks) -> Page[ops.BriefWeek]:
        return brief_views.weeks_of_district(call.uow, cmd, call.caller, call.now)

    @rpc
    def list_brief_reads(self, call: Call, cmd: ops.ListBriefReads) -> Page[ops.BriefRead]:
        return brief_views.list_reads(call.uow, cmd, call.caller)
