"""Working days and limits of the districts; posts that wait for a first answer."""

from typing import cast

from services.contracts import topology
from services.contracts.events import Envelope
from services.contracts.operations.base import Page
from services.contracts.operations.grid_bridge import clocks as ops
from services.grid_bridge.handlers import calendars, post_clocks, renewing
from services.grid_bridge.handlers.post_clocks import PostEvent
from services.kit.service import Call, on, rpc, timer


class ClockCalls:
    """Working days and limits of the districts; posts that wait for a first answer."""

    @rpc
    def get_calendar(self, call: Call, cmd: ops.GetCalendar) -> ops.CalendarYear:
        return calendars.get_calendar(call.uow, cmd, call.caller, call.now)

    @rpc
    def put_calendar_year(self, call: Call, cmd: ops.PutCalendarYear) -> ops.CalendarYear:
        return calendars.put_year(call.uow, cmd, call.caller, call.now)

    @rpc
    def get_limits(self, call: Call, cmd: ops.GetLimits) -> ops.Limits:
        return calendars.get_limits(call.uow, cmd, call.caller)

    @rpc
    def put_limits(self, call: Call, cmd: ops.PutLimits) -> ops.Limits:
        return calendars.put_limits(call.uow, cmd, call.caller, call.now)

    @rpc
    def list_limit_versions(
        self, call: Call, cmd: ops.ListLimitVersions
    ) -> Page[ops.LimitsVersion]:
        return calendars.list_limit_versions(call.uow, cmd, call.caller)

    @rpc
    def list_unanswered_posts(
        self, call: Call, cmd: ops.ListUnansweredPosts
    ) -> Page[ops.UnansweredPost]:
        return post_clocks.list_unanswered(call.uow, cmd, call.caller, call.now)

    @rpc
    def get_post_response(self, call: Call, cmd: ops.GetPostResponse) -> ops.PostResponse:
        return post_clocks.response(call.uow, cmd, call.caller, call.now)

    @on(*topology.POST_STORY, queue="grid_bridge.post_clocks")
    def follow_post(self, call: Call, event: PostEvent) -> None:
        post_clocks.follow(call.uow, event, cast(Envelope, call.envelope))

    @timer(every=5.0)
    def chase_posts(self, call: Call) -> int:
        return post_clocks.chase(call.uow, call.now)

    @timer(every=5.0)
    def renew_clocks(self, call: Call) -> int:
        return renewing.renew(call.uow, call.now)
