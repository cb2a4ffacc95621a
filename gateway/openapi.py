"""The OpenAPI 3.1 document: FastAPI's reading of the routes, with what all of them share.

``python -m gateway.openapi > tests/contracts/openapi.json`` renews the snapshot that the tests
compare with.
"""

import asyncio
import json
import re
import sys
from collections.abc import Iterator
from typing import Any, get_args

from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi
from pydantic.json_schema import models_json_schema
from pydantic_core import to_json
from starlette.requests import Request
from starlette.responses import Response

from gateway import examples, links, problems
from gateway.documents.answer import MEDIA_TYPES as DOCUMENT_TYPES
from gateway.operations import REPLAYED, SEEN, OperationRoute, body_model, takes_key
from gateway.protocol import UrlTooLong
from gateway.sheets import MEDIA_TYPES
from services.contracts import errors
from services.contracts.errors import ShequError
from services.contracts.operations import HTTP
from services.contracts.operations.base import Operation
from services.contracts.operations.documents import Document
from services.contracts.operations.feed import Sheet

VERSION = "1.0.0"
DESCRIPTION = """社区通 Shequtong: neighbourhoods govern themselves from a phone.

Errors are problem+json (RFC 9457) with a stable `code`. Lists are paged by opaque cursors. Times
are RFC 3339 with a zone. What is not built yet answers 501."""

_PROBLEMS: dict[str, tuple[type[ShequError], ...]] = {
    "BadRequest": (errors.BadRequest,),
    "Unauthenticated": (errors.Unauthenticated, errors.TokenExpired),
    "Forbidden": (errors.Forbidden, errors.ObserverReadOnly),
    "NotFound": (errors.NotFound,),
    "TooSlow": (problems.BodyTooSlow,),
    "Conflict": (errors.Conflict, errors.IdempotencyKeyReused),
    "TooLarge": (errors.TooLarge,),
    "UrlTooLong": (UrlTooLong,),
    "UnsupportedMedia": (errors.UnsupportedMedia,),
    "Invalid": (errors.Invalid, errors.RuleBroken),
    "RateLimited": (errors.RateLimited,),
    "NotBuilt": (errors.NotBuilt,),
    "Unavailable": (errors.Unavailable, errors.TimedOut),
}
_MODULE_NAME = re.compile(r"services__contracts__operations__([a-z_]+?)__\w*?([A-Z]\w*)")
_WAITING = ("RateLimited", "Unavailable")
_ALSO: dict[str, tuple[str, ...]] = {
    **dict.fromkeys(("createToken", "refreshToken", "loginByWechat"), ("Unauthenticated",)),
    "gridUpload": ("Unauthenticated",),
    "checkReceipt": ("Invalid",),
    **dict.fromkeys(
        ("auditPoll", "exportPoll", "getCertificate", "getResult"), ("Conflict",)
    ),  # before the end
    **dict.fromkeys(("exportSurvey", "surveyResults"), ("Conflict",)),
    "getSignUpCode": ("Conflict",),
}
"""Answers that the form of an operation does not tell: what its service refuses besides."""

_BINARY = {"schema": {"type": "string", "format": "binary"}}
_STREAM = {
    "text/event-stream": {
        "schema": {"type": "string"},
        "example": 'id: 0192…\nevent: notification\ndata: {"id":"0192…","title":"…"}\n\n',
    }
}
_STORED = ("getUpload", "getUploadThumbnail")
_OWN_CONTENT: dict[str, dict[str, Any]] = {
    "streamNotifications": _STREAM,
    "getUpload": {"*/*": _BINARY},
    "getUploadThumbnail": {"image/jpeg": _BINARY},
    "getPoster": {"image/png": _BINARY, "application/pdf": _BINARY},
}


def build(app: FastAPI) -> dict[str, Any]:
    """The document of the app's operations."""
    routes = [route for route in app.routes if isinstance(route, OperationRoute)]
    document = get_openapi(
        title=app.title,
        version=VERSION,
        openapi_version="3.1.0",
        description=DESCRIPTION,
        routes=routes,
        tags=[{"name": name} for name in dict.fromkeys(str(r.tags[0]) for r in routes)],
    )
    components = document.setdefault("components", {})
    schemas = components.setdefault("schemas", {})
    for unused in ("HTTPValidationError", "ValidationError"):
        schemas.pop(unused, None)
    _, shared = models_json_schema(
        [(problems.Problem, "serialization")], ref_template="#/components/schemas/{model}"
    )
    schemas.update(shared["$defs"])
    components["responses"] = {name: _problem(*kinds) for name, kinds in _PROBLEMS.items()}
    components["parameters"] = _parameters()
    components["headers"] = _headers()
    components["securitySchemes"] = {
        "bearer": {"type": "http", "scheme": "bearer", "bearerFormat": "JWT (EdDSA)"}
    }
    components["examples"] = {}
    for route in routes:
        entry = document["paths"][route.path_format][route.operation.method.lower()]
        _complete(entry, route)
        _exemplify(entry, route.operation, components["examples"])
    _leave_out_unused(document)
    return plainly_named(document)


