"""Reading JSON bodies: strictly, and no deeper or larger than the services can keep.

What PostgreSQL cannot store or another JSON reader would misread (NUL, lone surrogates, numbers
beyond 64 bits, infinities) is refused here, once, for every operation.
"""

import math
import re
from typing import Any

from pydantic_core import from_json
from starlette.requests import Request

from services.contracts.errors import BadRequest, FieldError, Invalid, UnsupportedMedia

MAX_DEPTH = 32
MAX_INTEGER = 2**63 - 1
_JSON_TYPE = re.compile(r"application/(?:[\w.+-]+\+)?json", re.IGNORECASE)


async def read_object(request: Request) -> dict[str, Any]:
    """The body of a request as a JSON object; an absent body is an empty one.

    Raises:
        UnsupportedMedia: it is not said to be JSON in UTF-8.
        BadRequest: it is not JSON.
        Invalid: it is not an object, or holds what cannot be kept.
    """
    raw = await request.body()
    if not raw:
        return {}
    _check_type(request)
    try:
        value = from_json(raw, allow_inf_nan=False)
    except ValueError:
        raise BadRequest() from None
    if not isinstance(value, dict):
        raise Invalid(errors=[FieldError("body", "must be a JSON object")])
    return {key: storable(item, key) for key, item in value.items() if _text(key, "body")}


def _check_type(request: Request) -> None:
    if request.headers.get("content-encoding", "identity").lower() != "identity":
        raise UnsupportedMedia()
    kind, _, parameters = request.headers.get("content-type", "").partition(";")
    if not _JSON_TYPE.fullmatch(kind.strip()):
        raise UnsupportedMedia()
    name, _, charset = parameters.strip().partition("=")
    if name.lower() == "charset" and charset.strip('" ').lower() not in ("utf-8", "utf8"):
        raise UnsupportedMedia()


def storable(value: Any, where: str, depth: int = 1) -> Any:
    """``value`` if it can be kept; whole floats become integers, as JSON knows no difference.

    Raises:
        Invalid: naming the field ``where`` it cannot.
    """
    if depth > MAX_DEPTH:
        raise Invalid(errors=[FieldError(where, "is nested too deeply")])
    match value:
        case str():
            _text(value, where)
        case bool() | None:
            pass
        case int():
            if abs(value) > MAX_INTEGER:
                raise Invalid(errors=[FieldError(where, "is too large a number")])
        case float():
            if not math.isfinite(value):
                raise Invalid(errors=[FieldError(where, "is too large a number")])
            if value.is_integer() and abs(value) <= MAX_INTEGER:
                return int(value)
        case list():
            return [storable(item, f"{where}.{n}", depth + 1) for n, item in enumerate(value)]
        case dict():
            return {
                key: storable(item, f"{where}.{key}", depth + 1)
                for key, item in value.items()
                if _text(key, where)
            }
    return value


def _text(value: str, where: str) -> bool:
    if "\x00" in value:
        raise Invalid(errors=[FieldError(where, "must not contain NUL characters")])
    return True
