"""Covenants behind the desk: what has to be looked at again, kept or amended, and what follows.

A covenant is amended and repealed by votes alone: from here a topic is raised with that aim.
"""

import asyncio
from functools import partial
from typing import Final

from starlette.responses import Response

from gateway.web import follow_form, moments, words_desk_polls
from gateway.web.desk import convening, require_convener
from gateway.web.forms import whole
from gateway.web.routing import Page
from gateway.web.visit import Visit

HERE: Final = "/console/covenants"
MOST: Final = 50
SOON: Final = 30 * moments.DAY


async def covenants(visit: Visit) -> Response:
    """What is due: looks again, breaches without a word, things that should have been done."""
    desks, cid = await convening(visit)
    asked = visit.asked("cursor")
    page, late, open_, behind = await asyncio.gather(
        visit.call("listCovenants", cid=cid, **asked),
        visit.soft("listBreaches", cid=cid, overdue=True, limit=MOST),
        visit.soft("listBreaches", cid=cid, state="open", limit=MOST),
        visit.soft("listFollowUps", cid=cid, overdue=True, limit=MOST),
    )
    now = await visit.clock()
    for one in page["items"]:
        one["due"] = bool(one["review_at"]) and (
            (moments.parse(one["review_at"]) - now).total_seconds() < SOON
        )
    overdue = (late or {"items": []})["items"]
    known = {one["id"] for one in overdue}
    waiting = [one for one in (open_ or {"items": []})["items"] if one["id"] not in known]
    return await visit.page(
        "console/covenants/list.html",
        desks=desks,
        cid=cid,
        page=page,
        breaches=[*overdue, *waiting],
        behind=(behind or {"items": []})["items"],
        first_page=not asked,
        known=words_desk_polls,
    )


async def covenant(visit: Visit) -> Response:
    """A covenant with who agreed, version by version, and what became of each article."""
    return await _show(visit)


async def _show(visit: Visit, failed: str = "") -> Response:
    require_convener(visit)
    covenant_id = visit.part("id")
    shown, told = await asyncio.gather(
        visit.call("getCovenant", id=covenant_id),
        visit.call("listCovenantVersions", id=covenant_id),
    )
    cid = shown["community_id"]
    follows, breaches = await asyncio.gather(
        visit.soft("listFollowUps", cid=cid, topic_id=shown["came_by"]["topic_id"], limit=MOST),
        visit.soft("listBreaches", cid=cid, covenant_id=covenant_id, limit=MOST),
    )
    return await visit.page(
        "console/covenants/covenant.html",
        status=visit.form.status,
        cid=cid,
        covenant=shown,
        versions=told["items"],
        follows=(follows or {"items": []})["items"],
        breaches=(breaches or {"items": []})["items"],
        failed=failed,
        known=words_desk_polls,
    )


async def keep(visit: Visit) -> Response:
    """Looked at again: it stays as it is."""
    form, covenant_id = visit.form, visit.part("id")
    doing = visit.call(
        "keepCovenant",
        once=form.key,
        id=covenant_id,
        version=whole(form.text("version")),
        reason=form.text("reason"),
    )
    again = partial(_show, failed="keep")
    return await visit.do(doing, "reason", again=again, then=f"{HERE}/{covenant_id}?kept=1")


async def follow(visit: Visit) -> Response:
    """What follows from it, and how it goes."""
    key, doing = follow_form.kept(visit)
    again, then = partial(_show, failed=key), f"{HERE}/{visit.part('id')}#follows"
    return await visit.do(doing, *follow_form.FIELDS, again=again, then=then)


PAGES = (
    Page(f"GET {HERE}", covenants),
    Page(f"GET {HERE}/{{id}}", covenant),
    Page(f"POST {HERE}/{{id}}/reviews", keep),
    Page(f"POST {HERE}/{{id}}/follow-ups", follow),
)
