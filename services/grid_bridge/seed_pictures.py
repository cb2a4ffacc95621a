"""The photos of the demo's problems: drawn, as nobody's stairs are shown and nobody took one.

A picture is the same each time: its grain comes from its name.
"""

import io
from collections.abc import Callable, Mapping
from random import Random
from typing import Final

from PIL import Image, ImageDraw, ImageFilter

Pen = ImageDraw.ImageDraw
Colour = tuple[int, int, int]

SIZE: Final = (960, 720)
SMALL: Final = (480, 360)
_WOOD, _CLOTH, _CARTON = (150, 106, 66), (128, 52, 60), (198, 158, 104)
_WALL, _FLOOR, _DOOR = (222, 216, 202), (164, 158, 148), (96, 74, 60)
_NIGHT, _STONE, _WATER = (26, 32, 52), (142, 138, 132), (104, 122, 138)


def draw(name: str) -> tuple[bytes, bytes]:
    """The picture of this name and its small one (JPEG)."""
    picture = Image.new("RGB", SIZE, (206, 222, 232))
    _SCENES[name](ImageDraw.Draw(picture), Random(name))
    grain = Random(f"{name} grain")
    noise = Image.frombytes("L", (240, 180), grain.randbytes(240 * 180)).resize(SIZE)
    seen = Image.blend(picture.filter(ImageFilter.GaussianBlur(0.8)), noise.convert("RGB"), 0.06)
    return _jpeg(seen), _jpeg(seen.resize(SMALL))


def _jpeg(picture: Image.Image) -> bytes:
    out = io.BytesIO()
    picture.save(out, "JPEG", quality=80)
    return out.getvalue()


def _stairs(pen: Pen) -> None:
    """A landing: wall, floor, a door on each side and the steps behind."""
    pen.rectangle((0, 0, 960, 720), fill=(204, 198, 184))
    pen.rectangle((0, 0, 960, 520), fill=_WALL)
    pen.polygon([(0, 720), (960, 720), (780, 500), (180, 500)], fill=_FLOOR)
    for step in range(6):
        top = 500 - step * 34
        pen.rectangle((360 + step * 8, top - 34, 600 - step * 8, top), fill=(176, 170, 160))
        pen.line(
            (360 + step * 8, top - 34, 600 - step * 8, top - 34), fill=(120, 116, 110), width=3
        )
    for left in (60, 740):
        pen.rectangle((left, 150, left + 160, 520), fill=_DOOR, outline=(60, 46, 36), width=6)
        pen.ellipse((left + 126, 330, left + 142, 346), fill=(212, 190, 120))
        pen.rectangle((left + 55, 190, left + 105, 214), fill=(216, 60, 52))


