"""My own pages: memberships, badge, who looked at my data; my news."""

import asyncio
from typing import Final

from starlette.responses import Response

from gateway.web.routing import Page
from gateway.web.visit import Visit, local_path
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


async def notifications(visit: Visit) -> Response:
    """My news, newest first."""
    asked = {"cursor": visit.query("cursor")} if visit.query("cursor") else {}
    page = await visit.call("listNotifications", **asked)
    return await visit.page("notifications.html", page=page)


async def read_all(visit: Visit) -> Response:
    """Everything is read, up to the newest that the page showed."""
    newest = visit.form.text("up_to")
    await visit.call("markNotificationsRead", **({"up_to": newest} if newest else {}))
    return visit.go("/me/notifications")


async def read_one(visit: Visit) -> Response:
    """Read one, and on to where it leads."""
    await visit.call("markNotificationsRead", ids=[visit.part("id")])
    return visit.go(local_path(visit.form.text("link")))


async def bell(visit: Visit) -> Response:
    """The number beside the bell, for the script; keeps the session alive, too."""
    return await visit.page("piece_bell.html", number=await visit.unread())


PAGES = (
    Page("GET /me", me),
    Page("POST /me/name", rename),
    Page("POST /me/badge", badge),
    Page("POST /me/recovery/stop", stop_recovery),
    Page("GET /me/bell", bell),
    Page("GET /me/notifications", notifications),
    Page("POST /me/notifications/read", read_all),
    Page("POST /me/notifications/{id}/read", read_one),
)
