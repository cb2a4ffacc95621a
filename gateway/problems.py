"""Errors as the client sees them: problem+json (RFC 9457) from the one tree of errors.

``type`` is a relative reference made from the code, ``title`` the error's text in the client's
language, ``detail`` what was wrong this time. Never a stack trace, never a value that was sent.
"""

from http import HTTPStatus
from typing import Any

from fastapi import FastAPI
from fastapi.exceptions import RequestValidationError
from pydantic import BaseModel, Field
from pydantic_core import to_json
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Match

from gateway import context
from gateway.context import Language
from services.contracts import errors
from services.contracts.errors import FieldError, ShequError

MEDIA_TYPE = "application/problem+json"


class FieldProblem(BaseModel):
    """One field at fault; ``field`` is a dotted path."""

    field: str
    message: str


class Problem(BaseModel):
    """What went wrong (RFC 9457). Clients look at ``code``; people read the texts."""

    type: str = Field(examples=["/problems/identity.qr_revoked"])
    title: str
    status: int
    detail: str
    code: str = Field(examples=["identity.qr_revoked"])
    request_id: str
    errors: list[FieldProblem] | None = None


class MethodNotAllowed(ShequError):
    """The path is there, but not for this method; ``Allow`` says for which."""

    status, code = 405, "request.method_not_allowed"
    zh, en = "不支持的请求方法", "This method is not allowed here"


class BodyTooSlow(ShequError):
    """The body did not arrive in time."""

    status, code = 408, "request.body_timeout"
    zh, en = "上传超时", "The request took too long to arrive"


_BY_STATUS: dict[int, type[ShequError]] = {
    400: errors.BadRequest,
    401: errors.Unauthenticated,
    403: errors.Forbidden,
    404: errors.NotFound,
    405: MethodNotAllowed,
    413: errors.TooLarge,
    415: errors.UnsupportedMedia,
    422: errors.Invalid,
}


def document(error: ShequError, language: Language, request_id: str) -> dict[str, Any]:
    """The problem as a JSON object."""
    title = error.en if language == "en" else error.zh
    body: dict[str, Any] = {
        "type": f"/problems/{error.code}",
        "title": title,
        "status": error.status,
        "detail": error.detail or title,
        "code": error.code,
        "request_id": request_id,
    }
    if error.errors:
        body["errors"] = [{"field": e.field, "message": e.message} for e in error.errors]
    return body


def response(error: ShequError, language: Language, request_id: str) -> Response:
    """The problem as an HTTP response."""
    headers = {"Content-Language": language, "Vary": "Accept-Language", **come_again(error)}
    if error.status == HTTPStatus.UNAUTHORIZED:
        headers["WWW-Authenticate"] = 'Bearer realm="shequtong"'
    return Response(
        to_json(document(error, language, request_id)),
        status_code=error.status,
        media_type=MEDIA_TYPE,
        headers=headers,
    )


def come_again(error: ShequError) -> dict[str, str]:
    """``Retry-After`` in seconds, when the error says when, or its cause passes by itself."""
    if error.retry_after is not None:
        return {"Retry-After": str(error.retry_after)}
    return {"Retry-After": "2"} if error.status == HTTPStatus.SERVICE_UNAVAILABLE else {}


def respond(request: Request, error: ShequError) -> Response:
    """The problem as the response to ``request``."""
    ctx = context.of(request)
    return response(error, ctx.language, ctx.request_id)


def install(app: FastAPI) -> None:
    """Make every error of the app a problem."""
    app.add_exception_handler(ShequError, _own)
    app.add_exception_handler(HTTPException, _http)
    app.add_exception_handler(RequestValidationError, _shape)


def translate(error: HTTPException) -> ShequError:
    """Starlette's error as one of ours; its texts are dropped, they are not for people."""
    kind = _BY_STATUS.get(error.status_code)
    if kind is None:
        kind = errors.Internal if error.status_code >= 500 else errors.BadRequest
    return kind()


async def _own(request: Request, error: Exception) -> Response:
    if not isinstance(error, ShequError):  # the table of handlers says it is
        raise error
    return respond(request, error)


async def _http(request: Request, error: Exception) -> Response:
    if not isinstance(error, HTTPException):
        raise error
    answer = respond(request, translate(error))
    if answer.status_code == HTTPStatus.METHOD_NOT_ALLOWED:
        answer.headers["Allow"] = ", ".join(_allowed(request))
    return answer


async def _shape(request: Request, error: Exception) -> Response:
    if not isinstance(error, RequestValidationError):
        raise error
    fields = [
        FieldError(".".join(str(part) for part in e["loc"][1:]) or "body", str(e["msg"]))
        for e in error.errors()
    ]
    return respond(request, errors.Invalid(errors=fields))


def _allowed(request: Request) -> list[str]:
    """Every method of the path: the router names only those of the first route that it met."""
    methods: set[str] = set()
    for route in request.app.router.routes:
        match, _ = route.matches(request.scope)
        if match is not Match.NONE:
            methods |= set(getattr(route, "methods", None) or ())
    if "GET" in methods:
        methods.add("HEAD")
    return sorted(methods)
