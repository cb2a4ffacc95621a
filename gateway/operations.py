"""The routes of the contract, made from the table of operations.

Every route takes the same way, so the order of its checks is the same: 401, 403, 429, then
400/413/415/422, then 404, and 501 last, before anything is asked of a service. What the service
answers passes through as bytes. Operations that need more than that have an answer of their own in
:data:`ANSWERS` of :mod:`gateway.app`.
"""

import inspect
import keyword
import re
from collections.abc import Awaitable, Callable, Coroutine
from dataclasses import dataclass
from typing import Annotated, Any

from fastapi import Body, Path, Query
from fastapi.routing import APIRoute
from pydantic import BaseModel, create_model
from starlette.requests import Request
from starlette.responses import Response

from gateway import auth, context, gate
from gateway.cache import question, tag
from gateway.context import RequestContext
from gateway.express import MAY_KEEP, matches
from gateway.gate import Gate
from gateway.marks import written_seen
from gateway.rates import WORDS
from gateway.shapes import Input, Shape
from services.contracts.actor import Actor
from services.contracts.errors import BadRequest, FieldError, NotBuilt
from services.contracts.operations.base import Empty, Operation
from services.contracts.operations.documents import Document
from services.kit.aio_rpc import Reply

PREFIX = "/api/v1"
JSON = "application/json"
SEEN = "Shequ-Seen"
REPLAYED = "Idempotency-Replayed"
TAGS = {
    "identity": "Identity",
    "feed": "Feed",
    "grid_bridge": "Issues and work orders",
    "votes": "Deliberation",
    "notify": "Notifications",
}
_KEY = re.compile(r"[\x21-\x7e]{1,200}")


@dataclass(frozen=True, slots=True)
class Call:
    """A request that passed every check.

    ``values`` are the operation's keyword arguments; ``person`` is the actor where one is needed.
    """

    request: Request
    gate: Gate
    context: RequestContext
    operation: Operation
    shape: Shape
    actor: Actor | None
    values: dict[str, Any]

    async def ask(self, **options: Any) -> Reply:
        """Ask the operation's service, with the client's Idempotency-Key when it gave one."""
        key = idempotency_key(self.request, self.operation)
        return await self.gate.backend.ask(
            self.operation,
            self.values,
            context=self.context,
            actor=self.actor,
            idempotency_key=key,
            body_hash=self.shape.fingerprint(self.values) if key else "",
            **options,
        )


Answer = Callable[[Call], Awaitable[Response]]


async def pass_through(call: Call) -> Response:
    """What the service answers, byte for byte."""
    reply = await call.ask()
    if call.operation.cacheable:
        return conditional(call, reply)
    return respond(call.operation, reply)


def conditional(call: Call, reply: Reply) -> Response:
    """A reply that the client may have already: nothing but its tag then (304)."""
    etag = tag(reply.body)
    if matches(call.request.headers.get("if-none-match", ""), etag):
        return Response(status_code=304, headers={"ETag": etag, **MAY_KEEP})
    return Response(reply.body, media_type=JSON, headers={"ETag": etag, **MAY_KEEP})


def respond(operation: Operation, reply: Reply) -> Response:
    """A service's reply as the response of an operation."""
    headers = {}
    if operation.write and reply.xid:
        headers[SEEN] = written_seen(operation.service, (reply.epoch, reply.xid))
    if reply.replayed:
        headers[REPLAYED] = "true"
    if operation.status == 204:
        return Response(status_code=204, headers=headers)
    body = b"{}" if reply.body == b"null" and operation.result is Empty else reply.body
    return Response(body, status_code=operation.status, media_type=JSON, headers=headers)


def takes_key(operation: Operation) -> bool:
    """Whether a key says that a request is the same: POSTs by somebody logged in.

    Answers to nobody in particular are not kept: there the key alone would open them to anybody.
    """
    return operation.method == "POST" and operation.who.login


def idempotency_key(request: Request, operation: Operation) -> str:
    """The client's key where one is taken; empty otherwise.

    Raises:
        BadRequest: it is not a key.
    """
    key = request.headers.get("idempotency-key", "")
    if not key or not takes_key(operation):
        return ""
    if not _KEY.fullmatch(key):
        raise BadRequest(errors=[FieldError("Idempotency-Key", "must be 1 to 200 ASCII signs")])
    return key


