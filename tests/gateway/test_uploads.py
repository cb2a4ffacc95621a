"""Files: what is taken, what is made of it, who gets it back."""

import asyncio
import gc
import io
import threading
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest
from fastapi import FastAPI
from PIL import Image

from gateway import media
from services.contracts.actor import Role
from services.kit.blobs import BlobStore, StorageAway
from tests.gateway.asking import assert_problem
from tests.gateway.fakes import PERSON, FakeVerifier

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
    return await client.post("/uploads", files={"file": (name, data, kind)})


async def fetch(client: httpx.AsyncClient, url: str) -> httpx.Response:
    return await client.get(f"http://gateway{url}")


async def fetched_image(client: httpx.AsyncClient, url: str) -> Image.Image:
    response = await fetch(client, url)
    assert response.status_code == 200
    return Image.open(io.BytesIO(response.content))


@pytest.fixture
def store(app: FastAPI) -> BlobStore:
    store: BlobStore = app.state.gate.store
    return store


# -- photos ---------------------------------------------------------------------------------------


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


# -- other files ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("data", "kind"), [(WEBM, "audio/webm"), (M4A, "audio/mp4"), (OGG, "audio/ogg")]
)
async def test_recordings_are_kept_as_they_are(
    data: bytes, kind: str, resident: httpx.AsyncClient
) -> None:
    answer = (await send(resident, data, "voice.bin", "application/octet-stream")).json()

    assert answer["thumbnail_url"] is None
    given = await fetch(resident, answer["url"])
    assert (given.content, given.headers["content-type"]) == (data, kind)
    assert (await fetch(resident, f"{answer['url']}/thumbnail")).status_code == 404


@pytest.mark.parametrize("role", [Role.COMMITTEE_STAFF, Role.SECRETARY, Role.DEPARTMENT_STAFF])
async def test_documents_come_from_staff(
    role: Role,
    app: FastAPI,
    verifier: FakeVerifier,
    client_for: Callable[..., httpx.AsyncClient],
) -> None:
    async with client_for(app, verifier.token(role)) as client:
        answer = (await send(client, PDF)).json()
        given = await fetch(client, answer["url"])

    assert given.headers["content-disposition"].startswith("attachment;")
    assert given.headers["content-type"] == "application/pdf"


async def test_documents_do_not_come_from_residents(resident: httpx.AsyncClient) -> None:
    assert_problem(await send(resident, PDF), 403, "upload.staff_only")


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"just text",
        b"<svg xmlns='http://www.w3.org/2000/svg' onload='alert(1)'/>",
        b"<html><script>alert(1)</script>",
        b"GIF89a" + b"\x00" * 40,
        b"BM" + b"\x00" * 40,
        b"PK\x03\x04" + b"\x00" * 40,
        b"MZ" + b"\x00" * 40,
        b"RIFF\x00\x00\x00\x00WAVEfmt ",
        b"\x00\x00\x00\x18ftypqt  \x00\x00\x00\x00",
        b"\x1a\x45\xdf\xa3" + b"\x00" * 10 + b"matroska",
    ],
)
async def test_what_a_file_is_called_is_not_believed(
    data: bytes, resident: httpx.AsyncClient
) -> None:
    assert_problem(await send(resident, data), 415, "request.unsupported_media")


@pytest.mark.parametrize(
    ("head", "size"), [(b"\xff\xd8\xff", 10_000_001), (WEBM, 2_000_001), (PDF, 20_000_001)]
)
async def test_each_kind_has_its_limit(head: bytes, size: int, resident: httpx.AsyncClient) -> None:
    data = head + b"\x00" * (size - len(head))

    assert_problem(await send(resident, data), 413, "request.too_large")


async def test_much_too_large_bodies_are_not_read(resident: httpx.AsyncClient) -> None:
    response = await send(resident, b"\xff\xd8\xff" + b"\x00" * 22_000_000)

    assert_problem(response, 413, "request.too_large")


@pytest.mark.parametrize(
    ("content", "kind", "status"),
    [
        (b"\xff\xd8\xff", "image/jpeg", 415),
        (b"{}", "application/json", 415),
        (b"", "multipart/form-data", 422),
        (b"nonsense", "multipart/form-data; boundary=x", 422),
        (b"--x\r\nContent-Disposition: form-data; name=\"note\"\r\n\r\nhi\r\n--x--\r\n",
         "multipart/form-data; boundary=x", 422),
    ],
)  # fmt: skip
async def test_bodies_without_a_file(
    content: bytes, kind: str, status: int, resident: httpx.AsyncClient
) -> None:
    response = await resident.post("/uploads", content=content, headers={"Content-Type": kind})

    assert response.status_code == status, response.text
    assert response.headers["content-type"] == "application/problem+json"


