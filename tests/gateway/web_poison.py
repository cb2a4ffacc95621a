"""What an attacker would write into every text that a service answers with."""

from collections.abc import Iterator
from copy import deepcopy
from typing import Any

from pydantic import BaseModel, ValidationError

from services.contracts.operations import by_method

SCRIPT = '<script>alert("1")</script><img src=x onerror=alert(2)>'
MARKUP = f'"\'>{SCRIPT}<b onfocus=alert(3) x="'
"""Leaves an attribute in either kind of quotes, then runs in each of the ways that there are."""
OURS = frozenset(
    {
        "id", "ids", "did", "cid", "key", "token", "cursor", "at", "url", "link", "code", "state",
        "kind", "module", "category", "slot", "area", "decimal",
    }
)  # fmt: skip
"""How names of fields end that no person writes into: pages decide, lead and reckon by them."""


def poisoned(method: str, answer: Any) -> Any:
    """A copy of an answer with the markup after each string that the contract lets be any."""
    model = by_method(method).result
    copy = deepcopy(answer)
    for holder, name in list(_strings(copy)):
        before = holder[name]
        holder[name] = before + MARKUP
        if not _holds(model, copy):
            holder[name] = before
    return copy


def _holds(model: type[BaseModel], answer: Any) -> bool:
    try:
        model.model_validate(answer)
    except ValidationError:
        return False
    return True


def _strings(value: Any, called: str = "") -> Iterator[tuple[Any, Any]]:
    """Where strings stand: what holds each, and under which key or number."""
    pairs = value.items() if isinstance(value, dict) else enumerate(value)
    for name, inner in pairs:
        field = name if isinstance(value, dict) else called
        if isinstance(inner, dict | list):
            yield from _strings(inner, field)
        elif isinstance(inner, str) and field.split("_")[-1] not in OURS:
            yield value, name
