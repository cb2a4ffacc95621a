"""What a post carries besides its words, asked for with the post's page.

::

    signs_up ─▶ getSignUpEvent        works of its module: project ─▶ getProject
    aid ──────▶ getAid (author: listHandshakes)            ledger ──▶ getLedger
    a study item ▶ getStudyProgress

A post of a module that may carry a project need not: then there is none.
"""

import asyncio
from typing import Any, Final

from gateway.web.visit import Visit
from services.contracts.errors import NotFound

ASKED: Final = {
    "event": "getSignUpEvent",
    "aid": "getAid",
    "shakes": "listHandshakes",
    "project": "getProject",
    "study": "getStudyProgress",
    "ledger": "getLedger",
}
"""Name in the templates, and the operation that knows it."""


async def carried(visit: Visit, post: dict[str, Any], module: dict[str, Any]) -> dict[str, Any]:
    """All of it by name; None for what the post does not carry."""
    works = frozenset(module["works"])
    there = {
        "event": post["signs_up"],
        "aid": post["aid"] is not None,
        "shakes": post["aid"] is not None and post["mine"],
        "project": "project" in works,
        "study": "party" in works and post["extra"].get("kind") == "study",
        "ledger": "ledger" in works,
    }
    names = [name for name, holds in there.items() if holds]
    found = await asyncio.gather(*(_found(visit, ASKED[name], post["id"]) for name in names))
    return {**dict.fromkeys(ASKED), **dict(zip(names, found, strict=True))}


async def _found(visit: Visit, operation: str, post_id: str) -> Any:
    try:
        return await visit.call(operation, id=post_id)
    except NotFound:
        return None
