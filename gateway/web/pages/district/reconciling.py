"""Comparing the platform's list of work orders with ours, and repairing what differs (对账).

::

    the platform's list (XLSX, CSV, pasted) ─▶ /district/reconciliations/{id}
                                                   rows, ticked or all of them ─▶ repaired
"""

import asyncio
from typing import Final

from starlette.datastructures import UploadFile
from starlette.responses import Response

from gateway.web import moments, words_desk
from gateway.web.forms import whole
from gateway.web.pages.district.holding import holding, sheet
from gateway.web.platform_lists import Unreadable, order, pasted, read
from gateway.web.routing import Page
from gateway.web.visit import Visit
from services.contracts.errors import ShequError

FIELDS: Final = ("orders", "exported_at", "opened_since")


async def begin(visit: Visit) -> Response:
    """Where the platform's list is given."""
    found = await holding(visit, "startReconciliation")
    return await sheet(visit, "reconciling", reach=found)


async def start(visit: Visit) -> Response:
    """Compare; nothing is changed by it."""
    form = visit.form
    await holding(visit, "startReconciliation")
    try:
        rows = await _rows(visit)
        orders = [order(row, number) for number, row in enumerate(rows, 2)]
    except Unreadable as error:
        visit.form = form.wrong({"orders": visit.say(error.message).format(**error.values)})
        return await begin(visit)
    until = {
        name: moments.local_minute(form.text(name)) or form.text(name)
        for name in ("exported_at", "opened_since")
        if form.text(name)
    }
    try:
        made = await visit.call(
            "startReconciliation", once=form.key, did=form.text("did"), orders=orders, **until
        )
    except ShequError as error:
        visit.form = visit.refused(error, *FIELDS)
        return await begin(visit)
    return visit.go(f"/district/reconciliations/{made['id']}")


async def _rows(visit: Visit) -> list[dict[str, str]]:
    file = (await visit.request.form()).get("file")
    if isinstance(file, UploadFile) and file.size:
        return await asyncio.to_thread(read, await file.read())
    return pasted(visit.form.text("orders"))


# -- what was found -------------------------------------------------------------------------------


async def one(visit: Visit) -> Response:
    """How many are the same, and the others row by row; the page asks again while one is asked."""
    found = await holding(visit, "getReconciliation")
    shown = await visit.call(
        "getReconciliation", id=visit.part("id"), limit=100, **visit.asked("cursor")
    )
    return await sheet(
        visit,
        "reconciliation",
        reach=found,
        shown=shown,
        asked=any(row["status"] == "asked" for row in shown["rows"]),
        desk=words_desk,
    )


async def repair(visit: Visit) -> Response:
    """Do what the ticked rows suggest; with none ticked the first open ones."""
    form = visit.form
    rows = [whole(one) for one in form.many("row[]") if whole(one)]
    path = f"/district/reconciliations/{visit.part('id')}"
    doing = visit.call("repairReconciliation", once=form.key, id=visit.part("id"), rows=rows)
    return await visit.do(doing, "rows", again=one, then=path)


PAGES = (
    Page("GET /district/reconciliations", begin),
    Page("POST /district/reconciliations", start),
    Page("GET /district/reconciliations/{id}", one),
    Page("POST /district/reconciliations/{id}", repair),
)
