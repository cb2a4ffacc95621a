"""Requests to join a community."""

from starlette.responses import Response

from gateway.web.desk import desk
from gateway.web.routing import Page
from gateway.web.visit import Visit


async def memberships(visit: Visit) -> Response:
    """The queue of requests, personal data masked; that it was looked at is written down."""
    desks, cid = await desk(visit)
    status = visit.query("status") or "pending"
    page = await visit.call(
        "listMembershipRequests", cid=cid, status=status, **visit.asked("cursor")
    )
    return await visit.page(
        "console/memberships.html",
        status=visit.form.status,
        desks=desks,
        cid=cid,
        page=page,
        shown=status,
        failed=visit.form.text("id"),
    )


async def decide(visit: Visit) -> Response:
    """Approve or refuse."""
    form = visit.form
    doing = visit.call(
        "decideMembership",
        once=form.key,
        id=form.text("id"),
        decision=form.text("decision"),
        **form.some("reason"),
    )
    return await visit.do(
        doing, "reason", again=memberships, then=f"/console/memberships?c={form.text('c')}"
    )


PAGES = (
    Page("GET /console/memberships", memberships),
    Page("POST /console/memberships", decide),
)
