"""The counter: who comes, where her vote stands, one big button; and the next one.

::

    type or scan ─▶ found ─▶ her state and what can be done ─▶ done ─▶ the field is empty again
                     │ several in the room: each with its own button
                     └ none: what else to type
"""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final
from urllib.parse import urlencode

from starlette.responses import Response

from gateway.web import moments, photos, slips, words_paper
from gateway.web.pages.console.paper.choosing import HERE, rows, works_at
from gateway.web.routing import Page
from gateway.web.texts import N_
from gateway.web.visit import Visit
from services.contracts.errors import FieldError, Forbidden, Invalid, NotFound, ShequError
from services.contracts.ids import new_id

FOUND: Final = 20
WORDS: Final = 50
"""Signs that findOnRoll looks for."""
MANY: Final = 500
MOST_AT_ONCE: Final = 200
"""Papers of one round of visits."""
OPERATIONS: Final[Mapping[str, str]] = {
    "return": "returnPaper",
    "spoil": "spoilPaper",
    "take_back": "takeBackPaper",
    "reopen": "reopenPaper",
}
FIELDS: Final = ("reason", "at", "witnesses", "photo_ids", photos.FIELD)


async def counter(visit: Visit) -> Response:
    """The counter of a poll, and whoever was asked for."""
    return await show(visit)


async def show(visit: Visit, failed: str = "", attachments: list[str] | None = None) -> Response:
    """The counter; after a refusal with the entry that it was about."""
    poll = await visit.call("getPoll", id=visit.part("id"))
    if not works_at(visit, poll):
        raise Forbidden()
    figures, found, done = await asyncio.gather(
        visit.soft("listPaperDesk", id=poll["id"]), _found(visit), _done(visit)
    )
    return await visit.page(
        "console/paper/counter.html",
        status=visit.form.status,
        poll=poll,
        cid=poll["community_id"],
        figures=figures,
        buildings=_buildings(figures),
        found=found,
        done=done,
        q=visit.query("q"),
        building=visit.query("b") or visit.form.text("b"),
        failed=failed,
        attachments=attachments or [],
        fresh=new_id,
        known=words_paper,
        **rows(visit),
    )


def _buildings(figures: Mapping[str, Any] | None) -> list[str]:
    """The buildings of the roll; none while it is not known."""
    return slips.in_order(one["building"] for one in (figures or {"buildings": []})["buildings"])


@dataclass(slots=True)
class Found:
    """What there is to what was typed: entries, or what to say besides (a building, a room)."""

    entries: list[Mapping[str, Any]] = field(default_factory=list)
    buildings: list[str] = field(default_factory=list)
    rooms: list[tuple[str, str]] = field(default_factory=list)


async def _found(visit: Visit) -> Found | None:
    """Who was asked for; None where nobody was."""
    code = visit.form.text("code") or visit.query("code")
    wanted = {"code": code} if code else slips.asked(visit.query("q"))
    if not wanted:
        return None
    if "place" in wanted and visit.query("b"):
        wanted = {"building": visit.query("b"), **wanted}
    try:
        return await _find(visit, wanted)
    except Invalid as error:  # the number on a slip that cannot be
        visit.form = visit.form.wrong({"q": visit.told(error)}, status=error.status)
        return None


async def _find(visit: Visit, wanted: Mapping[str, str]) -> Found:
    """Names are asked for when it is known of which door: each look is written down."""
    poll = visit.part("id")
    at_door = {name: wanted[name] for name in ("building", "place") if name in wanted}
    if not at_door:
        page = await visit.call("findOnRoll", id=poll, limit=FOUND, **wanted)
        return Found(page["items"])
    page = await visit.call("findOnRoll", id=poll, names=False, limit=MANY, **at_door)
    near = slips.nearest(page["items"], wanted)
    rooms = list(dict.fromkeys((one["building"], one["place"]) for one in near))
    buildings = list(dict.fromkeys(building for building, _ in rooms))
    if len(buildings) > 1:
        return Found(buildings=slips.in_order(buildings))
    if len(rooms) != 1:
        return Found(rooms=rooms)
    ((building, place),) = rooms
    page = await visit.call(
        "findOnRoll", id=poll, limit=FOUND, building=building[:WORDS], place=place[:WORDS]
    )
    return Found([one for one in page["items"] if (one["building"], one["place"]) == rooms[0]])


