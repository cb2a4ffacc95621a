"""The way every operation takes: checks in their order, answers untouched, errors as problems."""

import hashlib
import json
import re
from collections.abc import Callable
from dataclasses import replace

import httpx
import pytest
from fastapi import FastAPI

from gateway.operations import PREFIX, OperationRoute
from services.contracts.actor import Role
from services.contracts.errors import (
    Conflict,
    FieldError,
    NotFound,
    RuleBroken,
    TimedOut,
    Unavailable,
)
from services.contracts.operations import BY_ID, HTTP
from services.kit.aio_rpc import Reply
from tests.gateway.asking import CID, POST, POSTS, assert_problem
from tests.gateway.fakes import FakeRpc, FakeVerifier


def test_every_operation_of_the_table_has_its_route(app: FastAPI) -> None:
    routes = {
        (route.operation.method, route.path): route.operation.id
        for route in app.routes
        if isinstance(route, OperationRoute)
    }

    assert routes == {(row.method, PREFIX + row.path): row.id for row in HTTP}


async def test_answer_passes_through_untouched(resident: httpx.AsyncClient, rpc: FakeRpc) -> None:
    text = '{"items" :[ ], "next_cursor":null,"多":1}'.encode()
    rpc.answers["list_posts"] = Reply(text, xmin=7)

    response = await resident.get(POSTS, params={"module": "nearby", "limit": "5"})

    assert response.status_code == 200
    assert response.content == text
    assert response.headers["content-type"] == "application/json"
    asked = rpc.calls[0]
    assert (asked.service, asked.method) == ("feed", "list_posts")
    assert asked.kwargs == {"cid": CID, "module": "nearby", "limit": 5}
    assert asked.options["timeout"] == BY_ID["listPosts"].timeout


async def test_write_says_what_was_seen_and_carries_who_asks(
    resident: httpx.AsyncClient, rpc: FakeRpc, verifier: FakeVerifier
) -> None:
    rpc.answers["create_post"] = Reply(b'{"id":"p"}', xid=4711)

    response = await resident.post(
        POSTS, json={**POST, "unknown": 1, "cid": "another"}, headers={"Accept-Language": "en"}
    )

    assert response.status_code == 201
    assert response.headers["shequ-seen"] == "feed=4711"
    asked = rpc.calls[0]
    assert asked.kwargs == {**POST, "cid": CID}
    assert asked.options["token"] in verifier.actors
    assert asked.options["language"] == "en"
    assert asked.options["request_id"] == response.headers["x-request-id"]
    assert re.fullmatch(r"00-[0-9a-f]{32}-[0-9a-f]{16}-01", asked.options["traceparent"])


async def test_done_and_nothing_to_say_is_an_empty_object(
    resident: httpx.AsyncClient, rpc: FakeRpc
) -> None:
    rpc.answers["delete_post"] = Reply(b"null", xid=1)

    response = await resident.delete("/posts/p1")

    assert (response.status_code, response.content) == (200, b"{}")


# -- the order of checks --------------------------------------------------------------------------


