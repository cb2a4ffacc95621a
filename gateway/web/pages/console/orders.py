"""Work orders: where they stand at the platform, what has left for it, and what nobody could read.

::

    ours ── outbox ──▶ broker ──▶ grid platform          the page says how far each message is:
            waiting    sent       answers with updates   not sent yet, not answered yet, at work
"""

from typing import Any, Final

from starlette.responses import Response

from gateway.web import navs, photos, words_desk
from gateway.web.desk import desk
from gateway.web.routing import Page
from gateway.web.texts import N_
from gateway.web.visit import Visit
from services.contracts.actor import Role
from services.contracts.errors import Forbidden, ShequError

LETTERS: Final = navs.Section("/console/letters", N_("没人能处理的消息"), "letters")
ACTIONS: Final = {
    "urge": ("urgeWorkOrder", ("reason",)),
    "withdrawal": ("withdrawWorkOrder", ("reason",)),
    "amendment": ("amendWorkOrder", ("note", photos.FIELD)),
}
"""What the committee may do with an order: the operation and its fields."""


async def orders(visit: Visit) -> Response:
    """The orders of the communities in reach, newest first."""
    desks, cid = await desk(visit)
    asked = visit.asked("state", "cursor")
    late: dict[str, Any] = {"overdue": True} if visit.query("late") else {}
    page = await visit.call("listWorkOrders", limit=30, **asked, **late)
    return await visit.page(
        "console/orders.html",
        desks=desks,
        cid=cid,
        page=page,
        items=[one for one in page["items"] if one["community_id"] == cid],
        state=asked.get("state", ""),
        late=bool(late),
        replays=_replays(visit),
        known=words_desk,
    )


def _replays(visit: Visit) -> bool:
    """Whether the visitor looks after messages, too."""
    return bool(visit.actor and Role.DISTRICT_ADMIN in visit.actor.roles)


async def find(visit: Visit) -> Response:
    """Where news of an order leads: to the desk, or to the problem that it is of."""
    found = await visit.call("getWorkOrder", no=visit.part("no"))
    if visit.is_staff:
        return visit.go(f"/console/orders/{found['no']}")
    return visit.go(f"/issues/{found['issue_id']}")


async def order(visit: Visit) -> Response:
    """One order: its way at the platform, and what we said."""
    return await _show(visit)


async def _show(visit: Visit, failed: str = "", attachments: list[str] | None = None) -> Response:
    if not visit.is_staff:
        raise Forbidden()
    shown = await visit.call("getWorkOrder", no=visit.part("no"))
    return await visit.page(
        "console/order.html",
        status=visit.form.status,
        cid=shown["community_id"],
        order=shown,
        failed=failed,
        attachments=attachments or [],
        replays=_replays(visit),
        known=words_desk,
    )


async def act(visit: Visit) -> Response:
    """Urge it, take it back, or tell what was learned."""
    form, name = visit.form, visit.part("act")
    if name not in ACTIONS:
        raise Forbidden()
    operation, fields = ACTIONS[name]
    attachments = form.many(f"{photos.FIELD}[]")
    said: dict[str, Any] = {field: form.text(field) for field in fields if field != photos.FIELD}
    try:
        if photos.FIELD in fields:
            attachments = await photos.take(visit)
            if form.text("add_photo"):
                return await _show(visit, name, attachments)
            said["attachments"] = attachments
        await visit.call(operation, once=form.key, no=visit.part("no"), **said)
    except ShequError as error:
        visit.form = visit.refused(error, *fields)
        return await _show(visit, name, attachments)
    return visit.go(f"/console/orders/{visit.part('no')}")


async def letters(visit: Visit) -> Response:
    """Messages that nobody could handle, queue by queue; for those who may replay them."""
    if not _replays(visit):
        raise Forbidden()
    found = await visit.call("listDeadLetters")
    return await visit.page(
        "console/letters.html",
        status=visit.form.status,
        found=found,
        nav=navs.alone(visit.path, LETTERS),
        known=words_desk,
    )


async def replay(visit: Visit) -> Response:
    """Put one back onto its queue."""
    doing = visit.call("replayDeadLetter", once=visit.form.key, id=visit.form.text("id"))
    return await visit.do(doing, again=letters, then="/console/letters")


PAGES = (
    Page("GET /work-orders/{no}", find),
    Page("GET /console/orders", orders),
    Page("GET /console/orders/{no}", order),
    Page("POST /console/orders/{no}/{act}", act),
    Page("GET /console/letters", letters),
    Page("POST /console/letters", replay),
)
