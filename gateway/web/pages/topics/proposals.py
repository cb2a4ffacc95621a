"""The text that is voted on: its versions, and what became of it between two."""

import asyncio

from starlette.responses import Response

from gateway.web import words_topics
from gateway.web.routing import Page
from gateway.web.visit import Visit
from services.contracts.errors import NotFound


async def proposal(visit: Visit) -> Response:
    """The newest version, or the one that is asked for."""
    topic_id = visit.part("id")
    topic, versions = await asyncio.gather(
        visit.call("getTopic", id=topic_id),
        visit.call("listProposalVersions", id=topic_id, limit=100),
    )
    numbers = [one["version"] for one in versions["items"]]
    wanted = visit.query("version")
    number = int(wanted) if wanted.isdecimal() and len(wanted) < 7 else max(numbers, default=0)
    version = None
    if numbers:
        version = await visit.call("getProposalVersion", id=topic_id, version=number)
    return await visit.page(
        "topics/proposal.html",
        topic=topic,
        versions=versions["items"],
        version=version,
        newest=max(numbers, default=0),
        known=words_topics,
    )


async def changes(visit: Visit) -> Response:
    """What went and what came between two versions."""
    topic_id = visit.part("id")
    older, newer = visit.query("older"), visit.query("newer")
    if not (older.isdecimal() and newer.isdecimal() and max(len(older), len(newer)) < 7):
        raise NotFound()
    topic, found = await asyncio.gather(
        visit.call("getTopic", id=topic_id),
        visit.call("compareProposalVersions", id=topic_id, older=int(older), newer=int(newer)),
    )
    return await visit.page(
        "topics/changes.html",
        topic=topic,
        found=found,
        times=[one for one in found["rules"] if one["field"] in words_topics.TIME],
        sentences=(found["rules_in_words"] or {}).get("en" if visit.language == "en" else "zh", []),
        known=words_topics,
    )


PAGES = (
    Page("GET /topics/{id}/proposal", proposal),
    Page("GET /topics/{id}/proposal/changes", changes),
)
