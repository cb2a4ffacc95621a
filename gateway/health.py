"""``/healthz``, ``/readyz`` and ``/metrics``: at the root, and on the process's health port.

Alive means that the loop turns. Ready means that the broker is attached, the storage of uploads
was reached once and the process is not stopping; single services, and later the storage, may be
away, that is for their own operations to say.
"""

from prometheus_client import CONTENT_TYPE_LATEST, generate_latest
from pydantic_core import to_json
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from gateway import gate

JSON = "application/json"


async def healthz(_: Request) -> Response:
    """Alive."""
    return Response(b'{"status":"ok"}', media_type=JSON)


async def readyz(request: Request) -> Response:
    """Ready for requests, or 503."""
    parts = gate.of(request)
    state = {
        "broker": parts.rpc.attached,
        "events": parts.hub.attached,
        "storage": parts.storage.reached,
        "stopping": parts.hub.draining,
    }
    ready = not state["stopping"] and all(state[need] for need in ("broker", "events", "storage"))
    return Response(
        to_json({"ready": ready, **state}), status_code=200 if ready else 503, media_type=JSON
    )


async def metrics(request: Request) -> Response:
    """For Prometheus."""
    return Response(
        generate_latest(gate.of(request).metrics.registry), media_type=CONTENT_TYPE_LATEST
    )


ROUTES = [
    Route("/healthz", healthz, include_in_schema=False),
    Route("/readyz", readyz, include_in_schema=False),
    Route("/metrics", metrics, include_in_schema=False),
]
