"""Photos are made anew: nothing of them is kept but their pixels."""

import asyncio
import io
import threading
from collections.abc import Callable

import httpx
import pytest
from fastapi import FastAPI
from PIL import Image

from gateway import media
from services.contracts.actor import Role
from services.kit.blobs import BlobStore
from tests.gateway.asking import assert_problem
from tests.gateway.fakes import PERSON, FakeVerifier
from tests.gateway.files import fetch, fetched_image, photo, send


@pytest.mark.parametrize(
    ("kind", "stored"),
    [
        ("JPEG", "image/jpeg"),
        ("PNG", "image/png"),
        ("WEBP", "image/webp"),
        ("HEIF", "image/jpeg"),
    ],
)
async def test_photo_is_made_anew_and_tells_nothing_but_its_pixels(
    kind: str, stored: str, resident: httpx.AsyncClient, store: BlobStore
) -> None:
    original = photo(kind)
    assert b"SecretPhone" in original

    response = await send(resident, original)

    assert response.status_code == 201, response.text
    answer = response.json()
    assert set(answer) == {"id", "url", "thumbnail_url", "content_type", "bytes"}
    assert answer["url"] == f"/api/v1/uploads/{answer['id']}"
    given = await fetch(resident, answer["url"])
    assert given.headers["content-type"] == stored == answer["content_type"]
    assert len(given.content) == answer["bytes"]
    assert b"SecretPhone" not in given.content
    image = Image.open(io.BytesIO(given.content))
    assert image.size == (640, 480)
    assert not image.getexif()
    assert not {"exif", "icc_profile", "xmp", "comment"} & set(image.info)
    red, blue = image.convert("RGB").getpixel((80, 240)), image.convert("RGB").getpixel((560, 240))
    assert red[0] > 200 > 60 > red[2]  # type: ignore[index]
    assert blue[2] > 200 > 60 > blue[0]  # type: ignore[index]
    small = await fetched_image(resident, answer["thumbnail_url"])
    assert (small.format, small.size) == ("JPEG", (480, 360))
    meta = store.meta(answer["id"])
    assert meta is not None
    assert meta.owner == PERSON


async def test_photo_taken_sideways_stands_upright(resident: httpx.AsyncClient) -> None:
    answer = (await send(resident, photo(orientation=6))).json()

    image = await fetched_image(resident, answer["url"])

    assert image.size == (480, 640)
    assert image.getpixel((240, 80))[0] > 200  # type: ignore[index]
    assert image.getpixel((240, 560))[2] > 200  # type: ignore[index]


async def test_large_photo_is_shrunk(resident: httpx.AsyncClient) -> None:
    answer = (await send(resident, photo(size=(5200, 1300)))).json()

    assert (await fetched_image(resident, answer["url"])).size == (2560, 640)


@pytest.mark.parametrize("mode", ["L", "LA", "P", "RGBA", "1", "I;16"])
async def test_pictures_of_all_modes(mode: str, resident: httpx.AsyncClient) -> None:
    out = io.BytesIO()
    source = Image.new("RGBA" if "A" in mode else "RGB", (50, 40), (200, 30, 30))
    source.convert("L" if mode == "I;16" else mode).convert(mode).save(out, "PNG")

    answer = await send(resident, out.getvalue())

    assert answer.status_code == 201
    image = await fetched_image(resident, answer.json()["url"])
    assert image.mode == ("RGBA" if mode in ("LA", "RGBA") else "RGB")


async def test_cmyk_and_other_profiles_become_srgb(resident: httpx.AsyncClient) -> None:
    out = io.BytesIO()
    Image.new("CMYK", (40, 40), (0, 255, 255, 0)).save(out, "JPEG")

    answer = (await send(resident, out.getvalue())).json()

    image = await fetched_image(resident, answer["url"])
    assert image.mode == "RGB"
    assert image.getpixel((20, 20))[0] > 200  # type: ignore[index]


async def test_bomb_is_refused_by_its_header(resident: httpx.AsyncClient) -> None:
    out = io.BytesIO()
    Image.new("1", (10_000, 5_001)).save(out, "PNG")
    assert len(out.getvalue()) < 100_000

    problem = assert_problem(await send(resident, out.getvalue()), 413, "upload.too_many_pixels")

    assert problem["title"] == "图片尺寸过大"


async def test_exactly_fifty_megapixels_are_taken(resident: httpx.AsyncClient) -> None:
    out = io.BytesIO()
    Image.new("1", (10_000, 5_000)).save(out, "PNG")

    assert (await send(resident, out.getvalue())).status_code == 201


@pytest.mark.parametrize("keep", [30, 300, 900])
@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP", "HEIF"])
async def test_damaged_pictures_are_a_problem_of_the_sender(
    kind: str, keep: int, resident: httpx.AsyncClient
) -> None:
    whole = photo(kind, size=(1200, 900))
    broken = whole[:keep] + b"\x00" * 200

    assert_problem(await send(resident, broken), 422, "upload.broken_image")


async def test_pictures_are_made_anew_by_few_at_a_time(
    make_app: Callable[..., FastAPI],
    verifier: FakeVerifier,
    client_for: Callable[..., httpx.AsyncClient],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    running, most, lock = 0, 0, threading.Lock()
    real = media.remake

    def counted(data: bytes, found: media.Format) -> media.Picture:
        nonlocal running, most
        with lock:
            running += 1
            most = max(most, running)
        try:
            return real(data, found)
        finally:
            with lock:
                running -= 1

    monkeypatch.setattr(media, "remake", counted)
    app = make_app(upload_workers=2, rate_limits="off")
    data = photo(size=(1600, 1200))
    async with client_for(app, verifier.token(Role.RESIDENT)) as client:
        responses = await asyncio.gather(*(send(client, data) for _ in range(8)))

    assert {response.status_code for response in responses} == {201}
    assert most <= 2
