"""The edge: what happens to every request, whoever answers it.

It gives the request its id and trace, bounds how large its body may be and how long it may take
to arrive, answers HEAD like GET without a body, turns an unforeseen error into a problem, adds the
security headers, counts, and writes one line of access log. The line says which route, not which
path, and not who: no address, no person, no query.
"""

import asyncio
import time
from collections.abc import Awaitable, Callable, Iterable, Mapping
from typing import NamedTuple

import structlog
from prometheus_client import Counter, Histogram
from starlette.requests import ClientDisconnect
from starlette.routing import BaseRoute
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from gateway import context, problems
from gateway.context import RequestContext
from gateway.metrics import Metrics
from gateway.problems import BodyTooSlow
from services.contracts.errors import Internal, ShequError, TooLarge
from services.kit import logs

log = logs.get("gateway.access")

JSON_BYTES = 1_000_000
FORM_BYTES = 21_500_000  # the largest upload (a PDF of 20 MB) with its multipart frame

METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})
SECURITY_HEADERS: Mapping[str, str] = {
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "geolocation=(self), camera=(self), microphone=(self)",
    "Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'",
    "Cache-Control": "no-store",
}
"""Set unless the answer brings its own: pages loosen the policy, files may be kept."""
_HSTS = "max-age=31536000; includeSubDomains"


class _Kind(NamedTuple):
    """Where answers of one kind are noted: counted, timed, logged."""

    requests: Counter
    seconds: Histogram
    line: logs.Often


class Edge:
    """ASGI middleware around the whole app."""

    def __init__(
        self,
        app: ASGIApp,
        *,
        metrics: Metrics,
        routes: Iterable[BaseRoute],
        body_seconds: float,
        https: bool,
    ) -> None:
        self._app = app
        # FastAPI's routes write themselves into the scope, Starlette's only what they call.
        self._by_endpoint = {getattr(route, "endpoint", None): route for route in routes}
        self._metrics = metrics
        self._kinds: dict[tuple[str, str, str, int], _Kind] = {}
        self._body_seconds = body_seconds
        headers = dict(SECURITY_HEADERS)
        if https:
            headers["Strict-Transport-Security"] = _HSTS
        self._raw_headers = _raw(headers)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        ctx = context.begin(scope)
        inner = {**scope, context.KEY: ctx, "method": "GET" if ctx.head else scope["method"]}
        structlog.contextvars.clear_contextvars()
        structlog.contextvars.bind_contextvars(request_id=ctx.request_id, trace=ctx.trace)
        answer = _Answer(send, ctx, self._raw_headers)
        started = time.perf_counter()
        self._metrics.running.inc()
        try:
            await self._run(inner, receive, answer)
        finally:
            self._metrics.running.dec()
            self._note(scope["method"], inner, answer, time.perf_counter() - started)

    async def _run(self, scope: Scope, receive: Receive, answer: "_Answer") -> None:
        headers = context.headers_of(scope)
        form = headers.get(b"content-type", b"").lower().startswith(b"multipart/form-data")
        limit = FORM_BYTES if form else JSON_BYTES
        ctx: RequestContext = scope[context.KEY]
        try:
            declared = headers.get(b"content-length", b"0")
            if declared.isdigit() and int(declared) > limit:
                raise TooLarge()
            await self._app(scope, self._bounded(receive, limit), answer.send)
        except ClientDisconnect:
            log.debug("client left")  # nobody is there to be told
        except Exception as error:
            if not isinstance(error, ShequError):
                log.exception("request crashed")
                error = Internal()
            if answer.status:
                raise  # too late to say anything better; the connection is closed
            response = problems.response(error, ctx.language, ctx.request_id)
            await response(scope, receive, answer.send)

    def _bounded(self, receive: Receive, limit: int) -> Receive:
        """``receive`` that refuses a body which is too large or too slow."""
        deadline = asyncio.get_running_loop().time() + self._body_seconds
        seen = 0
        complete = False

        async def bounded() -> Message:
            nonlocal seen, complete
            if complete:
                return await receive()  # now it only waits for the client to leave
            try:
                async with asyncio.timeout_at(deadline):
                    message = await receive()
            except TimeoutError:
                raise BodyTooSlow() from None
            seen += len(message.get("body", b""))
            complete = not message.get("more_body", False)
            if seen > limit:
                raise TooLarge()
            return message

        return bounded

    def _note(self, method: str, scope: Scope, answer: "_Answer", seconds: float) -> None:
        route = scope.get("route") or self._by_endpoint.get(scope.get("endpoint"))
        method = method if method in METHODS else "OTHER"
        operation = getattr(route, "operation_id", None) or getattr(route, "name", None) or "none"
        path = getattr(route, "path", None) or "unmatched"
        which = operation, method, path, answer.status or 499
        kind = self._kinds.get(which) or self._meet(*which)
        kind.requests.inc()
        kind.seconds.observe(seconds)
        ctx: RequestContext = scope[context.KEY]
        kind.line.info(
            ms=round(seconds * 1000, 1),
            bytes=answer.bytes,
            request_id=ctx.request_id,
            trace=ctx.trace,
        )

    def _meet(self, operation: str, method: str, path: str, status: int) -> _Kind:
        """Answers of a kind that did not come before; they are as few as the counters' labels."""
        kind = self._kinds[operation, method, path, status] = _Kind(
            self._metrics.requests.labels(operation, method, str(status)),
            self._metrics.seconds.labels(operation),
            logs.Often(
                "gateway.access",
                "request",
                method=method,
                route=path,
                operation=operation,
                status=status,
            ),
        )
        return kind


def _raw(headers: Mapping[str, str]) -> list[tuple[bytes, bytes]]:
    """As ASGI has them."""
    return [(name.lower().encode(), value.encode("latin-1")) for name, value in headers.items()]


class _Answer:
    """Sends the answer on, with our headers, and remembers what was sent."""

    def __init__(self, send: Send, ctx: RequestContext, headers: list[tuple[bytes, bytes]]) -> None:
        self._send: Callable[[Message], Awaitable[None]] = send
        self._ctx = ctx
        self._headers = headers
        self.status = 0
        self.bytes = 0

    async def send(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            self.status = message["status"]
            own = list(message.get("headers", ()))
            names = {name for name, _ in own}
            own += [header for header in self._headers if header[0] not in names]
            own.append((b"x-request-id", self._ctx.request_id.encode()))
            own += _raw(self._ctx.headers)
            message["headers"] = own
        elif message["type"] == "http.response.body":
            self.bytes += len(message.get("body", b""))
            if self._ctx.head:
                message = {**message, "body": b""}
        await self._send(message)
