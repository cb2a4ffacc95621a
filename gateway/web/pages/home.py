"""Home: the modules of one's community, and what needs me."""

import asyncio
from typing import Any, Final

from starlette.responses import Response

from gateway.web import session
from gateway.web.routing import Page
from gateway.web.visit import LOOKS, Visit, local_path
from services.contracts.actor import Role

NEWS: Final = 3
MINE: Final = 4
OVER: Final = frozenset({"answered", "solved", "closed", "merged"})
SOON: Final = 3


async def home(visit: Visit) -> Response:
    """The community of whoever visits; without one, how to get into one."""
    me, news, calls, events = await asyncio.gather(
        visit.call("getMe"),
        visit.soft("listNotifications", unread=True, limit=NEWS),
        visit.soft("listMyEmergencies"),
        visit.soft("listMySignUps"),
    )
    cid = _mine(me, visit.query("c"))
    if cid is None:
        watched = await visit.soft("listCommunities", limit=100)
        return await visit.page("nowhere.html", me=me, watched=(watched or {}).get("items", []))
    modules, issues, polls = await asyncio.gather(
        visit.soft("listModules", cid=cid),
        visit.soft("listIssues", cid=cid, mine=True, limit=20),
        visit.soft("listPolls", cid=cid, state="open", limit=20),
    )
    mine = sorted(_items(issues), key=_waits)[:MINE]
    return await visit.page(
        "simple.html" if "simple" in visit.look else "home.html",
        me=me,
        places=_places(me),
        place=next(p for p in _places(me) if p["id"] == cid),
        cid=cid,
        modules=modules,
        news=_items(news),
        calls=[one for one in _items(calls) if one["state"] == "open"],
        votes=[one for one in _items(polls) if one["my_state"] == "free"],
        events=_items(events)[:SOON],
        mine=[one for one in mine if not (one["status"] in OVER and one["score"] is not None)],
        away=None in (news, calls, events, issues, modules, polls),
    )


def _items(page: dict[str, Any] | None) -> list[dict[str, Any]]:
    return page["items"] if page else []


def _waits(issue: dict[str, Any]) -> tuple[bool, bool]:
    """What waits for the reporter's judgement comes after what is being done."""
    over = issue["status"] in OVER
    return over and issue["score"] is not None, over


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


async def choose_look(visit: Visit) -> Response:
    """Larger type, or the simple pages, on this device; the other choice stays as it is."""
    wanted, on = visit.form.text("look"), visit.form.ticked("on")
    chosen = [one for one in LOOKS if (on if one == wanted else one in visit.look)]
    response = visit.go(local_path(visit.form.text("next") or "/"))
    seconds = session.YEAR_SECONDS
    session.put(response, session.LOOK_COOKIE, ".".join(chosen), seconds, https=visit.house.https)
    return response


PAGES = (
    Page("GET /", home),
    Page("POST /look", choose_look, login=False),
    Page("GET /report", report),
    Page("GET /c/{cid}", community),
)
