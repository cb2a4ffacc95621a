"""The result of a vote: in one sentence, then line by line for a pocket calculator."""

import asyncio
from typing import Any

from starlette.responses import Response

from gateway.web import words_polls
from gateway.web.routing import Page
from gateway.web.visit import Visit
from services.contracts.errors import Conflict


async def result(visit: Visit) -> Response:
    """Passed or not, and why; what follows is asked for where it passed."""
    poll_id = visit.part("id")
    try:
        found = await visit.call("getResult", id=poll_id)
    except Conflict as error:
        return await _not_yet(visit, error)
    shown, follows = await asyncio.gather(
        visit.soft("getPoll", id=poll_id),
        visit.soft("listFollowUps", cid=found["community_id"], topic_id=found["topic_id"]),
    )
    return await visit.page(
        "polls/result.html",
        result=found,
        poll=shown,
        lines=by_part(found["arithmetic"]),
        follows=(follows or {"items": []})["items"],
        known=words_polls,
    )


async def _not_yet(visit: Visit, error: Conflict) -> Response:
    """There is none: the service says why."""
    shown = await visit.call("getPoll", id=visit.part("id"))
    said = visit.told(error)
    return await visit.page("polls/no_result.html", poll=shown, said=said, known=words_polls)


def by_part(arithmetic: list[dict[str, Any]]) -> list[tuple[str, bool, list[dict[str, Any]]]]:
    """The lines of roll, quorum and threshold; whether each part holds."""
    parts = []
    for of in ("roll", "quorum", "threshold"):
        lines = [line for line in arithmetic if line["of"] == of]
        if lines:
            one_is_enough = all(line["alternative"] for line in lines)
            holds = [line["holds"] for line in lines]
            parts.append((of, any(holds) if one_is_enough else all(holds), lines))
    return parts


PAGES = (Page("GET /polls/{id}/result", result),)
