"""What is known about a request before anybody looks at it: id, trace, language, address."""

import ipaddress
import re
import uuid
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Literal

from starlette.requests import HTTPConnection
from starlette.types import Scope

from services.contracts.ids import new_id
from services.kit.logs import new_traceparent

Language = Literal["zh-CN", "en"]
KEY = "shequ"
SEEN_COOKIE = "shequ_seen"
_SEEN = re.compile(SEEN_COOKIE + r"=\"?([\w=@,]*)")
_REQUEST_ID = re.compile(
    r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}|[0-9a-f]{32}"
    r"|(?!.*\d{7})(?!.*\d\.\d+\.\d+\.\d)[A-Za-z0-9._-]{8,64}"
)
"""Of others, too; but seven digits in a row may be a phone number, four numbers with dots are an
address, and an id goes into logs."""
_TRACEPARENT = re.compile(r"00-(?!0{32})[0-9a-f]{32}-(?!0{16})[0-9a-f]{16}-[0-9a-f]{2}")


@dataclass(frozen=True, slots=True)
class RequestContext:
    """One request. ``head`` says that only the head of the answer is wanted.

    ``headers`` are what the answer will say besides, whoever gives it. ``seen`` is what the reader
    has seen: her ``Shequ-Seen``, or the cookie in which the pages keep it.
    """

    request_id: str
    traceparent: str
    language: Language
    address: str
    head: bool = False
    seen: str = ""
    headers: dict[str, str] = field(default_factory=dict, compare=False)

    @property
    def trace(self) -> str:
        """The id of its trace."""
        return self.traceparent[3:35]

    @property
    def network(self) -> str:
        """Whose address it is, for limits: an IPv6 customer has a /64 of addresses."""
        return _network(self.address)

    @property
    def loopback(self) -> bool:
        """Whether the request comes from this machine."""
        try:
            return ipaddress.ip_address(self.network).is_loopback
        except ValueError:
            return self.network == "::/64"  # the network of ::1


@lru_cache(maxsize=4_000)
def _network(said: str) -> str:
    try:
        address = ipaddress.ip_address(said)
    except ValueError:
        return said
    if address.version == 4:
        return str(address)
    return str(address.ipv4_mapped or ipaddress.ip_network((address, 64), strict=False))


def headers_of(scope: Scope) -> dict[bytes, bytes]:
    """A request's headers by their names, the first of each."""
    return dict(reversed(scope["headers"]))


def begin(scope: Scope) -> RequestContext:
    """The context of a request that just came in; foreign ids are kept when they look sane."""
    headers = headers_of(scope)

    def said(name: bytes) -> str:
        return headers[name].decode("latin-1") if name in headers else ""

    request_id = said(b"x-request-id")
    if not _REQUEST_ID.fullmatch(request_id):
        request_id = new_id()
    parent = said(b"traceparent")
    client = scope.get("client")
    return RequestContext(
        request_id=request_id,
        traceparent=new_traceparent(parent if _TRACEPARENT.fullmatch(parent) else ""),
        language=preferred_language(said(b"accept-language")[:200]),
        address=client[0] if client else "",
        head=scope["method"] == "HEAD",
        seen=said(b"shequ-seen") or _kept_seen(said(b"cookie")),
    )


def own() -> RequestContext:
    """The context of what the gateway asks by itself, on nobody's request."""
    return RequestContext(uuid.uuid4().hex, traceparent="", language="zh-CN", address="")


def _kept_seen(cookies: str) -> str:
    found = _SEEN.search(cookies) if SEEN_COOKIE in cookies else None
    return found[1] if found else ""


def of(request: HTTPConnection) -> RequestContext:
    """The context that the edge gave to this request."""
    context: RequestContext = request.scope[KEY]
    return context


@lru_cache(maxsize=1_000)
def preferred_language(accept: str) -> Language:
    """zh-CN unless English is asked for before Chinese (RFC 9110, section 12.5.4)."""
    weights = {"zh": -1.0, "en": -1.0}
    for part in accept.split(","):
        tag, _, parameters = part.strip().partition(";")
        primary = tag.strip().lower().partition("-")[0]
        if primary in weights:
            weights[primary] = max(weights[primary], _quality(parameters))
    return "en" if weights["en"] > max(weights["zh"], 0.0) else "zh-CN"


def _quality(parameters: str) -> float:
    name, _, value = parameters.strip().partition("=")
    if name.strip().lower() != "q":
        return 1.0
    try:
        return min(1.0, max(0.0, float(value)))
    except ValueError:
        return 0.0
