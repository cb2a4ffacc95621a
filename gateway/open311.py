"""Open311 GeoReport v2 at ``/open311/v2/``: HTTP, XML and JSON around what the bridge answers.

::

    GET  discovery                    of the gateway itself
    GET  services, services/{code}    listOpen311Services, getOpen311Service
    GET  requests, requests/{id}      listOpen311Requests, getOpen311Request
    POST requests                     createOpen311Request, with an api_key
    GET  tokens/{token}               getOpen311Token

Each as ``.xml`` and ``.json``. Here is no rule: who may send in what, and what is published, is
the bridge's. Errors are the specification's list with 400, 403 and 404; 429 and 503 say when to
come again. Source: https://wiki.open311.org/GeoReport_v2/.
"""

import re
from collections.abc import Awaitable, Callable, Iterable, Mapping
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any, Final
from urllib.parse import parse_qsl

from pydantic import ValidationError
from pydantic_core import from_json
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from gateway import context, gate, problems
from gateway.open311_formats import FORMATS, respond
from services.contracts.errors import BadRequest, FieldError, NotFound, ShequError
from services.contracts.operations import BY_ID

ROOT: Final = "/open311/v2"
SPECIFICATION: Final = "http://wiki.open311.org/GeoReport_v2"
CHANGESET: Final = "2026-11-01T00:00:00Z"
"""When what is offered here last changed."""

_FORM: Final = "application/x-www-form-urlencoded"
_ATTRIBUTE: Final = re.compile(r"attribute\[([^\[\]]{1,100})\](?:\[\])?")
_MOST_FIELDS: Final = 500
_LISTS: Final = frozenset({"service_request_id", "service_code", "status"})
_REQUEST: Final = (
    "service_request_id", "status", "status_notes", "service_name", "service_code",
    "description", "agency_responsible", "service_notice", "requested_datetime",
    "updated_datetime", "expected_datetime", "address", "address_id",
)  # fmt: skip
_EXTENDED: Final = ("state", "community", "town")


class FormNeeded(BadRequest):
    """A report comes as a form (``application/x-www-form-urlencoded``)."""

    code = "open311.form_needed"
    zh, en = "请以 application/x-www-form-urlencoded 提交", f"Send it as {_FORM}"


class NoSuchResource(NotFound):
    """GeoReport v2 has no such address, or not for this method."""

    code = "open311.no_such_resource"
    zh, en = "没有这个地址或方法", "There is no such resource, or not for this method"


@dataclass(frozen=True, slots=True)
class Ask:
    """A request in the form that was asked for; ``query`` holds the first value of each name."""

    request: Request
    form: str
    query: dict[str, str]

    async def of(self, operation: str, **values: Any) -> Any:
        """What the bridge answers; empty values are left out, as if they had not been sent."""
        row = BY_ID[operation]
        parts, ctx = gate.of(self.request), context.of(self.request)
        await parts.limiter.check(row, None, ctx)
        given = {name: value for name, value in values.items() if value not in ("", [], None)}
        given["jurisdiction_id"] = self.query.get("jurisdiction_id", "")
        try:
            command = row.command.model_validate(given)
        except ValidationError as error:
            raise BadRequest(errors=[*_fields(error)]) from None
        kwargs = command.model_dump(mode="json", exclude_unset=True)
        reply = await parts.backend.ask(row, kwargs, context=ctx)
        return from_json(reply.body)


Answer = Callable[[Ask], Awaitable[tuple[str, Any]]]


# -- what is answered ----------------------------------------------------------------------------


async def discovery(ask: Ask) -> tuple[str, Any]:
    """What there is, for those who look for it (Open311 Service Discovery)."""
    settings = gate.of(ask.request).settings
    home = settings.public_url.rstrip("/")
    productive = settings.env == "production" and not settings.demo
    return "discovery", {
        "changeset": CHANGESET,
        "contact": f"各居村的居民（村民）委员会；平台见 {home}/",
        "key_service": "接口密钥由所在区的管理员发放（API keys are issued by the district's "
        f"administrator），见 {home}/",
        "endpoints": [
            {
                "specification": SPECIFICATION,
                "url": f"{home}{ROOT}",
                "changeset": CHANGESET,
                "type": "production" if productive else "test",
                "formats": [kind.partition(";")[0] for kind in FORMATS.values()],
            }
        ],
    }


async def services(ask: Ask) -> tuple[str, Any]:
    """What can be reported."""
    return "services", (await ask.of("listOpen311Services"))["items"]


async def definition(ask: Ask) -> tuple[str, Any]:
    """What a report of one service may and must say."""
    code = ask.request.path_params["code"]
    return "service_definition", await ask.of("getOpen311Service", service_code=code)


