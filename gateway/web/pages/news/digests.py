"""What was told together: my digests, and one of them, by kind."""

from itertools import groupby
from typing import Final

from starlette.responses import Response

from gateway.web import words_news
from gateway.web.routing import Page
from gateway.web.visit import Visit

SOME: Final = 50


async def digests(visit: Visit) -> Response:
    """My digests, the newest first."""
    page = await visit.call("listDigests", **visit.asked("cursor"))
    return await visit.page("news/digests.html", page=page, known=words_news)


async def digest(visit: Visit) -> Response:
    """One of them: its news stands by kind, as the service has put it."""
    page = await visit.call("getDigest", id=visit.part("id"), limit=SOME, **visit.asked("cursor"))
    return await visit.page(
        "news/digest.html",
        page=page,
        groups=[(kind, list(rows)) for kind, rows in groupby(page["items"], lambda n: n["kind"])],
        titles={one["kind"]: one for one in page["kinds"]},
        known=words_news,
    )


PAGES = (
    Page("GET /me/digests", digests),
    Page("GET /digests/{id}", digest),
)
