"""Emergencies on the desk: called in two steps, counted while it goes on, ended, reported.

::

    /console/emergencies                 those of the community; whoever may, calls one
      └─ …/new          look (how many are told) ─▶ confirm ─▶ it is called
    /console/emergencies/{id}            headcount, renewed by the stream; words to all; the end
      ├─ …/counts                        the figures alone
      ├─ …/doors?state=&building=        the doors in the order of the walk; what was found
      └─ …/report                        counts alone, to keep

Who may do what is said by the emergency itself (``may_lead``, ``may_knock``); whoever only watches
reads figures.
"""

import asyncio
from collections.abc import Mapping
from functools import partial
from typing import Any, Final

from starlette.responses import Response

from gateway.web import navs, words_news
from gateway.web.routing import Page
from gateway.web.texts import N_
from gateway.web.visit import Visit
from services.contracts.errors import BadRequest, Forbidden, ShequError
from services.contracts.ids import new_id
from services.contracts.operations.notify.emergencies import READERS

HERE: Final = "/console/emergencies"
ALONE: Final = navs.Section(HERE, N_("应急"), "today")
CALL: Final = ("title", "message", "place_id")
TEXT: Final = ("text",)
DOORS: Final = 15
PLACES: Final = 100


async def _desk(visit: Visit) -> dict[str, Any]:
    """The communities where the visitor reads emergencies, and the one that is looked at.

    Whoever is set above communities has those that she may read; the service knows which.
    """
    if not visit.person.roles & READERS:
        raise Forbidden()
    me = await visit.call("getMe")
    offices = {role.value for role in READERS}
    served = {
        role["community"]["id"]: role["community"]
        for role in me["roles"]
        if role["role"] in offices and role["community"]
    }
    if not served:
        found = await visit.call("listCommunities", limit=PLACES)
        served = {one["id"]: one for one in found["items"]}
    wanted = visit.query("c") or visit.form.text("c")
    cid = wanted or next(iter(served), "")
    if not cid:
        raise Forbidden()
    return {"desks": list(served.values()), "cid": cid, **_rows(visit)}


def _rows(visit: Visit) -> dict[str, Any]:
    if visit.is_staff:
        return {}
    if navs.watching(visit.actor):
        return {"nav": navs.watch(visit.path, visit.person)}
    return {"nav": navs.alone(visit.path, ALONE)}


async def emergencies(visit: Visit) -> Response:
    """Those of a community and those called above it, newest first."""
    desk = await _desk(visit)
    page = await visit.call("listEmergencies", cid=desk["cid"], **visit.asked("cursor"))
    return await visit.page(
        "console/emergencies.html",
        page=page,
        may_call=visit.may("callEmergency"),
        known=words_news,
        **desk,
    )


# -- called ---------------------------------------------------------------------------------------


async def new(visit: Visit) -> Response:
    """What has happened, where, and what people have to do."""
    return await _form(visit, await _desk(visit))


async def _form(
    visit: Visit, desk: Mapping[str, Any], looked: Mapping[str, Any] | None = None
) -> Response:
    if not visit.may("callEmergency"):
        raise Forbidden()
    estate = visit.query("estate") or visit.form.text("estate")
    estates, buildings = await asyncio.gather(
        _places(visit, desk["cid"]), _places(visit, estate) if estate else _none()
    )
    return await visit.page(
        "console/emergency_new.html",
        status=visit.form.status,
        estates=estates,
        buildings=buildings,
        estate=next((one for one in estates if one["id"] == estate), None),
        looked=looked,
        known=words_news,
        **desk,
    )


async def _none() -> list[dict[str, Any]]:
    return []


async def _places(visit: Visit, above: str) -> list[dict[str, Any]]:
    """The places below; none for whoever may not list them: she calls for the whole community."""
    if not visit.may("listPlaces"):
        return []
    found = await visit.soft("listPlaces", id=above, limit=PLACES)
    wanted = ("estate", "building")
    return [one for one in (found or {"items": []})["items"] if one["kind"] in wanted]


async def call(visit: Visit) -> Response:
    """Look first; the second step is the call itself."""
    desk, form = await _desk(visit), visit.form
    said: dict[str, Any] = {
        "cid": desk["cid"],
        "title": form.text("title"),
        "message": form.text("message"),
        "drill": form.ticked("drill"),
        **form.some("place_id"),
    }
    try:
        if not form.text("confirm") or form.ticked("back"):
            looked = None if form.ticked("back") else await visit.call("callEmergency", **said)
            return await _form(visit, desk, looked)
        made = await visit.call(
            "callEmergency", once=form.key, dry_run=False, confirm=form.text("confirm"), **said
        )
    except ShequError as error:
        visit.form = visit.refused(error, *CALL)
        return await _form(visit, desk)
    return visit.go(f"{HERE}/{made['emergency']['id']}")


# -- while it goes on -----------------------------------------------------------------------------


async def emergency(visit: Visit) -> Response:
    """Who was heard of, who was not, and what was told."""
    return await _show(visit)


