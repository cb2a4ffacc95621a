"""The photos of the grid platform, which comes with a key of its own."""

from collections.abc import Callable
from pathlib import Path

import httpx
import pytest
from fastapi import FastAPI

from tests.gateway.asking import assert_problem
from tests.gateway.files import OGG, PDF, photo

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