def _stairs_full(pen: Pen, dice: Random) -> None:
    _stairs(pen)
    pen.rounded_rectangle((250, 400, 560, 560), 24, fill=_CLOTH)
    pen.rounded_rectangle((230, 470, 580, 600), 20, fill=(146, 64, 72))
    for x, y, side in ((570, 470, 120), (640, 540, 96), (600, 400, 84), (180, 560, 90)):
        pen.rectangle((x, y, x + side, y + side), fill=_CARTON, outline=(130, 96, 56), width=4)
        pen.line((x, y + side // 2, x + side, y + side // 2), fill=(224, 200, 150), width=6)
    for _ in range(9):
        x = dice.randrange(230, 700)
        pen.line((x, 690, x + dice.randint(-60, 60), 610), fill=_WOOD, width=9)


def _stairs_free(pen: Pen, dice: Random) -> None:
    _stairs(pen)
    for _ in range(40):
        x, y = dice.randrange(240, 720), dice.randrange(560, 700)
        pen.line((x, y, x + 26, y), fill=(184, 180, 172), width=2)
    pen.ellipse((250, 560, 300, 590), fill=(120, 96, 70))
    for leaf in range(-40, 50, 18):
        pen.line((275, 565, 275 + leaf, 480), fill=(66, 122, 62), width=10)


def _garage(pen: Pen, dice: Random) -> None:
    pen.rectangle((0, 260, 960, 720), fill=_STONE)
    pen.polygon([(160, 720), (800, 720), (620, 330), (340, 330)], fill=(112, 110, 108))
    pen.rectangle((320, 190, 640, 340), fill=(44, 46, 52))
    pen.rectangle((300, 150, 660, 196), fill=(236, 190, 60))
    for x in range(310, 650, 60):
        pen.polygon([(x, 150), (x + 26, 150), (x + 6, 196), (x - 20, 196)], fill=(40, 40, 40))
    pen.ellipse((230, 470, 740, 660), fill=_WATER)
    for _ in range(26):
        x, y = dice.randrange(270, 690), dice.randrange(500, 630)
        pen.arc((x, y, x + 44, y + 16), 0, 360, fill=(168, 186, 200), width=2)
    for _ in range(160):
        x, y = dice.randrange(960), dice.randrange(720)
        pen.line((x, y, x - 5, y + 18), fill=(214, 226, 234))


def _lamp(pen: Pen, dice: Random) -> None:
    pen.rectangle((0, 0, 960, 720), fill=_NIGHT)
    for left, top in ((40, 210), (330, 130), (660, 180)):
        pen.rectangle((left, top, left + 240, 560), fill=(40, 48, 70))
        for x in range(left + 24, left + 220, 54):
            for y in range(top + 30, 520, 66):
                lit = dice.random() < 0.3
                pen.rectangle((x, y, x + 30, y + 36), fill=(238, 204, 120) if lit else (30, 36, 54))
    pen.rectangle((0, 560, 960, 720), fill=(20, 24, 36))
    pen.line((600, 640, 600, 250), fill=(84, 90, 104), width=12)
    pen.line((600, 252, 700, 236), fill=(84, 90, 104), width=10)
    pen.ellipse((684, 226, 748, 254), fill=(58, 62, 74), outline=(110, 116, 130), width=3)


def _lift(pen: Pen, dice: Random) -> None:
    pen.rectangle((0, 0, 960, 720), fill=(214, 208, 196))
    pen.rectangle((0, 590, 960, 720), fill=(150, 144, 136))
    pen.rectangle((280, 110, 680, 600), fill=(120, 124, 130))
    for left in (300, 490):
        pen.rectangle((left, 150, left + 170, 600), fill=(176, 182, 190))
        for y in range(160, 600, dice.randint(22, 26)):
            pen.line((left, y, left + 170, y), fill=(186, 192, 200))
    pen.line((480, 150, 480, 600), fill=(60, 62, 66), width=8)
    pen.rectangle((430, 60, 530, 104), fill=(30, 30, 34))
    pen.line((460, 70, 460, 94), fill=(240, 80, 60), width=6)
    pen.line((460, 70, 492, 70), fill=(240, 80, 60), width=6)
    pen.rectangle((340, 300, 620, 420), fill=(250, 246, 232), outline=(180, 60, 50), width=6)
    for y in (336, 366, 392):
        pen.line((372, y, 588, y), fill=(180, 60, 50), width=8)


def _lane(pen: Pen, dice: Random) -> None:
    pen.rectangle((0, 300, 960, 720), fill=(150, 148, 144))
    pen.rectangle((0, 90, 960, 310), fill=(226, 206, 186))
    for x in range(30, 940, 120):
        pen.rectangle((x, 130, x + 70, 220), fill=(150, 178, 196), outline=(250, 250, 246), width=6)
    for x in range(-60, 960, 110):
        pen.polygon([(x, 700), (x + 60, 700), (x + 130, 470), (x + 70, 470)], fill=(222, 190, 70))
    colours: tuple[Colour, ...] = ((176, 52, 46), (240, 240, 238), (70, 96, 140))
    for place, colour in enumerate(colours):
        left = 40 + place * 310
        pen.rounded_rectangle((left, 420, left + 260, 540), 30, fill=colour)
        pen.rounded_rectangle((left + 50, 350, left + 210, 450), 30, fill=colour)
        pen.rounded_rectangle((left + 66, 366, left + 194, 430), 14, fill=(90, 104, 118))
        for wheel in (left + 40, left + 170):
            pen.ellipse((wheel, 510, wheel + 56, 566), fill=(34, 34, 36))
    for _ in range(60):
        x, y = dice.randrange(960), dice.randrange(580, 720)
        pen.line((x, y, x + 5, y), fill=(130, 128, 124), width=2)


def _shed(pen: Pen, dice: Random) -> None:
    pen.rectangle((0, 470, 960, 720), fill=(168, 166, 160))
    pen.rectangle((0, 250, 960, 480), fill=(150, 178, 130))
    pen.polygon([(60, 200), (900, 200), (960, 260), (0, 260)], fill=(40, 120, 96))
    for x in (70, 350, 610, 880):
        pen.rectangle((x, 260, x + 14, 560), fill=(120, 124, 128))
    for place in range(5):
        left = 110 + place * 160
        pen.rectangle((left + 40, 330, left + 80, 400), fill=(250, 250, 248), outline=(40, 120, 96))
        pen.polygon(
            [
                (left + 62, 338),
                (left + 50, 368),
                (left + 60, 368),
                (left + 56, 392),
                (left + 72, 358),
            ],
            fill=(232, 150, 40),
        )
        if dice.random() < 0.8:
            for wheel in (left, left + 86):
                pen.ellipse((wheel, 500, wheel + 60, 560), outline=(40, 40, 44), width=8)
            pen.line((left + 30, 530, left + 60, 470), fill=(60, 90, 150), width=12)
            pen.line((left + 60, 470, left + 110, 530), fill=(60, 90, 150), width=12)


_SCENES: Final[Mapping[str, Callable[[Pen, Random], None]]] = {
    "stairs_full": _stairs_full,
    "stairs_free": _stairs_free,
    "garage": _garage,
    "lamp": _lamp,
    "lift": _lift,
    "lane": _lane,
    "shed": _shed,
}
NAMES: Final = tuple(_SCENES)
