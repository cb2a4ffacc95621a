"""Uploads in an S3-compatible bucket: taken, given, streamed; and what a broken one does."""

import asyncio
import json
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest
from fastapi import FastAPI

from gateway import pieces
from gateway.settings import Settings
from services.contracts.actor import Role
from services.kit import blobs, s3
from services.kit.blobs import BlobStore, StorageAway
from tests.gateway.asking import assert_problem
from tests.gateway.fakes import PERSON, FakeVerifier
from tests.gateway.files import PDF, fetch, fetched_image, photo, send
from tests.gateway.tcp_proxy import TcpProxy
from tests.gateway.waiting import until
from tests.support.s3 import S3, credentials, nobody, silent

Door = Callable[..., AbstractAsyncContextManager[tuple[FastAPI, httpx.AsyncClient]]]


@pytest.fixture(autouse=True)
def _short_limits(monkeypatch: pytest.MonkeyPatch) -> None:
    """A storage that is silent is waited for, but not for long."""
    monkeypatch.setattr(s3, "LOOK_SECONDS", 0.5)
    monkeypatch.setattr(s3, "BYTES_SECONDS", 1.0)


@pytest.fixture
def door(
    bucket: S3,
    make_app: Callable[..., FastAPI],
    verifier: FakeVerifier,
    client_for: Callable[..., httpx.AsyncClient],
) -> Door:
    """A gateway whose files lie in the bucket, and a committee's client of it."""

    @asynccontextmanager
    async def opened(**changes: Any) -> AsyncIterator[tuple[FastAPI, httpx.AsyncClient]]:
        app = make_app(**bucket.settings("一/uploads", **changes))
        async with client_for(app, verifier.token(Role.COMMITTEE_STAFF)) as client:
            yield app, client

    return opened


def store_of(app: FastAPI) -> BlobStore:
    store: BlobStore = app.state.gate.store
    return store


# -- taken and given ------------------------------------------------------------------------------


async def test_photo_comes_back_with_its_thumbnail(door: Door) -> None:
    async with door() as (_, client):
        answer = (await send(client, photo(size=(1200, 900)))).json()
        given = await fetch(client, answer["url"])

        assert len(given.content) == answer["bytes"] == int(given.headers["content-length"])
        assert (await fetched_image(client, answer["url"])).size == (1200, 900)
        assert max((await fetched_image(client, answer["thumbnail_url"])).size) < 1200


async def test_large_file_is_streamed_whole_and_by_pieces(door: Door) -> None:
    document = PDF + bytes(range(256)) * 12_000
    async with door() as (_, client):
        answer = (await send(client, document, "a.pdf", "application/pdf")).json()
        whole = await fetch(client, answer["url"])
        etag = whole.headers["etag"]

        async def part(wanted: str, **more: str) -> httpx.Response:
            url = f"http://gateway{answer['url']}"
            return await client.get(url, headers={"Range": wanted, **more})

        begin, end = await part("bytes=100-1200099"), await part("bytes=-7")
        behind = await part(f"bytes={len(document)}-")
        changed = await part("bytes=0-9", **{"If-Range": '"other"'})
        unchanged = await part("bytes=0-9", **{"If-Range": etag})
        again = await part("bytes=0-9", **{"If-None-Match": etag})

    assert (whole.status_code, whole.content) == (200, document)
    assert whole.headers["accept-ranges"] == "bytes"
    assert (begin.status_code, begin.content) == (206, document[100:1_200_100])
    assert begin.headers["content-range"] == f"bytes 100-1200099/{len(document)}"
    assert (end.status_code, end.content) == (206, document[-7:])
    assert (behind.status_code, behind.headers["content-range"]) == (
        416,
        f"bytes */{len(document)}",
    )
    assert (changed.status_code, changed.content) == (200, document)
    assert (unchanged.status_code, len(unchanged.content)) == (206, 10)
    assert (again.status_code, again.content) == (304, b"")


