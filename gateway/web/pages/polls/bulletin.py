"""The public bulletin of a vote, for everybody, and for those who read it entry by entry."""

from collections.abc import Iterable, Iterator
from typing import Any, Final

from starlette.responses import Response

from gateway.web import words_polls
from gateway.web.routing import Page
from gateway.web.visit import Visit

ENTRIES: Final = 12
HASHES: Final = 240
"""Ballots that one page shows, 64 signs each: the rest stands in the export."""


async def bulletin(visit: Visit) -> Response:
    """A page of the ledger, its signed heads, and what it comes to."""
    asked = visit.asked("cursor")
    told = await visit.call("getBulletin", id=visit.part("id"), limit=ENTRIES, **asked)
    return await visit.page(
        "polls/bulletin.html",
        told=told,
        entries=list(shortened(told["items"])),
        first_page=not asked,
        known=words_polls,
    )


def shortened(entries: Iterable[dict[str, Any]]) -> Iterator[dict[str, Any]]:
    """Each entry with the ballots of it that there is room for, and how many those leave out."""
    room = HASHES
    for entry in entries:
        payload = entry["payload"] or {}
        all_of_them = payload.get("leaves", []) if entry["kind"] == "leaves" else []
        shown = all_of_them[:room]
        room -= len(shown)
        yield {
            **entry,
            "payload": payload,
            "ballots": shown,
            "left_out": len(all_of_them) - len(shown),
        }


PAGES = (Page("GET /polls/{id}/bulletin", bulletin, login=False),)
