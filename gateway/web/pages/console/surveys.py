"""Surveys at the desk: drafted, opened, watched, closed, and what the answers come to.

::

    new ──▶ draft ──edit──▶ opened ──▶ closed ──▶ figures, CSV and XLSX
      └───────── at once ───▶ ▲
"""

import asyncio
from collections.abc import Mapping
from contextlib import suppress
from fractions import Fraction
from functools import partial
from typing import Any, Final

from starlette.responses import Response

from gateway.web import moments, survey_form, words_desk_topics
from gateway.web.desk import convening, require_convener
from gateway.web.routing import Page
from gateway.web.visit import Visit
from services.contracts.errors import NotFound, ShequError
from services.contracts.operations.votes.common import BODIES

TOPICS: Final = 30


async def surveys(visit: Visit) -> Response:
    """The community's surveys, drafts among them, the newest first."""
    desks, cid = await convening(visit)
    state = visit.query("state")
    asked = {"state": state} if state in words_desk_topics.SURVEY else {}
    page = await visit.call("listSurveys", cid=cid, **asked, **visit.asked("cursor"))
    return await visit.page(
        "console/surveys/list.html",
        desks=desks,
        cid=cid,
        page=page,
        state=asked.get("state", ""),
        known=words_desk_topics,
    )


async def survey(visit: Visit) -> Response:
    """One of them: its questions, how many have answered, and the figures once they are told."""
    return await _show(visit)


async def _show(visit: Visit, failed: str = "") -> Response:
    require_convener(visit)
    found = await visit.call("getSurvey", id=visit.part("id"))
    results, topic = await asyncio.gather(
        _soft(visit, "surveyResults", found["id"] if found["may_see"] else None),
        _soft(visit, "getTopic", found["topic_id"]),
    )
    return await visit.page(
        "console/surveys/survey.html",
        status=visit.form.status,
        cid=found["community_id"],
        survey=found,
        results=results,
        topic=topic,
        leads=_leads(visit, found["convener"]),
        failed=failed,
        decimal=_decimal,
        known=words_desk_topics,
    )


async def _soft(visit: Visit, operation: str, named: str | None) -> dict[str, Any] | None:
    if named is None:
        return None
    answer: dict[str, Any] | None = await visit.soft(operation, id=named)
    return answer


def _decimal(exact: str) -> str:
    """An exact share (``"13/3"``) as people read it: 4.3."""
    return f"{float(Fraction(exact)):.1f}".removesuffix(".0")


def _leads(visit: Visit, convener: str) -> bool:
    """Whether the visitor is of such a body; whether of this one, the operations ask."""
    return bool(visit.person.roles & BODIES[convener])


# -- written --------------------------------------------------------------------------------------


async def new_survey(visit: Visit) -> Response:
    """An empty one; ``topic`` names what it is about."""
    _, cid = await convening(visit)
    return await _write(visit, cid, None)


async def edit_survey(visit: Visit) -> Response:
    """A draft as it is."""
    require_convener(visit)
    found = await visit.call("getSurvey", id=visit.part("id"))
    if found["state"] != "draft":
        raise NotFound()
    return await _write(visit, found["community_id"], found)


async def _write(visit: Visit, cid: str, found: Mapping[str, Any] | None) -> Response:
    about = visit.query("topic") or (found or {}).get("topic_id") or ""
    return await visit.page(
        "console/surveys/edit.html",
        status=visit.form.status,
        cid=cid,
        survey=found,
        rows=survey_form.rows(visit.form, found["questions"] if found else ()),
        most=survey_form.MOST,
        closes=moments.for_field(found["closes_at"]) if found and found["closes_at"] else "",
        topics=await _topics(visit, cid, about),
        about=about,
        bodies=[body for body in BODIES if _leads(visit, body)],
        known=words_desk_topics,
    )


async def _topics(visit: Visit, cid: str, about: str) -> list[tuple[str, str]]:
    """The newest topics by id and title; and the one that the survey is about, however old."""
    page = await visit.soft("listTopics", cid=cid, limit=TOPICS)
    topics = [(one["id"], one["title"]) for one in (page or {}).get("items", [])]
    if about and about not in dict(topics):
        with suppress(ShequError):
            topics.append((about, (await visit.call("getTopic", id=about))["title"]))
    return topics


async def create(visit: Visit) -> Response:
    """Keep it as a draft, or ask it at once."""
    _, cid = await convening(visit)
    form = visit.form
    if form.text("more"):
        return await _write(visit, cid, None)
    try:
        made = await visit.call(
            "createSurvey",
            once=form.key,
            cid=cid,
            draft=not form.text("open"),
            **form.some("convener"),
            **survey_form.written(form),
        )
    except ShequError as error:
        visit.form = visit.refused(error, *survey_form.FIELDS)
        return await _write(visit, cid, None)
    return visit.go(f"/console/surveys/{made['id']}")


async def update(visit: Visit) -> Response:
    """The draft put better."""
    form, survey_id = visit.form, visit.part("id")
    if form.text("more"):
        return await edit_survey(visit)
    found = await visit.call("getSurvey", id=survey_id)
    said = survey_form.written(form, found["questions"])
    plan = {"plan_id": found["plan_id"]} if found["plan_id"] else {}
    doing = visit.call("updateSurvey", id=survey_id, **said, **plan)
    return await visit.do(
        doing, *survey_form.FIELDS, again=edit_survey, then=f"/console/surveys/{survey_id}"
    )


async def open_survey(visit: Visit) -> Response:
    """Ask it."""
    return await _step(visit, "openSurvey", "open")


async def close_survey(visit: Visit) -> Response:
    """Close it; answers are no longer taken."""
    return await _step(visit, "closeSurvey", "close")


async def _step(visit: Visit, operation: str, what: str) -> Response:
    survey_id = visit.part("id")
    doing = visit.call(operation, once=visit.form.key, id=survey_id)
    return await visit.do(
        doing, again=partial(_show, failed=what), then=f"/console/surveys/{survey_id}"
    )


PAGES = (
    Page("GET /console/surveys", surveys),
    Page("GET /console/surveys/new", new_survey),
    Page("POST /console/surveys/new", create),
    Page("GET /console/surveys/{id}", survey),
    Page("GET /console/surveys/{id}/edit", edit_survey),
    Page("POST /console/surveys/{id}/edit", update),
    Page("POST /console/surveys/{id}/opening", open_survey),
    Page("POST /console/surveys/{id}/closing", close_survey),
)
