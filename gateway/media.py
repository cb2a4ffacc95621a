"""What an uploaded file really is, and photos made anew.

A file is what its first bytes say; names and declared types are not believed. A photo is decoded
and encoded again, so nothing but its pixels is kept: no EXIF, no place, no hidden second file.
Decoding is bounded before it begins (bytes, then pixels from the header) and runs in a few threads
only, because a picture of 50 megapixels takes 200 MB and more while it is worked on. What becomes
of recordings stands in :mod:`gateway.sound`.
"""

import asyncio
import io
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial
from typing import Final, Literal, ParamSpec, TypeVar

import pillow_heif
from PIL import Image, ImageCms, ImageOps

from gateway import sound
from services.contracts.errors import Invalid, ShequError, TooLarge, UnsupportedMedia
from services.kit import logs

log = logs.get(__name__)

Kind = Literal["image", "audio", "document"]
P = ParamSpec("P")
T = TypeVar("T")

MAX_PIXELS: Final = 50_000_000
LONGEST_SIDE: Final = 2560
THUMBNAIL_SIDE: Final = 480
MAX_BYTES: Final[dict[Kind, int]] = {
    "image": 10_000_000,
    "audio": 2_000_000,
    "document": 20_000_000,
}
EXTENSIONS: Final = {
    "image/jpeg": "jpg",
    "image/png": "png",
    "image/webp": "webp",
    "audio/mp4": "m4a",
    "audio/webm": "webm",
    "audio/ogg": "ogg",
    "audio/mpeg": "mp3",
    "application/pdf": "pdf",
}

pillow_heif.register_heif_opener(thumbnails=False)
Image.MAX_IMAGE_PIXELS = None  # our own check stands before every decoding; see `_opened`


class BrokenImage(Invalid):
    """It begins like a picture, but cannot be decoded."""

    code = "upload.broken_image"
    zh, en = "图片已损坏，无法读取", "The picture is damaged"


class TooManyPixels(TooLarge):
    """More than 50 megapixels."""

    code = "upload.too_many_pixels"
    zh, en = "图片尺寸过大", "The picture has too many pixels"


@dataclass(frozen=True, slots=True)
class Format:
    """A format that is taken: its name for Pillow (photos only), and what we make of it."""

    kind: Kind
    content_type: str
    pillow: str = ""


JPEG = Format("image", "image/jpeg", "JPEG")
PNG = Format("image", "image/png", "PNG")
WEBP = Format("image", "image/webp", "WEBP")
HEIC = Format("image", "image/heic", "HEIF")
M4A = Format("audio", "audio/mp4")
WEBM = Format("audio", "audio/webm")
OGG = Format("audio", "audio/ogg")
MP3 = Format("audio", "audio/mpeg")
PDF = Format("document", "application/pdf")

_HEIC_BRANDS = frozenset({b"heic", b"heix", b"heim", b"heis", b"hevc", b"hevx", b"mif1", b"msf1"})
_AUDIO_BRANDS = frozenset({b"M4A ", b"M4B ", b"mp42", b"mp41", b"isom", b"iso5", b"dash"})

_SIGNATURES: tuple[tuple[Callable[[bytes], bool], Format], ...] = (
    (lambda head: head.startswith(b"\xff\xd8\xff"), JPEG),
    (lambda head: head.startswith(b"\x89PNG\r\n\x1a\n"), PNG),
    (lambda head: head[:4] == b"RIFF" and head[8:12] == b"WEBP", WEBP),
    (lambda head: head[4:8] == b"ftyp" and head[8:12] in _HEIC_BRANDS, HEIC),
    (lambda head: head[4:8] == b"ftyp" and head[8:12] in _AUDIO_BRANDS, M4A),
    (lambda head: head.startswith(b"\x1a\x45\xdf\xa3") and b"webm" in head, WEBM),
    (lambda head: head.startswith(b"OggS"), OGG),
    (lambda head: head.startswith(b"ID3") or sound.is_frame(head), MP3),
    (lambda head: head.startswith(b"%PDF-"), PDF),
)


