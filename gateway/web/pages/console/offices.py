"""Who holds which office, until when, given by whom and why; and those that have ended."""

import asyncio
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any, Final

from starlette.responses import Response

from gateway.web import moments, words, words_desk_house
from gateway.web.desk import desk
from gateway.web.forms import whole
from gateway.web.routing import Page
from gateway.web.texts import N_
from gateway.web.visit import Visit
from services.contracts.errors import FieldError, Forbidden, Invalid

HERE: Final = "/console/offices"
SOON: Final = timedelta(days=7)
"""An office that ends within this time is told of on top: it is renewed, or handed over."""
HOLDERS: Final = 100
ENDED: Final = 40
FOUND: Final = 20
FIELDS: Final = ("person_id", "role", "scope", "term", "expires_at", "reason")


async def offices(visit: Visit) -> Response:
    """The offices of the community as they are now, or those that have ended."""
    desks, cid = await desk(visit)
    ended = visit.query("ended") == "1"
    role = visit.query("role") if visit.query("role") in words.ROLE else ""
    asked: dict[str, Any] = {"ended": True} if ended else {}
    if role:
        asked["role"] = role
    page, away = await asyncio.gather(
        visit.call(
            "listRoles", scope=cid, limit=ENDED if ended else HOLDERS, **asked,
            **visit.asked("cursor"),
        ),
        visit.soft("listAbsences", cid=cid),
    )  # fmt: skip
    now = await visit.clock()
    return await visit.page(
        "console/house/offices.html",
        status=visit.form.status,
        desks=desks,
        cid=cid,
        page=page,
        ended=ended,
        role=role,
        soon=[one for one in page["items"] if not ended and _ends_soon(one, now)],
        away=(away or {}).get("items", []),
        failed=visit.form.text("id"),
        known=words_desk_house,
    )


def _ends_soon(one: Mapping[str, Any], now: datetime) -> bool:
    return bool(one["expires_at"]) and moments.parse(one["expires_at"]) - now < SOON


async def give(visit: Visit) -> Response:
    """Whom an office is given to, which one, where, how long and why."""
    desks, cid = await desk(visit)
    looking = visit.query("q") or visit.form.text("q")
    page, sheet, found = await asyncio.gather(
        visit.call("listRoles", scope=cid, limit=HOLDERS),
        visit.call("getCommunityProfile", cid=cid),
        _found(visit, cid, looking),
    )
    if not page["may_grant"]:
        raise Forbidden()
    serving = {one["person"]["id"]: one["person"] for one in page["items"]}
    serving.pop(visit.person.person_id, None)  # nobody gives an office to herself
    return await visit.page(
        "console/house/office_new.html",
        status=visit.form.status,
        desks=desks,
        cid=cid,
        may_grant=page["may_grant"],
        serving=list(serving.values()),
        sheet=sheet,
        looking=looking,
        found=found,
        known=words_desk_house,
    )


async def _found(visit: Visit, cid: str, looking: str) -> list[dict[str, Any]]:
    """Who has an account by the register, by whole name or room; each look is written down."""
    if not looking:
        return []
    page = await visit.call("listRegister", cid=cid, q=looking, account=True, limit=FOUND)
    return [one for one in page["items"] if one["person_id"]]


async def grant(visit: Visit) -> Response:
    """Give it."""
    _, cid = await desk(visit)
    return await visit.do(_give(visit, cid), *FIELDS, again=give, then=f"{HERE}?c={cid}")


async def _give(visit: Visit, cid: str) -> None:
    form = visit.form
    until = await _until(visit)
    await visit.call(
        "grantRole", once=form.key, person_id=form.text("person_id"), role=form.text("role"),
        scope=form.text("scope") or cid, **form.some("reason"),
        **({"expires_at": until} if until else {}),
    )  # fmt: skip


async def _until(visit: Visit) -> str | None:
    """The last minute of the office; None for one without an end.

    Raises:
        Invalid: it is not said how long, or a day was to be named, and none was.
    """
    term = visit.form.text("term")
    if term not in words_desk_house.TERM:
        raise Invalid(errors=[FieldError("term", visit.say(N_("请选择")))])
    if term == "day":
        until = moments.end_of_day(visit.form.text("expires_at"))
        if until is None:
            raise Invalid(errors=[FieldError("expires_at", visit.say(N_("请选择日期")))])
        return until
    if not whole(term):
        return None
    last = await visit.today() + timedelta(days=whole(term))
    return moments.end_of_day(last.isoformat())


async def take(visit: Visit) -> Response:
    """End one."""
    _, cid = await desk(visit)
    doing = visit.call("revokeRole", id=visit.form.text("id"))
    return await visit.do(doing, again=offices, then=f"{HERE}?c={cid}")


PAGES = (
    Page(f"GET {HERE}", offices),
    Page(f"POST {HERE}", take),
    Page(f"GET {HERE}/new", give),
    Page(f"POST {HERE}/new", grant),
)
