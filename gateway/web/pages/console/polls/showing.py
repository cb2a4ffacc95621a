"""A vote from behind the desk: where it stands, what can be done now, and why something cannot.

While voting goes on the desk sees how many have voted, and nothing else.
"""

import asyncio
from collections.abc import Awaitable
from functools import partial
from typing import Any, Final

from starlette.responses import Response

from gateway.web import follow_form, words_desk_polls
from gateway.web.pages.console.polls.reaching import HERE, require_reader, rows
from gateway.web.pages.polls.results import by_part
from gateway.web.pages.polls.showing import result_of
from gateway.web.routing import Page
from gateway.web.visit import Visit
from services.contracts.errors import ShequError

FOLLOWED: Final = 50
OTHERS: Final = "votes.not_your_step"
OPTIONAL: Final = {"sign": "supervision", "file": "filing"}
"""Stages that a community may leave out, and what its chain calls them."""
ORDER: Final = [key for key, _ in words_desk_polls.STAGES]


async def poll(visit: Visit) -> Response:
    """A vote with all that its desk, its supervisors and its auditors do."""
    return await _show(visit)


async def _show(visit: Visit, failed: str = "") -> Response:
    require_reader(visit)
    shown = await visit.call("getPoll", id=visit.part("id"))
    cid = shown["community_id"]
    ended = shown["state"] in ("closed", "published")
    paper = "paper" in shown["rule_set"]["channels"] and shown["opened_at"] is not None
    result, chain, books, objections, follows = await asyncio.gather(
        result_of(visit, shown),
        _none() if shown["published_at"] else visit.soft("getChainSettings", cid=cid),
        _soft(visit.soft("listPaperDesk", id=shown["id"])) if paper and ended else _none(),
        visit.soft("listObjections", id=shown["topic_id"], owed=True, limit=50),
        _follows(visit, shown) if shown["published_at"] else _none(),
    )
    return await visit.page(
        "console/polls/poll.html",
        status=visit.form.status,
        cid=cid,
        poll=shown,
        steps={one["do"]: one for one in shown["steps"]},
        convenes=_convenes(shown),
        way=way(shown, result, chain),
        result=result,
        lines=by_part(result["arithmetic"]) if result else [],
        books=books,
        owed=(objections or {"items": []})["items"],
        follows=follows or [],
        failed=failed,
        known=words_desk_polls,
        **rows(visit),
    )


def _convenes(shown: dict[str, Any]) -> bool:
    """Whether the visitor belongs to the body whose poll it is: its steps say whose they are."""
    void = next((one for one in shown["steps"] if one["do"] == "void"), None)
    return void is not None and (void["why_not"] or {}).get("code") != OTHERS


async def _none() -> None:
    return None


async def _soft(doing: Awaitable[Any]) -> Any:
    """What is asked for, or None where this desk may not read it."""
    try:
        return await doing
    except ShequError:
        return None


async def _follows(visit: Visit, shown: dict[str, Any]) -> list[dict[str, Any]]:
    page = await visit.soft(
        "listFollowUps", cid=shown["community_id"], topic_id=shown["topic_id"], limit=FOLLOWED
    )
    return list((page or {"items": []})["items"])


def way(
    shown: dict[str, Any], result: dict[str, Any] | None, chain: dict[str, Any] | None
) -> list[tuple[str, str]]:
    """The stages of a vote, each past, on or next; without those that it does not come to.

    What a result waits for it says itself; before that the community's chain tells of the steps.
    """
    task = shown["task"]
    if task == "answer":
        task = "publicity" if shown["published_at"] else "notice"
    left_out = _left_out(result, chain)
    at = ORDER.index(task) if task in ORDER else len(ORDER)
    over = shown["state"] == "void"
    return [
        (name, "off" if over else _state(ORDER.index(key), at))
        for key, name in words_desk_polls.STAGES
        if key not in left_out
    ]


def _left_out(result: dict[str, Any] | None, chain: dict[str, Any] | None) -> set[str]:
    if result is None:
        steps = chain["settings"]["steps"] if chain else ["supervision", "filing"]
        return {key for key, step in OPTIONAL.items() if step not in steps}
    if not result["passed"]:
        return {"publicity", *OPTIONAL}
    unfiled = result["filing"] is None and result["adopted_at"] is not None
    never = {"sign": result["sign_off"] is None, "file": unfiled}
    return {key for key, left in never.items() if left}


def _state(place: int, at: int) -> str:
    return "past" if place < at else "on" if place == at else "next"


# -- what is done --------------------------------------------------------------------------------


async def void(visit: Visit) -> Response:
    """Stop it, for a reason that everybody reads."""
    return await _do(visit, "void", "voidPoll", "reason", reason=visit.form.text("reason"))


async def annul(visit: Visit) -> Response:
    """Take the result back, for a reason that everybody reads."""
    return await _do(visit, "annul", "annulResult", "reason", reason=visit.form.text("reason"))


async def sign(visit: Visit) -> Response:
    """The supervisors' word on the result."""
    said = {"decision": visit.form.text("decision"), "note": visit.form.text("note")}
    return await _do(visit, "sign_off", "signOffResult", "decision", "note", **said)


async def file(visit: Visit) -> Response:
    """It is on file: where, under which number, since when."""
    said = {name: visit.form.text(name) for name in ("number", "authority", "filed_on")}
    return await _do(visit, "file", "recordFiling", *said, **said)


async def follow(visit: Visit) -> Response:
    """What follows from the decision, and how it goes."""
    key, doing = follow_form.kept(visit)
    return await visit.do(
        doing,
        *follow_form.FIELDS,
        again=partial(_show, failed=key),
        then=f"{HERE}/{visit.part('id')}#follows",
    )


async def _do(visit: Visit, key: str, operation: str, *fields: str, **said: Any) -> Response:
    poll_id = visit.part("id")
    return await visit.do(
        visit.call(operation, once=visit.form.key, id=poll_id, **said),
        *fields,
        again=partial(_show, failed=key),
        then=f"{HERE}/{poll_id}",
    )


PAGES = (
    Page(f"GET {HERE}/{{id}}", poll),
    Page(f"POST {HERE}/{{id}}/void", void),
    Page(f"POST {HERE}/{{id}}/annulment", annul),
    Page(f"POST {HERE}/{{id}}/sign-off", sign),
    Page(f"POST {HERE}/{{id}}/filing", file),
    Page(f"POST {HERE}/{{id}}/follow-ups", follow),
)
