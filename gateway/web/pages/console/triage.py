"""A problem on the desk: what it is, what was tried, who answers for it."""

import asyncio
from collections.abc import Mapping
from typing import Any, Final

from starlette.responses import Response

from gateway.web import moments, photos, words
from gateway.web.routing import Page
from gateway.web.visit import Visit
from services.contracts.errors import Forbidden, ShequError

GROUPS: Final[Mapping[str, frozenset[str]]] = {
    "new": frozenset({"reported", "reopened"}),
    "work": frozenset({"triaged", "self_governing", "referred", "in_consultation"}),
    "grid": frozenset({"escalated"}),
    "over": frozenset({"answered", "solved", "closed", "merged"}),
}
"""How the desk sorts what lies on it."""
ACTIONS: Final[Mapping[str, tuple[str, ...]]] = {
    "triage": ("category", "slot", "reason", "standard_code"),
    "answer": ("body", "outcome", photos.FIELD),
    "step": ("step", "note", "with", "due_at", "outcome", photos.FIELD),
    "escalate": ("reason", "urgent"),
}
"""The forms of the triage page and their fields."""


async def triage(visit: Visit) -> Response:
    """A problem on the desk: the advice, its reasons, and what can be done."""
    return await _show(visit)


async def _show(visit: Visit, failed: str = "", attachments: list[str] | None = None) -> Response:
    if not visit.is_staff:
        raise Forbidden()
    issue, catalogue = await asyncio.gather(
        visit.call("getIssue", id=visit.part("id")), visit.inside("listCatalogue")
    )
    no = issue["work_order_no"]
    slots = {slot["slot"]: slot for slot in (catalogue or {}).get("items", [])}
    return await visit.page(
        "console/triage.html",
        status=visit.form.status,
        issue=issue,
        order=await visit.soft("getWorkOrder", no=no) if no else None,
        slots=slots,
        notice=(catalogue or {}).get("notice", ""),
        failed=failed,
        attachments=attachments or [],
        next_step=_next_step(issue),
    )


def _next_step(issue: Mapping[str, Any]) -> frozenset[str]:
    """Which of the forms stand open: what usually comes next. All of them can be used."""
    if issue["status"] == "reported":
        return frozenset({"triage"})
    if issue["status"] not in GROUPS["work"] | {"reopened"}:
        return frozenset()
    if issue["category"] in ("consult", "advise"):
        return frozenset({"answer"})
    tried = any(line["kind"] in words.STEP for line in issue["timeline"])
    return frozenset({"step", "escalate"} if tried and issue["category"] == "8x" else {"step"})


async def confirm(visit: Visit) -> Response:
    """Confirm what kind of problem it is: as advised, or otherwise."""
    form = visit.form
    category, _, slot = form.text("choice").partition("/")
    return await _act(
        visit,
        "triage",
        "triageIssue",
        category=category,
        **({"slot": slot} if slot else {}),
        **form.some("reason"),
    )


async def answer(visit: Visit) -> Response:
    """Answer on the thread."""
    form = visit.form
    return await _act(
        visit, "answer", "answerIssue", body=form.text("body"), outcome=form.text("outcome")
    )


async def step(visit: Visit) -> Response:
    """Record a step of self-governance."""
    form = visit.form
    fields: dict[str, Any] = form.some("outcome", "with")
    if due_at := moments.end_of_day(form.text("due_at")):
        fields["due_at"] = due_at
    return await _act(
        visit,
        "step",
        "recordSelfGovernance",
        step=form.text("step"),
        note=form.text("note"),
        **fields,
    )


async def escalate(visit: Visit) -> Response:
    """Open a work order with the grid platform."""
    form = visit.form
    return await _act(
        visit,
        "escalate",
        "escalateIssue",
        reason=form.text("reason"),
        urgent=form.ticked("urgent"),
    )


async def _act(visit: Visit, name: str, operation: str, **fields: Any) -> Response:
    """Do it; or the page again, with the form that was refused and what was wrong."""
    attachments = visit.form.many(f"{photos.FIELD}[]")
    try:
        if photos.FIELD in ACTIONS[name]:
            attachments = await photos.take(visit)
            if visit.form.text("add_photo"):
                return await _show(visit, name, attachments)
            fields["attachments"] = attachments
        await visit.call(operation, once=visit.form.key, id=visit.part("id"), **fields)
    except ShequError as error:
        visit.form = visit.refused(error, *ACTIONS[name])
        return await _show(visit, name, attachments)
    return visit.go(f"/console/issues/{visit.part('id')}")


PAGES = (
    Page("GET /console/issues/{id}", triage),
    Page("POST /console/issues/{id}/triage", confirm),
    Page("POST /console/issues/{id}/answer", answer),
    Page("POST /console/issues/{id}/step", step),
    Page("POST /console/issues/{id}/escalate", escalate),
)
