"""The register out of an office's file: whatever comes, persons and faults, never an exception."""

import io
import zipfile
from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from openpyxl import Workbook
from openpyxl.styles import Font
from openpyxl.utils.exceptions import IllegalCharacterError

from services.contracts.errors import ShequError
from services.identity import register_files
from services.identity.domain import register
from services.identity.domain.register import HEADINGS, Fault, Person
from services.identity.register_files import NobodyInFile
from services.identity.tables import (
    ColumnsWrong,
    FileLocked,
    FileTooLarge,
    FileTooOld,
    FileUnreadable,
)
from tests.support.identity_world import made_up_id
from tests.support.register_files import HEAD, SUN, csv, read, xlsx


def sun(**over: Any) -> tuple[Any, ...]:
    names = dict(zip(HEAD, SUN, strict=True))
    names.update(over)
    return tuple(names.values())


def faults(data: bytes, **options: Any) -> list[tuple[int, str]]:
    return [(fault.row, fault.field) for fault in read(data, **options).faults]


# -- files that are right --------------------------------------------------------------------------


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030", "gbk", "utf-16"])
def test_a_csv_is_read_in_whatever_encoding_a_spreadsheet_wrote(encoding):
    (person,) = read(csv(HEAD, SUN, encoding=encoding)).persons
    assert person == Person(
        2, "样例苑", "1号楼", "1单元", "402", "孙桂芳", 1949, "owner", None, Decimal("89.50")
    )


def test_a_workbook_says_the_same_whether_its_cells_are_numbers_or_text():
    numbers = xlsx(HEAD, sun(室号=402, 出生年份=1949.0, 建筑面积=89.5))
    text = xlsx(HEAD, SUN)
    assert (
        read(numbers, "a.xlsx").persons
        == read(text, "a.xlsx").persons
        == read(csv(HEAD, SUN)).persons
    )


def test_columns_come_in_any_order_and_language_and_optional_ones_may_be_missing():
    data = csv(
        ("name", "birth_year", "ROOM", "Building", "relation"),
        ("孙桂芳", "1949", "402", "1号楼", "owner"),
    )
    (person,) = read(data).persons
    assert (person.estate, person.unit, person.floor_area) == ("", "", None)
    assert (person.building, person.room, person.relation) == ("1号楼", "402", "owner")


@pytest.mark.parametrize(
    ("written", "year"),
    [
        ("1949-10-01", 1949),
        ("1949/10/1", 1949),
        ("1949年10月1日", 1949),
        ("19491001", 1949),
        (date(1949, 10, 1), 1949),
    ],
)
def test_of_a_birth_date_only_the_year_is_taken(written, year):
    head = tuple("出生日期" if h == "出生年份" else h for h in HEAD)
    (person,) = read(xlsx(head, sun(出生年份=written)), "a.xlsx").persons
    assert person.birth_year == year


def test_of_an_id_number_nothing_stays_but_its_blind_index_and_the_year():
    number = made_up_id()
    (person,) = read(csv(HEAD, sun(出生年份="", 证件号码=number))).persons
    assert (person.id_index, person.birth_year) == (f"blind-{number[-4:]}", 1949)
    assert number not in repr(person) and "孙桂芳" not in repr(person)


@pytest.mark.parametrize(
    ("word", "kind", "relation"),
    [
        ("户主", "urban", "owner"),
        ("户主", "village", "villager"),
        ("配偶", "urban", "family"),
        ("租客", "urban", "tenant"),
        ("来沪人员", "village", "migrant"),
        ("外出村民", "village", "away"),
        ("Owner", "urban", "owner"),
    ],
)
def test_the_words_of_offices_are_understood(word, kind, relation):
    (person,) = read(csv(HEAD, sun(身份=word)), kind=kind).persons
    assert person.relation == relation


def test_blank_rows_are_passed_over_and_row_numbers_are_the_files_own():
    data = csv(HEAD, SUN, ("",) * 9, sun(姓名="李"))
    assert faults(data) == [(4, "姓名")]


def test_macros_and_further_sheets_are_passed_over():
    def dress(book: Workbook) -> None:
        book.create_sheet("选项").append(("业主", "租户"))
        book.active["A1"].font = Font(bold=True)
        book.active["A2"].hyperlink = "http://192.0.2.1/x"

    assert len(read(xlsx(HEAD, SUN, dress=dress), "名册.xlsm").persons) == 1


# -- what is wrong with a cell ---------------------------------------------------------------------


