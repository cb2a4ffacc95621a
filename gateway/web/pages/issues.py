"""Problems: following one, joining it, judging how it went; lists of them, and what is hot."""

import asyncio
from collections.abc import Mapping, Sequence
from typing import Any, Final

from starlette.responses import Response

from gateway.web import words, words_issues
from gateway.web.forms import whole
from gateway.web.routing import Page
from gateway.web.texts import N_
from gateway.web.visit import Visit
from services.contracts.actor import COMMITTEE
from services.contracts.errors import NotFound, ShequError

RATING_FIELDS: Final = ("score", "solved", "comment")


async def issue(visit: Visit) -> Response:
    """Where a problem stands: the promise, every step, and what one may do."""
    shown = await visit.call("getIssue", id=visit.part("id"))
    return await _show(visit, shown)


async def _show(visit: Visit, shown: Mapping[str, Any]) -> Response:
    order, talk, table = await asyncio.gather(
        _order(visit, shown["work_order_no"]), _talk(visit, shown["post_id"]), _table(visit, shown)
    )
    return await visit.page(
        "issues/issue.html",
        status=visit.form.status,
        issue=shown,
        order=order,
        order_way=_order_way(visit, order["state"]) if order else [],
        talk=talk,
        table=table,
        way=_way(shown["status"]),
        answer=_answer(shown["timeline"]),
        bars={one["act"]: one["why_not"] for one in shown["my_acts"]},
        watching=visit.person.is_observer,
        staff_here=bool(visit.person.roles & COMMITTEE) and shown["acts"] is not None,
        just_reported=visit.query("new") == "1",
        known=words_issues,
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


async def _table(visit: Visit, shown: Mapping[str, Any]) -> Any:
    """The joint consultation about it, as its readers may see it."""
    if not any(step["kind"].startswith("consultation_") for step in shown["timeline"]):
        return None
    try:
        found = await visit.soft("listJointConsultations", cid=shown["community_id"], limit=100)
        ids = [one["id"] for one in (found or {"items": []})["items"]
               if one["issue_id"] == shown["id"]]  # fmt: skip
        return await visit.soft("getJointConsultation", id=ids[0]) if ids else None
    except ShequError:
        return None


def _answer(timeline: Sequence[Mapping[str, Any]]) -> Any:
    """What the committee answered last, while nothing was opened anew since."""
    for step in reversed(timeline):
        if step["kind"] == "reopened":
            return None
        if step["kind"] in ("answered", "referral_done"):
            return step
    return None


STAGES: Final[tuple[tuple[str, frozenset[str]], ...]] = (
    (N_("上报"), frozenset({"reported", "reopened", "merged"})),
    (N_("受理"), frozenset({"triaged"})),
    (N_("办理"), frozenset({"self_governing", "referred", "escalated", "in_consultation"})),
    (N_("有结果"), frozenset({"answered", "solved", "closed"})),
)
"""The four stages of a problem's way, each with the states that belong to it."""


def _way(status: str) -> list[tuple[str, str]]:
    """Each stage with how far it is: past, on, next."""
    place = next((i for i, (_, states) in enumerate(STAGES) if status in states), 0)
    last = len(STAGES) - 1
    return [
        (name, "past" if i < place or place == last else "on" if i == place else "next")
        for i, (name, _) in enumerate(STAGES)
    ]


def _order_way(visit: Visit, state: str) -> list[tuple[str, str, str]]:
    """The work order's six steps, as far as the platform has told."""
    way = words_issues.ORDER_WAY
    place = next((i for i, (_, _, states) in enumerate(way) if state in states), None)
    if place is None:
        return []
    over = state in way[-1][2]
    return [
        (visit.say(name), "past" if i < place or over else "on" if i == place else "next", "")
        for i, (_, name, _) in enumerate(way)
    ]


# -- what one does with it ------------------------------------------------------------------------


async def rate(visit: Visit) -> Response:
    """One to five, and whether it is solved."""
    form, issue_id = visit.form, visit.part("id")
    doing = visit.call(
        "rateIssue",
        once=form.key,
        id=issue_id,
        score=whole(form.text("score")),
        solved=form.text("solved") != "no",
        comment=form.text("comment"),
    )
    return await visit.do(doing, *RATING_FIELDS, again=issue, then=f"/issues/{issue_id}#judgement")


async def reopen(visit: Visit) -> Response:
    """Not satisfied: once more, please."""
    form, issue_id = visit.form, visit.part("id")
    doing = visit.call("reopenIssue", once=form.key, id=issue_id, reason=form.text("reason"))
    return await visit.do(doing, "reason", again=issue, then=f"/issues/{issue_id}")


async def confirm(visit: Visit) -> Response:
    """Whether what was tried has solved it."""
    form, issue_id = visit.form, visit.part("id")
    doing = visit.call(
        "confirmSolved",
        once=form.key,
        id=issue_id,
        solved=form.text("solved") == "yes",
        comment=form.text("said"),
    )
    return await visit.do(doing, "said", again=issue, then=f"/issues/{issue_id}")


async def me_too(visit: Visit) -> Response:
    """It concerns me, too; or it does not any more. ``follow`` asks to hear of it."""
    form, issue_id = visit.form, visit.part("id")
    if form.text("on") == "1":
        doing = visit.call("meToo", id=issue_id, follow=form.text("follow", "1") == "1")
    else:
        doing = visit.call("withdrawMeToo", id=issue_id)
    return await visit.do(doing, again=issue, then=f"/issues/{issue_id}#joined")


async def merge(visit: Visit) -> Response:
    """The reporter's yes or no to having it merged."""
    form, issue_id = visit.form, visit.part("id")
    doing = visit.call(
        "consentToMerge", once=form.key, id=issue_id, agree=form.text("agree") == "yes"
    )
    return await visit.do(doing, again=issue, then=f"/issues/{issue_id}")


async def thread(visit: Visit) -> Response:
    """From the problem to the talk about it; feed may hear of a new one a moment later."""
    shown = await visit.call("getIssue", id=visit.part("id"))
    try:
        await visit.call("getPost", id=shown["post_id"])
    except NotFound:
        return visit.go(f"/issues/{shown['id']}?new=1")
    return visit.go(f"/posts/{shown['post_id']}")


# -- lists ----------------------------------------------------------------------------------------


ROWS: Final[Mapping[str, tuple[str, Mapping[str, Any]]]] = {
    "": (N_("全部"), {}),
    "mine": (N_("我的"), {"mine": True}),
    "open": (N_("在办"), {"open": True}),
    "over": (N_("有结果"), {"open": False}),
}
"""Which problems one looks at, and what the list is asked for."""


async def all_issues(visit: Visit) -> Response:
    """The problems of a community, newest first; narrowed by row, status, kind and words."""
    cid = visit.part("cid")
    row = visit.query("row") if visit.query("row") in ROWS else ""
    asked = {
        name: visit.query(name)
        for name, table in (("status", words.STATUS), ("category", words.CATEGORY))
        if visit.query(name) in table
    }
    if q := visit.query("q").strip():
        asked["q"] = q[:100]
    page = await visit.call("listIssues", cid=cid, **ROWS[row][1], **asked, **visit.asked("cursor"))
    return await visit.page(
        "issues/issues.html",
        cid=cid,
        page=page,
        asked={**({"row": row} if row else {}), **asked},
        chosen={"q": "", "status": "", "category": "", **asked},
        row=row,
        rows=ROWS,
        watching=visit.person.is_observer,
    )


async def hot(visit: Visit) -> Response:
    """What the community is most concerned about in a month, and what is done about it."""
    cid = visit.part("cid")
    found = await visit.call("communityHotTopics", cid=cid, **visit.asked("month"))
    return await visit.page("issues/hot.html", cid=cid, hot=found, known=words_issues)


PAGES = (
    Page("GET /c/{cid}/issues", all_issues),
    Page("GET /c/{cid}/hot", hot),
    Page("GET /issues/{id}", issue),
    Page("GET /issues/{id}/thread", thread),
    Page("POST /issues/{id}/rating", rate),
    Page("POST /issues/{id}/reopen", reopen),
    Page("POST /issues/{id}/confirmation", confirm),
    Page("POST /issues/{id}/me-too", me_too),
    Page("POST /issues/{id}/merge", merge),
)
