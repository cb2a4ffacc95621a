"""The observer's desk: what she watches over, and what of her looking is written down.

::

    /observe ─▶ communities, what is late first     /observe/brief ─▶ a week in numbers
    /observe/issues?q=…&town=…&overdue=1            /observe/looks ─▶ what of it was counted

She reads and writes nothing: no page here has a form that changes anything but the filters that
she keeps for herself.
"""

import asyncio
from typing import Any, Final

from starlette.responses import Response

from gateway.web import kept, navs, words, words_desk, words_district
from gateway.web.pages.district.reach import LEVELS, Reach, reach
from gateway.web.routing import Page
from gateway.web.texts import N_
from gateway.web.visit import Visit
from services.contracts.errors import Forbidden, NotFound
from services.contracts.ids import is_id

STATES: Final = {"": N_("没办完的"), "closed": N_("有结果的"), "all": N_("全部")}
ASKED: Final = ("q", "town", "community", "status", "category", "state", "overdue")
KEPT: Final = "watched_issues"
"""The list, as filters of it are kept."""
ISSUES: Final = 30
WEEKS: Final = 26
BRIEFS: Final = {
    "district": ("districtBrief", "districtBriefWeeks", "did"),
    "town": ("townBrief", "townBriefWeeks", "tid"),
    "community": ("communityBrief", "communityBriefWeeks", "cid"),
}
PLACES: Final = {"districts": "district", "towns": "town", "communities": "community"}
"""What stands in the addresses that notify's news and briefs lead to."""


async def now(visit: Visit) -> Response:
    """The communities of her scope, what is late first."""
    if not navs.watching(visit.actor):
        raise Forbidden()
    if not visit.may("districtStanding"):
        return visit.go("/district")
    found = await reach(visit)
    asked = visit.asked("q", "town")
    report = await visit.call("districtStanding", did=found.did, limit=100, **asked)
    return await _page(visit, "observe/now.html", reach=found, report=report, asked=asked)


async def issues(visit: Visit) -> Response:
    """The problems of all communities of her scope, found by what the address asks for."""
    if not visit.may("listWatchedIssues"):
        raise Forbidden()
    asked = visit.asked(*ASKED)
    wanted: dict[str, Any] = {
        name: asked[name] for name in ("q", "town", "community", "category") if name in asked
    }
    if asked.get("status") in words.STATUS:
        wanted["status"] = asked["status"]
    elif asked.get("state") != "all":
        wanted["open"] = asked.get("state") != "closed"
    if asked.get("overdue"):
        wanted["overdue"] = True
    wanted |= visit.asked("cursor")
    found, page, mine = await asyncio.gather(
        reach(visit),
        visit.call("listWatchedIssues", limit=ISSUES, **wanted),
        kept.kept(visit, KEPT),
    )
    return await _page(
        visit,
        "observe/issues.html",
        status=visit.form.status,
        reach=found,
        page=page,
        asked=asked,
        kept=mine,
        states=STATES,
    )


async def keep(visit: Visit) -> Response:
    """Keep what is asked for under a name, or keep it no longer: her own, and nobody else's."""
    return await kept.change(visit, KEPT, ASKED, issues)


async def brief(visit: Visit) -> Response:
    """A week of a place in numbers; that it was read is written down."""
    if not visit.may("communityBrief"):
        raise Forbidden()
    found = await reach(visit)
    level, node = _node(visit, found)
    operation, weeks, field = BRIEFS[level]
    known = await visit.call(weeks, **{field: node}, limit=WEEKS)
    try:
        shown = await visit.call(operation, **{field: node}, **visit.asked("week"))
    except NotFound:
        shown = None
    parts = [
        (part, {one["key"]: one["value"] for one in part["values"]})
        for part in (shown["parts"] if shown else ())
    ]
    return await _page(
        visit,
        "observe/brief.html",
        reach=found,
        level=level,
        node=node,
        brief=shown,
        weeks=known["items"],
        parts=parts,
        topics=words_desk,
    )


def _node(visit: Visit, found: Reach) -> tuple[str, str]:
    """The node that is asked for, or the highest of the visitor's."""
    level, node = visit.query("level"), visit.query("node")
    if level in LEVELS and node:
        if not is_id(node) and node != found.did:
            raise NotFound()
        return level, node
    if not found.nodes:
        raise Forbidden()
    return found.nodes[0][0], found.nodes[0][1]


async def looks(visit: Visit) -> Response:
    """What of her own looking is written down: day, what, where, how often."""
    if not visit.may("listMyReads"):
        raise Forbidden()
    found, page = await asyncio.gather(
        reach(visit), visit.call("listMyReads", limit=100, **visit.asked("cursor"))
    )
    days: dict[str, list[dict[str, Any]]] = {}
    for row in page["items"]:
        place = row["place"] or ""
        name = next((found.name(level, place) for level in LEVELS if found.name(level, place)), "")
        days.setdefault(row["day"], []).append({**row, "name": name})
    return await _page(visit, "observe/looks.html", page=page, days=days)


async def brief_of(visit: Visit) -> Response:
    """Where news of a brief leads to."""
    return visit.go(_named(visit, "/observe/brief", "week"))


async def topics_of(visit: Visit) -> Response:
    """Where a brief's hot ten lead to."""
    return visit.go(_named(visit, "/district/topics", "month"))


def _named(visit: Visit, path: str, when: str) -> str:
    level = PLACES[visit.path.split("/")[1]]
    asked = visit.query(when)
    more = f"&{when}={asked}" if asked.replace("-", "").isalnum() and asked.isascii() else ""
    return f"{path}?level={level}&node={visit.part('node')}{more}"


async def _page(visit: Visit, template: str, **values: Any) -> Response:
    nav = navs.watch(visit.path, visit.person)
    return await visit.page(template, nav=nav, known=words_district, **values)


PAGES = (
    Page("GET /observe", now),
    Page("GET /observe/issues", issues),
    Page("POST /observe/issues", keep),
    Page("GET /observe/brief", brief),
    Page("GET /observe/looks", looks),
    *(Page(f"GET /{place}/{{node}}/briefs", brief_of) for place in PLACES),
    *(Page(f"GET /{place}/{{node}}/hot-topics", topics_of) for place in PLACES),
)
