"""The posts of a module: all of them, what is looked for, my own."""

import asyncio
from typing import Any, Final

from starlette.responses import Response

from gateway.web import words_posts
from gateway.web.pages.posts import module_of
from gateway.web.routing import Page
from gateway.web.visit import Visit

SHOWN: Final = 15
"""Posts of a page: with photos and people's words it stays small."""


async def module_list(visit: Visit) -> Response:
    """The posts of a module, as it is sorted; ``q`` searches, ``mine`` are my own in any state."""
    cid, key = visit.part("cid"), visit.part("module")
    asked = _asked(visit)
    module, posts = await asyncio.gather(
        module_of(visit, cid, key),
        visit.call("listPosts", cid=cid, module=key, limit=SHOWN, **asked),
    )
    asked.pop("cursor", None)
    return await visit.page(
        "posts.html",
        cid=cid,
        module=module,
        posts=posts,
        asked={name: 1 if value is True else value for name, value in asked.items()},
        known=words_posts,
    )


def _asked(visit: Visit) -> dict[str, Any]:
    """What the address asks for; what is mine is neither searched nor sorted."""
    mine = bool(visit.query("mine"))
    names = ("state", "cursor") if mine else ("q", "tag", "order", "cursor")
    asked = visit.asked(*names)
    if mine:
        asked["mine"] = True
    elif visit.query("stale"):
        asked["stale"] = True
    return asked


PAGES = (Page("GET /c/{cid}/m/{module}", module_list),)
