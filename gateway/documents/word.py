"""A document as DOCX, in the styles of the word processor so that it can be edited on."""

import io
import re
from typing import Any, Final

import segno
from docx import Document as new_document
from docx.enum.table import WD_TABLE_ALIGNMENT
from docx.oxml.ns import qn
from docx.shared import Mm, Pt, RGBColor

from services.contracts.operations.documents import Document, DocumentBlock

FONT: Final = "Noto Sans CJK SC"
_TEXT_WIDTH: Final = Mm(170)
_MARGIN: Final = Mm(20)
_CODES: Final = {1: Mm(32), 2: Mm(60)}
_SOFT: Final = RGBColor(0x55, 0x60, 0x5C)
_NOT_XML: Final = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]")


def made(document: Document) -> bytes:
    """The file. A text is only ever a text: no field, no formula, no link comes from it."""
    file: Any = new_document()
    _set_up(file)
    file.core_properties.title = _clean(document.title)
    file.core_properties.author = "社区通"
    file.add_heading(_clean(document.title), 0)
    for line in document.lines:
        _remark(file, line)
    for block in document.blocks:
        _put(file, block)
    out = io.BytesIO()
    file.save(out)
    return out.getvalue()


def _set_up(file: Any) -> None:
    section = file.sections[0]
    section.page_width, section.page_height = Mm(210), Mm(297)
    section.left_margin = section.right_margin = _MARGIN
    section.top_margin = section.bottom_margin = _MARGIN
    for name in ("Normal", "Title", "Heading 1", "Heading 2"):
        style = file.styles[name]
        style.font.name = FONT
        # Word keeps the font of Chinese text apart from that of Latin text.
        fonts = style.element.get_or_add_rPr().get_or_add_rFonts()
        for kind in ("w:eastAsia", "w:ascii", "w:hAnsi"):
            fonts.set(qn(kind), FONT)
    file.styles["Normal"].font.size = Pt(10.5)


def _put(file: Any, block: DocumentBlock) -> None:
    match block.kind:
        case "heading":
            file.add_heading(_clean(block.text), block.level)
        case "text":
            file.add_paragraph(_clean(block.text))
        case "remark":
            _remark(file, block.text)
        case "table":
            _table(file, block)
        case "code":
            _code(file, block)
            for line in block.lines:
                file.add_paragraph(_clean(line))
        case "ticks":
            file.add_paragraph("　　".join(f"□ {_clean(label)}" for label in block.columns))
        case "blanks":
            _blanks(file, block)
        case "cut":
            _remark(file, "─ ─ ─ ─ ─ ─ 沿虚线裁开 ─ ─ ─ ─ ─ ─")
        case "break":
            file.add_page_break()


def _remark(file: Any, text: str) -> None:
    run = file.add_paragraph().add_run(_clean(text))
    run.font.size, run.font.color.rgb = Pt(9), _SOFT


def _blanks(file: Any, block: DocumentBlock) -> None:
    filled = block.rows[0] if block.rows else [""] * len(block.columns)
    pairs = zip(block.columns, filled, strict=True)
    said = "　　".join(f"{label}：{text or '________'}" for label, text in pairs)
    file.add_paragraph(_clean(said))


def _code(file: Any, block: DocumentBlock) -> None:
    picture = io.BytesIO()
    segno.make(block.text, error="q", micro=False).save(picture, kind="png", scale=8)
    picture.seek(0)
    file.add_picture(picture, width=_CODES[block.level])


def _table(file: Any, block: DocumentBlock) -> None:
    table = file.add_table(rows=1 + len(block.rows), cols=len(block.columns))
    table.style, table.alignment, table.autofit = "Table Grid", WD_TABLE_ALIGNMENT.CENTER, False
    shares = block.shares or [1] * len(block.columns)
    widths = [int(_TEXT_WIDTH * share / sum(shares)) for share in shares]
    for number, (cells, row) in enumerate(
        zip(table.rows, (block.columns, *block.rows), strict=True)
    ):
        # cells once for the row: asked for one by one each of them reads the whole table anew
        for cell, text, width in zip(cells.cells, row, widths, strict=True):
            cell.width = width
            run = cell.paragraphs[0].add_run(_clean(text))
            run.bold, run.font.size = number == 0, Pt(9)
    repeat = table.rows[0]._tr.get_or_add_trPr()  # the head stands on each page
    repeat.append(repeat.makeelement(qn("w:tblHeader"), {qn("w:val"): "true"}))


def _clean(text: str) -> str:
    return _NOT_XML.sub("", text)
