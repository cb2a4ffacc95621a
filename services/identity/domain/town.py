"""A whole town on some sheets: what each row says. (Do they fit together? See ``town_plan``.)

::

    镇       名称 [区]                                      a town 街镇 (there already, or new)
    居村     镇 名称 类型 代码 [户数 … 来源 栏目]              a community with its stated figures
    小区     居村 名称 [楼栋] [单元]                          an estate; 1-18 makes 1号楼 … 18号楼
    楼栋     居村 小区 名称 [单元]                            a building that is unlike the others
    工作人员  手机 姓名 角色 范围 [到期]                       who works where, and in which office

A community is named by its name where that is enough, else by its code (统计用区划代码, 12 digits).
"""

import re
from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal, InvalidOperation
from typing import Any, Final, TypeVar

from services.contracts.actor import Role
from services.identity.domain import names, roles
from services.identity.domain.addresses import LONGEST_NAME, fault_of_text, tidy
from services.identity.domain.names import PhoneInvalid

T = TypeVar("T")

MAX_BUILDINGS: Final = 300  # of one estate
MAX_UNITS: Final = 30  # of one building
LONGEST_DISPLAY_NAME: Final = 20

KINDS: Final = {"居": "urban", "居民区": "urban", "居委": "urban", "urban": "urban",
                "村": "village", "行政村": "village", "village": "village"}  # fmt: skip

ROLE_NAMES: Final[dict[str, Role]] = {
    "区管理员": Role.DISTRICT_ADMIN,
    "区分析员": Role.DISTRICT_ANALYST,
    "审计员": Role.AUDITOR,
    "镇管理员": Role.TOWN_ADMIN,
    "街镇管理员": Role.TOWN_ADMIN,
    "网格操作员": Role.GRID_OPERATOR,
    "部门人员": Role.DEPARTMENT_STAFF,
    "观察员": Role.OBSERVER,
    "书记": Role.SECRETARY,
    "居委": Role.COMMITTEE_STAFF,
    "居委工作人员": Role.COMMITTEE_STAFF,
    "业委会": Role.OWNERS_COMMITTEE,
    "物业": Role.PROPERTY_MANAGER,
    "民警": Role.COMMUNITY_POLICE,
    "社区民警": Role.COMMUNITY_POLICE,
    "家庭医生": Role.FAMILY_DOCTOR,
    "监督": Role.SUPERVISOR,
    "居务监督": Role.SUPERVISOR,
    "小组长": Role.GROUP_REPRESENTATIVE,
    "志愿者": Role.VOLUNTEER,
}
# The branch confirms its members, and an owner proves it: neither comes out of a file.
OFFICES: Final = frozenset(roles.GRANTED_BY) - {Role.PARTY_MEMBER, Role.OWNER}


@dataclass(frozen=True, slots=True)
class Sheet:
    """A sheet: how it may be called, its columns with their headings, which of them it needs."""

    title: str
    names: tuple[str, ...]
    columns: Mapping[str, tuple[str, ...]]
    required: tuple[str, ...]

    def heading(self, column: str) -> str:
        """A column as people call it."""
        return self.columns[column][0]


TOWNS: Final = Sheet(
    "镇", ("街镇", "街道", "towns"),
    {"name": ("名称", "镇", "街镇"), "district": ("区",)},
    ("name",),
)  # fmt: skip
COMMUNITIES: Final = Sheet(
    "居村", ("居村委", "社区", "communities"),
    {
        "town": ("镇", "街镇"), "name": ("名称", "居村"), "kind": ("类型",),
        "code12": ("代码", "区划代码", "code"),
        "households": ("户数",), "residents": ("人口", "常住人口"), "adults": ("成年人",),
        "owners": ("业主",), "floor_area": ("建筑面积",), "as_of": ("截至日期", "截至"),
        "source": ("来源",), "modules": ("栏目",),
    },
    ("town", "name", "kind", "code12"),
)  # fmt: skip
ESTATES: Final = Sheet(
    "小区", ("estates",),
    {"community": ("居村",), "name": ("名称", "小区"), "buildings": ("楼栋",), "units": ("单元",)},
    ("community", "name"),
)  # fmt: skip
BUILDINGS: Final = Sheet(
    "楼栋", ("buildings",),
    {"community": ("居村",), "estate": ("小区",), "name": ("名称", "楼栋"), "units": ("单元",)},
    ("community", "estate", "name"),
)  # fmt: skip
STAFF: Final = Sheet(
    "工作人员", ("人员", "staff"),
    {
        "phone": ("手机", "手机号"), "display_name": ("姓名", "显示名", "称呼"),
        "role": ("角色", "职务"), "scope": ("范围", "单位"), "expires_on": ("到期", "到期日"),
    },
    ("phone", "display_name", "role", "scope"),
)  # fmt: skip
SHEETS: Final = (TOWNS, COMMUNITIES, ESTATES, BUILDINGS, STAFF)


