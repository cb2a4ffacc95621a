"""The committee's desk: corrections of name and number that residents ask for."""

from starlette.responses import Response

from gateway.web.desk import desk
from gateway.web.pages.mine import CORRECTABLE, DECISIONS
from gateway.web.routing import Page
from gateway.web.visit import Visit


async def corrections(visit: Visit) -> Response:
    """The queue, values masked; that it was looked at is written down."""
    desks, cid = await desk(visit)
    status = visit.query("status") or "pending"
    page = await visit.call("listCorrections", cid=cid, status=status, **visit.asked("cursor"))
    return await visit.page(
        "console/corrections.html",
        status=visit.form.status,
        desks=desks,
        cid=cid,
        page=page,
        shown=status,
        correctable=CORRECTABLE,
        decisions=DECISIONS,
        failed=visit.form.text("id"),
    )


async def settle(visit: Visit) -> Response:
    """Correct it, or say why not."""
    form = visit.form
    doing = visit.call(
        "decideCorrection",
        once=form.key,
        id=form.text("id"),
        decision=form.text("decision"),
        **form.some("answer"),
    )
    return await visit.do(
        doing, "answer", again=corrections, then=f"/console/corrections?c={form.text('c')}"
    )


PAGES = (
    Page("GET /console/corrections", corrections),
    Page("POST /console/corrections", settle),
)
