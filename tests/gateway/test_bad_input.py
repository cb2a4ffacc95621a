"""Whatever is sent, the answer is a problem with a 4xx, and nothing reaches a service."""

import asyncio
import json
from collections.abc import AsyncIterator, Callable
from typing import Any

import httpx
import pytest
from fastapi import FastAPI
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from gateway.app import create_app
from gateway.settings import Settings
from gateway.shapes import Shape
from services.contracts.actor import Role
from services.contracts.errors import ShequError
from services.contracts.operations import BY_ID, HTTP
from services.kit.aio_rpc import Reply
from tests.gateway.asking import POST, POSTS, assert_problem
from tests.gateway.fakes import FakeRpc, FakeVerifier

JSON = {"Content-Type": "application/json"}


@pytest.mark.parametrize(
    ("body", "status"),
    [
        (b"", 422),
        (b"{", 400),
        (b"{}}", 400),
        (b"\xff\xfe{\x00}\x00", 400),
        (b"\xef\xbb\xbf{}", 400),
        (b'{"title": "\xff"}', 400),
        (b'{"title": "\\ud800"}', 400),
        (b'{"title": NaN}', 400),
        (b'{"title": Infinity}', 400),
        (b'{"title": 1e999}', 422),
        (b'{"n": ' + b"9" * 5000 + b"}", 400),
        (b'{"n": ' + b"9" * 400 + b"}", 422),
        (b"[" * 100_000 + b"]" * 100_000, 400),
        (b'{"a":' * 40 + b"1" + b"}" * 40, 422),
        (b"[]", 422),
        (b'"text"', 422),
        (b"null", 422),
        (b"true", 422),
        (b'{"a\\u0000b": 1}', 422),
        (json.dumps({**POST, "body": "a\x00b"}).encode(), 422),
        (json.dumps({**POST, "extra": {"k": "a\x00b"}}).encode(), 422),
        (json.dumps({**POST, "extra": {"k": [2**70]}}).encode(), 422),
        (json.dumps({**POST, "title": "长" * 10_000}).encode(), 422),
        (json.dumps({**POST, "title": 5}).encode(), 422),
        (json.dumps({**POST, "title": None}).encode(), 422),
        (json.dumps({**POST, "hide_name": "yes"}).encode(), 422),
        (json.dumps({**POST, "attachments": ["../../etc/passwd"]}).encode(), 422),
        (json.dumps({**POST, "attachments": "x"}).encode(), 422),
        (json.dumps({**POST, "expires_at": "yesterday"}).encode(), 422),
        (json.dumps({**POST, "expires_at": "2026-01-01T00:00:00"}).encode(), 422),
        (json.dumps({**POST, "expires_at": "0001-01-01T00:00:00+14:00"}).encode(), 422),
        (json.dumps({**POST, "expires_at": "9999-12-31T23:59:59-12:00"}).encode(), 422),
        (json.dumps({**POST, "expires_at": 1e300}).encode(), 422),
    ],
)
async def test_bad_bodies(
    body: bytes, status: int, resident: httpx.AsyncClient, rpc: FakeRpc
) -> None:
    response = await resident.post(POSTS, content=body, headers=JSON)

    assert response.status_code == status, response.text
    problem = assert_problem(response, status, response.json()["code"])
    assert status == 400 or problem["errors"]
    assert rpc.calls == []


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"Content-Type": "text/plain"},
        {"Content-Type": "application/x-www-form-urlencoded"},
        {"Content-Type": "application/json; charset=utf-16"},
        {"Content-Type": "application/jsonp"},
        {"Content-Type": "application/json", "Content-Encoding": "gzip"},
    ],
)
async def test_bodies_that_are_not_said_to_be_json(
    headers: dict[str, str], resident: httpx.AsyncClient
) -> None:
    response = await resident.post(POSTS, content=json.dumps(POST).encode(), headers=headers)

    assert_problem(response, 415, "request.unsupported_media")


@pytest.mark.parametrize(
    "kind",
    ["application/json", "Application/JSON; charset=UTF-8", "application/merge-patch+json"],
)
async def test_bodies_that_are(kind: str, resident: httpx.AsyncClient) -> None:
    response = await resident.post(
        POSTS, content=json.dumps(POST).encode(), headers={"Content-Type": kind}
    )

    assert response.status_code == 201


