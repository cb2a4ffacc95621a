"""Posts that look like problems: the classifier advises, a person makes a problem of one or not."""

import asyncio
from typing import Final

from starlette.responses import Response

from gateway.web import words_content
from gateway.web.desk import desk
from gateway.web.routing import Page
from gateway.web.visit import Visit
from services.contracts.errors import NotFound, ShequError

HERE: Final = "/console/suggestions"
SHOWN: Final = 15


async def suggestions(visit: Visit) -> Response:
    """What nobody has decided yet; ``post`` puts one on top, and so does a refused form its own."""
    desks, cid = await desk(visit)
    wanted = visit.query("post") or visit.form.text("id")
    page, one, modules, catalogue = await asyncio.gather(
        visit.call("listSuggestions", cid=cid, limit=SHOWN, **visit.asked("cursor")),
        _one(visit, wanted),
        visit.soft("listModules", cid=cid),
        visit.inside("listCatalogue"),
    )
    return await visit.page(
        "console/suggestions.html",
        status=visit.form.status,
        desks=desks,
        cid=cid,
        page=page,
        one=one,
        names={module["key"]: module for module in (modules or {"items": []})["items"]},
        slots={slot["slot"]: slot["name"] for slot in (catalogue or {"items": []})["items"]},
        done=visit.query("done"),
        failed=visit.form.text("id"),
        known=words_content,
    )


async def _one(visit: Visit, post_id: str) -> object:
    """What is said of one post; None when nothing is asked."""
    return await visit.call("getSuggestion", id=post_id) if post_id else None


async def decide(visit: Visit) -> Response:
    """Make a problem of it, or say that it is none."""
    form, post_id = visit.form, visit.form.text("id")
    if form.text("do") not in ("accept", "dismiss"):
        raise NotFound()
    try:
        if form.text("do") == "accept":
            made = await visit.call("issueFromPost", once=form.key, id=post_id)
            return visit.go(f"/console/issues/{made['id']}")
        await visit.call("dismissSuggestion", once=form.key, id=post_id, **form.some("reason"))
    except ShequError as error:
        visit.form = visit.refused(error, "reason")
        return await suggestions(visit)
    return visit.go(f"{HERE}?c={form.text('c')}&done=dismissed")


PAGES = (
    Page(f"GET {HERE}", suggestions),
    Page(f"POST {HERE}", decide),
)
