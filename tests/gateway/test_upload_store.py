"""Where files are kept: whole or not at all, in a folder or elsewhere."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import httpx
import pytest
from fastapi import FastAPI

from services.contracts.actor import Role
from services.kit.blobs import BlobStore, StorageAway
from tests.gateway.fakes import PERSON, FakeVerifier
from tests.gateway.files import fetch, photo, send


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
