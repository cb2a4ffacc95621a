"""A register goes out as a file and comes back; another office's sheet is understood."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from services.identity import exchange, register_files, tables
from services.identity.domain import register
from services.identity.domain.register import Person
from services.identity.exchange import REGISTER, RESIDENT_SHEET, Line
from services.identity.register_files import NobodyInFile
from services.identity.tables import ColumnsWrong
from tests.support.register_files import TODAY, csv, read

han = st.text(st.characters(min_codepoint=0x4E00, max_codepoint=0x9FA5), min_size=2, max_size=4)
endings = st.sampled_from(["号楼", "幢", "单元", "室", ""])
place = st.builds("{}{}".format, st.integers(1, 99), endings)
lines = st.builds(
    Line,
    estate=han,
    building=place,
    unit=st.one_of(st.just(""), place),
    room=place,
    name=han,
    birth_year=st.one_of(st.none(), st.integers(1900, 2026)),
    relation=st.sampled_from(list(register.RELATION_WORDS)),
    floor_area=st.one_of(st.none(), st.decimals("0.01", "9999.99", places=2)),
)


def line_of(person: Person) -> Line:
    return Line(
        person.estate,
        person.building,
        person.unit,
        person.room,
        person.name,
        person.birth_year,
        person.relation,
        person.floor_area,
    )


@settings(max_examples=60, deadline=None)
@given(st.lists(lines, min_size=1, max_size=8), st.sampled_from(["csv", "xlsx"]))
def test_what_is_exported_is_what_is_imported(exported, form):
    reading = read(REGISTER.write(exported, form), f"a.{form}")
    assert reading.faults == []
    assert [line_of(person) for person in reading.persons] == exported


@settings(max_examples=40, deadline=None)
@given(st.lists(lines, min_size=1, max_size=8), st.sampled_from(["csv", "xlsx"]))
def test_a_resident_sheet_goes_out_and_comes_back(exported, form):
    theirs = RESIDENT_SHEET.write(exported, form)
    ours = exchange.register_table(RESIDENT_SHEET.read(f"a.{form}", theirs))
    reading = register_files.persons_in(ours, kind="urban", today=TODAY, blind=str)
    assert reading.faults == []
    assert [line_of(person) for person in reading.persons] == exported


def test_columns_of_a_resident_sheet_that_we_have_no_use_for_are_not_read():
    head = ("序号", "楼栋号", "室号", "人员姓名", "人员类别", "联系电话")
    data = csv(head, (1, "1号楼", "402", "孙桂芳", "产权人", "13812341234"))
    (row,) = RESIDENT_SHEET.read("a.csv", data)
    assert row.cells == {"building": "1号楼", "room": "402", "name": "孙桂芳", "relation": "owner"}


def test_what_is_wrong_with_a_resident_sheet_stays_at_its_row():
    head = ("楼栋号", "室号", "人员姓名", "出生年份", "人员类别", "房屋建筑面积")
    data = csv(head, (), ("1号楼", "402", "孙桂芳", "1949", "产权人", "=89"))
    ours = exchange.register_table(RESIDENT_SHEET.read("a.csv", data))
    reading = register_files.persons_in(ours, kind="urban", today=TODAY, blind=str)
    assert [(f.row, f.field) for f in reading.faults] == [(3, "建筑面积")]


@pytest.mark.parametrize("head", [("楼栋号", "室号", "人员类别"), ("姓名", "楼栋")])
def test_another_sheet_than_it_says_is_refused_by_its_own_headings(head):
    with pytest.raises(ColumnsWrong) as refused:
        RESIDENT_SHEET.read("a.csv", csv(head, ("1", "2", "3")[: len(head)]))
    assert "人员姓名" in {error.field for error in refused.value.errors}


def test_a_resident_sheet_without_anybody_is_no_register():
    head = ("楼栋号", "室号", "人员姓名", "人员类别")
    ours = exchange.register_table(RESIDENT_SHEET.read("a.csv", csv(head)))
    with pytest.raises(NobodyInFile):
        register_files.persons_in(ours, kind="urban", today=TODAY, blind=str)


def test_a_name_that_a_spreadsheet_would_reckon_is_quoted_on_the_way_out():
    ground = exchange.Ground("区", "镇", "=cmd", "310199101001", "@苑", "1号楼")
    (table,) = tables.read("a.csv", exchange.HOTLINE_LIST.write([ground], "csv"))
    assert dict(table.rows[0].cells)["责任居村"] == "'=cmd"
