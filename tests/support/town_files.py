"""A small town as a workbook, for tests of its import."""

import copy
import io
from typing import Any

from openpyxl import Workbook

SHEETS: dict[str, list[list[Any]]] = {
    "镇": [["名称"], ["新镇"]],
    "居村": [
        ["镇", "名称", "类型", "代码", "户数", "人口", "截至日期", "栏目"],
        ["新镇", "第一居民区", "居", "310199103001", 812, 2100, "2026-06-30", "party,guides"],
        ["样例镇", "前进村", "村", "310199103201", "", "", "", ""],
    ],
    "小区": [
        ["居村", "名称", "楼栋", "单元"],
        ["第一居民区", "一号院", "1-3", "1-2"],
        ["第一居民区", "二号院", "1", ""],
        ["前进村", "前进", "1-2", ""],
    ],
    "工作人员": [
        ["手机", "姓名", "角色", "范围", "到期"],
        ["13812345678", "王书记", "书记", "第一居民区", "2027-12-31"],
        ["13812345678", "王书记", "居委", "前进村", ""],
        ["13912345678", "李镇长", "观察员", "新镇", ""],
    ],
}


def workbook(**changes: list[list[Any]] | None) -> bytes:
    """The town as XLSX; a sheet may be given anew, or left out (None)."""
    book = Workbook()
    book.remove(book.worksheets[0])
    for title, rows in {**copy.deepcopy(SHEETS), **changes}.items():
        if rows is None:
            continue
        sheet = book.create_sheet(title)
        for row in rows:
            sheet.append(row)
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()
