"""What lies on a committee's desk: how much of each, and who sits at it.

Every number is that of a list which can be asked for; days are China's.
"""

from datetime import datetime

from services.contracts.operations.base import Command, Id, Operation, View
from services.contracts.operations.grid_bridge.common import STAFF, IssueAssignee


class GetDesk(Command):
    """The desk of a community's committee."""

    cid: Id


class DeskView(View):
    """How much lies on the desk.

    ``waiting``: issues that nobody has sorted (reported, reopened); ``working`` those the committee
    is at; ``escalated`` those at the grid platform. ``overdue``, ``due_today``: running promises
    past their limit, or whose limit comes before the day ends. ``mine``: unfinished issues that the
    caller handles, or covers for. ``undertakings_due``: dates that somebody promised, today or
    before, and nobody has checked. ``posts_waiting`` want an answer in office, ``posts_overdue`` of
    them are late. ``referrals_back`` were declined within seven days and their issue is open.
    ``merges_asked`` wait for a reporter's yes. ``meetings_today`` are of joint consultations,
    ``actions_overdue`` what was agreed there and is late. ``away`` are on leave today.
    """

    as_of: datetime
    district_id: str
    waiting: int
    working: int
    escalated: int
    overdue: int
    due_today: int
    mine: int
    undertakings_due: int
    posts_waiting: int
    posts_overdue: int
    referrals_open: int
    referrals_back: int
    merges_asked: int
    consultations_open: int
    meetings_today: int
    actions_overdue: int
    away: int
    colleagues: list[IssueAssignee]


OPERATIONS: tuple[Operation, ...] = (
    Operation(
        "getDesk", "GET /communities/{cid}/desk", service="grid_bridge", who=STAFF,
        command=GetDesk, result=DeskView, summary="How much lies on the committee's desk",
    ),
)  # fmt: skip
