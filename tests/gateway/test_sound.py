"""Recordings keep their sound and lose what else they tell, byte for byte in place."""

import struct

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway import media, sound
from services.contracts.errors import UnsupportedMedia
from tests.gateway.files import fetch, send

SECRET = b"SECRET-31.388+121.352"
SOUND = bytes(range(256))


def box(kind: bytes, *parts: bytes) -> bytes:
    body = b"".join(parts)
    return struct.pack(">I", 8 + len(body)) + kind + body


def m4a(handler: bytes = b"soun") -> bytes:
    told = box(b"udta", box(b"\xa9xyz", SECRET)), box(b"meta", SECRET)
    track = box(b"trak", box(b"mdia", box(b"hdlr", bytes(8), handler, bytes(12))), *told)
    return b"".join(
        (box(b"ftyp", b"M4A ", bytes(4)), box(b"moov", track, *told), box(b"mdat", SOUND))
    )


def element(kind: int, body: bytes, *, known: bool = True) -> bytes:
    name = kind.to_bytes((kind.bit_length() + 7) // 8, "big")
    size = b"\x01" + len(body).to_bytes(7, "big") if known else b"\x01" + b"\xff" * 7
    return name + size + body


def webm(track: bytes = b"\x02") -> bytes:
    inside = (
        element(0x1549A966, element(0x7BA9, SECRET) + element(0x4461, bytes(8))),
        element(0x1654AE6B, element(0xAE, element(0x83, track))),
        element(0x1254C367, SECRET),
        element(0x1941A469, SECRET),
        element(0x1F43B675, element(0xA3, SOUND), known=False),
    )
    head = element(0x1A45DFA3, element(0x4282, b"webm"))
    return head + element(0x18538067, b"".join(inside), known=False)


def page(number: int, body: bytes, lacing: bytes) -> bytearray:
    head = b"OggS" + bytes(14) + number.to_bytes(4, "little") + bytes(4)
    made = bytearray(head + bytes([len(lacing)]) + lacing + body)
    made[22:26] = sound._sum(made).to_bytes(4, "little")
    return made


def ogg(magic: bytes = b"OpusTags") -> bytes:
    """A comment header of 600 bytes on two pages, then sound."""
    said = magic + (3).to_bytes(4, "little") + b"lib" + (1).to_bytes(4, "little")
    said += (500).to_bytes(4, "little") + SECRET + b"x" * (600 - len(said) - 4 - len(SECRET))
    return bytes(
        page(0, b"OpusHead" + bytes(11), bytes([19]))
        + page(1, said[:510], bytes([255, 255]))
        + page(2, said[510:], bytes([90]))
        + page(3, SOUND, bytes([255, 1]))
    )


FRAME = b"\xff\xfb\x90\x00" + SOUND
ID3 = b"ID3\x04\x00\x00" + bytes([0, 0, 0, len(SECRET)]) + SECRET
MP3 = ID3 + FRAME + b"TAG" + SECRET.ljust(125)


@pytest.mark.parametrize(
    ("data", "kind"),
    [
        (m4a(), "audio/mp4"),
        (webm(), "audio/webm"),
        (ogg(), "audio/ogg"),
        (ogg(b"\x03vorbis"), "audio/ogg"),
        (MP3, "audio/mpeg"),
    ],
)
async def test_what_a_recording_tells_besides_its_sound_is_gone(data, kind, resident):
    assert SECRET in data
    answer = (await send(resident, data, "v", "application/octet-stream")).json()
    assert answer["content_type"] == kind
    kept = (await fetch(resident, answer["url"])).content
    assert SECRET not in kept and SOUND in kept
    assert kind == "audio/mpeg" or len(kept) == len(data)
    assert sound.voice_alone(kept, kind) == kept


def test_an_ogg_without_comments_still_sums_up_and_has_its_header():
    for magic, follows in ((b"OpusTags", b"\0"), (b"\x03vorbis", b"\x01")):
        kept = bytearray(sound.voice_alone(ogg(magic), "audio/ogg"))
        starts = [start for start, _, _ in sound._pages(kept)]
        assert len(starts) == 4
        for start, end in zip(starts, [*starts[1:], len(kept)], strict=True):
            one = kept[start:end]
            summed, one[22:26] = bytes(one[22:26]), bytes(4)
            assert sound._sum(one).to_bytes(4, "little") == summed
        assert magic + b"\3\0\0\0lib\0\0\0\0" + follows in kept


@pytest.mark.parametrize(
    ("data", "kind"),
    [
        (m4a(b"vide"), "audio/mp4"),
        (webm(b"\x01"), "audio/webm"),
        (ID3 + b"MZ no sound", "audio/mpeg"),
        (b"ID3", "audio/mpeg"),
    ],
)
async def test_a_film_and_what_only_begins_like_sound_are_refused(data, kind, resident):
    with pytest.raises(UnsupportedMedia):
        sound.voice_alone(data, kind)
    assert (await send(resident, data, "v", kind)).status_code == 415


LONG = struct.pack(">II", 1000, 90_000)  # 90 seconds


@pytest.mark.parametrize(
    ("data", "kind"),
    [
        (box(b"ftyp", b"M4A ") + box(b"moov", box(b"mvhd", bytes(12), LONG)), "audio/mp4"),
        (
            element(0x1A45DFA3, element(0x4282, b"webm"))
            + element(
                0x18538067,
                element(0x1F43B675, element(0xE7, (89_000).to_bytes(3, "big")), known=False)
                + element(0xA3, b"\x81" + (1_000).to_bytes(2, "big") + b"\x80"),
                known=False,
            ),
            "audio/webm",
        ),
        (b"OggS\0\0" + (90 * 48_000).to_bytes(8, "little") + bytes(13), "audio/ogg"),
        ((b"\xff\xfb\x90\x00" + bytes(413)) * 3_500, "audio/mpeg"),
        ((b"\xff\xf3\x40\xc4" + bytes(100)) * 3_500, "audio/mpeg"),
    ],
)
async def test_more_than_a_minute_is_refused_by_what_the_recording_says(data, kind, resident):
    answer = await send(resident, data, "v", kind)
    assert (answer.status_code, answer.json()["code"]) == (413, "upload.recording_too_long")


@given(
    st.sampled_from(["audio/mp4", "audio/webm", "audio/ogg", "audio/mpeg"]),
    st.sampled_from([m4a(), webm(), ogg(), MP3]),
    st.integers(0, 900),
    st.binary(max_size=12),
)
def test_whatever_is_broken_ends_the_look_at_it(kind, data, at, noise):
    broken = data[:at] + noise + data[at + len(noise) :]
    try:
        kept = sound.voice_alone(broken, kind)
    except (UnsupportedMedia, sound.TooLong):
        return
    assert len(kept) <= len(broken)


def test_a_photo_or_a_text_is_no_mp3():
    for data in (b"\xff\xd8\xff\xe0" + bytes(60), b"\xff\xfeh\x00i\x00", b"\xff\xe3\xf0\x00"):
        assert not sound.is_frame(data[:64])
    assert media.sniff(FRAME[:64]) is media.MP3
