"""Supervision questions that wait for the committee's answer, with the clock that runs."""

import asyncio
from typing import Final

from starlette.responses import Response

from gateway.web import photos, words_content
from gateway.web.desk import desk
from gateway.web.routing import Page
from gateway.web.visit import Visit
from services.contracts.errors import ShequError

HERE: Final = "/console/questions"
SHOWN: Final = 12


async def desk_questions(visit: Visit) -> Response:
    """Those in a state: open ones, unless another is asked for."""
    return await _show(visit, [])


async def _show(visit: Visit, attachments: list[str]) -> Response:
    desks, cid = await desk(visit)
    form = visit.form
    wanted = visit.query("state") or form.text("state")
    state = wanted if wanted in words_content.QUESTION else "open"
    page, late = await asyncio.gather(
        visit.call(
            "listCommunityQuestions", cid=cid, state=state, limit=SHOWN, **visit.asked("cursor")
        ),
        visit.soft("listCommunityQuestions", cid=cid, state="overdue", limit=1),
    )
    return await visit.page(
        "console/questions.html",
        status=form.status,
        desks=desks,
        cid=cid,
        page=page,
        shown=state,
        late=bool(late and late["items"]),
        failed=form.text("id"),
        attachments=attachments,
        done=visit.query("done"),
        known=words_content,
    )


async def answer_question(visit: Visit) -> Response:
    """Answer in office; the first answer stands, and everybody reads it."""
    form = visit.form
    attachments = form.many(f"{photos.FIELD}[]")
    try:
        attachments = await photos.take(visit)
        if form.text("add_photo"):
            return await _show(visit, attachments)
        await visit.call(
            "answerQuestion",
            once=form.key,
            id=form.text("id"),
            body=form.text("body"),
            attachments=attachments,
        )
    except ShequError as error:
        visit.form = visit.refused(error, "body", photos.FIELD)
        return await _show(visit, attachments)
    return visit.go(f"{HERE}?c={form.text('c')}&state={form.text('state')}&done=answered")


PAGES = (
    Page(f"GET {HERE}", desk_questions),
    Page(f"POST {HERE}", answer_question),
)