@pytest.mark.filterwarnings("ignore:Exception ignored.*SpooledTemporaryFile")
async def test_upload_that_breaks_off(resident: httpx.AsyncClient) -> None:
    """Starlette leaves the part's temporary file to the garbage collector, which warns."""
    half = b'--x\r\nContent-Disposition: form-data; name="file"; filename="a"\r\n\r\nhi'

    response = await resident.post(
        "/uploads", content=half, headers={"Content-Type": "multipart/form-data; boundary=x"}
    )
    gc.collect()

    assert_problem(response, 422, "request.invalid")


async def test_many_files_at_once_are_refused(resident: httpx.AsyncClient) -> None:
    files = [("file", (f"{n}.jpg", photo(), "image/jpeg")) for n in range(3)]

    assert_problem(await resident.post("/uploads", files=files), 422, "request.invalid")


async def test_observers_upload_nothing(
    app: FastAPI, verifier: FakeVerifier, client_for: Callable[..., httpx.AsyncClient]
) -> None:
    async with client_for(app, verifier.token(Role.OBSERVER)) as client:
        assert_problem(await send(client, photo()), 403, "auth.observer_read_only")


# -- giving out -----------------------------------------------------------------------------------


async def test_files_are_given_so_that_nothing_in_them_runs(
    resident: httpx.AsyncClient,
) -> None:
    answer = (await send(resident, photo())).json()

    headers = (await fetch(resident, answer["url"])).headers

    assert headers["x-content-type-options"] == "nosniff"
    assert headers["content-security-policy"] == "sandbox; default-src 'none'"
    assert headers["cache-control"] == "private, max-age=31536000, immutable"
    assert headers["content-disposition"] == f'inline; filename="{answer["id"]}.jpg"'


async def test_browser_that_has_it_gets_nothing_again(resident: httpx.AsyncClient) -> None:
    answer = (await send(resident, photo())).json()
    url = f"http://gateway{answer['url']}"
    etag = (await resident.get(url)).headers["etag"]

    again = await resident.get(url, headers={"If-None-Match": etag})
    part = await resident.get(url, headers={"Range": "bytes=0-9"})

    assert (again.status_code, again.content) == (304, b"")
    assert (part.status_code, len(part.content)) == (206, 10)


async def test_strangers_need_a_signed_link(
    resident: httpx.AsyncClient, nobody: httpx.AsyncClient, store: BlobStore
) -> None:
    answer = (await send(resident, photo())).json()
    now = datetime.now(UTC)
    link = store.signed_url(answer["id"], now + timedelta(days=30))
    assert link.startswith("http://127.0.0.1:8080/api/v1/uploads/")
    path = link.removeprefix("http://127.0.0.1:8080")

    assert (await fetch(nobody, path)).status_code == 200
    assert_problem(await fetch(nobody, answer["url"]), 401, "auth.token_required")
    other = (await send(resident, photo())).json()
    for forged in (
        path.replace(answer["id"], other["id"]),
        path.replace("expires=", "expires=9"),
        path[:-1] + ("A" if path[-1] != "A" else "B"),
        path.split("&")[0],
        store.signed_url(answer["id"], now - timedelta(seconds=1)).removeprefix(
            "http://127.0.0.1:8080"
        ),
    ):
        assert (await fetch(nobody, forged)).status_code == 401, forged


async def test_pages_show_pictures_with_their_cookie(
    resident: httpx.AsyncClient, nobody: httpx.AsyncClient, verifier: FakeVerifier
) -> None:
    answer = (await send(resident, photo())).json()
    nobody.cookies.set("shequ_access", verifier.token(Role.RESIDENT))

    assert (await fetch(nobody, answer["url"])).status_code == 200
    assert_problem(await send(nobody, photo()), 401, "auth.token_required")


async def test_unknown_files(resident: httpx.AsyncClient) -> None:
    for name in ("01900000-0000-7000-8000-000000000000", "x", "a.json"):
        assert (await resident.get(f"/uploads/{name}")).status_code == 404


# -- the store ------------------------------------------------------------------------------------


