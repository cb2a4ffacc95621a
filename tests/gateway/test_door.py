"""What comes before a request is one, and beside it: refused as a problem, and never a 500."""

import asyncio
import json
from collections.abc import Callable

import httpx
import pytest
from fastapi import FastAPI
from structlog.testing import capture_logs

from services.contracts.actor import Role
from services.contracts.operations import HTTP
from tests.gateway.asking import POST, POSTS, assert_problem
from tests.gateway.fakes import PERSON, FakeRpc, FakeVerifier
from tests.gateway.serving import serving

PATH = f"/api/v1{POSTS}"
DEEP = b"[" * 200_000


async def answer_to(address: str, *pieces: bytes) -> tuple[int, dict[str, str], bytes]:
    """What is said to these bytes on a connection of their own."""
    host, port = address.removeprefix("http://").split(":")
    reader, writer = await asyncio.open_connection(host, int(port))
    try:
        for piece in pieces:
            writer.write(piece)
            await writer.drain()
    except ConnectionError:
        pass  # the answer is there already
    try:
        async with asyncio.timeout(10):
            head = await reader.readuntil(b"\r\n\r\n")
            lines = head.decode().split("\r\n")
            headers = {k.lower(): v for k, _, v in (x.partition(": ") for x in lines[1:] if x)}
            body = await reader.readexactly(int(headers.get("content-length", 0)))
    finally:
        writer.close()
    return int(lines[0].split()[1]), headers, body


def request(token: str, method: str, path: str, *headers: str, body: bytes = b"") -> bytes:
    lines = [f"{method} {path} HTTP/1.1", "Host: gateway", f"Authorization: Bearer {token}"]
    return "\r\n".join([*lines, *headers, "", ""]).encode("latin1") + body


JSON = "Content-Type: application/json"
CHUNKED = (JSON, "Transfer-Encoding: chunked")
GOOD = json.dumps(POST).encode()
LENGTH = f"Content-Length: {len(GOOD)}"


def chunk(data: bytes) -> bytes:
    return f"{len(data):x}\r\n".encode() + data + b"\r\n"


async def test_whatever_comes_is_answered_by_a_problem(
    make_app: Callable[..., FastAPI], verifier: FakeVerifier, rpc: FakeRpc
) -> None:
    app = make_app(body_seconds=1.0)
    token = verifier.token(Role.RESIDENT)

    def asked(method: str, path: str, *headers: str, body: bytes = b"") -> bytes:
        return request(token, method, path, *headers, body=body)

    many = "&".join(f"q{n}=1" for n in range(700))
    cases: dict[str, tuple[tuple[bytes, ...], int]] = {
        "no HTTP": ((b"\x16\x03\x01 hello\r\n\r\n",), 400),
        "a path that is not ASCII": (("GET /小区 HTTP/1.1\r\nHost: g\r\n\r\n".encode(),), 400),
        "a huge header": ((asked("GET", PATH, "X-A: " + "a" * 200_000),), 431),
        "many headers": ((asked("GET", PATH, *(f"X-{n}: {n}" for n in range(9_000))),), 431),
        "a head without an end": ((b"GET / HTTP/1.1\r\n", *[b"X-A: 1\r\n"] * 9_000), 431),
        "a long address": ((asked("GET", f"{PATH}?q=" + "a" * 9_000),), 414),
        "a slow head": ((b"GET / HTTP/1.1\r\nHost:",), 408),
        "nothing at all": ((b"",), 408),
        "a slow body": ((asked("POST", PATH, JSON, "Content-Length: 50", body=b"{"),), 408),
        "a slow chunk": ((asked("POST", PATH, *CHUNKED, body=b"10\r\n{"),), 408),
        "a large body": ((asked("POST", PATH, JSON, "Content-Length: 1000001"),), 413),
        "large chunks": ((asked("POST", PATH, *CHUNKED), *[chunk(b" " * 60_000)] * 20), 413),
        "deep JSON": ((asked("POST", PATH, JSON, f"Content-Length: {len(DEEP)}", body=DEEP),), 400),
        "an unknown coding": (
            (asked("POST", PATH, JSON, "Content-Encoding: br", LENGTH, body=GOOD),),
            415,
        ),
        "no JSON": ((asked("POST", PATH, "Content-Type: text/plain", LENGTH, body=GOOD),), 415),
        "a method nobody has": ((asked("PROPFIND", PATH),), 405),
        "a method that is not this path's": ((asked("PUT", PATH),), 405),
        "a length that is none": ((asked("POST", PATH, JSON, "Content-Length: -1"),), 400),
        "two lengths": ((asked("POST", PATH, JSON, LENGTH, "Content-Length: 2", body=GOOD),), 400),
    }  # fmt: skip
    good: dict[str, tuple[bytes, int]] = {
        "many parameters": (asked("GET", f"{PATH}?{many}"), 200),
        "what it accepts is not looked at": (asked("GET", PATH, "Accept: text/xml"), 200),
        "chunks without a length": (
            asked("POST", PATH, *CHUNKED, body=chunk(GOOD[:9]) + chunk(GOOD[9:]) + b"0\r\n\r\n"),
            201,
        ),
    }
    async with serving(app) as (address, _):
        said = await asyncio.gather(*(answer_to(address, *pieces) for pieces, _ in cases.values()))
        fine = await asyncio.gather(*(answer_to(address, piece) for piece, _ in good.values()))
    got = {name: status for name, (status, _, _) in zip(cases, said, strict=True)}
    assert got == {name: status for name, (_, status) in cases.items()}
    for status, headers, body in said:
        assert headers["content-type"] == "application/problem+json"
        problem = json.loads(body)
        assert problem["status"] == status
        assert problem["request_id"] == headers["x-request-id"]
    assert [status for status, _, _ in fine] == [status for _, status in good.values()]