async def test_whole_floats_are_integers(resident: httpx.AsyncClient, rpc: FakeRpc) -> None:
    response = await resident.post("/issues/i1/rating", json={"score": 5.0, "solved": True})

    assert response.status_code == 200
    assert rpc.calls[0].kwargs == {"id": "i1", "score": 5, "solved": True}


@pytest.mark.parametrize(
    ("query", "status", "code"),
    [
        ("limit=0", 422, "request.invalid"),
        ("limit=101", 422, "request.invalid"),
        ("limit=ten", 422, "request.invalid"),
        ("limit=" + "9" * 5000, 422, "request.invalid"),
        ("q=a%00b", 422, "request.invalid"),
        ("q=" + "x" * 101, 422, "request.invalid"),
        ("cursor=%00", 422, "request.invalid"),
        ("cursor=../etc", 400, "request.bad_cursor"),
        ("cursor=" + "A" * 1_001, 422, "request.invalid"),
        ("module=DROP%20TABLE", 422, "request.invalid"),
    ],
)
async def test_bad_queries(
    query: str, status: int, code: str, resident: httpx.AsyncClient, rpc: FakeRpc
) -> None:
    assert_problem(await resident.get(f"{POSTS}?{query}"), status, code)
    assert rpc.calls == []


async def test_empty_and_unknown_query_parameters_are_none(
    resident: httpx.AsyncClient, rpc: FakeRpc
) -> None:
    response = await resident.get(f"{POSTS}?q=&module=&utm=1&limit=3&limit=7")

    assert response.status_code == 200
    assert {k: v for k, v in rpc.calls[0].kwargs.items() if k != "cid"} == {"limit": 7}


@pytest.mark.parametrize(
    "path",
    [
        "/posts/%00",
        "/posts/a%2Fb",
        "/posts/" + "x" * 65,
        "/posts/%F0%28%8C%28",
        "/posts/中文",
        "/posts/a b",
        "/posts/a;drop",
        "/posts/..%5c..",
    ],
)
async def test_paths_that_name_nothing(
    path: str, resident: httpx.AsyncClient, rpc: FakeRpc
) -> None:
    assert_problem(await resident.get(path), 404, "request.not_found")
    assert rpc.calls == []


async def test_numbers_in_a_path_are_numbers(resident: httpx.AsyncClient, rpc: FakeRpc) -> None:
    rpc.answers["get_proposal_version"] = Reply(b"{}")
    versions = "/topics/t/proposal/versions"
    assert (await resident.get(f"{versions}/2")).status_code == 200
    assert rpc.calls[-1].kwargs == {"id": "t", "version": 2}
    for nothing in ("x", "-1", "02", "2.0", "1e3", "9" * 19, "9" * 5_000, "２"):
        assert_problem(await resident.get(f"{versions}/{nothing}"), 404, "request.not_found")
    assert len(rpc.calls) == 1


async def test_numbers_in_a_path_go_with_a_body(
    app: FastAPI, verifier: FakeVerifier, client_for: Callable[..., httpx.AsyncClient], rpc: FakeRpc
) -> None:
    rpc.answers["show_breach_note"] = rpc.answers["put_calendar_year"] = Reply(b"{}")
    async with client_for(app, verifier.token(Role.COMMITTEE_STAFF)) as desk:
        assert (await desk.post("/breaches/b/notes/3/show")).status_code == 200
    assert rpc.calls[-1].kwargs == {"id": "b", "note": 3}
    async with client_for(app, verifier.token(Role.DISTRICT_ADMIN)) as admin:
        year = await admin.put(
            "/districts/d/calendar/2027", json={"days": [], "source": "国办通知"}
        )
    assert year.status_code == 200, year.text
    assert rpc.calls[-1].kwargs["year"] == 2027


