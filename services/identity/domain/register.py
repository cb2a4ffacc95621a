"""The register of persons: what a row of an office's file says, and whom of the register it means.

::

    cells ── person_of ──▶ Person ── pair with the live entries ──▶ unchanged │ changed │ added
      └─ what is wrong ──▶ Fault                 an entry without a row ──▶ ended (mode "replace")

Two rows, or a row and an entry, of the same building, room and name are one person unless
something that both know tells them apart (:func:`apart`): the unit, the birth year, the ID number.
So father and son of one name in one room are two, and a file that knows less than the register
takes nothing from it.
"""

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import ROUND_HALF_UP, Decimal
from typing import Final, Protocol

from services.identity.domain import id_number, names
from services.identity.domain.addresses import LONGEST_NAME, LONGEST_ROOM, fault_of_text, tidy
from services.identity.domain.id_number import IdNumberInvalid
from services.identity.domain.names import RealNameInvalid

MAX_PERSONS: Final = 20_000
MAX_NAMESAKES: Final = 20  # of one name in one room
EARLIEST_BIRTH: Final = 1900

# Column -> the headings that mean it. The first is the one that we write ourselves.
COLUMNS: Final[Mapping[str, tuple[str, ...]]] = {
    "estate": ("小区", "小区名称"),
    "building": ("楼栋", "楼号", "幢号", "栋"),
    "unit": ("单元", "单元号"),
    "room": ("室号", "房号", "室", "房间号"),
    "name": ("姓名", "名字"),
    "birth_year": ("出生年份", "出生年"),
    "birth_date": ("出生日期", "出生年月", "生日"),
    "relation": ("身份", "与户主关系", "人员类别", "居住身份"),
    "id_number": ("证件号码", "身份证号", "身份证号码", "公民身份号码"),
    "floor_area": ("建筑面积", "建筑面积（平方米）", "面积"),
}
# What we write beside lines that are given back to be mended; it says nothing of the person.
ROW_COLUMN: Final = "原行号"
FAULT_COLUMN: Final = "要改什么"
REQUIRED: Final = ("building", "room", "name", "relation")
HEADINGS: Final[Mapping[str, str]] = {column: words[0] for column, words in COLUMNS.items()}

# What offices call people -> what they are to the address. 户主 and 本人 depend on the community.
RELATIONS: Final[Mapping[str, str]] = {
    **dict.fromkeys(("owner", "业主", "产权人", "房主"), "owner"),
    **dict.fromkeys(
        (
            "family", "家庭成员", "家属", "亲属", "配偶", "妻", "妻子", "丈夫", "夫", "子", "女",
            "儿子", "女儿", "长子", "次子", "长女", "次女", "父", "母", "父亲", "母亲", "父母",
            "子女", "祖父", "祖母", "孙子", "孙女", "外孙", "外孙女", "兄弟", "姐妹", "兄", "弟",
            "姐", "妹", "儿媳", "女婿", "岳父", "岳母", "公公", "婆婆",
        ),
        "family",
    ),
    **dict.fromkeys(("tenant", "租户", "租客", "承租人", "租赁户"), "tenant"),
    **dict.fromkeys(("operator", "经营者", "商户", "经营户"), "operator"),
    **dict.fromkeys(("villager", "村民"), "villager"),
    **dict.fromkeys(("away", "外出村民", "离村村民", "外出人员"), "away"),
    **dict.fromkeys(("migrant", "流动人口", "来沪人员", "外来人员"), "migrant"),
}  # fmt: skip
HEADS: Final = frozenset({"户主", "本人", "head"})
# The word that we write for each.
RELATION_WORDS: Final[Mapping[str, str]] = {
    "owner": "业主",
    "family": "家庭成员",
    "tenant": "租户",
    "operator": "经营者",
    "villager": "村民",
    "away": "外出村民",
    "migrant": "流动人口",
}