def plainly_named(document: dict[str, Any]) -> dict[str, Any]:
    """Two models of one name get their service in front, instead of our modules' path.

    Raises:
        ValueError: both are of one service, so one would be shown in the other's place.
    """
    text = json.dumps(document, ensure_ascii=False)
    taken = set(document["components"]["schemas"])
    for long_name in document["components"]["schemas"]:
        found = _MODULE_NAME.fullmatch(long_name)
        if found:
            name = f"{found[1].title().replace('_', '')}{found[2]}"
            if name in taken:
                raise ValueError(f"two models would be {name}")
            taken.add(name)
            text = text.replace(f'"{long_name}"', f'"{name}"')
            text = text.replace(f'/{long_name}"', f'/{name}"')
    named: dict[str, Any] = json.loads(text)
    for name, schema in named["components"]["schemas"].items():
        schema["title"] = name  # generators of clients call a class by it
    return named


def _complete(entry: dict[str, Any], route: OperationRoute) -> None:
    """Add what the signature cannot say."""
    operation = route.operation
    responses = entry["responses"]
    responses.pop("422", None)
    success = responses[str(operation.status)]
    success["description"] = operation.summary
    if operation.id in _OWN_CONTENT:
        success["content"] = _OWN_CONTENT[operation.id]
    elif operation.result is Document:
        forms = get_args(operation.command.model_fields["format"].annotation)
        success["content"] = {DOCUMENT_TYPES[form]: _BINARY for form in forms}
    elif operation.result is Sheet:
        success["content"] |= dict.fromkeys(MEDIA_TYPES.values(), _BINARY)
    if found := links.links(operation, HTTP):
        success["links"] = found
    if told := dict(_told(operation)):
        success["headers"] = told
    responses |= _kept_by_the_client(operation)
    for name in _expected(route):
        status = str(_PROBLEMS[name][0].status)
        responses[status] = {"$ref": f"#/components/responses/{name}"}
    entry["security"] = [{"bearer": []}] if operation.who.login else [{}, {"bearer": []}]
    if operation.who.roles:
        entry["x-roles"] = sorted(operation.who.roles)
    if operation.who.member:
        entry["x-member"] = True
    entry["x-built"] = operation.built
    entry.setdefault("parameters", []).extend(_references(operation))
    if operation.multipart:
        entry["requestBody"] = _multipart()
    elif route.shape.body:
        sent = examples.body(operation.id, body_model(operation, route.shape))
        entry["requestBody"]["content"]["application/json"]["example"] = sent


def _leave_out_unused(document: dict[str, Any]) -> None:
    """Drop what nothing refers to: the answers of no operation, shapes that became files."""
    text = json.dumps(document, ensure_ascii=False)
    for kind in ("responses", "schemas"):
        parts = document["components"][kind]
        for name in [name for name in parts if f'"#/components/{kind}/{name}"' not in text]:
            del parts[name]


def _exemplify(entry: dict[str, Any], operation: Operation, shown: dict[str, Any]) -> None:
    """The answer's example, written once for all operations that answer alike."""
    answer = (
        entry["responses"][str(operation.status)].get("content", {}).get("application/json", {})
    )
    name = str(answer.get("schema", {}).get("$ref", "")).rpartition("/")[2]
    if name:
        shown[name] = {"value": examples.answer(operation.result)}
        answer["examples"] = {"whole": {"$ref": f"#/components/examples/{name}"}}
    elif answer:
        answer["example"] = examples.answer(operation.result)


def _expected(route: OperationRoute) -> Iterator[str]:
    operation, shape = route.operation, route.shape
    takes_body = bool(shape.body) or operation.multipart
    if takes_body or shape.query or operation.method == "POST":
        yield "BadRequest"
    if operation.who.login or operation.id.startswith("getUpload"):
        yield "Unauthenticated"
    if operation.who.login or operation.id == "advanceClock":
        yield "Forbidden"
    yield "NotFound"
    if operation.write:
        yield "Conflict"
    if takes_body:
        yield from ("TooSlow", "TooLarge", "UnsupportedMedia")
    if shape.path or shape.query:
        yield "UrlTooLong"
    if takes_body or shape.query or operation.write:
        yield "Invalid"
    yield "RateLimited"
    if not operation.built:
        yield "NotBuilt"
    yield from _ALSO.get(operation.id, ())
    yield "Unavailable"


def _references(operation: Operation) -> Iterator[dict[str, str]]:
    names = ["AcceptLanguage"]
    if takes_key(operation):
        names.append("IdempotencyKey")
    if operation.id == "streamNotifications":
        names.append("LastEventId")
    if operation.cacheable:
        names.append("SeenBefore")
    if _tagged(operation):
        names.append("IfNoneMatch")
    if operation.id in _STORED:
        names += ["Range", "IfRange"]
    return ({"$ref": f"#/components/parameters/{name}"} for name in names)


def _tagged(operation: Operation) -> bool:
    """Whether an answer has an ETag, by which a client asks again."""
    return operation.cacheable or operation.id in _STORED


