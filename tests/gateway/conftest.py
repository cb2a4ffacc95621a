"""The gateway in process, with stand-ins for everything behind it."""

from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Any

import httpx
import pytest
import structlog
from fastapi import FastAPI

from gateway.app import create_app
from gateway.settings import Settings
from services.contracts.actor import Role
from services.kit.aio_rpc import RpcClient
from services.kit.blobs import BlobStore
from tests.gateway.fakes import FakeRpc, FakeVerifier
from tests.gateway.responder import FakeService
from tests.gateway.web_browser import World
from tests.gateway.web_world import answers

SECRET = b"not a secret, but thirty-two bytes long"


@pytest.fixture(scope="session", autouse=True)
def _plain_logs() -> None:
    """Tracebacks without pictures of every local variable."""
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            structlog.processors.format_exc_info,
            structlog.processors.KeyValueRenderer(),
        ]
    )


@pytest.fixture
def make_settings(tmp_path: Path) -> Callable[..., Settings]:
    """Settings for a gateway with a folder of its own."""
    (tmp_path / "upload.secret").write_bytes(SECRET)

    def make(**changes: Any) -> Settings:
        return Settings(
            **{
                "env": "test",
                "demo": True,
                "storage_url": f"file://{tmp_path}/uploads",
                "upload_secret_file": tmp_path / "upload.secret",
                "jwks_file": tmp_path / "jwks.json",
                **changes,
            }
        )

    return make


@pytest.fixture
def rpc() -> FakeRpc:
    return FakeRpc()


@pytest.fixture
def verifier() -> FakeVerifier:
    return FakeVerifier()


@pytest.fixture
def make_app(
    make_settings: Callable[..., Settings], rpc: FakeRpc, verifier: FakeVerifier
) -> Callable[..., FastAPI]:
    """The app with other settings than usual."""

    def make(**changes: Any) -> FastAPI:
        return create_app(make_settings(**changes), rpc=rpc, verifier=verifier)

    return make


@pytest.fixture
def app(make_app: Callable[..., FastAPI]) -> FastAPI:
    return make_app()


@pytest.fixture
def store(app: FastAPI) -> BlobStore:
    """Where the app keeps files."""
    store: BlobStore = app.state.gate.store
    return store


@pytest.fixture
def client_for() -> Callable[..., httpx.AsyncClient]:
    """A client of an app, in process."""

    def make(app: FastAPI, token: str = "", address: str = "127.0.0.1") -> httpx.AsyncClient:
        return httpx.AsyncClient(
            transport=httpx.ASGITransport(app=app, client=(address, 40000)),
            base_url="http://gateway/api/v1",
            headers={"Authorization": f"Bearer {token}"} if token else {},
        )

    return make


@pytest.fixture
async def resident(
    app: FastAPI, verifier: FakeVerifier, client_for: Callable[..., httpx.AsyncClient]
) -> AsyncIterator[httpx.AsyncClient]:
    """A resident's client."""
    async with client_for(app, verifier.token(Role.RESIDENT)) as client:
        yield client


@pytest.fixture
async def nobody(
    app: FastAPI, client_for: Callable[..., httpx.AsyncClient]
) -> AsyncIterator[httpx.AsyncClient]:
    """A client that is not logged in."""
    async with client_for(app) as client:
        yield client


@pytest.fixture
async def client(amqp_url: str) -> AsyncIterator[RpcClient]:
    """The gateway's link to the services, attached to the broker."""
    client = RpcClient(amqp_url)
    await client.start()
    assert await client.wait_attached(10)
    yield client
    await client.close()


@pytest.fixture
async def feed(amqp_url: str) -> AsyncIterator[FakeService]:
    """A feed behind the broker that answers as the test says."""
    async with FakeService(amqp_url, "feed") as service:
        yield service


@pytest.fixture
async def world(app: FastAPI, rpc: FakeRpc, verifier: FakeVerifier) -> AsyncIterator[World]:
    """The pages in front of a quiet neighbourhood."""
    world = World(app, rpc, verifier)
    world.say(**answers())
    yield world
    await world.close()
