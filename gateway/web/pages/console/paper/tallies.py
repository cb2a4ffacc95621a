"""Sheets of the urns: entered by one, entered again by another, and held against the register.

::

    new ─ enterPaper ─▶ entered ─ another person ─▶ confirmed ─ correction ─▶ (replaced by another)
                          ▲            │ they differ: the lines are told, never by how much
                          └─ recount ◀─┘

Nobody is shown what somebody else read before both have read the same.
"""

import asyncio
import unicodedata
from collections.abc import Awaitable, Mapping
from fractions import Fraction
from typing import Any, Final

from starlette.responses import Response

from gateway.web import photos, slips, words_paper
from gateway.web.pages.console.paper.choosing import HERE, rows, works_at
from gateway.web.routing import Page
from gateway.web.texts import N_
from gateway.web.visit import Visit
from services.contracts.errors import FieldError, Forbidden, Invalid, NotFound, ShequError
from services.contracts.operations.votes.rules import OWNERS

SHEETS: Final = 50
NAMED: Final = 350
"""Ballots that carry names which a form takes: it has no more fields."""
NUMBERS: Final = (*words_paper.SLIPS, *words_paper.CHOICE)
FIELDS: Final = (
    *NUMBERS,
    "buildings",
    "ballots",
    "weights",
    *(f"weights_{one}" for one in words_paper.CHOICE),
    "photo_ids",
    photos.FIELD,
    "reason",
)


async def tallies(visit: Visit) -> Response:
    """The sheets of a poll, and what of register and sheets does not agree."""
    return await _list(visit)


async def _list(visit: Visit, failed: str = "") -> Response:
    poll = await visit.call("getPoll", id=visit.part("id"))
    figures, page = await asyncio.gather(
        visit.call("listPaperDesk", id=poll["id"]),
        visit.call("listTallies", id=poll["id"], limit=SHEETS, **visit.asked("cursor")),
    )
    taken = {
        building
        for one in page["items"]
        if one["state"] in ("entered", "recount", "confirmed")
        for building in one["buildings"]
    }
    return await visit.page(
        "console/paper/tallies.html",
        status=visit.form.status,
        poll=poll,
        cid=poll["community_id"],
        works=works_at(visit, poll),
        figures=figures,
        page=page,
        left=slips.in_order(
            one["building"]
            for one in figures["buildings"]
            if one["issued"] and one["building"] not in taken
        ),
        wrong=[one for one in figures["lines"] if one["sheet"] and not one["agrees"]],
        failed=failed,
        known=words_paper,
        **rows(visit),
    )


# -- a reading ------------------------------------------------------------------------------------


async def new(visit: Visit) -> Response:
    """An empty sheet to be entered."""
    return await _sheet(visit)


async def again(visit: Visit) -> Response:
    """An empty sheet for whoever reads it a second time, or puts another in its place."""
    return await _sheet(visit)


def _kind(visit: Visit) -> str:
    """What the form is for: ``new``, ``reading`` or ``correction``."""
    kind = str(visit.request.path_params.get("kind", "new"))
    if kind not in ("new", "reading", "correction"):
        raise NotFound()
    return kind


async def _sheet(visit: Visit, attachments: list[str] | None = None) -> Response:
    poll = await visit.call("getPoll", id=visit.part("id"))
    if not works_at(visit, poll):
        raise Forbidden()
    kind, named = _kind(visit), poll["secrecy"] != "secret"
    chosen = visit.form.many("buildings[]") or visit.request.query_params.getlist("of")
    figures, page, back = await asyncio.gather(
        visit.call("listPaperDesk", id=poll["id"]),
        visit.call("listTallies", id=poll["id"], limit=SHEETS),
        _back(visit, named=named and bool(chosen)),
    )
    sheet = next((one for one in page["items"] if one["id"] == _sheet_id(visit)), None)
    if kind != "new" and sheet is None:
        raise NotFound()
    entries = [one for one in back if one["building"] in chosen]
    return await visit.page(
        "console/paper/sheet.html",
        status=visit.form.status,
        poll=poll,
        cid=poll["community_id"],
        kind=kind,
        sheet=sheet,
        buildings=slips.in_order(one["building"] for one in figures["buildings"]),
        chosen=chosen,
        named=named,
        weighed=_weighed(poll),
        entries=entries[:NAMED],
        too_many=len(entries) > NAMED,
        attachments=attachments or [],
        known=words_paper,
        **rows(visit),
    )


def _sheet_id(visit: Visit) -> str:
    return str(visit.request.path_params.get("sheet", ""))