async def requests(ask: Ask) -> tuple[str, Any]:
    """A list of requests."""
    names = ("start_date", "end_date", "updated_after", "updated_before", "page", "page_size")
    found = await ask.of(
        "listOpen311Requests",
        **{name: _listed(ask.query.get(name, "")) for name in _LISTS},
        **{name: ask.query.get(name, "") for name in names},
        extensions=_extended(ask),
    )
    return "service_requests", [_request(one, _extended(ask)) for one in found["items"]]


async def request(ask: Ask) -> tuple[str, Any]:
    """One request, in a list of one."""
    found = await ask.of(
        "getOpen311Request",
        service_request_id=ask.request.path_params["id"],
        extensions=_extended(ask),
    )
    return "service_requests", [_request(one, _extended(ask)) for one in found["items"]]


async def token(ask: Ask) -> tuple[str, Any]:
    """The request that a token became."""
    found = await ask.of("getOpen311Token", token=ask.request.path_params["token"])
    return "service_requests", [found]


async def report(ask: Ask) -> tuple[str, Any]:
    """A report is sent in."""
    said = await _form(ask.request)
    attributes: dict[str, list[str]] = {}
    fields: dict[str, str] = dict(ask.query)
    for name, value in said:
        if found := _ATTRIBUTE.fullmatch(name):
            attributes.setdefault(found[1], []).append(value)
        else:
            fields[name] = value
    ask.query.update(fields)  # jurisdiction_id may stand in the body
    names = ("api_key", "service_code", "lat", "long", "address_string", "address_id",
             "description", "media_url")  # fmt: skip
    receipt = await ask.of(
        "createOpen311Request",
        **{name: fields.get(name, "") for name in names},
        attributes=attributes or None,
    )
    return "service_requests", [{**receipt, "account_id": None}]


# -- reading and writing -------------------------------------------------------------------------


def _request(found: Mapping[str, Any], extended: bool) -> dict[str, Any]:
    shown: dict[str, Any] = {name: found[name] for name in _REQUEST}
    shown |= {"zipcode": None, "lat": found["lat"], "long": found["long"], "media_url": None}
    if extended:
        shown["extended_attributes"] = {name: found[name] for name in _EXTENDED}
        shown["notes"] = found["notes"]
    return shown


def _extended(ask: Ask) -> bool:
    return ask.query.get("extensions", "").lower() in ("true", "1")


def _listed(text: str) -> list[str]:
    return [part.strip() for part in text.split(",") if part.strip()]


async def _form(request: Request) -> list[tuple[str, str]]:
    kind, _, parameters = request.headers.get("content-type", "").partition(";")
    charset = parameters.partition("charset=")[2].strip('" ').lower()
    if kind.strip().lower() != _FORM or charset not in ("", "utf-8", "utf8"):
        raise FormNeeded()
    try:
        raw = (await request.body()).decode()
        return parse_qsl(raw, keep_blank_values=True, errors="strict", max_num_fields=_MOST_FIELDS)
    except ValueError:  # not UTF-8, or too many fields
        raise FormNeeded() from None


def _fields(error: ValidationError) -> Iterable[FieldError]:
    for found in error.errors(include_input=False, include_url=False):
        yield FieldError(".".join(map(str, found["loc"])), found["msg"])


def _errors(error: ShequError, form: str) -> Response:
    """The specification's list of errors."""
    status = HTTPStatus.BAD_REQUEST if error.status in (409, 415, 422) else error.status
    said = error.detail or f"{error.en} / {error.zh}"
    if error.errors and not error.detail:
        said = "; ".join(f"{one.field}: {one.message}" for one in error.errors)
    listed = [{"code": str(int(status)), "description": said}]
    return respond("errors", listed, form, status=status, headers=problems.come_again(error))


async def _nothing(_: Ask) -> tuple[str, Any]:
    raise NoSuchResource()


def _route(path: str, answer: Answer, method: str = "GET", status: int = 200) -> Route:
    async def endpoint(request: Request) -> Response:
        asked = request.path_params.get("form") or request.url.path.rpartition(".")[2]
        form = asked if asked in FORMATS else "xml"
        try:
            if asked not in FORMATS:
                raise NoSuchResource()
            name, value = await answer(Ask(request, form, dict(request.query_params)))
        except ShequError as error:
            return _errors(error, form)
        return respond(name, value, form, status=status)

    name = f"open311 {method} {answer.__name__.strip('_')}"
    return Route(f"{ROOT}/{path}", endpoint, methods=[method], name=name, include_in_schema=False)


ROUTES: Final = [
    _route("discovery.{form}", discovery),
    _route("services.{form}", services),
    _route("services/{code}.{form}", definition),
    _route("requests.{form}", requests),
    _route("requests.{form}", report, "POST", HTTPStatus.CREATED),
    _route("requests/{id}.{form}", request),
    _route("tokens/{token}.{form}", token),
    *(_route("{path:path}", _nothing, m) for m in ("GET", "POST", "PUT", "PATCH", "DELETE")),
]
