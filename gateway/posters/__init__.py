"""The poster on the notice board: an A4 sheet to print, as PNG (300 dpi) or PDF.

::

    Words ──sheet.compose──▶ marks (mm, points) ──paint──▶ PNG   Pillow
                                                      └──▶ PDF   fpdf2: text and vectors

What stands where is decided once, in millimetres; two painters put the same marks on a picture and
on a page. Nothing reaches the edge of the paper, and nothing is told by colour alone, so that any
office printer will do. ``draw`` takes about a second and is never called on the event loop.
"""

from gateway.posters.fonts import FontMissing, Fonts
from gateway.posters.paint import MEDIA_TYPES, Format, draw
from gateway.posters.sheet import Words

__all__ = ["MEDIA_TYPES", "FontMissing", "Fonts", "Format", "Words", "draw"]
