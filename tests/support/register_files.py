"""The files of the offices that hold a register of persons: as they are made, as they are read."""

import io
from collections.abc import Callable
from datetime import date
from typing import Any

from openpyxl import Workbook

from services.identity import register_files
from services.identity.register_files import Reading

TODAY = date(2026, 11, 25)
HEAD = ("小区", "楼栋", "单元", "室号", "姓名", "出生年份", "身份", "证件号码", "建筑面积")
SUN = ("样例苑", "1号楼", "1单元", "402", "孙桂芳", "1949", "业主", "", "89.5")


def read(data: bytes, name: str = "名册.csv", kind: str = "urban") -> Reading:
    """What is read from a file."""
    return register_files.read(
        name, data, kind=kind, today=TODAY, blind=lambda number: f"blind-{number[-4:]}"
    )


def csv(*rows: tuple[Any, ...], encoding: str = "utf-8") -> bytes:
    """A file of values with commas."""
    return "\r\n".join(",".join(map(str, row)) for row in rows).encode(encoding)


def xlsx(*rows: tuple[Any, ...], dress: Callable[[Workbook], None] | None = None) -> bytes:
    """A workbook; ``dress`` may change it before it is written."""
    book = Workbook()
    for row in rows:
        book.worksheets[0].append(row)
    if dress:
        dress(book)
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()
