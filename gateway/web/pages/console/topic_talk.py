"""A topic's discussion at the desk: the sides beside each other, who moderates, objections.

::

    GET /console/topics/{id}/discussion    what waits for a look first, then the sides in turn
    GET /console/topics/{id}/moderators    who leads it, and who might
    GET /console/topics/{id}/objections    each with its thread; those that wait have an answer box
"""

import asyncio
from collections.abc import Mapping
from functools import partial
from typing import Any, Final
from urllib.parse import urlencode

from starlette.responses import Response

from gateway.web import words_desk_topics
from gateway.web.desk import require_convener
from gateway.web.routing import Page
from gateway.web.visit import Visit

OPINIONS: Final = 40
LEADERS: Final = frozenset(
    {"group_representative", "volunteer", "party_member", "committee_staff", "secretary",
     "owners_committee"}
)  # fmt: skip
"""Offices whose holders are offered as moderators; the operation judges whom it takes."""
HOLDERS: Final = 100
OBJECTIONS: Final = 30


# -- what is said ---------------------------------------------------------------------------------


async def discussion(visit: Visit) -> Response:
    """The discussion."""
    return await _talk(visit)


async def _talk(visit: Visit, on: str = "") -> Response:
    require_convener(visit)
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
        "console/topics/talk.html",
        status=visit.form.status,
        cid=topic["community_id"],
        topic=topic,
        talk=talk,
        opinions=opinions,
        waiting=held,
        order=order,
        on=on or visit.query("on"),
        known=words_desk_topics,
    )


async def decide(visit: Visit) -> Response:
    """Show an opinion, or hide it; everybody reads why."""
    form, opinion = visit.form, visit.form.text("opinion")
    doing = visit.call(
        "decideOpinion",
        once=form.key,
        id=opinion,
        decision=form.text("decision"),
        reason=form.text("reason"),
    )
    shown = urlencode(visit.asked("order", "cursor"))
    here = f"/console/topics/{visit.part('id')}/discussion"
    then = f"{here}{'?' if shown else ''}{shown}#o-{opinion}"
    return await visit.do(doing, "reason", "decision", again=partial(_talk, on=opinion), then=then)


# -- who leads it ---------------------------------------------------------------------------------


async def moderators(visit: Visit) -> Response:
    """Who moderates or did, and who might be asked to."""
    return await _moderators(visit)


async def _moderators(visit: Visit) -> Response:
    require_convener(visit)
    topic_id = visit.part("id")
    topic, talk = await asyncio.gather(
        visit.call("getTopic", id=topic_id), visit.call("getDiscussion", id=topic_id)
    )
    return await visit.page(
        "console/topics/moderators.html",
        status=visit.form.status,
        cid=topic["community_id"],
        topic=topic,
        talk=talk,
        people=await _people(visit, topic, talk),
        known=words_desk_topics,
    )


async def _people(
    visit: Visit, topic: Mapping[str, Any], talk: Mapping[str, Any]
) -> list[tuple[str, str, str]]:
    """Who might moderate: id, name and office; oneself first. Nobody twice, nobody who does."""
    found = {visit.person.person_id: ("", "")}
    if visit.may("listRoles"):
        page = await visit.soft("listRoles", scope=topic["community_id"], limit=HOLDERS)
        for one in (page or {}).get("items", []):
            if one["role"] in LEADERS:
                said = one["person"]["display_name"], one["role"]
                found.setdefault(one["person"]["id"], said)
    leading = {
        one["person"]["person_id"]
        for one in talk["moderators"]
        if one["person"] and one["ended_at"] is None
    }
    return [(one, *said) for one, said in found.items() if one not in leading]


async def appoint(visit: Visit) -> Response:
    """Let somebody moderate."""
    return await _with(visit, "appointModerator")


async def end(visit: Visit) -> Response:
    """End a moderation."""
    return await _with(visit, "endModeration")


async def _with(visit: Visit, operation: str) -> Response:
    topic_id = visit.part("id")
    doing = visit.call(operation, id=topic_id, person_id=visit.form.text("person_id"))
    then = f"/console/topics/{topic_id}/moderators"
    return await visit.do(doing, "person_id", again=_moderators, then=then)


# -- objections -----------------------------------------------------------------------------------


async def objections(visit: Visit) -> Response:
    """Those that wait for an answer; ``all=1`` for every one."""
    return await _objections(visit)


async def _objections(visit: Visit, on: str = "") -> Response:
    require_convener(visit)
    topic_id = visit.part("id")
    whole = bool(visit.query("all"))
    asked: dict[str, Any] = {**({} if whole else {"owed": True}), **visit.asked("cursor")}
    topic, found = await asyncio.gather(
        visit.call("getTopic", id=topic_id),
        visit.call(
            "listObjections",
            id=topic_id,
            limit=OBJECTIONS,
            **asked,
        ),
    )
    return await visit.page(
        "console/topics/objections.html",
        status=visit.form.status,
        cid=topic["community_id"],
        topic=topic,
        objections=found,
        owed=sum(one["owed"] for one in topic["objections"]),
        whole=whole,
        on=on,
        known=words_desk_topics,
    )


async def answer(visit: Visit) -> Response:
    """The reasoned answer; then on to the next that waits."""
    form, objection = visit.form, visit.form.text("objection")
    doing = visit.call("answerObjection", once=form.key, id=objection, body=form.text("body"))
    then = f"/console/topics/{visit.part('id')}/objections"
    return await visit.do(doing, "body", again=partial(_objections, on=objection), then=then)


PAGES = (
    Page("GET /console/topics/{id}/discussion", discussion),
    Page("POST /console/topics/{id}/discussion", decide),
    Page("GET /console/topics/{id}/moderators", moderators),
    Page("POST /console/topics/{id}/moderators", appoint),
    Page("POST /console/topics/{id}/moderators/end", end),
    Page("GET /console/topics/{id}/objections", objections),
    Page("POST /console/topics/{id}/objections", answer),
)
