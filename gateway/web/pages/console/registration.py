"""Registering somebody at the counter (代办): an old person without a phone, a child below 14.

::

    address, name ─▶ what she agrees to, read aloud ─▶ how she agreed ─┬─ no phone: at once
                                                                       ├─ a phone: its code, and
                                                                       │  a colleague decides
                                                                       └─ a child: its guardian
"""

import asyncio
from typing import Any, Final

from starlette.responses import Response

from gateway.web import words_desk_people
from gateway.web.desk import desk
from gateway.web.pages.join import CONSENTS
from gateway.web.routing import Page
from gateway.web.visit import Visit
from services.contracts.errors import ShequError

RELATIONS: Final = {
    "urban": ("owner", "family", "tenant", "operator"),
    "village": ("villager", "family", "tenant", "operator", "away", "migrant"),
}
"""What is offered; identity knows what is possible."""
FIELDS: Final = (
    "display_name", "real_name", "id_number", "estate", "building", "unit", "room", "relation",
    "phone", "phone_code", "consent_means", "consent_note", "guardian_id",
)  # fmt: skip


async def new(visit: Visit) -> Response:
    """The form; for a child with its guardian's name."""
    return await _show(visit)


async def _show(visit: Visit, *, sent: bool = False) -> Response:
    desks, cid = await desk(visit)
    guardian_id = visit.query("guardian") or visit.form.text("guardian_id")
    profile, guardian = await asyncio.gather(
        visit.call("getCommunityProfile", cid=cid), _guardian(visit, cid, guardian_id)
    )
    return await visit.page(
        "console/member_new.html",
        status=visit.form.status,
        desks=desks,
        cid=cid,
        profile=profile,
        guardian=guardian,
        relations=RELATIONS[profile["community"]["kind"]],
        consents=CONSENTS,
        sent=sent,
        known=words_desk_people,
    )


async def _guardian(visit: Visit, cid: str, person_id: str) -> dict[str, Any] | None:
    """The grown-up who answers for the child; None where it is no child."""
    if not person_id:
        return None
    found: dict[str, Any] = await visit.call("getMember", cid=cid, person_id=person_id)
    return found


async def register(visit: Visit) -> Response:
    """Register her, and go on to her page."""
    form = visit.form
    try:
        if form.text("step") == "code":
            await visit.call("requestCode", phone=form.text("phone"))
            return await _show(visit, sent=True)
        estate, _, building = form.text("home").partition("/")
        made = await visit.call(
            "assistRegistration",
            once=form.key,
            cid=form.text("c"),
            display_name=form.text("display_name"),
            real_name=form.text("real_name"),
            id_number=form.text("id_number"),
            estate=estate,
            building=building,
            room=form.text("room"),
            relation=form.text("relation"),
            consent_means=form.text("consent_means"),
            consent_note=form.text("consent_note"),
            **form.some("unit", "phone", "phone_code", "guardian_id"),
        )
    except ShequError as error:
        visit.form = visit.refused(error, *FIELDS)
        return await _show(visit)
    return visit.go(f"/console/members/{made['person']['id']}?c={form.text('c')}")


PAGES = (
    Page("GET /console/members/new", new),
    Page("POST /console/members/new", register),
)
