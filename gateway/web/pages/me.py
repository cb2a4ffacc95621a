"""My own pages: memberships, badge, who looked at my data."""

import asyncio
from typing import Final

from starlette.responses import Response

from gateway.web.routing import Page
from gateway.web.visit import Visit
from services.contracts.errors import ShequError

LOOKS: Final = 10


async def me(visit: Visit) -> Response:
    """Who am I here?"""
    mine, log = await asyncio.gather(
        visit.call("getMe"), visit.soft("listMyAccessLog", limit=LOOKS)
    )
    return await visit.page("me.html", status=visit.form.status, me=mine, log=log)


async def rename(visit: Visit) -> Response:
    """Choose the name that the neighbours see."""
    try:
        await visit.call("updateMe", display_name=visit.form.text("display_name"))
    except ShequError as error:
        visit.form = visit.refused(error, "display_name")
        return await me(visit)
    return visit.go("/me")


async def badge(visit: Visit) -> Response:
    """Show the Party flag beside the name, or withdraw it."""
    try:
        await visit.call("setPartyBadge", shown=visit.form.text("shown") == "1")
    except ShequError as error:
        visit.form = visit.refused(error)
        return await me(visit)
    return visit.go("/me")


async def stop_recovery(visit: Visit) -> Response:
    """Stop the move to a new phone that the committee has begun."""
    try:
        await visit.call("cancelRecovery", id=visit.form.text("id"))
    except ShequError as error:
        visit.form = visit.refused(error)
        return await me(visit)
    return visit.go("/me")


PAGES = (
    Page("GET /me", me),
    Page("POST /me/name", rename),
    Page("POST /me/badge", badge),
    Page("POST /me/recovery/stop", stop_recovery),
)
