"""A community's votes, one of them, and its roll."""

import asyncio
from typing import Any, Final

from starlette.responses import Response

from gateway.web import words_polls
from gateway.web.routing import Page
from gateway.web.visit import Visit
from services.contracts.errors import NotFound, ShequError

RUNNING: Final = ("open", "announced")
MOST_RUNNING: Final = 50


async def polls(visit: Visit) -> Response:
    """Those that run, soonest first; then those that are over, newest first."""
    cid = visit.part("cid")
    asked = visit.asked("cursor")
    running, page = [], visit.call("listPolls", cid=cid, **asked)
    if asked:
        page = await page
    else:
        *found, page = await asyncio.gather(
            *(visit.call("listPolls", cid=cid, state=one, limit=MOST_RUNNING) for one in RUNNING),
            page,
        )
        running = [
            *sorted(found[0]["items"], key=lambda one: one["closes_at"]),
            *sorted(found[1]["items"], key=lambda one: one["opens_at"]),
        ]
    return await visit.page(
        "polls/list.html",
        cid=cid,
        running=running,
        page=page,
        over=[one for one in page["items"] if one["state"] not in RUNNING],
        asked={},
        known=words_polls,
    )


async def poll(visit: Visit) -> Response:
    """A poll: where it stands, what is voted on, by which rules, and what I can do."""
    shown = await visit.call("getPoll", id=visit.part("id"))
    proposal, result, proxies = await asyncio.gather(
        visit.soft("getProposalVersion", id=shown["topic_id"], version=shown["proposal"]),
        result_of(visit, shown),
        proxies_of(visit, shown),
    )
    return await visit.page(
        "polls/poll.html",
        status=visit.form.status,
        poll=shown,
        proposal=proposal,
        result=result,
        proxies=proxies,
        known=words_polls,
    )


async def result_of(visit: Visit, shown: dict[str, Any]) -> Any:
    """The result of a poll that has one; None otherwise, or while it cannot be had."""
    if shown["published_at"] is None:
        return None
    try:
        return await visit.soft("getResult", id=shown["id"])
    except NotFound:
        return None


async def proxies_of(visit: Visit, shown: dict[str, Any]) -> dict[str, list[Any]]:
    """The proxies that stand: those I gave and those I hold; none where the rules know none."""
    nothing: dict[str, list[Any]] = {"given": [], "held": []}
    if shown["rule_set"]["proxies"] == "none" or visit.person.is_observer:
        return nothing
    try:
        told = await visit.soft("listProxies", id=shown["id"]) or nothing
    except ShequError:
        return nothing
    return {
        side: [one for one in told[side] if one["revoked_at"] is None] for side in ("given", "held")
    }


async def roll(visit: Visit) -> Response:
    """The roll as everybody may see it, and the proof that I am on it."""
    poll_id = visit.part("id")
    shown, told, mine = await asyncio.gather(
        visit.call("getPoll", id=poll_id),
        visit.call("listRoll", id=poll_id),
        visit.soft("listMyRollEntries", id=poll_id),
    )
    places = {one["subject_id"]: one for one in shown["my_subjects"]}
    return await visit.page(
        "polls/roll.html", poll=shown, roll=told, mine=mine, places=places, known=words_polls
    )


PAGES = (
    Page("GET /c/{cid}/polls", polls),
    Page("GET /polls/{id}", poll),
    Page("GET /polls/{id}/roll", roll),
)
