"""A town's sheets: read in any spelling, every wrong row named, nothing guessed."""

import io
import zipfile
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st
from openpyxl import Workbook

from services.contracts.actor import Role
from services.identity import tables, town_files
from services.identity.domain import town
from services.identity.domain.town import Cells
from services.identity.domain.town_plan import Known, fit
from services.identity.tables import ColumnsWrong, FileTooLarge, FileUnreadable

pytestmark = pytest.mark.unit

TODAY = date(2026, 11, 25)
KNOWN = Known(frozenset({"样例区"}), frozenset({("样例区", "老镇")}), frozenset({"310199000000"}))
GOOD = {
    "镇": [["名称"], ["新镇"]],
    "居村": [
        ["镇", "名称", "类型", "代码", "户数", "截至日期", "栏目"],
        ["新镇", "第一居民区", "居", "310199103001", 812, "2026-06-30", "party,guides"],
        ["老镇", "前进村", "村", "310199103201", "", "", ""],
    ],
    "小区": [
        ["居村", "名称", "楼栋", "单元"],
        ["第一居民区", "一号院", "1-3", "1-2"],
        ["310199103201", "前进", "1、2", ""],
    ],
    "楼栋": [["居村", "小区", "名称", "单元"], ["第一居民区", "一号院", "3", "1"]],
    "工作人员": [
        ["手机", "姓名", "角色", "范围", "到期"],
        ["13812345678", "王书记", "书记", "第一居民区", "2027-12-31"],
        ["13812345678", "王书记", "committee_staff", "前进村", ""],
        ["13912345678", "李镇长", "观察员", "新镇", ""],
    ],
}


def workbook(sheets):
    book = Workbook()
    book.remove(book.active)
    for title, rows in sheets.items():
        sheet = book.create_sheet(title)
        for row in rows:
            sheet.append(row)
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def csv(rows, encoding="utf-8"):
    return "\r\n".join(",".join(f'"{cell}"' for cell in row) for row in rows).encode(encoding)


def draft_of(sheets):
    return town_files.read(tables.read("x.xlsx", workbook(sheets)), TODAY)


def changed(sheet, row, column, value):
    rows = [list(r) for r in GOOD[sheet]]
    rows[row][rows[0].index(column)] = value
    return {**GOOD, sheet: rows}


def faults_of(sheets, known=KNOWN):
    plan = fit(draft_of(sheets), known, "样例区")
    return [(f.sheet, f.row, f.column) for f in plan.faults], [f.message for f in plan.faults]


# -- whole files ----------------------------------------------------------------------------------


def test_a_whole_town_fits_together():
    plan = fit(draft_of(GOOD), KNOWN, "样例区")
    assert plan.faults == []
    assert plan.towns == [("样例区", "新镇"), ("样例区", "老镇")]
    assert set(plan.communities) == {"310199103001", "310199103201"}
    assert plan.communities["310199103001"][1].figures == {
        "households": 812,
        "as_of": date(2026, 6, 30),
    }
    assert plan.communities["310199103001"][1].modules == ("party", "guides")
    assert plan.buildings["310199103001", "一号院"] == {
        "1号楼": ("1单元", "2单元"),
        "2号楼": ("1单元", "2单元"),
        "3号楼": ("1单元",),
    }
    assert plan.buildings["310199103201", "前进"] == {"1组": (), "2组": ()}
    assert [(o.role, s.kind, s.key) for o, s in plan.staff] == [
        (Role.SECRETARY, "community", "310199103001"),
        (Role.COMMITTEE_STAFF, "community", "310199103201"),
        (Role.OBSERVER, "town", ("样例区", "新镇")),
    ]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030", "utf-16"])
def test_a_zip_and_a_folder_of_csv_say_the_same_as_a_workbook(tmp_path, encoding):
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        for title, rows in GOOD.items():
            archive.writestr(f"{title}.csv", csv(rows, encoding))
            (tmp_path / f"{title}.csv").write_bytes(csv(rows, encoding))
    from_zip = town_files.read(tables.read("town.zip", packed.getvalue()), TODAY)
    from_folder = town_files.read(town_files.load(tmp_path)[0], TODAY)
    assert from_zip == from_folder == draft_of(GOOD)


