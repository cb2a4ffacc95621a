"""What the committee works by: limits, working days, catalogue; and whether words go outside."""

import asyncio
from datetime import timedelta
from typing import Final

from starlette.responses import Response

from gateway.web import words_settings
from gateway.web.desk import desk
from gateway.web.pages.district.reach import days_of
from gateway.web.routing import Page
from gateway.web.visit import Visit

DRIFT_DAYS: Final = 90


async def rules(visit: Visit) -> Response:
    """The rules that the district set, and the one switch that is the committee's own."""
    (desks, cid), today = await asyncio.gather(desk(visit), visit.today())
    lies, words = await asyncio.gather(
        visit.call("getDesk", cid=cid), visit.soft("getOpen311Publication", cid=cid)
    )
    did, first = lies["district_id"], today - timedelta(days=DRIFT_DAYS - 1)
    limits, calendar, catalogue, drift = await asyncio.gather(
        visit.soft("getLimits", did=did, cid=cid),
        visit.soft("getCalendar", did=did, year=today.year),
        visit.soft("getCatalogue", did=did),
        visit.soft(
            "classifierDrift",
            did=did,
            cid=cid,
            **days_of(first, today),
        ),
    )
    return await visit.page(
        "console/figures/rules.html",
        status=visit.form.status,
        desks=desks,
        cid=cid,
        today=today.isoformat(),
        words_out=words,
        limits=limits,
        calendar=calendar,
        catalogue=catalogue,
        drift=drift,
        settings=words_settings,
    )


async def publish_words(visit: Visit) -> Response:
    """Let reporters' words be read by Open311, or not."""
    form = visit.form
    doing = visit.call(
        "putOpen311Publication", cid=form.text("c"), words=form.text("words") == "yes"
    )
    return await visit.do(doing, again=rules, then=f"/console/rules?c={form.text('c')}&done=1")


PAGES = (
    Page("GET /console/rules", rules),
    Page("POST /console/rules", publish_words),
)