_YEAR = re.compile(r"(\d{4})年?", re.ASCII)
_DAY = re.compile(
    r"(\d{4})(?:(\d{2})(\d{2})|[-/.年](\d{1,2})[-/.月](\d{1,2})日?(?:T.*)?)", re.ASCII
)
_AREA = re.compile(r"\d{1,7}(?:\.\d{1,17})?", re.ASCII)
_CENT = Decimal("0.01")


@dataclass(frozen=True, slots=True)
class Fault:
    """What is wrong with a row, in plain Chinese and without the value; ``field`` is a heading."""

    row: int
    field: str
    message: str


@dataclass(frozen=True, slots=True)
class Person:
    """What one row of the file says. Of an ID number nothing is kept but its blind index."""

    row: int
    estate: str
    building: str
    unit: str
    room: str = field(repr=False)
    name: str = field(repr=False)
    birth_year: int | None
    relation: str
    id_index: str | None = field(default=None, repr=False)
    floor_area: Decimal | None = None


def person_of(
    row: int,
    cells: Mapping[str, str],
    *,
    kind: str,
    today: date,
    blind: Callable[[str], str],
) -> Person | list[Fault]:
    """The person that a row describes, or everything that is wrong with it.

    Args:
        cells: by column of :data:`COLUMNS`; a column that the file does not have may be missing.
        kind: of the community, ``urban`` or ``village``: whether 户主 is an owner or a villager.
        today: in China; nobody is born later.
        blind: makes the blind index of an ID number, which is not kept.
    """
    reading = _Reading(row, cells)
    texts = {
        column: reading.text(column, longest, needed=column in REQUIRED)
        for column, longest in (
            ("estate", LONGEST_NAME),
            ("building", LONGEST_NAME),
            ("unit", LONGEST_NAME),
            ("room", LONGEST_ROOM),
        )
    }
    name = reading.name()
    relation = reading.relation(kind)
    number = reading.id_number(today)
    birth_year = reading.birth_year(today, number[1] if number else None)
    area = reading.floor_area()
    if reading.faults:
        return reading.faults
    id_index = blind(number[0]) if number else None
    return Person(row, **texts, name=name, birth_year=birth_year, relation=relation,
                  id_index=id_index, floor_area=area)  # fmt: skip


class _Reading:
    """One row being read; collects what is wrong with it."""

    def __init__(self, row: int, cells: Mapping[str, str]) -> None:
        self.row = row
        self.cells = cells
        self.faults: list[Fault] = []

    def _wrong(self, column: str, message: str) -> None:
        self.faults.append(Fault(self.row, HEADINGS[column], message))

    def _tidy(self, column: str) -> str:
        return tidy(self.cells.get(column, ""))

    def text(self, column: str, longest: int, *, needed: bool) -> str:
        text = self._tidy(column)
        if text or needed:
            fault = fault_of_text(text, longest)
            if fault:
                self._wrong(column, fault)
        return text

    def name(self) -> str:
        text = self._tidy("name")
        fault = fault_of_text(text, LONGEST_NAME)
        if fault:
            self._wrong("name", fault)
            return ""
        try:
            return names.real_name(text)
        except RealNameInvalid:
            self._wrong("name", "不像姓名：至少两个字，不含数字和符号")
            return ""

    def relation(self, kind: str) -> str:
        word = self._tidy("relation").casefold()
        if word in HEADS:
            return "villager" if kind == "village" else "owner"
        known = RELATIONS.get(word, "")
        if not known:
            self._wrong("relation", f"请填写{'、'.join(RELATION_WORDS.values())}之一")
        return known

    def id_number(self, today: date) -> tuple[str, int] | None:
        """The number and the year that it tells."""
        text = self._tidy("id_number")
        if not text:
            return None
        try:
            number = id_number.parse(text, today)
        except IdNumberInvalid:
            self._wrong("id_number", "证件号码有误（GB 11643 校验未通过）")
            return None
        return number.text, number.birth.year

    def birth_year(self, today: date, by_number: int | None) -> int | None:
        """What year, day and ID number say, as far as they are given; they must agree."""
        years = {
            "birth_year": self._year("birth_year", _year_of, today, "请填写四位数的年份"),
            "birth_date": self._year("birth_date", _year_of_day, today, "请写成 1950-03-07"),
        }
        said = by_number
        for column, year in years.items():
            if year is None:
                continue
            if said is not None and said != year:
                other = "证件号码" if said == by_number else HEADINGS["birth_year"]
                self._wrong(column, f"与{other}不一致")
            said = said or year
        return said

    def _year(
        self, column: str, read: Callable[[str], int | None], today: date, advice: str
    ) -> int | None:
        text = self._tidy(column)
        if not text:
            return None
        year = read(text)
        if year is None or not EARLIEST_BIRTH <= year <= today.year:
            self._wrong(column, advice)
            return None
        return year

    def floor_area(self) -> Decimal | None:
        text = self._tidy("floor_area")
        if not text:
            return None
        area = Decimal(text).quantize(_CENT, ROUND_HALF_UP) if _AREA.fullmatch(text) else None
        if not area:
            self._wrong("floor_area", "请填写数字（平方米），不带单位")
        return area


