"""The queue of problems: found by what one asks for, worked off one by one or many at once.

::

    /console/issues?state=…&category=…&assignee=…&clock=…&topic=…&q=…&sort=…    the address keeps it
        │ tick                    └─▶ /console/issues.csv, .xlsx   the same, as a file
        ▼
    POST /console/issues/batch ─▶ each problem by itself, with a key of its own ─▶ told one by one
"""

import asyncio
from collections.abc import Mapping
from datetime import datetime, time, timedelta
from functools import partial
from typing import Any, Final

from starlette.responses import Response

from gateway.web import kept, many, moments, words, words_desk
from gateway.web.desk import desk
from gateway.web.pages.console import exports
from gateway.web.routing import Page
from gateway.web.texts import N_, texts
from gateway.web.visit import Visit
from services.contracts.errors import FieldError, Invalid, ShequError
from services.contracts.ids import is_id

STATES: Final[Mapping[str, str]] = {
    "": N_("没办完的"),
    "waiting": N_("待受理"),
    "merging": N_("等合并答复"),
    "all": N_("全部"),
}
"""What stands beside the statuses of the contract in the filter."""
ASKED: Final = ("state", "category", "assignee", "clock", "due", "topic", "alike", "q", "sort")
KEPT: Final = "desk_issues"
"""The list, as filters of it are kept."""
PAGE: Final = 30


async def queue(visit: Visit) -> Response:
    """The problems that were asked for, with what can be done to many at once."""
    desks, cid = await desk(visit)
    asked = visit.asked(*ASKED)
    wanted = await _wanted(visit, asked)
    wanted |= visit.asked("cursor")
    page, lies, hot, mine = await asyncio.gather(
        visit.call("listIssues", cid=cid, limit=PAGE, **wanted),
        visit.soft("getDesk", cid=cid),
        visit.soft("communityHotTopics", cid=cid),
        kept.kept(visit, KEPT),
    )
    return await visit.page(
        "console/issues.html",
        status=visit.form.status,
        kept=mine,
        desks=desks,
        cid=cid,
        page=page,
        asked=asked,
        lies=lies,
        topics=(hot or {}).get("items", []),
        states=STATES,
        most=many.MOST,
        known=words_desk,
    )


async def keep(visit: Visit) -> Response:
    """Keep what is asked for under a name, or keep it no longer."""
    return await kept.change(visit, KEPT, ASKED, queue)


async def _wanted(visit: Visit, asked: Mapping[str, str]) -> dict[str, Any]:
    """The same in the words of the operation."""
    wanted: dict[str, Any] = {
        name: asked[name]
        for name in ("category", "assignee", "clock", "topic", "q")
        if name in asked
    }
    state = asked.get("state", "")
    if state in words.STATUS:
        wanted["status"] = state
    elif state == "waiting":
        wanted["status"] = "reported"
    elif state == "merging":
        wanted["merging"] = True
    elif state != "all":
        wanted["open"] = True
    if asked.get("alike"):
        wanted["has_duplicates"] = True
    if asked.get("due") == "today":
        tomorrow = await visit.today() + timedelta(days=1)
        wanted["due_before"] = datetime.combine(tomorrow, time(), moments.CHINA).isoformat()
    if asked.get("sort") == "due":
        wanted["sort"] = "due"
    return wanted


async def next_one(visit: Visit) -> Response:
    """On to the problem whose limit ends next, after the one that was just worked off."""
    _, cid = await desk(visit)
    page = await visit.call("listIssues", cid=cid, open=True, sort="due", limit=50)
    ids = [one["id"] for one in page["items"]]
    done = visit.query("after")
    rest = ids[ids.index(done) + 1 :] if done in ids else ids
    return visit.go(f"/console/issues/{rest[0]}?c={cid}" if rest else f"/console/issues?c={cid}")


# -- many at once ---------------------------------------------------------------------------------