def test_english_headings_and_sheets_do_as_well():
    sheets = {
        "Towns": [["name"], ["新镇"]],
        "communities": [
            ["town", "name", "kind", "code12"],
            ["新镇", "甲", "urban", "310199103001"],
        ],
        "STAFF": [
            ["Phone", "Display name", "role", "scope"],
            ["+8613812345678", "王", "secretary", "310199103001"],
        ],
    }
    plan = fit(draft_of(sheets), KNOWN, "样例区")
    assert plan.faults == []
    assert len(plan.staff) == 1


@pytest.mark.parametrize(
    "sheets",
    [
        {**GOOD, "居民": [["姓名"], ["某人"]]},
        {"镇": [["名称"], ["新镇"]], "街镇": [["名称"], ["新镇"]]},
        {"镇": [["名称"]]},
    ],
    ids=["unknown", "twice", "empty"],
)
def test_sheets_that_make_no_town_are_refused(sheets):
    with pytest.raises(town_files.SheetsWrong) as caught:
        draft_of(sheets)
    assert caught.value.errors


@pytest.mark.parametrize(
    ("rows", "heading"),
    [
        ([["镇", "名称", "类型"], ["新镇", "甲", "居"]], "代码"),
        ([["镇", "名称", "类型", "代码", "备注"], ["新镇", "甲", "居", "1", "x"]], "备注"),
        ([["镇", "名称", "类型", "代码", "name"], ["新镇", "甲", "居", "1", "x"]], "name"),
    ],
    ids=["missing", "unknown", "twice"],
)
def test_wrong_headings_are_named(rows, heading):
    with pytest.raises(ColumnsWrong) as caught:
        draft_of({"居村": rows})
    assert heading in [e.field for e in caught.value.errors]


def test_what_is_no_table_is_refused_in_words(tmp_path):
    for data in (b"", b"PK\x03\x04 broken", b"\x00\x01\x02\xff\xfe\x00"):
        with pytest.raises(FileUnreadable):
            tables.read("x.xlsx", data)
    with pytest.raises(FileTooLarge):
        tables.read("x.csv", b"a" * (tables.MAX_BYTES + 1))
    with pytest.raises(FileUnreadable):
        town_files.load(tmp_path / "nothing.xlsx")
    with pytest.raises(FileUnreadable):
        town_files.load(tmp_path)