async def test_large_bodies_are_refused_whether_they_say_so_or_not(
    resident: httpx.AsyncClient, rpc: FakeRpc
) -> None:
    async def dribble() -> AsyncIterator[bytes]:
        for _ in range(20):
            yield b" " * 64_000

    told = await resident.post(POSTS, content=b" " * 1_000_001, headers=JSON)
    untold = await resident.post(POSTS, content=dribble(), headers=JSON)

    assert_problem(told, 413, "request.too_large")
    assert_problem(untold, 413, "request.too_large")
    assert rpc.calls == []


async def test_slow_bodies_are_given_up(
    make_app: Callable[..., FastAPI],
    verifier: FakeVerifier,
    client_for: Callable[..., httpx.AsyncClient],
) -> None:
    async def stuck() -> AsyncIterator[bytes]:
        yield b"{"
        await asyncio.Event().wait()

    async with client_for(make_app(body_seconds=0.05), verifier.token(Role.RESIDENT)) as client:
        response = await client.post(POSTS, content=stuck(), headers=JSON)

    assert_problem(response, 408, "request.body_timeout")


async def test_account_is_deleted_with_a_code_in_the_body(
    resident: httpx.AsyncClient,
) -> None:
    """The one DELETE with a body: codes don't belong into addresses."""
    assert_problem(await resident.delete("/me?code=246810"), 422, "request.invalid")
    response = await resident.request("DELETE", "/me", json={"code": "246810"})
    assert response.status_code in (200, 501)


# -- anything at all ------------------------------------------------------------------------------

leaves = (
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text()
    | st.sampled_from(["", "x" * 25_000, "\x00", "2026-01-01T00:00:00Z", "for", "S1", "-1", "0"])
)
values = st.recursive(
    leaves,
    lambda inner: (
        st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=4)
    ),
    max_leaves=12,
)
WRITES = [row for row in HTTP if row.write and not row.multipart]


@settings(max_examples=300, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(data=st.data())
def test_shapes_take_or_refuse_anything(data: Any) -> None:
    """What is let through is JSON that a service can read again under the same command."""
    operation = data.draw(st.sampled_from(WRITES))
    shape = Shape(operation)
    names = st.sampled_from(sorted(shape.body) or ["x"])
    sent = data.draw(st.dictionaries(names, values, max_size=8))
    ids = {entry.name: data.draw(st.text(max_size=70)) for entry in shape.path.values()}
    try:
        kept = shape.check({**sent, **ids})
    except ShequError as error:
        assert error.status in (404, 422)
    else:
        again = json.loads(json.dumps(kept, allow_nan=False))
        assert shape.check(again) == kept


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(
    operation=st.sampled_from(WRITES),
    body=st.binary(max_size=200) | values.map(lambda v: json.dumps(v).encode("utf-8", "replace")),
    kind=st.sampled_from(["application/json", "text/plain", ""]) | st.text('abc/;="+ ', max_size=9),
    key=st.binary(max_size=8).filter(lambda b: b"\n" not in b and b"\r" not in b),
)
def test_no_request_makes_a_500(operation: Any, body: bytes, kind: str, key: bytes) -> None:
    async def send() -> httpx.Response:
        rpc, verifier = FakeRpc(), FakeVerifier()
        token = verifier.token(*(set(Role) - {Role.OBSERVER}))
        app = create_app(
            Settings(env="test", storage_url="memory://uploads"), rpc=rpc, verifier=verifier
        )
        transport = httpx.ASGITransport(app=app)
        async with httpx.AsyncClient(transport=transport, base_url="http://gateway") as client:
            return await client.request(
                operation.method,
                f"/api/v1{operation.path}".replace("{", "").replace("}", ""),
                content=body,
                headers={
                    "Authorization": f"Bearer {token}",
                    "Content-Type": kind,
                    "Idempotency-Key": key,  # type: ignore[dict-item]
                },
            )

    response = asyncio.run(send())
    assert response.status_code < 500 or response.status_code == 501, response.text
    if response.status_code >= 400:
        assert response.headers["content-type"] == "application/problem+json"


def test_every_command_names_its_path_parameters() -> None:
    for operation in HTTP:
        shape = Shape(operation)
        assert len(shape.path) == operation.path.count("{"), operation.id
    assert BY_ID["getMe"].path == "/me"