async def batch(visit: Visit) -> Response:
    """Each of the ticked problems by itself; what became of each is told."""
    desks, cid = await desk(visit)
    form = visit.form
    ids = many.ticked(form)
    doing = form.text("do")
    if not ids or len(ids) > many.MOST or (doing == "merge" and not is_id(form.text("into"))):
        error: Invalid = many.TooManyTicked() if len(ids) > many.MOST else many.NothingTicked()
        if ids and len(ids) <= many.MOST:
            error = Invalid(errors=[FieldError("into", visit.say(N_("请选择并入哪一件")))])
        visit.form = visit.refused(error, "into")
        return await _results(visit, desks, cid, [])
    faults = await many.each(ids, partial(_do, visit, doing))
    return await _results(visit, desks, cid, list(zip(ids, faults, strict=True)))


async def _do(visit: Visit, doing: str, issue_id: str) -> str:
    """What was wrong with it; empty when it is done. Its key is its own, and the same next time."""
    form = visit.form
    once = many.own_key(form, f"{doing} {issue_id}")
    try:
        if doing == "triage":
            category, _, slot = form.text(f"advice-{issue_id}").partition("/")
            if not category:
                return visit.say(N_("还没有系统建议，请打开看一看"))
            kind = {"category": category, **({"slot": slot} if slot else {})}
            await visit.call("triageIssue", once=once, id=issue_id, **kind)
        elif doing == "merge":
            await visit.call("mergeIssue", once=once, id=issue_id, into=form.text("into"))
        elif form.text("person_id"):
            await visit.call("assignIssue", id=issue_id, person_id=form.text("person_id"))
        else:
            await visit.call("unassignIssue", id=issue_id)
    except ShequError as error:
        said = visit.told(error)
        return "：".join([said, *(one.message for one in error.errors)])
    return ""


async def _results(
    visit: Visit, desks: list[dict[str, Any]], cid: str, results: list[tuple[str, str]]
) -> Response:
    form = visit.form
    return await visit.page(
        "console/batch.html",
        status=form.status,
        desks=desks,
        cid=cid,
        results=[(one, form.text(f"title-{one}") or one, fault) for one, fault in results],
        doing=form.text("do"),
        back=_back(form.text("back")),
    )


def _back(query: str) -> str:
    """The queue as it was asked for."""
    return f"/console/issues?{query}" if query.isprintable() and " " not in query else "/console"


# -- as a file ------------------------------------------------------------------------------------

COLUMNS: Final = (
    N_("标题"), N_("状态"), N_("类别"), N_("小类"), N_("地点"), N_("来源"), N_("承办人"),
    N_("承诺期限"), N_("是否超时"), N_("附议人数"), N_("结果"), N_("评分"), N_("用时（分钟）"),
    N_("工单号"), N_("上报时间"), N_("编号"),
)  # fmt: skip


async def issues_file(visit: Visit) -> Response:
    """What was asked for, at most two thousand rows; nobody who reported is named."""
    _, cid = await desk(visit)
    wanted = await _wanted(visit, visit.asked(*ASKED))
    found, more = await exports.every(visit, "listIssues", cid=cid, **wanted)
    rows = [_row(visit, one) for one in found]
    return await exports.as_file(visit, visit.say(N_("问题清单")), COLUMNS, rows, more=more)


def _row(visit: Visit, one: Mapping[str, Any]) -> list[str]:
    spoken = texts(visit.language)
    promise = one["promise"] or {}
    place = one["location"] or {}
    return [
        one["title"],
        words.label(one["status"], words.STATUS, spoken),
        words.label(one["category"], words.CATEGORY, spoken),
        one["slot_name"] or "",
        place.get("address") or "",
        words.label(one["source"], words_desk.SOURCE, spoken),
        one["assignee"]["display_name"] if one["assignee"] else "",
        moments.minute(promise["due_at"]) if promise else "",
        exports.yes(visit, bool(promise.get("overdue"))),
        str(one["supporters"]),
        words.label(one["outcome"], words.RESULT, spoken),
        str(one["score"] or ""),
        str(one["minutes"] or ""),
        one["work_order_no"] or "",
        moments.minute(one["created_at"]),
        one["id"],
    ]


PAGES = (
    Page("GET /console/issues", queue),
    Page("POST /console/issues", keep),
    Page("GET /console/issues/next", next_one),
    Page("POST /console/issues/batch", batch),
    Page("GET /console/issues.csv", issues_file),
    Page("GET /console/issues.xlsx", issues_file),
)
