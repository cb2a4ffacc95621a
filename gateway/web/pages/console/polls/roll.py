"""The roll behind the desk: drawn, on display, corrected with a reason, found, counted by building.

A page that is being drawn asks again by itself; without a script a link does. Whose written
authority is recorded is named by the code that the holder shows on her phone: a desk has no list of
neighbours to choose from.
"""

import asyncio
from functools import partial
from typing import Any, Final
from urllib.parse import parse_qs, urlsplit

from starlette.responses import Response

from gateway.web import photos, words_desk_polls
from gateway.web.pages.console.polls.reaching import HERE, require_reader, rows
from gateway.web.routing import Page
from gateway.web.visit import Visit
from services.contracts.errors import ShequError

SOUGHT: Final = ("building", "place", "name", "code")
FOUND: Final = 10
"""Each of those that are found has its forms, with all objections to choose from."""
PROXY_FIELDS: Final = ("holder_id", "choice", "subject_id", "photo_id", photos.FIELD)


async def roll(visit: Visit) -> Response:
    """The roll with what is asked of it; whoever looks somebody up is written down."""
    return await _show(visit)


async def _show(visit: Visit, failed: str = "", attachments: list[str] | None = None) -> Response:
    require_reader(visit)
    poll_id = visit.part("id")
    shown = await visit.call("getPoll", id=poll_id)
    steps = {one["do"]: one for one in shown["steps"]}
    at_desk = "correct_roll" in steps and _hers(steps["correct_roll"])
    told, turnout, objections, proxies = await asyncio.gather(
        visit.call("listRoll", id=poll_id),
        visit.soft("getRollTurnout", id=poll_id) if at_desk and shown["opened_at"] else _none(),
        visit.soft("listObjections", id=shown["topic_id"], limit=50),
        visit.soft("listProxies", id=poll_id) if at_desk else _none(),
    )
    sought = {name: visit.form.text(name) or visit.query(name) for name in SOUGHT}
    found = await _found(visit, poll_id, sought) if at_desk else None
    return await visit.page(
        "console/polls/roll.html",
        status=visit.form.status,
        cid=shown["community_id"],
        poll=shown,
        steps=steps,
        at_desk=at_desk,
        roll=told,
        turnout=(turnout or {}).get("buildings", []),
        objections=[
            one
            for one in (objections or {"items": []})["items"]
            if one["kind"] == "roll" and not one["withdrawn_at"]
        ],
        proxies=(proxies or {}).get("written", []),
        sought=sought,
        found=found,
        failed=failed,
        attachments=attachments or [],
        known=words_desk_polls,
        **rows(visit),
    )


async def _none() -> None:
    return None


def _hers(step: dict[str, Any]) -> bool:
    return (step["why_not"] or {}).get("code") != "votes.not_your_step"


async def _found(visit: Visit, poll_id: str, sought: dict[str, str]) -> Any:
    """Who is found; None when nobody was asked for, or nobody can be looked up now."""
    asked = {name: text for name, text in sought.items() if text}
    if not asked:
        return None
    try:
        return await visit.call(
            "findOnRoll", id=poll_id, limit=FOUND, **asked, **visit.asked("cursor")
        )
    except ShequError as error:
        if not visit.form.errors and not visit.form.problem:
            visit.form = visit.refused(error, *SOUGHT)
        return None


async def add(visit: Visit) -> Response:
    """Somebody was left out."""
    form = visit.form
    said = {"ref": form.text("ref"), "reason": form.text("reason"), **form.some("objection_id")}
    return await _do(visit, f"e-{form.text('ref')}", "addRollEntry", said)


async def strike(visit: Visit) -> Response:
    """Somebody does not belong on it."""
    form = visit.form
    said = {"subject_id": form.text("subject_id"), "reason": form.text("reason")}
    said |= form.some("objection_id")
    return await _do(visit, f"e-{form.text('ref')}", "strikeRollEntry", said)


async def _do(visit: Visit, key: str, operation: str, said: dict[str, Any]) -> Response:
    poll_id = visit.part("id")
    return await visit.do(
        visit.call(operation, once=visit.form.key, id=poll_id, **said),
        "reason",
        "objection_id",
        again=partial(_show, failed=key),
        then=f"{HERE}/{poll_id}/roll#changes",
    )


async def proxy(visit: Visit) -> Response:
    """Keep a written authority: whose vote, who casts it, and the sheet as a photo."""
    form, poll_id = visit.form, visit.part("id")
    key = f"p-{form.text('ref')}"
    try:
        kept = await photos.take(visit)
    except ShequError as error:
        visit.form = visit.refused(error, *PROXY_FIELDS)
        return await _show(visit, key, form.many(f"{photos.FIELD}[]"))
    if form.text("add_photo"):
        return await _show(visit, key, kept)
    doing = visit.call(
        "recordProxy",
        once=form.key,
        id=poll_id,
        subject_id=form.text("subject_id"),
        holder_id=holder(form.text("holder_id")),
        **form.some("choice"),
        **({"photo_id": kept[0]} if kept else {}),
    )
    return await visit.do(
        doing,
        *PROXY_FIELDS,
        again=partial(_show, failed=key, attachments=kept),
        then=f"{HERE}/{poll_id}/roll#proxies",
    )


def holder(text: str) -> str:
    """Whose code it is: her number, or the address that her phone shows as a picture."""
    try:
        return parse_qs(urlsplit(text).query).get("holder", [text])[0]
    except ValueError:  # no address; the operation says that it is no number either
        return text


async def revoke(visit: Visit) -> Response:
    """Take back one that was recorded here."""
    doing = visit.call("revokeProxy", once=visit.form.key, id=visit.part("proxy"))
    then = f"{HERE}/{visit.part('id')}/roll#proxies"
    return await visit.do(doing, again=partial(_show, failed="proxies"), then=then)


PAGES = (
    Page(f"GET {HERE}/{{id}}/roll", roll),
    Page(f"POST {HERE}/{{id}}/roll/additions", add),
    Page(f"POST {HERE}/{{id}}/roll/strikes", strike),
    Page(f"POST {HERE}/{{id}}/roll/proxies", proxy),
    Page(f"POST {HERE}/{{id}}/roll/proxies/{{proxy}}/revocation", revoke),
)
