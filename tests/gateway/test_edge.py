"""The edge: what is logged of a request, and what is not."""

import json
from collections.abc import Callable

import httpx
from fastapi import FastAPI
from structlog.testing import capture_logs

from gateway.context import begin
from services.contracts.actor import Role
from tests.gateway.asking import CID, POST, POSTS
from tests.gateway.fakes import PERSON, FakeRpc, FakeVerifier


async def test_access_log_says_what_not_who(
    app: FastAPI, verifier: FakeVerifier, client_for: Callable[..., httpx.AsyncClient]
) -> None:
    token = verifier.token(Role.RESIDENT)
    with capture_logs() as lines:
        async with client_for(app, token, "203.0.113.9") as client:
            await client.post(POSTS, json=POST)
            await client.get(f"{POSTS}?q=小王的电话13800000004")
            await client.get("/nowhere/13800000004")
            await client.request("BREW13800000004", "http://gateway/healthz")

    text = json.dumps(lines, ensure_ascii=False, default=str)
    for secret in (token, PERSON, "203.0.113.9", "13800000004", "小王", POST["title"], CID):
        assert secret not in text
    assert [(line["route"], line["operation"], line["status"]) for line in lines] == [
        ("/api/v1/communities/{cid}/posts", "createPost", 201),
        ("/api/v1/communities/{cid}/posts", "listPosts", 200),
        ("unmatched", "none", 404),
        ("/healthz", "healthz", 405),
    ]
    assert lines[-1]["method"] == "OTHER"
    assert all(line["ms"] >= 0 and line["bytes"] > 0 for line in lines)


async def test_crash_is_logged_under_the_request_id(
    app: FastAPI,
    rpc: FakeRpc,
    verifier: FakeVerifier,
    client_for: Callable[..., httpx.AsyncClient],
) -> None:
    rpc.answers["list_posts"] = ZeroDivisionError()
    with capture_logs() as lines:
        async with client_for(app, verifier.token(Role.RESIDENT)) as client:
            await client.get(POSTS)

    assert [line["event"] for line in lines] == ["request crashed", "request"]
    assert lines[1]["status"] == 500


def test_request_without_headers_or_client_has_a_context() -> None:
    context = begin({"type": "http", "method": "GET", "headers": [], "client": None})

    assert context.language == "zh-CN"
    assert context.network == ""
    assert not context.loopback
