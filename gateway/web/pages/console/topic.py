"""One topic at the desk: where it stands, what can be done now, and why the rest cannot.

::

    GET  /console/topics/{id}              the story on one side, what can be done on the other
    POST …/screening                       accept, return, refuse, merge; the reason is public
    POST …/steps                           lead it on, or back
    POST …/convener                        hand it over to the other body
"""

import asyncio
from collections.abc import Iterator, Mapping
from functools import partial
from typing import Any, Final

from starlette.responses import Response

from gateway.web import moments, words_desk_topics
from gateway.web.desk import require_convener
from gateway.web.pages.topics.showing import REF, SHOWN_LINES, following
from gateway.web.routing import Page
from gateway.web.visit import Visit

SCREENED: Final = ("decision", "reason", "into", "locked_by")
STEPPED: Final = ("reason", "title", "body")
FROZEN: Final = frozenset({"notice", "voting", "publicity"})
OPTIONS: Final = 50
"""The newest topics, of which one may be named that a question is merged into."""


async def topic(visit: Visit) -> Response:
    """The topic."""
    return await _show(visit)


async def _show(visit: Visit, failed: str = "") -> Response:
    require_convener(visit)
    topic_id = visit.part("id")
    found = await visit.call("getTopic", id=topic_id)
    screens = {one["stage"] for one in found["next_steps"] if one["do"] == "screen"}
    talk, alike, others, chain = await asyncio.gather(
        visit.soft("getDiscussion", id=topic_id),
        visit.soft("findAlikeTopics", id=topic_id),
        _others(visit, found, wanted=bool(screens)),
        visit.soft("getChainSettings", cid=found["community_id"]),
    )
    return await visit.page(
        "console/topics/topic.html",
        status=visit.form.status,
        cid=found["community_id"],
        topic=found,
        body=words_desk_topics.BODY[found["convener"]],
        following=following(found),
        stage=next(iter(screens), ""),
        steps=[one for one in found["next_steps"] if one["do"] == "advance"],
        hands_over=any(one["do"] == "hand_over" for one in found["next_steps"]),
        barred=list(_barred(found)),
        moderators=_moderators(talk),
        alike=(alike or {}).get("items", []),
        options=_options(others),
        locks=[one for one in others if one["outcome"] == "not_passed"],
        settings=_settings(found, chain),
        owed=[one for one in found["objections"] if one["owed"]],
        refs=REF,
        shown_lines=SHOWN_LINES,
        failed=failed,
        done=visit.query("done"),
        parse=moments.parse,
        known=words_desk_topics,
    )


async def _others(visit: Visit, found: Mapping[str, Any], *, wanted: bool) -> list[dict[str, Any]]:
    """The community's other topics; asked for only where one of them may be named."""
    if not wanted:
        return []
    page = await visit.soft("listTopics", cid=found["community_id"], limit=OPTIONS)
    return [one for one in (page or {}).get("items", []) if one["id"] != found["id"]]


def _options(others: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """What the topic may be merged into: the service refuses what does not fit."""
    over = FROZEN | {"adopted", "refused", "closed"}
    return [one for one in others if one["state"] not in over]


def _moderators(talk: Mapping[str, Any] | None) -> list[dict[str, Any]]:
    return [
        one["person"]
        for one in (talk or {}).get("moderators", [])
        if one["ended_at"] is None and one["person"]
    ]


def _settings(
    found: Mapping[str, Any], chain: Mapping[str, Any] | None
) -> Mapping[str, Any] | None:
    """The settings that the topic was raised under, where they are still the newest."""
    same = chain is not None and chain["version"] == found["settings_version"]
    return chain["settings"] if chain and same else None


def _barred(found: Mapping[str, Any]) -> Iterator[tuple[str, str, str | None]]:
    """What cannot be done now: its name in words, why, and from when on it can."""
    done = {(one["do"], one["to"]) for one in found["next_steps"]}
    state, waits = found["state"], found["waits_for"]
    if waits is None:
        yield "", "ended", None
        return
    if not found["convenes"] and state != "prior_study":
        yield "", "others", None
        return
    if waits == "seconders":
        yield "screen", "seconders", None
    if state == "prior_study" and ("advance", "proposal") not in done:
        yield "study", "party", None
    for one in found["next_steps"]:
        if one["to"] == "actionable" and one["not_before"]:
            yield "form", "talk", one["not_before"]
    if state == "proposal" and ("advance", "notice") not in done:
        yield "notice", "text", None
    if state in ("screened", "discussion", "actionable", "prior_study"):
        yield "write", "not_yet", None
    if state in FROZEN:
        yield "write", "frozen", None
    if state == "notice" and any(one["owed"] for one in found["objections"]):
        yield "vote", "owed", None
    if found["covenant_id"] and state not in FROZEN:
        yield "hand", "covenant", None


async def screen(visit: Visit) -> Response:
    """The committee's decision on a question, or on an item."""
    form = visit.form
    stage, decision = form.text("stage"), form.text("decision")
    said: dict[str, Any] = form.some("reason")
    if decision == "merge":
        said |= form.some("into")
    if decision == "refuse":
        said |= form.some("locked_by")
    doing = visit.call(
        "screenTopic",
        once=form.key,
        id=visit.part("id"),
        stage=stage,
        decision=decision,
        **said,
    )
    failed = "accept" if decision == "accept" else "screen"
    return await visit.do(doing, *SCREENED, again=partial(_show, failed=failed), then=_here(visit))


async def lead(visit: Visit) -> Response:
    """On to its next state, or back."""
    form, to = visit.form, visit.form.text("to")
    doing = visit.call(
        "advanceTopic", once=form.key, id=visit.part("id"), to=to, **form.some(*STEPPED)
    )
    return await visit.do(
        doing, *STEPPED, again=partial(_show, failed=f"to-{to}"), then=_here(visit)
    )


async def hand(visit: Visit) -> Response:
    """Give it to the other convening body."""
    form = visit.form
    doing = visit.call(
        "handTopic",
        once=form.key,
        id=visit.part("id"),
        convener=form.text("convener"),
        reason=form.text("reason"),
    )
    return await visit.do(
        doing, "reason", "convener", again=partial(_show, failed="hand"), then=_here(visit)
    )


def _here(visit: Visit) -> str:
    return f"/console/topics/{visit.part('id')}?done=1"


PAGES = (
    Page("GET /console/topics/{id}", topic),
    Page("POST /console/topics/{id}/screening", screen),
    Page("POST /console/topics/{id}/steps", lead),
    Page("POST /console/topics/{id}/convener", hand),
)
