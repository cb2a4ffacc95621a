"""Tables out of the files that offices keep: CSV and XLSX, as headings and numbered rows.

::

    read("镇.xlsx", bytes) ──▶ [Table(name="居村", headings, rows), …]     one per sheet or CSV
                                      │ with_fields(table, FIELDS, required)
                                      ▼
                               [Row(number=2, cells={"code12": "310…"}, faults={}), …]

This is the one place where such files are read; the town's sheets and the register of persons both
stand on it. Nothing in a file is believed: its size, what it unpacks to, its rows, columns and
cells are bounded before they are looked at, and a formula is never reckoned, but refused. CSV may
be UTF-8 (with or without BOM), UTF-16 with BOM, or GB18030 (what Excel writes in China); a zip may
hold several. Rows and cells are counted as they are read, empty ones too: reading them is
what takes time. What comes from outside by the API is read in a process of its own besides
(:mod:`services.identity.tables_child`).

What is wrong with one cell stands in its row's ``faults`` and not in an exception, so that whoever
imports can report every row at once. Cells are text: ``402`` whether the file said 402, 402.0 or
"402"; a day is ``2026-11-25``.
"""

import csv
import io
import re
import unicodedata
import warnings
import zipfile
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, time
from pathlib import PurePosixPath
from typing import Any, Final

from openpyxl import load_workbook
from openpyxl.cell.read_only import EMPTY_CELL

from services.contracts.errors import FieldError, Invalid, TooLarge

MAX_BYTES: Final = 10_000_000  # of the file; the gateway takes no more either
MAX_UNPACKED: Final = 30_000_000  # of what an XLSX or a zip holds; 20,000 persons take 13 MB
MAX_ROWS: Final = 60_000  # in the whole file: 20,000 persons, or a town's buildings with units
MAX_COLUMNS: Final = 60
MAX_CELLS: Final = 1_200_000  # in the whole file: 20,000 rows of all columns
MAX_CELL: Final = 500  # characters
EXACT_DIGITS: Final = 15  # a spreadsheet's numbers hold no more; an 18-digit ID number is ruined

_OLE2 = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_LAST_ROW: Final = MAX_ROWS + 2  # whoever claims one further below is counted up to here

_FORMULA = re.compile(r"[=@]|[+-][A-Za-z(@=]")
_ROUNDED = re.compile(r"\d(?:\.\d+)?[Ee]\+\d+")  # how Excel writes 18 digits into a CSV
_TOO_LONG = "数字过长，表格软件已改动末位；请把这一列设为文本后重填"


class FileUnreadable(Invalid):
    """Neither CSV nor XLSX, or damaged, encrypted, in an unknown encoding."""

    code = "identity.file_unreadable"
    zh = "文件无法读取，请使用 CSV 或 XLSX（不加密码）"
    en = "The file cannot be read; please use CSV or XLSX without a password"


class FileLocked(FileUnreadable):
    """Protected by a password (an OLE2 container with ``EncryptedPackage``, MS-OFFCRYPTO 2.3)."""

    code = "identity.file_locked"
    zh, en = "文件设有密码，请取消密码后再导入", "The file has a password; please remove it"


class FileTooOld(FileUnreadable):
    """A workbook of before 2007 (``.xls``)."""

    code = "identity.file_too_old"
    zh, en = "请另存为 .xlsx 后再导入", "Please save it as .xlsx first"


class FileTooLarge(TooLarge):
    """More bytes, rows or columns than an import takes."""

    code = "identity.file_too_large"
    zh, en = "文件过大，请分成几个文件", "The file is too large; please split it"


class ColumnsWrong(Invalid):
    """The heading row lacks a column, has one twice, or one that nobody knows."""

    code = "identity.columns_wrong"
    zh, en = "表头有误", "The heading row is not right"


@dataclass(frozen=True, slots=True)
class Row:
    """One row: its number in the file (the heading is 1), its cells, what is wrong with some.

    ``cells`` has every column of the heading, empty ones as ``""``; ``faults`` says in plain
    Chinese what is wrong with a cell, which is then empty in ``cells``.
    """

    number: int
    cells: Mapping[str, str] = field(repr=False)
    faults: Mapping[str, str] = field(default_factory=dict)

    def __getitem__(self, column: str) -> str:
        return self.cells.get(column, "")


@dataclass(frozen=True, slots=True)
class Table:
    """A sheet of a workbook (by its name), or a CSV file (by its name without ``.csv``)."""

    name: str
    headings: tuple[str, ...]
    rows: tuple[Row, ...] = field(repr=False)


