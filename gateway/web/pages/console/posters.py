"""QR codes and the posters that they stand on: made, printed, changed for others, switched off."""

import asyncio
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any, Final

from starlette.responses import Response

from gateway.web import moments, words_desk_house
from gateway.web.desk import desk
from gateway.web.routing import Page
from gateway.web.texts import N_
from gateway.web.visit import Visit
from services.contracts.errors import BadRequest, FieldError, Invalid, ShequError

HERE: Final = "/console/posters"
ENDING: Final = timedelta(days=14)
"""A poster whose code ends within this time is worth a new one."""
FIELDS: Final = ("place", "estate", "building", "expires_at", "revoke_old_at")


async def posters(visit: Visit) -> Response:
    """The community's codes, newest first, and how many came by each."""
    desks, cid = await desk(visit)
    page, sheet = await asyncio.gather(
        visit.call("listQr", cid=cid, **visit.asked("cursor")),
        visit.soft("getCommunityProfile", cid=cid),
    )
    now = await visit.clock()
    return await visit.page(
        "console/house/posters.html",
        status=visit.form.status,
        desks=desks,
        cid=cid,
        page=page,
        codes=[(one, _state(one, now)) for one in page["items"]],
        sheet=sheet,
        new=visit.query("new"),
        failed=visit.form.text("token"),
        known=words_desk_house,
    )


def _state(code: Mapping[str, Any], now: datetime) -> str:
    if code["revoked_at"]:
        return "revoked"
    if not code["expires_at"]:
        return "valid"
    left = moments.parse(code["expires_at"]) - now
    return "expired" if left <= timedelta() else "ending" if left < ENDING else "valid"


async def make(visit: Visit) -> Response:
    """A code for an estate, or for one building of it."""
    _, cid = await desk(visit)
    form = visit.form
    estate, _, building = form.text("place").partition("/")
    try:
        until = _until(visit, "expires_at")
        made = await visit.call(
            "createQr", once=form.key, cid=cid, estate=estate,
            **({"building": building} if building else {}), **until,
        )  # fmt: skip
    except ShequError as error:
        visit.form = visit.refused(error, *FIELDS)
        return await posters(visit)
    return visit.go(f"{HERE}?c={cid}&new={made['id']}#q-{made['id']}")


def _until(visit: Visit, name: str) -> dict[str, str]:
    """The last minute of the day that a field names; nothing where it is empty.

    Raises:
        Invalid: it names no day. Taken for an empty one, it would let a new poster hang for ever,
            and take an old one off the wall at once.
    """
    text = visit.form.text(name)
    until = moments.end_of_day(text)
    if text and until is None:
        raise Invalid(errors=[FieldError(name, visit.say(N_("请选择日期")))])
    return {name: until} if until else {}


async def act(visit: Visit) -> Response:
    """Make another in place of a code, or switch it off."""
    _, cid = await desk(visit)
    form = visit.form
    try:
        match form.text("do"):
            case "rotate":
                until = _until(visit, "revoke_old_at")
                made = await visit.call(
                    "rotateQr", once=form.key, token=form.text("token"), **until
                )
                return visit.go(f"{HERE}?c={cid}&new={made['id']}#q-{made['id']}")
            case "revoke":
                await visit.call("revokeQr", token=form.text("token"))
                return visit.go(f"{HERE}?c={cid}")
            case _:
                raise BadRequest()
    except ShequError as error:
        visit.form = visit.refused(error, *FIELDS)
        return await posters(visit)


PAGES = (
    Page(f"GET {HERE}", posters),
    Page(f"POST {HERE}", make),
    Page(f"POST {HERE}/changes", act),
)
