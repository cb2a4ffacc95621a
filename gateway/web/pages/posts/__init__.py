"""What neighbours share: lists, posts with their threads, the composer, what one minds."""

from typing import Any

from gateway.web.visit import Visit
from services.contracts.errors import NotFound


async def module_of(visit: Visit, cid: str, key: str) -> dict[str, Any]:
    """A module of a community; NotFound when it is not switched on there."""
    modules = await visit.call("listModules", cid=cid)
    found: dict[str, Any] | None = next((m for m in modules["items"] if m["key"] == key), None)
    if found is None:
        raise NotFound()
    return found
