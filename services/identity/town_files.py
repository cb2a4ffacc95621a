"""A town's sheets out of an XLSX, a zip of CSVs, or a folder of them."""

from collections.abc import Callable, Iterable
from datetime import date
from functools import partial
from pathlib import Path
from typing import Final, TypeVar

from services.contracts.errors import FieldError, Invalid
from services.identity import tables
from services.identity.domain import town
from services.identity.domain.town import SHEETS, Cells, Draft, Fault, Sheet
from services.identity.tables import FileUnreadable, Table

T = TypeVar("T")

HELP_SHEETS: Final = ("说明", "readme", "help")


class SheetsWrong(Invalid):
    """A sheet that nobody knows, one that is there twice, or none that makes a town."""

    code = "identity.sheets_wrong"
    zh, en = "工作表的名称有误", "The sheets are not the expected ones"


def load(path: Path) -> tuple[list[Table], bytes]:
    """The tables of a file or folder, and the bytes that its hash is reckoned from.

    Raises:
        FileUnreadable, FileTooLarge, ColumnsWrong: see :func:`services.identity.tables.read`.
    """
    if not path.is_dir():
        data = _bytes(path)
        return tables.read(path.name, data), data
    files = sorted(f for f in path.iterdir() if f.suffix.lower() == ".csv" and f.is_file())
    if not files:
        raise FileUnreadable("there is no CSV file in the folder")
    contents = [(f, _bytes(f)) for f in files]
    found = [table for f, data in contents for table in tables.read(f.name, data)]
    return found, b"".join(f.name.encode() + b"\0" + data for f, data in contents)


def read(found: Iterable[Table], today: date) -> Draft:
    """The rows of every sheet; what is wrong with one stands among the faults.

    Raises:
        SheetsWrong: a sheet is unknown or there twice, or none of them says anything.
        ColumnsWrong: a sheet's heading row is not right.
    """
    sheets = _by_sheet(found)
    draft = Draft()
    faults = draft.faults
    _read(sheets, town.TOWNS, town.town, draft.towns, faults)
    _read(sheets, town.COMMUNITIES, partial(town.community, today=today), draft.communities, faults)
    _read(sheets, town.ESTATES, town.estate, draft.estates, faults)
    _read(sheets, town.BUILDINGS, town.building, draft.buildings, faults)
    _read(sheets, town.STAFF, partial(town.officer, today=today), draft.staff, faults)
    return draft


def _read(
    sheets: dict[str, Table],
    sheet: Sheet,
    parse: Callable[[Cells], T],
    kept: list[T],
    faults: list[Fault],
) -> None:
    table = sheets.get(sheet.title)
    if table is None:
        return
    for row in tables.with_fields(table, sheet.columns, sheet.required):
        if row.faults:
            faults += [
                Fault(sheet.title, row.number, sheet.heading(column), message)
                for column, message in row.faults.items()
            ]
            continue
        cells = Cells(sheet, row.number, row.cells)
        parsed = parse(cells)
        if cells.faults:
            faults += cells.faults
        else:
            kept.append(parsed)


def _by_sheet(found: Iterable[Table]) -> dict[str, Table]:
    meaning = {name.casefold(): sheet for sheet in SHEETS for name in (sheet.title, *sheet.names)}
    sheets: dict[str, Table] = {}
    wrong = []
    for table in found:
        name = table.name.strip().casefold()
        sheet = meaning.get(name)
        if name in HELP_SHEETS:
            continue
        if sheet is None:
            expected = "、".join(s.title for s in SHEETS)
            wrong.append(FieldError(table.name, f"没有这种工作表，应为：{expected}"))
        elif sheet.title in sheets:
            wrong.append(FieldError(table.name, "这张表出现了两次"))
        else:
            sheets[sheet.title] = table
    if not wrong and not any(table.rows for table in sheets.values()):
        wrong.append(FieldError(SHEETS[0].title, "文件中没有内容"))
    if wrong:
        raise SheetsWrong(errors=wrong)
    return sheets


def _bytes(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError:
        raise FileUnreadable(f"{path.name} cannot be opened") from None
