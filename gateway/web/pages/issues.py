"""Problems: reporting one, following it, judging how it went."""

import asyncio
from collections.abc import Mapping
from typing import Any, Final

from starlette.responses import Response

from gateway.web import photos
from gateway.web.routing import Page
from gateway.web.visit import Visit
from services.contracts.actor import COMMITTEE
from services.contracts.errors import NotFound, ShequError

REPORT_FIELDS: Final = ("title", "body", "location", photos.FIELD, "hide_name")
RATING_FIELDS: Final = ("score", "solved", "comment")
MAY_JUDGE: Final = frozenset({"answered", "solved", "closed"})
"""Where the contract lets the reporter rate and reopen; the service has the last word."""


async def report(visit: Visit) -> Response:
    """An empty report."""
    return await _form(visit, [])


async def send_report(visit: Visit) -> Response:
    """Report the problem."""
    form = visit.form
    attachments = form.many(f"{photos.FIELD}[]")
    try:
        attachments = await photos.take(visit)
        if form.text("add_photo"):
            return await _form(visit, attachments)
        made = await visit.call(
            "reportIssue",
            once=form.key,
            cid=visit.part("cid"),
            title=form.text("title"),
            body=form.text("body") or form.text("title"),
            attachments=attachments,
            hide_name=form.ticked("hide_name"),
            **form.some("location"),
        )
    except ShequError as error:
        visit.form = visit.refused(error, *REPORT_FIELDS)
        return await _form(visit, attachments)
    return visit.go(f"/issues/{made['id']}?new=1")


async def _form(visit: Visit, attachments: list[str]) -> Response:
    return await visit.page(
        "report.html", status=visit.form.status, cid=visit.part("cid"), attachments=attachments
    )


async def issue(visit: Visit) -> Response:
    """Where a problem stands: the promise, every step, and one's own judgement."""
    shown = await visit.call("getIssue", id=visit.part("id"))
    return await _show(visit, shown)


async def _show(visit: Visit, shown: Mapping[str, Any]) -> Response:
    order, thread_of = await asyncio.gather(
        _order(visit, shown["work_order_no"]), _talk(visit, shown["post_id"])
    )
    return await visit.page(
        "issue.html",
        status=visit.form.status,
        issue=shown,
        order=order,
        talk=thread_of,
        may_judge=shown["mine"] and shown["status"] in MAY_JUDGE,
        staff_here=bool(visit.person.roles & COMMITTEE) and shown["suggestion"] is not None,
        just_reported=visit.query("new") == "1",
    )


async def _order(visit: Visit, no: str | None) -> Any:
    """The work order, when there is one and the visitor may see it."""
    if not no:
        return None
    try:
        return await visit.soft("getWorkOrder", no=no)
    except ShequError:
        return None


async def _talk(visit: Visit, post_id: str) -> int | None:
    """How many neighbours spoke on the thread; None when that is not known (yet)."""
    try:
        answer = await visit.soft("listComments", id=post_id, limit=100)
    except NotFound:
        return None  # feed hears of a new problem a moment after it was reported
    return None if answer is None else sum(1 for c in answer["items"] if not c["step"])


async def rate(visit: Visit) -> Response:
    """One to five, and whether it is solved."""
    form, issue_id = visit.form, visit.part("id")
    score = form.text("score")
    try:
        await visit.call(
            "rateIssue",
            once=form.key,
            id=issue_id,
            score=int(score) if score.isdigit() else score,
            solved=form.text("solved") != "no",
            comment=form.text("comment"),
        )
    except ShequError as error:
        visit.form = visit.refused(error, *RATING_FIELDS)
        return await issue(visit)
    return visit.go(f"/issues/{issue_id}#judgement")


async def reopen(visit: Visit) -> Response:
    """Not satisfied: once more, please."""
    form, issue_id = visit.form, visit.part("id")
    try:
        await visit.call("reopenIssue", once=form.key, id=issue_id, reason=form.text("reason"))
    except ShequError as error:
        visit.form = visit.refused(error, "reason")
        return await issue(visit)
    return visit.go(f"/issues/{issue_id}")


async def thread(visit: Visit) -> Response:
    """From the problem to the talk about it; feed may hear of a new one a moment later."""
    shown = await visit.call("getIssue", id=visit.part("id"))
    try:
        await visit.call("getPost", id=shown["post_id"])
    except NotFound:
        return visit.go(f"/issues/{shown['id']}?new=1")
    return visit.go(f"/posts/{shown['post_id']}")


async def all_issues(visit: Visit) -> Response:
    """The problems of a community, newest first."""
    cid = visit.part("cid")
    asked = {name: visit.query(name) for name in ("status", "cursor") if visit.query(name)}
    page = await visit.call("listIssues", cid=cid, **asked)
    return await visit.page("issues.html", cid=cid, page=page, asked=asked)


PAGES = (
    Page("GET /c/{cid}/report", report),
    Page("POST /c/{cid}/report", send_report),
    Page("GET /c/{cid}/issues", all_issues),
    Page("GET /issues/{id}", issue),
    Page("GET /issues/{id}/thread", thread),
    Page("POST /issues/{id}/rating", rate),
    Page("POST /issues/{id}/reopen", reopen),
)
