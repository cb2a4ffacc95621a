"""``python -m gateway`` as processes, on the test's own vhost."""

import asyncio
import json
import os
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import httpx
import pytest
from joserfc import jwt
from joserfc.jwk import KeySet, OKPKey

from deploy.local.system import free_port
from services.kit.tokens import claims_for

ROOT = Path(__file__).resolve().parents[2]


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


def token_of(key: OKPKey, person: str = "p1") -> str:
    claims = claims_for(person, f"s-{person}", [("resident", "demo.yuepu.shangyuan")])
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


async def answers(
    client: httpx.AsyncClient, url: str, status: int, headers: dict[str, str] | None = None
) -> bool:
    try:
        return (await client.get(url, headers=headers)).status_code == status
    except httpx.TransportError:
        return False