def test_an_archive_that_unpacks_to_too_much_is_not_unpacked():
    bomb = io.BytesIO()
    with zipfile.ZipFile(bomb, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("镇.csv", b"0" * (tables.MAX_UNPACKED + 1))
    assert len(bomb.getvalue()) < 200_000
    with pytest.raises(FileTooLarge):
        tables.read("x.zip", bomb.getvalue())


def sheet_of(body: str) -> bytes:
    """A workbook whose one sheet has this for its rows."""
    out = io.BytesIO()
    with (
        zipfile.ZipFile(io.BytesIO(workbook({"镇": [["名称"]]}))) as plain,
        zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as made,
    ):
        for name in plain.namelist():
            content = plain.read(name)
            if name == "xl/worksheets/sheet1.xml":
                head, rest = content.split(b"</sheetData>")
                content = head + body.encode() + b"</sheetData>" + rest
            made.writestr(name, content)
    return out.getvalue()


@pytest.mark.parametrize(
    "data",
    [
        sheet_of("<row/>" * (tables.MAX_ROWS + 1)),
        sheet_of(f'<row r="{tables.MAX_ROWS + 2}"><c t="str"><v>x</v></c></row>'),
        sheet_of(("<row>" + "<c/>" * tables.MAX_COLUMNS + "</row>") * 20_001),
        "名称".encode() + b"\n" * (tables.MAX_ROWS + 2),
        "名称\n".encode() + (b"," * 2_000 + b"\n") * 700,
    ],
    ids=["rows", "row far below", "cells", "lines", "commas"],
)
def test_rows_and_cells_without_anything_in_them_count_too(data):
    with pytest.raises(FileTooLarge):
        tables.read("x", data)


def test_rows_count_over_all_files_of_an_archive():
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        for number in range(3):
            archive.writestr(f"{number}.csv", "名称\n" + "\n" * (tables.MAX_ROWS // 2))
    with pytest.raises(FileTooLarge):
        tables.read("x.zip", packed.getvalue())


# -- rows -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("sheet", "row", "column", "value", "says"),
    [
        ("镇", 1, "名称", "=1+1", "公式"),
        ("居村", 1, "镇", "别的镇", "没有这个镇"),
        ("居村", 1, "类型", "小区", "居 或 村"),
        ("居村", 1, "代码", "31019910300", "12 位"),
        ("居村", 2, "代码", "310199103001", "出现了两次"),
        ("居村", 1, "代码", "310199000000", "已有这个代码"),
        ("居村", 1, "户数", "八百", "整数"),
        ("居村", 1, "截至日期", "2026-13-01", "日期"),
        ("居村", 1, "截至日期", "2027-01-01", "不能晚于今天"),
        ("居村", 1, "栏目", "党建", "栏目代码"),
        ("小区", 1, "居村", "第九居民区", "没有这个居村"),
        ("小区", 1, "楼栋", "1-9999", "最多"),
        ("小区", 1, "楼栋", "1,2,2", "两次"),
        ("楼栋", 1, "小区", "二号院", "没有这个小区"),
        ("工作人员", 1, "手机", "12345", "手机号码"),
        ("工作人员", 1, "手机", "3.1E+10", "末位"),
        ("工作人员", 1, "角色", "区长", "没有这个角色"),
        ("工作人员", 1, "角色", "party_member", "不能由文件授予"),
        ("工作人员", 1, "范围", "火星", "没有这个"),
        ("工作人员", 1, "范围", "样例区", "不能设在这一级"),
        ("工作人员", 1, "到期", "2026-11-25", "晚于今天"),
        ("工作人员", 1, "姓名", "", "不能为空"),
        ("工作人员", 2, "姓名", "别人", "另一个称呼"),
    ],
)
def test_a_wrong_cell_is_named_with_sheet_row_and_column(sheet, row, column, value, says):
    places, messages = faults_of(changed(sheet, row, column, value))
    assert (sheet, row + 1, column) in places, (places, messages)
    assert any(says in message for message in messages)


def test_faults_quote_no_phone_and_no_name():
    _, messages = faults_of(changed("工作人员", 1, "手机", "1381234567"))
    assert messages
    assert not any("1381234567" in m or "王书记" in m for m in messages)


def test_two_communities_of_one_name_are_told_apart_by_their_code():
    rows = [*GOOD["居村"], ["老镇", "第一居民区", "居", "310199103009", "", "", ""]]
    places, messages = faults_of({**GOOD, "居村": rows})
    assert ("小区", 2, "居村") in places
    assert any("12 位代码" in m for m in messages)
    by_code = changed("小区", 1, "居村", "310199103009")
    by_code["楼栋"] = [["居村", "小区", "名称"], ["310199103009", "一号院", "3"]]
    by_code["工作人员"] = GOOD["工作人员"][:1]
    assert faults_of({**by_code, "居村": rows})[0] == []


def test_every_wrong_row_is_reported_not_only_the_first():
    rows = [GOOD["居村"][0], *(["没有", f"甲{i}", "居", "x", "", "", ""] for i in range(30))]
    places, _ = faults_of({**GOOD, "居村": rows, "小区": [["居村", "名称"]], "楼栋": [],
                           "工作人员": []})  # fmt: skip
    assert {row for _, row, _ in places} == set(range(2, 32))


CELLS = st.dictionaries(
    st.sampled_from([c for sheet in town.SHEETS for c in sheet.columns]), st.text(max_size=40)
)


@given(CELLS)
def test_whatever_stands_in_the_cells_is_read_or_named(cells):
    for sheet, parse in (
        (town.TOWNS, town.town),
        (town.COMMUNITIES, lambda c: town.community(c, TODAY)),
        (town.ESTATES, town.estate),
        (town.BUILDINGS, town.building),
        (town.STAFF, lambda c: town.officer(c, TODAY)),
    ):
        asked = Cells(sheet, 2, cells)
        parse(asked)
        needed = [c for c in sheet.required if not cells.get(c, "").strip()]
        assert len(asked.faults) >= len(needed)


@given(st.binary(max_size=300))
def test_whatever_the_bytes_are_they_are_a_table_or_refused(data):
    try:
        found = tables.read("x.csv", data)
    except (FileUnreadable, FileTooLarge, ColumnsWrong):
        return
    assert found
    assert all(table.headings for table in found)
