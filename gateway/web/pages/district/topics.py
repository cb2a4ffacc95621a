"""The hot ten with their trend, what is done about each, and the joint consultations in reach."""

import asyncio
from typing import Final

from starlette.responses import Response

from gateway.web import moments, navs, words_desk
from gateway.web.pages.district.figures import show
from gateway.web.pages.district.reach import LEVELS, reach
from gateway.web.routing import Page
from gateway.web.visit import Visit
from services.contracts.errors import Forbidden, NotFound, ShequError

ASKS: Final = {
    "district": ("hotTopics", "did"),
    "town": ("townHotTopics", "tid"),
    "community": ("communityHotTopics", "cid"),
}
UNPUBLISHED: Final = "grid.hot_topics_not_published"
FIELDS: Final = ("kind", "ref", "note", "starts_at", "ends_at")


async def topics(visit: Visit) -> Response:
    """The ten of a month, of the district, a town or a community."""
    if not navs.watching(visit.actor):
        raise Forbidden()
    found = await reach(visit)
    level, node = visit.query("level"), visit.query("node")
    if level not in LEVELS or not node:
        level, node = found.nodes[0][:2] if found.nodes else ("district", found.did)
    operation, field = ASKS[level]
    try:
        hot = await visit.call(operation, **{field: node}, **visit.asked("month", "version"))
    except NotFound as error:
        if error.code != UNPUBLISHED:
            raise
        hot = None
    return await show(
        visit,
        "district/topics.html",
        reach=found,
        level=level,
        node=node,
        name=found.name(level, node),
        hot=hot,
        desk=words_desk,
    )


async def topic(visit: Visit) -> Response:
    """One of them: its people, its words, where it is, what is done and what that has done."""
    return await _topic(visit)


async def _topic(visit: Visit, failed: str = "") -> Response:
    if not navs.watching(visit.actor):
        raise Forbidden()
    hot, found = await asyncio.gather(visit.call("getHotTopic", id=visit.part("id")), reach(visit))
    acts = visit.may("addHotTopicAction")
    return await show(
        visit,
        "district/topic.html",
        status=visit.form.status,
        reach=found,
        hot=hot,
        acts=acts and not visit.person.is_observer,
        failed=failed,
        desk=words_desk,
        place=found.name(hot["level"], hot["node"]),
    )


async def act(visit: Visit) -> Response:
    """Link what is done about it, or say that it has ended, or was linked by mistake."""
    form, doing, topic_id = visit.form, visit.form.text("do"), visit.part("id")
    try:
        if doing == "finish":
            action, note = form.text("action"), form.text("note")
            await visit.call("finishHotTopicAction", once=form.key, id=action, note=note)
        elif doing == "remove":
            action, reason = form.text("action"), form.text("reason")
            await visit.call("removeHotTopicAction", once=form.key, id=action, reason=reason)
        else:
            said = {name: form.text(name) for name in ("kind", "ref", "note")}
            for name in ("starts_at", "ends_at"):
                if form.text(name):
                    said[name] = moments.local_minute(form.text(name)) or form.text(name)
            await visit.call("addHotTopicAction", once=form.key, id=topic_id, **said)
    except ShequError as error:
        visit.form = visit.refused(error, *FIELDS, "reason")
        return await _topic(visit, f"{doing}-{form.text('action')}")
    return visit.go(f"/district/topics/{topic_id}")


async def consultations(visit: Visit) -> Response:
    """The joint consultations in reach: all, or those where the visitor's office sits."""
    asked = visit.asked("state", "cursor")
    if visit.query("mine"):
        asked["mine"] = True
    page, found = await asyncio.gather(
        visit.call("listMyJointConsultations", limit=30, **asked), reach(visit)
    )
    return await show(
        visit,
        "district/consultations.html",
        reach=found,
        page=page,
        state=asked.get("state", ""),
        mine=bool(asked.get("mine")),
        desk=words_desk,
    )


async def consultation(visit: Visit) -> Response:
    """One of them: who sits there, what was agreed, who does it by when."""
    if not visit.may("listMyJointConsultations"):
        raise Forbidden()
    table, found = await asyncio.gather(
        visit.call("getJointConsultation", id=visit.part("id")), reach(visit)
    )
    return await show(
        visit, "district/consultation.html", reach=found, table=table, desk=words_desk
    )


PAGES = (
    Page("GET /district/topics", topics),
    Page("GET /district/topics/{id}", topic),
    Page("POST /district/topics/{id}", act),
    Page("GET /district/consultations", consultations),
    Page("GET /district/consultations/{id}", consultation),
)