def _told(operation: Operation) -> Iterator[tuple[str, dict[str, str]]]:
    """The headers of an answer."""
    if operation.write and operation.status != 204:
        yield SEEN, {"$ref": "#/components/headers/Seen"}
    if takes_key(operation):
        yield REPLAYED, {"$ref": "#/components/headers/Replayed"}
    if _tagged(operation):
        yield "ETag", {"$ref": "#/components/headers/ETag"}


def _kept_by_the_client(operation: Operation) -> dict[str, Any]:
    """The answers to whoever has a thing already, or wants a piece of it (RFC 9110, 13 and 14)."""
    if not _tagged(operation):
        return {}
    etag = {"ETag": {"$ref": "#/components/headers/ETag"}}
    found = {"304": {"description": "The client has it already", "headers": etag}}
    if operation.id in _STORED:
        where = {"Content-Range": {"$ref": "#/components/headers/ContentRange"}}
        content = {"*/*": _BINARY}
        found["206"] = {"description": "A piece", "headers": {**etag, **where}, "content": content}
        found["416"] = {"description": "It ends before that piece", "headers": where}
    return found


def _problem(*kinds: type[ShequError]) -> dict[str, Any]:
    first = kinds[0]
    answer: dict[str, Any] = {
        "description": f"{first.en} ({', '.join(kind.code for kind in kinds)}, …)",
        "content": {
            problems.MEDIA_TYPE: {
                "schema": {"$ref": "#/components/schemas/Problem"},
                "example": problems.document(first(), "zh-CN", "0192f0c1-req"),
            }
        },
    }
    if first.__name__ in _WAITING:
        answer["headers"] = {"Retry-After": {"$ref": "#/components/headers/RetryAfter"}}
    return answer


def _multipart() -> dict[str, Any]:
    schema = {
        "type": "object",
        "required": ["file"],
        "properties": {"file": {"type": "string", "format": "binary"}},
    }
    return {"required": True, "content": {"multipart/form-data": {"schema": schema}}}


def _parameters() -> dict[str, Any]:
    text = {"type": "string"}
    return {
        "IdempotencyKey": {
            "name": "Idempotency-Key",
            "in": "header",
            "description": "The same key and body replays the first answer (24 hours).",
            "schema": {**text, "pattern": "^[\\x21-\\x7e]{1,200}$"},
        },
        "AcceptLanguage": {
            "name": "Accept-Language",
            "in": "header",
            "description": "zh-CN (default) or en.",
            "schema": {**text, "examples": ["zh-CN", "en"]},
        },
        "LastEventId": {
            "name": "Last-Event-ID",
            "in": "header",
            "description": "The id of the last event that was received.",
            # by a pattern: generated clients make an object of a uuid, which no header takes
            "schema": {**text, "pattern": "^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$"},
        },
        "SeenBefore": {
            "name": SEEN,
            "in": "header",
            "description": "What writes have answered under this name, with commas in between: "
            "the answer then holds them, at any gateway.",
            "schema": text,
        },
        "IfNoneMatch": {
            "name": "If-None-Match",
            "in": "header",
            "description": "The ETag of what the client has.",
            "schema": text,
        },
        "Range": {
            "name": "Range",
            "in": "header",
            "description": "One piece: `bytes=0-99`. Anything else is answered with the whole.",
            "schema": text,
        },
        "IfRange": {
            "name": "If-Range",
            "in": "header",
            "description": "The ETag of what the piece is of; the whole, if that has changed.",
            "schema": text,
        },
    }


def _headers() -> dict[str, Any]:
    return {
        "Seen": {
            "description": "Hand it back on reads to see this write: `<service>=<number>`.",
            "schema": {"type": "string"},
        },
        "Replayed": {
            "description": "`true`: the answer that was given to this Idempotency-Key before.",
            "schema": {"type": "string"},
        },
        "ETag": {"description": "What stands here now.", "schema": {"type": "string"}},
        "ContentRange": {
            "description": "Which piece, of how much: `bytes 0-99/1234`.",
            "schema": {"type": "string"},
        },
        "RetryAfter": {"description": "Seconds.", "schema": {"type": "integer"}},
    }


def _made(app: FastAPI) -> bytes:
    return to_json(build(app))


async def serve(request: Request) -> Response:
    """The document, made on first demand: once, and aside, as it takes seconds."""
    state = request.app.state
    if not hasattr(state, "openapi"):
        state.openapi = asyncio.ensure_future(asyncio.to_thread(_made, request.app))
    return Response(
        await asyncio.shield(state.openapi),  # whoever leaves takes it from nobody else
        media_type="application/json",
        headers={"Cache-Control": "public, max-age=300"},
    )


def main() -> int:
    """Print the document."""
    from gateway.app import create_app
    from gateway.settings import Settings

    app = create_app(Settings(env="test", storage_url="memory://uploads"))
    words = json.dumps(build(app), indent=1, ensure_ascii=False, sort_keys=True)
    sys.stdout.write(words + "\n")  # at once: json.dump would write each word for itself
    return 0


if __name__ == "__main__":
    sys.exit(main())
