"""Events that one signs up for: a place, one's code at the door, and the organiser's side.

::

    post ─▶ sign up ─▶ in: my code, calendar, share a stall        at the door: check-in
                    └▶ waiting: place in line                      scanned or typed, mine or hers
    organiser: how one signs up ─▶ who comes ─▶ table to keep ─▶ door
"""

import asyncio
from dataclasses import replace
from typing import Any, Final

from starlette.responses import Response

from gateway.downloads import attached
from gateway.web import calendars, moments, qr, words_neighbours
from gateway.web.pages.neighbours import minutes, number
from gateway.web.pages.posts import module_of, thread
from gateway.web.routing import Page
from gateway.web.visit import Visit
from services.contracts.errors import Forbidden, NotFound, ShequError

TIMES: Final = ("opens_at", "deadline", "starts_at", "ends_at")
FIELDS: Final = ("unit", "capacity", "heads_each", "shareable", *TIMES, "closed")
CALENDAR: Final = "text/calendar; charset=utf-8"
_NOBODY_SIGNS_UP: Final = "feed.no_sign_up"


# -- who comes -------------------------------------------------------------------------------------


async def sign_up(visit: Visit) -> Response:
    """Sign up, accept an invitation, or change what I said of my part."""
    form, post_id = visit.form, visit.part("id")
    heads: dict[str, Any] = {"heads": number(form.text("heads"))} if form.text("heads") else {}
    note = {"note": form.text("note")} if "note" in form.values else {}
    doing = visit.call("signUp", id=post_id, **heads, **note)
    return await visit.do(doing, "heads", "note", again=thread.post, then=_at(post_id))


async def cancel(visit: Visit) -> Response:
    """Give my part up, or decline."""
    post_id = visit.part("id")
    doing = visit.call("cancelSignUp", id=post_id)
    return await visit.do(doing, again=thread.post, then=_at(post_id))


async def invite(visit: Visit) -> Response:
    """Share my stall with a neighbour who spoke on the thread."""
    form, post_id = visit.form, visit.part("id")
    doing = visit.call(
        "inviteToSignUp", once=form.key, id=post_id, person_id=form.text("person_id")
    )
    return await visit.do(doing, "person_id", again=thread.post, then=_at(post_id))


async def _both(visit: Visit, post_id: str) -> tuple[dict[str, Any], dict[str, Any]]:
    """The post, and its event."""
    post, event = await asyncio.gather(
        visit.call("getPost", id=post_id), visit.call("getSignUpEvent", id=post_id)
    )
    return post, event


def _at(post_id: str) -> str:
    return f"/posts/{post_id}#sign-up"


async def my_events(visit: Visit) -> Response:
    """What I have signed up for, and where I wait."""
    found = await visit.call("listMySignUps")
    return await visit.page("neighbours/my_events.html", found=found, known=words_neighbours)


async def code(visit: Visit) -> Response:
    """My code, to be shown at the door; or the word that I have no place."""
    post_id = visit.part("id")
    shown, event = await _both(visit, post_id)
    mine = event["mine"]
    if mine is None or mine["state"] != "in":
        return visit.go(_at(post_id))
    own = (await visit.call("getSignUpCode", id=post_id))["code"]
    return await visit.page(
        "neighbours/code.html",
        post=shown,
        event=event,
        code=own,
        picture=qr.picture(_door(visit, post_id, own)),
        known=words_neighbours,
    )


def _door(visit: Visit, post_id: str, own: str) -> str:
    """What a code says to whoever scans it with any camera: the page where it is checked in."""
    return f"{visit.gate.settings.public_url}/posts/{post_id}/check-in#{own}"


async def calendar(visit: Visit) -> Response:
    """The event for the calendar of a phone."""
    post_id = visit.part("id")
    shown, event = await _both(visit, post_id)
    if event["starts_at"] is None:
        raise NotFound()
    file = calendars.event(
        uid=post_id,
        title=shown["title"],
        place=str(shown["extra"].get("place", "")),
        url=f"{visit.gate.settings.public_url}/posts/{post_id}",
        starts_at=event["starts_at"],
        ends_at=event["ends_at"],
        now=await visit.clock(),
    )
    return attached(file, CALENDAR, stem=shown["title"][:60], plain="event", form="ics")


# -- at the door -----------------------------------------------------------------------------------


async def door(visit: Visit) -> Response:
    """Check in: oneself by the code at the entrance, others by theirs, scanned or typed."""
    return await _door_page(visit)


