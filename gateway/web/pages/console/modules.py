"""The modules (栏目) of a community: their order, what is on, how each works, its own ones.

::

    /console/modules ─ up, down, on, off ─▶ updateCommunity (built-in, order) or putModule (own)
          └─ …/{key} ─ names, who writes, who moderates ─▶ putModule     …/new ─▶ one of its own
"""

import asyncio
import re
from collections.abc import Mapping
from typing import Any, Final

from starlette.responses import Response

from gateway.web import words_desk_house
from gateway.web.desk import desk
from gateway.web.forms import whole
from gateway.web.routing import Page
from gateway.web.visit import Visit
from services.contracts.errors import BadRequest, FieldError, Invalid, NotFound, ShequError

HERE: Final = "/console/modules"
FIELDS: Final = (
    "name", "name_en", "post", "comment", "moderate", "official", "order", "moderation",
)  # fmt: skip
KEPT: Final = ("works", "fields")
"""What the form does not show stays as it is."""
LONGEST_KEY: Final = 30


async def modules(visit: Visit) -> Response:
    """All of them, those that are on in their order, and what residents see."""
    desks, cid = await desk(visit)
    found, sheet = await asyncio.gather(
        visit.call("listModuleDefinitions", cid=cid), visit.call("getCommunityProfile", cid=cid)
    )
    on, off = _sorted(found["items"], sheet["community"]["modules"])
    return await visit.page(
        "console/house/modules.html",
        status=visit.form.status,
        desks=desks,
        cid=cid,
        on=on,
        off=off,
        modules={"items": on},
        own=[one for one in found["items"] if one["own"]],
        most_own=found["most_own"],
        known=words_desk_house,
    )


def _sorted(
    items: list[dict[str, Any]], listed: list[str]
) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    """What is on and what is off; where the community has a list of its own, that list says it,
    also while feed has not heard of its last change."""
    by_key = {one["key"]: one for one in items}
    on = [by_key[key] for key in listed if key in by_key and _may_be_on(by_key[key])]
    if listed:
        on += [one for one in items if one["own"] and one["switched_on"] and one not in on]
    else:
        on = [one for one in items if one["switched_on"]]
    return on, [one for one in items if one not in on]


def _may_be_on(one: Mapping[str, Any]) -> bool:
    return bool(one["switched_on"] or not one["own"])


async def arrange(visit: Visit) -> Response:
    """Move one up or down, switch one on or off."""
    _, cid = await desk(visit)
    doing, _, key = visit.form.text("do").partition(":")
    return await visit.do(
        _arrange(visit, cid, doing, key), "modules", again=modules, then=f"{HERE}?c={cid}#{key}"
    )


async def _arrange(visit: Visit, cid: str, doing: str, key: str) -> None:
    found, sheet = await asyncio.gather(
        visit.call("listModuleDefinitions", cid=cid), visit.call("getCommunityProfile", cid=cid)
    )
    on, off = _sorted(found["items"], sheet["community"]["modules"])
    one = next((m for m in found["items"] if m["key"] == key), None)
    if one is None:
        raise NotFound()
    keys = [m["key"] for m in on]
    match doing:
        case "up" | "down" if key in keys:
            here = keys.index(key)
            there = max(0, here - 1) if doing == "up" else min(len(keys) - 1, here + 1)
            keys[here], keys[there] = keys[there], keys[here]
        case "on" if one in off:
            keys.append(key)
        case "off" if key in keys and len(keys) > 1:
            keys.remove(key)
        case "off":
            raise Invalid(errors=[FieldError("modules", "至少留一个栏目")])
        case _:
            raise BadRequest()
    if one["own"] and doing in ("on", "off"):
        await visit.call("putModule", **_as_it_is(cid, one), switched_on=doing == "on")
    else:
        await visit.call("updateCommunity", cid=cid, modules=keys)


