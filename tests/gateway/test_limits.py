"""Rate limits: who is counted, when one is refused, and what is told."""

from collections.abc import Callable

import httpx
import pytest
import time_machine
from fastapi import FastAPI

from gateway.context import RequestContext
from gateway.counters import PURGE_EVERY, Memory
from gateway.limiting import Limiter
from gateway.rates import BY_OPERATION, KINDS, SEARCHING, kind
from services.contracts.actor import Actor, Role
from services.contracts.errors import RateLimited
from services.contracts.operations import BY_ID
from tests.gateway.asking import POST, POSTS, assert_problem
from tests.gateway.fakes import FakeRpc, FakeVerifier

CODE = {"phone": "13800000001"}
NOON = "2026-03-01T12:00:00Z"


def context(address: str = "10.0.0.1") -> RequestContext:
    return RequestContext("r", "t", "en", address)


def actor(person: str = "p1") -> Actor:
    return Actor(person, "s", (), 0)


async def count(limiter: Limiter, operation: str, address: str, person: str = "") -> int:
    """How many calls are let through before one is refused."""
    for number in range(5_000):
        try:
            await limiter.check(
                BY_ID[operation], actor(person) if person else None, context(address)
            )
        except RateLimited:
            return number
    return -1


@time_machine.travel(NOON, tick=False)
@pytest.mark.parametrize(
    ("operation", "person", "allowed"),
    [
        ("requestCode", "", 10),
        ("createToken", "", 60),
        ("loginByWechat", "", 60),
        ("createAssistedToken", "p1", 20),
        ("confirmTotp", "p1", 10),
        ("removeTotp", "p1", 10),
        ("changePhone", "p1", 5),
        ("openRecovery", "p1", 10),
        ("revealRegisterEntry", "p1", 20),
        ("exportMyData", "p1", 5),
        ("deleteMe", "p1", 5),
        ("createPost", "p1", 120),
        ("upload", "p1", 30),
        ("listPosts", "p1", 600),
        ("findOnRoll", "p1", 60),
        ("exportSignUps", "p1", 30),
        ("getPost", "p1", 1200),
        ("getPost", "", -1),
    ],
)
async def test_limits(operation: str, person: str, allowed: int) -> None:
    assert await count(Limiter("on", demo=True), operation, "10.0.0.1", person) == allowed


@time_machine.travel(NOON, tick=False)
async def test_persons_are_counted_apart_and_addresses_together() -> None:
    limiter = Limiter("on", demo=False)

    assert await count(limiter, "createPost", "10.0.0.1", "p1") == 120
    assert await count(limiter, "createComment", "10.0.0.1", "p1") == 0
    assert await count(limiter, "createPost", "10.0.0.1", "p2") == 120
    assert await count(limiter, "requestCode", "10.0.0.1") == 10
    assert await count(limiter, "requestCode", "10.0.0.2") == 10


@time_machine.travel(NOON, tick=False)
async def test_what_a_helper_does_for_others_is_her_own_count() -> None:
    limiter = Limiter("on", demo=False)
    helped = [Actor(subject, "s", (), 0, acted_by="lu") for subject in ("sun", "zhao")]
    for number in range(120):
        await limiter.check(BY_ID["reportIssue"], helped[number % 2], context())

    for who in (*helped, actor("lu")):
        with pytest.raises(RateLimited):
            await limiter.check(BY_ID["reportIssue"], who, context())
    await limiter.check(BY_ID["reportIssue"], actor("sun"), context())


@time_machine.travel(NOON, tick=False)
@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("2001:db8:1:2::1", "2001:db8:1:2:ffff::9"),
        ("::ffff:10.0.0.7", "10.0.0.7"),
    ],
)
async def test_addresses_of_one_customer_count_as_one(one: str, other: str) -> None:
    limiter = Limiter("on", demo=False)

    assert await count(limiter, "requestCode", one) == 10
    assert await count(limiter, "requestCode", other) == 0
    assert await count(limiter, "requestCode", "2001:db8:1:3::1") == 10


async def test_codes_asked_for_patiently_are_counted_by_the_hour_and_the_day() -> None:
    limiter, sent = Limiter("on", demo=False), []
    with time_machine.travel(NOON, tick=False) as clock:
        for _ in range(24):
            sent.append(0)
            for _ in range(60):
                sent[-1] += await count(limiter, "requestCode", "10.0.0.1")
                clock.shift(60)
    assert sent[0] == 100 and sum(sent) == 400


async def test_window_ends() -> None:
    limiter = Limiter("on", demo=False)
    with time_machine.travel(NOON, tick=False) as clock:
        assert await count(limiter, "requestCode", "10.0.0.1") == 10
        clock.shift(59)
        with pytest.raises(RateLimited) as caught:
            await limiter.check(BY_ID["requestCode"], None, context())
        assert caught.value.retry_after == 1
        clock.shift(2)
        await limiter.check(BY_ID["requestCode"], None, context())


