"""The district's 8+X catalogue: as it holds, its versions, and the next one as it is written.

::

    holds ──copied──▶ draft ── a slot at a time ──▶ draft ──published by somebody else──▶ holds
"""

import asyncio
from collections.abc import Mapping
from typing import Any, Final

from starlette.responses import Response

from gateway.web.forms import Form, whole
from gateway.web.pages.district.holding import holding, sheet
from gateway.web.routing import Page
from gateway.web.visit import Visit
from services.contracts.errors import FieldError, NotFound, ShequError

NONE_YET: Final = "grid.no_catalogue_draft"
TEXTS: Final = ("name", "meaning", "not_here", "law", "note")
FIELDS: Final = (
    "key", *TEXTS, "department_code", "department_name", "code_standard", "code_code", "code_name",
    "limits_on_site", "limits_disposed", "limits_removal", "limits_urgent_on_site",
    "limits_urgent_disposed", "limits_critical_on_site", "limits_critical_disposed",
)  # fmt: skip
"""Fields of a slot's form; each is told what is wrong with it."""


async def catalogue(visit: Visit) -> Response:
    """The catalogue as it holds, or in a version that it had; and the draft, if there is one."""
    found = await holding(visit, "getCatalogueDraft")
    shown, versions, written = await asyncio.gather(
        visit.call("getCatalogue", did=found.did, **visit.asked("version")),
        visit.soft("listCatalogueVersions", did=found.did),
        draft_of(visit, found.did),
    )
    return await sheet(
        visit,
        "catalogue",
        reach=found,
        shown=shown,
        versions=(versions or {"items": []})["items"],
        draft=written,
    )


async def draft_of(visit: Visit, did: str) -> dict[str, Any] | None:
    """The next version as it is being written; None while nobody writes one."""
    try:
        found: dict[str, Any] = await visit.call("getCatalogueDraft", did=did)
    except NotFound as error:
        if error.code != NONE_YET:
            raise
        return None
    return found


async def draft(visit: Visit) -> Response:
    """The next version: its slots, what is said of it, and who publishes it."""
    found = await holding(visit, "draftCatalogue")
    written = await draft_of(visit, found.did)
    if written is None:
        return visit.go("/district/catalogue")
    return await sheet(visit, "draft", reach=found, draft=written)


async def begin(visit: Visit) -> Response:
    """Copy what holds into a draft."""
    did = visit.form.text("did")
    holds = await visit.call("getCatalogue", did=did)
    doing = visit.call("draftCatalogue", did=did, slots=as_drafts(holds["items"]))
    return await visit.do(doing, again=catalogue, then="/district/catalogue/draft")


async def describe(visit: Visit) -> Response:
    """Say what is new in it."""
    form = visit.form
    written = await _read(visit)
    doing = visit.call(
        "draftCatalogue",
        did=form.text("did"),
        revision=form.text("revision"),
        slots=as_drafts(written["items"]),
        note=form.text("note"),
    )
    return await visit.do(doing, "note", again=draft, then="/district/catalogue/draft?done=1")


async def publish(visit: Visit) -> Response:
    """Make it the catalogue; by somebody else than its author."""
    form = visit.form
    doing = visit.call("publishCatalogue", did=form.text("did"), revision=form.text("revision"))
    return await visit.do(doing, again=draft, then="/district/catalogue?done=1")


async def _read(visit: Visit) -> dict[str, Any]:
    """The draft that the form is of.

    Raises:
        NotFound: there is none any more.
    """
    written = await draft_of(visit, visit.form.text("did"))
    if written is None:
        raise NotFound()
    return written


# -- a slot ---------------------------------------------------------------------------------------


async def slot(visit: Visit) -> Response:
    """One slot of the draft, or a new one."""
    found = await holding(visit, "draftCatalogue")
    written = await draft_of(visit, found.did)
    if written is None:
        return visit.go("/district/catalogue")
    key = visit.part("key")
    shown = next((one for one in written["items"] if one["key"] == key), None)
    if shown is None and key != "new":
        raise NotFound()
    return await sheet(visit, "slot", reach=found, draft=written, one=shown, flat=flat(shown))


