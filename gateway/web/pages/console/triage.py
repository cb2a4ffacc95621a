"""A problem on the desk: what it is, what was tried, who answers for it.

::

    /console/issues/{id}            the problem, the advice, the forms of what may be done now
        ├─ …/talk   …/alike         come by themselves: its thread, what reads like it
        └─ …/guides                 the departments' guides for it: ?guide= puts one into the answer
"""

import asyncio
from collections.abc import Mapping
from typing import Any, Final

from starlette.responses import Response

from gateway.web import moments, photos, words, words_desk
from gateway.web.forms import whole
from gateway.web.routing import Page
from gateway.web.visit import Visit
from services.contracts.errors import Forbidden, NotFound, ShequError

ACTIONS: Final[Mapping[str, tuple[str, ...]]] = {
    "triage": ("category", "slot", "reason", "standard_code"),
    "answer": ("body", "outcome", photos.FIELD),
    "step": ("step", "note", "with", "due_at", "outcome", photos.FIELD),
    "escalate": ("reason", "urgent"),
    "refer": ("to", "department", "note", photos.FIELD),
    "recall": ("reason",),
    "merge": ("into", "reason"),
    "unmerge": (),
    "assign": ("person_id", "reason"),
    "minutes": ("minutes", "note"),
    "convene": ("departments", "reason"),
}
"""The forms of the page and their fields."""
GUIDES: Final = 6
THREAD: Final = 20


async def triage(visit: Visit) -> Response:
    """A problem on the desk: the advice, its reasons, and what can be done."""
    return await _show(visit)


async def _show(visit: Visit, failed: str = "", attachments: list[str] | None = None) -> Response:
    if not visit.is_staff:
        raise Forbidden()
    issue, catalogue = await asyncio.gather(
        visit.call("getIssue", id=visit.part("id")), visit.inside("listCatalogue")
    )
    if issue["acts"] is None:  # it is the committee's of another place
        raise NotFound()
    no, guide = issue["work_order_no"], visit.query("guide")
    lies, order, guided, minutes, referral = await asyncio.gather(
        visit.soft("getDesk", cid=issue["community_id"]),
        _maybe(visit, no, "getWorkOrder", no=no),
        _maybe(visit, guide, "getAnswerGuide", id=guide),
        _maybe(visit, issue["minutes"], "listMinutes", id=issue["id"]),
        _maybe(visit, issue["referral_id"], "getReferral", id=issue["referral_id"]),
    )
    slots = {slot["slot"]: slot for slot in (catalogue or {}).get("items", [])}
    return await visit.page(
        "console/triage.html",
        status=visit.form.status,
        cid=issue["community_id"],
        issue=issue,
        order=order,
        lies=lies,
        guide=guided,
        begun=_begun(visit, guided),
        minutes=minutes,
        referral=referral,
        slots=slots,
        departments=sorted({slot["department"] for slot in slots.values()}),
        notice=(catalogue or {}).get("notice", ""),
        failed=failed,
        attachments=attachments or [],
        open_forms=_next_step(issue),
        known=words_desk,
    )


async def _maybe(visit: Visit, wanted: Any, operation: str, **fields: Any) -> Any:
    return await visit.soft(operation, **fields) if wanted else None


def _begun(visit: Visit, guide: Mapping[str, Any] | None) -> str:
    """The answer as far as it is written: what stood in the box, and the guide below it."""
    written = visit.query("body").strip()
    parts = (written, guide["body"] if guide and guide["body"] not in written else "")
    return "\n\n".join(part for part in parts if part)


def _next_step(issue: Mapping[str, Any]) -> frozenset[str]:
    """Which of the forms stand open: what usually comes next. All that may be done are there."""
    acts = frozenset(issue["acts"])
    if issue["status"] == "reported":
        return acts & {"triage"}
    if issue["category"] in ("consult", "advise"):
        return acts & {"answer"}
    tried = any(line["kind"] in words.STEP for line in issue["timeline"])
    return acts & ({"step", "escalate"} if tried and issue["category"] == "8x" else {"step"})


# -- what comes by itself -------------------------------------------------------------------------


async def talk(visit: Visit) -> Response:
    """The problem's thread, as neighbours read it."""
    issue = await _mine(visit)
    comments = await visit.call("listComments", id=issue["post_id"], limit=THREAD)
    return await visit.page(
        "console/talk.html", cid=issue["community_id"], issue=issue, comments=comments
    )


async def alike(visit: Visit) -> Response:
    """What reads like the same problem, to be merged with one tap."""
    issue = await _mine(visit)
    found = await visit.call("findDuplicates", id=issue["id"])
    return await visit.page(
        "console/alike.html", cid=issue["community_id"], issue=issue, found=found["items"]
    )


