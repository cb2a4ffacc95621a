"""Tables for people to keep: what a service answers as a ``Sheet``, as a file if one is asked for.

::

    service ── Sheet (JSON) ──┬── format=json ──▶ untouched
                              ├── format=csv ───▶ UTF-8 with BOM, without which spreadsheets in
                              │                   China take it for GBK; RFC 4180 otherwise
                              └── format=xlsx ──▶ one sheet, every cell a text: 0402 stays 0402

What neighbours wrote goes into somebody's spreadsheet, so nothing in it may be reckoned. A text of
a workbook is marked as text; CSV has no such mark, there a text that looks like a formula gets an
apostrophe in front (OWASP, CSV injection).
"""

import asyncio
import csv
import io
import re
from collections.abc import Callable, Mapping, Sequence
from itertools import zip_longest
from typing import Any, Final

from openpyxl import Workbook
from openpyxl.cell import WriteOnlyCell
from openpyxl.cell.cell import ILLEGAL_CHARACTERS_RE
from openpyxl.styles import Font
from openpyxl.utils import get_column_letter
from starlette.responses import Response

from gateway.downloads import attached
from gateway.operations import Call, respond
from services.contracts.operations.feed import Sheet

MEDIA_TYPES: Final = {
    "csv": "text/csv; charset=utf-8",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}
_FORMULA: Final = ("=", "+", "-", "@", "＝", "＋", "－", "＠", "\t", "\r", "\n")
_NUMBER: Final = re.compile(r"[+-]?[0-9]+(\.[0-9]+)?")
_NOT_IN_NAMES: Final = re.compile(r'[\x00-\x1f\x7f\\/:*?"<>|\[\]\']+')  # of files and of sheets
_LONGEST_STEM, _LONGEST_TAB = 80, 31
_WIDEST: Final = 48
_MEASURED: Final = 200  # rows


async def give(call: Call) -> Response:
    """The sheet as JSON, or as the file that ``format`` names.

    Raises:
        ShequError: whatever the service has to say.
    """
    form = call.values.get("format", "json")
    reply = await call.ask()
    if form == "json":
        return respond(call.operation, reply)
    sheet = Sheet.model_validate(reply.data)
    return await kept(sheet, form, stem=_name(sheet.title, _LONGEST_STEM), plain="sheet")


async def kept(sheet: Sheet, form: str, *, stem: str, plain: str) -> Response:
    """The sheet as a file of this form (``csv``, ``xlsx``), named as by :func:`attached`."""
    data = await asyncio.to_thread(_WRITERS[form], sheet)
    return attached(data, MEDIA_TYPES[form], stem=stem, plain=plain, form=form)


async def kept_book(tables: Sequence[Sheet], *, stem: str, plain: str) -> Response:
    """Tables of figures as a workbook, named as by :func:`attached`."""
    data = await asyncio.to_thread(as_book, tables)
    return attached(data, MEDIA_TYPES["xlsx"], stem=stem, plain=plain, form="xlsx")


def cell(value: object) -> str:
    """A value as it stands in a cell; none is an empty one."""
    return "" if value is None else str(value)


def as_csv(sheet: Sheet) -> bytes:
    """The sheet as CSV."""
    out = io.StringIO(newline="")
    writer = csv.writer(out)
    writer.writerows([_harmless(text) for text in row] for row in (sheet.columns, *sheet.rows))
    return out.getvalue().encode("utf-8-sig")


def as_xlsx(sheet: Sheet) -> bytes:
    """The sheet as a workbook; its first row stays in view."""
    book = Workbook(write_only=True)
    _put(book, sheet, reckoned=False)
    return _saved(book)


def as_book(tables: Sequence[Sheet]) -> bytes:
    """Tables of figures as one workbook, a sheet each; what is a number there can be summed."""
    book = Workbook(write_only=True)
    for sheet in tables:
        _put(book, sheet, reckoned=True)
    return _saved(book)


def _put(book: Workbook, sheet: Sheet, *, reckoned: bool) -> None:
    page: Any = book.create_sheet(_name(sheet.title, _LONGEST_TAB))
    page.freeze_panes = "A2"
    for number, width in enumerate(_widths(sheet), 1):
        page.column_dimensions[get_column_letter(number)].width = width
    bold = Font(bold=True)
    for number, row in enumerate((sheet.columns, *sheet.rows)):
        page.append(
            [
                _number(text) if number and reckoned and _NUMBER.fullmatch(text)
                else _text_cell(page, text, None if number else bold)
                for text in row
            ]
        )  # fmt: skip


def _saved(book: Workbook) -> bytes:
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def _widths(sheet: Sheet) -> list[int]:
    """As wide as what stands in a column, within reason; a Chinese character is two wide."""
    rows = (sheet.columns, *sheet.rows[:_MEASURED])
    return [
        min(_WIDEST, 3 + max(len(text) + sum(c > "\u2e7f" for c in text) for text in column))
        for column in zip_longest(*rows, fillvalue="")
    ]


def _number(text: str) -> int | float:
    return float(text) if "." in text else int(text)


_WRITERS: Final[Mapping[str, Callable[[Sheet], bytes]]] = {"csv": as_csv, "xlsx": as_xlsx}


def _harmless(text: str) -> str:
    looks_reckoned = text.lstrip(" \u3000").startswith(_FORMULA) or text.startswith(_FORMULA)
    return f"'{text}" if looks_reckoned and not _NUMBER.fullmatch(text) else text


def _text_cell(page: Any, text: str, font: Font | None) -> Any:
    cell: Any = WriteOnlyCell(page, value=ILLEGAL_CHARACTERS_RE.sub("", text))
    cell.data_type = "s"  # openpyxl takes "=1+1" for a formula and "#N/A" for an error
    cell.number_format = "@"  # it stays text when somebody edits it
    if font is not None:
        cell.font = font
    return cell


def _name(title: str, longest: int) -> str:
    return _NOT_IN_NAMES.sub(" ", title)[:longest].strip(" .") or "sheet"
