"""What operators look after: messages, sendings, and how the classifier does."""

import asyncio
from collections.abc import Awaitable
from datetime import timedelta
from typing import Any

from starlette.responses import Response

from gateway.web import words_desk
from gateway.web.pages.district.figures import show
from gateway.web.pages.district.reach import days_of, reach, span
from gateway.web.routing import Page
from gateway.web.visit import Visit
from services.contracts.errors import Forbidden, ShequError

DRIFT_DAYS = 90


async def operations(visit: Visit) -> Response:
    """Each section is there for whose operation it is."""
    return await _show(visit)


async def _show(visit: Visit) -> Response:
    mays = {
        name: visit.may(name)
        for name in (
            "listDeadLetters", "listParkedDeliveries", "listClassifierModels", "classifierDrift",
            "startReconciliation",
        )
    }  # fmt: skip
    if not mays["listClassifierModels"]:
        raise Forbidden()
    found, (_, _, today) = await asyncio.gather(reach(visit), span(visit))
    days = days_of(today - timedelta(days=DRIFT_DAYS - 1), today)

    async def asked(name: str, **fields: Any) -> Any:
        return await visit.soft(name, **fields) if mays[name] else None

    answers: list[Awaitable[Any]] = [
        asked("listDeadLetters"),
        asked("listParkedDeliveries", limit=50),
        asked("listClassifierModels"),
        asked("classifierDrift", did=found.did, **days),
    ]
    letters, parked, models, drift = await asyncio.gather(*answers)
    return await show(
        visit,
        "district/operations.html",
        status=visit.form.status,
        reach=found,
        mays=mays,
        letters=letters,
        parked=parked,
        models=models,
        drift=drift,
        sent=visit.query("sent"),
        desk=words_desk,
    )


async def replay(visit: Visit) -> Response:
    """Put a message back onto its queue."""
    form = visit.form
    doing = visit.call("replayDeadLetter", once=form.key, id=form.text("id"))
    return await visit.do(doing, again=_show, then="/district/operations?sent=1#letters")


async def send_on(visit: Visit) -> Response:
    """Try what could not be sent anew: one, or the oldest of all."""
    form = visit.form
    ids = {"ids": [form.text("id")]} if form.text("id") else {}
    try:
        answer = await visit.call("sendOnDeliveries", once=form.key, **ids)
    except ShequError as error:
        visit.form = visit.refused(error)
        return await _show(visit)
    return visit.go(f"/district/operations?sent={answer['count']}#parked")


PAGES = (
    Page("GET /district/operations", operations),
    Page("POST /district/operations/replay", replay),
    Page("POST /district/operations/send-on", send_on),
)
