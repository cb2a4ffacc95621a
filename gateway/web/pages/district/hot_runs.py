"""Reckoning a month's hot ten anew: asked for with a reason, then watched until it is published."""

import asyncio
from typing import Final

from starlette.responses import Response

from gateway.web import moments, words_settings
from gateway.web.pages.district.holding import holding, sheet
from gateway.web.pages.district.reach import LEVELS, Reach, span
from gateway.web.routing import Page
from gateway.web.visit import Visit
from services.contracts.errors import ShequError

MONTHS: Final = 12
FIELDS: Final = ("where", "month", "reason")


async def begin(visit: Visit) -> Response:
    """Where, which month, and why."""
    found, (_, _, today) = await asyncio.gather(holding(visit, "startHotTopicRun"), span(visit))
    over = moments.months(today, MONTHS + 1)[1:]
    months = [f"{first:%Y-%m}" for first, _ in over]
    return await sheet(visit, "hot_runs", reach=found, months=months, places=places(found))


def places(found: Reach) -> list[tuple[str, str]]:
    """What may be reckoned anew: the visitor's nodes and all that lies beneath them."""
    rows = [(f"{level}:{node}", name) for level, node, name in found.nodes]
    if any(level == "district" for level, _, _ in found.nodes):
        rows += [(f"town:{town}", name) for town, name in found.towns.items()]
    rows += [(f"community:{one['id']}", one["name"]) for one in found.communities]
    return list(dict(rows).items())


async def start(visit: Visit) -> Response:
    """Ask for it."""
    form = visit.form
    level, _, node = form.text("where").partition(":")
    try:
        made = await visit.call(
            "startHotTopicRun",
            once=form.key,
            level=level if level in LEVELS else "",
            node=node,
            month=form.text("month"),
            reason=form.text("reason"),
        )
    except ShequError as error:
        visit.form = visit.refused(error, *FIELDS)
        return await begin(visit)
    return visit.go(f"/district/hot-runs/{made['id']}")


async def run(visit: Visit) -> Response:
    """How far it is; the page asks again until it is over."""
    found = await holding(visit, "getHotTopicRun")
    shown = await visit.call("getHotTopicRun", id=visit.part("id"))
    return await sheet(
        visit,
        "hot_run",
        reach=found,
        run=shown,
        place=found.name(shown["level"], shown["node"]),
        on=shown["state"] in ("asked", "running"),
        states=words_settings.RUN,
    )


PAGES = (
    Page("GET /district/hot-runs", begin),
    Page("POST /district/hot-runs", start),
    Page("GET /district/hot-runs/{id}", run),
)
