"""Public-good micro-projects (公益项目): from an application to the account, and one's own hours.

::

    post ─▶ apply ─▶ project: timeline, what comes next, volunteers
                        ├▶ hours: logged, confirmed by somebody else
                        └▶ account: every line with its receipts, a wrong one cancelled, never gone
    all of my hours ─▶ a page to print
"""

import asyncio
from functools import partial
from typing import Any, Final

from starlette.responses import Response

from gateway.web import photos, words_neighbours
from gateway.web.pages.neighbours import number
from gateway.web.routing import Page
from gateway.web.visit import Visit
from services.contracts.errors import Forbidden, NotFound, ShequError

APPLICATION: Final = ("wanted", "budget", "place", "until")
STEP: Final = ("note", photos.FIELD, "no_money")
HOURS: Final = ("hours", "on_date", "note")
MONEY: Final = ("kind", "amount", "subject", "on_date", "note", photos.FIELD)


async def projects(visit: Visit) -> Response:
    """The projects of a community, those that moved last first."""
    cid, state = visit.part("cid"), visit.asked("state")
    page = await visit.call("listProjects", cid=cid, **state, **visit.asked("cursor"))
    return await visit.page(
        "neighbours/projects.html",
        cid=cid,
        page=page,
        state=state.get("state", ""),
        known=words_neighbours,
    )


async def project(visit: Visit) -> Response:
    """One project: where it stands, what it did, who takes part."""
    return await _show(visit)


async def _show(visit: Visit, failed: str = "", attachments: list[str] | None = None) -> Response:
    post_id = visit.part("id")
    shown, people = await asyncio.gather(
        visit.call("getProject", id=post_id), visit.call("listVolunteers", id=post_id, limit=50)
    )
    return await visit.page(
        "neighbours/project.html",
        status=visit.form.status,
        project=shown,
        acts={one["action"]: one for one in shown["actions"]},
        people=people,
        failed=failed,
        attachments=attachments or [],
        known=words_neighbours,
    )


async def step(visit: Visit) -> Response:
    """Move it on."""
    form, post_id, taken = visit.form, visit.part("id"), visit.form.text("step")
    attachments = form.many(f"{photos.FIELD}[]")
    try:
        attachments = await photos.take(visit)
        if form.text("add_photo"):
            return await _show(visit, taken, attachments)
        await visit.call(
            "recordProjectStep",
            once=form.key,
            id=post_id,
            step=taken,
            note=form.text("note"),
            attachments=attachments,
            no_money=form.ticked("no_money"),
        )
    except ShequError as error:
        visit.form = visit.refused(error, *STEP)
        return await _show(visit, taken, attachments)
    return visit.go(f"/posts/{post_id}/project")


async def volunteer(visit: Visit) -> Response:
    """Take part, or no more."""
    post_id = visit.part("id")
    leaving = visit.form.text("act") == "leave"
    doing = visit.call("leaveProject" if leaving else "joinProject", id=post_id)
    return await visit.do(doing, again=_show, then=f"/posts/{post_id}/project")


# -- the application -------------------------------------------------------------------------------


async def application(visit: Visit) -> Response:
    """Apply with a post of mine, or again."""
    return await _application(visit)


async def _application(visit: Visit) -> Response:
    post_id, form = visit.part("id"), visit.form
    shown, was = await asyncio.gather(visit.call("getPost", id=post_id), _project(visit, post_id))
    if not shown["mine"]:
        raise Forbidden()
    may = [one["action"] for one in was["actions"] if one["may"]] if was else ["apply"]
    if "apply" not in may and not form.values:  # what was sent is shown again, with the why
        return visit.go(f"/posts/{post_id}/project")
    return await visit.page(
        "neighbours/application.html", status=visit.form.status, post=shown, was=was
    )


async def _project(visit: Visit, post_id: str) -> dict[str, Any] | None:
    try:
        found: dict[str, Any] = await visit.call("getProject", id=post_id)
    except NotFound:
        return None
    return found


async def apply(visit: Visit) -> Response:
    """Send it to the committee."""
    form, post_id = visit.form, visit.part("id")
    doing = visit.call(
        "applyProject",
        id=post_id,
        wanted=number(form.text("wanted")) if form.text("wanted") != "0" else 0,
        place=form.text("place"),
        **form.some("budget", "until"),
    )
    return await visit.do(doing, *APPLICATION, again=_application, then=f"/posts/{post_id}/project")


