"""An emergency as those see it whom it concerns: what to do, and one tap for "we are safe".

The page is large and works without a script; home, the bell and a push lead here.
"""

from typing import Any, Final

from starlette.responses import Response

from gateway.web import words_news
from gateway.web.routing import Page
from gateway.web.visit import Visit
from services.contracts.errors import NotFound
from services.contracts.operations.notify.emergencies import READERS

FIELDS: Final = ("state", "need", "note")
WIDE: Final = ("town", "district")
"""Where everybody is told and nobody is asked: there is no list of doors."""


async def emergency(visit: Visit) -> Response:
    """What is going on, and what I said."""
    return await _show(visit)


async def _show(visit: Visit) -> Response:
    asked_for = visit.part("id")
    mine = await visit.call("listMyEmergencies")
    one: dict[str, Any] | None = next((e for e in mine["items"] if e["id"] == asked_for), None)
    if one is None and visit.person.roles & READERS:
        return visit.go(f"/console/emergencies/{asked_for}")
    return await visit.page(
        "news/emergency.html",
        status=visit.form.status if one else NotFound.status,
        one=one,
        hears=one is not None and one["scope"] not in WIDE,
        known=words_news,
    )


async def answer(visit: Visit) -> Response:
    """I am safe, or I need help."""
    form = visit.form
    state = form.text("state")
    said: dict[str, Any] = form.some("need", "note") if state == "help" else {}
    if state == "help" and "need" not in said:
        visit.form = form.wrong({"need": visit.say(words_news.WHICH_HELP)})
        return await _show(visit)
    if state == "safe":
        said["whole"] = form.ticked("whole")
    doing = visit.call("answerEmergency", id=visit.part("id"), state=state, **said)
    return await visit.do(doing, *FIELDS, again=_show, then=f"/emergencies/{visit.part('id')}")


PAGES = (
    Page("GET /emergencies/{id}", emergency),
    Page("POST /emergencies/{id}/answer", answer),
)
