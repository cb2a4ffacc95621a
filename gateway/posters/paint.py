"""The marks of a sheet on a picture, and on a page."""

import io
from collections.abc import Iterator
from datetime import UTC, datetime
from functools import cache
from math import sqrt
from typing import Final, Literal

from fpdf import FPDF
from PIL import Image, ImageColor, ImageDraw

from gateway.posters import sheet
from gateway.posters.fonts import Fonts
from gateway.posters.pdf import ChinesePdf
from gateway.posters.sheet import Box, Code, Line, Mark, Words

Format = Literal["png", "pdf"]
Size = Literal["a4", "a3"]

DPI: Final = 300
_PIXELS_PER_MM: Final = DPI / 25.4
_SHADES: Final = 24  # between white and a colour, for smooth edges
_ALWAYS: Final = datetime(2000, 1, 1, tzinfo=UTC)  # so that the same words give the same bytes
_LINE_MM: Final = 0.9
_ALIGN: Final = {"left": "ls", "middle": "ms", "right": "rs"}

MEDIA_TYPES: Final[dict[Format, str]] = {"png": "image/png", "pdf": "application/pdf"}


def draw(words: Words, form: Format, fonts: Fonts, size: Size = "a4") -> bytes:
    """The poster as a file; about a second of work and 40 MB.

    The picture is A4 in any case, to be looked at. A page on A3 is the same sheet, larger by the
    square root of two (ISO 216).

    Raises:
        FontMissing: the font file cannot be read.
    """
    marks = sheet.compose(words, fonts)
    if form == "png":
        return _png(marks, fonts)
    if size == "a3":
        marks = sheet.enlarged(marks, sqrt(2))
    return _pdf(marks, f"{words.community} {words.place} · 社区通", fonts, size)


# -- picture ---------------------------------------------------------------------------------------


def _png(marks: list[Mark], fonts: Fonts) -> bytes:
    image = Image.new("RGB", (_pixels(sheet.WIDTH), _pixels(sheet.HEIGHT)), sheet.WHITE)
    pen = ImageDraw.Draw(image)
    for mark in marks:
        match mark:
            case Box():
                _box(image, mark)
            case Line():
                size = round(mark.size * sheet.POINT * _PIXELS_PER_MM)
                pen.text(
                    (mark.x * _PIXELS_PER_MM, mark.y * _PIXELS_PER_MM),
                    mark.text,
                    mark.colour,
                    (fonts.bold if mark.bold else fonts.regular).at(size),
                    anchor=_ALIGN[mark.align],
                )
            case Code():
                for left, top, right, bottom in _modules(mark):
                    pen.rectangle((left, top, right - 1, bottom - 1), "black")
    out = io.BytesIO()
    small = image.quantize(palette=_palette(), dither=Image.Dither.NONE)
    small.save(out, "PNG", dpi=(DPI, DPI), optimize=True)
    return out.getvalue()


@cache
def _palette() -> Image.Image:
    """Our few colours, exact, and the shades towards white: a third of the bytes."""
    colours = [_rgb(c) for c in (sheet.WHITE, "#000000", sheet.LINE)]
    for colour in map(_rgb, (sheet.JADE, sheet.INK, sheet.SOFT)):
        for i in range(_SHADES):
            colours.append(tuple(c + (255 - c) * i // _SHADES for c in colour))
    palette = Image.new("P", (1, 1))
    palette.putpalette([value for colour in colours for value in colour])
    return palette


def _box(image: Image.Image, box: Box) -> None:
    """A rectangle with smooth corners: drawn twice as large and brought down."""
    left, top = _pixels(box.x), _pixels(box.y)
    width, height = max(1, _pixels(box.width)), max(1, _pixels(box.height))
    if not box.radius:
        ImageDraw.Draw(image).rectangle((left, top, left + width - 1, top + height - 1), box.fill)
        return
    mask = Image.new("L", (width * 2, height * 2))
    radius = box.radius * _PIXELS_PER_MM * 2
    pen = ImageDraw.Draw(mask)
    pen.rounded_rectangle((0, 0, width * 2 - 1, height * 2 - 1), radius, 255)
    outside = mask.resize((width, height), Image.Resampling.LANCZOS)
    image.paste(box.line or box.fill, (left, top, left + width, top + height), outside)
    if box.line:
        edge = round(_LINE_MM * _PIXELS_PER_MM)
        inner = Box(
            box.x + _LINE_MM,
            box.y + _LINE_MM,
            (width - 2 * edge) / _PIXELS_PER_MM,
            (height - 2 * edge) / _PIXELS_PER_MM,
            box.fill,
            box.radius - _LINE_MM,
        )
        _box(image, inner)


def _modules(code: Code) -> Iterator[tuple[int, int, int, int]]:
    """The dark modules in pixels; rounded from the edges, so that neighbours touch."""
    for column, row in code.dark:
        yield (
            _pixels(code.x + column * code.module),
            _pixels(code.y + row * code.module),
            _pixels(code.x + (column + 1) * code.module),
            _pixels(code.y + (row + 1) * code.module),
        )


def _pixels(mm: float) -> int:
    return round(mm * _PIXELS_PER_MM)


# -- page ------------------------------------------------------------------------------------------


def _pdf(marks: list[Mark], title: str, fonts: Fonts, size: Size) -> bytes:
    page = ChinesePdf(unit="mm", format=size)
    page.set_auto_page_break(False)
    page.set_creation_date(_ALWAYS)
    page.set_title(title)
    page.set_creator("Shequtong")
    page.use("poster", fonts)
    page.add_page()
    for mark in marks:
        match mark:
            case Box():
                _page_box(page, mark)
            case Line():
                _page_line(page, mark)
            case Code():
                page_code(page, mark)
    return bytes(page.output())


def _page_box(page: FPDF, box: Box) -> None:
    page.set_fill_color(*_rgb(box.fill))
    if box.line:
        page.set_draw_color(*_rgb(box.line))
        page.set_line_width(_LINE_MM)
    inset = _LINE_MM / 2 if box.line else 0.0
    page.rect(
        box.x + inset,
        box.y + inset,
        box.width - 2 * inset,
        box.height - 2 * inset,
        "DF" if box.line else "F",
        round_corners=bool(box.radius),
        corner_radius=min(box.radius - inset, min(box.width, box.height) / 2 - inset - 0.01),
    )


def _page_line(page: FPDF, line: Line) -> None:
    page.set_font("poster", "B" if line.bold else "", line.size)
    page.set_text_color(*_rgb(line.colour))
    back = {"left": 0.0, "middle": 0.5, "right": 1.0}[line.align]
    page.text(line.x - back * page.get_string_width(line.text), line.y, line.text)


def page_code(page: FPDF, code: Code) -> None:
    """A QR code where it says, on the page that is open."""
    page.set_fill_color(0)
    for left, row, length in _runs(code):
        page.rect(
            code.x + left * code.module,
            code.y + row * code.module,
            length * code.module,
            code.module * 1.01,  # no hair between rows, however a viewer rounds
            "F",
        )


def _runs(code: Code) -> Iterator[tuple[int, int, int]]:
    """Dark modules side by side as one rectangle: column, row, length."""
    waiting: tuple[int, int, int] | None = None
    for column, row in code.dark:
        if waiting and waiting[1] == row and waiting[0] + waiting[2] == column:
            waiting = (waiting[0], row, waiting[2] + 1)
            continue
        if waiting:
            yield waiting
        waiting = (column, row, 1)
    if waiting:
        yield waiting


def _rgb(colour: str) -> tuple[int, ...]:
    return ImageColor.getrgb(colour)
