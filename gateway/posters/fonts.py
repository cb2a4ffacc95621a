"""The Chinese font that posters are set in, found once.

Debian's ``fonts-noto-cjk`` is a collection (.ttc) of one face per region; the one for simplified
Chinese is taken, as the same character is drawn differently elsewhere (骨, 直, 门).
"""

from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from typing import Final, Self

from fontTools import subset
from fontTools.ttLib import TTCollection, TTLibError
from PIL import ImageFont

from services.contracts.errors import Unavailable

PACKAGE: Final = "fonts-noto-cjk"
_SAME: Final = ("NotoSansCJK-Regular.ttc", "NotoSansCJK-Bold.ttc")
USUAL: Final[tuple[tuple[str, str], ...]] = (
    *(
        (f"{folder}/{_SAME[0]}", f"{folder}/{_SAME[1]}")
        for folder in (
            "/usr/share/fonts/opentype/noto",  # Debian, Ubuntu
            "/usr/share/fonts/noto-cjk",  # Arch, Alpine
            "/usr/share/fonts/google-noto-sans-cjk-fonts",  # Fedora
            "~/.local/share/fonts",
        )
    ),
    ("/Library/Fonts/SourceHanSansSC-Regular.otf", "/Library/Fonts/SourceHanSansSC-Bold.otf"),
)
"""Where a regular and a bold face are looked for, when the setting names none."""

_LATIN: Final = "".join(map(chr, range(0x20, 0x7F)))
_MEASURED_AT: Final = 1000  # pixels per em: widths then are thousandths


class FontMissing(Unavailable):
    """There is no Chinese font on the gateway's machine to draw with."""

    code = "poster.font_missing"
    zh = f"服务器缺少中文字体，请管理员安装 Debian 软件包 {PACKAGE}（或设置 SHEQU_FONT）"
    en = f"The server has no Chinese font: install the Debian package {PACKAGE} or set SHEQU_FONT"


@dataclass(frozen=True, slots=True)
class Face:
    """One face of a font file; ``number`` is its place in a collection."""

    path: Path
    number: int

    def width(self, text: str) -> float:
        """How wide ``text`` is, in ems."""
        return _sized(self, _MEASURED_AT).getlength(text) / _MEASURED_AT

    def at(self, pixels: int) -> ImageFont.FreeTypeFont:
        """The face for Pillow, so many pixels high."""
        return _sized(self, pixels)


@dataclass(frozen=True, slots=True)
class Fonts:
    """The two weights of a poster."""

    regular: Face
    bold: Face

    @classmethod
    def find(cls, setting: str = "") -> Self:
        """The fonts that the setting names (``regular`` or ``regular:bold``), else the usual ones.

        Raises:
            FontMissing: the named file is none, or no usual one is there.
        """
        named = [part.strip() for part in setting.split(":") if part.strip()]
        for regular, bold in ((named[0], named[-1]),) if named else USUAL:
            path = Path(regular).expanduser()
            if path.is_file():
                heavy = Path(bold).expanduser()
                return cls(_face(path), _face(heavy if heavy.is_file() else path))
        raise FontMissing()

    def reduced(self, text: str, folder: Path) -> Self:
        """The same fonts with the characters of ``text`` alone, as files in ``folder``.

        A PDF takes a whole font of 16 MB apart; whoever draws hundreds lets it do so once.
        """
        return replace(
            self,
            regular=_reduced(self.regular, text, folder / "regular.otf"),
            bold=_reduced(self.bold, text, folder / "bold.otf"),
        )


def _reduced(face: Face, text: str, target: Path) -> Face:
    options = subset.Options(font_number=face.number, notdef_outline=True, layout_features=[])
    with subset.load_font(str(face.path), options, lazy=True) as font:
        subsetter = subset.Subsetter(options)
        subsetter.populate(text=text + _LATIN)
        subsetter.subset(font)
        subset.save_font(font, str(target), options)
    return Face(target, 0)


@cache
def _face(path: Path) -> Face:
    """The face for simplified Chinese in a file."""
    if path.suffix.lower() not in (".ttc", ".otc"):
        return Face(path, 0)
    try:
        with path.open("rb") as file:
            collection = TTCollection(file, lazy=True)
            names = [str(font["name"].getDebugName(4)) for font in collection.fonts]
    except (OSError, TTLibError):
        raise FontMissing() from None
    found = [i for i, name in enumerate(names) if " SC" in name and "Mono" not in name]
    return Face(path, found[0] if found else 0)


@cache
def _sized(face: Face, pixels: int) -> ImageFont.FreeTypeFont:
    try:
        return ImageFont.truetype(
            str(face.path), pixels, index=face.number, layout_engine=ImageFont.Layout.BASIC
        )
    except OSError:
        raise FontMissing() from None
