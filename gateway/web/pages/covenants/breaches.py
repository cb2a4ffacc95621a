"""Where a covenant is not kept: reported, talked about, ended with a word of what came of it."""

from typing import Any, Final

from starlette.responses import Response

from gateway.web import words_polls
from gateway.web.routing import Page
from gateway.web.visit import Visit
from services.contracts.errors import NotFound, ObserverReadOnly, ShequError

REPORT_FIELDS: Final = ("article", "body", "place", "building", "hide_me")


async def breach_form(visit: Visit) -> Response:
    """An empty report; ``article`` in the address is chosen already."""
    return await _form(visit)


async def _form(visit: Visit) -> Response:
    if visit.person.is_observer:
        raise ObserverReadOnly()
    shown = await visit.call("getCovenant", id=visit.part("id"))
    return await visit.page(
        "covenants/report.html",
        status=visit.form.status,
        covenant=shown,
        article=visit.form.text("article") or visit.query("article"),
    )


async def report_breach(visit: Visit) -> Response:
    """Report it."""
    form = visit.form
    try:
        made = await visit.call(
            "reportBreach",
            once=form.key,
            id=visit.part("id"),
            body=form.text("body"),
            hide_me=form.ticked("hide_me"),
            **form.some("article", "place", "building"),
        )
    except ShequError as error:
        visit.form = visit.refused(error, *REPORT_FIELDS)
        return await _form(visit)
    return visit.go(f"/breaches/{made['id']}?new=1")


async def breaches(visit: Visit) -> Response:
    """Those that I have a part in: reported, or brought into; the desk sees its own."""
    cid = visit.part("cid")
    asked = visit.asked("state", "cursor")
    if asked.get("state", "open") not in words_polls.BREACH:
        raise NotFound()
    page = await visit.call("listBreaches", cid=cid, **asked)
    state = asked.get("state", "")
    return await visit.page(
        "covenants/breaches.html",
        cid=cid,
        page=page,
        state=state,
        asked={"state": state} if state else {},
        known=words_polls,
    )


async def breach(visit: Visit) -> Response:
    """The conversation, for those who have a part in it."""
    return await _page(visit)


async def _page(visit: Visit) -> Response:
    shown = await visit.call("getBreach", id=visit.part("id"))
    covenant = await covenant_of(visit, shown["covenant_id"], shown["version"])
    keyed = {one["key"]: one for one in (covenant or {"articles": []})["articles"]}
    return await visit.page(
        "covenants/breach.html",
        status=visit.form.status,
        breach=shown,
        article=keyed.get(shown["article"] or ""),
        new=visit.query("new") == "1",
        known=words_polls,
    )


async def covenant_of(visit: Visit, covenant_id: str, version: int) -> Any:
    """The covenant as it was when the breach was reported; None when it cannot be had."""
    try:
        return await visit.soft("getCovenant", id=covenant_id, version=version)
    except NotFound:
        return None


async def reply_to_breach(visit: Visit) -> Response:
    """Say something; ``talk`` is the desk's: what came of talking with them."""
    form, breach_id = visit.form, visit.part("id")
    doing = visit.call(
        "replyToBreach",
        once=form.key,
        id=breach_id,
        body=form.text("body"),
        **form.some("talk"),
    )
    return await visit.do(doing, "body", "talk", again=_page, then=f"/breaches/{breach_id}#talk")


async def settle_breach(visit: Visit) -> Response:
    """The reporter says that it is settled, or takes it back."""
    form, breach_id = visit.form, visit.part("id")
    doing = visit.call(
        "settleBreach",
        once=form.key,
        id=breach_id,
        state=form.text("state"),
        reason=form.text("reason"),
    )
    return await visit.do(doing, "state", "reason", again=_page, then=f"/breaches/{breach_id}")


PAGES = (
    Page("GET /covenants/{id}/breach", breach_form),
    Page("POST /covenants/{id}/breach", report_breach),
    Page("GET /c/{cid}/breaches", breaches),
    Page("GET /breaches/{id}", breach),
    Page("POST /breaches/{id}/notes", reply_to_breach),
    Page("POST /breaches/{id}/outcome", settle_breach),
)
