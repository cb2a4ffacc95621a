"""Breaches behind the desk: answered, talked about, and ended with a word of what came of it."""

import re
from functools import partial
from typing import Any, Final

from starlette.responses import Response

from gateway.web import words_desk_polls
from gateway.web.desk import convening, require_convener
from gateway.web.forms import whole
from gateway.web.pages.console.covenants.keeping import HERE
from gateway.web.pages.console.polls.roll import holder
from gateway.web.pages.covenants.breaches import covenant_of
from gateway.web.routing import Page
from gateway.web.visit import Visit
from services.contracts.errors import NotFound

BREACHES: Final = f"{HERE}/breaches"
FIELDS: Final = ("body", "talk", "person_id", "state", "reason", "issue_id", "note")


async def breaches(visit: Visit) -> Response:
    """All of the desk's: what waits too long first."""
    desks, cid = await convening(visit)
    asked = visit.asked("state", "covenant_id", "cursor")
    state = asked.get("state", "")
    if state and state not in words_desk_polls.LISTS:
        raise NotFound()
    page = await visit.call("listBreaches", cid=cid, **asked)
    kept = {name: asked[name] for name in ("state", "covenant_id") if name in asked}
    return await visit.page(
        "console/covenants/breaches.html",
        desks=desks,
        cid=cid,
        page=page,
        state=state,
        asked={"c": cid, **kept},
        known=words_desk_polls,
    )


async def breach(visit: Visit) -> Response:
    """The conversation, with what the desk does in it."""
    return await _show(visit)


async def _show(visit: Visit, failed: str = "") -> Response:
    require_convener(visit)
    shown = await visit.call("getBreach", id=visit.part("id"))
    covenant = await covenant_of(visit, shown["covenant_id"], shown["version"])
    keyed = {one["key"]: one for one in (covenant or {"articles": []})["articles"]}
    there = {shown["reporter"]["person_id"]} if shown["reporter"] else set()
    there |= {one["person_id"] for one in shown["concerned"]}
    return await visit.page(
        "console/covenants/breach.html",
        status=visit.form.status,
        cid=shown["community_id"],
        breach=shown,
        article=keyed.get(shown["article"] or ""),
        neighbours=[
            one
            for one in (covenant or {"agreed_by": []})["agreed_by"]
            if one["person_id"] not in there
        ],
        failed=failed,
        known=words_desk_polls,
    )


async def reply(visit: Visit) -> Response:
    """Say something, and what came of a talk."""
    said = {"body": visit.form.text("body"), **visit.form.some("talk")}
    return await _do(visit, "reply", "replyToBreach", said)


async def bring_in(visit: Visit) -> Response:
    """Bring the person concerned into the conversation."""
    code = visit.form.text("person_code")
    person = holder(code) if code else visit.form.text("person_id")
    return await _do(visit, "concerned", "bringIntoBreach", {"person_id": person})


async def show_note(visit: Visit) -> Response:
    """Let the others read a note that waited because of its words."""
    return await _do(visit, "notes", "showBreachNote", {"note": whole(visit.form.text("note"))})


async def settle(visit: Visit) -> Response:
    """How it ends."""
    form = visit.form
    said = {"state": form.text("state"), "reason": form.text("reason")}
    if said["state"] == "to_issue":
        said["issue_id"] = issue(form.text("issue_id"))
    return await _do(visit, "outcome", "settleBreach", said)


def issue(text: str) -> str:
    """Which problem it is: its number, or the address of its page, as it was copied."""
    return re.split(r"[?#]", text, maxsplit=1)[0].rstrip("/").rpartition("/")[2]


async def _do(visit: Visit, key: str, operation: str, said: dict[str, Any]) -> Response:
    breach_id = visit.part("id")
    return await visit.do(
        visit.call(operation, once=visit.form.key, id=breach_id, **said),
        *FIELDS,
        again=partial(_show, failed=key),
        then=f"{BREACHES}/{breach_id}#talk",
    )


PAGES = (
    Page(f"GET {BREACHES}", breaches),
    Page(f"GET {BREACHES}/{{id}}", breach),
    Page(f"POST {BREACHES}/{{id}}/notes", reply),
    Page(f"POST {BREACHES}/{{id}}/concerned", bring_in),
    Page(f"POST {BREACHES}/{{id}}/shown", show_note),
    Page(f"POST {BREACHES}/{{id}}/outcome", settle),
)
