"""Filters of a list that somebody keeps under names of her own; her account has them, not a device.

::

    /console/issues?clock=overdue   ──POST "keep", a name──▶ keepFilter ──▶ back to the list
          ▲                                                                     │
          └──────────────── a link for each of those that are kept ◀────────────┘

What is kept is what the address asks for: the form stands on the list and is sent to its address.
"""

from collections.abc import Awaitable, Callable, Sequence
from typing import Any
from urllib.parse import urlencode

from starlette.responses import Response

from gateway.web.visit import Visit
from services.contracts.errors import BadRequest


async def kept(visit: Visit, of: str) -> dict[str, Any] | None:
    """The visitor's filters of a list; None while they cannot be had."""
    found = await visit.soft("listKeptFilters", of=of)
    return found if isinstance(found, dict) else None


async def change(
    visit: Visit, of: str, fields: Sequence[str], again: Callable[[Visit], Awaitable[Response]]
) -> Response:
    """Keep what the address asks for, or drop what was kept; then back to the list.

    Args:
        of: the list, as the contract calls it.
        fields: what its address may ask for.
        again: the list's page.
    """
    form, asked = visit.form, visit.asked(*fields)
    match form.text("do"):
        case "keep":
            doing = visit.call(
                "keepFilter", once=form.key, of=of, name=form.text("name"), asked=asked
            )
        case "drop":
            doing = visit.call("dropFilter", id=form.text("id"))
        case _:
            raise BadRequest()
    back = urlencode(visit.asked("c") | asked)
    then = f"{visit.path}?{back}" if back else visit.path
    return await visit.do(doing, "name", again=again, then=then)