async def guides(visit: Visit) -> Response:
    """The guides that fit the problem."""
    issue = await _mine(visit)
    lies = await visit.call("getDesk", cid=issue["community_id"])
    found = await visit.call(
        "listAnswerGuides",
        did=lies["district_id"],
        for_issue=issue["id"],
        limit=GUIDES,
        **visit.asked("q"),
    )
    return await visit.page(
        "console/fitting.html",
        cid=issue["community_id"],
        issue=issue,
        found=found["items"],
        known=words_desk,
    )


async def _mine(visit: Visit) -> dict[str, Any]:
    if not visit.is_staff:
        raise Forbidden()
    issue: dict[str, Any] = await visit.call("getIssue", id=visit.part("id"))
    if issue["acts"] is None:
        raise NotFound()
    return issue


# -- what is done ---------------------------------------------------------------------------------


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
        visit,
        "answer",
        "answerIssue",
        body=form.text("body"),
        outcome=form.text("outcome"),
        **form.some("guide_id"),
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


async def refer(visit: Visit) -> Response:
    """To the property firm, the owners' committee or a department."""
    form = visit.form
    to = form.text("to")
    named = form.some("department") if to == "department" else {}
    return await _act(visit, "refer", "referIssue", to=to, note=form.text("note"), **named)


async def recall(visit: Visit) -> Response:
    """Take the referral back."""
    form = visit.form
    return await _act(
        visit,
        "recall",
        "withdrawReferral",
        of=form.text("referral_id"),
        reason=form.text("reason"),
    )


async def merge(visit: Visit) -> Response:
    """Ask that it goes into another one."""
    form = visit.form
    return await _act(visit, "merge", "mergeIssue", into=form.text("into"), **form.some("reason"))


async def unmerge(visit: Visit) -> Response:
    """Take the merge back, or the question."""
    return await _act(visit, "unmerge", "undoMerge")


async def assign(visit: Visit) -> Response:
    """Somebody takes it on; nobody in particular when no name is chosen."""
    form = visit.form
    if not form.text("person_id"):
        return await _act(visit, "assign", "unassignIssue")
    return await _act(
        visit, "assign", "assignIssue", person_id=form.text("person_id"), **form.some("reason")
    )


async def minutes(visit: Visit) -> Response:
    """Time spent on it."""
    form = visit.form
    spent = whole(form.text("minutes"))
    return await _act(visit, "minutes", "logMinutes", minutes=spent, note=form.text("note"))


async def convene(visit: Visit) -> Response:
    """Invite departments to a joint consultation."""
    form = visit.form
    others = form.text("others").replace("，", "、").replace(",", "、").split("、")
    names = dict.fromkeys([*form.many("departments[]"), *(one.strip() for one in others)])
    return await _act(
        visit,
        "convene",
        "openJointConsultation",
        departments=[name for name in names if name],
        **form.some("reason"),
    )


async def _act(
    visit: Visit, name: str, operation: str, *, of: str | None = None, **fields: Any
) -> Response:
    """Do it; or the page again, with the form that was refused and what was wrong."""
    issue_id = visit.part("id")
    attachments = visit.form.many(f"{photos.FIELD}[]")
    try:
        if photos.FIELD in ACTIONS[name]:
            attachments = await photos.take(visit)
            if visit.form.text("add_photo"):
                return await _show(visit, name, attachments)
            fields["attachments"] = attachments
        await visit.call(operation, once=visit.form.key, id=of or issue_id, **fields)
    except ShequError as error:
        visit.form = visit.refused(error, *ACTIONS[name])
        return await _show(visit, name, attachments)
    return visit.go(f"/console/issues/{issue_id}")


_ONE: Final = "/console/issues/{id}"
PAGES = (
    Page(f"GET {_ONE}", triage),
    Page(f"GET {_ONE}/talk", talk),
    Page(f"GET {_ONE}/alike", alike),
    Page(f"GET {_ONE}/guides", guides),
    Page(f"POST {_ONE}/triage", confirm),
    Page(f"POST {_ONE}/answer", answer),
    Page(f"POST {_ONE}/step", step),
    Page(f"POST {_ONE}/escalate", escalate),
    Page(f"POST {_ONE}/refer", refer),
    Page(f"POST {_ONE}/recall", recall),
    Page(f"POST {_ONE}/merge", merge),
    Page(f"POST {_ONE}/unmerge", unmerge),
    Page(f"POST {_ONE}/assign", assign),
    Page(f"POST {_ONE}/minutes", minutes),
    Page(f"POST {_ONE}/convene", convene),
)
