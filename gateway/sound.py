"""Recordings without what they tell besides the voice: titles, places, pictures, films.

A recording is not made anew as photos are (no encoder runs here); what is not sound is overwritten
where it stands, so that nothing else in the file moves.

::

    m4a    ISO/IEC 14496-12: the boxes ``udta``, ``meta``, ``uuid`` become ``free``
    webm   RFC 8794, RFC 9559: Tags, Attachments, the title and the date become ``Void``
    ogg    RFC 3533, RFC 7845, Vorbis I: the comment header says that there are none
    mp3    ID3 at its head and end is cut off

A track of moving pictures is refused: what is taken is what can be heard.
"""

from collections.abc import Iterator
from typing import Final

from services.contracts.errors import UnsupportedMedia


def voice_alone(data: bytes, content_type: str) -> bytes:
    """The recording with nothing but its sound; what cannot be read ends the look at it.

    Raises:
        UnsupportedMedia: it is a film, or no frame of sound follows the head of an mp3.
    """
    if content_type == "audio/mpeg":
        return _mp3(data)
    kept = bytearray(data)
    {"audio/mp4": _m4a, "audio/webm": _webm, "audio/ogg": _ogg}[content_type](kept)
    return bytes(kept)


# -- m4a -------------------------------------------------------------------------------------------

_TELLING: Final = frozenset({b"udta", b"meta", b"uuid"})
_HOLDING: Final = frozenset({b"moov", b"trak", b"mdia", b"moof", b"traf"})


def _m4a(data: bytearray) -> None:
    """Boxes: 4 bytes size with the head, 4 bytes kind; size 1: 8 bytes of size follow."""
    at = 0
    while at + 8 <= len(data):
        size, kind, head = int.from_bytes(data[at : at + 4], "big"), bytes(data[at + 4 : at + 8]), 8
        if size == 1:
            size, head = int.from_bytes(data[at + 8 : at + 16], "big"), 16
        if size == 0:
            size = len(data) - at
        if size < head:
            return
        end = min(at + size, len(data))
        if kind in _TELLING:
            data[at + 4 : at + 8] = b"free"
            data[at + head : end] = bytes(end - at - head)
        if kind == b"hdlr" and data[at + head + 8 : at + head + 12] == b"vide":
            raise UnsupportedMedia()
        at = at + head if kind in _HOLDING else end


# -- webm ------------------------------------------------------------------------------------------

# Segment, Cluster, Info, Tracks, TrackEntry: entered, also where they do not know their size.
_ENTERED: Final = frozenset({0x18538067, 0x1F43B675, 0x1549A966, 0x1654AE6B, 0xAE})
_VOIDED: Final = frozenset({0x1254C367, 0x1941A469, 0x7BA9, 0x4461})
_TRACK_TYPE: Final = 0x83
_FILM: Final = b"\x01"


def _webm(data: bytearray) -> None:
    at = 0
    while at < len(data):
        kind, body = _number(data, at, marked=True)
        size, body = _number(data, body, marked=False) if body else (0, 0)
        if not body:
            return
        end = min(body + size, len(data))
        if kind == _TRACK_TYPE and data[body:end] == _FILM:
            raise UnsupportedMedia()
        if kind in _VOIDED:
            data[at:end] = _void(end - at)
        at = body if kind in _ENTERED else end


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


def _ogg(data: bytearray) -> None:
    pages = list(_pages(data))
    for number, (_, body, _) in enumerate(pages):
        magic = next((one for one in _COMMENTS if data[body : body + len(one)] == one), None)
        if magic is not None:
            _uncomment(data, pages[number:], magic)


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


def is_frame(head: bytes) -> bool:
    """Whether a frame of MPEG layer III begins here."""
    return (
        len(head) >= 3
        and head[0] == 0xFF
        and head[1] & 0xE6 == 0xE2
        and head[2] & 0xF0 != 0xF0
        and head[2] & 0x0C != 0x0C
    )


def _mp3(data: bytes) -> bytes:
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
