"""The discussion of a topic: the sides beside each other, and one's own say."""

import asyncio
from collections.abc import Mapping
from typing import Any

from starlette.responses import Response

from gateway.web import moments, words_topics
from gateway.web.routing import Page
from gateway.web.visit import Visit
from services.contracts.errors import ShequError

OPINIONS = 20


async def discussion(visit: Visit) -> Response:
    """The opinions, the sides in turn; those of mine that wait stand on top."""
    return await _show(visit)


async def _show(visit: Visit) -> Response:
    topic_id = visit.part("id")
    order = "newest" if visit.query("order") == "newest" else "alternating"
    more = visit.asked("cursor")
    topic, talk, opinions, waiting = await asyncio.gather(
        visit.call("getTopic", id=topic_id),
        visit.call("getDiscussion", id=topic_id),
        visit.call("listOpinions", id=topic_id, order=order, limit=OPINIONS, **more),
        visit.soft("listOpinions", id=topic_id, shown="waiting", limit=OPINIONS),
    )
    held = (waiting or {}).get("items", []) if not more else []
    apart = {one["id"] for one in held}
    opinions["items"] = [one for one in opinions["items"] if one["id"] not in apart]
    return await visit.page(
        "topics/discussion.html",
        status=visit.form.status,
        topic=topic,
        talk=talk,
        opinions=opinions,
        waiting=held,
        order=order,
        asked={"order": order},
        doing=_doing(visit),
        parse=moments.parse,
        known=words_topics,
    )


def _doing(visit: Visit) -> tuple[str, str]:
    """What is being done with which opinion: asked for by the address, or just refused."""
    if opinion := visit.request.path_params.get("opinion", ""):
        return visit.path.rpartition("/")[2], opinion
    return visit.query("do"), visit.query("on")


async def discuss(visit: Visit) -> Response:
    """Give an opinion."""
    form = visit.form
    asked = {"stance": form.text("stance"), "body": form.text("body")}
    return await _done(visit, "discussTopic", asked, "stance", "body", once=form.key)


async def moderate(visit: Visit) -> Response:
    """A moderator's word."""
    form = visit.form
    return await _done(visit, "moderateTopic", {"body": form.text("body")}, "body", once=form.key)


async def _done(
    visit: Visit, operation: str, asked: Mapping[str, Any], *fields: str, once: str
) -> Response:
    topic_id = visit.part("id")
    try:
        said = await visit.call(operation, once=once, id=topic_id, **asked)
    except ShequError as error:
        visit.form = visit.refused(error, *fields)
        return await _show(visit)
    return visit.go(f"/topics/{topic_id}/discussion#o-{said['id']}")


# -- with one opinion -------------------------------------------------------------------------


async def correct(visit: Visit) -> Response:
    """Better words for my own."""
    return await _with(visit, "correctOpinion", "body")


async def withdraw(visit: Visit) -> Response:
    """Take it back."""
    return await _with(visit, "withdrawOpinion")


async def appeal(visit: Visit) -> Response:
    """Ask the desk to look again at what was hidden."""
    return await _with(visit, "appealOpinion", "reason")


async def decide(visit: Visit) -> Response:
    """Who moderates shows an opinion, or hides one, and says why."""
    return await _with(visit, "decideOpinion", "decision", "reason")


async def _with(visit: Visit, operation: str, *fields: str) -> Response:
    topic_id, opinion, form = visit.part("id"), visit.part("opinion"), visit.form
    asked = {name: form.text(name) for name in fields}
    doing = visit.call(operation, once=form.key, id=opinion, **asked)
    return await visit.do(
        doing, *fields, again=_show, then=f"/topics/{topic_id}/discussion#o-{opinion}"
    )


_ONE = "/topics/{id}/discussion/{opinion}"
PAGES = (
    Page("GET /topics/{id}/discussion", discussion),
    Page("POST /topics/{id}/discussion", discuss),
    Page("POST /topics/{id}/moderation", moderate),
    Page(f"POST {_ONE}/correction", correct),
    Page(f"POST {_ONE}/withdrawal", withdraw),
    Page(f"POST {_ONE}/appeal", appeal),
    Page(f"POST {_ONE}/decision", decide),
)
