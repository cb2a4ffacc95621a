"""Who may set how a district works: each page asks for the operation that it stands on."""

from typing import Any

from starlette.responses import Response

from gateway.web import words_settings
from gateway.web.pages.district.figures import show
from gateway.web.pages.district.reach import Reach, reach
from gateway.web.visit import Visit
from services.contracts.errors import Forbidden


async def holding(visit: Visit, operation: str) -> Reach:
    """The visitor's district.

    Raises:
        Forbidden: the operation is not hers.
    """
    if not visit.may(operation):
        raise Forbidden()
    return await reach(visit)


async def sheet(visit: Visit, name: str, **values: Any) -> Response:
    """A page of these settings."""
    return await show(
        visit,
        f"district/settings/{name}.html",
        status=visit.form.status,
        settings=words_settings,
        **values,
    )
