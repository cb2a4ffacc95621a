"""``python -m gateway`` as a process: two ports, ready when attached, a clean end."""

import asyncio
import json
import signal

import httpx
from joserfc.jwk import OKPKey

from services.kit.tokens import claims_for
from tests.gateway.processes import answers, environment, key, process, token_of
from tests.gateway.responder import FakeService
from tests.gateway.waiting import eventually, until

__all__ = ["environment", "key"]  # fixtures


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
