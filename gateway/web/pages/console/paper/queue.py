"""What the desk's browser does while the line is down: what it keeps, and what it sends afterwards.

::

    GET …/list  ─▶ IndexedDB: codes, addresses, states; no name, no vote; for half a day at most
    a click     ─▶ IndexedDB: the act, under a key of its own
    POST …/sync ─▶ syncPaper in the order in which it was done ─▶ a result for each

Both answer JSON: they are for the script alone (static/desk-js/61-paper-away.js).
"""

import asyncio
from typing import Any

from pydantic_core import from_json
from starlette.responses import JSONResponse, Response

from gateway.web import words_paper
from gateway.web.routing import Page
from gateway.web.visit import Visit
from services.contracts.errors import BadRequest, FieldError, ShequError

MANY = 500


async def kept(visit: Visit) -> Response:
    """A page of the list that the device may keep: nobody is named in it."""
    poll_id = visit.part("id")
    poll, page = await asyncio.gather(
        visit.call("getPoll", id=poll_id),
        visit.call("findOnRoll", id=poll_id, names=False, limit=MANY, **visit.asked("cursor")),
    )
    return JSONResponse(
        {
            "title": poll["title"],
            "closes_at": poll["closes_at"],
            "csrf": visit.csrf,
            "entries": [_line(one) for one in page["items"]],
            "next": page["next_cursor"],
        }
    )


def _line(one: dict[str, Any]) -> list[Any]:
    """Code, building, place, state, the number of its paper, what can be done with it here."""
    paper = one["paper"] or {}
    acts = [] if paper.get("instead") else [act for act in one["acts"] if act != "reopen"]
    number = paper.get("paper", "")
    return [one["subject_id"], one["building"], one["place"], one["state"], number, acts]


async def sync(visit: Visit) -> Response:
    """What waited, in its order; each entry gets its own result."""
    try:
        entries = from_json(visit.form.text("entries", "[]"))
    except ValueError:
        raise BadRequest(errors=[FieldError("entries", "must be JSON")]) from None
    try:
        told = await visit.call("syncPaper", id=visit.part("id"), entries=entries)
    except ShequError as error:
        return JSONResponse(
            {"code": error.code, "said": visit.told(error)}, status_code=error.status
        )
    for one in told["results"]:
        if one["refusal"]:
            one["said"] = one["refusal"]["en" if visit.language == "en" else "zh"]
    return JSONResponse(told)


async def away(visit: Visit) -> Response:
    """The counter without anybody's data: kept by the worker, shown when there is no line."""
    return await visit.page("console/paper/away.html", known=words_paper)


PAGES = (
    Page("GET /console/paper/{id}/list", kept),
    Page("POST /console/paper/{id}/sync", sync),
    Page("GET /paper-desk", away, login=False),
)
