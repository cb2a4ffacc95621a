"""What stands where on the sheet: A4 upright, in millimetres from the upper left corner.

::

    ┌──────────────────────────────┐  band: who invites, and to which place
    │ 宝山样例区 · 月浦样例镇          │
    │ 尚园居民区                     │
    │ 宝月尚园 3号楼                  │
    ├──────────────────────────────┤
    │          ▣▣▣▣▣▣▣▣            │  the code, readable from more than a metre away
    │          ▣▣▣▣▣▣▣▣            │
    │       https://…/j/…          │
    │ ① 扫码       用微信或手机相机……   │  four steps, big enough for a grandmother
    │ ② 填地址     ……               │
    │ ③ 实名       ……               │
    │ ④ 进入社区    ……               │
    ├──────────────────────────────┤
    │ 免费加入 …           有效期至 …  │
    └──────────────────────────────┘

A rule of thumb for signs: a character that is read from a metre away is 4 mm high at least, 7 for
old eyes. The steps have 9 and 6 mm.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import datetime, timedelta, timezone
from typing import Final, Literal

import segno

from gateway.posters.fonts import Fonts
from services.contracts.operations.identity import PosterContent

WIDTH: Final = 210.0
HEIGHT: Final = 297.0
MARGIN: Final = 14.0  # printers leave 5 mm blank; a frame of the notice board takes more
POINT: Final = 25.4 / 72  # mm

INK: Final = "#1f1b17"
SOFT: Final = "#4f473f"
JADE: Final = "#0a6346"  # as the pages; dark enough to be told from white on any printer
WHITE: Final = "#ffffff"
LINE: Final = "#b9afa2"

STEPS: Final = (
    ("扫码", "用微信或手机相机，对准上面的方块"),
    ("填地址", "选好楼栋和单元，写上门牌号"),
    ("实名", "填姓名和身份证号，由居委会核对"),
    ("进入社区", "核对好了，就能看通知、报问题"),
)
FREE: Final = "加入免费。任何人都不会向您要密码，也不要把验证码告诉别人。"
HELP: Final = "不会用手机？请到居委会，工作人员帮您办。"
_ALL_SAY: Final = (*(word for step in STEPS for word in step), FREE, HELP, "社区通…")
CHINA: Final = timezone(timedelta(hours=8), "Asia/Shanghai")

QR_SIDE: Final = 110.0  # with its quiet zone
QUIET: Final = 4  # modules, as ISO/IEC 18004 asks
_TEXT_MIDDLE: Final = 0.38  # of an em below the middle stands the baseline of Chinese text
_SMALLEST: Final = 0.45  # of its size is a line shrunk to, before it is cut


@dataclass(frozen=True, slots=True)
class Words:
    """What a poster says besides what all of them say.

    ``url`` is the whole address that the code holds; ``expires_at`` is when it stops to count.
    """

    district: str
    community: str
    estate: str
    building: str | None
    url: str
    expires_at: datetime | None = None

    @classmethod
    def of(cls, content: PosterContent) -> "Words":
        """Identity's answer as the sheet's words."""
        return cls(
            " · ".join(filter(None, (content.district, content.town))),
            content.community,
            content.estate,
            content.building,
            content.url,
            content.expires_at,
        )

    @property
    def stem(self) -> str:
        """A file's name without its ending, from names that may hold anything."""
        text = "-".join(filter(None, ("海报", self.community, self.estate, self.building)))
        return "".join(c if c.isalnum() or c in "-（）·" else "_" for c in text)[:80]

    @property
    def place(self) -> str:
        """The estate, with the building if the code is for one alone."""
        return " ".join(filter(None, (self.estate, self.building)))

    @property
    def text(self) -> str:
        """Every character that the poster may show."""
        own = (self.district, self.community, self.place, self.url, valid_until(self.expires_at))
        return "".join((*own, *_ALL_SAY))


@dataclass(frozen=True, slots=True)
class Box:
    """A filled rectangle with round corners."""

    x: float
    y: float
    width: float
    height: float
    fill: str
    radius: float = 0.0
    line: str | None = None


@dataclass(frozen=True, slots=True)
class Line:
    """A line of text; ``y`` is its baseline, ``size`` in points."""

    x: float
    y: float
    text: str
    size: float
    colour: str = INK
    bold: bool = False
    align: Literal["left", "middle", "right"] = "left"


@dataclass(frozen=True, slots=True)
class Code:
    """A QR code: its dark modules (column, row), each ``module`` mm wide."""

    x: float
    y: float
    module: float
    dark: tuple[tuple[int, int], ...]


Mark = Box | Line | Code


def compose(words: Words, fonts: Fonts) -> list[Mark]:
    """Every mark on the sheet, in the order in which they are put down."""
    return [
        *_band(words, fonts),
        *_code(words, fonts),
        *_steps(fonts),
        *_foot(words, fonts),
    ]


def enlarged(marks: Iterable[Mark], by: float) -> list[Mark]:
    """The same sheet on a larger paper of the same proportions."""
    return [
        replace(mark, **{name: getattr(mark, name) * by for name in _LENGTHS[type(mark)]})
        for mark in marks
    ]


