"""Addresses of nothing."""

from starlette.responses import Response

from gateway.web.routing import Page
from gateway.web.visit import Visit
from services.contracts.errors import NotFound


async def nothing_here(visit: Visit) -> Response:  # noqa: ARG001
    """No page has this address."""
    raise NotFound()


NOWHERE = Page("GET /{rest:page}", nothing_here, login=False)
"""Takes what no other page took; the API's addresses are left to the API."""
