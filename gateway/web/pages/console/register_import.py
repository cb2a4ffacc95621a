"""A register's file at the desk: brought, read aside, looked at, mended or confirmed, imported.

::

    /console/register/import ── file ──▶ …/{id}  asks again by itself while it is read or imported
         template to fill in             ├─ what would change ─▶ confirm ─▶ done
                                         └─ lines at fault ─▶ …/{id}/faults.xlsx ─▶ mended, again
"""

import asyncio
import io
from typing import Final

from openpyxl import Workbook
from openpyxl.styles import Font
from openpyxl.utils import get_column_letter
from pydantic_core import from_json
from starlette.datastructures import UploadFile
from starlette.responses import Response

from gateway import registers, sheets
from gateway.downloads import attached
from gateway.operations import Call
from gateway.web import words_desk_people
from gateway.web.desk import desk
from gateway.web.routing import Page
from gateway.web.texts import N_
from gateway.web.visit import Visit
from services.contracts.errors import FieldError, Invalid, ShequError
from services.contracts.operations import BY_ID
from services.contracts.operations.feed import Sheet

FILE: Final = "file"
RECENT: Final = 5
UNDER_WAY: Final = ("brought", "confirmed")
LISTED: Final = 60
"""Lines that the page names; the file has them all."""
_BRING: Final = BY_ID["bringRegister"]


async def begin(visit: Visit) -> Response:
    """Bring a file; what was brought lately."""
    desks, cid = await desk(visit)
    recent = await visit.soft("listRegisterDrafts", cid=cid, limit=RECENT)
    return await visit.page(
        "console/register_import.html",
        status=visit.form.status,
        desks=desks,
        cid=cid,
        recent=(recent or {}).get("items", []),
        known=words_desk_people,
    )


async def bring(visit: Visit) -> Response:
    """Take the file in; it is read aside."""
    _, cid = await desk(visit)
    try:
        draft = await _brought(visit, cid)
    except ShequError as error:
        visit.form = visit.refused(error, FILE, "mode")
        return await begin(visit)
    return visit.go(f"/console/register/import/{draft}?c={cid}")


async def _brought(visit: Visit, cid: str) -> str:
    file = (await visit.request.form()).get(FILE)
    if not isinstance(file, UploadFile) or not file.size:
        raise Invalid(errors=[FieldError(FILE, visit.say(N_("请先选择文件")))])
    _BRING.permit(visit.actor)
    await visit.gate.limiter.check(_BRING, visit.actor, visit.context)
    shape = visit.house.shape(_BRING.id)
    values = shape.check({"cid": cid, **visit.form.some("mode")}, visit.language)
    call = Call(visit.request, visit.gate, visit.context, _BRING, shape, visit.actor, values)
    answer = await registers.bring_register(call)
    return str(from_json(bytes(answer.body))["id"])


async def draft(visit: Visit) -> Response:
    """What a file would change, or did; while it is read or imported the page asks again."""
    desks, cid = await desk(visit)
    found = await visit.call("getRegisterDraft", id=visit.part("id"))
    rows = found["report"]["rows"] if found["report"] else []
    return await visit.page(
        "console/register_draft.html",
        status=visit.form.status,
        desks=desks,
        cid=cid,
        draft=found,
        wrong=[one for one in rows if one["outcome"] == "error"],
        changed=[one for one in rows if one["outcome"] == "changed"],
        under_way=found["state"] in UNDER_WAY,
        listed=LISTED,
        known=words_desk_people,
    )


async def confirm(visit: Visit) -> Response:
    """Import what was looked at."""
    draft_id = visit.part("id")
    doing = visit.call("confirmRegisterDraft", once=visit.form.key, id=draft_id)
    return await visit.do(doing, again=draft, then=_at(visit, draft_id))


async def drop(visit: Visit) -> Response:
    """Forget the file."""
    doing = visit.call("dropRegisterDraft", id=visit.part("id"))
    then = f"/console/register/import?c={visit.form.text('c')}"
    return await visit.do(doing, again=draft, then=then)


def _at(visit: Visit, draft_id: str) -> str:
    return f"/console/register/import/{draft_id}?c={visit.form.text('c')}"


# -- files -----------------------------------------------------------------------------------------


async def faults_csv(visit: Visit) -> Response:
    """The lines at fault as CSV."""
    return await _faults(visit, "csv")


async def faults_xlsx(visit: Visit) -> Response:
    """The lines at fault as a workbook."""
    return await _faults(visit, "xlsx")


async def _faults(visit: Visit, form: str) -> Response:
    sheet = Sheet.model_validate(await visit.call("getRegisterDraftFaults", id=visit.part("id")))
    return await sheets.kept(sheet, form, stem=sheet.title, plain="faults")


async def template_csv(visit: Visit) -> Response:
    """The headings as CSV."""
    await desk(visit)
    headings = [heading for heading, _ in words_desk_people.COLUMNS.values()]
    sheet = Sheet(title="", columns=headings, rows=[])
    return await sheets.kept(sheet, "csv", stem="名册模板", plain="register")


async def template_xlsx(visit: Visit) -> Response:
    """The headings as a workbook whose columns are text: a spreadsheet rounds 18 digits."""
    await desk(visit)
    data = await asyncio.to_thread(_workbook)
    return attached(
        data, sheets.MEDIA_TYPES["xlsx"], stem="名册模板", plain="register", form="xlsx"
    )


def _workbook() -> bytes:
    book = Workbook()
    page = book.create_sheet("名册", 0)
    book.remove(book.worksheets[-1])
    for number, (heading, _) in enumerate(words_desk_people.COLUMNS.values(), 1):
        page.cell(1, number, heading).font = Font(bold=True)
        column = page.column_dimensions[get_column_letter(number)]
        column.width, column.number_format = 16, "@"
    page.freeze_panes = "A2"
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


PAGES = (
    Page("GET /console/register/import", begin),
    Page("POST /console/register/import", bring),
    Page("GET /console/register/template.csv", template_csv),
    Page("GET /console/register/template.xlsx", template_xlsx),
    Page("GET /console/register/import/{id}", draft),
    Page("POST /console/register/import/{id}/confirm", confirm),
    Page("POST /console/register/import/{id}/drop", drop),
    Page("GET /console/register/import/{id}/faults.csv", faults_csv),
    Page("GET /console/register/import/{id}/faults.xlsx", faults_xlsx),
)
