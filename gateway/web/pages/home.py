"""Home: the modules of one's community, and what needs me."""

import asyncio
from typing import Any

from starlette.responses import Response

from gateway.web.routing import Page
from gateway.web.visit import Visit
from services.contracts.actor import Role

OVER = frozenset({"answered", "solved", "closed", "merged"})
NEWS = 3
MINE = 4


async def home(visit: Visit) -> Response:
    """The community of whoever visits; without one, how to get into one."""
    me = await visit.call("getMe")
    cid = _mine(me, visit.query("c"))
    if cid is None:
        watched = await visit.soft("listCommunities", limit=100)
        return await visit.page("nowhere.html", me=me, watched=(watched or {}).get("items", []))
    modules, news, issues = await asyncio.gather(
        visit.soft("listModules", cid=cid),
        visit.soft("listNotifications", unread=True, limit=NEWS),
        visit.soft("listIssues", cid=cid, limit=100),
    )
    mine = [i for i in (issues or {}).get("items", []) if i["mine"]]
    mine.sort(key=lambda i: (i["status"] in OVER and i["score"] is not None, i["status"] in OVER))
    return await visit.page(
        "home.html",
        me=me,
        places=_places(me),
        place=next(p for p in _places(me) if p["id"] == cid),
        cid=cid,
        modules=modules,
        news=(news or {}).get("items", []),
        mine=mine[:MINE],
        away=news is None or issues is None or modules is None,
    )


async def community(visit: Visit) -> Response:
    """The modules of a community that one may read."""
    cid = visit.part("cid")
    modules, known = await asyncio.gather(
        visit.call("listModules", cid=cid), visit.soft("listCommunities", limit=100)
    )
    place = next((c for c in (known or {}).get("items", []) if c["id"] == cid), None)
    watching = Role.OBSERVER in visit.person.roles
    return await visit.page(
        "community.html", cid=cid, place=place, modules=modules, watching=watching
    )


def _places(me: dict[str, Any]) -> list[dict[str, Any]]:
    """The communities that one lives or serves in, each once."""
    lived = [m["community"] for m in me["memberships"] if m["status"] == "active"]
    served = [r["community"] for r in me["roles"] if r["community"]]
    return list({place["id"]: place for place in [*served, *lived]}.values())


def _mine(me: dict[str, Any], wanted: str) -> str | None:
    lived = [m["community"]["id"] for m in me["memberships"] if m["status"] == "active"]
    all_ids = [*lived, *(p["id"] for p in _places(me))]
    if wanted in all_ids:
        return wanted
    return all_ids[0] if all_ids else None


async def report(visit: Visit) -> Response:
    """To the report form of the community that one lives in."""
    cid = _mine(await visit.call("getMe"), "")
    return visit.go(f"/c/{cid}/report" if cid else "/")


PAGES = (
    Page("GET /", home),
    Page("GET /report", report),
    Page("GET /c/{cid}", community),
)