async def test_order_of_checks(
    app: FastAPI,
    rpc: FakeRpc,
    verifier: FakeVerifier,
    client_for: Callable[..., httpx.AsyncClient],
) -> None:
    """One broken thing after the other is mended; the next in order is told."""
    bad_path, good_path = "/issues/!!/triage", "/issues/i1/triage"
    rpc.answers["triage_issue"] = NotFound()

    async with client_for(app) as client:
        answer = await client.post(bad_path, content=b"{")
        assert_problem(answer, 401, "auth.token_required")

        client.headers["Authorization"] = f"Bearer {verifier.token(Role.RESIDENT)}"
        assert_problem(await client.post(bad_path, content=b"{"), 403, "auth.forbidden")

        client.headers["Authorization"] = f"Bearer {verifier.token(Role.COMMITTEE_STAFF)}"
        answer = await client.post(bad_path, content=b"{")
        assert_problem(answer, 415, "request.unsupported_media")

        client.headers["Content-Type"] = "application/json"
        answer = await client.post(bad_path, content=b"{")
        assert_problem(answer, 400, "request.malformed")

        problem = assert_problem(
            await client.post(bad_path, content=b'{"category":"no"}'), 422, "request.invalid"
        )
        assert [entry["field"] for entry in problem["errors"]] == ["category"]

        body = b'{"category":"consult"}'
        assert_problem(await client.post(bad_path, content=body), 404, "request.not_found")
        assert rpc.calls == []

        assert_problem(await client.post(good_path, content=body), 404, "request.not_found")
        rpc.answers["triage_issue"] = RuleBroken("no", errors=[FieldError("slot", "wanted")])
        problem = assert_problem(
            await client.post(good_path, content=body), 422, "request.rule_broken"
        )
        assert problem["errors"] == [{"field": "slot", "message": "wanted"}]


async def test_what_is_not_built_is_told_last(
    app: FastAPI,
    rpc: FakeRpc,
    verifier: FakeVerifier,
    client_for: Callable[..., httpx.AsyncClient],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    route = next(one for one in app.routes if getattr(one, "name", "") == "discussTopic")
    assert isinstance(route, OperationRoute)
    monkeypatch.setattr(route, "operation", replace(route.operation, built=False))
    path = "/topics/t1/opinions"
    async with client_for(app) as client:
        assert_problem(await client.post(path), 401, "auth.token_required")
        client.headers["Authorization"] = f"Bearer {verifier.token(Role.OBSERVER)}"
        assert_problem(await client.post(path), 403, "auth.observer_read_only")
        client.headers["Authorization"] = f"Bearer {verifier.token(Role.RESIDENT)}"
        assert_problem(await client.post(path), 422, "request.invalid")
        body = {"stance": "for", "body": "好"}
        assert_problem(await client.post("/topics/$/opinions", json=body), 404, "request.not_found")
        assert_problem(await client.post(path, json=body), 501, "server.not_built")
    assert rpc.calls == []


# -- tokens ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("header", "code"),
    [
        ("", "auth.token_required"),
        ("Basic dXNlcjpwdw==", "auth.token_required"),
        ("Bearer", "auth.token_required"),
        ("Bearer ", "auth.token_required"),
        ("Bearer forged", "auth.token_required"),
        ("Bearer \xff\xfe", "auth.token_required"),
    ],
)
async def test_bad_credentials(header: str, code: str, nobody: httpx.AsyncClient) -> None:
    response = await nobody.get("/me", headers={"Authorization": header.encode("latin-1")})

    assert_problem(response, 401, code)
    assert response.headers["www-authenticate"].startswith("Bearer")


async def test_expired_token_is_told_apart(
    nobody: httpx.AsyncClient, verifier: FakeVerifier
) -> None:
    token = verifier.token(Role.RESIDENT, seconds=-1)

    response = await nobody.get("/me", headers={"Authorization": f"Bearer {token}"})

    assert_problem(response, 401, "auth.token_expired")


async def test_where_no_login_is_needed_a_bad_token_is_none(
    nobody: httpx.AsyncClient, rpc: FakeRpc
) -> None:
    """Whoever must refresh the token still sends the old one."""
    response = await nobody.post(
        "/auth/tokens/refresh",
        json={"refresh_token": "r"},
        headers={"Authorization": "Bearer stale"},
    )

    assert response.status_code == 200
    assert rpc.calls[0].options["token"] == ""


# -- Idempotency-Key ------------------------------------------------------------------------------


