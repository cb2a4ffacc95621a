"""The gateway, put together."""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Mapping
from functools import cache

from fastapi import FastAPI
from starlette.middleware.cors import CORSMiddleware
from starlette.routing import Route

from gateway import (
    answers,
    ballots,
    documents,
    exports,
    health,
    open311,
    openapi,
    problems,
    registers,
    sheets,
    stream,
    uploads,
)
from gateway.auth import Verifier
from gateway.backend import Backend, Rpc
from gateway.batches import Ballots
from gateway.cache import Cache
from gateway.counters import Memory
from gateway.edge import Edge
from gateway.express import Express, Shortcuts
from gateway.gate import Gate
from gateway.limiting import LEFT, POLICY, Limiter
from gateway.live import TOPICS, Hub
from gateway.media import Workshop
from gateway.metrics import Metrics
from gateway.operations import PREFIX, REPLAYED, SEEN, Answer, OperationRoute, pass_through
from gateway.posters.answer import get_poster
from gateway.revocations import CatchUp
from gateway.settings import Settings
from gateway.signposts import Signposts
from gateway.storage import Reach
from gateway.watching import Watching
from gateway.web import router as pages
from services.contracts.operations import HTTP
from services.contracts.operations.base import Operation, View
from services.contracts.operations.documents import Document
from services.contracts.operations.feed import Sheet
from services.kit.aio_rpc import EventListener, RpcClient
from services.kit.blobs import BlobStore
from services.kit.tokens import TokenVerifier

METHODS = ["GET", "POST", "PUT", "PATCH", "DELETE"]
EXPOSED = [SEEN, REPLAYED, "X-Request-Id", "Retry-After", POLICY, LEFT]

ANSWERS: Mapping[str, Answer] = {
    "getMe": answers.get_me,
    "castBallot": ballots.cast_ballot,
    "exportPoll": exports.export_poll,
    "auditPoll": exports.audit_poll,
    "advanceClock": answers.advance_clock,
    "importRegister": registers.import_register,
    "bringRegister": registers.bring_register,
    "upload": uploads.upload,
    "gridUpload": uploads.grid_upload,
    "getUpload": uploads.download,
    "getUploadThumbnail": uploads.download_thumbnail,
    "getPoster": get_poster,
    "streamNotifications": stream.stream_notifications,
}
"""Operations that the gateway answers itself, or puts together. Of the others, those that answer a
``Sheet`` give it as a file, too, those that answer a ``Document`` always; the rest pass through."""


OTHERS = [
    Route(f"{PREFIX}/openapi.json", openapi.serve, include_in_schema=False),
    *open311.ROUTES,
]


def create_app(
    settings: Settings, *, rpc: Rpc | None = None, verifier: Verifier | None = None
) -> FastAPI:
    """The whole gateway as an ASGI app; it connects to the broker when it is started.

    Args:
        rpc: stands for the services in tests; the app then has no broker at all.
        verifier: stands for identity's keys in tests.
    """
    gate = _gate(settings, rpc or RpcClient(settings.amqp_url), verifier)
    app = FastAPI(
        title="Shequtong 社区通",
        openapi_url=None,
        docs_url=None,
        redoc_url=None,
        redirect_slashes=False,
        lifespan=_lifespan,
    )
    app.state.gate = gate
    problems.install(app)
    operations = _operation_routes()
    app.router.routes.extend([*health.ROUTES, Signposts(operations), *OTHERS])
    app.include_router(pages)
    app.router.routes.extend(operations)  # asked last: only what is to be refused comes so far
    app.add_middleware(Express, gate=gate)
    if settings.cors_origins:
        app.add_middleware(
            CORSMiddleware,
            allow_origins=settings.cors_origins,
            allow_methods=METHODS,
            allow_headers=["Authorization", "Content-Type", "Idempotency-Key", SEEN],
            expose_headers=EXPOSED,
            max_age=600,
        )
    app.add_middleware(
        Edge,
        metrics=gate.metrics,
        routes=[*health.ROUTES, *OTHERS, *pages.routes],
        body_seconds=settings.body_seconds,
        https=settings.public_url.startswith("https://"),
    )
    return app


_FILES: Mapping[type[View], Answer] = {Sheet: sheets.give, Document: documents.give}


@cache
def _operation_routes() -> tuple[OperationRoute, ...]:
    """Made once: they keep nothing, an app's parts are found through the request."""
    return tuple(OperationRoute(row, ANSWERS.get(row.id) or _usual(row)) for row in HTTP)


def _usual(row: Operation) -> Answer:
    return _FILES.get(row.result, pass_through)


def _gate(settings: Settings, rpc: Rpc, verifier: Verifier | None) -> Gate:
    known = verifier or TokenVerifier(settings.jwks_file)
    metrics = Metrics()
    store = BlobStore(settings)
    cache = Cache(metrics, most_bytes=settings.cache_bytes)
    backend = Backend(rpc, metrics, cache)
    return Gate(
        settings=settings,
        rpc=rpc,
        backend=backend,
        cache=cache,
        shortcuts=Shortcuts(),
        ballots=Ballots(backend),
        verifier=known,
        limiter=_limiter(settings, metrics),
        hub=Hub(known, cache, max_streams=settings.max_streams),
        store=store,
        storage=Reach(store),
        workshop=Workshop(settings.upload_workers),
        metrics=metrics,
        watching=Watching(backend),
    )


def _limiter(settings: Settings, metrics: Metrics) -> Limiter:
    own = Memory()
    shared = None
    if settings.redis_url:
        from gateway.redis_counters import Shared

        try:
            secret = settings.upload_secret_file.read_bytes().strip()
        except OSError:  # a first start
            secret = b""
        shared = Shared(settings.redis_url, secret, own, metrics.limits_shared)
    return Limiter(settings.rate_limits, demo=settings.demo, own=own, shared=shared)


@contextlib.asynccontextmanager
async def _lifespan(app: FastAPI) -> AsyncIterator[None]:
    gate: Gate = app.state.gate
    async with contextlib.AsyncExitStack() as stack:
        stack.callback(gate.workshop.close)
        stack.push_async_callback(gate.limiter.close)
        reaching = asyncio.create_task(gate.storage.run(), name="reach the storage")
        stack.callback(reaching.cancel)
        if isinstance(gate.rpc, RpcClient):
            catch_up = CatchUp(gate.backend, gate.hub)

            def attached() -> None:
                gate.hub.on_attached()
                catch_up.missed()

            listener = EventListener(
                gate.settings.amqp_url,
                TOPICS,
                gate.hub.on_event,
                on_attached=attached,
                on_lost=gate.hub.on_lost,
            )
            for link in (gate.rpc, listener):
                await link.start()
                stack.push_async_callback(link.close)
            asking = asyncio.create_task(catch_up.run(), name="catch up with revocations")
            stack.callback(asking.cancel)
            telling = asyncio.create_task(gate.watching.run(), name="tell what observers read")
            stack.push_async_callback(gate.watching.tell)  # while the link still stands
            stack.callback(telling.cancel)
        yield