@dataclass(frozen=True, slots=True)
class Fault:
    """What is wrong with a row (1 is the heading), in plain Chinese, free of personal data."""

    sheet: str
    row: int
    column: str | None
    message: str


@dataclass(frozen=True, slots=True)
class Town:
    """A row of 镇."""

    row: int
    name: str
    district: str | None


@dataclass(frozen=True, slots=True)
class Community:
    """A row of 居村; ``figures`` are the columns of the stated figures that it fills."""

    row: int
    town: str
    name: str
    kind: str
    code12: str
    figures: Mapping[str, Any]
    modules: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Estate:
    """A row of 小区; every building named here has every unit named here."""

    row: int
    community: str
    name: str
    buildings: tuple[str, ...]
    units: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Building:
    """A row of 楼栋."""

    row: int
    community: str
    estate: str
    name: str
    units: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Officer:
    """A row of 工作人员."""

    row: int
    phone: str = field(repr=False)
    display_name: str
    role: Role
    scope: str
    expires_on: date | None


@dataclass(slots=True)
class Draft:
    """The rows that could be read, and what is wrong with the others."""

    towns: list[Town] = field(default_factory=list)
    communities: list[Community] = field(default_factory=list)
    estates: list[Estate] = field(default_factory=list)
    buildings: list[Building] = field(default_factory=list)
    staff: list[Officer] = field(default_factory=list)
    faults: list[Fault] = field(default_factory=list)


class Cells:
    """The cells of one row, asked one by one; what is wrong is collected, not raised."""

    def __init__(self, sheet: Sheet, row: int, cells: Mapping[str, str]) -> None:
        self._sheet, self.row, self._cells = sheet, row, cells
        self.faults: list[Fault] = []

    def wrong(self, column: str, message: str) -> None:
        """Take note of a fault."""
        self.faults.append(Fault(self._sheet.title, self.row, self._sheet.heading(column), message))

    def raw(self, column: str) -> str:
        """The cell as it stands there; a needed one must not be empty."""
        text = tidy(self._cells.get(column, ""))
        if not text and column in self._sheet.required:
            self.wrong(column, "不能为空")
        return text

    def name(self, column: str, longest: int = LONGEST_NAME) -> str:
        """A name that will be shown and printed."""
        text = self.raw(column)
        if text and (fault := fault_of_text(text, longest)):
            self.wrong(column, fault)
        return text

    def read(self, column: str, parse: Callable[[str], T], message: str) -> T | None:
        """The cell as ``parse`` reads it; None when it is empty, or wrong."""
        text = self.raw(column)
        if not text:
            return None
        try:
            return parse(text)
        except (ValueError, KeyError, InvalidOperation, PhoneInvalid):
            self.wrong(column, message)
            return None


# -- one row at a time -----------------------------------------------------------------------------


def town(cells: Cells) -> Town:
    """A row of 镇."""
    return Town(cells.row, cells.name("name"), cells.name("district") or None)