async def keep(visit: Visit) -> Response:
    """Keep a slot: the draft is written anew with it, or without it."""
    form, key = visit.form, visit.part("key")
    written = await _read(visit)
    slots = as_drafts(written["items"])
    at = next((n for n, one in enumerate(slots) if one["key"] == key), len(slots))
    if form.text("remove"):
        del slots[at : at + 1]
    else:
        slots[at : at + 1] = [from_form(form)]
    try:
        await visit.call(
            "draftCatalogue",
            did=form.text("did"),
            revision=form.text("revision"),
            slots=slots,
            note=written["note"],
        )
    except ShequError as error:
        visit.form = visit.refused(_of_slot(error, at), *FIELDS)
        return await slot(visit)
    return visit.go("/district/catalogue/draft?done=1")


def _of_slot(error: ShequError, at: int) -> ShequError:
    """The error with its fields as this form calls them: ``slots.3.code.code`` is ``code.code``."""
    mine = f"slots.{at}."
    error.errors = [FieldError(one.field.removeprefix(mine), one.message) for one in error.errors]
    return error


def flat(one: Mapping[str, Any] | None) -> dict[str, Any]:
    """A slot as the fields of its form."""
    if one is None:
        return {}
    limits = one["limits"]
    values = {name: one[name] for name in ("key", *TEXTS)}
    values |= {f"department_{name}": one["department"][name] for name in ("code", "name")}
    values |= {f"code_{name}": one["code"][name] for name in ("standard", "kind", "code", "name")}
    values |= {f"limits_{name}": limits[name] for name in ("on_site", "disposed")}
    values["limits_removal"] = limits["removal"] or ""
    for pace in ("urgent", "critical"):
        values |= {f"limits_{pace}_{name}": limits[pace][name] for name in ("on_site", "disposed")}
    return {**values, "law_sure": one["law_sure"], "redefined": one["redefined"]}


def from_form(form: Form) -> dict[str, Any]:
    """The slot that a form says; what is no number goes on as it is, and is refused."""

    def number(name: str) -> int | str:
        return whole(form.text(name)) or form.text(name)

    limits: dict[str, Any] = {
        "on_site": number("limits_on_site"), "disposed": number("limits_disposed"),
    }  # fmt: skip
    if form.text("limits_removal"):
        limits["removal"] = number("limits_removal")
    for pace in ("urgent", "critical"):
        names = [f"limits_{pace}_{name}" for name in ("on_site", "disposed")]
        if any(form.text(name) for name in names):
            limits[pace] = dict(zip(("on_site", "disposed"), map(number, names), strict=True))
    return {
        "key": form.text("key"),
        **{name: form.text(name) for name in TEXTS},
        "law_sure": form.ticked("law_sure"),
        "redefined": form.ticked("redefined"),
        "department": {name: form.text(f"department_{name}") for name in ("code", "name")},
        "code": {
            "standard": form.text("code_standard"),
            "kind": form.text("code_kind") or "matter",
            "code": form.text("code_code"),
            "name": form.text("code_name"),
        },
        "limits": limits,
    }


def as_drafts(items: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Slots as they are read, as they are written. A code that is not local has its own name."""
    found = []
    for one in items:
        code = dict(one["code"], name=one["code"]["name"] if one["local"] else "")
        limits = {name: value for name, value in one["limits"].items() if value is not None}
        rest = ("key", *TEXTS, "law_sure", "department", "redefined")
        found.append({**{name: one[name] for name in rest}, "code": code, "limits": limits})
    return found


PAGES = (
    Page("GET /district/catalogue", catalogue),
    Page("POST /district/catalogue", begin),
    Page("GET /district/catalogue/draft", draft),
    Page("POST /district/catalogue/draft", describe),
    Page("POST /district/catalogue/publish", publish),
    Page("GET /district/catalogue/draft/{key}", slot),
    Page("POST /district/catalogue/draft/{key}", keep),
)