def _year_of(text: str) -> int | None:
    found = _YEAR.fullmatch(text)
    return int(found[1]) if found else None


def _year_of_day(text: str) -> int | None:
    found = _DAY.fullmatch(text)
    if not found:
        return None
    year, month, day, written_month, written_day = found.groups()
    try:
        return date(int(year), int(month or written_month), int(day or written_day)).year
    except ValueError:
        return None


# -- who is who ------------------------------------------------------------------------------------


class Known(Protocol):
    """What may tell two people of one name in one room apart."""

    @property
    def unit_id(self) -> str | None:
        """The unit's node."""

    @property
    def birth_year(self) -> int | None:
        """Year of birth."""

    @property
    def id_index(self) -> str | None:
        """Blind index of the ID number."""


class Entry(Known, Protocol):
    """A live entry of the register."""

    @property
    def id(self) -> str:
        """Its id."""


def apart(one: Known, other: Known) -> bool:
    """Whether two of one building, room and name are different people: something that both know
    differs. The ID number decides alone, where both have one."""
    if one.id_index and other.id_index:
        return one.id_index != other.id_index
    return bool(
        (one.unit_id and other.unit_id and one.unit_id != other.unit_id)
        or (one.birth_year and other.birth_year and one.birth_year != other.birth_year)
    )


def duplicates(rows: Sequence[Known]) -> Iterator[tuple[int, int | None]]:
    """Positions of rows, of one building, room and name, that cannot be told from an earlier one.

    Each comes with that earlier one's position; None for whoever is one too many
    (:data:`MAX_NAMESAKES`), which no room has and which would take for ever to compare.
    """
    for later, row in enumerate(rows):
        if later >= MAX_NAMESAKES:
            yield later, None
            continue
        for earlier in range(later):
            if not apart(rows[earlier], row):
                yield later, earlier
                break


def pair(entries: Iterable[Entry], rows: Sequence[Known]) -> dict[int, str]:
    """Which entry each row means (position -> entry id), all of one building, room and name.

    The pair that agrees in most goes first: ID number before birth year before unit. Rows that
    mean nobody are new. A file taken in a second time pairs as the first time, as each entry
    knows by then all that its row does.
    """
    among = [
        ((_agreement(entry, row), entry.id, position), entry.id, position)
        for entry in entries
        for position, row in enumerate(rows)
        if not apart(entry, row)
    ]
    paired: dict[int, str] = {}
    used: set[str] = set()
    for _, entry_id, position in sorted(among):
        if position not in paired and entry_id not in used:
            paired[position] = entry_id
            used.add(entry_id)
    return paired


def _agreement(one: Known, other: Known) -> tuple[bool, bool, bool]:
    """Sorts first what agrees most."""
    return (
        not (one.id_index and one.id_index == other.id_index),
        not (one.birth_year and one.birth_year == other.birth_year),
        not (one.unit_id and one.unit_id == other.unit_id),
    )
