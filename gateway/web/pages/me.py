"""My own pages: memberships, badge, who looked at my data."""

import asyncio
from typing import Final

from starlette.responses import Response

from gateway.web.routing import Page
from gateway.web.visit import Visit

LOOKS: Final = 10


async def me(visit: Visit) -> Response:
    """Who am I here?"""
    mine, log = await asyncio.gather(
        visit.call("getMe"), visit.soft("listMyAccessLog", limit=LOOKS)
    )
    return await visit.page("me.html", status=visit.form.status, me=mine, log=log)


async def rename(visit: Visit) -> Response:
    """Choose the name that the neighbours see."""
    doing = visit.call("updateMe", display_name=visit.form.text("display_name"))
    return await visit.do(doing, "display_name", again=me, then="/me")


async def badge(visit: Visit) -> Response:
    """Show the Party flag beside the name, or withdraw it."""
    doing = visit.call("setPartyBadge", shown=visit.form.text("shown") == "1")
    return await visit.do(doing, again=me, then="/me")


async def stop_recovery(visit: Visit) -> Response:
    """Stop the move to a new phone that the committee has begun."""
    doing = visit.call("cancelRecovery", id=visit.form.text("id"))
    return await visit.do(doing, again=me, then="/me")


PAGES = (
    Page("GET /me", me),
    Page("POST /me/name", rename),
    Page("POST /me/badge", badge),
    Page("POST /me/recovery/stop", stop_recovery),
)