def read(
    filename: str, data: bytes, *, max_bytes: int = MAX_BYTES, first: bool = False
) -> list[Table]:
    """Every table in a file that has a heading row; wholly empty rows are passed over.

    Args:
        filename: names a CSV's table; what the file is, its first bytes say.
        first: of a workbook's sheets only the first is looked at.

    Raises:
        FileTooLarge: more bytes (packed or not), rows, columns or cells than are taken.
        FileUnreadable: it cannot be read; :class:`FileLocked`, :class:`FileTooOld` say why.
        ColumnsWrong: a heading is empty, there twice, or no plain text.
    """
    if len(data) > max_bytes:
        raise FileTooLarge()
    if data.startswith(_OLE2):
        raise FileLocked() if "EncryptedPackage".encode("utf-16-le") in data else FileTooOld()
    count = _Count()
    if not data.startswith(b"PK"):
        tables = [_table(PurePosixPath(filename).stem, _csv_rows(data, count))]
    else:
        members = _members(data)
        if "[Content_Types].xml" in members:
            tables = _workbook(data, count, first=first)
        else:
            tables = [t for name in members for t in _packed(data, name, count)]
    found = [table for table in tables if table is not None]
    if not found:
        raise FileUnreadable()
    return found


def with_fields(
    table: Table, fields: Mapping[str, Iterable[str]], required: Collection[str] = ()
) -> list[Row]:
    """The rows with fields for columns, whatever spelling the headings have.

    Args:
        fields: field -> headings that mean it (Chinese, English); the field's own name does, too.
        required: fields without whose column the table is of no use.

    Raises:
        ColumnsWrong: a heading is unknown or there twice, or a required one is missing; all at
            once, each with what it is about.
    """
    meaning = {_key(name): key for key, names in fields.items() for name in (key, *names)}
    wrong, found = [], dict[str, str]()  # field -> heading
    for heading in table.headings:
        key = meaning.get(_key(heading))
        if key is None:
            wrong.append(FieldError(heading, "没有这一列，请对照模板"))
        elif key in found:
            wrong.append(FieldError(heading, "这一列出现了两次"))
        else:
            found[key] = heading
    for key in required:
        if key not in found:
            label = next(iter(fields[key]), key)
            wrong.append(FieldError(label, "缺少这一列"))
    if wrong:
        raise ColumnsWrong(f"{table.name}: {ColumnsWrong.en}", errors=wrong)
    return [
        Row(
            row.number,
            {key: row.cells[heading] for key, heading in found.items()},
            {key: row.faults[heading] for key, heading in found.items() if heading in row.faults},
        )
        for row in table.rows
    ]


# -- rows of any origin ----------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Cell:
    text: str = ""
    fault: str | None = None


_EMPTY = _Cell()


@dataclass(slots=True)
class _Count:
    """What of a whole file has been read, empty or not."""

    rows: int = 0
    cells: int = 0

    def row(self, cells: int) -> None:
        """One more; :class:`FileTooLarge` when it is one too many."""
        self.rows += 1
        self.cells += cells
        if self.rows > MAX_ROWS + 1 or self.cells > MAX_CELLS:  # the heading is no row
            raise FileTooLarge()


def _table(name: str, rows: Iterable[tuple[int, list[_Cell]]]) -> Table | None:
    headings: list[str] = []
    kept: list[Row] = []
    for number, cells in rows:
        while cells and cells[-1] == _EMPTY:
            cells.pop()
        if len(cells) > MAX_COLUMNS:
            raise FileTooLarge()
        if not cells:
            continue
        if not headings:
            headings = _headings(name, cells)
            continue
        cells += [_EMPTY] * (len(headings) - len(cells))
        faults = {h: c.fault for h, c in zip(headings, cells, strict=False) if c.fault}
        if extra := [c for c in cells[len(headings) :] if c != _EMPTY]:
            faults[headings[-1]] = f"这一行比表头多出 {len(extra)} 格"
        kept.append(Row(number, {h: c.text for h, c in zip(headings, cells, strict=False)}, faults))
    return Table(name, tuple(headings), tuple(kept)) if headings else None


def _headings(name: str, cells: list[_Cell]) -> list[str]:
    headings = [cell.text for cell in cells]
    wrong = [
        FieldError(text or f"第 {i} 列", cell.fault or "表头不能为空")
        for i, (text, cell) in enumerate(zip(headings, cells, strict=True), 1)
        if cell.fault or not text
    ]
    wrong += [
        FieldError(h, "这一列出现了两次") for h in {h for h in headings if headings.count(h) > 1}
    ]
    if wrong:
        raise ColumnsWrong(f"{name}: {ColumnsWrong.en}", errors=wrong)
    return headings


def _text_cell(raw: str) -> _Cell:
    text = raw.strip().lstrip("\ufeff")
    if _FORMULA.match(text):
        return _Cell(fault="含有公式，请改为普通文字")
    if _ROUNDED.fullmatch(text):
        return _Cell(fault=_TOO_LONG)
    if len(text) > MAX_CELL:
        return _Cell(fault=f"内容超过 {MAX_CELL} 个字")
    if any(unicodedata.category(c) in ("Cc", "Cs") and c not in "\n\r\t" for c in text):
        return _Cell(fault="含有无法显示的字符")
    return _Cell(text)