async def test_key_and_hash_of_the_body_travel_together(
    resident: httpx.AsyncClient, rpc: FakeRpc
) -> None:
    async def post(body: bytes, path: str = POSTS) -> tuple[str, str]:
        headers = {"Idempotency-Key": "k-1", "Content-Type": "application/json"}
        assert (await resident.post(path, content=body, headers=headers)).status_code == 201
        options = rpc.calls[-1].options
        return options["idempotency_key"], options["body_hash"]

    first = await post(b'{"module":"nearby","title":"a","body":"b"}')
    respelt = await post(b'{ "body":"b", "title":" a ", "module":"nearby" }')
    other = await post(b'{"module":"nearby","title":"a","body":"c"}')
    elsewhere = await post(
        b'{"module":"nearby","title":"a","body":"b"}', POSTS.replace(CID, "another")
    )

    canonical = json.dumps(
        {"body": "b", "cid": CID, "module": "nearby", "title": "a"}, separators=(",", ":")
    )
    assert first == ("k-1", hashlib.sha256(f"createPost\n{canonical}".encode()).hexdigest())
    assert respelt == first
    assert len({first, other, elsewhere}) == 3


async def test_without_a_key_nothing_is_kept(resident: httpx.AsyncClient, rpc: FakeRpc) -> None:
    await resident.post(POSTS, json=POST)

    assert rpc.calls[0].options["idempotency_key"] == ""
    assert rpc.calls[0].options["body_hash"] == ""


async def test_answers_to_nobody_are_never_kept_under_a_key(
    nobody: httpx.AsyncClient, rpc: FakeRpc
) -> None:
    await nobody.post(
        "/auth/tokens",
        json={"phone": "13800000001", "code": "246810"},
        headers={"Idempotency-Key": "k-1"},
    )

    assert rpc.calls[0].options["idempotency_key"] == ""


@pytest.mark.parametrize("key", [" ", "k" * 201, "a b", "schlüssel"])
async def test_key_that_is_none(key: str, resident: httpx.AsyncClient, rpc: FakeRpc) -> None:
    response = await resident.post(
        POSTS, json=POST, headers={"Idempotency-Key": key.encode("latin-1")}
    )

    assert_problem(response, 400, "request.malformed")
    assert rpc.calls == []


async def test_replayed_answer_says_so(resident: httpx.AsyncClient, rpc: FakeRpc) -> None:
    rpc.answers["create_post"] = Reply(b"{}", xid=1, replayed=True)

    response = await resident.post(POSTS, json=POST, headers={"Idempotency-Key": "k"})

    assert response.headers["idempotency-replayed"] == "true"


# -- errors of services ---------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("error", "status", "retry"),
    [
        (Conflict("gone by"), 409, None),
        (Unavailable(), 503, "2"),
        (TimedOut(retry_after=7), 503, "7"),
    ],
)
async def test_errors_of_services_keep_their_status(
    error: Exception,
    status: int,
    retry: str | None,
    resident: httpx.AsyncClient,
    rpc: FakeRpc,
) -> None:
    rpc.answers["list_posts"] = error

    response = await resident.get(POSTS)

    assert response.status_code == status
    assert response.headers.get("retry-after") == retry


@pytest.mark.parametrize(
    ("accept", "title", "language"),
    [
        ("", "没有找到", "zh-CN"),
        ("en", "Not found", "en"),
        ("en-GB,en;q=0.9", "Not found", "en"),
        ("zh-CN,en;q=0.8", "没有找到", "zh-CN"),
        ("en;q=0.5, zh;q=0.9", "没有找到", "zh-CN"),
        ("fr, de;q=0.3", "没有找到", "zh-CN"),
        ("en;q=0", "没有找到", "zh-CN"),
        (";;;q=,=,en;q=x", "没有找到", "zh-CN"),
    ],
)
async def test_texts_come_in_the_readers_language(
    accept: str, title: str, language: str, resident: httpx.AsyncClient, rpc: FakeRpc
) -> None:
    rpc.answers["get_post"] = NotFound()

    response = await resident.get("/posts/p1", headers={"Accept-Language": accept})

    assert response.json()["title"] == title
    assert response.headers["content-language"] == language