async def test_one_connection_may_ask_again_and_again(app: FastAPI, verifier: FakeVerifier) -> None:
    token = verifier.token(Role.RESIDENT)
    async with (
        serving(app) as (address, _),
        httpx.AsyncClient(headers={"Authorization": f"Bearer {token}"}) as client,
    ):
        for _ in range(20):  # together their heads are larger than one may be
            padded = {"X-Pad": "x" * 4_000}
            assert (await client.get(address + PATH, headers=padded)).status_code == 200


@pytest.mark.parametrize(
    ("trusted", "forwarded", "network"),
    [
        ("", "203.0.113.9", "127.0.0.1"),
        ("10.0.0.0/8", "203.0.113.9", "127.0.0.1"),
        ("127.0.0.1", "203.0.113.9", "203.0.113.9"),
        ("127.0.0.1", "127.0.0.1, 203.0.113.9", "203.0.113.9"),
        ("127.0.0.1", "203.0.113.9:4711", "203.0.113.9"),
        ("127.0.0.1,10.0.0.0/8", "198.51.100.1, 203.0.113.9, 10.1.2.3", "203.0.113.9"),
        ("127.0.0.1", "[2001:db8:1:2::9]:443", "2001:db8:1:2::/64"),
    ],
)
async def test_only_trusted_proxies_say_whose_address_it_is(
    trusted: str, forwarded: str, network: str, make_app: Callable[..., FastAPI]
) -> None:
    app = make_app(trusted_proxies=trusted, rate_limits="on", demo=False)
    async with serving(app) as (address, _), httpx.AsyncClient() as client:
        await client.post(
            f"{address}/api/v1/auth/codes",
            json={"phone": "13800000001"},
            headers={"X-Forwarded-For": forwarded},
        )
    counted = app.state.gate.limiter._own._counts
    assert {key.partition(":")[2] for key in counted} == {network}


async def test_no_cookie_changes_anything(
    app: FastAPI, verifier: FakeVerifier, rpc: FakeRpc, client_for: Callable[..., httpx.AsyncClient]
) -> None:
    """The API's writes want the header, which no other site can make a browser send."""
    token = verifier.token(*Role)
    writes = [row for row in HTTP if row.write and row.who.login]
    async with client_for(app) as client:
        client.cookies.set("shequ_access", token)
        for row in writes:
            path = "/".join("x" if part.startswith("{") else part for part in row.path.split("/"))
            answer = await client.request(row.method, path, json={})
            assert_problem(answer, 401, "auth.token_required")
    assert not rpc.calls and len(writes) > 150


async def test_the_log_knows_nobody(
    app: FastAPI, verifier: FakeVerifier, rpc: FakeRpc, client_for: Callable[..., httpx.AsyncClient]
) -> None:
    """Whatever place of a request holds a phone number, a name or an ID number."""
    secrets = ("13800000004", "王小明", "wangxiaoming", "310113195501010011", "203.0.113.9")
    token = verifier.token(Role.RESIDENT)
    with capture_logs() as lines:
        async with client_for(app, token, "203.0.113.9") as client:
            for word in secrets:
                ascii_word = word if word.isascii() else "13800000004"
                headers = {
                    "X-Request-Id": f"a-{ascii_word}" if ascii_word[0].isdigit() else "x",
                    "traceparent": ascii_word,
                    "tracestate": ascii_word,
                    "User-Agent": ascii_word,
                    "Referer": f"https://a/{ascii_word}",
                    "Origin": f"https://{ascii_word}",
                    "X-Forwarded-For": ascii_word,
                    "Idempotency-Key": ascii_word,
                    "Accept-Language": ascii_word,
                    "Cookie": f"a={ascii_word}",
                    "Content-Type": f"application/json; a={ascii_word}",
                    "Last-Event-ID": ascii_word,
                }
                for method, path in (
                    ("GET", f"{POSTS}?q={word}&{word}=1"),
                    ("GET", f"/posts/{word}"),
                    ("GET", f"/{word}"),
                    ("GET", f"http://gateway/{word}/login"),
                    ("POST", f"/posts/{word}/comments"),
                    ("GET", "/me/stream"),
                    ("BREW", f"/{word}"),
                ):
                    body = json.dumps({word: word, "body": word}).encode()
                    content = body if method == "POST" else b""
                    await client.request(method, path, content=content, headers=headers)
    text = json.dumps(lines, ensure_ascii=False, default=str)
    assert len(lines) >= 5 * 7
    for secret in (*secrets, token, PERSON):
        assert secret not in text
