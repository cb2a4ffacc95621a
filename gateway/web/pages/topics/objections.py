"""Objections: raised in their window, answered with reasons, marked by whoever objects."""

import asyncio
from collections.abc import Mapping
from typing import Any

from starlette.responses import Response

from gateway.web import words_topics
from gateway.web.routing import Page
from gateway.web.visit import Visit
from services.contracts.errors import ShequError


async def objections(visit: Visit) -> Response:
    """Those on a topic, newest first."""
    return await _list(visit)


async def _list(visit: Visit) -> Response:
    topic_id = visit.part("id")
    topic, found = await asyncio.gather(
        visit.call("getTopic", id=topic_id),
        visit.call("listObjections", id=topic_id, **visit.asked("cursor")),
    )
    return await visit.page(
        "topics/objections.html",
        status=visit.form.status,
        topic=topic,
        objections=found,
        owed=[one for one in topic["objections"] if one["owed"]],
        known=words_topics,
    )


async def file(visit: Visit) -> Response:
    """Object."""
    topic_id, form = visit.part("id"), visit.form
    try:
        made = await visit.call(
            "object", once=form.key, id=topic_id, kind=form.text("kind"), body=form.text("body")
        )
    except ShequError as error:
        visit.form = visit.refused(error, "kind", "body")
        return await _list(visit)
    return visit.go(f"/objections/{made['id']}")


async def objection(visit: Visit) -> Response:
    """One of them with its thread."""
    return await _one(visit)


async def _one(visit: Visit) -> Response:
    found = await visit.call("getObjection", id=visit.part("id"))
    topic = await visit.call("getTopic", id=found["topic_id"])
    return await visit.page(
        "topics/objection.html",
        status=visit.form.status,
        one=found,
        topic=topic,
        known=words_topics,
    )


async def reply(visit: Visit) -> Response:
    """What the objector says to an answer."""
    return await _with(visit, "replyToObjection", {"body": visit.form.text("body")}, "body")


async def mark(visit: Visit) -> Response:
    """Whether the answer satisfies."""
    return await _with(visit, "markObjection", {"mark": visit.form.text("mark")}, "mark")


async def withdraw(visit: Visit) -> Response:
    """Take it back."""
    return await _with(visit, "withdrawObjection", {})


async def _with(visit: Visit, operation: str, asked: Mapping[str, Any], *fields: str) -> Response:
    named, form = visit.part("id"), visit.form
    doing = visit.call(operation, once=form.key, id=named, **asked)
    return await visit.do(doing, *fields, again=_one, then=f"/objections/{named}")


PAGES = (
    Page("GET /topics/{id}/objections", objections),
    Page("POST /topics/{id}/objections", file),
    Page("GET /objections/{id}", objection),
    Page("POST /objections/{id}/replies", reply),
    Page("POST /objections/{id}/mark", mark),
    Page("POST /objections/{id}/withdrawal", withdraw),
)