def community(cells: Cells, today: date) -> Community:
    """A row of 居村."""
    figures: dict[str, Any] = {
        column: cells.read(column, _count, "请填写不带单位的整数")
        for column in ("households", "residents", "adults", "owners")
    }
    figures["floor_area"] = cells.read("floor_area", _area, "请填写平方米数，最多两位小数")
    figures["as_of"] = cells.read("as_of", date.fromisoformat, "请填写日期，如 2026-06-30")
    figures["source"] = cells.name("source")
    stated = {column: value for column, value in figures.items() if value not in (None, "")}
    if (as_of := figures["as_of"]) and as_of > today:
        cells.wrong("as_of", "不能晚于今天")
    if (figures["adults"] or 0) > (figures["residents"] or 10**9):
        cells.wrong("adults", "不能多于人口总数")
    modules = cells.read("modules", _modules, "请填写栏目代码，用逗号分开，如 party,guides") or ()
    return Community(
        cells.row,
        cells.name("town"),
        cells.name("name"),
        cells.read("kind", lambda text: KINDS[text.casefold()], "请填写 居 或 村") or "",
        cells.read("code12", _code12, "请填写 12 位数字代码") or "",
        stated,
        modules,
    )


def estate(cells: Cells) -> Estate:
    """A row of 小区; what numbers stand for is settled when the community's kind is known."""
    return Estate(
        cells.row,
        cells.name("community"),
        cells.name("name"),
        _list(cells, "buildings", MAX_BUILDINGS),
        _list(cells, "units", MAX_UNITS),
    )


def building(cells: Cells) -> Building:
    """A row of 楼栋."""
    return Building(
        cells.row,
        cells.name("community"),
        cells.name("estate"),
        cells.name("name"),
        _list(cells, "units", MAX_UNITS),
    )


def officer(cells: Cells, today: date) -> Officer:
    """A row of 工作人员."""
    phone = cells.read("phone", names.phone, PhoneInvalid.zh) or ""
    role = cells.read("role", _role, "没有这个角色，请对照说明")
    if role is not None and role not in OFFICES:
        cells.wrong("role", "该角色不能由文件授予")
    expires_on = cells.read("expires_on", date.fromisoformat, "请填写日期，如 2027-06-30")
    if expires_on and expires_on <= today:
        cells.wrong("expires_on", "必须晚于今天")
    return Officer(
        cells.row,
        phone,
        cells.name("display_name", LONGEST_DISPLAY_NAME),
        role or Role.VOLUNTEER,
        cells.name("scope"),
        expires_on,
    )


def numbered(texts: Iterable[str], suffix: str) -> tuple[str, ...]:
    """Bare numbers with what they number (``3`` → ``3号楼``); anything else stays as it is."""
    return tuple(f"{text}{suffix}" if text.isdecimal() else text for text in texts)


def _list(cells: Cells, column: str, most: int) -> tuple[str, ...]:
    found: list[str] = []
    for part in re.split(r"[,，、;；\s]+", cells.raw(column)):
        span = re.fullmatch(r"(\d{1,4})[-~—至](\d{1,4})", part)
        if span and int(span[1]) <= int(span[2]) < int(span[1]) + most:
            found += [str(number) for number in range(int(span[1]), int(span[2]) + 1)]
        elif span or (part and fault_of_text(part, LONGEST_NAME)):
            cells.wrong(column, f"请填写名称或号码范围（如 1-18），最多 {most} 个")
        elif part:
            found.append(part)
    if len(found) > most:
        cells.wrong(column, f"最多 {most} 个")
    if twice := [text for text, count in Counter(found).items() if count > 1]:
        cells.wrong(column, f"{twice[0]} 出现了两次")
    return tuple(found)


def _count(text: str) -> int:
    if not re.fullmatch(r"\d{1,7}", text):
        raise ValueError(text)
    return int(text)


def _area(text: str) -> Decimal:
    if not re.fullmatch(r"\d{1,10}(\.\d{1,2})?", text):
        raise ValueError(text)
    return Decimal(text)


def _code12(text: str) -> str:
    if not re.fullmatch(r"[0-9]{12}", text):
        raise ValueError(text)
    return text


def _modules(text: str) -> tuple[str, ...]:
    keys = [key for key in re.split(r"[,，、;；\s]+", text) if key]
    if len(set(keys)) != len(keys) or len(keys) > 40:
        raise ValueError(text)
    if not all(re.fullmatch(r"[a-z][a-z_]{0,39}", key) for key in keys):
        raise ValueError(text)
    return tuple(keys)


def _role(text: str) -> Role:
    return ROLE_NAMES[text] if text in ROLE_NAMES else Role(text.casefold())
