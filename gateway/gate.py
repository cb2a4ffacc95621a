"""What the routes stand on: one object per app, put together in :mod:`gateway.app`."""

from dataclasses import dataclass

from starlette.requests import Request

from gateway.auth import Verifier
from gateway.backend import Backend, Rpc
from gateway.batches import Ballots
from gateway.cache import Cache
from gateway.express import Shortcuts
from gateway.limiting import Limiter
from gateway.live import Hub
from gateway.media import Workshop
from gateway.metrics import Metrics
from gateway.settings import Settings
from gateway.storage import Reach
from gateway.watching import Watching
from services.kit.blobs import BlobStore


@dataclass(slots=True)
class Gate:
    """The parts of a gateway process."""

    settings: Settings
    rpc: Rpc
    backend: Backend
    cache: Cache
    shortcuts: Shortcuts
    ballots: Ballots
    verifier: Verifier
    limiter: Limiter
    hub: Hub
    store: BlobStore
    storage: Reach
    workshop: Workshop
    metrics: Metrics
    watching: Watching


def of(request: Request) -> Gate:
    """The gate of the app that handles this request."""
    gate: Gate = request.app.state.gate
    return gate
