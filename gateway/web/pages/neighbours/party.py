"""The party garden (党建园地): who has reported and what they offer, the flag, what is studied."""

import asyncio

from starlette.responses import Response

from gateway.web import words_neighbours
from gateway.web.pages.posts import thread
from gateway.web.routing import Page
from gateway.web.visit import Visit
from services.contracts.actor import Role
from services.contracts.errors import NotFound


async def garden(visit: Visit) -> Response:
    """Who has reported as far as I may see them, what there is to study, and my own part."""
    cid = visit.part("cid")
    people, studies, me, modules = await asyncio.gather(
        visit.call("listPartyCheckIns", cid=cid, limit=30, **visit.asked("cursor")),
        visit.call("listStudies", cid=cid, limit=20),
        visit.soft("getMe"),
        visit.call("listModules", cid=cid),
    )
    module = next((one for one in modules["items"] if "party" in one["works"]), None)
    if module is None:
        raise NotFound()
    badges = (me or {"badges": []})["badges"]
    return await visit.page(
        "neighbours/garden.html",
        status=visit.form.status,
        cid=cid,
        module=module,
        people=people,
        studies=studies,
        badge=next((one for one in badges if one["key"] == "party_member"), None),
        member=Role.PARTY_MEMBER in visit.person.roles,
        known=words_neighbours,
    )


async def check_in(visit: Visit) -> Response:
    """Report where I live, or change what I said; or take it back."""
    cid, form = visit.part("cid"), visit.form
    if form.text("act") == "leave":
        doing = visit.call("leaveParty", cid=cid)
    else:
        doing = visit.call(
            "checkInParty", cid=cid, kind=form.text("kind"), offers=form.text("offers")
        )
    return await visit.do(doing, "kind", "offers", again=garden, then=f"/c/{cid}/party")


async def badge(visit: Visit) -> Response:
    """Show the flag beside my name, or withdraw it."""
    doing = visit.call("setPartyBadge", shown=visit.form.text("shown") == "1")
    return await visit.do(doing, again=garden, then=f"/c/{visit.part('cid')}/party")


async def study(visit: Visit) -> Response:
    """I have studied it, or take that back."""
    form, post_id = visit.form, visit.part("id")
    if form.text("act") == "withdraw":
        doing = visit.call("withdrawCompletion", id=post_id)
    else:
        doing = visit.call("completeStudy", id=post_id, note=form.text("note"))
    return await visit.do(doing, "note", again=thread.post, then=f"/posts/{post_id}#study")


PAGES = (
    Page("GET /c/{cid}/party", garden),
    Page("POST /c/{cid}/party", check_in),
    Page("POST /c/{cid}/party/badge", badge),
    Page("POST /posts/{id}/study", study),
)
