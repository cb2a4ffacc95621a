"""The places of a community, from its estates down to the rooms; buildings by the row.

::

    /console/places ─▶ the community ─▶ …/{id} estate ─▶ building ─▶ unit ─▶ room
                                            └─ …/{id}/buildings   1 to 24, looked at, then built
"""

import asyncio
import re
from functools import partial
from typing import Any, Final

from starlette.responses import Response

from gateway.web import words_desk_house
from gateway.web.desk import desk
from gateway.web.routing import Page
from gateway.web.visit import Visit
from services.contracts.errors import BadRequest, NotFound, ShequError

HERE: Final = "/console/places"
BELOW: Final = 80
SHAPE: Final = ("pattern", "first", "last", "step", "units", "floors", "rooms")
PATTERNS: Final = ("{n}号楼", "{n}幢", "{n}栋", "{n}座")
"""What stands on doors; it is no word of ours, so it is said in no other language."""
FIGURES: Final = (
    "households", "residents", "adults", "owners", "floor_area", "as_of", "source",
)  # fmt: skip
COUNTED: Final = ("households", "residents", "adults", "owners")
STATED: Final = tuple(f"electorate_{name}" for name in FIGURES)
FIELDS: Final = ("name", "kind", "floor_area", "lng", "lat", "closed", *STATED)
_NUMBER: Final = re.compile(r"-?[0-9]{1,9}(\.[0-9]{1,15})?")


async def places(visit: Visit) -> Response:
    """The community itself, with its estates."""
    _, cid = await desk(visit)
    return await _show(visit, cid)


async def place(visit: Visit) -> Response:
    """One place, and what lies in it."""
    return await _show(visit, visit.part("id"))


async def _show(visit: Visit, place_id: str) -> Response:
    (desks, _), shown, below = await asyncio.gather(
        desk(visit),
        visit.call("getPlace", id=place_id),
        visit.call("listPlaces", id=place_id, limit=BELOW, **visit.asked("cursor")),
    )
    cid = _community(desks, shown)
    sheet = None
    if shown["id"] == cid:
        sheet = await visit.soft("getCommunityProfile", cid=cid)
    return await visit.page(
        "console/house/place.html",
        status=visit.form.status,
        desks=desks,
        cid=cid,
        place=shown,
        below=below,
        sheet=sheet,
        figures=FIGURES,
        doing=visit.form.text("do"),
        known=words_desk_house,
    )


def _community(desks: list[dict[str, Any]], shown: dict[str, Any]) -> str:
    """The community that a place is or lies in; it has to be one that the visitor serves."""
    around = {one["id"] for one in (shown, *shown["above"])}
    for one in desks:
        if one["id"] in around:
            return str(one["id"])
    raise NotFound()


async def act(visit: Visit) -> Response:
    """Add a place below this one, or change this one."""
    place_id = visit.part("id")
    return await visit.do(_do(visit, place_id), *FIELDS, again=place, then=f"{HERE}/{place_id}")


async def _do(visit: Visit, place_id: str) -> None:
    form = visit.form
    match form.text("do"):
        case "add":
            await visit.call(
                "createPlace", once=form.key, parent=place_id, kind=form.text("kind"),
                name=form.text("name"), **form.some("floor_area"),
            )  # fmt: skip
        case "name":
            said = form.some("floor_area")
            await visit.call("updatePlace", id=place_id, name=form.text("name"), **said)
        case "point":
            at: dict[str, Any] = {name: _number(form.text(name)) for name in ("lng", "lat")}
            await visit.call("updatePlace", id=place_id, **at)
        case "close" | "open" as wanted:
            await visit.call("updatePlace", id=place_id, closed=wanted == "close")
        case "figures":
            said = {name: form.text(f"electorate_{name}") for name in FIGURES}
            known = {
                name: _number(text) if name in COUNTED else text
                for name, text in said.items()
                if text
            }
            await visit.call("updateCommunity", cid=place_id, electorate=known)
        case _:
            raise BadRequest()


def _number(text: str) -> int | float | str:
    """A number as it was written; what is none stays text, which is refused beside its field."""
    if not _NUMBER.fullmatch(text):
        return text
    return float(text) if "." in text else int(text)


async def buildings(visit: Visit) -> Response:
    """The form for buildings of one shape."""
    return await _plan(visit)


async def _plan(visit: Visit, plan: dict[str, Any] | None = None) -> Response:
    (desks, _), shown = await asyncio.gather(
        desk(visit), visit.call("getPlace", id=visit.part("id"))
    )
    return await visit.page(
        "console/house/buildings.html",
        status=visit.form.status,
        desks=desks,
        cid=_community(desks, shown),
        place=shown,
        plan=plan,
        patterns=PATTERNS,
        known=words_desk_house,
    )


async def build(visit: Visit) -> Response:
    """Say what would be made; or make it."""
    form, place_id = visit.form, visit.part("id")
    building = form.text("do") == "build"
    shape: dict[str, Any] = {
        name: text if name == "pattern" else _number(text)
        for name, text in form.some(*SHAPE).items()
    }
    asking = partial(visit.call, "buildPlaces", id=place_id, **shape)
    try:
        if building:
            await asking(once=form.key)
            return visit.go(f"{HERE}/{place_id}")
        plan = await asking(dry_run=True)
    except ShequError as error:
        visit.form = visit.refused(error, *SHAPE)
        return await _plan(visit)
    return await _plan(visit, plan)


PAGES = (
    Page(f"GET {HERE}", places),
    Page(f"GET {HERE}/{{id}}", place),
    Page(f"POST {HERE}/{{id}}", act),
    Page(f"GET {HERE}/{{id}}/buildings", buildings),
    Page(f"POST {HERE}/{{id}}/buildings", build),
)