def _weighed(poll: Mapping[str, Any]) -> bool:
    """Whether the sheet itself says what its ballots weigh: they bear no name, and weigh."""
    return poll["secrecy"] == "secret" and poll["rule_set"]["electorate"]["who"] in OWNERS


async def _back(visit: Visit, *, named: bool) -> list[dict[str, Any]]:
    """The entries whose papers are back, where ballots carry their names."""
    if not named:
        return []
    page = await visit.call(
        "findOnRoll", id=visit.part("id"), state="paper", names=False, limit=500
    )
    return list(page["items"])


async def enter(visit: Visit) -> Response:
    """One person's reading: the first, the second, or of a sheet in the place of another."""
    form, kind, poll = visit.form, _kind(visit), visit.part("id")
    attachments = form.many(f"{photos.FIELD}[]")
    try:
        if kind != "reading":
            attachments = await photos.take(visit)
        if form.text("add_photo") or form.text("list_ballots"):
            return await _sheet(visit, attachments)
        said = _read(visit)
        await _sent(visit, kind, said, attachments)
    except ShequError as error:
        visit.form = visit.refused(error, *FIELDS)
        return await _sheet(visit, attachments)
    return visit.go(f"{HERE}/{poll}/tallies")


def _sent(
    visit: Visit, kind: str, said: dict[str, Any], attachments: list[str]
) -> Awaitable[dict[str, Any]]:
    form, key = visit.form, {"entry_key": visit.form.key}
    if kind == "reading":
        return visit.call("confirmPaper", id=_sheet_id(visit), **said, **key)
    more = {"photo_ids": attachments, **said, **key}
    if kind == "new":
        return visit.call("enterPaper", id=visit.part("id"), **more)
    return visit.call("counterPaper", id=_sheet_id(visit), reason=form.text("reason"), **more)


def _read(visit: Visit) -> dict[str, Any]:
    """The sheet as it was typed.

    Raises:
        Invalid: a number is missing, or is none; each with its field.
    """
    form, wrong = visit.form, []
    said: dict[str, Any] = {"buildings": form.many("buildings[]")}
    if not said["buildings"]:
        wrong.append(FieldError("buildings", visit.say(N_("请选本箱的楼栋"))))
    for name in NUMBERS:
        text = _plain(form.text(name))
        if text.isdigit() and len(text) < 9:
            said[name] = int(text)
        else:
            wrong.append(FieldError(name, visit.say(N_("请填一个整数，没有就填 0"))))
    said["ballots"] = [
        {"subject_id": name[2:], "choice": form.text(name)}
        for name in form.values
        if name.startswith("c-") and form.text(name)
    ]
    said["weights"] = {}
    for choice in words_paper.CHOICE:
        area, heads = (_plain(form.text(f"{of}-{choice}")) for of in ("area", "heads"))
        if not area and not heads:
            continue
        try:
            square, people = Fraction(area or "0") * 100, Fraction(heads or "0")
            if square.denominator != 1 or min(square, people) < 0:
                raise ValueError(area)
        except (ValueError, ZeroDivisionError):
            wrong.append(FieldError(f"weights.{choice}", visit.say(N_("面积最多两位小数"))))
            continue
        said["weights"][choice] = {
            "area": int(square),
            "heads": f"{people.numerator}/{people.denominator}",
        }
    if wrong:
        raise Invalid(errors=wrong)
    return said


def _plain(text: str) -> str:
    """Digits as everybody's keyboard makes them, without what stands between thousands."""
    said = unicodedata.normalize("NFKC", text).replace(",", "").strip()
    return said if len(said) < 20 and "e" not in said.lower() else "-"


async def drop(visit: Visit) -> Response:
    """Give up a sheet that was never confirmed."""
    poll, sheet = visit.part("id"), visit.part("sheet")
    form = visit.form
    try:
        await visit.call("dropPaper", id=sheet, reason=form.text("reason"), entry_key=form.key)
    except ShequError as error:
        visit.form = visit.refused(error, "reason")
        return await _list(visit, sheet)
    return visit.go(f"{HERE}/{poll}/tallies")


PAGES = (
    Page("GET /console/paper/{id}/tallies", tallies),
    Page("GET /console/paper/{id}/tallies/new", new),
    Page("POST /console/paper/{id}/tallies/new", enter),
    Page("GET /console/paper/{id}/tallies/{sheet}/{kind}", again),
    Page("POST /console/paper/{id}/tallies/{sheet}/{kind}", enter),
    Page("POST /console/paper/{id}/sheets/{sheet}/dropping", drop),
)
