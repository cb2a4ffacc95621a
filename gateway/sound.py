"""Recordings without what they tell besides the voice: titles, places, pictures, films.

A recording is not made anew as photos are (no encoder runs here); what is not sound is overwritten
where it stands, so that nothing else in the file moves.

::

    m4a    ISO/IEC 14496-12: the boxes ``udta``, ``meta``, ``uuid`` become ``free``
    webm   RFC 8794, RFC 9559: Tags, Attachments, the title and the date become ``Void``
    ogg    RFC 3533, RFC 7845, Vorbis I: the comment header says that there are none
    mp3    ID3 at its head and end is cut off

A track of moving pictures is refused: what is taken is what can be heard, for a minute at most.
"""

from collections.abc import Iterator
from typing import Final

from services.contracts.errors import TooLarge, UnsupportedMedia

SECONDS: Final = 65.0  # a minute, and how long a phone takes to stop


class TooLong(TooLarge):
    """A recording of more than a minute."""

    code = "upload.recording_too_long"
    zh, en = "录音最长一分钟", "A recording may last a minute at most"


def voice_alone(data: bytes, content_type: str) -> bytes:
    """The recording with nothing but its sound; what cannot be read ends the look at it.

    Raises:
        UnsupportedMedia: it is a film, or no frame of sound follows the head of an mp3.
        TooLong: it says itself that it lasts longer than a minute.
    """
    kept = bytearray(_bare_mp3(data) if content_type == "audio/mpeg" else data)
    look = {"audio/mp4": _m4a, "audio/webm": _webm, "audio/ogg": _ogg, "audio/mpeg": _frames}
    if look[content_type](kept) > SECONDS:
        raise TooLong()
    return bytes(kept)


# -- m4a -------------------------------------------------------------------------------------------

_TELLING: Final = frozenset({b"udta", b"meta", b"uuid"})
_HOLDING: Final = frozenset({b"moov", b"trak", b"mdia", b"moof", b"traf"})


def _m4a(data: bytearray) -> float:
    """Boxes: 4 bytes size with the head, 4 bytes kind; size 1: 8 bytes of size follow.

    Returns:
        The seconds that ``mvhd`` speaks of; 0 while it is written on.
    """
    at, lasts = 0, 0.0
    while at + 8 <= len(data):
        size, kind, head = int.from_bytes(data[at : at + 4], "big"), bytes(data[at + 4 : at + 8]), 8
        if size == 1:
            size, head = int.from_bytes(data[at + 8 : at + 16], "big"), 16
        if size == 0:
            size = len(data) - at
        if size < head:
            break
        end = min(at + size, len(data))
        if kind in _TELLING:
            data[at + 4 : at + 8] = b"free"
            data[at + head : end] = bytes(end - at - head)
        if kind == b"hdlr" and data[at + head + 8 : at + head + 12] == b"vide":
            raise UnsupportedMedia()
        if kind == b"mvhd":
            lasts = _mvhd(data[at + head : end])
        at = at + head if kind in _HOLDING else end
    return lasts


def _mvhd(box: bytearray) -> float:
    """Units a second and how many, after moments of 4 bytes each; in version 1 of 8."""
    at, wide = (20, 8) if box[:1] == b"\x01" else (12, 4)
    scale = int.from_bytes(box[at : at + 4], "big")
    return int.from_bytes(box[at + 4 : at + 4 + wide], "big") / scale if scale else 0.0


# -- webm ------------------------------------------------------------------------------------------

# Segment, Cluster, Info, Tracks, TrackEntry: entered, also where they do not know their size.
_ENTERED: Final = frozenset({0x18538067, 0x1F43B675, 0x1549A966, 0x1654AE6B, 0xAE})
_VOIDED: Final = frozenset({0x1254C367, 0x1941A469, 0x7BA9, 0x4461})
_TRACK_TYPE: Final = 0x83
_FILM: Final = b"\x01"
_SCALE, _CLUSTER_TIME, _BLOCK = 0x2AD7B1, 0xE7, 0xA3


def _webm(data: bytearray) -> float:
    """Elements one after another.

    Returns:
        When the last block begins, in seconds: who records live does not know how long it will be.
    """
    at, nanoseconds, cluster, last = 0, 1_000_000, 0, 0
    while at < len(data):
        kind, body = _number(data, at, marked=True)
        size, body = _number(data, body, marked=False) if body else (0, 0)
        if not body:
            break
        end = min(body + size, len(data))
        if kind == _TRACK_TYPE and data[body:end] == _FILM:
            raise UnsupportedMedia()
        if kind in _VOIDED:
            data[at:end] = _void(end - at)
        if kind == _SCALE:
            nanoseconds = int.from_bytes(data[body:end], "big")
        if kind == _CLUSTER_TIME:
            cluster = int.from_bytes(data[body:end], "big")
        if kind == _BLOCK:
            _, moment = _number(data, body, marked=False)
            within = int.from_bytes(data[moment : moment + 2], "big", signed=True)
            last = max(last, cluster + within)
        at = body if kind in _ENTERED else end
    return last * nanoseconds / 1e9


def _number(data: bytearray, at: int, *, marked: bool) -> tuple[int, int]:
    """A number of variable length and where it ends; 0 when there is none."""
    if at >= len(data) or not data[at]:
        return 0, 0
    length = 9 - data[at].bit_length()
    value = int.from_bytes(data[at : at + length], "big")
    return (value if marked else value & ((1 << 7 * length) - 1)), at + length


