"""Mutual aid and idle things: asking, what fits, and the small conversation of two neighbours.

::

    post ─▶ ask, with hours that suit ─▶ handshake ─▶ each side's next steps, and why not
    author ─▶ who asked, what fits, closed or open again
"""

import asyncio
from functools import partial
from typing import Any, Final

from starlette.responses import Response

from gateway.web import words_neighbours
from gateway.web.pages.neighbours import SLOTS, weekly
from gateway.web.pages.posts import thread
from gateway.web.routing import Page
from gateway.web.visit import Visit
from services.contracts.errors import Forbidden, ShequError

FIELDS: Final = ("note", SLOTS, "confirmed_safety")


async def ask(visit: Visit) -> Response:
    """Ask the author, or reserve the thing."""
    form, post_id = visit.form, visit.part("id")
    try:
        made = await visit.call(
            "createHandshake",
            once=form.key,
            id=post_id,
            note=form.text("note"),
            slots=weekly(visit),
            confirmed_safety=form.ticked("confirmed_safety"),
        )
    except ShequError as error:
        visit.form = visit.refused(error, *FIELDS)
        return await thread.post(visit)
    return visit.go(f"/handshakes/{made['id']}")


async def turn(visit: Visit) -> Response:
    """Close my offer, need or thing, or open it again."""
    post_id = visit.part("id")
    doing = visit.call("updateAid", id=post_id, open=visit.form.text("open") == "1")
    return await visit.do(doing, again=thread.post, then=f"/posts/{post_id}#aid")


async def matches(visit: Visit) -> Response:
    """What fits my offer or need, the best first."""
    post_id = visit.part("id")
    shown, page = await asyncio.gather(
        visit.call("getPost", id=post_id),
        visit.call("listMatches", id=post_id, **visit.asked("cursor")),
    )
    return await visit.page(
        "neighbours/matches.html", post=shown, page=page, known=words_neighbours
    )


async def mine(visit: Visit) -> Response:
    """My handshakes: those that go on, or all of them."""
    whole = bool(visit.query("all"))
    page = await visit.call("listMyHandshakes", open=not whole, **visit.asked("cursor"))
    return await visit.page(
        "neighbours/handshakes.html", page=page, whole=whole, known=words_neighbours
    )


async def handshake(visit: Visit) -> Response:
    """One of them: what was said, and what comes next."""
    return await _show(visit)


async def _show(visit: Visit, failed: str = "") -> Response:
    if visit.person.is_observer:
        raise Forbidden()
    shown: dict[str, Any] = await visit.call("getHandshake", id=visit.part("id"))
    return await visit.page(
        "neighbours/handshake.html",
        status=visit.form.status,
        shake=shown,
        me=shown["role"],
        other=shown["asker"] if shown["role"] == "author" else shown["author"],
        failed=failed,
        known=words_neighbours,
    )


async def step(visit: Visit) -> Response:
    """Move it on."""
    form, shake_id = visit.form, visit.part("id")
    taken = form.text("step")
    confirmed = {"confirmed_safety": True} if form.ticked("confirmed_safety") else {}
    doing = visit.call(
        "stepHandshake",
        once=form.key,
        id=shake_id,
        step=taken,
        note=form.text("note"),
        close_post=form.ticked("close_post"),
        **confirmed,
    )
    again = partial(_show, failed=taken)
    return await visit.do(doing, *FIELDS, again=again, then=f"/handshakes/{shake_id}#next")


PAGES = (
    Page("POST /posts/{id}/handshakes", ask),
    Page("POST /posts/{id}/aid", turn),
    Page("GET /posts/{id}/matches", matches),
    Page("GET /me/handshakes", mine),
    Page("GET /handshakes/{id}", handshake),
    Page("POST /handshakes/{id}/steps", step),
)
