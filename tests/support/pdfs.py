"""PDFs as a browser's reader has them (PDFium): what they say, how they look, what is wrong."""

from collections.abc import Iterator

import pypdfium2 as pdfium
import pypdfium2.raw as raw
from PIL import Image

from gateway.posters.pdf import MISSING

SUBSET = 7
"""A subset's name begins with six letters and a plus (ISO 32000-1, 9.6.4)."""


def lines_of(pdf: bytes) -> list[str]:
    """What a reader finds in it, line by line."""
    with pdfium.PdfDocument(pdf) as document:
        return [line for page in document for line in _text(page).splitlines()]


def text_of(pdf: bytes) -> str:
    """What a reader finds in it, without spaces."""
    return "".join("".join(lines_of(pdf)).split())


def drawn(pdf: bytes, dpi: int = 150) -> list[Image.Image]:
    """Its pages as pictures."""
    with pdfium.PdfDocument(pdf) as document:
        return [page.render(scale=dpi / 72).to_pil() for page in document]


def faults(pdf: bytes) -> list[str]:
    """Fonts that do not travel with it, or whole; and signs that they could not draw."""
    with pdfium.PdfDocument(pdf) as document:
        fonts = {font for page in document for font in _fonts(page)}
        lines = [line for page in document for line in _text(page).splitlines()]
    wrong = [f"{name} does not travel with it" for name, inside in fonts if not inside]
    wrong += [f"{name} is no subset" for name, _ in fonts if name[SUBSET - 1 : SUBSET] != "+"]
    return wrong + [f"no glyph in: {line}" for line in lines if MISSING in line]


def _text(page: pdfium.PdfPage) -> str:
    return str(page.get_textpage().get_text_bounded())


def _fonts(page: pdfium.PdfPage) -> Iterator[tuple[str, bool]]:
    for written in page.get_objects(filter=[raw.FPDF_PAGEOBJ_TEXT]):
        font = raw.FPDFTextObj_GetFont(written)
        size = raw.FPDFFont_GetBaseFontName(font, None, 0)
        name = raw.ctypes.create_string_buffer(size)
        raw.FPDFFont_GetBaseFontName(font, name, size)
        yield name.value.decode(), raw.FPDFFont_GetIsEmbedded(font) == 1
