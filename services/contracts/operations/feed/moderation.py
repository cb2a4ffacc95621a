"""Reports, decisions, appeals."""

from typing import Literal

from services.contracts.actor import COMMITTEE
from services.contracts.operations.base import (
    NEIGHBOUR,
    AnyObject,
    Command,
    Id,
    Operation,
    Reason,
    holders,
)
from services.contracts.operations.feed.common import OfPost


class ReportContent(OfPost):
    """Report a post to those who moderate."""

    reason: Reason


class DecideReport(Command):
    """Decide a report of content, with a reason that the author gets."""

    id: Id
    decision: Literal["keep", "take_down"]
    reason: Reason


class AppealDecision(Command):
    """Ask another person to look at the decision again."""

    id: Id
    reason: Reason


_COMMITTEE = holders(*COMMITTEE)

OPERATIONS: tuple[Operation, ...] = (
    Operation(
        "reportContent",
        "POST /posts/{id}/reports",
        service="feed",
        who=NEIGHBOUR,
        command=ReportContent,
        result=AnyObject,
        status=201,
        summary="Report a post",
        built=False,
    ),
    Operation(
        "decideReport",
        "POST /reports/{id}/decision",
        service="feed",
        who=_COMMITTEE,
        command=DecideReport,
        result=AnyObject,
        summary="Decide a report of content",
        built=False,
    ),
    Operation(
        "appeal",
        "POST /reports/{id}/appeals",
        service="feed",
        who=NEIGHBOUR,
        command=AppealDecision,
        result=AnyObject,
        status=201,
        summary="Appeal against a decision on content",
        built=False,
    ),
)
