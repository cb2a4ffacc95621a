"""The short way of a kept answer: nobody can tell it from the usual one."""

from collections.abc import AsyncIterator, Callable, Mapping
from typing import Any

import httpx
import pytest
from fastapi import FastAPI
from structlog.testing import capture_logs

from gateway import express
from services.contracts.actor import Role
from services.kit.aio_rpc import Reply
from services.kit.verdicts import Shared
from tests.gateway.asking import CID, POSTS, assert_problem
from tests.gateway.fakes import PERSON, FakeRpc, FakeVerifier

ORIGIN = "https://pages.example"
OF_ONE_REQUEST = {"x-request-id", "ratelimit", "ms", "request_id", "trace"}
Clients = Callable[..., httpx.AsyncClient]


@pytest.fixture
def rpc() -> FakeRpc:
    shared = Shared(CID, "member", ("p1",))
    return FakeRpc(
        {
            "list_posts": Reply(b'{"items":[{"id":"p1"}]}', xmin=9, shared=shared),
            "get_feed_pass": Reply(b'{"reader":"member","own":[],"since":""}', xmin=9),
        }
    )


@pytest.fixture
def app(make_app: Callable[..., FastAPI]) -> FastAPI:
    app = make_app(rate_limits="on", cors_origins=ORIGIN)
    app.state.gate.cache.on_attached()
    return app


@pytest.fixture
async def resident(
    app: FastAPI, verifier: FakeVerifier, client_for: Clients
) -> AsyncIterator[httpx.AsyncClient]:
    """Somebody for whom the page is kept, and who has her pass."""
    async with client_for(app, verifier.token(Role.RESIDENT)) as client:
        client.headers["Origin"] = ORIGIN
        for _ in range(2):
            await client.get(POSTS)
        yield client


def told(answer: httpx.Response) -> tuple[int, dict[str, str], bytes]:
    return answer.status_code, common(answer.headers), answer.content


def common(said: Mapping[str, Any]) -> dict[str, Any]:
    """Without what is another in each request."""
    return {key: value for key, value in said.items() if key not in OF_ONE_REQUEST}


def read(app: FastAPI, how: str) -> float:
    return app.state.gate.metrics.cache_reads.labels(how)._value.get()  # type: ignore[no-any-return]


async def both(
    app: FastAPI, client: httpx.AsyncClient, method: str = "GET", **headers: str
) -> tuple[httpx.Response, httpx.Response, list[dict[str, Any]]]:
    """The answer by the short way, then by the usual one, and what the log says of both."""
    with capture_logs() as lines:
        short = await client.request(method, POSTS, headers=headers)
        app.state.gate.shortcuts = express.Shortcuts()
        usual = await client.request(method, POSTS, headers=headers)
    return short, usual, [common(line) for line in lines]


@pytest.mark.parametrize("method", ["GET", "HEAD"])
@pytest.mark.parametrize("has", ["", "*", '"other"'])
async def test_both_ways_say_the_same_and_are_noted_alike(
    app: FastAPI, resident: httpx.AsyncClient, rpc: FakeRpc, method: str, has: str
) -> None:
    asked, hits = len(rpc.calls), read(app, "hit")
    headers = {"If-None-Match": has} if has else {}
    short, usual, lines = await both(app, resident, method, **headers)
    assert told(short) == told(usual)
    assert short.status_code == (304 if has == "*" else 200)
    assert bool(short.content) is (method == "GET" and has != "*")
    assert short.headers["access-control-allow-origin"] == ORIGIN
    assert lines[0] == lines[1]
    assert lines[0]["operation"] == "listPosts" and lines[0]["status"] == short.status_code
    assert len(rpc.calls) == asked and read(app, "hit") == hits + 2


async def test_one_too_many_is_refused_alike_and_is_no_hit(
    app: FastAPI, resident: httpx.AsyncClient
) -> None:
    counts = app.state.gate.limiter._own._counts
    for key, (_, ends) in counts.items():
        counts[key] = 100_000, ends
    hits = read(app, "hit")
    short, usual, lines = await both(app, resident)
    assert_problem(short, 429, "request.rate_limited")
    assert told(short)[:2] == told(usual)[:2]
    assert short.headers["access-control-allow-origin"] == ORIGIN
    assert lines[0] == lines[1]
    assert read(app, "hit") == hits


async def test_every_right_is_looked_at_each_time(
    app: FastAPI, resident: httpx.AsyncClient, rpc: FakeRpc, verifier: FakeVerifier
) -> None:
    asked = len(rpc.calls)
    for name in ("", "Basic x", "Bearer nobody", "bearer"):
        answer = await resident.get(POSTS, headers={"Authorization": name})
        assert_problem(answer, 401, "auth.token_required")
    first, second = verifier.token(Role.RESIDENT), verifier.token(Role.RESIDENT, person="other")
    counts = app.state.gate.limiter._own._counts
    counts.clear()
    twice = resident.build_request("GET", POSTS, headers={"Authorization": f"Bearer {first}"})
    also = ("Authorization", f"Bearer {second}")
    twice.headers = httpx.Headers([*twice.headers.multi_items(), also])
    assert (await resident.send(twice)).status_code == 200
    assert f"lists-person-60s:{PERSON}" in counts  # the first counts, by either way
    assert len(rpc.calls) == asked
    for office in (Role.OBSERVER, Role.SECRETARY):
        token = verifier.token(office, person="in office")
        for _ in range(2):
            await resident.get(POSTS, headers={"Authorization": f"Bearer {token}"})
    assert len(rpc.calls) == asked + 4  # whose looks are counted, and who may see more
    verifier.forget_person(PERSON)
    answer = await resident.get(POSTS, headers={"Authorization": f"Bearer {first}"})
    assert_problem(answer, 401, "auth.token_expired")


async def test_what_requests_meant_is_remembered_within_bounds(
    app: FastAPI, resident: httpx.AsyncClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(express, "MOST", 5)
    known = app.state.gate.shortcuts._known
    for number in range(8):
        assert (await resident.get(f"{POSTS}?x={number}")).status_code == 200
    assert len(known) == 5
    before = set(known)
    assert (await resident.get(f"{POSTS}?x={'a' * 8_000}")).status_code == 200
    assert set(known) == before
