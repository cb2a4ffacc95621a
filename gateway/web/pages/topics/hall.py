"""The hall: a community's topics by where they stand, and a question of one's own."""

import asyncio
from typing import Any, Final

from starlette.responses import Response

from gateway.web import words_topics
from gateway.web.routing import Page
from gateway.web.visit import Visit
from services.contracts.errors import NotFound, ShequError

MINE: Final = ("raised", "seconded")
FIELDS: Final = ("title", "body", "convener", "aim", "covenant_id", "again_of", "from_post_id")
SOURCES: Final = {"post": "from_post_id", "again": "again_of", "covenant": "covenant_id"}
"""Where a question may come from, as the address says it, and as the contract calls it."""
LONGEST_TITLE: Final = 60
OTHERS: Final = 3


async def hall(visit: Visit) -> Response:
    """The topics, newest first: all, those at a stage, mine; ``q`` searches."""
    cid = visit.part("cid")
    stage, mine, q = visit.query("stage"), visit.query("mine"), visit.query("q")
    asked: dict[str, str] = {}
    if stage in words_topics.STAGE:
        asked["stage"] = stage
    elif mine in MINE:
        asked["mine"] = mine
    if q:
        asked["q"] = q
    narrowed = {("part" if name == "mine" else name): value for name, value in asked.items()}
    topics, surveys = await asyncio.gather(
        visit.call("listTopics", cid=cid, **narrowed, **visit.asked("cursor")),
        visit.soft("listSurveys", cid=cid, state="open", limit=OTHERS),
    )
    return await visit.page(
        "topics/hall.html",
        cid=cid,
        topics=topics,
        surveys=[one for one in (surveys or {}).get("items", []) if not one["answered"]],
        asked=asked,
        known=words_topics,
    )


async def question(visit: Visit) -> Response:
    """An empty question, or one that comes from a post, a covenant, an earlier topic."""
    return await _asking(visit)


async def raise_topic(visit: Visit) -> Response:
    """Raise it."""
    cid, form = visit.part("cid"), visit.form
    try:
        made = await visit.call(
            "raiseTopic",
            once=form.key,
            cid=cid,
            title=form.text("title"),
            body=form.text("body"),
            **form.some("convener", "aim", *SOURCES.values()),
        )
    except ShequError as error:
        visit.form = visit.refused(error, *FIELDS)
        return await _asking(visit)
    return visit.go(f"/topics/{made['id']}?new=1")


async def _asking(visit: Visit) -> Response:
    cid = visit.part("cid")
    wanted = {name: visit.query(short) or visit.form.text(name) for short, name in SOURCES.items()}
    chain, community, post, again, covenant = await asyncio.gather(
        visit.soft("getChainSettings", cid=cid),
        visit.soft("listTopics", cid=cid, stage="asked", limit=OTHERS),
        _known(visit, "getPost", wanted["from_post_id"]),
        _known(visit, "getTopic", wanted["again_of"]),
        _known(visit, "getCovenant", wanted["covenant_id"]),
    )
    return await visit.page(
        "topics/new.html",
        status=visit.form.status,
        cid=cid,
        chain=(chain or {}).get("settings"),
        others=(community or {}).get("items", []),
        post=post,
        again=again,
        covenant=covenant,
        aim=visit.query("aim"),
        begins=(post or again or {"title": "", "body": ""}),
        longest=LONGEST_TITLE,
        known=words_topics,
    )


async def _known(visit: Visit, operation: str, named: str) -> dict[str, Any] | None:
    """What the question comes from; None when there is nothing of the kind to be seen."""
    if not named:
        return None
    try:
        found: dict[str, Any] | None = await visit.soft(operation, id=named)
    except NotFound:
        return None
    return found


PAGES = (
    Page("GET /c/{cid}/topics", hall),
    Page("GET /c/{cid}/topics/new", question),
    Page("POST /c/{cid}/topics/new", raise_topic),
)
