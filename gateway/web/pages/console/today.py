"""What is due today, and every problem of the community."""

import asyncio
from typing import Any, Final

from starlette.responses import Response

from gateway.web.desk import desk
from gateway.web.pages.console.triage import GROUPS
from gateway.web.routing import Page
from gateway.web.visit import Visit

LONG: Final = 100


async def today(visit: Visit) -> Response:
    """What is due: late first, then what waits for a first look."""
    desks, cid = await desk(visit)
    page, waiting = await asyncio.gather(
        visit.call("listIssues", cid=cid, limit=LONG),
        visit.inside("countMembershipRequests", cid=cid),
    )
    return await visit.page(
        "console/today.html",
        desks=desks,
        cid=cid,
        groups=_sorted(page["items"]),
        more=page["next_cursor"],
        waiting=waiting,
    )


def _sorted(issues: list[dict[str, Any]]) -> dict[str, list[dict[str, Any]]]:
    """The issues in the desk's groups; what is promised soonest comes first."""
    groups: dict[str, list[dict[str, Any]]] = {name: [] for name in ("late", *GROUPS)}
    for issue in issues:
        late = bool(issue["promise"] and issue["promise"]["overdue"])
        name = next((g for g, statuses in GROUPS.items() if issue["status"] in statuses), "work")
        groups["late" if late and name != "over" else name].append(issue)
    for name in ("late", "new", "work", "grid"):
        groups[name].sort(key=lambda i: (i["promise"] or {}).get("due_at") or i["created_at"])
    return groups


async def desk_issues(visit: Visit) -> Response:
    """Every problem of the community, page by page."""
    desks, cid = await desk(visit)
    asked = {
        name: visit.query(name) for name in ("status", "category", "cursor") if visit.query(name)
    }
    page = await visit.call("listIssues", cid=cid, **asked)
    return await visit.page("console/issues.html", desks=desks, cid=cid, page=page, asked=asked)


PAGES = (
    Page("GET /console", today),
    Page("GET /console/issues", desk_issues),
)
