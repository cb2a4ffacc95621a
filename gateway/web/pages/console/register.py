"""The register of persons: looked through, masked; a full name for a stated purpose.

::

    /console/register?q=…&building=…&account=…     by address; each look is written down
        └─ …/{id}/reveal ─▶ one full name, shown once, with what it was looked at for
"""

import asyncio
from typing import Final

from starlette.responses import Response

from gateway.web import words_desk_people
from gateway.web.desk import desk
from gateway.web.routing import Page
from gateway.web.texts import N_
from gateway.web.visit import Visit
from services.contracts.errors import ShequError

SHOWN: Final = 30
ACCOUNT: Final = {"yes": N_("有账号的"), "no": N_("没有账号的"), "ended": N_("已结束登记的")}


async def register(visit: Visit) -> Response:
    """The entries that were asked for."""
    desks, cid = await desk(visit)
    asked = visit.asked("q", "building", "account")
    wanted = visit.asked("q", "building")
    if asked.get("account") in ("yes", "no"):
        wanted["account"] = asked["account"] == "yes"
    wanted["ended"] = asked.get("account") == "ended"
    page, profile = await asyncio.gather(
        visit.call("listRegister", cid=cid, limit=SHOWN, **wanted, **visit.asked("cursor")),
        visit.soft("getCommunityProfile", cid=cid),
    )
    return await visit.page(
        "console/register.html",
        status=visit.form.status,
        desks=desks,
        cid=cid,
        page=page,
        asked=asked,
        profile=profile,
        accounts=ACCOUNT,
        failed=visit.form.text("id"),
        known=words_desk_people,
    )


async def reveal(visit: Visit) -> Response:
    """One full name; the person reads who looked, and what for."""
    desks, cid = await desk(visit)
    entry_id, purpose = visit.part("id"), visit.form.text("purpose")
    try:
        found = await visit.call("revealRegisterEntry", id=entry_id, purpose=purpose)
    except ShequError as error:
        visit.form = visit.refused(error, "purpose")
        return await register(visit)
    return await visit.page(
        "console/register_name.html", desks=desks, cid=cid, found=found, purpose=purpose
    )


PAGES = (
    Page("GET /console/register", register),
    Page("POST /console/register/{id}/reveal", reveal),
)
