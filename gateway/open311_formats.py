"""How GeoReport v2 looks on the wire: text/xml, which everybody must speak, and JSON.

One table says what a thing is called in XML and what its parts are; JSON follows from the same
values by the specification's convention: lists stand without a wrapper. Moments carry a zone,
what is not known is empty in XML and null in JSON.
"""

import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final
from xml.etree.ElementTree import Element, SubElement, tostring

from pydantic_core import to_json
from starlette.responses import Response

FORMATS: Final[Mapping[str, str]] = {
    "xml": "text/xml; charset=utf-8",
    "json": "application/json",
}
# What XML 1.0 cannot hold, not even escaped (https://www.w3.org/TR/xml/#charsets).
_NOT_XML: Final = re.compile(r"[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")

_ITEMS: Final[Mapping[str, str]] = {
    "services": "service",
    "service_requests": "request",
    "attributes": "attribute",
    "values": "value",
    "endpoints": "endpoint",
    "formats": "format",
    "errors": "error",
    "notes": "note",
}
"""What the things in a list are called."""

Headers = Mapping[str, str]


def respond(
    name: str, value: Any, form: str, *, status: int = 200, headers: Headers | None = None
) -> Response:
    """A value as a response.

    Args:
        name: what XML calls it: ``services``, ``discovery``…
        form: ``xml`` or ``json``.
    """
    write: Callable[[str, Any], bytes] = as_xml if form == "xml" else _as_json
    response = Response(write(name, value), status_code=status, headers=dict(headers or {}))
    response.headers["Content-Type"] = FORMATS[form]
    return response


def as_xml(name: str, value: Any) -> bytes:
    """A value as a document of XML in UTF-8."""
    root = Element(name)
    _fill(root, name, value)
    return b'<?xml version="1.0" encoding="utf-8"?>\n' + tostring(root, encoding="utf-8")


def _as_json(_: str, value: Any) -> bytes:
    return to_json(value)


def _fill(parent: Element, name: str, value: Any) -> None:
    if isinstance(value, Mapping):
        for key, part in value.items():
            _fill(SubElement(parent, key), key, part)
    elif isinstance(value, Sequence) and not isinstance(value, str):
        for one in value:
            item = _ITEMS[name]
            _fill(SubElement(parent, item), item, one)
    elif isinstance(value, bool):
        parent.text = "true" if value else "false"
    elif value is not None:
        parent.text = _NOT_XML.sub("\ufffd", str(value))
