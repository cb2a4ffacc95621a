"""One community, one plan (一小区一方案): written, opened for comments, carried out, accounted for.

::

    draft ──▶ open for comments ──▶ adopted ──▶ in progress ──▶ finished
      ▲ write        │ answer comments            │ progress of each item, photos, money
      └──────────────┘ back, with the reason      └─▶ DOCX, PDF
"""

import asyncio
from collections.abc import Mapping
from functools import partial
from typing import Any, Final

from starlette.responses import Response

from gateway.web import moments, photos, plan_form, words_desk
from gateway.web.desk import desk
from gateway.web.forms import whole
from gateway.web.routing import Page
from gateway.web.visit import Visit
from services.contracts.errors import Forbidden, NotFound, ShequError

PLAN_FIELDS: Final = ("title", "summary", "items", "version")
COMMENTS: Final = 30


async def plans(visit: Visit) -> Response:
    """The plans of the community, the newest first."""
    desks, cid = await desk(visit)
    asked = visit.asked("state", "cursor")
    page = await visit.call("listPlans", cid=cid, **asked)
    return await visit.page(
        "console/plans.html",
        desks=desks,
        cid=cid,
        page=page,
        state=asked.get("state", ""),
        known=words_desk,
    )


async def new_plan(visit: Visit) -> Response:
    """An empty draft."""
    _, cid = await desk(visit)
    return await _write(visit, cid, None)


async def edit_plan(visit: Visit) -> Response:
    """A draft as it is written."""
    if not visit.is_staff:
        raise Forbidden()
    plan = await visit.call("getPlan", id=visit.part("id"))
    if not plan["may_write"]:
        raise NotFound()
    return await _write(visit, plan["cid"], plan)


async def _write(visit: Visit, cid: str, plan: Mapping[str, Any] | None) -> Response:
    hot = await visit.soft("communityHotTopics", cid=cid)
    rows = plan_form.rows(visit.form, plan["content"] if plan else [])
    return await visit.page(
        "console/plan_edit.html",
        status=visit.form.status,
        cid=cid,
        plan=plan,
        rows=rows,
        most=plan_form.MOST,
        topics=(hot or {}).get("items", []),
        known=words_desk,
    )


async def create(visit: Visit) -> Response:
    """Keep the draft."""
    _, cid = await desk(visit)
    if visit.form.text("more"):
        return await _write(visit, cid, None)
    try:
        made = await visit.call(
            "createPlan", once=visit.form.key, cid=cid, **plan_form.written(visit.form)
        )
    except ShequError as error:
        visit.form = visit.refused(error, *PLAN_FIELDS)
        return await _write(visit, cid, None)
    return visit.go(f"/console/plans/{made['id']}")


async def update(visit: Visit) -> Response:
    """The draft's next version."""
    if visit.form.text("more"):
        return await edit_plan(visit)
    plan = await visit.call("getPlan", id=visit.part("id"))
    doing = visit.call(
        "updatePlan",
        id=visit.part("id"),
        version=whole(visit.form.text("version")),
        **plan_form.written(visit.form, plan["content"]),
    )
    return await visit.do(
        doing, *PLAN_FIELDS, again=edit_plan, then=f"/console/plans/{visit.part('id')}"
    )


async def plan(visit: Visit) -> Response:
    """A plan with how far each item is, and what residents say of it."""
    return await _show(visit)


async def _show(visit: Visit, failed: str = "", attachments: list[str] | None = None) -> Response:
    if not visit.is_staff:
        raise Forbidden()
    shown, comments = await asyncio.gather(
        visit.call("getPlan", id=visit.part("id")),
        visit.soft(
            "listPlanComments", id=visit.part("id"), limit=COMMENTS, **visit.asked("cursor")
        ),
    )
    if not shown["may_write"]:
        raise NotFound()
    return await visit.page(
        "console/plan.html",
        status=visit.form.status,
        cid=shown["cid"],
        plan=shown,
        comments=comments,
        titles={one["key"]: one["title"] for one in shown["content"]},
        plan_form=plan_form,
        failed=failed,
        attachments=attachments or [],
        known=words_desk,
    )


async def step(visit: Visit) -> Response:
    """Lead the plan on, or back with the reason."""
    form = visit.form
    fields: dict[str, Any] = form.some("reason")
    if form.text("to") == "open":
        fields["closes_at"] = moments.end_of_day(form.text("closes_at"))
    return await _do(
        visit,
        f"step-{form.text('to')}",
        "stepPlan",
        ("reason", "closes_at", "items", "to"),
        id=visit.part("id"),
        to=form.text("to"),
        version=whole(form.text("version")),
        **fields,
    )


async def progress(visit: Visit) -> Response:
    """How far an item is."""
    form, item = visit.form, visit.form.text("item")
    fields: dict[str, Any] = form.some("state")
    if form.text("spent"):
        fields["spent_fen"] = plan_form.fen(form.text("spent"))
    try:
        fields["attachments"] = await photos.take(visit)
    except ShequError as error:
        visit.form = visit.refused(error, photos.FIELD)
        return await _show(visit, f"item-{item}", form.many(f"{photos.FIELD}[]"))
    if form.text("add_photo"):
        return await _show(visit, f"item-{item}", fields["attachments"])
    return await _do(
        visit,
        f"item-{item}",
        "recordPlanProgress",
        ("note", "state", "spent_fen", photos.FIELD),
        id=visit.part("id"),
        item=item,
        note=form.text("note"),
        **fields,
    )


async def answer(visit: Visit) -> Response:
    """Answer a comment."""
    one = visit.form.text("comment")
    return await _do(
        visit, f"c-{one}", "answerPlanComment", ("body",), id=one, body=visit.form.text("body")
    )


async def decide(visit: Visit) -> Response:
    """Show a comment that waits, or hide one."""
    form = visit.form
    one = form.text("comment")
    return await _do(
        visit,
        f"c-{one}",
        "decidePlanComment",
        ("reason",),
        id=one,
        decision=form.text("decision"),
        reason=form.text("reason"),
    )


async def _do(
    visit: Visit, beside: str, operation: str, names: tuple[str, ...], **fields: Any
) -> Response:
    doing = visit.call(operation, once=visit.form.key, **fields)
    return await visit.do(
        doing,
        *names,
        again=partial(_show, failed=beside, attachments=fields.get(photos.FIELD)),
        then=f"/console/plans/{visit.part('id')}#{beside}",
    )


async def differences(visit: Visit) -> Response:
    """What became of the plan between two of its versions."""
    if not visit.is_staff:
        raise Forbidden()
    shown = await visit.call("getPlan", id=visit.part("id"))
    newer = whole(visit.query("newer")) or shown["version"]
    older = whole(visit.query("older")) or max(1, newer - 1)
    found = await visit.call("comparePlanVersions", id=shown["id"], older=older, newer=newer)
    return await visit.page("console/plan_diff.html", cid=shown["cid"], plan=shown, found=found)


_ONE: Final = "/console/plans/{id}"
PAGES = (
    Page("GET /console/plans", plans),
    Page("GET /console/plans/new", new_plan),
    Page("POST /console/plans/new", create),
    Page(f"GET {_ONE}", plan),
    Page(f"GET {_ONE}/edit", edit_plan),
    Page(f"POST {_ONE}/edit", update),
    Page(f"GET {_ONE}/differences", differences),
    Page(f"POST {_ONE}/step", step),
    Page(f"POST {_ONE}/progress", progress),
    Page(f"POST {_ONE}/answer", answer),
    Page(f"POST {_ONE}/decision", decide),
)
