"""By when what is promised: the district's limits, and those of a community of it."""

import asyncio
from typing import Any

from starlette.responses import Response

from gateway.web import words_settings
from gateway.web.forms import whole
from gateway.web.pages.district.holding import holding, sheet
from gateway.web.routing import Page
from gateway.web.visit import Visit
from services.contracts.ids import is_id

NO_DAYS = "grid"
"""The stage that runs to the order's own deadline."""


async def limits(visit: Visit) -> Response:
    """The limits as they hold, who set each, what they were, and where they are set."""
    found = await holding(visit, "putLimits")
    cid = visit.query("cid") or visit.form.text("cid")
    here = {"cid": cid} if is_id(cid) else {}
    shown, versions = await asyncio.gather(
        visit.call("getLimits", did=found.did, **here),
        visit.soft("listLimitVersions", did=found.did, limit=10, **here),
    )
    own = "community" if here else "district"
    return await sheet(
        visit,
        "limits",
        reach=found,
        cid=cid if here else "",
        shown=shown,
        own={one["stage"]: one for one in shown["items"] if one["set_by"] == own},
        versions=(versions or {"items": []})["items"],
    )


def drafts(form: Any) -> list[dict[str, Any]]:
    """The stages that were filled in; what is no number goes on as it is, and is refused."""
    found = []
    for stage in words_settings.STAGE:
        days, warn = form.text(f"days-{stage}"), form.text(f"warn-{stage}")
        if not days and (stage != NO_DAYS or not warn):
            continue
        one: dict[str, Any] = {"stage": stage}
        if stage != NO_DAYS:
            one["days"] = whole(days) or days
        if warn:
            one["warn_percent"] = whole(warn) or warn
        found.append(one)
    return found


async def put(visit: Visit) -> Response:
    """Set them; a stage that is left empty is as above, or the default."""
    form = visit.form
    here = form.some("cid")
    doing = visit.call(
        "putLimits",
        did=form.text("did"),
        version=whole(form.text("version")),
        limits=drafts(form),
        note=form.text("note"),
        **here,
    )
    more = f"&cid={here['cid']}" if here else ""
    return await visit.do(
        doing, "limits", "note", again=limits, then=f"/district/limits?done=1{more}"
    )


PAGES = (
    Page("GET /district/limits", limits),
    Page("POST /district/limits", put),
)
