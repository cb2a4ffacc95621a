"""A document as PDF: A4, in the Chinese font of the posters, with page numbers."""

from collections.abc import Iterator
from typing import Final

from fpdf import FPDF
from fpdf.enums import TableBordersLayout, WrapMode
from fpdf.fonts import FontFace

from gateway.posters.fonts import Fonts
from gateway.posters.paint import page_code
from gateway.posters.pdf import ChinesePdf
from gateway.posters.sheet import code
from services.contracts.operations.documents import Document, DocumentBlock

_MARGIN: Final = 20
_BODY, _SMALL, _TITLE = 10.5, 9, 20
_HEADINGS: Final = {1: 14.0, 2: 11.5}
_INK, _SOFT, _HEAD = (31, 41, 38), (85, 96, 92), (232, 240, 236)
_FAMILY: Final = "text"
_CODES: Final = {1: 32, 2: 60}
"""Millimetres: what a phone reads from an arm's length, and from two steps off a board."""
_ROWS: Final = {1: 5.5, 2: 10.0}
"""Millimetres: a row to read, and one to write in by hand."""
_NOT_FIRST: Final = frozenset("，。；：、？！）】》〉」』”’…—％%,.;:?!)]}")
"""What no line begins with (避头尾, GB/T 15834-2011 section 5.1)."""
_WITH_HEADING: Final = 30
"""Millimetres that must be left on a page: no heading stands alone at its foot."""
_BOX, _TICK = 11, 20
_BLANK, _CUT = 14, 16
_CONTROLS: Final = dict.fromkeys(i for i in range(32) if chr(i) != "\n")


class _Sheet(ChinesePdf):
    """A4 with the document's name and the page's number at the foot."""

    foot = ""

    def footer(self) -> None:
        """Called by fpdf2 at the end of each page."""
        if not self.foot:
            return
        self.set_y(-14)
        self.set_font(_FAMILY, size=8)
        self.set_text_color(*_SOFT)
        self.cell(0, 6, f"{self.foot}　第 {self.page_no()} 页", align="C")


def made(document: Document, fonts: Fonts) -> bytes:
    """The file.

    Raises:
        FontMissing: the font file cannot be read.
    """
    sheet = _Sheet(format="A4")
    sheet.foot = document.title[:40] if document.paged else ""
    sheet.use(_FAMILY, fonts)
    sheet.set_title(document.title)
    sheet.set_author("社区通")
    sheet.set_margin(_MARGIN)
    sheet.set_auto_page_break(auto=True, margin=_MARGIN)
    sheet.alias_nb_pages("")  # a text that holds the usual sign for their number stays as it is
    sheet.add_page()
    _text(sheet, document.title, _TITLE, bold=True)
    for line in document.lines:
        _text(sheet, line, _SMALL, colour=_SOFT)
    for block in document.blocks:
        _put(sheet, block)
    return bytes(sheet.output())


def _put(sheet: FPDF, block: DocumentBlock) -> None:
    match block.kind:
        case "heading":
            if sheet.will_page_break(_WITH_HEADING):
                sheet.add_page()
            sheet.ln(4 if block.level == 1 else 2)
            sheet.start_section(block.text, level=block.level - 1)
            _text(sheet, block.text, _HEADINGS[block.level], bold=True)
        case "text":
            _text(sheet, block.text, _BODY)
        case "remark":
            _text(sheet, block.text, _SMALL, colour=_SOFT)
        case "table":
            _table(sheet, block)
        case "code":
            _code(sheet, block)
        case "ticks":
            _ticks(sheet, block.columns)
        case "blanks":
            _blanks(sheet, block)
        case "cut":
            _cut(sheet)
        case "break":
            sheet.add_page()


def _text(
    sheet: FPDF,
    text: str,
    size: float,
    *,
    bold: bool = False,
    colour: tuple[int, int, int] = _INK,
) -> None:
    sheet.set_font(_FAMILY, "B" if bold else "", size)
    sheet.set_text_color(*colour)
    for line in _lines(sheet, text):
        sheet.cell(0, size * 0.6, line, new_x="LMARGIN", new_y="NEXT")
    sheet.ln(1)


def _lines(sheet: FPDF, text: str) -> Iterator[str]:
    """The lines of a text, in the font that is set: broken at any sign, as Chinese has no spaces.

    Where the next line would begin with a stop, the sign before it goes there, too.
    """
    room = sheet.w - sheet.r_margin - sheet.get_x() - 2 * sheet.c_margin
    wide: dict[str, float] = {}
    for paragraph in text.translate(_CONTROLS).split("\n"):
        line, used = "", 0.0
        for sign in paragraph:
            if sign not in wide:
                wide[sign] = sheet.get_string_width(sign)
            if line and used + wide[sign] > room:
                kept = len(line) - 1 if sign in _NOT_FIRST and len(line) > 1 else len(line)
                yield line[:kept]
                line = line[kept:].lstrip(" ")
                used = sum(wide[one] for one in line)
            line += sign
            used += wide[sign]
        yield line


