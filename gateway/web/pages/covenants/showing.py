"""Covenants: the list, one of them in its versions, what changed, and who agreed."""

import asyncio
from typing import Any, Final

from starlette.responses import Response

from gateway.web import words_polls
from gateway.web.routing import Page
from gateway.web.visit import Visit
from services.contracts.errors import NotFound

FOLLOWED: Final = 5


async def covenants(visit: Visit) -> Response:
    """A community's covenants, the newest first; ``mine`` are those that wait for my word."""
    cid = visit.part("cid")
    asked = visit.asked("cursor")
    if visit.query("mine"):
        asked["to_agree"] = True
    page = await visit.call("listCovenants", cid=cid, **asked)
    return await visit.page(
        "covenants/list.html",
        cid=cid,
        page=page,
        mine=bool(visit.query("mine")),
        asked={"mine": "1"} if visit.query("mine") else {},
        known=words_polls,
    )


async def covenant(visit: Visit) -> Response:
    """Its articles as they hold, or as they were in ``?version=``."""
    return await _page(visit)


async def _page(visit: Visit) -> Response:
    covenant_id, wanted = visit.part("id"), visit.query("version")
    asked: dict[str, Any] = {"version": _number(wanted)} if wanted else {}
    shown = await visit.call("getCovenant", id=covenant_id, **asked)
    follows = await visit.soft(
        "listFollowUps",
        cid=shown["community_id"],
        topic_id=shown["came_by"]["topic_id"],
        limit=FOLLOWED,
    )
    return await visit.page(
        "covenants/covenant.html",
        status=visit.form.status,
        covenant=shown,
        follows=(follows or {"items": []})["items"],
        known=words_polls,
    )


def _number(text: str) -> int:
    """A version's number.

    Raises:
        NotFound: it is none.
    """
    if not (text.isascii() and text.isdigit() and 0 < len(text) < 10):
        raise NotFound()
    return int(text)


async def agree(visit: Visit) -> Response:
    """I have read it and agree, with my name or without; or I take that back."""
    covenant_id, form = visit.part("id"), visit.form
    if form.text("do") == "withdraw":
        doing = visit.call("withdrawAgreement", id=covenant_id)
    else:
        doing = visit.call(
            "agreeToCovenant",
            id=covenant_id,
            version=_number(form.text("version")),
            named=form.ticked("named"),
        )
    return await visit.do(doing, "named", again=_page, then=f"/covenants/{covenant_id}#agree")


async def versions(visit: Visit) -> Response:
    """Every version: by which topic, vote and text it came."""
    covenant_id = visit.part("id")
    shown, told = await asyncio.gather(
        visit.call("getCovenant", id=covenant_id),
        visit.call("listCovenantVersions", id=covenant_id),
    )
    return await visit.page(
        "covenants/versions.html", covenant=shown, versions=told["items"], known=words_polls
    )


async def covenant_differences(visit: Visit) -> Response:
    """What changed from one version to another, word by word."""
    covenant_id = visit.part("id")
    older, newer = sorted((_number(visit.query("older")), _number(visit.query("newer"))))
    shown, told = await asyncio.gather(
        visit.call("getCovenant", id=covenant_id),
        visit.call("compareCovenantVersions", id=covenant_id, older=older, newer=newer),
    )
    return await visit.page(
        "covenants/differences.html", covenant=shown, told=told, known=words_polls
    )


PAGES = (
    Page("GET /c/{cid}/covenants", covenants),
    Page("GET /covenants/{id}", covenant),
    Page("POST /covenants/{id}/agreement", agree),
    Page("GET /covenants/{id}/versions", versions),
    Page("GET /covenants/{id}/differences", covenant_differences),
)