def _key(heading: str) -> str:
    """What two spellings of a heading share: blanks, case, width and a trailing star."""
    return re.sub(r"[\s*_]", "", unicodedata.normalize("NFKC", heading)).casefold()


# -- CSV -------------------------------------------------------------------------------------------


def _csv_rows(data: bytes, count: _Count) -> Iterator[tuple[int, list[_Cell]]]:
    text = _decoded(data)
    head = text[:4096].splitlines()[0] if text.strip() else ""
    delimiter = max(",;\t", key=head.count)
    try:
        rows = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
        for number, row in enumerate(rows, 1):
            count.row(len(row))
            yield number, [_text_cell(cell) for cell in row]
    except csv.Error:
        raise FileUnreadable() from None


def _decoded(data: bytes) -> str:
    for encoding in (
        ("utf-16",) if data[:2] in (b"\xff\xfe", b"\xfe\xff") else ("utf-8-sig", "gb18030")
    ):
        try:
            text = data.decode(encoding)
        except UnicodeDecodeError:
            continue
        if "\0" not in text:
            return text
    raise FileUnreadable()


# -- XLSX and zip ----------------------------------------------------------------------------------


def _members(data: bytes) -> list[str]:
    """The names in an archive that unpacks to a bounded size; what it claims is checked."""
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            infos = archive.infolist()
            if len(infos) > 1_000 or sum(i.file_size for i in infos) > MAX_UNPACKED:
                raise FileTooLarge()
            return [i.filename for i in infos if not i.is_dir()]
    except (zipfile.BadZipFile, NotImplementedError, ValueError):
        raise FileUnreadable() from None


def _packed(data: bytes, name: str, count: _Count) -> list[Table]:
    """The table of a CSV in a zip; other members are passed over."""
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        info = archive.getinfo(name)
        path = PurePosixPath(_true_name(info))
        if path.suffix.lower() != ".csv" or path.name[0] == "." or path.parts[0] == "__MACOSX":
            return []
        try:
            content = archive.read(info)
        except (zipfile.BadZipFile, RuntimeError, NotImplementedError, OSError):
            raise FileUnreadable() from None
    table = _table(path.stem, _csv_rows(content, count))
    return [table] if table else []


def _true_name(info: zipfile.ZipInfo) -> str:
    """Chinese Windows writes names in GBK and does not say so."""
    try:
        utf8 = info.flag_bits & 0x800
        return info.filename if utf8 else info.filename.encode("cp437").decode("gb18030")
    except UnicodeError:
        return info.filename


def _workbook(data: bytes, count: _Count, *, first: bool) -> list[Table | None]:
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # openpyxl tells of styles that it does not know
            book = load_workbook(
                io.BytesIO(data), read_only=True, data_only=False, keep_links=False
            )
            try:
                sheets = book.worksheets[:1] if first else book.worksheets
                return [_table(sheet.title, _sheet_rows(sheet, count)) for sheet in sheets]
            finally:
                book.close()
    except (FileTooLarge, ColumnsWrong):
        raise
    except MemoryError:
        raise FileTooLarge() from None
    except Exception:  # on a damaged workbook openpyxl raises whatever it stumbles over
        raise FileUnreadable() from None


def _sheet_rows(sheet: Any, count: _Count) -> Iterator[tuple[int, list[_Cell]]]:
    sheet.reset_dimensions()  # what the file says of itself is not believed
    rows = sheet.iter_rows(max_row=_LAST_ROW, max_col=MAX_COLUMNS + 1)
    for number, row in enumerate(rows, 1):
        count.row(sum(cell is not EMPTY_CELL for cell in row))
        width = len(row)  # padded to the last column that is taken
        while width and row[width - 1].value is None:
            width -= 1
        yield number, [_sheet_cell(cell.value, cell.data_type) for cell in row[:width]]


def _sheet_cell(value: object, kind: str) -> _Cell:
    match kind, value:
        case _, None:
            return _EMPTY
        case "f", _:
            return _Cell(fault="含有公式，请改为普通文字")
        case "e", _:
            return _Cell(fault="是一个出错的公式，请改为普通文字")
        case _, bool():
            return _Cell("是" if value else "否")
        case _, int() | float():
            return _number_cell(value)
        case _, datetime():
            return _Cell((value.date() if value.time() == time() else value).isoformat())
        case _, date() | time():
            return _Cell(value.isoformat())
    return _text_cell(str(value))


def _number_cell(value: float) -> _Cell:
    if value == int(value):
        text = str(int(value))
        if len(text.lstrip("-")) > EXACT_DIGITS:
            return _Cell(fault=_TOO_LONG)
        return _Cell(text)
    return _Cell(repr(value))