_LENGTHS: Final[dict[type[Mark], tuple[str, ...]]] = {
    Box: ("x", "y", "width", "height", "radius"),
    Line: ("x", "y", "size"),
    Code: ("x", "y", "module"),
}


def _band(words: Words, fonts: Fonts) -> Iterator[Mark]:
    wide = WIDTH - 2 * MARGIN
    yield Box(MARGIN, MARGIN, wide, 52, JADE, radius=5)
    inner, x = wide - 20, MARGIN + 10
    yield _fitted(x, MARGIN + 12, words.district, 15, inner - 32, fonts, colour=WHITE)
    yield Line(WIDTH - MARGIN - 10, MARGIN + 12, "社区通", 15, WHITE, bold=True, align="right")
    yield _fitted(x, MARGIN + 31, words.community, 42, inner, fonts, colour=WHITE, bold=True)
    yield _fitted(x, MARGIN + 45, words.place, 25, inner, fonts, colour=WHITE)


def _code(words: Words, fonts: Fonts) -> Iterator[Mark]:
    top = MARGIN + 58
    left = (WIDTH - QR_SIDE) / 2
    yield Box(left - 1, top, QR_SIDE + 2, QR_SIDE + 2, WHITE, radius=5, line=JADE)
    yield code(words.url, left, top + 1, QR_SIDE)
    yield _fitted(
        WIDTH / 2, top + QR_SIDE + 7.5, words.url, 10, WIDTH - 2 * MARGIN, fonts,
        colour=SOFT, align="middle",
    )  # fmt: skip


def code(url: str, x: float, y: float, side: float) -> Code:
    """The QR code of ``url`` with a quiet zone, ``side`` mm wide in all.

    Level Q: a quarter of it may be torn off, faded or scribbled over.
    """
    matrix = segno.make(url, error="q", boost_error=True, micro=False).matrix
    module = side / (len(matrix) + 2 * QUIET)
    dark = tuple(
        (column, row)
        for row, bits in enumerate(matrix)
        for column, bit in enumerate(bits)
        if bit & 1
    )
    return Code(x + QUIET * module, y + QUIET * module, module, dark)


def _steps(fonts: Fonts) -> Iterator[Mark]:
    top, high = MARGIN + 181, 17.0
    for i, (name, how) in enumerate(STEPS):
        middle = top + high * (i + 0.5)
        yield Box(MARGIN + 1, middle - 6.5, 13, 13, JADE, radius=6.5)
        yield _centred(MARGIN + 7.5, middle, str(i + 1), 22, WHITE, bold=True, align="middle")
        yield _centred(MARGIN + 19, middle, name, 26, bold=True)
        yield _fitted(
            MARGIN + 60, middle + _TEXT_MIDDLE * 18.5 * POINT, how, 18.5,
            WIDTH - 2 * MARGIN - 60, fonts,
        )  # fmt: skip
        if i < len(STEPS) - 1:
            yield Box(MARGIN + 19, top + high * (i + 1), WIDTH - 2 * MARGIN - 19, 0.25, LINE)


def _foot(words: Words, fonts: Fonts) -> Iterator[Mark]:
    top = HEIGHT - MARGIN - 18
    wide = WIDTH - 2 * MARGIN
    yield Box(MARGIN, top, wide, 0.7, JADE)
    yield _fitted(MARGIN, top + 8, FREE, 14.5, wide, fonts, bold=True)
    until = valid_until(words.expires_at)
    yield _fitted(MARGIN, top + 15.5, HELP, 13, wide - (60 if until else 0), fonts, colour=SOFT)
    if until:
        yield Line(WIDTH - MARGIN, top + 15.5, until, 13, INK, bold=True, align="right")


def valid_until(expires_at: datetime | None) -> str:
    """The last day on which the code counts, in China; empty when it does not expire."""
    if expires_at is None:
        return ""
    last = (expires_at - timedelta(seconds=1)).astimezone(CHINA)
    return f"有效期至 {last.year} 年 {last.month} 月 {last.day} 日"


def _centred(
    x: float,
    middle: float,
    text: str,
    size: float,
    colour: str = INK,
    *,
    bold: bool = False,
    align: Literal["left", "middle", "right"] = "left",
) -> Line:
    return Line(x, middle + _TEXT_MIDDLE * size * POINT, text, size, colour, bold, align)


def _fitted(
    x: float,
    y: float,
    text: str,
    size: float,
    room: float,
    fonts: Fonts,
    *,
    colour: str = INK,
    bold: bool = False,
    align: Literal["left", "middle", "right"] = "left",
) -> Line:
    """A line that is made smaller, and at last cut, so that it takes ``room`` mm at most."""
    face = fonts.bold if bold else fonts.regular
    needed = face.width(text) * size * POINT
    if needed > room:
        size *= max(room / needed, _SMALLEST)
        while len(text) > 1 and face.width(text) * size * POINT > room:
            text = text.rstrip("…")[:-1] + "…"
    return Line(x, y, text, round(size, 2), colour, bold, align)
