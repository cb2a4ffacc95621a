"""Reporting a problem: what is not for the committee, where it is, and whether it is known already.

::

    form ──▶ a stopper was chosen? ──▶ the same page says whom to call, or where it belongs
      │
      └────▶ something reads like it? ──▶ the drawer: "me too", or "another one": sent after all
      │
      └────▶ reported: its page with the promise

Every step works without a script; with one the drawer opens while the title is written.
"""

import asyncio
from collections.abc import Mapping
from typing import Any, Final

from starlette.responses import Response

from gateway.web import photos, words_issues
from gateway.web.routing import Page
from gateway.web.visit import Visit
from services.contracts.errors import NotFound, ObserverReadOnly, ShequError

FIELDS: Final = ("title", "body", "location", "stop", photos.FIELD, "hide_name")
KEPT: Final = ("title", "body", "location", "spot", "lng", "lat", "hide_name", "stop", "anyway")
"""What of the form the drawer carries along."""
LIKE_WORDS: Final = 400  # of the text, as the contract takes them
ADDRESS: Final = 256


async def report(visit: Visit) -> Response:
    """An empty report."""
    return await _form(visit, [])


async def send_report(visit: Visit) -> Response:
    """Report the problem, unless it is for somebody else or known already."""
    form = visit.form
    attachments = form.many(f"{photos.FIELD}[]")
    try:
        attachments = await photos.take(visit)
        if form.text("add_photo") or form.text("back"):
            return await _form(visit, attachments)
        stop = words_issues.STOPS.get(form.text("stop"))
        if stop and not (stop.danger and form.ticked("anyway")):
            said = {"stop": visit.say(stop.help)}
            visit.form = form.wrong(said)
            return await _form(visit, attachments)
        if not form.ticked("looked") and (alike := await _alike(visit, form.text("title"))):
            return await visit.page(
                "issues/alike.html",
                cid=visit.part("cid"),
                alike=alike,
                attachments=attachments,
                kept=[(name, form.text(name)) for name in KEPT if form.text(name)],
                known=words_issues,
            )
        made = await visit.call(
            "reportIssue",
            once=form.key,
            cid=visit.part("cid"),
            title=form.text("title"),
            body=form.text("body") or form.text("title"),
            attachments=attachments,
            hide_name=form.ticked("hide_name"),
            **_where(visit),
        )
    except ShequError as error:
        visit.form = visit.refused(error, *FIELDS)
        return await _form(visit, attachments)
    return visit.go(f"/issues/{made['id']}?new=1")


async def alike(visit: Visit) -> Response:
    """What was reported already and reads like these words: the drawer of the form."""
    found = await _alike(visit, visit.query("title"), visit.query("body"))
    return await visit.page(
        "issues/like.html", cid=visit.part("cid"), alike=found, known=words_issues
    )


async def _alike(visit: Visit, title: str, body: str = "") -> list[dict[str, Any]]:
    """Nothing is alike when nobody can say: a report never waits for it."""
    words = (body or visit.form.text("body"))[:LIKE_WORDS]
    if not title.strip():
        return []
    try:
        found = await visit.soft(
            "findLookAlikes", cid=visit.part("cid"), title=title[:200], body=words
        )
    except ShequError:
        return []
    items: list[dict[str, Any]] = found["items"] if found else []
    return items


def _where(visit: Visit) -> dict[str, Any]:
    """The place that was picked with the words beside it, and the point when there is one."""
    form = visit.form
    parts = (form.text("spot"), form.text("location"))
    words = " ".join(part for part in parts if part)[:ADDRESS]
    point = _point(form.some("lng", "lat"))
    if not words and not point:
        return {}
    return {"location": {"address": words, **point}}


def _point(said: Mapping[str, str]) -> dict[str, Any]:
    """What the phone measured (WGS84, W3C Geolocation); without both halves there is none."""
    try:
        found = {name: float(text) for name, text in said.items()}
    except ValueError:
        return {}
    return {**found, "crs": "WGS84"} if len(found) == 2 else {}


async def _form(visit: Visit, attachments: list[str]) -> Response:
    cid = visit.part("cid")
    if visit.person.is_observer:
        raise ObserverReadOnly()
    me, sheet = await asyncio.gather(visit.soft("getMe"), _sheet(visit, cid))
    return await visit.page(
        "issues/report.html",
        status=visit.form.status,
        cid=cid,
        attachments=attachments,
        mine=_mine(me, cid),
        spots=_spots(sheet),
        known=words_issues,
    )


async def _sheet(visit: Visit, cid: str) -> Any:
    try:
        return await visit.soft("getCommunityProfile", cid=cid)
    except NotFound:
        return None


def _mine(me: Any, cid: str) -> str:
    """Where one lives here, as the list of places names it."""
    lived = [
        one
        for one in (me or {}).get("memberships", [])
        if one["status"] == "active" and one["community"]["id"] == cid and one["building"]
    ]
    return f"{lived[0]['estate']['name']}{lived[0]['building']['name']}" if lived else ""


def _spots(sheet: Any) -> list[tuple[str, list[tuple[str, str]]]]:
    """The buildings of each estate: what is sent, and what is read."""
    if not sheet:
        return []
    return [
        (
            estate["name"],
            [
                (f"{estate['name']}{one['name']}", one["name"])
                for one in sheet["buildings"]
                if one["estate"] == estate["id"]
            ],
        )
        for estate in sheet["estates"]
    ]


PAGES = (
    Page("GET /c/{cid}/report", report),
    Page("POST /c/{cid}/report", send_report),
    Page("GET /c/{cid}/report/alike", alike),
)
