"""Phones that were lost: one of the staff begins, another confirms, a day later it is done."""

from starlette.responses import Response

from gateway.web import words_desk_people
from gateway.web.desk import desk
from gateway.web.routing import Page
from gateway.web.visit import Visit


async def recoveries(visit: Visit) -> Response:
    """Those of the community, the newest first."""
    desks, cid = await desk(visit)
    page = await visit.call("listRecoveries", cid=cid, **visit.asked("cursor"))
    return await visit.page(
        "console/recoveries.html",
        status=visit.form.status,
        desks=desks,
        cid=cid,
        page=page,
        known=words_desk_people,
    )


async def confirm(visit: Visit) -> Response:
    """The second of the staff says so, too."""
    doing = visit.call("confirmRecovery", id=visit.form.text("id"))
    return await visit.do(doing, again=recoveries, then=_back(visit))


async def stop(visit: Visit) -> Response:
    """Stop it, on her word."""
    doing = visit.call("cancelRecovery", id=visit.form.text("id"))
    return await visit.do(doing, again=recoveries, then=_back(visit))


def _back(visit: Visit) -> str:
    return f"/console/recoveries?c={visit.form.text('c')}"


PAGES = (
    Page("GET /console/recoveries", recoveries),
    Page("POST /console/recoveries/confirm", confirm),
    Page("POST /console/recoveries/stop", stop),
)
