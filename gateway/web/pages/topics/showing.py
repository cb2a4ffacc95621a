"""A topic: where it stands, what comes next and until when, and its whole way in the open."""

import asyncio
from typing import Any, Final

from starlette.responses import Response

from gateway.web import moments, words_topics
from gateway.web.routing import Page
from gateway.web.visit import Visit

WORDING: Final = ("title", "body")
REF: Final = (
    ("post_id", "/posts/"),
    ("topic_id", "/topics/"),
    ("again_of", "/topics/"),
    ("objection_id", "/objections/"),
    ("covenant_id", "/covenants/"),
)
"""What a line of the timeline may tell of, and where that can be seen; the poll has its own row."""
SHOWN_LINES: Final = 8
"""Of the timeline, before the rest is folded."""


async def topic(visit: Visit) -> Response:
    """The topic with its way, who convenes and moderates, and what followed."""
    return await show(visit)


async def show(visit: Visit) -> Response:
    """The page of a topic; with a form's faults where there are some."""
    topic_id = visit.part("id")
    found, talk = await asyncio.gather(
        visit.call("getTopic", id=topic_id), visit.soft("getDiscussion", id=topic_id)
    )
    follow_ups = None
    if found["waits_for"] is None:  # something follows from its end alone
        follow_ups = await visit.soft(
            "listFollowUps", cid=found["community_id"], topic_id=topic_id, limit=20
        )
    return await visit.page(
        "topics/topic.html",
        status=visit.form.status,
        topic=found,
        may={one["do"]: one for one in found["next_steps"]},
        following=following(found),
        moderators=[
            one["person"]
            for one in (talk or {}).get("moderators", [])
            if one["ended_at"] is None and one["person"]
        ],
        follow_ups=(follow_ups or {}).get("items", []),
        owed=[one for one in found["objections"] if one["owed"]],
        refs=REF,
        shown_lines=SHOWN_LINES,
        new=bool(visit.query("new")),
        parse=moments.parse,
        known=words_topics,
    )


def following(topic: dict[str, Any]) -> tuple[str, str] | None:
    """Whose turn it is and what comes of it, in words; None where the topic has ended."""
    waits, state = topic["waits_for"], topic["state"]
    return words_topics.NEXT.get(waits or "") or words_topics.NEXT.get(state)


async def second(visit: Visit) -> Response:
    """Second it, or take that back."""
    topic_id = visit.part("id")
    wanted = visit.form.text("second") == "1"
    doing = visit.call("secondTopic" if wanted else "withdrawSecond", id=topic_id)
    return await visit.do(doing, again=show, then=f"/topics/{topic_id}#second")


async def amend(visit: Visit) -> Response:
    """Word a returned question anew."""
    topic_id, form = visit.part("id"), visit.form
    doing = visit.call("amendTopic", id=topic_id, title=form.text("title"), body=form.text("body"))
    return await visit.do(doing, *WORDING, again=show, then=f"/topics/{topic_id}")


async def withdraw(visit: Visit) -> Response:
    """Take one's own question back."""
    topic_id, form = visit.part("id"), visit.form
    doing = visit.call("advanceTopic", once=form.key, id=topic_id, to="closed")
    return await visit.do(doing, again=show, then=f"/topics/{topic_id}")


PAGES = (
    Page("GET /topics/{id}", topic),
    Page("POST /topics/{id}/second", second),
    Page("POST /topics/{id}/wording", amend),
    Page("POST /topics/{id}/withdrawal", withdraw),
)
