"""Surveys: asked, answered once, changed while they run, and what the answers come to."""

import asyncio
from collections.abc import Mapping
from dataclasses import replace
from fractions import Fraction
from typing import Any

from starlette.responses import Response

from gateway.web import words_topics
from gateway.web.routing import Page
from gateway.web.visit import Visit
from services.contracts.errors import ShequError


async def surveys(visit: Visit) -> Response:
    """A community's surveys, the newest first."""
    cid = visit.part("cid")
    asked = {"state": visit.query("state")} if visit.query("state") in ("open", "closed") else {}
    found = await visit.call("listSurveys", cid=cid, **asked, **visit.asked("cursor"))
    return await visit.page(
        "surveys/list.html", cid=cid, surveys=found, asked=asked, known=words_topics
    )


async def survey(visit: Visit) -> Response:
    """One: its questions with my answers, or its results."""
    return await _show(visit)


async def _show(visit: Visit) -> Response:
    survey_id = visit.part("id")
    found = await visit.call("getSurvey", id=survey_id)
    results, topic = await asyncio.gather(
        _soft(visit, "surveyResults", survey_id if found["may_see"] else None),
        _soft(visit, "getTopic", found["topic_id"]),
    )
    if not visit.form.values and found["mine"]:
        visit.form = replace(visit.form, values=_given(found["mine"]))
    return await visit.page(
        "surveys/survey.html",
        status=visit.form.status,
        survey=found,
        results=results,
        topic=topic,
        thanks=bool(visit.query("thanks")),
        decimal=_decimal,
        known=words_topics,
    )


async def _soft(visit: Visit, operation: str, named: str | None) -> dict[str, Any] | None:
    if named is None:
        return None
    answer: dict[str, Any] | None = await visit.soft(operation, id=named)
    return answer


async def answer(visit: Visit) -> Response:
    """Answer, or answer otherwise."""
    survey_id, form = visit.part("id"), visit.form
    found = await visit.call("getSurvey", id=survey_id)
    names = [f"answers_{place}" for place in range(len(found["questions"]))]
    try:
        await visit.call(
            "answerSurvey",
            once=form.key,
            id=survey_id,
            answers=[
                _answer(visit, question, name)
                for question, name in zip(found["questions"], names, strict=True)
            ],
        )
    except ShequError as error:
        form = visit.refused(error, *names)
        asked = dict(zip(names, found["questions"], strict=True))
        needed = {name: _needed(visit, asked[name]) for name in form.errors}
        visit.form = replace(form, errors=needed)
        return await _show(visit)
    return visit.go(f"/surveys/{survey_id}?thanks=1")


def _needed(visit: Visit, question: Mapping[str, Any]) -> str:
    """What a question asks for, in words: whatever was wrong, that is to be done now."""
    number = {"low": question["lowest"], "high": question["highest"]}
    wanted = words_topics.NEEDED[question["kind"]]
    if question["kind"] == "number" and None in number.values():
        wanted = words_topics.NEEDED_WHOLE
    return visit.say(wanted).format(n=question["longest"], **number)


def _answer(visit: Visit, question: Mapping[str, Any], name: str) -> Any:
    """What a form says to a question, in the contract's shape; the service says what is wrong."""
    if question["kind"] == "multiple":
        return [_whole(one) for one in visit.form.many(f"{name}[]")] or None
    said = visit.form.text(name)
    return (said if question["kind"] == "text" else _whole(said)) if said else None


def _whole(text: str) -> int | str:
    try:
        return int(text) if text.isascii() and len(text) < 12 else text
    except ValueError:
        return text


def _decimal(exact: str) -> str:
    """An exact share (``"13/3"``) as people read it: 4.3."""
    return f"{float(Fraction(exact)):.1f}".removesuffix(".0")


def _given(mine: list[Any]) -> dict[str, Any]:
    """My answers, as the fields of the form have them."""
    values: dict[str, Any] = {}
    for place, one in enumerate(mine):
        if isinstance(one, list):
            values[f"answers_{place}[]"] = [str(choice) for choice in one]
        elif one is not None:
            values[f"answers_{place}"] = str(one)
    return values


PAGES = (
    Page("GET /c/{cid}/surveys", surveys),
    Page("GET /surveys/{id}", survey),
    Page("POST /surveys/{id}", answer),
)
