"""``python -m gateway`` as a process: two ports, ready when attached, a clean end."""

import asyncio
import json
import os
import signal
import socket
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import httpx
import pytest
from joserfc.jwk import KeySet, OKPKey

from services.kit.tokens import claims_for
from tests.gateway.responder import FakeService
from tests.gateway.waiting import eventually, until

ROOT = Path(__file__).resolve().parents[2]


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


@pytest.fixture
def key() -> OKPKey:
    return OKPKey.generate_key("Ed25519", {"kid": "k1"}, private=True)


@pytest.fixture
def environment(tmp_path: Path, amqp_url: str, key: OKPKey) -> dict[str, str]:
    (tmp_path / "upload.secret").write_bytes(b"s" * 32)
    (tmp_path / "jwks.json").write_text(json.dumps(KeySet([key]).as_dict(private=False)))
    return {
        "PATH": os.environ["PATH"],
        "SHEQU_AMQP_URL": amqp_url,
        "SHEQU_PORT": str(free_port()),
        "SHEQU_HEALTH_PORT": str(free_port()),
        "SHEQU_JWKS_FILE": str(tmp_path / "jwks.json"),
        "SHEQU_UPLOAD_SECRET_FILE": str(tmp_path / "upload.secret"),
        "SHEQU_STORAGE_URL": f"file://{tmp_path}/uploads",
        "SHEQU_VAR": str(tmp_path),
    }


def token_of(key: OKPKey) -> str:
    from joserfc import jwt

    claims = claims_for("p1", "s1", [("resident", "demo.yuepu.shangyuan")])
    token: str = jwt.encode({"alg": "Ed25519", "kid": "k1"}, claims, key, algorithms=["Ed25519"])
    return token


@asynccontextmanager
async def process(environment: dict[str, str]) -> AsyncIterator[asyncio.subprocess.Process]:
    running = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "gateway", env=environment, cwd=ROOT, stdout=-1, stderr=-2
    )
    try:
        yield running
    finally:
        if running.returncode is None:
            running.kill()
        await running.communicate()


async def answers(client: httpx.AsyncClient, url: str, status: int) -> bool:
    try:
        return (await client.get(url)).status_code == status
    except httpx.TransportError:
        return False


async def test_process_serves_and_ends_after_what_is_under_way(
    environment: dict[str, str], amqp_url: str, key: OKPKey
) -> None:
    main = f"http://127.0.0.1:{environment['SHEQU_PORT']}"
    probes = f"http://127.0.0.1:{environment['SHEQU_HEALTH_PORT']}"
    headers = {"Authorization": f"Bearer {token_of(key)}"}
    async with (
        FakeService(amqp_url, "feed", silent={"list_posts"}) as feed,
        process(environment) as running,
        httpx.AsyncClient(timeout=20) as client,
    ):
        await eventually(lambda: answers(client, f"{probes}/readyz", 200), 90)
        assert (await client.get(f"{main}/healthz")).status_code == 200
        assert "shequ_http_requests_total" in (await client.get(f"{probes}/metrics")).text
        assert (await client.get(f"{main}/api/v1/me")).status_code == 401

        stream = client.stream("GET", f"{main}/api/v1/me/stream", headers=headers)
        opened = await stream.__aenter__()
        assert opened.status_code == 200
        url = f"{main}/api/v1/communities/c1/posts"
        waiting = asyncio.create_task(client.get(url, headers=headers))
        await until(lambda: feed.requests)

        running.send_signal(signal.SIGTERM)
        assert b"event: bye" in await opened.aread()
        await stream.__aexit__(None, None, None)
        await feed.answer(feed.requests[0], {"result": {"json": "[1]"}, "error": None})

        assert (await waiting).json() == [1]
        async with asyncio.timeout(60):
            output, _ = await running.communicate()
        assert running.returncode == 0, output.decode()
        lines = [json.loads(line) for line in output.decode().splitlines()]
        assert any(line.get("operation") == "listPosts" for line in lines)
        assert headers["Authorization"] not in output.decode()


async def test_process_refuses_unsafe_settings(environment: dict[str, str]) -> None:
    async with process({**environment, "SHEQU_ENV": "production", "SHEQU_DEMO": "1"}) as running:
        output, _ = await running.communicate()

    assert running.returncode == 2
    assert b"SHEQU_DEMO must be off in production" in output


async def test_forged_tokens_are_refused_by_the_real_verifier(
    environment: dict[str, str], key: OKPKey
) -> None:
    from joserfc import jwt

    claims = claims_for("p1", "s1", [("resident", "demo")])
    stranger = OKPKey.generate_key("Ed25519", {"kid": "k1"}, private=True)
    expired = claims_for("p1", "s1", [], now=1_600_000_000)
    algorithm = {"alg": "Ed25519", "kid": "k1"}
    sign = {"algorithms": ["Ed25519"]}
    tokens = {
        "auth.token_required": [
            jwt.encode(algorithm, claims, stranger, **sign),  # type: ignore[arg-type]
            jwt.encode(algorithm, {**claims, "iss": "other"}, key, **sign),  # type: ignore[arg-type]
            "eyJhbGciOiJub25lIn0.e30.",
            "a.b.c",
        ],
        "auth.token_expired": [jwt.encode(algorithm, expired, key, **sign)],  # type: ignore[arg-type]
    }
    url = f"http://127.0.0.1:{environment['SHEQU_PORT']}/api/v1"
    async with process(environment), httpx.AsyncClient() as client:
        await eventually(lambda: answers(client, f"{url}/me", 401), 90)
        for code, forged in tokens.items():
            for token in forged:
                response = await client.get(
                    f"{url}/me", headers={"Authorization": f"Bearer {token}"}
                )
                assert response.json()["code"] == code, token
