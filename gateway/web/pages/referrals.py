"""What others were asked to do: a property firm, an owners' committee, a department, on the way.

Who serves on a committee finds what it referred at its desk.
"""

import asyncio
from typing import Final

from starlette.responses import Response

from gateway.web import photos, words_desk
from gateway.web.routing import Page
from gateway.web.texts import N_
from gateway.web.visit import Visit
from services.contracts.actor import GUESTS
from services.contracts.errors import Forbidden, ShequError
from services.contracts.operations.grid_bridge.handling import PARTIES

FIELDS: Final = ("body", "outcome", photos.FIELD)
OUTCOME: Final = {"done": N_("办好了"), "declined": N_("不归我们办，退回")}
TABLES: Final = 20


async def referrals(visit: Visit) -> Response:
    """What waits for us, or what we did; and the tables that we are asked to."""
    return await _show(visit)


async def _show(visit: Visit, failed: str = "", attachments: list[str] | None = None) -> Response:
    offices = visit.person.roles
    if not offices & PARTIES.roles:
        if visit.is_staff:
            return visit.go("/console/referrals")
        raise Forbidden()
    state = visit.query("state") or "open"
    page, tables = await asyncio.gather(
        visit.call("listReferrals", state=state, **visit.asked("cursor")), _tables(visit)
    )
    return await visit.page(
        "referrals.html",
        status=visit.form.status,
        page=page,
        tables=tables,
        state=state,
        outcomes=OUTCOME,
        failed=failed,
        attachments=attachments or [],
        known=words_desk,
    )


async def _tables(visit: Visit) -> list[dict[str, object]]:
    if not visit.person.roles & GUESTS:
        return []
    found = await visit.soft("listMyJointConsultations", mine=True, state="open", limit=TABLES)
    return found["items"] if found else []


async def answer(visit: Visit) -> Response:
    """It is done, or goes back to the committee with the reason."""
    form, referral_id = visit.form, visit.part("id")
    attachments = form.many(f"{photos.FIELD}[]")
    try:
        attachments = await photos.take(visit)
        if form.text("add_photo"):
            return await _show(visit, referral_id, attachments)
        await visit.call(
            "answerReferral",
            once=form.key,
            id=referral_id,
            body=form.text("body"),
            outcome=form.text("outcome"),
            attachments=attachments,
        )
    except ShequError as error:
        visit.form = visit.refused(error, *FIELDS)
        return await _show(visit, referral_id, attachments)
    return visit.go("/referrals")


PAGES = (
    Page("GET /referrals", referrals),
    Page("POST /referrals/{id}", answer),
)