@pytest.mark.parametrize(
    ("column", "cell"),
    [
        ("楼栋", ""),
        ("室号", ""),
        ("姓名", ""),
        ("姓名", "7"),
        ("姓名", "孙"),
        ("姓名", "=HYPERLINK(1)"),
        ("姓名", "+孙桂芳"),
        ("姓名", "-孙桂芳"),
        ("姓名", "@孙桂芳"),
        ("姓名", "＝孙桂芳"),
        ("姓名", "孙" * 51),
        ("姓名", "孙\u202e桂芳"),
        ("楼栋", "-1号楼"),
        ("楼栋", "楼" * 51),
        ("单元", "1\u200b单元"),
        ("室号", "@SUM(A1)"),
        ("室号", "4" * 31),
        ("小区", "=1+1"),
        ("出生年份", "一九四九"),
        ("出生年份", "1899"),
        ("出生年份", "2027"),
        ("出生年份", "49"),
        ("身份", "邻居"),
        ("身份", ""),
        ("证件号码", made_up_id()[:-1] + "?"),
        ("证件号码", "310199194910010"),
        ("证件号码", "3.10199E+17"),
        ("建筑面积", "约九十"),
        ("建筑面积", "89.5㎡"),
        ("建筑面积", "0"),
        ("建筑面积", "-3"),
        ("建筑面积", "1e5"),
        ("建筑面积", "NaN"),
    ],
)
def test_a_wrong_cell_is_named_by_row_and_column_and_never_quoted(column, cell):
    reading = read(csv(HEAD, SUN, sun(**{column: cell})))
    assert {(fault.row, fault.field) for fault in reading.faults} == {(3, column)}
    assert len(reading.persons) == 1
    for fault in reading.faults:
        assert len(cell) < 3 or cell not in fault.message


@pytest.mark.parametrize(
    ("column", "cell"),
    [
        ("姓名", "=A1"),
        ("室号", "=1+401"),
        ("证件号码", 310199194910010024),
        ("证件号码", int(made_up_id()[:-1] + "0")),
        ("建筑面积", "=SUM(A1:A3)"),
    ],
)
def test_a_workbooks_formulas_are_refused_and_its_numbers_not_believed_beyond_15_digits(
    column, cell
):
    assert faults(xlsx(HEAD, sun(**{column: cell})), name="a.xlsx") == [(2, column)]


def test_year_day_and_number_must_agree():
    number = made_up_id()
    head = (*HEAD, "出生日期")
    assert faults(csv(HEAD, sun(出生年份="1950", 证件号码=number))) == [(2, "出生年份")]
    assert faults(csv(head, (*sun(), "1950-01-01"))) == [(2, "出生日期")]
    assert faults(csv(head, (*sun(证件号码=number), "1949-10-01"))) == []


def test_every_fault_of_a_row_is_told_at_once():
    row = sun(姓名="7", 身份="x", 建筑面积="x")
    assert {f for _, f in faults(csv(HEAD, row))} == {"姓名", "身份", "建筑面积"}


def test_a_row_with_more_cells_than_headings_is_a_fault():
    assert faults(csv(HEAD, (*SUN, "多"))) == [(2, "建筑面积")]


# -- files that are no register --------------------------------------------------------------------


@pytest.mark.parametrize(
    ("head", "field"),
    [
        (tuple(h for h in HEAD if h != "姓名"), "姓名"),
        (tuple(h for h in HEAD if h != "楼栋"), "楼栋"),
        (tuple(h for h in HEAD if h not in ("出生年份", "证件号码")), "出生年份"),
        ((*HEAD, "星座"), "星座"),
        ((*HEAD, "姓名"), "姓名"),
        ((*HEAD, "name"), "name"),
        ((*HEAD[:4], "=A1", *HEAD[5:]), "=A1"),
        ((*HEAD[:4], "", *HEAD[5:]), "第 5 列"),
    ],
)
def test_wrong_headings_are_named(head, field):
    with pytest.raises(ColumnsWrong) as caught:
        read(csv(head, ("x",) * len(head)))
    assert field in {e.field for e in caught.value.errors} or field == "=A1"


def ole2(mark: str) -> bytes:
    return b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 500 + mark.encode("utf-16-le")


def bomb(zeros: int) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("[Content_Types].xml", b"<x/>")
        archive.writestr("xl/worksheets/sheet1.xml", b"0" * zeros)
    return out.getvalue()


def entity_bomb() -> bytes:
    good = xlsx(HEAD, SUN)
    lol = "".join(f'<!ENTITY l{i} "{f"&l{i - 1};" * 10}">' for i in range(1, 9))
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(good)) as old, zipfile.ZipFile(out, "w") as new:
        for info in old.infolist():
            data = old.read(info)
            if info.filename.endswith("sheet1.xml"):
                head = f'<?xml version="1.0"?><!DOCTYPE x [<!ENTITY l0 "lol">{lol}]>'.encode()
                data = head + data.replace(b"<sheetData>", b"<sheetData><row><c>&l8;</c></row>")
            new.writestr(info, data)
    return out.getvalue()


