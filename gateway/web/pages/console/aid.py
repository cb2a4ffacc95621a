"""What the committee watches over in mutual aid: help that concerns children, who did not come."""

import asyncio

from starlette.responses import Response

from gateway.web import words_neighbours, words_posts
from gateway.web.desk import desk
from gateway.web.routing import Page
from gateway.web.visit import Visit


async def aid(visit: Visit) -> Response:
    """Who waits for the committee's word, and help that concerns children."""
    desks, cid = await desk(visit)
    minors, away = await asyncio.gather(
        visit.call("listMinorsAid", cid=cid, limit=10, **visit.asked("cursor")),
        visit.call("listNoShows", cid=cid, limit=50),
    )
    return await visit.page(
        "console/aid.html",
        status=visit.form.status,
        desks=desks,
        cid=cid,
        minors=minors,
        away=away,
        failed=visit.form.text("person_id"),
        known=words_neighbours,
        of_posts=words_posts,
    )


async def clear(visit: Visit) -> Response:
    """The committee has spoken with somebody: she may ask and agree again."""
    form = visit.form
    _, cid = await desk(visit)
    doing = visit.call(
        "clearNoShows",
        once=form.key,
        cid=cid,
        person_id=form.text("person_id"),
        note=form.text("note"),
    )
    return await visit.do(doing, "note", "person_id", again=aid, then=f"/console/aid?c={cid}")


PAGES = (
    Page("GET /console/aid", aid),
    Page("POST /console/aid", clear),
)
