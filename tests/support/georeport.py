"""What GeoReport v2 asks of a server's JSON: the rules of its official schemas, written anew.

Ids, codes, postal codes and ids of addresses are texts, even where the specification's own examples
show numbers; latitude and longitude are numbers.
"""

from collections.abc import Callable, Iterator, Mapping
from datetime import datetime
from typing import Any, Final
from urllib.parse import urlsplit

Check = Callable[[Any], bool]
DATATYPES: Final = {"string", "number", "datetime", "text", "singlevaluelist", "multivaluelist"}


def _text(value: Any) -> bool:
    return isinstance(value, str)


def _moment(value: Any) -> bool:
    return isinstance(value, str) and datetime.fromisoformat(value).tzinfo is not None


def _number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _or_null(check: Check) -> Check:
    return lambda value: value is None or check(value)


def _one_of(*choices: str) -> Check:
    return lambda value: value in choices


SERVICE: Final[Mapping[str, tuple[bool, Check]]] = {
    "service_code": (True, _text),
    "service_name": (True, _text),
    "metadata": (True, lambda value: isinstance(value, bool)),
    "type": (True, _one_of("realtime", "batch", "blackbox")),
    **dict.fromkeys(("description", "keywords", "group"), (False, _or_null(_text))),
}
ATTRIBUTE: Final[Mapping[str, tuple[bool, Check]]] = {
    "variable": (True, lambda value: isinstance(value, bool)),
    "code": (True, _text),
    "datatype": (True, _one_of(*DATATYPES)),
    "required": (True, lambda value: isinstance(value, bool)),
    "datatype_description": (False, _or_null(_text)),
    "order": (False, _or_null(lambda value: isinstance(value, int))),
    "description": (False, _or_null(_text)),
    "values": (False, lambda value: isinstance(value, list)),
}
VALUE: Final[Mapping[str, tuple[bool, Check]]] = {"key": (True, _text), "name": (True, _text)}
REQUEST: Final[Mapping[str, tuple[bool, Check]]] = {
    "service_request_id": (True, _text),
    "status": (True, _one_of("open", "closed")),
    "service_code": (True, _text),
    "requested_datetime": (True, _moment),
    "description": (False, _or_null(lambda value: _text(value) and len(value) <= 4_000)),
    **dict.fromkeys(("updated_datetime", "expected_datetime"), (False, _or_null(_moment))),
    **dict.fromkeys(("lat", "long"), (False, _or_null(_number))),
    "media_url": (False, _or_null(lambda value: bool(urlsplit(value).scheme))),
    **dict.fromkeys(
        ("status_notes", "service_name", "agency_responsible", "service_notice", "address",
         "address_id", "zipcode"),
        (False, _or_null(_text)),
    ),
}  # fmt: skip


def problems_of_services(said: Any) -> list[str]:
    """What is wrong with a list of services."""
    return [*_list(said, SERVICE)]


def problems_of_requests(said: Any) -> list[str]:
    """What is wrong with a list of requests."""
    return [*_list(said, REQUEST)]


def problems_of_definition(said: Any) -> list[str]:
    """What is wrong with a definition."""
    found = [] if isinstance(said.get("service_code"), str) else ["service_code"]
    found += _list(said.get("attributes"), ATTRIBUTE)
    for attribute in said["attributes"]:
        found += _list(attribute.get("values", []), VALUE)
    return found


def _list(said: Any, rules: Mapping[str, tuple[bool, Check]]) -> Iterator[str]:
    if not isinstance(said, list):
        yield "not a list"
        return
    for number, one in enumerate(said):
        for name, (required, check) in rules.items():
            if name not in one:
                if required:
                    yield f"{number}.{name} is missing"
            elif not check(one[name]):
                yield f"{number}.{name} = {one[name]!r}"