def broken(data: bytes) -> bytes:
    return data[: len(data) // 2] + b"\0" * 200 + data[len(data) // 2 + 200 :]


@pytest.mark.parametrize(
    ("name", "data", "error"),
    [
        ("a.csv", b"", FileUnreadable),
        ("a.csv", b"\r\n\r\n", FileUnreadable),
        ("a.csv", csv(HEAD), NobodyInFile),
        ("a.xlsx", xlsx(HEAD), NobodyInFile),
        ("a.xlsx", xlsx(), FileUnreadable),
        ("a.csv", b"\xff\xfa\x00\x81\x20", FileUnreadable),
        ("a.csv", b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR", FileUnreadable),
        ("a.csv", '小区,"楼栋'.encode(), FileUnreadable),
        ("a.csv", b"x" * (register_files.MAX_BYTES + 1), FileTooLarge),
        ("a.csv", csv(HEAD, *[SUN] * (register.MAX_PERSONS + 1)), FileTooLarge),
        ("a.csv", csv(tuple(f"c{i}" for i in range(99))), FileTooLarge),
        ("a.xlsx", b"PK\x03\x04 nothing of the kind", FileUnreadable),
        ("a.xlsx", broken(xlsx(HEAD, *[SUN] * 50)), FileUnreadable),
        ("a.xlsx", ole2("EncryptedPackage"), FileLocked),
        ("a.xls", ole2("Workbook"), FileTooOld),
        ("a.xlsx", bomb(101_000_000), FileTooLarge),
        ("a.xlsx", entity_bomb(), FileUnreadable),
    ],
)  # fmt: skip
def test_what_is_no_register_is_refused_in_words(name, data, error):
    with pytest.raises(error) as caught:
        read(data, name)
    assert type(caught.value) is error
    assert caught.value.code.startswith("identity.") and caught.value.zh


def test_a_sheet_that_claims_a_row_in_the_milliards_does_not_keep_us_counting():
    data = xlsx(HEAD, SUN)
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as old, zipfile.ZipFile(out, "w") as new:
        for info in old.infolist():
            new.writestr(info, old.read(info).replace(b'<row r="2"', b'<row r="2000000000"'))
    with pytest.raises(FileTooLarge):
        read(out.getvalue(), "a.xlsx")


# -- whatever comes --------------------------------------------------------------------------------

words = st.text(st.characters(codec="utf-8"), max_size=12)
cells = st.one_of(
    words,
    st.sampled_from([*SUN, "", "=1", "＠x", "户主", "0402室", "1949-10-01", made_up_id(), "1e999"]),
    st.integers(-(10**20), 10**20),
    st.floats(allow_nan=True),
    st.booleans(),
    st.none(),
    st.dates(),
)
known = st.sampled_from([h for hs in register.COLUMNS.values() for h in hs])
headings = st.one_of(st.lists(st.one_of(words, known), max_size=14), st.permutations(HEAD))
bodies = st.lists(st.lists(cells, max_size=12), max_size=6)


def check(data: bytes, name: str) -> None:
    try:
        reading = read(data, name)
    except ShequError as error:
        assert error.code.startswith("identity.")
        return
    at_fault = {fault.row for fault in reading.faults}
    whole = {person.row for person in reading.persons}
    assert not at_fault & whole
    assert len(at_fault | whole) == reading.total
    assert all(fault.field and fault.message for fault in reading.faults)


@settings(max_examples=150, deadline=None)
@given(headings, bodies, st.sampled_from(["utf-8", "utf-8-sig", "gb18030", "utf-16"]))
def test_any_csv_is_persons_and_faults_or_refused(head, rows, encoding):
    out = "\n".join(
        ",".join('"' + str(c).replace('"', '""') + '"' for c in row) for row in (head, *rows)
    )
    check(out.encode(encoding, "surrogatepass" if encoding != "gb18030" else "replace"), "a.csv")


@settings(max_examples=60, deadline=None)
@given(headings, bodies)
def test_any_workbook_is_persons_and_faults_or_refused(head, rows):
    book = Workbook()
    for y, row in enumerate((head, *rows), 1):
        for x, cell in enumerate(row, 1):
            try:
                book.active.cell(y, x, cell)
            except (ValueError, IllegalCharacterError):  # what a workbook cannot hold
                continue
    out = io.BytesIO()
    book.save(out)
    check(out.getvalue(), "a.xlsx")


@settings(max_examples=150, deadline=None)
@given(st.binary(max_size=300), st.sampled_from([b"", b"PK\x03\x04", b"\xff\xfe", b"\xef\xbb\xbf"]))
def test_any_bytes_are_persons_and_faults_or_refused(data, head):
    check(head + data, "a.csv")


@settings(max_examples=60, deadline=None)
@given(st.data())
def test_a_damaged_workbook_is_read_or_refused(data):
    whole = bytearray(xlsx(HEAD, SUN))
    for _ in range(data.draw(st.integers(1, 8))):
        place = data.draw(st.integers(0, 9_999)) % len(whole)  # its size differs: times stand in it
        whole[place] = data.draw(st.integers(0, 255))
    check(bytes(whole), "a.xlsx")


def test_headings_that_we_write_are_read():
    assert set(HEADINGS) == set(register.COLUMNS)
    assert Fault(2, "姓名", "x") == Fault(2, "姓名", "x")