@pytest.mark.parametrize(
    ("mode", "demo", "address", "limited"),
    [
        ("auto", True, "127.0.0.1", False),
        ("auto", True, "::1", False),
        ("auto", True, "::ffff:127.0.0.1", False),
        ("auto", True, "10.0.0.1", True),
        ("auto", False, "127.0.0.1", True),
        ("on", True, "127.0.0.1", True),
        ("on", True, "::1", True),
        ("off", False, "10.0.0.1", False),
    ],
)
async def test_modes(mode: str, demo: bool, address: str, limited: bool) -> None:
    limiter = Limiter(mode, demo=demo)  # type: ignore[arg-type]
    with time_machine.travel(NOON, tick=False):
        assert (await count(limiter, "requestCode", address) == 10) is limited


async def test_counters_of_the_past_are_thrown_away() -> None:
    counters = Memory()
    with time_machine.travel(NOON, tick=False) as clock:
        for number in range(PURGE_EVERY - 1):
            await counters.hit(f"k{number}", 60)
        clock.shift(61)
        await counters.hit("fresh", 60)

    assert len(counters._counts) == 1


async def test_refusal_over_http(
    make_app: Callable[..., FastAPI],
    rpc: FakeRpc,
    verifier: FakeVerifier,
    client_for: Callable[..., httpx.AsyncClient],
) -> None:
    app = make_app(rate_limits="on")
    with time_machine.travel(NOON, tick=False):
        async with client_for(app, address="10.9.8.7") as client:
            answers = [await client.post("/auth/codes", json=CODE) for _ in range(11)]
        async with client_for(app, verifier.token(Role.RESIDENT), "10.9.8.7") as client:
            elsewhere = await client.post(POSTS, json=POST)

    assert {answer.status_code for answer in answers[:10]} == {202}
    assert_problem(answers[10], 429, "request.rate_limited")
    assert 1 <= int(answers[10].headers["retry-after"]) <= 60
    assert elsewhere.status_code == 201
    assert len(rpc.calls) == 11


async def test_refusal_for_rights_comes_first_and_is_not_counted(
    make_app: Callable[..., FastAPI],
    verifier: FakeVerifier,
    client_for: Callable[..., httpx.AsyncClient],
) -> None:
    app = make_app(rate_limits="on")
    async with client_for(app, verifier.token(Role.OBSERVER), "10.9.8.7") as client:
        answers = [await client.post(POSTS, json=POST) for _ in range(130)]

    assert {answer.status_code for answer in answers} == {403}


async def test_every_answer_says_what_is_left(
    make_app: Callable[..., FastAPI],
    verifier: FakeVerifier,
    client_for: Callable[..., httpx.AsyncClient],
) -> None:
    app = make_app(rate_limits="on")
    with time_machine.travel(NOON, tick=False) as clock:
        async with client_for(app, verifier.token(Role.RESIDENT), "10.9.8.7") as client:
            written = await client.post(POSTS, json=POST)
            clock.shift(20)
            wrong = await client.post(POSTS, json={})
            refused = [await client.post(POSTS, json=POST) for _ in range(119)][-1]
            searched = await client.get(POSTS, params={"q": "路灯"})
            listed = await client.get(POSTS)
        async with client_for(app, address="10.9.8.7") as client:
            asked = await client.post("/auth/codes", json=CODE)
            free = await client.get("http://gateway/healthz")

    policy = '"writes-address-60s";q=1200;w=60, "writes-person-60s";q=120;w=60'
    assert {answer.headers["ratelimit-policy"] for answer in (written, wrong, refused)} == {policy}
    assert written.headers["ratelimit"] == '"writes-person-60s";r=119;t=60'
    assert wrong.status_code == 422
    assert wrong.headers["ratelimit"] == '"writes-person-60s";r=118;t=40'
    assert refused.headers["ratelimit"] == '"writes-person-60s";r=0;t=40'
    assert (refused.status_code, refused.headers["retry-after"]) == (429, "40")
    assert searched.headers["ratelimit"] == '"searches-person-60s";r=59;t=60'
    assert listed.headers["ratelimit"] == '"lists-person-60s";r=599;t=60'
    assert asked.headers["ratelimit-policy"].count("requestCode-address") == 3
    assert asked.headers["ratelimit"] == '"requestCode-address-60s";r=9;t=60'
    assert "ratelimit" not in free.headers


def test_limits_name_operations_of_the_table() -> None:
    assert set(BY_OPERATION) | SEARCHING <= set(BY_ID)
    assert {limit.whose for limit in KINDS["writes"]} == {"address", "person"}
    assert {kind(BY_ID[name]) for name in SEARCHING} == {"searches"}
    for limits in [*KINDS.values(), *BY_OPERATION.values()]:  # an address is many people
        for mine in (limit for limit in limits if limit.whose == "person"):
            ours = [x for x in limits if x.whose == "address" and x.seconds == mine.seconds]
            assert all(limit.amount > mine.amount for limit in ours)


def test_a_register_is_imported_a_few_times_an_hour_by_one_person() -> None:
    a_minute = {
        limit.whose: limit.amount * 60 / limit.seconds for limit in BY_OPERATION["importRegister"]
    }
    assert a_minute["person"] < a_minute["address"] < 5
