"""The short way: a read that was asked before, by somebody who may be given what is kept.

Every request passes by some hundred routes, is read into a command and checked field by field.
A path with its query means the same each time, so what it was read as is remembered, and a kept
answer goes out at once. All that depends on who asks is checked each time, in the usual order:
401, 403, 429. Whatever is not plain sailing takes the usual way, which says what is wrong.
"""

from collections import OrderedDict
from typing import TYPE_CHECKING, Any, Final

from starlette.types import ASGIApp, Receive, Scope, Send

from gateway import auth, context, problems
from gateway.context import RequestContext
from services.contracts.actor import Actor
from services.contracts.errors import ShequError

if TYPE_CHECKING:
    from gateway.cache import Answer, Question
    from gateway.gate import Gate
    from gateway.operations import OperationRoute

    Known = tuple[OperationRoute, Question]

MOST: Final = 20_000
LONGEST: Final = 600  # of a path with its query; what is longer is read each time
MAY_KEEP: Final = {"Cache-Control": "private, no-cache", "Vary": "Authorization"}
"""Kept by the client alone, and shown to nobody before the gateway was asked whether it is."""
_HEADERS: Final = [
    (b"content-type", b"application/json"),
    *((name.lower().encode(), value.encode()) for name, value in MAY_KEEP.items()),
]


class Shortcuts:
    """What reads meant, by path and query; the latest of them, and none that is long."""

    def __init__(self) -> None:
        self._known: OrderedDict[tuple[str, bytes], Known] = OrderedDict()

    def learn(self, scope: Scope, route: "OperationRoute", asked: "Question") -> None:
        """A request was found to be well-formed, and to ask this."""
        if len(scope["path"]) + len(scope["query_string"]) > LONGEST:
            return
        self._known[scope["path"], scope["query_string"]] = route, asked
        if len(self._known) > MOST:
            self._known.popitem(last=False)

    def of(self, scope: Scope) -> "Known | None":
        """What a request asks, when the same came before."""
        if scope["method"] != "GET" or scope.get("root_path"):
            return None
        return self._known.get((scope["path"], scope["query_string"]))


class Express:
    """ASGI middleware in front of the routes."""

    def __init__(self, app: ASGIApp, *, gate: "Gate") -> None:
        self._app = app
        self._gate = gate

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        known = self._gate.shortcuts.of(scope) if scope["type"] == "http" else None
        found = self._kept(scope, *known) if known else None
        if known is None or found is None:
            await self._app(scope, receive, send)
            return
        answer, actor, etag = found
        route = scope["route"] = known[0]
        ctx: RequestContext = scope[context.KEY]
        try:
            await self._gate.limiter.check(route.operation, actor, ctx)
        except ShequError as error:  # said in here, so that pages of other origins may read it
            refusal = problems.response(error, ctx.language, ctx.request_id)
            await refusal(scope, receive, send)
            return
        self._gate.cache.served()
        same = bool(etag) and matches(etag, answer.tag)
        headers: list[Any] = [*_HEADERS[same:], (b"etag", answer.tag.encode())]
        body = b"" if same else answer.reply.body
        if not same:
            headers.append((b"content-length", str(len(body)).encode()))
        await send(
            {"type": "http.response.start", "status": 304 if same else 200, "headers": headers}
        )
        await send({"type": "http.response.body", "body": body})

    def _kept(
        self, scope: Scope, route: "OperationRoute", asked: "Question"
    ) -> tuple["Answer", Actor, str] | None:
        """The kept answer, who gets it, and what she has already; None: the usual way."""
        gate, operation = self._gate, route.operation
        headers = context.headers_of(scope)
        scheme, _, token = headers.get(b"authorization", b"").decode("latin-1").partition(" ")
        if scheme.lower() != "bearer":
            return None
        try:
            actor = auth.verify(gate.verifier, token.strip())
            operation.permit(actor)
        except ShequError:
            return None
        ctx: RequestContext = scope[context.KEY]
        if not gate.cache.serves(operation, actor):
            return None
        answer = gate.cache.at_once(asked, operation.service, actor, ctx.seen)
        if answer is None:
            return None
        return answer, actor, headers.get(b"if-none-match", b"").decode("latin-1")


def matches(said: str, etag: str) -> bool:
    """Whether ``If-None-Match`` names this tag (RFC 9110, section 13.1.2: weakly compared)."""
    if not said:
        return False
    return said.strip() == "*" or etag in (
        part.strip().removeprefix("W/") for part in said.split(",")
    )
