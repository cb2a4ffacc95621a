"""Registers and territory in the sheets of other systems, so that nothing is typed twice.

::

    Line, Ground ── Adapter.write ──▶ CSV or XLSX          for their system
    their sheet  ── Adapter.read ───▶ rows by our columns ── register_table ──▶ for our import

The formats of 社区云 and of the 12345 hotline are not public. The two layouts here are ours, after
the columns that such sheets usually have; whoever gets the true ones changes a table of headings,
nothing else. What we write ourselves (:data:`REGISTER`) is what ``importRegister`` reads: an export
taken in again changes nothing. Of ID numbers only a blind index is kept, so no export has them.

Rows in, bytes out: who may export and who writes down that somebody looked is the matter of
:mod:`services.identity.handlers.sheets`; where the bytes go, of ``shequ community sheet``.
"""

import csv
import io
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any, Final, Literal, Protocol

from openpyxl import Workbook

from services.identity import tables
from services.identity.domain.register import HEADINGS, RELATION_WORDS, REQUIRED
from services.identity.tables import Row, Table

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

    @property
    def of_people(self) -> bool:
        """Whether its rows are people, or buildings."""

    @property
    def headings(self) -> Mapping[str, str]:
        """Our column -> its heading."""

    def write(self, rows: Iterable[Line | Ground], form: Form) -> bytes:
        """The rows as a file of that system."""

    def read(self, filename: str, data: bytes) -> list[Row]:
        """The rows of a file of that system, by our columns, with their numbers in the file.

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
    of_people: bool = True

    @property
    def headings(self) -> dict[str, str]:
        """Our column -> the sheet's heading."""
        return {column: heading for heading, column in self.columns.items()}

    def write(self, rows: Iterable[Line | Ground], form: Form) -> bytes:
        """The rows as a file; a value that a spreadsheet would reckon is quoted (CSV injection)."""
        sheet = [list(self.columns)]
        sheet += [[self._out(row, column) for column in self.columns.values()] for row in rows]
        return _csv(sheet) if form == "csv" else _xlsx(sheet)

    def read(self, filename: str, data: bytes) -> list[Row]:
        """The rows by our columns; what is wrong with a cell is left for the import to say."""
        table = tables.read(filename, data, first=True)[0]
        fields = {column: (heading,) for column, heading in self.headings.items()}
        ignored = {f"~{i}": (heading,) for i, heading in enumerate(self.passed_over)}
        needed = [column for column in fields if column in REQUIRED]
        rows = tables.with_fields(table, {**fields, **ignored}, needed)
        back = {
            column: {theirs: ours for ours, theirs in words.items()}
            for column, words in self.words.items()
        }
        return [
            Row(
                row.number,
                {
                    column: back.get(column, {}).get(row[column], row[column])
                    for column in fields
                    if column in row.cells
                },
                {column: fault for column, fault in row.faults.items() if column in fields},
            )
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
    of_people=False,
)
ADAPTERS: Final[Mapping[str, Adapter]] = {
    layout.key: layout for layout in (REGISTER, RESIDENT_SHEET, HOTLINE_LIST)
}


def register_table(rows: Iterable[Row]) -> Table:
    """Rows by our columns as the table that a register is imported from, numbers and faults kept;
    all the import's checks are still to come."""
    found = tuple(rows)
    used = [column for column in HEADINGS if any(column in row.cells for row in found)]
    return Table(REGISTER.title, tuple(used or HEADINGS), found)


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