async def check_in(visit: Visit) -> Response:
    """Check somebody in, and be ready for the next.

    The page stays: whoever comes again is checked in already, so a reload changes nothing.
    """
    form = visit.form
    try:
        came = await visit.call(
            "checkIn", once=form.key, id=visit.part("id"), code=_typed(form.text("code"))
        )
    except ShequError as error:
        visit.form = visit.refused(error, "code")
        return await _door_page(visit)
    visit.form = type(form)()  # the next one has another code, and another key
    return await _door_page(visit, came)


def _typed(text: str) -> str:
    """The code of what was scanned, which is an address, or of what was typed."""
    return "".join(text.rpartition("#")[2].split())


async def _door_page(visit: Visit, came: dict[str, Any] | None = None) -> Response:
    if visit.person.is_observer:
        raise Forbidden()
    post_id = visit.part("id")
    shown, event = await _both(visit, post_id)
    return await visit.page(
        "neighbours/door.html",
        status=visit.form.status,
        post=shown,
        event=event,
        came=came,
        entrance=event["code"],
        picture=qr.picture(_door(visit, post_id, event["code"])) if event["code"] else None,
        known=words_neighbours,
    )


# -- the organiser ---------------------------------------------------------------------------------


async def terms(visit: Visit) -> Response:
    """How one signs up: set, or changed."""
    return await _terms(visit)


async def put_terms(visit: Visit) -> Response:
    """Set it."""
    form, post_id = visit.form, visit.part("id")
    counted: dict[str, Any] = {
        name: number(form.text(name)) for name in ("capacity", "heads_each") if form.text(name)
    }
    doing = visit.call(
        "putSignUpEvent",
        id=post_id,
        unit=form.text("unit"),
        shareable=form.ticked("shareable"),
        closed=form.ticked("closed"),
        **counted,
        **minutes(visit, *TIMES),
    )
    return await visit.do(doing, *FIELDS, again=_terms, then=_at(post_id))


async def _terms(visit: Visit) -> Response:
    post_id = visit.part("id")
    shown, event = await asyncio.gather(
        visit.call("getPost", id=post_id), _event_of(visit, post_id)
    )
    if not (event["may_manage"] if event else await _may_announce(visit, shown)):
        raise Forbidden()
    if not visit.form.values:
        visit.form = replace(visit.form, values=_as_said(event or {}, shown))
    return await visit.page(
        "neighbours/terms.html",
        status=visit.form.status,
        post=shown,
        event=event,
        known=words_neighbours,
    )


async def _may_announce(visit: Visit, post: dict[str, Any]) -> bool:
    module = await module_of(visit, post["community_id"], post["module"])
    return "sign_up" in module["works"] and bool(post["mine"] or module["may_moderate"])


async def _event_of(visit: Visit, post_id: str) -> dict[str, Any] | None:
    try:
        found: dict[str, Any] = await visit.call("getSignUpEvent", id=post_id)
    except NotFound as error:
        if error.code != _NOBODY_SIGNS_UP:
            raise
        return None
    return found


def _as_said(event: dict[str, Any], post: dict[str, Any]) -> dict[str, Any]:
    """The terms as the form shows them; of a new event what the post says of its time."""
    times = {name: event.get(name) for name in TIMES}
    if not event:
        times |= {name: post["extra"].get(name) for name in ("starts_at", "ends_at")}
    said = {name: moments.for_field(at) for name, at in times.items() if at}
    return {
        "unit": event.get("unit", "person"),
        "capacity": str(event.get("capacity") or ""),
        "heads_each": str(event.get("heads_each", 1)),
        "shareable": "1" if event.get("shareable") else "",
        "closed": "1" if event.get("closed") else "",
        **said,
    }


async def list_of(visit: Visit) -> Response:
    """Who comes, who waits, who was invited."""
    post_id = visit.part("id")
    state = visit.asked("state")
    (shown, event), page = await asyncio.gather(
        _both(visit, post_id),
        visit.call("listSignUps", id=post_id, limit=50, **state, **visit.asked("cursor")),
    )
    return await visit.page(
        "neighbours/sign_ups.html",
        post=shown,
        event=event,
        page=page,
        state=state.get("state", ""),
        known=words_neighbours,
    )


PAGES = (
    Page("POST /posts/{id}/sign-up", sign_up),
    Page("POST /posts/{id}/sign-up/cancel", cancel),
    Page("POST /posts/{id}/sign-up/invitation", invite),
    Page("GET /posts/{id}/sign-up/code", code),
    Page("GET /posts/{id}/event.ics", calendar),
    Page("GET /posts/{id}/check-in", door),
    Page("POST /posts/{id}/check-in", check_in),
    Page("GET /posts/{id}/sign-up/terms", terms),
    Page("POST /posts/{id}/sign-up/terms", put_terms),
    Page("GET /posts/{id}/sign-ups", list_of),
    Page("GET /me/sign-ups", my_events),
)
