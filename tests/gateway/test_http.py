"""HTTP itself: unknown paths, wrong methods, HEAD, ids, headers, other origins."""

import asyncio
import re
import threading
from collections.abc import Callable
from typing import Any

import httpx
import pytest
from fastapi import FastAPI

from gateway import openapi
from services.kit.aio_rpc import Reply
from tests.gateway.asking import POSTS, assert_problem
from tests.gateway.fakes import FakeRpc


@pytest.mark.parametrize(
    "path", ["/nowhere", "/posts/", "/posts/a/b/c", "/", "//posts/p1", "/posts/%2e%2e/x"]
)
async def test_unknown_paths(path: str, resident: httpx.AsyncClient) -> None:
    response = await resident.get(f"http://gateway/api/v1{path}")

    assert_problem(response, 404, "request.not_found")


async def test_wrong_method_names_all_that_are_right(resident: httpx.AsyncClient) -> None:
    response = await resident.put(POSTS)

    assert_problem(response, 405, "request.method_not_allowed")
    assert response.headers["allow"] == "GET, HEAD, POST"


async def test_head_is_get_without_the_body(resident: httpx.AsyncClient, rpc: FakeRpc) -> None:
    rpc.answers["list_posts"] = Reply(b'{"items":[]}')

    there = await resident.head(POSTS)
    missing = await resident.head("/nowhere")

    assert (there.status_code, there.content) == (200, b"")
    assert there.headers["content-length"] == "12"
    assert (missing.status_code, missing.content) == (404, b"")
    assert missing.headers["content-type"] == "application/problem+json"


async def test_ids_travel_in_and_out(resident: httpx.AsyncClient, rpc: FakeRpc) -> None:
    trace = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"

    kept = await resident.get(POSTS, headers={"X-Request-Id": "client-1234", "traceparent": trace})
    made = await resident.get(
        POSTS, headers={"X-Request-Id": "bad id\x7f", "traceparent": "00-zz-zz-01"}
    )

    assert kept.headers["x-request-id"] == "client-1234"
    assert rpc.calls[0].options["traceparent"].split("-")[1] == trace.split("-")[1]
    assert rpc.calls[0].options["traceparent"] != trace
    assert re.fullmatch(r"[0-9a-f-]{36}", made.headers["x-request-id"])


async def test_security_headers_stand_on_everything(
    resident: httpx.AsyncClient,
) -> None:
    for path in ("/me", "/nowhere", "http://gateway/healthz"):
        headers = (await resident.get(path)).headers
        assert headers["x-content-type-options"] == "nosniff"
        assert headers["content-security-policy"] == "default-src 'none'; frame-ancestors 'none'"
        assert headers["cache-control"] == "no-store"
        assert "strict-transport-security" not in headers


async def test_https_is_remembered(
    make_app: Callable[..., FastAPI], client_for: Callable[..., httpx.AsyncClient]
) -> None:
    async with client_for(make_app(public_url="https://shequ.example")) as client:
        headers = (await client.get("http://gateway/healthz")).headers

    assert headers["strict-transport-security"].startswith("max-age=")


async def test_other_origins_are_strangers_unless_named(
    app: FastAPI,
    make_app: Callable[..., FastAPI],
    client_for: Callable[..., httpx.AsyncClient],
) -> None:
    ask = {"Origin": "https://app.example", "Access-Control-Request-Method": "POST"}
    async with client_for(app) as client:
        assert "access-control-allow-origin" not in (await client.get("/me", headers=ask)).headers
        assert (await client.options(POSTS, headers=ask)).status_code == 405
    async with client_for(make_app(cors_origins="https://app.example")) as client:
        answer = await client.options(POSTS, headers=ask)
        assert answer.status_code == 200
        assert answer.headers["access-control-allow-origin"] == "https://app.example"


async def test_while_the_document_is_made_others_are_answered_and_it_is_made_once(
    nobody: httpx.AsyncClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    begun, go_on, made = threading.Event(), threading.Event(), []

    def slow(app: FastAPI) -> dict[str, Any]:
        begun.set()
        assert go_on.wait(20)
        made.append(app)
        return {"openapi": "3.1.0"}

    monkeypatch.setattr(openapi, "build", slow)
    asking = [asyncio.create_task(nobody.get("/openapi.json")) for _ in range(3)]
    assert await asyncio.to_thread(begun.wait, 10)
    asking[0].cancel()
    assert (await nobody.get("http://gateway/healthz")).status_code == 200
    go_on.set()
    answers = await asyncio.gather(*asking[1:])
    later = await nobody.get("/openapi.json")

    assert [answer.json() for answer in (*answers, later)] == [{"openapi": "3.1.0"}] * 3
    assert len(made) == 1
