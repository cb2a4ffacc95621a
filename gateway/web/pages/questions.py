"""Supervision questions (监督提问): asked about what an office discloses, answered in time.

::

    /c/{cid}/questions              all of a community, those due first
    /posts/{id}/questions           those about one disclosure, and asking another (``?line=``)
        └─ …/{question}             answer it in office, report it, take its words down
"""

import asyncio
from functools import partial
from typing import Any, Final

from starlette.responses import Response

from gateway.web import words_content
from gateway.web.forms import whole
from gateway.web.pages.posts import module_of
from gateway.web.routing import Page
from gateway.web.visit import Visit
from services.contracts.errors import NotFound

SHOWN: Final = 15
LOOKED_THROUGH: Final = 100


async def community_questions(visit: Visit) -> Response:
    """What was asked in the community, and how it was answered."""
    cid, shown = visit.part("cid"), visit.query("state")
    asked = {"state": shown} if shown in words_content.QUESTION else {}
    page = await visit.call(
        "listCommunityQuestions", cid=cid, limit=SHOWN, **asked, **visit.asked("cursor")
    )
    return await visit.page(
        "questions/community.html", cid=cid, page=page, asked=asked, known=words_content
    )


async def questions(visit: Visit) -> Response:
    """What was asked about one disclosure."""
    post_id = visit.part("id")
    post, page = await asyncio.gather(
        visit.call("getPost", id=post_id),
        visit.call("listQuestions", id=post_id, limit=SHOWN, **visit.asked("cursor")),
    )
    module = await module_of(visit, post["community_id"], post["module"])
    return await visit.page(
        "questions/of_post.html",
        status=visit.form.status,
        post=post,
        page=page,
        takes="question" in module["works"],
        line=whole(visit.query("line") or visit.form.text("line")),
        done=visit.query("done"),
        known=words_content,
    )


async def ask(visit: Visit) -> Response:
    """Ask; the office that discloses has seven days."""
    form, here = visit.form, f"/posts/{visit.part('id')}/questions"
    line = {"line": whole(form.text("line"))} if form.text("line") else {}
    doing = visit.call(
        "askQuestion",
        once=form.key,
        id=visit.part("id"),
        body=form.text("body"),
        hide_name=form.ticked("hide_name"),
        **line,
    )
    return await visit.do(doing, "body", "line", again=questions, then=f"{here}?done=asked")


# -- one of them -----------------------------------------------------------------------------------


async def question(visit: Visit) -> Response:
    """What one may do about a question besides reading."""
    return await _question(visit)


async def _question(visit: Visit, failed: str = "") -> Response:
    post_id = visit.part("id")
    post, page = await asyncio.gather(
        visit.call("getPost", id=post_id),
        visit.call("listQuestions", id=post_id, limit=LOOKED_THROUGH),
    )
    module = await module_of(visit, post["community_id"], post["module"])
    return await visit.page(
        "questions/question.html",
        status=visit.form.status,
        post=post,
        one=_found(page["items"], visit.part("question")),
        may_moderate=module["may_moderate"],
        failed=failed,
        done=visit.query("done"),
        known=words_content,
    )


def _found(items: list[dict[str, Any]], question_id: str) -> dict[str, Any]:
    for one in items:
        if one["id"] == question_id:
            return one
    raise NotFound()


async def answer_in_office(visit: Visit) -> Response:
    """Answer in the office that discloses; the committee does it at its desk, too."""
    return await _do(visit, "answerQuestion", "answered", body=visit.form.text("body"))


async def report_question(visit: Visit) -> Response:
    """Report it to those who moderate."""
    said = {name: visit.form.text(name) for name in ("kind", "reason")}
    return await _do(visit, "reportQuestion", "reported", **said)


async def take_down_question(visit: Visit) -> Response:
    """Take its words down as who moderates; the answer stays."""
    return await _do(visit, "takeDownQuestion", "taken_down", reason=visit.form.text("reason"))


async def _do(visit: Visit, operation: str, done: str, **said: str) -> Response:
    here = f"/posts/{visit.part('id')}/questions/{visit.part('question')}"
    doing = visit.call(operation, once=visit.form.key, id=visit.part("question"), **said)
    again = partial(_question, failed=done)
    return await visit.do(doing, *said, again=again, then=f"{here}?done={done}")


_ONE: Final = "/posts/{id}/questions/{question}"
PAGES = (
    Page("GET /c/{cid}/questions", community_questions),
    Page("GET /posts/{id}/questions", questions),
    Page("POST /posts/{id}/questions", ask),
    Page(f"GET {_ONE}", question),
    Page(f"POST {_ONE}/answer", answer_in_office),
    Page(f"POST {_ONE}/report", report_question),
    Page(f"POST {_ONE}/takedown", take_down_question),
)