async def _show(visit: Visit, failed: str = "") -> Response:
    one_id = visit.part("id")
    one, counts, report = await asyncio.gather(
        visit.call("getEmergency", id=one_id),
        visit.call("getHeadcount", id=one_id),
        visit.soft("getEmergencyReport", id=one_id),
    )
    return await visit.page(
        "console/emergency.html",
        status=visit.form.status,
        cid=one["community_id"] or "",
        one=one,
        counts=counts,
        report=report,
        failed=failed,
        known=words_news,
        **_rows(visit),
    )


async def counts(visit: Visit) -> Response:
    """The figures alone, when the stream says that they moved."""
    one, found = await asyncio.gather(
        visit.call("getEmergency", id=visit.part("id")),
        visit.call("getHeadcount", id=visit.part("id")),
    )
    return await visit.page(
        "console/headcount.html", cid="", one=one, counts=found, known=words_news, **_rows(visit)
    )


async def tell(visit: Visit) -> Response:
    """Words to all, or to the silent."""
    form = visit.form
    return await _act(visit, "tell", "tellEmergency", text=form.text("text"), **form.some("to"))


async def close(visit: Visit) -> Response:
    """It is over: the all-clear."""
    return await _act(visit, "close", "closeEmergency", text=visit.form.text("text"))


async def take_doors(visit: Visit) -> Response:
    """Take the list of doors again."""
    return await _act(visit, "doors", "takeDoors")


async def _act(visit: Visit, name: str, operation: str, **fields: Any) -> Response:
    doing = visit.call(operation, once=visit.form.key, id=visit.part("id"), **fields)
    return await visit.do(
        doing, *TEXT, again=partial(_show, failed=name), then=f"{HERE}/{visit.part('id')}"
    )


# -- at the doors ---------------------------------------------------------------------------------


async def doors(visit: Visit) -> Response:
    """The doors in one state, in the order in which they are walked; each look is written down."""
    return await _doors(visit)


async def _doors(visit: Visit, failed: str = "") -> Response:
    one_id, form = visit.part("id"), visit.form
    asked = {name: visit.query(name) or form.text(name) for name in ("state", "building", "cursor")}
    asked = {name: value for name, value in asked.items() if value}
    if asked.get("state", "silent") not in words_news.HOUSEHOLD:
        del asked["state"]
    one, counts, page = await asyncio.gather(
        visit.call("getEmergency", id=one_id),
        visit.call("getHeadcount", id=one_id),
        visit.call("listDoors", id=one_id, limit=DOORS, **asked),
    )
    return await visit.page(
        "console/doors.html",
        status=form.status,
        cid=one["community_id"] or "",
        one=one,
        counts=counts,
        page=page,
        state=asked.get("state", "silent"),
        building=asked.get("building", ""),
        asked={name: asked[name] for name in asked if name != "cursor"},
        failed=failed,
        fresh=new_id,
        known=words_news,
        **_rows(visit),
    )


async def tick(visit: Visit) -> Response:
    """What was found at a door. The form's key is the tick's own: sent twice, it counts once.

    ``at`` comes from a phone that had no net and kept it (``desk-js/50-doors.js``).
    """
    form = visit.form
    found: dict[str, Any] = {"state": form.text("state"), **form.some("at")}
    if found["state"] == "help":
        found |= form.some("need", "note")
        if not found.get("need"):
            visit.form = form.wrong({"need": visit.say(words_news.WHICH_HELP)})
            return await _doors(visit, form.text("household"))
    household = form.text("household")
    try:
        told = await visit.call(
            "tickDoors",
            id=visit.part("id"),
            ticks=[{"key": form.key, "household": household, **found}],
        )
    except ShequError as error:
        visit.form = visit.refused(error)
        return await _doors(visit, household)
    if told["results"][0]["outcome"] == "refused":
        raise BadRequest()
    back = form.text("back")
    return visit.go(back if back.startswith(f"{HERE}/") else f"{HERE}/{visit.part('id')}/doors")


# -- the report -----------------------------------------------------------------------------------


async def report(visit: Visit) -> Response:
    """What was done, in counts."""
    found = await visit.call("getEmergencyReport", id=visit.part("id"))
    return await visit.page(
        "console/emergency_report.html",
        cid=found["emergency"]["community_id"] or "",
        one=found["emergency"],
        report=found,
        known=words_news,
        **_rows(visit),
    )


_ONE: Final = f"{HERE}/{{id}}"
PAGES = (
    Page(f"GET {HERE}", emergencies),
    Page(f"GET {HERE}/new", new),
    Page(f"POST {HERE}/new", call),
    Page(f"GET {_ONE}", emergency),
    Page(f"GET {_ONE}/counts", counts),
    Page(f"GET {_ONE}/doors", doors),
    Page(f"GET {_ONE}/report", report),
    Page(f"POST {_ONE}/broadcasts", tell),
    Page(f"POST {_ONE}/close", close),
    Page(f"POST {_ONE}/doors", take_doors),
    Page(f"POST {_ONE}/ticks", tick),
)