def sniff(data: bytes) -> Format:
    """The format that the first bytes speak of; UnsupportedMedia when it is none of ours."""
    head = data[:64]
    for matches, found in _SIGNATURES:
        if matches(head):
            return found
    raise UnsupportedMedia()


@dataclass(frozen=True, slots=True)
class Picture:
    """A photo made anew, with its small picture (JPEG)."""

    data: bytes
    content_type: str
    thumbnail: bytes


def remake(data: bytes, found: Format) -> Picture:
    """Decode, turn upright, shrink to :data:`LONGEST_SIDE`, encode again.

    Raises:
        BrokenImage: it cannot be decoded.
        TooManyPixels: it would be too large in memory.
    """
    try:
        image = _upright(_opened(data, found))
        small = image.copy()
        small.thumbnail((THUMBNAIL_SIDE, THUMBNAIL_SIDE))
        return Picture(*_encoded(image, found), _jpeg(small, quality=78))
    except ShequError:
        raise
    except Exception as error:  # on bad input the decoders raise whatever they stumble over
        log.info("picture not decoded", format=found.pillow, error=type(error).__name__)
        raise BrokenImage() from None


def _opened(data: bytes, found: Format) -> Image.Image:
    image: Image.Image = Image.open(io.BytesIO(data), formats=(found.pillow,))
    width, height = image.size
    if width * height > MAX_PIXELS:
        raise TooManyPixels()
    if found is JPEG:
        image.draft("RGB", (LONGEST_SIDE, LONGEST_SIDE))  # decodes at a fraction of the size
    return image


def _upright(image: Image.Image) -> Image.Image:
    """The pixels as they should be seen: orientation applied, in sRGB, of the final size."""
    profile = image.info.get("icc_profile")
    transparent = image.has_transparency_data
    image = ImageOps.exif_transpose(image)
    if profile and image.mode in ("RGB", "CMYK"):
        image = _srgb(image, profile)
    image = image.convert("RGBA" if transparent else "RGB")
    image.thumbnail((LONGEST_SIDE, LONGEST_SIDE))
    return image


def _srgb(image: Image.Image, profile: bytes) -> Image.Image:
    """Colours of another profile (every iPhone's) as sRGB, for the profile itself is dropped."""
    try:
        source = ImageCms.ImageCmsProfile(io.BytesIO(profile))
        target = ImageCms.createProfile("sRGB")
        converted = ImageCms.profileToProfile(image, source, target, outputMode="RGB")
    except (ImageCms.PyCMSError, OSError):
        return image  # a damaged profile costs a shade of colour, not the photo
    return converted or image


def _encoded(image: Image.Image, found: Format) -> tuple[bytes, str]:
    out = io.BytesIO()
    clean = Image.new(image.mode, image.size)
    clean.paste(image)  # `info` may carry text chunks into the new file
    if found is PNG or (found is not WEBP and clean.mode == "RGBA"):
        clean.save(out, "PNG", compress_level=6)
        return out.getvalue(), "image/png"
    if found is WEBP:
        clean.save(out, "WEBP", quality=82, method=3)
        return out.getvalue(), "image/webp"
    return _jpeg(clean, quality=85), "image/jpeg"


def _jpeg(image: Image.Image, *, quality: int) -> bytes:
    out = io.BytesIO()
    flat = Image.new("RGB", image.size, "white")
    flat.paste(image, mask=image if image.mode == "RGBA" else None)
    flat.save(out, "JPEG", quality=quality, optimize=True, progressive=True)
    return out.getvalue()


class Workshop:
    """A few threads for photos and posters, so that memory stays bounded."""

    def __init__(self, workers: int) -> None:
        self._threads = ThreadPoolExecutor(workers, thread_name_prefix="picture")

    async def remake(self, data: bytes, found: Format) -> Picture:
        """:func:`remake` in one of the threads, when one is free."""
        loop = asyncio.get_running_loop()
        return await loop.run_in_executor(self._threads, partial(remake, data, found))

    async def run(self, work: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        """Other drawing, bounded by the same threads."""
        loop = asyncio.get_running_loop()
        return await loop.run_in_executor(self._threads, partial(work, *args, **kwargs))

    def close(self) -> None:
        """Let the threads end."""
        self._threads.shutdown(wait=False, cancel_futures=True)