@pytest.mark.parametrize(
    ("wanted", "found"),
    [
        ("", (0, 100)),
        ("bytes=0-", (0, 100)),
        ("bytes=0-0", (0, 1)),
        ("bytes=90-200", (90, 100)),
        ("bytes=-200", (0, 100)),
        ("bytes=-0", (100, 100)),
        ("bytes=-", (0, 100)),
        ("bytes=9-1", (0, 100)),
        ("bytes=0-1,5-6", (0, 100)),
        ("lines=0-1", (0, 100)),
        ("bytes=100-", (100, 100)),
        ("bytes=1000-2000", (1000, 100)),
    ],
)
def test_what_a_range_means(wanted: str, found: tuple[int, int]) -> None:
    assert pieces.span(wanted, 100) == found


async def test_signed_link_opens_it_for_a_stranger(
    door: Door, client_for: Callable[..., httpx.AsyncClient]
) -> None:
    async with door() as (app, client):
        answer = (await send(client, photo())).json()
        link = store_of(app).signed_url(answer["id"], datetime.now(UTC) + timedelta(days=30))
        async with client_for(app) as stranger:
            path = link.removeprefix("http://127.0.0.1:8080")
            assert (await fetch(stranger, path)).status_code == 200
            assert_problem(await fetch(stranger, answer["url"]), 401, "auth.token_required")


