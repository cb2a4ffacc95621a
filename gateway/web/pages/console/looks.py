"""Who of those that observe looked at what of a community, day by day; for its committee."""

from typing import Any, Final

from starlette.responses import Response

from gateway.web import words_district
from gateway.web.desk import desk
from gateway.web.routing import Page
from gateway.web.visit import Visit
from services.contracts.ids import is_id

ROWS: Final = 100


async def looks(visit: Visit) -> Response:
    """The counted reads, the latest day first; of one observer, when the address names her."""
    desks, cid = await desk(visit)
    who = visit.query("who") if is_id(visit.query("who")) else ""
    asked = {"person_id": who} if who else {}
    page = await visit.call(
        "listCommunityReads", cid=cid, limit=ROWS, **asked, **visit.asked("cursor")
    )
    days: dict[str, list[dict[str, Any]]] = {}
    for row in page["items"]:
        days.setdefault(row["day"], []).append(row)
    return await visit.page(
        "console/house/looks.html",
        desks=desks,
        cid=cid,
        page=page,
        days=days,
        who=who,
        known=words_district,
    )


PAGES = (Page("GET /console/looks", looks),)