# -- hours -----------------------------------------------------------------------------------------


async def hours(visit: Visit) -> Response:
    """The hours that were given, and those that wait to be confirmed."""
    post_id = visit.part("id")
    shown, page = await asyncio.gather(
        visit.call("getProject", id=post_id),
        visit.call("listHours", id=post_id, limit=50, **visit.asked("cursor")),
    )
    return await visit.page(
        "neighbours/hours.html",
        status=visit.form.status,
        project=shown,
        acts={one["action"]: one for one in shown["actions"]},
        page=page,
        today=(await visit.today()).isoformat(),
        known=words_neighbours,
    )


async def log(visit: Visit) -> Response:
    """Log hours that I gave."""
    form, post_id = visit.form, visit.part("id")
    said = {name: form.text(name) for name in HOURS}
    doing = visit.call("logHours", once=form.key, id=post_id, **said)
    return await visit.do(doing, *HOURS, again=hours, then=f"/posts/{post_id}/project/hours")


async def judge_hours(visit: Visit) -> Response:
    """Confirm somebody's hours, or take my own back."""
    post_id = visit.part("id")
    act = {"confirm": "confirmHours", "withdraw": "withdrawHours"}.get(visit.form.text("act"))
    if act is None:
        raise NotFound()
    doing = visit.call(act, once=visit.form.key, id=visit.form.text("entry"))
    return await visit.do(doing, again=hours, then=f"/posts/{post_id}/project/hours")


async def my_hours(visit: Visit) -> Response:
    """All that I gave, as a page to print."""
    me, page = await asyncio.gather(
        visit.call("getMe"), visit.call("listMyHours", limit=100, **visit.asked("cursor"))
    )
    return await visit.page("neighbours/my_hours.html", me=me, page=page, known=words_neighbours)


# -- the account -----------------------------------------------------------------------------------


async def money(visit: Visit) -> Response:
    """What came in, what was spent, with the receipts."""
    return await _money(visit)


async def _money(visit: Visit, failed: str = "", attachments: list[str] | None = None) -> Response:
    post_id = visit.part("id")
    shown, page = await asyncio.gather(
        visit.call("getProject", id=post_id),
        visit.call("listMoney", id=post_id, limit=50, **visit.asked("cursor")),
    )
    return await visit.page(
        "neighbours/money.html",
        status=visit.form.status,
        project=shown,
        acts={one["action"]: one for one in shown["actions"]},
        page=page,
        failed=failed,
        attachments=attachments or [],
        known=words_neighbours,
    )


async def add_money(visit: Visit) -> Response:
    """Enter a line."""
    form, post_id = visit.form, visit.part("id")
    attachments = form.many(f"{photos.FIELD}[]")
    try:
        attachments = await photos.take(visit)
        if form.text("add_photo"):
            return await _money(visit, "new", attachments)
        said = {name: form.text(name) for name in MONEY if name != photos.FIELD}
        await visit.call("addMoney", once=form.key, id=post_id, attachments=attachments, **said)
    except ShequError as error:
        visit.form = visit.refused(error, *MONEY)
        return await _money(visit, "new", attachments)
    return visit.go(f"/posts/{post_id}/project/money")


async def cancel_money(visit: Visit) -> Response:
    """Cancel a wrong line by one of the opposite amount."""
    form, post_id = visit.form, visit.part("id")
    line = form.text("line")
    doing = visit.call("cancelMoney", once=form.key, id=line, reason=form.text("reason"))
    again = partial(_money, failed=line)
    return await visit.do(doing, "reason", again=again, then=f"/posts/{post_id}/project/money")


PAGES = (
    Page("GET /c/{cid}/projects", projects),
    Page("GET /posts/{id}/project", project),
    Page("POST /posts/{id}/project/steps", step),
    Page("POST /posts/{id}/project/volunteers", volunteer),
    Page("GET /posts/{id}/project/application", application),
    Page("POST /posts/{id}/project/application", apply),
    Page("GET /posts/{id}/project/hours", hours),
    Page("POST /posts/{id}/project/hours", log),
    Page("POST /posts/{id}/project/hours/entries", judge_hours),
    Page("GET /posts/{id}/project/money", money),
    Page("POST /posts/{id}/project/money", add_money),
    Page("POST /posts/{id}/project/money/cancellation", cancel_money),
    Page("GET /me/hours", my_hours),
)
