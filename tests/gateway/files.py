"""Files to upload, and how they are sent and fetched."""

import io
from typing import Any

import httpx
from PIL import Image

ORIENTATION, GPS_IFD, MAKER, DATE = 0x0112, 0x8825, 0x010F, 0x0132
WEBM = b"\x1a\x45\xdf\xa3\x9fB\x86\x81\x01B\xf7\x81\x01B\xf2\x81\x04B\xf3\x81\x08B\x82\x84webm"
M4A = b"\x00\x00\x00\x20ftypM4A \x00\x00\x00\x00" + b"\x00" * 32
OGG = b"OggS\x00\x02" + b"\x00" * 40
PDF = b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n"


def photo(
    kind: str = "JPEG", size: tuple[int, int] = (640, 480), mode: str = "RGB", **options: Any
) -> bytes:
    """A photo whose left half is red and right half blue, with a telling EXIF."""
    image = Image.new(mode, size, "blue")
    image.paste("red", (0, 0, size[0] // 2, size[1]))
    exif = Image.Exif()
    exif[MAKER] = "SecretPhone"
    exif[DATE] = "2026:01:02 03:04:05"
    gps = exif.get_ifd(GPS_IFD)
    gps[1], gps[2], gps[3], gps[4] = "N", (31.0, 23.0, 18.5), "E", (121.0, 21.0, 9.0)
    exif[ORIENTATION] = options.pop("orientation", 1)
    out = io.BytesIO()
    image.save(out, kind, exif=exif, **options)
    return out.getvalue()


async def send(
    client: httpx.AsyncClient, data: bytes, name: str = "a.jpg", kind: str = "image/jpeg"
) -> httpx.Response:
    """Upload a file."""
    return await client.post("/uploads", files={"file": (name, data, kind)})


async def fetch(client: httpx.AsyncClient, url: str) -> httpx.Response:
    """What is given for the address that an answer named."""
    return await client.get(f"http://gateway{url}")


async def fetched_image(client: httpx.AsyncClient, url: str) -> Image.Image:
    """The picture that is given."""
    response = await fetch(client, url)
    assert response.status_code == 200
    return Image.open(io.BytesIO(response.content))