async def test_fields_are_explained_in_the_readers_language(
    resident: httpx.AsyncClient,
) -> None:
    body = {"module": "nearby", "title": "", "body": 5}
    chinese = (await resident.post(POSTS, json=body)).json()["errors"]
    english = (await resident.post(POSTS, json=body, headers={"Accept-Language": "en"})).json()

    assert {e["field"]: e["message"] for e in chinese} == {"title": "不能为空", "body": "应为文本"}
    assert {e["field"] for e in english["errors"]} == {"title", "body"}
    assert "at least 1" in english["errors"][0]["message"]


async def test_crash_of_ours_is_a_problem_without_details(
    app: FastAPI,
    rpc: FakeRpc,
    verifier: FakeVerifier,
    client_for: Callable[..., httpx.AsyncClient],
) -> None:
    rpc.answers["list_posts"] = ZeroDivisionError("secret detail")
    async with client_for(app, verifier.token(Role.RESIDENT)) as client:
        response = await client.get(POSTS)

    assert_problem(response, 500, "server.error")
    assert "secret" not in response.text


# -- operations with an answer of their own -------------------------------------------------------


async def test_me_is_put_together_with_the_number_of_news(
    resident: httpx.AsyncClient, rpc: FakeRpc
) -> None:
    rpc.answers["get_me"] = {"person": {"id": "p"}, "unread": None}
    rpc.answers["count_unread"] = {"unread": 3}
    assert (await resident.get("/me")).json() == {"person": {"id": "p"}, "unread": 3}

    rpc.answers["count_unread"] = TimedOut()
    assert (await resident.get("/me")).json() == {"person": {"id": "p"}, "unread": None}


async def test_demo_clock_moves_in_every_service(nobody: httpx.AsyncClient, rpc: FakeRpc) -> None:
    rpc.answers["advance_clock"] = {"offset_seconds": 86400.0}

    response = await nobody.post("/ops/clock", json={"advance_seconds": 86400.0})

    assert response.status_code == 200
    assert response.json()["offset_seconds"] == 86400
    assert {call.service for call in rpc.calls} == {
        "identity",
        "feed",
        "grid_bridge",
        "votes",
        "notify",
    }
    assert all(call.kwargs == {"advance_seconds": 86400} for call in rpc.calls)


async def test_clock_stands_outside_of_the_demo(
    make_app: Callable[..., FastAPI],
    rpc: FakeRpc,
    client_for: Callable[..., httpx.AsyncClient],
) -> None:
    async with client_for(make_app(demo=False)) as client:
        response = await client.post("/ops/clock", json={"advance_seconds": 1})

    assert_problem(response, 403, "ops.demo_only")
    assert rpc.calls == []


async def test_readiness_follows_the_broker(
    nobody: httpx.AsyncClient, app: FastAPI, rpc: FakeRpc
) -> None:
    url = "http://gateway/readyz"
    await app.state.gate.storage.run()
    assert (await nobody.get(url)).status_code == 503
    app.state.gate.hub.on_attached()
    assert (await nobody.get(url)).json() == {
        "ready": True,
        "broker": True,
        "events": True,
        "storage": True,
        "stopping": False,
    }
    rpc.attached = False
    assert (await nobody.get(url)).status_code == 503
    assert (await nobody.get("http://gateway/healthz")).status_code == 200


async def test_metrics_count_operations_not_paths(
    resident: httpx.AsyncClient, rpc: FakeRpc
) -> None:
    await resident.get(POSTS)
    await resident.get("/posts/never-in-a-label")

    text = (await resident.get("http://gateway/metrics")).text

    assert 'shequ_http_requests_total{method="GET",operation="listPosts",status="200"} 1.0' in text
    assert 'shequ_rpc_calls_total{outcome="ok",service="feed"} 2.0' in text
    assert "never-in-a-label" not in text
