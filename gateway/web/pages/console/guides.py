"""Answer guides (问题应对指南): read by committees, written by departments."""

import asyncio
from functools import partial
from typing import Any, Final

from starlette.responses import Response

from gateway.web import navs, words_desk
from gateway.web.desk import desk
from gateway.web.forms import whole
from gateway.web.routing import Page
from gateway.web.texts import N_
from gateway.web.visit import Visit
from services.contracts.errors import Forbidden, ShequError
from services.contracts.operations.grid_bridge.guides import GUIDE_READERS, GUIDE_WRITERS

SECTION: Final = navs.Section("/console/guides", N_("答复样例"), "guides")
FIELDS: Final = ("department", "title", "body", "category", "slot")


async def guides(visit: Visit) -> Response:
    """The guides of the district, found by words and kind."""
    desks, cid, did = await _district(visit)
    asked = visit.asked("q", "category", "slot")
    retired: dict[str, Any] = {"retired": True} if visit.query("retired") else {}
    page, catalogue = await asyncio.gather(
        visit.call("listAnswerGuides", did=did, **asked, **visit.asked("cursor"), **retired),
        visit.soft("getCatalogue", did=did),
    )
    return await visit.page(
        "console/guides.html",
        desks=desks,
        cid=cid,
        page=page,
        asked=asked,
        retired=bool(retired),
        slots=(catalogue or {}).get("items", []),
        writes=_writes(visit),
        known=words_desk,
        **_nav(visit),
    )


async def _district(visit: Visit) -> tuple[list[dict[str, Any]], str, str]:
    """The visitor's communities, the one that is looked at, and its district."""
    if visit.is_staff:
        desks, cid = await desk(visit)
        lies = await visit.call("getDesk", cid=cid)
        return desks, cid, lies["district_id"]
    if not visit.person.roles & GUIDE_READERS:
        raise Forbidden()
    found = await visit.call("listCommunities", limit=1)
    if not found["items"]:
        raise Forbidden()
    return [], "", found["items"][0]["district_id"]


def _nav(visit: Visit) -> dict[str, Any]:
    """Departments have no desk of their own."""
    return {} if visit.is_staff else {"nav": navs.alone(visit.path, SECTION)}


def _writes(visit: Visit) -> bool:
    """Whether the visitor writes guides; for which part, the answer says of each."""
    return bool(visit.actor and visit.actor.roles & GUIDE_WRITERS)


async def guide(visit: Visit) -> Response:
    """One guide, what it said before, and how it is used."""
    return await _show(visit)


async def _show(visit: Visit, failed: str = "") -> Response:
    shown = await visit.call("getAnswerGuide", id=visit.part("id"))
    uses, catalogue = await asyncio.gather(
        _uses(visit, may=shown["may_write"]), visit.soft("getCatalogue", did=shown["did"])
    )
    return await visit.page(
        "console/guide.html",
        status=visit.form.status,
        guide=shown,
        uses=uses,
        slots=(catalogue or {}).get("items", []),
        failed=failed,
        known=words_desk,
        **_nav(visit),
    )


async def _uses(visit: Visit, *, may: bool) -> list[dict[str, Any]]:
    asked = may and _writes(visit)
    page = await visit.soft("listAnswerGuideUses", id=visit.part("id")) if asked else None
    return page["items"] if page else []


async def new_guide(visit: Visit) -> Response:
    """An empty guide."""
    if not _writes(visit):
        raise Forbidden()
    _, _, did = await _district(visit)
    catalogue = await visit.soft("getCatalogue", did=did)
    return await visit.page(
        "console/guide_new.html",
        status=visit.form.status,
        did=did,
        slots=(catalogue or {}).get("items", []),
        known=words_desk,
        **_nav(visit),
    )


async def create(visit: Visit) -> Response:
    """Write it."""
    form = visit.form
    try:
        made = await visit.call(
            "createAnswerGuide",
            once=form.key,
            did=form.text("did"),
            department=form.text("department"),
            **_written(visit),
        )
    except ShequError as error:
        visit.form = visit.refused(error, *FIELDS)
        return await new_guide(visit)
    return visit.go(f"/console/guides/{made['id']}")


async def update(visit: Visit) -> Response:
    """A new version of it."""
    form = visit.form
    doing = visit.call(
        "updateAnswerGuide",
        id=visit.part("id"),
        version=whole(form.text("version")),
        **_written(visit),
    )
    return await visit.do(
        doing,
        *FIELDS,
        again=partial(_show, failed="edit"),
        then=f"/console/guides/{visit.part('id')}",
    )


def _written(visit: Visit) -> dict[str, Any]:
    form = visit.form
    kind, _, slot = form.text("kind").partition("/")
    said = {"category": kind, "slot": slot}
    return {
        "title": form.text("title"),
        "body": form.text("body"),
        **{name: text for name, text in said.items() if text},
    }


async def retire(visit: Visit) -> Response:
    """It is not to be used any more."""
    form = visit.form
    doing = visit.call(
        "retireAnswerGuide", once=form.key, id=visit.part("id"), reason=form.text("reason")
    )
    return await visit.do(
        doing,
        "reason",
        again=partial(_show, failed="retire"),
        then=f"/console/guides/{visit.part('id')}",
    )


PAGES = (
    Page("GET /console/guides", guides),
    Page("GET /console/guides/new", new_guide),
    Page("POST /console/guides/new", create),
    Page("GET /console/guides/{id}", guide),
    Page("POST /console/guides/{id}", update),
    Page("POST /console/guides/{id}/retirement", retire),
)
