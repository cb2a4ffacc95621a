"""The contract as files for others: JSON Schemas of the events and an AsyncAPI 3 document.

``python -m services.contracts.export [folder]`` writes ``deploy/contracts/``; a test fails when
what is committed there is not what the code says, or breaks what a reader already relies on.
"""

import json
import sys
from pathlib import Path
from typing import Any

from services.contracts.events import REGISTRY, Event
from services.contracts.topology import BROADCAST, QUEUES, WORK_ORDERS

FOLDER = Path("deploy/contracts")
VERSION = "1.0.0"


def schema_of(event: type[Event]) -> dict[str, Any]:
    """The JSON Schema of an event's body, with its address in AMQP.

    ``additionalProperties`` is left open: a reader must pass over fields added later.
    """
    schema = event.model_json_schema(mode="serialization")
    schema.pop("additionalProperties", None)
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$id": f"urn:shequtong:event:{event.TYPE}",
        "x-exchange": event.EXCHANGE,
        "x-subject": ":".join(event.SUBJECT),
        "x-consumers": [q.name for q in QUEUES if event in q.events]
        + (["gateway (broadcast)"] if event in BROADCAST else []),
        **schema,
    }


def asyncapi() -> dict[str, Any]:
    """The AsyncAPI 3 document: a channel per event type, sent by its source."""
    messages = {event.TYPE: _message(event) for event in _events()}
    return {
        "asyncapi": "3.0.0",
        "info": {
            "title": "Shequtong 社区通 events",
            "version": VERSION,
            "description": (
                "CloudEvents 1.0 in AMQP binary mode. Deliveries may repeat (message_id is the "
                "event's id) and may come out of order (subject_version grows by one per "
                "subject). Fields may be added; readers pass over what they don't know."
            ),
        },
        "defaultContentType": "application/json",
        "channels": {kind: _channel(event) for kind, event in _by_type().items()},
        "operations": {
            f"send {kind}": {
                "action": "send" if event.SOURCE != "grid_platform" else "receive",
                "channel": {"$ref": f"#/channels/{kind}"},
                "summary": _summary(event),
            }
            for kind, event in _by_type().items()
        },
        "components": {
            "messages": messages,
            "messageTraits": {"envelope": {"headers": _HEADERS}},
        },
    }


_HEADERS = {
    "type": "object",
    "required": ["cloudEvents:id", "cloudEvents:type", "cloudEvents:source", "subject_version"],
    "properties": {
        "cloudEvents:id": {"type": "string", "description": "UUIDv7; also message_id"},
        "cloudEvents:source": {"type": "string"},
        "cloudEvents:type": {"type": "string", "description": "also the AMQP property type"},
        "cloudEvents:specversion": {"const": "1.0"},
        "cloudEvents:subject": {"type": "string"},
        "cloudEvents:time": {"type": "string", "format": "date-time"},
        "subject_version": {"type": "integer", "minimum": 1},
        "traceparent": {"type": "string", "description": "W3C Trace Context"},
    },
}


def files() -> dict[str, str]:
    """Every exported file's name and content."""
    made = {f"events/{event.TYPE}.json": _text(schema_of(event)) for event in _events()}
    made["asyncapi.json"] = _text(asyncapi())
    return made


def breaking_changes(old: dict[str, Any], new: dict[str, Any]) -> list[str]:
    """What a reader of ``old`` would miss in messages that fit ``new``, one line each.

    A property that went away, became optional where it was required, or changed its type, and a
    new value in an enumeration: a reader of ``old`` knows the old ones alone and refuses it.
    """
    broken: list[str] = []
    _compare(old, new, old.get("$defs", {}), new.get("$defs", {}), "", broken)
    return broken


def _compare(
    old: dict[str, Any],
    new: dict[str, Any],
    old_defs: dict[str, Any],
    new_defs: dict[str, Any],
    where: str,
    broken: list[str],
) -> None:
    old, new = _resolve(old, old_defs), _resolve(new, new_defs)
    for key in ("type", "const", "format"):
        if old.get(key) != new.get(key) and key in old:
            broken.append(f"{where or 'body'}: {key} {old.get(key)!r} became {new.get(key)!r}")
    known = old.get("enum", new.get("enum", []))
    if added := [value for value in new.get("enum", []) if value not in known]:
        broken.append(f"{where or 'body'}: new values {added}")
    for name, schema in old.get("properties", {}).items():
        inner = f"{where}.{name}".lstrip(".")
        if name not in new.get("properties", {}):
            broken.append(f"{inner}: went away")
            continue
        if name in old.get("required", []) and name not in new.get("required", []):
            broken.append(f"{inner}: is no longer always there")
        _compare(schema, new["properties"][name], old_defs, new_defs, inner, broken)
    if "items" in old and "items" in new:
        _compare(old["items"], new["items"], old_defs, new_defs, f"{where}[]", broken)
    if "anyOf" in old and old["anyOf"] != new.get("anyOf"):
        broken.append(f"{where}: its alternatives changed")


def _resolve(schema: dict[str, Any], defs: dict[str, Any]) -> dict[str, Any]:
    reference = schema.get("$ref", "")
    return defs.get(reference.rpartition("/")[2], schema) if reference else schema


def _events() -> list[type[Event]]:
    return [REGISTRY[kind] for kind in sorted(REGISTRY)]


def _by_type() -> dict[str, type[Event]]:
    return {event.TYPE: event for event in _events()}


def _summary(event: type[Event]) -> str:
    return (event.__doc__ or "").strip().splitlines()[0]


def _message(event: type[Event]) -> dict[str, Any]:
    return {
        "name": event.TYPE,
        "summary": _summary(event),
        "traits": [{"$ref": "#/components/messageTraits/envelope"}],
        "payload": {"$ref": f"events/{event.TYPE}.json"},
    }


def _channel(event: type[Event]) -> dict[str, Any]:
    key = f"{event.TYPE}.{{district}}.{{category}}" if event in WORK_ORDERS else event.TYPE
    channel: dict[str, Any] = {
        "address": key,
        "messages": {"message": {"$ref": f"#/components/messages/{event.TYPE}"}},
        "bindings": {
            "amqp": {
                "is": "routingKey",
                "exchange": {"name": event.EXCHANGE, "type": "topic", "durable": True},
            }
        },
    }
    if event in WORK_ORDERS:
        channel["parameters"] = {
            "district": {"description": "the district's id"},
            "category": {"description": "the issue's category"},
        }
    return channel


def _text(document: dict[str, Any]) -> str:
    return json.dumps(document, indent=2, ensure_ascii=False, sort_keys=True) + "\n"


def main(arguments: list[str]) -> int:
    """Write the files."""
    folder = Path(arguments[0]) if arguments else FOLDER
    for name, content in files().items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(content)
    print(f"{len(files())} files in {folder}")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
