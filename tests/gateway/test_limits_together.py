"""Several gateways count together in Redis, and go on without it."""

import asyncio
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager

import httpx
import pytest
from fastapi import FastAPI
from redis.asyncio import Redis
from structlog.testing import capture_logs

from gateway import redis_counters
from services.contracts.actor import Role
from tests.gateway.asking import POST, POSTS, assert_problem
from tests.gateway.fakes import PERSON, FakeVerifier
from tests.gateway.tcp_proxy import TcpProxy
from tests.gateway.waiting import eventually
from tests.support import redis_server

ADDRESS = "203.0.113.9"
CODE = {"phone": "13800000001"}


@pytest.fixture(scope="module")
def redis_url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with redis_server.running(tmp_path_factory.mktemp("redis")) as url:
        yield url


@pytest.fixture(autouse=True)
def _patience(monkeypatch: pytest.MonkeyPatch) -> None:
    """A machine that is busy is no Redis that is away."""
    monkeypatch.setattr(redis_counters, "WAIT_SECONDS", 20.0)


@pytest.fixture
async def redis(redis_url: str) -> AsyncIterator[TcpProxy]:
    """An empty Redis, behind a line that can be cut."""
    async with Redis.from_url(redis_url) as client:
        await client.flushall()
    async with TcpProxy(redis_url) as proxy:
        yield proxy


@asynccontextmanager
async def gateway(app: FastAPI, token: str = "") -> AsyncIterator[httpx.AsyncClient]:
    """A gateway of this process, and somebody in front of it."""
    async with (
        app.router.lifespan_context(app),
        httpx.AsyncClient(
            transport=httpx.ASGITransport(app=app, client=(ADDRESS, 40000)),
            base_url="http://gateway/api/v1",
            headers={"Authorization": f"Bearer {token}"} if token else {},
        ) as client,
    ):
        yield client


async def test_two_gateways_count_as_one(
    make_app: Callable[..., FastAPI], verifier: FakeVerifier, redis: TcpProxy, redis_url: str
) -> None:
    one, other = (make_app(rate_limits="on", redis_url=redis.url) for _ in range(2))
    token = verifier.token(Role.RESIDENT)
    async with gateway(one, token) as here, gateway(other, token) as there:
        asked = await asyncio.gather(
            *(client.post("/auth/codes", json=CODE) for client in (here, there) for _ in range(10))
        )
        left = [(await client.post(POSTS, json=POST)).headers for client in (here, there)]

    # twenty at the same time, ten of them let in, whoever counted them
    assert sorted(answer.status_code for answer in asked) == [202] * 10 + [429] * 10
    assert {1 <= int(a.headers["retry-after"]) <= 60 for a in asked if a.status_code == 429} == {
        True
    }
    assert [head["ratelimit"].partition(";t=")[0] for head in left] == [
        '"writes-person-60s";r=119',
        '"writes-person-60s";r=118',
    ]
    # the second gateway did not begin this window, and knows when it ends
    assert 0 < int(left[1]["ratelimit"].partition(";t=")[2]) <= 60
    async with Redis.from_url(redis_url) as client:
        keys = b" ".join(await client.keys()).decode()
    assert keys.count("shequ:limits") == 5
    assert PERSON not in keys and ADDRESS not in keys


async def test_nobody_is_refused_because_redis_is_away(
    make_app: Callable[..., FastAPI], redis: TcpProxy, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(redis_counters, "AGAIN_SECONDS", 0.05)
    app = make_app(rate_limits="on", redis_url=redis.url)
    gauge = app.state.gate.metrics.limits_shared._value

    async def ask(client: httpx.AsyncClient) -> httpx.Response:
        return await client.post("/auth/codes", json=CODE)

    with capture_logs() as lines:
        async with gateway(app) as client:
            assert ";r=9;" in (await ask(client)).headers["ratelimit"]
            await redis.refuse()
            alone = await asyncio.gather(*(ask(client) for _ in range(10)))
            over = await ask(client)
            assert gauge.get() == 0
            await redis.accept()

            async def counted() -> bool:
                await ask(client)
                return gauge.get() == 1

            await eventually(counted)
            redis.stall()  # it takes connections, and says nothing
            monkeypatch.setattr(redis_counters, "WAIT_SECONDS", 0.1)
            hanging = await ask(client)

    assert {answer.status_code for answer in alone} == {202}  # as with a gateway of its own
    assert_problem(over, 429, "request.rate_limited")
    assert hanging.status_code == 429
    told = [line["event"] for line in lines if "Redis" in line["event"]]
    assert told == [
        "Redis is away: each gateway counts its own",
        "rate limits are counted in Redis again",
        "Redis is away: each gateway counts its own",
    ]
    assert all("203.0.113.9" not in str(line) for line in lines)


async def test_a_gateway_starts_without_its_redis_and_readiness_does_not_ask(
    make_app: Callable[..., FastAPI], redis: TcpProxy
) -> None:
    await redis.refuse()
    app = make_app(rate_limits="on", redis_url=redis.url)
    async with gateway(app) as client:
        answers = [(await client.post("/auth/codes", json=CODE)).status_code for _ in range(11)]
        said = (await client.get("http://gateway/metrics")).text

    assert answers == [202] * 10 + [429]
    assert "shequ_limits_shared 0.0" in said


async def test_lists_are_counted_by_each_gateway_alone(
    make_app: Callable[..., FastAPI], verifier: FakeVerifier, redis: TcpProxy
) -> None:
    one, other = (make_app(rate_limits="on", redis_url=redis.url) for _ in range(2))
    token = verifier.token(Role.RESIDENT)
    async with gateway(one, token) as here, gateway(other, token) as there:
        left = [(await client.get(POSTS)).headers["ratelimit"] for client in (here, here, there)]

    assert [line.partition(";t=")[0][-3:] for line in left] == ["599", "598", "599"]