async def test_unknown_and_vanished_files_are_not_found(
    door: Door, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with door() as (app, client):
        unknown = await client.get("/uploads/01900000-0000-7000-8000-000000000000")
        answer = (await send(client, photo())).json()
        meta = store_of(app).meta(answer["id"])
        monkeypatch.setattr(store_of(app), "meta", lambda _: meta)
        vanished = await client.get("/uploads/01900000-0000-7000-8000-000000000001")

    assert (unknown.status_code, vanished.status_code) == (404, 404)


def test_what_is_written_halfway_is_never_seen(
    bucket: S3, make_settings: Callable[..., Settings], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The words about a file are written last; without them nobody can name it."""
    store = BlobStore(make_settings(**bucket.settings("half")))
    ids: list[str] = []
    real_write, real_id = store._write, blobs.new_id

    def crash(path: str, data: bytes) -> None:
        if path.endswith(".json"):
            raise ConnectionError("reset")
        real_write(path, data)

    monkeypatch.setattr(blobs, "new_id", lambda: ids.append(real_id()) or ids[-1])
    monkeypatch.setattr(store, "_write", crash)
    with pytest.raises(StorageAway):
        store.put(b"data", content_type="image/jpeg", owner=PERSON, thumbnail=b"small")

    with store.open(ids[0]) as file:
        assert file.read() == b"data"
    assert store.meta(ids[0]) is None


# -- broken ---------------------------------------------------------------------------------------


async def assert_away(door: Door, upload_id: str, **changes: Any) -> None:
    """Storing and looking up are refused with 503 and a time to come back; nothing hangs."""
    async with door(**changes) as (app, client):
        async with asyncio.timeout(10):
            stored = await send(client, photo())
            given = await client.get(f"/uploads/{upload_id}")
        with pytest.raises(StorageAway) as caught:
            await asyncio.to_thread(store_of(app).reach, writing=True)
    for response in (stored, given):
        assert_problem(response, 503, "upload.storage_away")
        assert response.headers["retry-after"] == "5"
    assert caught.value.reason in REASONS
    assert "AKIA" not in caught.value.reason


REASONS = {
    "it does not answer as it should",
    "it refuses the credentials, or what they may do",
    "there is no such bucket",
}
SOME_ID = "01900000-0000-7000-8000-000000000000"


async def test_storage_that_is_away_is_said_to_be(door: Door) -> None:
    await assert_away(door, SOME_ID, storage_endpoint=nobody())


async def test_storage_that_says_nothing_is_not_waited_for(door: Door) -> None:
    with silent() as endpoint:
        await assert_away(door, SOME_ID, storage_endpoint=endpoint)


async def test_wrong_credentials_are_told_in_the_log_alone(door: Door, tmp_path: Path) -> None:
    wrong = credentials(tmp_path / "wrong", "AKIAAAAAAAAAAAAAAAAA", "not-the-secret")
    await assert_away(door, SOME_ID, storage_credentials_file=wrong)


async def test_bucket_that_is_not_ours(door: Door) -> None:
    await assert_away(door, SOME_ID, storage_url="s3://somebody-elses/uploads")


async def test_new_credentials_count_without_a_restart(
    door: Door, bucket: S3, tmp_path: Path
) -> None:
    file = credentials(tmp_path / "turned", "AKIAAAAAAAAAAAAAAAAA", "not-the-secret")
    async with door(storage_credentials_file=file) as (_, client):
        assert (await send(client, photo())).status_code == 503
        file.write_text(bucket.credentials_file.read_text())
        assert (await send(client, photo())).status_code == 201
        file.unlink()
        assert_problem(await send(client, photo()), 503, "upload.storage_away")


async def test_broken_connection_is_mended_and_a_long_one_told(door: Door, bucket: S3) -> None:
    async with TcpProxy(bucket.endpoint) as proxy, door(storage_endpoint=proxy.url) as (_, client):
        answer = (await send(client, photo())).json()
        proxy.cut()  # connections that were kept are dead now
        assert (await fetch(client, answer["url"])).status_code == 200
        proxy.stall()
        assert_problem(await fetch(client, answer["url"]), 503, "upload.storage_away")
        proxy.resume()
        await proxy.refuse()
        assert_problem(await send(client, photo()), 503, "upload.storage_away")
        await proxy.accept()
        assert (await fetch(client, answer["url"])).status_code == 200


async def test_file_that_breaks_off_is_no_whole_file(
    door: Door, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The answer has begun: all that can be done is not to end it."""
    document = PDF + bytes(3 * s3.BLOCK)
    async with door() as (_, client):
        answer = (await send(client, document, "a.pdf", "application/pdf")).json()
        real = s3.S3FileSystem.cat_file

        def later_away(
            self: s3.S3FileSystem, path: str, start: int | None = None, end: int | None = None
        ) -> bytes:
            if start:
                raise ConnectionError("it does not answer as it should")
            return real(self, path, start, end)

        monkeypatch.setattr(s3.S3FileSystem, "cat_file", later_away)
        with pytest.raises(ConnectionError):
            await fetch(client, answer["url"])


async def test_what_lies_there_and_is_not_ours_is_no_crash(door: Door) -> None:
    async with door() as (app, client):
        store = store_of(app)
        answer = (await send(client, photo())).json()
        store._fs.pipe_file(f"{store._path(answer['id'])}.json", b"<html>log in</html>")
        assert_problem(await fetch(client, answer["url"]), 503, "upload.storage_away")


# -- ready ----------------------------------------------------------------------------------------


async def test_ready_only_once_the_bucket_was_reached(door: Door, bucket: S3) -> None:
    async with TcpProxy(bucket.endpoint) as proxy:
        await proxy.refuse()
        async with door(storage_endpoint=proxy.url) as (app, client):
            app.state.gate.hub.on_attached()
            reaching = asyncio.create_task(app.state.gate.storage.run())
            ready = await client.get("http://gateway/readyz")
            assert (ready.status_code, ready.json()["storage"]) == (503, False)
            await proxy.accept()
            await until(lambda: app.state.gate.storage.reached)
            await reaching
            assert (await client.get("http://gateway/readyz")).status_code == 200
            await proxy.refuse()  # later it concerns uploads alone
            assert (await send(client, photo())).status_code == 503
            assert (await client.get("http://gateway/readyz")).status_code == 200


def test_words_of_a_file_are_what_they_were_in_a_folder(
    bucket: S3, make_settings: Callable[..., Settings], tmp_path: Path
) -> None:
    """Moving is copying: key by key the bucket holds what the folder does."""
    folder = BlobStore(make_settings())
    moved = BlobStore(make_settings(**bucket.settings("moved")))
    meta = folder.put(b"data", content_type="image/png", owner=PERSON, thumbnail=b"small")
    for file in (tmp_path / "uploads").rglob("*"):
        if file.is_file():
            key = file.relative_to(tmp_path / "uploads").as_posix()
            moved._fs.pipe_file(f"{moved._root}/{key}", file.read_bytes())

    assert moved.meta(meta.id) == meta
    with moved.open(meta.id, thumbnail=True) as small:
        assert small.read() == b"small"
    assert json.loads(moved._fs.cat_file(f"{moved._path(meta.id)}.json"))["owner"] == PERSON
