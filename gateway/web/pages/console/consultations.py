"""Joint consultations: who sits there, when they meet, what is agreed, how it ends."""

from collections.abc import Mapping
from typing import Any, Final

from starlette.responses import Response

from gateway.web import moments, navs, photos, words_desk
from gateway.web.desk import desk
from gateway.web.forms import whole
from gateway.web.routing import Page
from gateway.web.texts import N_
from gateway.web.visit import Visit
from services.contracts.errors import Forbidden, NotFound, ShequError

SECTION: Final = navs.Section("/console/consultations", N_("联合会商"), "tables")
FIELDS: Final[Mapping[str, tuple[str, ...]]] = {
    "seats": ("department", "person_id", "note"),
    "uninvite": ("reason",),
    "seat": ("accept", "reason"),
    "meetings": ("planned_at", "place", "online"),
    "settle": ("state", "participants", "reason"),
    "minutes": ("published", "internal", "version", photos.FIELD),
    "actions": ("what", "owner", "department", "person_id", "due_at"),
    "move": ("move", "note", "due_at", photos.FIELD),
    "conclude": ("outcome", "words", "slot", "standard_code", "urgent", photos.FIELD),
}
"""The forms of a consultation's page and their fields."""


async def consultations(visit: Visit) -> Response:
    """The consultations of the community, newest first."""
    desks, cid = await desk(visit)
    asked = visit.asked("state", "cursor")
    page = await visit.call("listJointConsultations", cid=cid, **asked)
    return await visit.page(
        "console/consultations.html",
        desks=desks,
        cid=cid,
        page=page,
        state=asked.get("state", ""),
        known=words_desk,
    )


async def consultation(visit: Visit) -> Response:
    """One consultation with everything that belongs to it."""
    return await _show(visit)


async def _show(visit: Visit, failed: str = "", attachments: list[str] | None = None) -> Response:
    shown = await visit.call("getJointConsultation", id=visit.part("id"))
    if not (shown["full"] or any(one["mine"] for one in shown["seats"])):
        raise Forbidden()
    catalogue = await visit.inside("listCatalogue") if visit.is_staff else None
    slots = (catalogue or {}).get("items", [])
    sits = [one["department"] for one in shown["seats"] if one["state"] != "withdrawn"]
    hers = {one["department"] for one in shown["seats"] if one["mine"]}
    return await visit.page(
        "console/consultation.html",
        status=visit.form.status,
        cid=shown["community_id"],
        shown=shown,
        slots=slots,
        sits=list(dict.fromkeys(sits)),
        hers=hers,
        departments=sorted({slot["department"] for slot in slots}),
        failed=failed,
        attachments=attachments or [],
        known=words_desk,
        **({} if visit.is_staff else {"nav": navs.alone(visit.path, SECTION)}),
    )


async def act(visit: Visit) -> Response:
    """Whatever is done at the table; the form says what."""
    name = visit.part("act")
    if name not in _ACTS:
        raise NotFound()
    attachments = visit.form.many(f"{photos.FIELD}[]")
    operation, fields_of = _ACTS[name]
    beside = f"{name}-{visit.form.text('of')}" if visit.form.text("of") else name
    try:
        fields = fields_of(visit)
        if photos.FIELD in FIELDS[name]:
            attachments = await photos.take(visit)
            if visit.form.text("add_photo"):
                return await _show(visit, beside, attachments)
            fields["attachments"] = attachments
        await visit.call(operation, once=visit.form.key, id=visit.part("id"), **fields)
    except ShequError as error:
        visit.form = visit.refused(error, *FIELDS[name])
        return await _show(visit, beside, attachments)
    return visit.go(f"/console/consultations/{visit.part('id')}#{name}")


def _invite(visit: Visit) -> dict[str, Any]:
    return visit.form.some("department", "note")


def _uninvite(visit: Visit) -> dict[str, Any]:
    return {"seat_id": visit.form.text("of"), "reason": visit.form.text("reason")}


def _seat(visit: Visit) -> dict[str, Any]:
    form = visit.form
    accept = form.text("accept") == "yes"
    return {"seat_id": form.text("of"), "accept": accept, **form.some("reason")}


def _plan(visit: Visit) -> dict[str, Any]:
    said = visit.form.text("planned_at")
    return {
        "planned_at": moments.local_minute(said) or said,
        "place": visit.form.text("place"),
        "online": visit.form.ticked("online"),
    }


def _settle(visit: Visit) -> dict[str, Any]:
    form = visit.form
    lines = [one.strip() for one in form.text("participants").splitlines() if one.strip()]
    return {
        "meeting_id": form.text("of"),
        "state": form.text("state"),
        "participants": lines if form.text("state") == "held" else [],
        **form.some("reason"),
    }


def _minutes(visit: Visit) -> dict[str, Any]:
    form = visit.form
    return {
        "meeting_id": form.text("of"),
        "version": whole(form.text("version")),
        "published": form.text("published"),
        "internal": form.text("internal"),
    }


def _agree(visit: Visit) -> dict[str, Any]:
    form = visit.form
    fields: dict[str, Any] = form.some("what", "owner")
    if form.text("owner") == "department":
        fields |= form.some("department")
    return {**fields, "due_at": moments.end_of_day(form.text("due_at"))}


def _move(visit: Visit) -> dict[str, Any]:
    form = visit.form
    fields = {"action_id": form.text("of"), "move": form.text("move"), "note": form.text("note")}
    due_at = moments.end_of_day(form.text("due_at")) if fields["move"] == "postpone" else None
    return {**fields, **({"due_at": due_at} if due_at else {})}


def _conclude(visit: Visit) -> dict[str, Any]:
    form = visit.form
    handed = form.text("outcome") == "handed_over"
    return {
        "outcome": form.text("outcome"),
        "words": form.text("words"),
        **(form.some("slot") if handed else {}),
        **({"urgent": form.ticked("urgent")} if handed else {}),
    }


_ACTS: Final = {
    "seats": ("inviteDepartment", _invite),
    "uninvite": ("withdrawDepartmentInvitation", _uninvite),
    "seat": ("answerDepartmentInvitation", _seat),
    "meetings": ("planJointMeeting", _plan),
    "settle": ("settleJointMeeting", _settle),
    "minutes": ("writeJointMinutes", _minutes),
    "actions": ("addJointAction", _agree),
    "move": ("moveJointAction", _move),
    "conclude": ("concludeJointConsultation", _conclude),
}

PAGES = (
    Page("GET /console/consultations", consultations),
    Page("GET /console/consultations/{id}", consultation),
    Page("POST /console/consultations/{id}/{act}", act),
)
