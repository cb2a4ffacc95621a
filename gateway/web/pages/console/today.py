"""What a committee worker begins the day with: how much lies where, and what comes first."""

import asyncio
from typing import Any, Final

from starlette.responses import Response

from gateway.web import words_desk
from gateway.web.desk import desk
from gateway.web.routing import Page
from gateway.web.visit import Visit

FIRST: Final = 12
"""What is promised soonest, as much of it as a morning holds."""
SOME: Final = 5


async def today(visit: Visit) -> Response:
    """How much lies where, and what has to be done first."""
    desks, cid = await desk(visit)
    lies, page, waiting = await asyncio.gather(
        visit.soft("getDesk", cid=cid),
        visit.call("listIssues", cid=cid, open=True, sort="due", limit=FIRST),
        visit.inside("countMembershipRequests", cid=cid),
    )
    return await visit.page(
        "console/today.html",
        desks=desks,
        cid=cid,
        lies=lies,
        page=page,
        waiting=waiting,
        known=words_desk,
    )


async def beside(visit: Visit) -> Response:
    """What else is about: hot topics, posts, consultations, what waits for a decision."""
    desks, cid = await desk(visit)
    hot, posts, tables, back, cases, board, away = await asyncio.gather(
        visit.soft("communityHotTopics", cid=cid),
        visit.soft("listUnansweredPosts", cid=cid, limit=SOME),
        visit.soft("listJointConsultations", cid=cid, state="open", limit=SOME),
        visit.soft("listReferrals", state="declined", limit=SOME),
        visit.soft("listModerationCases", cid=cid, limit=SOME),
        visit.soft("listScreeningBoard", cid=cid, limit=SOME),
        visit.soft("listAbsences", cid=cid),
    )
    return await visit.page(
        "console/beside.html",
        desks=desks,
        cid=cid,
        hot=_items(hot)[:SOME],
        posts=_items(posts),
        tables=_items(tables),
        back=[one for one in _items(back) if one["community_id"] == cid],
        cases=cases,
        board=board,
        away=_items(away),
        missing=None in (hot, posts, tables, back, away),
        known=words_desk,
    )


def _items(page: dict[str, Any] | None) -> list[dict[str, Any]]:
    return page["items"] if page else []


PAGES = (
    Page("GET /console", today),
    Page("GET /console/beside", beside),
)
