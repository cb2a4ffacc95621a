"""Lists of the desk as files, with what was asked for: work orders, posts that wait; problems, too,
with what the queue (``console/queue.py``) asks for."""

import asyncio
from collections.abc import Mapping
from typing import Any, Final

from starlette.responses import Response

from gateway import sheets
from gateway.web import moments, words, words_desk
from gateway.web.desk import desk
from gateway.web.routing import Page
from gateway.web.texts import N_, texts
from gateway.web.visit import Visit
from services.contracts.operations.feed import Sheet

MOST: Final = 2_000
"""Rows of a file; a hundred are asked for at a time."""
ORDERS: Final = (
    N_("工单号"), N_("标题"), N_("状态"), N_("紧急程度"), N_("小类"), N_("主管部门"),
    N_("开单时间"), N_("承诺期限"), N_("是否超时"), N_("催办次数"), N_("延期次数"), N_("退单次数"),
    N_("返工次数"), N_("重办次数"),
)  # fmt: skip
POSTS: Final = (
    N_("标题"), N_("栏目"), N_("发帖时间"), N_("承诺期限"), N_("是否超时"), N_("邻居已回"),
    N_("超时报到"), N_("编号"),
)  # fmt: skip


async def every(visit: Visit, operation: str, **asked: Any) -> tuple[list[dict[str, Any]], bool]:
    """All of a list as far as a file goes, and whether there is more."""
    rows: list[dict[str, Any]] = []
    cursor: str | None = ""
    while cursor is not None and len(rows) < MOST:
        more = {"cursor": cursor} if cursor else {}
        page = await visit.call(operation, limit=100, **asked, **more)
        rows += page["items"]
        cursor = page["next_cursor"]
    return rows, cursor is not None


async def as_file(
    visit: Visit, title: str, columns: tuple[str, ...], rows: list[list[str]], *, more: bool
) -> Response:
    """The rows as the kind of file that the address names; with ``more``, the last one says so."""
    if more:
        rows.append([visit.say(N_("还有更多：请缩小范围再导出"))])
    plain, _, form = visit.path.rpartition("/")[2].partition(".")
    sheet = Sheet(title=title, columns=[visit.say(one) for one in columns], rows=rows)
    return await sheets.kept(sheet, form, stem=title, plain=plain)


async def orders(visit: Visit) -> Response:
    """The community's orders at the grid platform."""
    _, cid = await desk(visit)
    late: dict[str, Any] = {"overdue": True} if visit.query("late") else {}
    found, more = await every(visit, "listWorkOrders", **visit.asked("state"), **late)
    rows = [_order(visit, one) for one in found if one["community_id"] == cid]
    return await as_file(visit, visit.say(N_("工单清单")), ORDERS, rows, more=more)


def _order(visit: Visit, one: Mapping[str, Any]) -> list[str]:
    spoken = texts(visit.language)
    counts = ("urges", "extensions", "returns", "reworks", "reopenings")
    return [
        one["no"],
        one["title"],
        words.label(one["state"], words_desk.ORDER, spoken),
        words.label(one["urgency"], words_desk.URGENCY, spoken),
        one["catalogue"]["name"],
        one["department"]["name"],
        moments.minute(one["opened_at"]),
        moments.minute(one["deadline"]),
        yes(visit, bool(one["overdue"])),
        *(str(one[name]) for name in counts),
    ]


async def unanswered(visit: Visit) -> Response:
    """Posts that wait for an answer in office; nobody who wrote one is named."""
    _, cid = await desk(visit)
    (found, more), modules = await asyncio.gather(
        every(visit, "listUnansweredPosts", cid=cid), visit.soft("listModules", cid=cid)
    )
    name = "name_en" if visit.language == "en" else "name"
    names = {one["key"]: str(one[name]) for one in (modules or {}).get("items", [])}
    rows = [_post(visit, one, names) for one in found]
    return await as_file(visit, visit.say(N_("待回应的帖子")), POSTS, rows, more=more)


def _post(visit: Visit, one: Mapping[str, Any], names: Mapping[str, str]) -> list[str]:
    return [
        one["title"],
        names.get(one["module"], one["module"]),
        moments.minute(one["published_at"]),
        moments.minute(one["due_at"]),
        yes(visit, bool(one["overdue"])),
        yes(visit, one["neighbour_replied_at"] is not None),
        words.label(one["told_to"], words_desk.LEVEL, texts(visit.language)),
        one["post_id"],
    ]


def yes(visit: Visit, so: bool) -> str:
    """Yes or no."""
    return visit.say(N_("是") if so else N_("否"))


PAGES = (
    Page("GET /console/orders.csv", orders),
    Page("GET /console/orders.xlsx", orders),
    Page("GET /console/unanswered.csv", unanswered),
    Page("GET /console/unanswered.xlsx", unanswered),
)
