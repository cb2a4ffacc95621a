"""Replies to observers: neighbours by their surnames (:mod:`services.contracts.surnames`)."""

from typing import Any

from pydantic_core import from_json, to_json

from services.contracts.actor import Actor
from services.contracts.operations.base import Operation
from services.contracts.surnames import as_watched


def shown(answer: dict[str, Any], actor: Actor, operation: Operation) -> dict[str, Any]:
    """A reply's result for an observer: neighbours by their surnames, and right for nobody else.

    What services ask each other in her name stays as it is: they keep copies of cards.
    """
    if operation.method == "INTERNAL":
        return answer
    mine = {name: value for name, value in answer.items() if name != "shared"}
    if isinstance(text := answer.get("json"), str):
        return mine | {"json": to_json(as_watched(from_json(text), actor.person_id)).decode()}
    return as_watched(mine, actor.person_id)  # type: ignore[no-any-return]
