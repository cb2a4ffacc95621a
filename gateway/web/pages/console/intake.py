"""A case taken in at the desk: somebody rings, comes by, writes a letter (来电来访)."""

from typing import Any, Final

from starlette.responses import Response

from gateway.web import photos, words_desk
from gateway.web.desk import desk
from gateway.web.routing import Page
from gateway.web.visit import Visit
from services.contracts.errors import ShequError

SOURCES: Final = ("phone", "visit", "letter")
FIELDS: Final = ("source", "title", "body", "location", photos.FIELD)


async def intake(visit: Visit) -> Response:
    """An empty case."""
    return await _show(visit, [])


async def _show(visit: Visit, attachments: list[str]) -> Response:
    desks, cid = await desk(visit)
    return await visit.page(
        "console/intake.html",
        status=visit.form.status,
        desks=desks,
        cid=cid,
        attachments=attachments,
        sources=SOURCES,
        known=words_desk,
    )


async def take_in(visit: Visit) -> Response:
    """Take it in, without a name: its clock runs as that of any other."""
    form = visit.form
    attachments = form.many(f"{photos.FIELD}[]")
    where: dict[str, Any] = form.some("location")
    try:
        attachments = await photos.take(visit)
        if form.text("add_photo"):
            return await _show(visit, attachments)
        made = await visit.call(
            "recordIntake",
            once=form.key,
            cid=form.text("c"),
            source=form.text("source"),
            title=form.text("title"),
            body=form.text("body") or form.text("title"),
            anonymous=True,
            attachments=attachments,
            **where,
        )
    except ShequError as error:
        visit.form = visit.refused(error, *FIELDS)
        return await _show(visit, attachments)
    return visit.go(f"/console/issues/{made['id']}")


PAGES = (
    Page("GET /console/issues/new", intake),
    Page("POST /console/issues/new", take_in),
)