def _table(sheet: FPDF, block: DocumentBlock) -> None:
    sheet.set_font(_FAMILY, size=_SMALL)
    sheet.set_text_color(*_INK)
    with sheet.table(
        col_widths=tuple(block.shares) or None,
        borders_layout=TableBordersLayout.ALL,
        headings_style=FontFace(emphasis="BOLD", fill_color=_HEAD),
        line_height=_ROWS[block.level],
        padding=1,
        text_align="LEFT",
        wrapmode=WrapMode.CHAR,
    ) as table:
        for cells in (block.columns, *block.rows):
            row = table.row()
            for text in cells:
                row.cell(text.translate(_CONTROLS))
    sheet.ln(2)


def _code(sheet: FPDF, block: DocumentBlock) -> None:
    """A QR code at the left margin, on a page of its own where this one has no room for it."""
    side = _CODES[block.level]
    if sheet.will_page_break(side):
        sheet.add_page()
    top = sheet.get_y()
    page_code(sheet, code(block.text, sheet.l_margin, top, side))
    sheet.set_y(top + 3)
    size = _BODY * block.level**0.5
    for number, text in enumerate(block.lines):
        sheet.set_font(_FAMILY, "B" if number == 0 else "", size)
        sheet.set_text_color(*_INK)
        sheet.set_x(sheet.l_margin + side + 4)
        for line in list(_lines(sheet, text)):
            sheet.set_x(sheet.l_margin + side + 4)
            sheet.cell(0, size * 0.6, line, new_x="LMARGIN", new_y="NEXT")
    sheet.set_y(max(top + side, sheet.get_y()))


def _ticks(sheet: FPDF, labels: list[str]) -> None:
    """A large box to tick for each label, side by side: for a pen, and for old eyes."""
    high = _BOX + 12
    if sheet.will_page_break(high):
        sheet.add_page()
    wide, top = sheet.epw / max(1, len(labels)), sheet.get_y() + 5
    sheet.set_draw_color(*_INK)
    sheet.set_line_width(0.6)
    sheet.set_text_color(*_INK)
    sheet.set_font(_FAMILY, "B", _TICK)
    for number, label in enumerate(labels):
        left = sheet.l_margin + sheet.c_margin + number * wide
        sheet.rect(left, top, _BOX, _BOX)
        sheet.set_xy(left + _BOX + 3, top)
        sheet.cell(wide - _BOX - 3, _BOX, label.translate(_CONTROLS))
    sheet.set_line_width(0.2)
    sheet.set_xy(sheet.l_margin, top + _BOX + 7)


def _blanks(sheet: FPDF, block: DocumentBlock) -> None:
    """A line to write on after each label, side by side."""
    if sheet.will_page_break(_BLANK):
        sheet.add_page()
    filled = block.rows[0] if block.rows else [""] * len(block.columns)
    wide, top = sheet.epw / max(1, len(block.columns)), sheet.get_y()
    sheet.set_draw_color(*_SOFT)
    sheet.set_text_color(*_INK)
    sheet.set_font(_FAMILY, size=_BODY)
    for number, (label, said) in enumerate(zip(block.columns, filled, strict=True)):
        left, text = sheet.l_margin + number * wide, f"{label.translate(_CONTROLS)}："
        sheet.set_xy(left, top + 5)
        sheet.cell(wide, 7, f"{text}{said.translate(_CONTROLS)}")
        begins = left + sheet.get_string_width(text) + 2
        sheet.line(begins, top + 12, left + wide - 6, top + 12)
    sheet.set_xy(sheet.l_margin, top + _BLANK)


def _cut(sheet: FPDF) -> None:
    """A dashed line from edge to edge."""
    if sheet.will_page_break(_CUT):
        sheet.add_page()
    middle = sheet.get_y() + _CUT / 2
    sheet.set_draw_color(*_SOFT)
    sheet.set_text_color(*_SOFT)
    sheet.set_font(_FAMILY, size=8)
    with sheet.local_context():
        sheet.set_dash_pattern(dash=2, gap=2)
        sheet.line(8, middle, sheet.w - 8, middle)
    sheet.set_xy(sheet.l_margin, middle + 1)
    sheet.cell(0, 4, "沿虚线裁开", align="C")
    sheet.set_xy(sheet.l_margin, middle + _CUT / 2)