def test_crash_on_the_way_leaves_no_upload(store: BlobStore, tmp_path: Path) -> None:
    """Bytes stand, the words about them do not: nobody can name them."""
    real = store._write

    def crash(path: str, data: bytes) -> None:
        if path.endswith(".json"):
            raise OSError("disk full")
        real(path, data)

    store._write = crash  # type: ignore[method-assign]
    with pytest.raises(StorageAway):
        store.put(b"data", content_type="image/jpeg", owner=PERSON, thumbnail=b"small")

    left = [path for path in (tmp_path / "uploads").rglob("*") if path.is_file()]
    assert len(left) == 2
    assert all(store.meta(path.name.split(".")[0]) is None for path in left)


def test_half_written_files_are_never_seen(store: BlobStore, tmp_path: Path) -> None:
    meta = store.put(b"data", content_type="audio/ogg", owner=PERSON)

    names = {path.name for path in (tmp_path / "uploads").rglob("*") if path.is_file()}

    assert names == {meta.id, f"{meta.id}.json"}


def test_store_elsewhere_than_in_a_folder(make_settings: Callable[..., Any]) -> None:
    store = BlobStore(make_settings(storage_url="memory://elsewhere"))

    meta = store.put(b"data", content_type="image/png", owner=PERSON, thumbnail=b"small")

    assert store.local_path(meta.id) is None
    assert store.meta(meta.id) == meta
    with store.open(meta.id, thumbnail=True) as file:
        assert file.read() == b"small"


async def test_files_from_elsewhere_are_streamed(
    make_app: Callable[..., FastAPI],
    verifier: FakeVerifier,
    client_for: Callable[..., httpx.AsyncClient],
) -> None:
    app = make_app(storage_url="memory://streamed")
    async with client_for(app, verifier.token(Role.RESIDENT)) as client:
        answer = (await send(client, photo(size=(2000, 1500)))).json()
        given = await fetch(client, answer["url"])

    assert len(given.content) == answer["bytes"]


def test_ids_that_lead_elsewhere_are_unknown(store: BlobStore) -> None:
    assert store.meta("../../etc/passwd") is None
    assert store.meta("") is None


# -- the grid platform ----------------------------------------------------------------------------

GRID_KEY = "a1B2c3D4e5F6g7H8i9J0k1L2m3N4o5P6q7"


@pytest.fixture
def grid_app(make_app: Callable[..., FastAPI], tmp_path: Path) -> FastAPI:
    (tmp_path / "grid.key").write_text(f"{GRID_KEY}\n")
    return make_app(grid_key_file=tmp_path / "grid.key", rate_limits="on")


async def grid_send(
    client: httpx.AsyncClient, data: bytes, key: str = GRID_KEY, kind: str = "image/jpeg"
) -> httpx.Response:
    headers = {"X-Api-Key": key} if key else {}
    files = {"file": ("a.jpg", data, kind)}
    return await client.post("/grid/uploads", files=files, headers=headers)


async def test_the_grid_platform_uploads_photos_that_belong_to_nobody_else(
    grid_app: FastAPI, client_for: Callable[..., httpx.AsyncClient]
) -> None:
    client = client_for(grid_app)
    answer = await grid_send(client, photo())
    assert answer.status_code == 201
    meta = grid_app.state.gate.store.meta(answer.json()["id"])
    assert (meta.owner, meta.content_type) == ("grid_platform", "image/jpeg")
    assert b"SecretPhone" not in grid_app.state.gate.store.open(meta.id).read()
    for other in (PDF, OGG):
        assert_problem(await grid_send(client, other), 415, "request.unsupported_media")


@pytest.mark.parametrize("key", ["", "wrong", GRID_KEY[:-1], f"{GRID_KEY}x", "钥匙".encode().hex()])
async def test_without_its_key_nobody_is_the_grid_platform(
    key: str, grid_app: FastAPI, client_for: Callable[..., httpx.AsyncClient]
) -> None:
    answer = await grid_send(client_for(grid_app), photo(), key)
    assert_problem(answer, 401, "upload.grid_key_required")


async def test_where_no_key_was_set_up_none_opens(
    make_app: Callable[..., FastAPI], client_for: Callable[..., httpx.AsyncClient], tmp_path: Path
) -> None:
    (tmp_path / "empty.key").write_text("\n")
    for file in (None, tmp_path / "nowhere", tmp_path / "empty.key"):
        client = client_for(make_app(grid_key_file=file))
        for key in ("", "x"):
            assert_problem(await grid_send(client, photo(), key), 401, "upload.grid_key_required")


async def test_guesses_at_the_key_are_limited(
    grid_app: FastAPI, client_for: Callable[..., httpx.AsyncClient]
) -> None:
    client = client_for(grid_app)
    said = [(await grid_send(client, b"x", "wrong")).status_code for _ in range(121)]
    assert (said[0], said[-1]) == (401, 429)
