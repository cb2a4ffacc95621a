"""Registers and territory in the sheets of other systems, so that nothing is typed twice.

::

    Line, Ground ── Adapter.write ──▶ CSV or XLSX          for their system
    their sheet  ── Adapter.read ───▶ rows by our columns ── register_sheet ──▶ for our import

The formats of 社区云 and of the 12345 hotline are not public. The two layouts here are ours, after
the columns that such sheets usually have; whoever gets the true ones changes a table of headings,
nothing else. What we write ourselves (:data:`REGISTER`) is what ``importRegister`` reads: an export
taken in again changes nothing. Of ID numbers only a blind index is kept, so no export has them.

Rows in, bytes out: who may export, where the bytes go and who writes down that somebody looked is
the caller's matter.
"""

import csv
import io
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any, Final, Literal, Protocol

from openpyxl import Workbook

from services.identity import tables
from services.identity.domain.register import HEADINGS, RELATION_WORDS

Form = Literal["csv", "xlsx"]
_FORMULA: Final = ("=", "+", "-", "@", "\t", "\r")


@dataclass(frozen=True, slots=True)
class Line:
    """A person of the register with the full name."""

    estate: str
    building: str
    unit: str
    room: str = field(repr=False)
    name: str = field(repr=False)
    birth_year: int | None
    relation: str
    floor_area: Decimal | None = None


@dataclass(frozen=True, slots=True)
class Ground:
    """A building and who is responsible for it: what a hotline needs to send a call on."""

    district: str
    town: str
    community: str
    code12: str
    estate: str
    building: str


class Adapter(Protocol):
    """How another system writes and reads a sheet."""

    @property
    def key(self) -> str:
        """How commands call it."""

    @property
    def title(self) -> str:
        """What people call it."""

    def write(self, rows: Iterable[Line | Ground], form: Form) -> bytes:
        """The rows as a file of that system."""

    def read(self, filename: str, data: bytes) -> list[dict[str, str]]:
        """The rows of a file of that system, by our columns.

        Raises:
            FileUnreadable, FileTooLarge, ColumnsWrong: see :mod:`services.identity.tables`.
        """


@dataclass(frozen=True, slots=True)
class Layout:
    """An :class:`Adapter` that is a table: heading -> our column, in the sheet's order.

    ``words`` translates values: column -> ours -> theirs. ``passed_over`` are headings of theirs
    that we have no use for, and do not read (PIPL art. 6).
    """

    key: str
    title: str
    columns: Mapping[str, str]
    words: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    passed_over: tuple[str, ...] = ()

    def write(self, rows: Iterable[Line | Ground], form: Form) -> bytes:
        """The rows as a file; a value that a spreadsheet would reckon is quoted (CSV injection)."""
        sheet = [list(self.columns)]
        sheet += [[self._out(row, column) for column in self.columns.values()] for row in rows]
        return _csv(sheet) if form == "csv" else _xlsx(sheet)

    def read(self, filename: str, data: bytes) -> list[dict[str, str]]:
        """The rows by our columns; what is wrong with a cell is left for the import to find."""
        table = tables.read(filename, data, first=True)[0]
        fields = {column: (heading,) for heading, column in self.columns.items()}
        ignored = {f"~{i}": (heading,) for i, heading in enumerate(self.passed_over)}
        rows = tables.with_fields(table, {**fields, **ignored})
        back = {
            column: {theirs: ours for ours, theirs in words.items()}
            for column, words in self.words.items()
        }
        return [
            {
                column: back.get(column, {}).get(row[column], row[column])
                for column in fields
                if column in row.cells
            }
            for row in rows
        ]

    def _out(self, row: Line | Ground, column: str) -> str:
        value = getattr(row, column, None)
        text = "" if value is None else str(value)
        text = self.words.get(column, {}).get(text, text)
        return f"'{text}" if text.startswith(_FORMULA) else text


_OURS = ("estate", "building", "unit", "room", "name", "birth_year", "relation", "floor_area")

REGISTER: Final = Layout(
    key="register",
    title="居民名册",
    columns={HEADINGS[column]: column for column in _OURS},
    words={"relation": RELATION_WORDS},
)
RESIDENT_SHEET: Final = Layout(
    key="resident-sheet",
    title="社区云式居民表（列名为本平台自拟）",
    columns={
        "小区名称": "estate",
        "楼栋号": "building",
        "单元号": "unit",
        "室号": "room",
        "人员姓名": "name",
        "出生年份": "birth_year",
        "人员类别": "relation",
        "房屋建筑面积": "floor_area",
    },
    words={
        "relation": {
            "owner": "产权人",
            "family": "家庭成员",
            "tenant": "承租人",
            "operator": "经营户",
            "villager": "户籍村民",
            "away": "人户分离",
            "migrant": "来沪人员",
        }
    },
    passed_over=("序号", "所属街镇", "所属居村", "性别", "民族", "联系电话", "备注"),
)
HOTLINE_LIST: Final = Layout(
    key="hotline-list",
    title="12345 式辖区对照表（列名为本平台自拟）",
    columns={
        "行政区": "district",
        "街镇": "town",
        "责任居村": "community",
        "统计用区划代码": "code12",
        "小区": "estate",
        "楼栋": "building",
    },
)
ADAPTERS: Final[Mapping[str, Adapter]] = {
    layout.key: layout for layout in (REGISTER, RESIDENT_SHEET, HOTLINE_LIST)
}


def register_sheet(rows: Iterable[Mapping[str, str]]) -> bytes:
    """Rows by our columns as a CSV for ``importRegister``; all its checks are still to come."""
    found = list(rows)
    used = [column for column in HEADINGS if any(column in row for row in found)]
    sheet = [[HEADINGS[column] for column in used]]
    for row in found:
        relation = row.get("relation", "")
        cells = {**row, "relation": RELATION_WORDS.get(relation, relation)}
        sheet.append([cells.get(column, "") for column in used])
    return _csv(sheet)


def _csv(sheet: Iterable[list[str]]) -> bytes:
    """UTF-8 with BOM, without which spreadsheets in China take it for GBK (RFC 4180 otherwise)."""
    out = io.StringIO(newline="")
    csv.writer(out).writerows(sheet)
    return out.getvalue().encode("utf-8-sig")


def _xlsx(sheet: Iterable[list[str]]) -> bytes:
    """Every cell is text: a spreadsheet keeps 0402 and rounds nothing."""
    book = Workbook(write_only=True)
    page: Any = book.create_sheet("居民名册")
    for row in sheet:
        page.append(row)
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()