async def _done(visit: Visit) -> Mapping[str, Any] | None:
    """The entry of the paper that something was just done with."""
    number = slips.asked(visit.query("done")).get("paper")
    if number is None:
        return None
    try:
        page = await visit.soft("findOnRoll", id=visit.part("id"), paper=number)
    except ShequError:
        return None
    return next(iter((page or {"items": []})["items"]), None)


# -- acts -----------------------------------------------------------------------------------------


async def act(visit: Visit) -> Response:
    """Hand a paper out, or do something with one that was."""
    form, name, poll = visit.form, visit.part("act"), visit.part("id")
    attachments = form.many(f"{photos.FIELD}[]")
    try:
        if name == "issue":
            told = await visit.call(
                "issuePaper", id=poll, subject_id=form.text("code"), entry_key=form.key
            )
            paper = told["papers"][0]
        elif name in OPERATIONS:
            attachments = await photos.take(visit)
            if form.text("add_photo"):
                return await show(visit, name, attachments)
            more = _said(visit, name, attachments)
            paper = await visit.call(
                OPERATIONS[name], id=poll, paper=form.text("paper"), entry_key=form.key, **more
            )
        else:
            raise NotFound()
    except ShequError as error:
        visit.form = visit.refused(error, *FIELDS)
        return await show(visit, name, attachments)
    asked = urlencode({"done": paper["paper"], **form.some("b")})
    return visit.go(f"{HERE}/{poll}?{asked}")


def _said(visit: Visit, name: str, attachments: list[str]) -> dict[str, Any]:
    """What an act says besides the number.

    Raises:
        Invalid: the time is none.
    """
    form = visit.form
    said: dict[str, Any] = {}
    if name == "reopen":
        return {"reason": form.text("reason")}
    if form.text("at"):
        said["at"] = moments.local_minute(form.text("at"))
        if said["at"] is None:
            raise Invalid(errors=[FieldError("at", visit.say(N_("请写日期和时间")))])
    if name == "return":
        witnesses = [form.text(one) for one in ("witness_1", "witness_2")]
        said["witnesses"] = [one for one in witnesses if one]
        said["photo_ids"] = attachments
    return said


# -- a round of visits ----------------------------------------------------------------------------


async def round_of(visit: Visit) -> Response:
    """Who of a building has not voted and holds no paper: papers for all of them at once."""
    return await _round(visit)


async def _round(visit: Visit) -> Response:
    poll = await visit.call("getPoll", id=visit.part("id"))
    if not works_at(visit, poll):
        raise Forbidden()
    building = visit.query("b") or visit.form.text("b")
    figures, page = await asyncio.gather(
        visit.call("listPaperDesk", id=poll["id"]), _building(visit, building)
    )
    free = [
        one
        for one in page["items"]
        if one["building"] == building and one["state"] == "free" and "issue" in one["acts"]
    ]
    return await visit.page(
        "console/paper/round.html",
        status=visit.form.status,
        poll=poll,
        cid=poll["community_id"],
        buildings=_buildings(figures),
        building=building,
        free=free[:MOST_AT_ONCE],
        more=len(free) - MOST_AT_ONCE,
        known=words_paper,
        **rows(visit),
    )


async def _building(visit: Visit, building: str) -> dict[str, Any]:
    if not building:
        return {"items": []}
    found: dict[str, Any] = await visit.call(
        "findOnRoll", id=visit.part("id"), building=building, names=False, limit=MANY
    )
    return found


async def issue_round(visit: Visit) -> Response:
    """All of them, or none; then they are printed."""
    form, poll = visit.form, visit.part("id")
    try:
        told = await visit.call(
            "issuePaper", id=poll, subject_ids=form.many("codes[]"), entry_key=form.key
        )
    except ShequError as error:
        visit.form = visit.refused(error)
        return await _round(visit)
    first, last = told["papers"][0]["serial"], told["papers"][-1]["serial"]
    return visit.go(f"{HERE}/{poll}/print?first={first}&last={last}")


PAGES = (
    Page("GET /console/paper/{id}", counter),
    Page("POST /console/paper/{id}/acts/{act}", act),
    Page("GET /console/paper/{id}/round", round_of),
    Page("POST /console/paper/{id}/round", issue_round),
)
