"""Pictures of the demo district, drawn: nobody took photos there."""

from collections.abc import Callable, Mapping
from io import BytesIO
from typing import Any, Final

from PIL import Image, ImageDraw

from services.contracts.events import Attachment
from services.kit.blobs import BlobStore

SIZE: Final = (640, 480)
_THUMBNAIL: Final = (320, 240)
_FLOOR: Final = 390  # where the wall meets it

Pen = ImageDraw.ImageDraw


def kept(store: BlobStore, picture: Image.Image, owner: str) -> dict[str, Any]:
    """The picture in the store, as a post names it."""
    files = []
    for size in (SIZE, _THUMBNAIL):
        file = BytesIO()
        picture.resize(size).save(file, "JPEG")
        files.append(file.getvalue())
    meta = store.put(files[0], content_type="image/jpeg", owner=owner, thumbnail=files[1])
    return Attachment(
        id=meta.id,
        url=meta.url,
        content_type=meta.content_type,
        bytes=meta.bytes,
        sha256=meta.sha256,
        thumbnail_url=meta.thumbnail_url,
    ).model_dump()


def drawn(name: str) -> Image.Image:
    """The picture called ``name``."""
    wall, floor, draw = _DRAWN[name]
    whole = Image.new("RGB", SIZE, wall)
    pen = ImageDraw.Draw(whole)
    pen.rectangle((0, _FLOOR, *SIZE), fill=floor)
    draw(pen)
    return whole


def _cot(pen: Pen) -> None:
    """A baby's cot: rails, a mattress, a net above."""
    pen.polygon([(320, 40), (150, 210), (490, 210)], fill="#f7f3ee", outline="#d9cfc2")
    pen.rectangle((130, 300, 510, 350), fill="#f3e3d0")
    for x in range(140, 511, 37):
        pen.rectangle((x, 210, x + 10, 380), fill="#c08a52")
    for y in (200, 372):
        pen.rectangle((120, y, 520, y + 18), fill="#a9743f")
    for x in (124, 500):
        pen.rectangle((x, 190, x + 16, 430), fill="#a9743f")


def _books(pen: Pen) -> None:
    """A box of books, their backs up."""
    colours = ("#b8504a", "#4a7fb8", "#d9a441", "#5a9a6f", "#8c5fa8", "#c97b4a", "#3f7f86")
    for place, colour in enumerate(colours * 2):
        left = 128 + place * 28
        top = 190 + (place * 37) % 46
        pen.rectangle((left, top, left + 24, 330), fill=colour)
        pen.rectangle((left + 4, top + 16, left + 20, top + 24), fill="#f5efe4")
    pen.polygon([(110, 300), (530, 300), (510, 440), (130, 440)], fill="#c49a63")
    pen.line([(110, 300), (530, 300)], fill="#8f6a3c", width=6)


def _fan(pen: Pen) -> None:
    """A fan on its foot."""
    pen.rectangle((310, 260, 330, 420), fill="#7d8a94")
    pen.ellipse((240, 400, 400, 440), fill="#5d6a74")
    pen.ellipse((200, 60, 440, 300), outline="#7d8a94", width=10, fill="#e6edf2")
    for left, top in ((300, 80), (210, 190), (330, 190)):
        pen.ellipse((left, top, left + 84, top + 84), fill="#7fb4d6")
    pen.ellipse((296, 156, 344, 204), fill="#4f6d82")


def _plants(pen: Pen) -> None:
    """Three pots of a green plant on a board."""
    pen.rectangle((70, 350, 570, 372), fill="#a67c4e")
    for x in (120, 280, 440):
        for lean in (-46, -22, 0, 22, 46):
            pen.polygon(
                [(x + 36, 270), (x + 48, 270), (x + 42 + lean, 130 + abs(lean))], fill="#4f9a63"
            )
        pen.polygon([(x, 268), (x + 84, 268), (x + 70, 350), (x + 14, 350)], fill="#c9694a")


def _bicycle(pen: Pen) -> None:
    """A bicycle, its frame painted anew."""
    for x in (190, 450):
        pen.ellipse((x - 90, 220, x + 90, 400), outline="#333333", width=10)
    frame = [(190, 310), (300, 200), (420, 200), (310, 310), (190, 310)]
    pen.line(frame, fill="#1f6f54", width=12, joint="curve")
    pen.line([(300, 180), (310, 310)], fill="#1f6f54", width=12)
    pen.line([(450, 310), (410, 160), (440, 150)], fill="#1f6f54", width=12)
    pen.line([(270, 178), (330, 178)], fill="#333333", width=14)


def _dumplings(pen: Pen) -> None:
    """Dumplings on a round board."""
    pen.ellipse((90, 150, 550, 450), fill="#d8b98a", outline="#b08a58", width=8)
    for row in range(3):
        for place in range(4):
            x, y = 170 + place * 78, 210 + row * 66
            pen.pieslice((x, y, x + 62, y + 62), 180, 360, fill="#fbf4e6", outline="#d9c8a6")


_DRAWN: Final[Mapping[str, tuple[str, str, Callable[[Pen], None]]]] = {
    "bicycle": ("#dfe9e2", "#b9c2b4", _bicycle),
    "cot": ("#e8ded2", "#c9b79f", _cot),
    "books": ("#e3e6ea", "#bcb4a6", _books),
    "fan": ("#efe6d8", "#c7b8a1", _fan),
    "plants": ("#e6ece0", "#cfc3ae", _plants),
    "dumplings": ("#f1e4d6", "#cbb292", _dumplings),
}
