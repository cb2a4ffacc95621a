"""The votes of a community by what is to be done, and by when: the calendar of votes.

::

    起草 ─▶ 编名册 ─▶ 公示 ─▶ 表决 ─▶ 计票 ─▶ 公示结果 ─▶ 确认 ─▶ 备案      each with its day
"""

import asyncio
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, Final

from starlette.responses import Response

from gateway.web import moments, words_desk_polls
from gateway.web.pages.console.polls.reaching import reach
from gateway.web.routing import Page
from gateway.web.visit import Visit

MOST: Final = 100
FIRST: Final = ("answer", "counting", "sign", "file", "draft")
"""What waits for people; the rest goes by itself, and by the clock."""


async def polls(visit: Visit) -> Response:
    """What is to be done, soonest first; then what is over, newest first."""
    around = await reach(visit)
    cid, asked = around["cid"], visit.asked("cursor")
    running, board, over = await asyncio.gather(
        _none() if asked else visit.call("listPolls", cid=cid, to_do=True, limit=MOST),
        _none() if asked or not visit.may("listScreeningBoard") else _drafts(visit, cid),
        visit.call("listPolls", cid=cid, **asked),
    )
    left = [*_as_rows(running["items"]), *(board or [])] if running else []
    now = await visit.clock()
    return await visit.page(
        "console/polls/work.html",
        groups=_grouped(left, now),
        over=over,
        ended=[one for one in over["items"] if one["task"] == "done"],
        first_page=not asked,
        known=words_desk_polls,
        **around,
    )


async def _none() -> None:
    return None


async def _drafts(visit: Visit, cid: str) -> list[dict[str, Any]]:
    """The topics whose text is being written: the votes that have none yet."""
    page = await visit.soft("listScreeningBoard", cid=cid, limit=MOST)
    return [
        {
            "href": f"/console/polls/prepare/{one['topic_id']}",
            "title": one["title"],
            "convener": one["convener"],
            "task": "draft",
            "due_at": one["deadline_at"],
            "poll": None,
        }
        for one in (page or {"items": []})["items"]
        if one["task"] == "draft_proposal"
    ]


def _as_rows(found: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    return [
        {
            "href": f"/console/polls/{one['id']}",
            "title": one["title"],
            "convener": one["convener"],
            "task": one["task"],
            "due_at": one["task_due_at"],
            "poll": one,
        }
        for one in found
    ]


def _grouped(
    rows: Sequence[dict[str, Any]], now: datetime
) -> list[tuple[str, bool, list[dict[str, Any]]]]:
    """By what is to be done, what waits for people first; in each what is due soonest."""
    for one in rows:
        one["late"] = bool(one["due_at"]) and moments.parse(one["due_at"]) < now
    order = [*FIRST, *(task for task in words_desk_polls.TASK if task not in FIRST)]
    groups = []
    for task in order:
        inside = [one for one in rows if one["task"] == task]
        inside.sort(key=lambda one: one["due_at"] or "~")
        if inside:
            groups.append((task, task in FIRST, inside))
    return groups


PAGES = (Page("GET /console/polls", polls),)