def _as_it_is(cid: str, one: Mapping[str, Any]) -> dict[str, Any]:
    """All that a module says of itself now: what is left out would be as built in."""
    said = {name: one[name] for name in (*FIELDS, *KEPT)}
    return {"cid": cid, "key": one["key"], "version": one["version"], **said}


async def module(visit: Visit) -> Response:
    """How one works here."""
    desks, cid = await desk(visit)
    found = await visit.call("listModuleDefinitions", cid=cid)
    key = visit.part("key")
    shown = next((one for one in found["items"] if one["key"] == key), None)
    if shown is None:
        raise NotFound()
    return await visit.page(
        "console/house/module.html",
        status=visit.form.status,
        desks=desks,
        cid=cid,
        module=shown,
        writers=found["writers"],
        moderators=found["moderators"],
        failed=visit.form.text("do"),
        known=words_desk_house,
    )


async def change(visit: Visit) -> Response:
    """Say how it works; or give up one of the community's own."""
    _, cid = await desk(visit)
    key, form = visit.part("key"), visit.form
    version = whole(form.text("version"))
    if form.text("do") == "drop":
        doing = visit.call("deleteModule", cid=cid, key=key, version=version)
        return await visit.do(doing, again=module, then=f"{HERE}?c={cid}")
    return await visit.do(
        _put(visit, cid, key, version), *FIELDS, again=module, then=f"{HERE}?c={cid}#{key}"
    )


async def _put(visit: Visit, cid: str, key: str, version: int) -> None:
    form = visit.form
    before = await visit.call("getModule", cid=cid, key=key)
    on = {"switched_on": before["switched_on"]} if before["own"] else {}
    await visit.call(
        "putModule",
        cid=cid,
        key=key,
        version=version,
        name=form.text("name"),
        name_en=form.text("name_en"),
        post=_rule(visit, "post"),
        comment=_rule(visit, "comment"),
        moderate=form.many("moderate[]"),
        official=form.ticked("official"),
        order=form.text("order"),
        moderation=form.text("moderation"),
        **{name: before[name] for name in KEPT},
        **on,
    )


def _rule(visit: Visit, name: str) -> dict[str, Any]:
    """Who may: all members, or the holders of the ticked offices."""
    members = visit.form.ticked(f"{name}_members")
    return {"members": members, "roles": visit.form.many(f"{name}[]")}


async def new_module(visit: Visit) -> Response:
    """The form for one of the community's own."""
    desks, cid = await desk(visit)
    return await visit.page(
        "console/house/module_new.html", status=visit.form.status, desks=desks, cid=cid
    )


async def add(visit: Visit) -> Response:
    """Add it; how it works is said on its own page."""
    _, cid = await desk(visit)
    form = visit.form
    try:
        found = await visit.call("listModuleDefinitions", cid=cid)
        key = free_key(form.text("name_en"), {"new", *(one["key"] for one in found["items"])})
        await visit.call(
            "putModule", once=form.key, cid=cid, key=key, version=0, name=form.text("name"),
            name_en=form.text("name_en"),
        )  # fmt: skip
    except ShequError as error:
        visit.form = visit.refused(error, *FIELDS)
        return await new_module(visit)
    return visit.go(f"{HERE}/{key}?c={cid}")


def free_key(name: str, taken: set[str]) -> str:
    """A key for a module of this English name, unlike those that are taken.

    >>> free_key("Reading room!", {"reading_room"}), free_key("读书", set())
    ('reading_room_2', 'own')
    """
    stem = re.sub(r"[^a-z0-9]+", "_", name.lower()).strip("_0123456789")[:LONGEST_KEY] or "own"
    key, number = stem, 1
    while key in taken:
        number += 1
        key = f"{stem}_{number}"
    return key


PAGES = (
    Page(f"GET {HERE}", modules),
    Page(f"POST {HERE}", arrange),
    Page(f"GET {HERE}/new", new_module),
    Page(f"POST {HERE}/new", add),
    Page(f"GET {HERE}/{{key}}", module),
    Page(f"POST {HERE}/{{key}}", change),
)
