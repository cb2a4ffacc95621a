"""Files: what is taken, and who gets it back."""

import gc
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import httpx
import pytest
from fastapi import FastAPI

from services.contracts.actor import Role
from services.kit.blobs import BlobStore
from tests.gateway.asking import assert_problem
from tests.gateway.fakes import FakeVerifier
from tests.gateway.files import M4A, OGG, PDF, WEBM, fetch, photo, send

# -- what is taken --------------------------------------------------------------------------------


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


@pytest.mark.parametrize("wanted", ["x", "lines=0-3", "bytes=a-b", "bytes=5-2", "bytes=0-1,4-5"])
async def test_a_piece_that_cannot_be_told_is_the_whole_file(
    resident: httpx.AsyncClient, wanted: str
) -> None:
    answer = (await send(resident, photo())).json()

    given = await resident.get(f"http://gateway{answer['url']}", headers={"Range": wanted})

    assert (given.status_code, len(given.content)) == (200, answer["bytes"])
    assert given.headers["content-type"] == answer["content_type"]


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
