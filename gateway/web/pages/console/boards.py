"""Lists of what is under way: self-governance by step, referrals, posts that wait, who is away."""

import asyncio
from typing import Any, Final

from starlette.responses import Response

from gateway.web import words, words_desk
from gateway.web.desk import desk
from gateway.web.routing import Page
from gateway.web.visit import Visit

LONG: Final = 100
ABSENCE: Final = ("from", "to", "cover_id", "person_id")


async def self_governance(visit: Visit) -> Response:
    """What the neighbourhood tries itself, by its last step; the next date promised comes first."""
    desks, cid = await desk(visit)
    page = await visit.call("listIssues", cid=cid, status="self_governing", limit=LONG)
    columns: dict[str, list[dict[str, Any]]] = {step: [] for step in words.STEP}
    for issue in page["items"]:
        columns.setdefault(issue["last_step"] or "site_visit", []).append(issue)
    for column in columns.values():
        column.sort(key=lambda one: one["undertaking_due_at"] or f"~{one['created_at']}")
    return await visit.page(
        "console/self_governance.html",
        desks=desks,
        cid=cid,
        columns=columns,
        more=page["next_cursor"],
        known=words_desk,
    )


async def referrals(visit: Visit) -> Response:
    """What other parties were asked to do, and what came of it."""
    desks, cid = await desk(visit)
    state = visit.query("state")
    page = await visit.call("listReferrals", **visit.asked("state", "cursor"))
    return await visit.page(
        "console/referrals.html",
        desks=desks,
        cid=cid,
        page=page,
        items=[one for one in page["items"] if one["community_id"] == cid],
        state=state,
        known=words_desk,
    )


async def unanswered(visit: Visit) -> Response:
    """Posts that wait for an answer in office; the limit that ends first comes first."""
    desks, cid = await desk(visit)
    page, modules = await asyncio.gather(
        visit.call("listUnansweredPosts", cid=cid, limit=30, **visit.asked("cursor")),
        visit.soft("listModules", cid=cid),
    )
    names = {one["key"]: one for one in (modules or {}).get("items", [])}
    return await visit.page(
        "console/unanswered.html", desks=desks, cid=cid, page=page, names=names, known=words_desk
    )


async def take_up(visit: Visit) -> Response:
    """Make a problem of a post: from here on it has a promise of its own."""
    made = await visit.call("issueFromPost", once=visit.form.key, id=visit.form.text("post_id"))
    return visit.go(f"/console/issues/{made['id']}")


async def absences(visit: Visit) -> Response:
    """Who is away and who stands in."""
    desks, cid = await desk(visit)
    away, lies = await asyncio.gather(
        visit.call("listAbsences", cid=cid), visit.soft("getDesk", cid=cid)
    )
    return await visit.page(
        "console/absences.html",
        status=visit.form.status,
        desks=desks,
        cid=cid,
        items=away["items"],
        colleagues=lies["colleagues"] if lies else [],
    )


async def go_away(visit: Visit) -> Response:
    """Say who is away, from when to when, and who stands in."""
    form = visit.form
    fields = form.some(*ABSENCE)
    doing = visit.call("putAbsence", cid=form.text("c"), **fields)
    return await visit.do(
        doing, *ABSENCE, again=absences, then=f"/console/absences?c={form.text('c')}"
    )


async def come_back(visit: Visit) -> Response:
    """She is back, or does not go."""
    form = visit.form
    doing = visit.call("endAbsence", cid=form.text("c"), **form.some("person_id"))
    return await visit.do(doing, again=absences, then=f"/console/absences?c={form.text('c')}")


PAGES = (
    Page("GET /console/self-governance", self_governance),
    Page("GET /console/referrals", referrals),
    Page("GET /console/unanswered", unanswered),
    Page("POST /console/unanswered", take_up),
    Page("GET /console/absences", absences),
    Page("POST /console/absences", go_away),
    Page("POST /console/absences/end", come_back),
)