class OperationRoute(APIRoute):
    """One operation. FastAPI reads the signature for the document; the checks are our own."""

    def __init__(self, operation: Operation, answer: Answer = pass_through) -> None:
        self.operation = operation
        self.answer = answer
        self.shape = Shape(operation)
        super().__init__(
            PREFIX + operation.path,
            _signature(operation, self.shape),
            methods=[operation.method],
            operation_id=operation.id,
            name=operation.id,
            summary=operation.summary,
            description=inspect.cleandoc(operation.command.__doc__ or ""),
            tags=[TAGS.get(operation.service, "Operations")],
            status_code=operation.status,
            response_model=_documented(operation),
        )

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        """What answers a request to this route."""

        async def handle(request: Request) -> Response:
            operation, parts, ctx = self.operation, gate.of(request), context.of(request)
            actor = auth.actor_of(
                request,
                parts.verifier,
                login=operation.who.login,
                cookie=_is_file(operation) or operation.id in COOKIE_READS,
            )
            operation.permit(actor)
            searching = WORDS in self.shape.query and WORDS in request.query_params
            await parts.limiter.check(operation, actor, ctx, searching=searching)
            values = await self.shape.read(request)
            if operation.cacheable:
                parts.shortcuts.learn(request.scope, self, question(operation, values))
            call = Call(request, parts, ctx, operation, self.shape, actor, values)
            if not operation.built:
                raise NotBuilt()
            response = await self.answer(call)
            parts.watching.note(actor, operation)
            return response

        return handle


COOKIE_READS = frozenset({"getUpload", "getUploadThumbnail", "getPoster", "streamNotifications"})
"""Reads of a page by itself (``<img>``, ``<a>``, EventSource), where no header can be set; so is
every document."""


def _is_file(operation: Operation) -> bool:
    return operation.result is Document


# -- the document ---------------------------------------------------------------------------------


def _documented(operation: Operation) -> Any:
    if _is_file(operation) or operation.status == 204:  # what becomes a file is nobody's JSON
        return None
    return operation.result


def _signature(operation: Operation, shape: Shape) -> Callable[..., Any]:
    """A function with the operation's inputs as parameters, for FastAPI to read."""

    def endpoint(**_: Any) -> None:
        raise NotImplementedError  # the route's own handler answers

    parameters = [_parameter(name, entry, Path) for name, entry in shape.path.items()]
    parameters += [_parameter(name, entry, Query) for name, entry in shape.query.items()]
    if shape.body:
        model = body_model(operation, shape)
        needed = any(entry.field.is_required() for entry in shape.body.values())
        parameters.append(
            inspect.Parameter(
                "body",
                inspect.Parameter.KEYWORD_ONLY,
                annotation=Annotated[model if needed else model | None, Body()],
                default=inspect.Parameter.empty if needed else None,
            )
        )
    endpoint.__signature__ = inspect.Signature(parameters)  # type: ignore[attr-defined]
    endpoint.__name__ = operation.id
    endpoint.__doc__ = None
    return endpoint


def _parameter(name: str, entry: Input, kind: Callable[..., Any]) -> inspect.Parameter:
    field = entry.field
    safe = f"{name}_" if keyword.iskeyword(name) else name
    annotation: Any = field.annotation
    for constraint in field.metadata:
        annotation = Annotated[annotation, constraint]
    required = kind is Path or field.is_required()
    options = {"alias": name} if safe != name else {}
    return inspect.Parameter(
        safe,
        inspect.Parameter.KEYWORD_ONLY,
        annotation=Annotated[annotation, kind(**options)],
        default=inspect.Parameter.empty if required else field.default,
    )


def body_model(operation: Operation, shape: Shape) -> type[BaseModel]:
    """The JSON body: the command without what stands in the path."""
    command = operation.command
    if not shape.path:
        return command
    fields: dict[str, Any] = {
        entry.attribute: (entry.field.annotation, entry.field) for entry in shape.body.values()
    }
    return create_model(
        command.__name__, __config__=command.model_config, __doc__=command.__doc__, **fields
    )
