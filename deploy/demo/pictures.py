"""The photos of the demo: a green belt before a shop, occupied and restored.

Drawn, so that nobody's shop is shown and nothing has to be downloaded.
"""

import io
import math
from random import Random

from PIL import Image, ImageDraw

SIZE = (960, 720)
SKY, WALL, SHUTTER, AWNING = (196, 222, 240), (226, 214, 196), (150, 158, 166), (178, 58, 48)
PAVEMENT, GRASS, HEDGE, EARTH = (188, 184, 178), (96, 148, 74), (52, 104, 50), (142, 116, 84)
WOOD, CLOTH, FLOWERS = (170, 126, 78), (232, 186, 60), ((214, 72, 96), (240, 206, 70), (236,) * 3)


def occupied() -> bytes:
    """Tables, crates and parasols of the shop stand on the trampled green (JPEG)."""
    picture, draw, dice = _street("occupied")
    draw.rectangle((0, 470, 960, 610), fill=EARTH)
    for _ in range(260):
        x, y = dice.randrange(960), dice.randrange(475, 605)
        draw.line((x, y, x + dice.randint(-3, 3), y - 6), fill=GRASS)
    for x in (90, 340, 590, 830):
        draw.polygon([(x - 100, 400), (x, 330), (x + 100, 400)], fill=CLOTH)
        draw.rectangle((x - 3, 400, x + 3, 540), fill=(120, 120, 120))
        draw.ellipse((x - 70, 510, x + 70, 560), fill=WOOD, outline=(96, 66, 36), width=3)
        for dx in (-88, 72):
            draw.rectangle((x + dx, 540, x + dx + 22, 592), fill=(90, 106, 150))
    for x, y in ((200, 560), (232, 560), (216, 530), (700, 565), (732, 565)):
        draw.rectangle((x, y, x + 30, y + 30), fill=(198, 150, 90), outline=(110, 76, 40), width=2)
    return _jpeg(picture)


def restored() -> bytes:
    """The same place with hedge, lawn and flowers again (JPEG)."""
    picture, draw, dice = _street("restored")
    draw.rectangle((0, 470, 960, 610), fill=GRASS)
    for x in range(-20, 980, 46):
        draw.ellipse((x, 440 + dice.randint(-6, 6), x + 62, 512), fill=HEDGE)
    for _ in range(220):
        x, y = dice.randrange(960), dice.randrange(520, 602)
        draw.ellipse((x, y, x + 7, y + 7), fill=dice.choice(FLOWERS))
    return _jpeg(picture)


def _street(name: str) -> tuple[Image.Image, ImageDraw.ImageDraw, Random]:
    """Sky, the shop, the pavement; a fresh dice gives each picture its own light."""
    dice = Random()  # noqa: S311 - it shades a drawing
    shade = dice.randint(-8, 8)
    picture = Image.new("RGB", SIZE, tuple(part + shade for part in SKY))
    draw = ImageDraw.Draw(picture)
    draw.rectangle((60, 130, 900, 470), fill=WALL)
    draw.rectangle((60, 180, 900, 236), fill=AWNING)
    for x in range(80, 900, 40):
        draw.rectangle((x, 236, x + 20, 252 + round(4 * math.sin(x))), fill=AWNING)
    for x in (110, 400, 690):
        draw.rectangle((x, 270, x + 170, 470), fill=SHUTTER)
        for y in range(280, 470, 14):
            draw.line((x, y, x + 170, y), fill=(120, 128, 136))
    draw.rectangle((0, 610, 960, 720), fill=PAVEMENT)
    for x in range(0, 960, 60):
        draw.line((x, 610, x - 40, 720), fill=(160, 156, 150))
    picture.info["comment"] = name
    return picture, draw, dice


def _jpeg(picture: Image.Image) -> bytes:
    out = io.BytesIO()
    picture.save(out, "JPEG", quality=85)
    return out.getvalue()
