"""One case: the words in their thread, who found what, and the decision with its reason.

Who moderates a corner without a seat on the committee (its keeper, the town) comes here by the
link of her news; what she may do, the case itself says.
"""

import asyncio
from datetime import timedelta
from functools import partial
from typing import Any, Final

from starlette.responses import Response

from gateway.web import navs, words_content
from gateway.web.forms import whole
from gateway.web.pages.console.moderation import HERE
from gateway.web.routing import Page
from gateway.web.texts import N_
from gateway.web.visit import Visit
from services.contracts.actor import Role
from services.contracts.errors import Forbidden, NotFound, ShequError
from services.contracts.operations.feed.moderation import Evidence

TALK: Final = 5
"""Comments that are shown around the words in question."""
HERSELF: Final = frozenset({Role.RESIDENT, Role.OWNER})
"""Who holds no more than these moderates nothing anywhere."""
SECTION: Final = navs.Section(HERE, N_("内容审核"), "content")


async def case(visit: Visit) -> Response:
    """What it is about, and what can be decided."""
    return await _show(visit)


async def _show(visit: Visit, failed: str = "", uncovered: Any = None) -> Response:
    if visit.person.roles <= HERSELF:
        raise Forbidden()
    found = await visit.call("getModerationCase", id=visit.part("id"))
    evidence = Evidence.model_validate(found["evidence"])  # of what there was nothing is not said
    post, talk = await asyncio.gather(
        _there(visit, "getPost", id=found["post_id"]), _talk(visit, found)
    )
    return await visit.page(
        "console/moderation/case.html",
        status=visit.form.status,
        cid=found["community_id"],
        case={**found, "evidence": evidence.model_dump(mode="json")},
        post=post,
        talk=talk,
        uncovered=uncovered,
        failed=failed,
        done=visit.query("done"),
        known=words_content,
        **({} if visit.is_staff else {"nav": navs.alone(visit.path, SECTION)}),
    )


async def _talk(visit: Visit, found: dict[str, Any]) -> Any:
    """The thread: from the comment on that it is about, or from its beginning."""
    if found["target"] == "question":
        return None
    at = {"at": found["target_id"]} if found["target"] == "comment" else {}
    return await _there(visit, "listComments", id=found["post_id"], limit=TALK, **at)


async def _there(visit: Visit, operation: str, **fields: Any) -> Any:
    """An answer that the page can do without; None when there is none (any more)."""
    try:
        return await visit.soft(operation, **fields)
    except NotFound:
        return None


async def decide(visit: Visit) -> Response:
    """Decide it, or the appeal against what was decided; the author reads the reason."""
    form, case_id = visit.form, visit.part("id")
    decision, reason = words_content.chosen(form.text("choice"), form.text("reason"))
    operation = "decideAppeal" if form.text("appeal") else "decideReport"
    doing = visit.call(operation, once=form.key, id=case_id, decision=decision, reason=reason)
    again = partial(_show, failed="decide")
    return await visit.do(doing, "reason", again=again, then=f"{HERE}/{case_id}")


async def uncover(visit: Visit) -> Response:
    """Who is behind a hidden name, for a purpose that she can read; shown this once."""
    form, found = visit.form, await visit.call("getModerationCase", id=visit.part("id"))
    below = {"comment_id": found["target_id"]} if found["target"] == "comment" else {}
    try:
        told = await visit.call(
            "uncoverAuthor",
            id=found["post_id"],
            reason=form.text("reason"),
            note=form.text("note"),
            **below,
        )
    except ShequError as error:
        visit.form = visit.refused(error, "reason", "note")
        return await _show(visit, "uncover")
    return await _show(visit, uncovered=told["author"])


async def silence(visit: Visit) -> Response:
    """Keep the author from writing for some days; she is told why."""
    form, case_id = visit.form, visit.part("id")
    now = await visit.clock()
    now = now.replace(second=0, microsecond=0)  # a second tap asks for the same
    days = whole(form.text("until"))
    ends = now + timedelta(days=days) if days in words_content.DAYS else None
    doing = visit.call(
        "silencePerson",
        once=form.key,
        cid=form.text("c"),
        person_id=form.text("person_id"),
        until=ends.isoformat() if ends else "",
        reason=form.text("reason"),
    )
    again = partial(_show, failed="silence")
    return await visit.do(
        doing, "until", "reason", again=again, then=f"{HERE}/{case_id}?done=silenced"
    )


PAGES = (
    Page(f"GET {HERE}/{{id}}", case),
    Page(f"POST {HERE}/{{id}}/decision", decide),
    Page(f"POST {HERE}/{{id}}/author", uncover),
    Page(f"POST {HERE}/{{id}}/silence", silence),
)
