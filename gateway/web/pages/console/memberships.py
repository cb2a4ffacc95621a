"""Requests to join a community, each beside what the register has for its room.

::

    queue, longest waiting first ─┬─ agrees, or tied by hand ─▶ ticked ─▶ approved together
                                  ├─ one by one: approve, or refuse with a reason (samples)
                                  └─ the same person, written otherwise ─▶ tied to her entry
"""

from typing import Final

from starlette.responses import Response

from gateway.web import many, words_desk_people
from gateway.web.desk import desk
from gateway.web.routing import Page
from gateway.web.texts import N_
from gateway.web.visit import Visit
from services.contracts.errors import Invalid, ShequError

AGREEING: Final = ("tied", "agrees")
SHOWN: Final = ("pending", "active", "refused")

Result = tuple[str, str]
"""Whose request it was, and what was wrong with it; empty when it was approved."""


class NobodyTicked(Invalid):
    """The button was pressed before a request was ticked, or with more than fit."""

    code = "web.nobody_ticked"
    zh, en = "请勾选一到二十份申请", "Please tick one to twenty requests"


async def memberships(visit: Visit) -> Response:
    """The queue of requests, personal data masked; that it was looked at is written down."""
    return await _queue(visit, [])


async def _queue(visit: Visit, results: list[Result]) -> Response:
    desks, cid = await desk(visit)
    asked = visit.query("status")
    status = asked if asked in SHOWN else "pending"
    page = await visit.call(
        "listMembershipRequests", cid=cid, status=status, **visit.asked("cursor")
    )
    return await visit.page(
        "console/memberships.html",
        status=visit.form.status,
        desks=desks,
        cid=cid,
        page=page,
        shown=status,
        states=SHOWN,
        failed=visit.form.text("id"),
        agreeing=AGREEING,
        results=results,
        known=words_desk_people,
    )


async def decide(visit: Visit) -> Response:
    """Approve or refuse; who is refused is told why, in words of one's own or a sample's."""
    form = visit.form
    reason = form.text("reason") or words_desk_people.REFUSALS.get(form.text("sample"), "")
    doing = visit.call(
        "decideMembership",
        once=form.key,
        id=form.text("id"),
        decision=form.text("decision"),
        **({"reason": reason} if reason else {}),
    )
    return await visit.do(doing, "reason", again=memberships, then=_back(visit))


async def tie(visit: Visit) -> Response:
    """This entry of the register is she."""
    form = visit.form
    doing = visit.call("linkRegister", id=form.text("id"), register_id=form.text("register_id"))
    return await visit.do(doing, "register_id", again=memberships, then=_back(visit))


async def batch(visit: Visit) -> Response:
    """Approve each of the ticked requests by itself; what became of each is told."""
    form = visit.form
    ids = many.ticked(form)
    if not 1 <= len(ids) <= many.MOST:
        visit.form = visit.refused(NobodyTicked())
        return await memberships(visit)

    async def one(membership_id: str) -> Result:
        name = form.text(f"name-{membership_id}") or visit.say(N_("申请人"))
        return name, await _approve(visit, membership_id)

    return await _queue(visit, await many.each(ids, one))


async def _approve(visit: Visit, membership_id: str) -> str:
    """What was wrong with it. Its key is its own, and the same when the button is pressed again."""
    once = many.own_key(visit.form, membership_id)
    try:
        await visit.call("decideMembership", once=once, id=membership_id, decision="approve")
    except ShequError as error:
        return visit.told(error)
    return ""


def _back(visit: Visit) -> str:
    return f"/console/memberships?c={visit.form.text('c')}"


PAGES = (
    Page("GET /console/memberships", memberships),
    Page("POST /console/memberships", decide),
    Page("POST /console/memberships/tie", tie),
    Page("POST /console/memberships/batch", batch),
)
