"""Chinese on the pages of a PDF: posters and documents alike."""

from typing import Final

from fpdf import FPDF

from gateway.posters.fonts import Fonts

MISSING: Final = "□"
"""Stands for a sign that the font cannot draw (虚缺号)."""


class ChinesePdf(FPDF):
    """A PDF in one Chinese font, of which the signs that are used travel with it.

    A sign that the font does not have (an emoji) is printed, found and read aloud as ``□``, so that
    nobody takes a text for whole that is not.
    """

    def use(self, family: str, fonts: Fonts) -> None:
        """Set text in these fonts, under this name.

        Raises:
            FontMissing: the font file cannot be read.
        """
        for style, face in (("", fonts.regular), ("B", fonts.bold)):
            self.add_font(family, style, face.path, collection_font_number=face.number)
        self.set_lang("zh-CN")

    def normalize_text(self, text: str) -> str:
        """Called by fpdf2 for whatever is measured or written."""
        drawn = getattr(self.current_font, "cmap", None)
        if drawn is None:
            return str(super().normalize_text(text))
        return "".join(sign if ord(sign) in drawn or sign < " " else MISSING for sign in text)
