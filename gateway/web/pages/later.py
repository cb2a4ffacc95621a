"""Pages that have their address, but are not built yet; and files, and addresses of nothing."""

from starlette.responses import Response

from gateway.web.routing import Page
from gateway.web.visit import Visit
from services.contracts.errors import NotBuilt, NotFound


async def not_built(visit: Visit) -> Response:  # noqa: ARG001 - every page is given its visit
    """It says so."""
    raise NotBuilt()


async def nothing_here(visit: Visit) -> Response:  # noqa: ARG001
    """No page has this address."""
    raise NotFound()


PAGES = (
    Page("GET /observe", not_built),
    Page("GET /district", not_built),
)
NOWHERE = Page("GET /{rest:page}", nothing_here, login=False)
"""Takes what no other page took; the API's addresses are left to the API."""