def _void(size: int) -> bytes:
    if size < 9:
        return b"\xec" + bytes([0x80 | (size - 2)]) + bytes(size - 2)
    return b"\xec\x01" + (size - 9).to_bytes(7, "big") + bytes(size - 9)


# -- ogg -------------------------------------------------------------------------------------------

_COMMENTS: Final = {b"OpusTags": b"", b"\x03vorbis": b"\x01"}
"""The beginning of a comment header, and what has to follow the number of comments."""


_OPUS: Final = 48_000  # samples a second, whatever was recorded (RFC 7845, 4)


def _ogg(data: bytearray) -> float:
    """Pages.

    Returns:
        The last position that a page speaks of, in seconds.
    """
    pages = list(_pages(data))
    rate, last = _OPUS, 0
    for number, (_, body, _) in enumerate(pages):
        magic = next((one for one in _COMMENTS if data[body : body + len(one)] == one), None)
        if magic is not None:
            _uncomment(data, pages[number:], magic)
    for start, body, _ in pages:
        if data[body : body + 7] == b"\x01vorbis":
            rate = int.from_bytes(data[body + 12 : body + 16], "little") or _OPUS
        last = max(last, int.from_bytes(data[start + 6 : start + 14], "little", signed=True))
    return last / rate


def _pages(data: bytearray) -> Iterator[tuple[int, int, bool]]:
    """Where each page and its body begin, and whether its last packet goes on in the next one."""
    at = 0
    while data[at : at + 4] == b"OggS" and at + 27 <= len(data):
        lacing = data[at + 27 : at + 27 + data[at + 26]]
        yield at, at + 27 + data[at + 26], bool(lacing) and lacing[-1] == 255
        at += 27 + data[at + 26] + sum(lacing)


def _uncomment(data: bytearray, pages: list[tuple[int, int, bool]], magic: bytes) -> None:
    """Empty the comment header that begins the first of the pages, and sum them up again."""
    places: list[int] = []
    touched: list[tuple[int, int]] = []
    for start, body, goes_on in pages:
        lacing = data[start + 27 : body]
        inside = next((n + 1 for n, one in enumerate(lacing) if one < 255), len(lacing))
        places += range(body, min(body + sum(lacing[:inside]), len(data)))
        touched.append((start, min(body + sum(lacing), len(data))))
        if inside < len(lacing) or not goes_on:
            break
    head = len(magic)
    vendor = int.from_bytes(bytes(data[n] for n in places[head : head + 4]), "little")
    rest = places[head + 4 + vendor :]
    said = bytes(4) + _COMMENTS[magic]
    for n, place in enumerate(rest):
        data[place] = said[n] if n < len(said) else 0
    for start, end in touched:
        data[start + 22 : start + 26] = bytes(4)
        data[start + 22 : start + 26] = _sum(data[start:end]).to_bytes(4, "little")


def _table() -> Iterator[int]:
    for one in range(256):
        value = one << 24
        for _ in range(8):
            value = (value << 1) ^ (0x04C11DB7 if value & 0x80000000 else 0)
        yield value & 0xFFFFFFFF


_TABLE: Final = tuple(_table())


def _sum(page: bytearray) -> int:
    """The checksum of a page (RFC 3533, 6): CRC-32 of 0x04c11db7, not reflected."""
    value = 0
    for byte in page:
        value = ((value << 8) & 0xFFFFFFFF) ^ _TABLE[(value >> 24) ^ byte]
    return value


# -- mp3 -------------------------------------------------------------------------------------------


_RATES: Final = (44_100, 48_000, 32_000)
_BITS_1: Final = (0, 32, 40, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320)
_BITS_2: Final = (0, 8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 144, 160)


def is_frame(head: bytes | bytearray) -> bool:
    """Whether a frame of MPEG layer III begins here."""
    return (
        len(head) >= 3
        and head[0] == 0xFF
        and head[1] & 0xE6 == 0xE2
        and head[2] & 0xF0 != 0xF0
        and head[2] & 0x0C != 0x0C
    )


def _frames(data: bytearray) -> float:
    """Frame after frame, as long as they follow each other; their seconds (ISO/IEC 11172-3)."""
    at, lasts = 0, 0.0
    while is_frame(data[at : at + 4]):
        second = data[at + 1] & 0x18 != 0x18  # MPEG 2 and 2.5: half as many samples, lower rates
        halved = 0 if not second else 1 if data[at + 1] & 0x18 == 0x10 else 2
        rate = _RATES[data[at + 2] >> 2 & 3] >> halved
        bits = (_BITS_2 if second else _BITS_1)[data[at + 2] >> 4] * 1000
        if not bits:
            break
        samples = 576 if second else 1152
        at += samples // 8 * bits // rate + (data[at + 2] >> 1 & 1)
        lasts += samples / rate
    return lasts


def _bare_mp3(data: bytes) -> bytes:
    while data[:3] == b"ID3" and len(data) > 10:
        size = 0
        for byte in data[6:10]:
            size = size << 7 | byte & 0x7F
        data = data[10 + size + (10 if data[5] & 0x10 else 0) :]
    if data[-128:-125] == b"TAG":
        data = data[:-128]
    if not is_frame(data):
        raise UnsupportedMedia()
    return data
