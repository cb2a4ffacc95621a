"""The grid platform's list of orders, as its export has it: XLSX, CSV, or pasted from a table.

A row for each order; its columns are found by their names, its states by theirs or by their keys.
"""

import csv
import io
from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any, Final
from zipfile import BadZipFile, ZipFile

from openpyxl import load_workbook
from openpyxl.utils.exceptions import InvalidFileException

from gateway.web import moments, words_desk, words_settings
from gateway.web.forms import whole
from gateway.web.texts import N_

COLUMNS: Final[Mapping[str, tuple[str, ...]]] = {
    "work_order_no": ("工单号", "工单编号", "work_order_no"),
    "state": ("状态", "state"),
    "seq": ("序号", "更新序号", "seq"),
    "deadline": ("期限", "截止时间", "deadline"),
    "platform_ref": ("平台编号", "platform_ref"),
}
"""What each field's column may be called."""
NEEDED: Final = ("work_order_no", "state", "seq")
MOST: Final = 2_000
BYTES: Final = 2_000_000
UNPACKED: Final = 40_000_000


class Unreadable(ValueError):
    """A list that cannot be read; says why, as a message of the catalogue, with its ``values``."""

    def __init__(self, message: str, **values: object) -> None:
        super().__init__(message)
        self.message, self.values = message, values


def read(data: bytes) -> list[dict[str, str]]:
    """The rows of a file, by field.

    Raises:
        Unreadable: it is no list of orders.
    """
    if len(data) > BYTES:
        raise Unreadable(N_("文件太大：最多 2 MB"))
    return named(_of_book(data) if data.startswith(b"PK") else _of_text(_decoded(data)))


def pasted(text: str) -> list[dict[str, str]]:
    """The rows of a text, by field.

    Raises:
        Unreadable: it is no list of orders.
    """
    return named(_of_text(text))


def _decoded(data: bytes) -> str:
    """Spreadsheets in China write CSV in GB 18030 as often as in UTF-8."""
    for name in ("utf-8-sig", "gb18030"):
        try:
            return data.decode(name)
        except UnicodeDecodeError:
            continue
    raise Unreadable(N_("文件读不出来：请存成 XLSX 或者 UTF-8 的 CSV"))


def _of_text(text: str) -> list[list[str]]:
    """Pasted from a spreadsheet (tabs) or CSV."""
    dialect = "excel-tab" if "\t" in text.partition("\n")[0] else "excel"
    try:
        return [[cell.strip() for cell in row] for row in csv.reader(io.StringIO(text), dialect)]
    except csv.Error:
        raise Unreadable(N_("文件读不出来：请存成 XLSX 或者 UTF-8 的 CSV")) from None


def _of_book(data: bytes) -> list[list[str]]:
    try:
        with ZipFile(io.BytesIO(data)) as archive:
            if sum(one.file_size for one in archive.infolist()) > UNPACKED:
                raise Unreadable(N_("文件太大：最多 2 MB"))
        book = load_workbook(io.BytesIO(data), read_only=True, data_only=True)
        rows: list[list[str]] = []
        for row in book.worksheets[0].iter_rows(values_only=True, max_col=len(COLUMNS) * 6):
            rows.append([_cell(value) for value in row])
            if len(rows) > MOST + 1:
                break
    except Unreadable:
        raise
    except (BadZipFile, InvalidFileException, KeyError, ValueError, OSError, IndexError):
        raise Unreadable(N_("文件读不出来：请存成 XLSX 或者 UTF-8 的 CSV")) from None
    return rows


def _cell(value: Any) -> str:
    if isinstance(value, datetime):
        return value.replace(tzinfo=value.tzinfo or moments.CHINA).isoformat()
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return "" if value is None else str(value).strip()


def named(rows: Iterable[list[str]]) -> list[dict[str, str]]:
    """The rows below the head, by field.

    Raises:
        Unreadable: there is no head, a column is missing, or there are too many rows.
    """
    filled = [row for row in rows if any(row)]
    if not filled:
        raise Unreadable(N_("清单是空的：请选择文件，或者把表格粘贴进来"))
    at = {
        field: number
        for number, name in enumerate(filled[0])
        for field, names in COLUMNS.items()
        if name.lower() in names
    }
    missing = [COLUMNS[field][0] for field in NEEDED if field not in at]
    if missing:
        raise Unreadable(N_("第一行里没有这几列：{names}"), names="、".join(missing))
    if len(filled) > MOST + 1:
        raise Unreadable(N_("一次最多核对 {n} 张工单"), n=MOST)
    return [
        {field: row[number] if number < len(row) else "" for field, number in at.items()}
        for row in filled[1:]
    ]


STATES: Final = {
    **{key: key for key in words_desk.ORDER},
    **{names: key for key, words in words_settings.PLATFORM_STATES.items() for names in words},
}
"""What a state may be called in the platform's list, and its key."""


def order(row: Mapping[str, str], number: int) -> dict[str, Any]:
    """A row as the contract has it; what it cannot be is refused there, by its field.

    Raises:
        Unreadable: the state or the number is unknown here; says in which line.
    """
    state = STATES.get(row["state"])
    if state is None:
        raise Unreadable(N_("第 {n} 行的状态看不懂：{state}"), n=number, state=row["state"][:20])
    if not whole(row["seq"]) and row["seq"] != "0":
        raise Unreadable(N_("第 {n} 行的序号不是数字"), n=number)
    found: dict[str, Any] = {
        "work_order_no": row["work_order_no"],
        "state": state,
        "seq": whole(row["seq"]),
    }
    if row.get("deadline"):
        deadline = moments.local_minute(row["deadline"])
        if deadline is None:
            raise Unreadable(N_("第 {n} 行的期限看不懂"), n=number)
        found["deadline"] = deadline
    if row.get("platform_ref"):
        found["platform_ref"] = row["platform_ref"]
    return found
