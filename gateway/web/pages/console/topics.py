"""The screening board: what waits for the convening body, and what can be done to many at once.

::

    筛选 │ 发布 │ 形成议题 │ 二次筛选 │ 先行研究 │ 起草提案     what waits, soonest first
    等附议 │ 正在讨论 │ 公示和表决                             what goes by itself for now
      │ tick
      ▼
    POST /console/topics/batch ─▶ each topic by itself, with a key of its own ─▶ told one by one

On a desk the columns stand beside each other, on a phone they are tabs.
"""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from typing import Any, Final

from starlette.responses import Response

from gateway.web import many, words_desk_topics
from gateway.web.desk import Desk, convening
from gateway.web.routing import Page
from gateway.web.visit import Visit
from services.contracts.errors import Invalid, ShequError

PAGE: Final = 40
GOING: Final = 20
FIELDS: Final = ("reason",)


async def board(visit: Visit) -> Response:
    """What waits for the visitor's body, column by column; ``whose=others`` for the other one."""
    return await _show(visit)


async def _show(visit: Visit) -> Response:
    desks, cid = await convening(visit)
    whose = "others" if visit.query("whose") == "others" else "mine"
    waiting, asked, discussed, decided = await asyncio.gather(
        visit.call("listScreeningBoard", cid=cid, whose=whose, limit=PAGE, **visit.asked("cursor")),
        *(
            visit.soft("listTopics", cid=cid, stage=stage, limit=GOING)
            for stage in words_desk_topics.GOING
        ),
    )
    columns = _columns(waiting["items"])
    going = _going(waiting["items"], asked=asked, discussed=discussed, decided=decided)
    return await visit.page(
        "console/topics/board.html",
        status=visit.form.status,
        desks=desks,
        cid=cid,
        whose=whose,
        columns=columns,
        going=going,
        here=_here(visit.query("column"), columns, going),
        more=waiting["next_cursor"],
        known=words_desk_topics,
    )


def _columns(tasks: list[dict[str, Any]]) -> dict[str, list[dict[str, Any]]]:
    columns: dict[str, list[dict[str, Any]]] = {key: [] for key in words_desk_topics.COLUMN}
    for task in tasks:
        columns.setdefault(task["task"], []).append(task)
    return columns


def _going(
    tasks: list[dict[str, Any]], **pages: dict[str, Any] | None
) -> dict[str, list[dict[str, Any]] | None]:
    """What waits for nobody at this desk; None of a stage that cannot be had."""
    told = {task["topic_id"] for task in tasks}
    return {
        stage: None
        if page is None
        else [one for one in page["items"] if one["id"] not in told and _is_going(one)]
        for stage, page in pages.items()
    }


def _is_going(topic: Mapping[str, Any]) -> bool:
    """Whether neighbours have it; a new question that waits for the other body is on its board."""
    if topic["state"] == "raised":
        return topic["returned"] or topic["seconders"] < (topic["seconders_wanted"] or 0)
    return bool(topic["state"] != "screened")


def _here(
    wanted: str, columns: Mapping[str, list[Any]], going: Mapping[str, list[Any] | None]
) -> str:
    """The tab that a phone opens: the one that is asked for, or the first with something in it."""
    if wanted in columns or wanted in going:
        return wanted
    return next((key for key, tasks in columns.items() if tasks), next(iter(columns)))


# -- many at once ---------------------------------------------------------------------------------


async def batch(visit: Visit) -> Response:
    """Each of the ticked topics by itself; what became of each is told."""
    desks, cid = await convening(visit)
    form = visit.form
    ids = many.ticked(form)
    do = _DOING.get(form.text("do"))
    if not ids or len(ids) > many.MOST or do is None:
        error: Invalid = many.TooManyTicked() if len(ids) > many.MOST else many.NothingTicked()
        visit.form = visit.refused(error)
        return await _show(visit)

    async def one(topic_id: str) -> tuple[str, str, str]:
        fault = await _tried(visit, do(visit, topic_id, many.own_key(form, topic_id)))
        return topic_id, form.text(f"title-{topic_id}") or topic_id, fault

    return await _results(visit, (desks, cid), await many.each(ids, one))


async def _tried(visit: Visit, doing: Awaitable[Any]) -> str:
    """What was wrong; empty when it is done."""
    try:
        await doing
    except ShequError as error:
        return visit.told(error)
    return ""


def _accept(stage: str) -> Callable[[Visit, str, str], Awaitable[Any]]:
    def do(visit: Visit, topic_id: str, once: str) -> Awaitable[Any]:
        return visit.call("screenTopic", once=once, id=topic_id, stage=stage, decision="accept")

    return do


def _publish(visit: Visit, topic_id: str, once: str) -> Awaitable[Any]:
    return visit.call("advanceTopic", once=once, id=topic_id, to="discussion")


def _hand_over(visit: Visit, topic_id: str, once: str) -> Awaitable[Any]:
    form = visit.form
    return visit.call(
        "handTopic",
        once=once,
        id=topic_id,
        convener=form.text("convener"),
        reason=form.text("reason"),
    )


_DOING: Final[Mapping[str, Callable[[Visit, str, str], Awaitable[Any]]]] = {
    "screen_question": _accept("intake"),
    "screen_item": _accept("proposal"),
    "publish": _publish,
    "hand_over": _hand_over,
}


async def _results(visit: Visit, served: Desk, results: list[tuple[str, str, str]]) -> Response:
    return await visit.page(
        "console/topics/done.html",
        status=visit.form.status,
        desks=served[0],
        cid=served[1],
        results=results,
        doing=visit.form.text("do"),
        known=words_desk_topics,
    )


PAGES = (
    Page("GET /console/topics", board),
    Page("POST /console/topics/batch", batch),
)
