"""How RPC calls and events look in AMQP: header names and their reading and writing.

RPC follows nameko's protocol: a topic exchange ``nameko-rpc``, request queue ``rpc-<service>``,
routing key ``<service>.<method>``, body ``{"args": [], "kwargs": {…}}``, the answer on the same
exchange under the ``reply_to`` routing key. Context travels in headers prefixed ``nameko.``.
Reads may travel together, each with its context: ``{"calls": [{"kwargs": {…}, "context": {…}}]}``
under the header ``together``; the answer is ``{"answers": [{"result"| "error": …}]}``, where an
empty one has to be asked for by itself (:mod:`services.kit.together`).

Events follow CloudEvents 1.0, AMQP protocol binding, binary mode.
"""

from datetime import UTC, datetime
from typing import Any

from services.contracts.events import REGISTRY, Envelope

RPC_EXCHANGE = "nameko-rpc"
RPC_TTL_SECONDS = 10
TOKEN = "token"  # noqa: S105 - a header's name
REQUEST_ID = "request_id"
TRACEPARENT = "traceparent"
IDEMPOTENCY_KEY = "idempotency_key"
BODY_HASH = "body_hash"
LANGUAGE = "language"
CALL_ID_STACK = "call_id_stack"
TOGETHER = "together"  # says that the body holds several calls of one operation
# Not headers of the caller: the message says so itself.
CORRELATION_ID = "correlation_id"
REDELIVERED = "redelivered"
XID = "shequ-xid"
EPOCH = "shequ-epoch"
ATTEMPT = "x-attempt"


def rpc_queue_name(service: str) -> str:
    """The request queue of a service."""
    return f"rpc-{service}"


def rpc_headers(context: dict[str, Any]) -> dict[str, Any]:
    """The headers of a request, from the context that is to travel with it."""
    return {f"nameko.{key}": value for key, value in context.items() if value}


def rpc_context(headers: dict[str, Any]) -> dict[str, Any]:
    """The context in the headers of a request; other headers are passed over."""
    return {
        key.removeprefix("nameko."): value
        for key, value in headers.items()
        if isinstance(key, str) and key.startswith("nameko.")
    }


def attempt_of(headers: dict[str, Any]) -> int:
    """How often an event was tried before; anything that is no such number counts as never."""
    return max(0, _number(headers.get(ATTEMPT)))


def event_headers(envelope: Envelope) -> dict[str, Any]:
    """The headers of an event."""
    return {
        "cloudEvents:id": envelope.event_id,
        "cloudEvents:source": envelope.source,
        "cloudEvents:type": envelope.type,
        "cloudEvents:specversion": "1.0",
        "cloudEvents:subject": envelope.subject,
        "cloudEvents:time": envelope.time.isoformat(),
        "subject_version": envelope.subject_version,
        "traceparent": envelope.traceparent,
        XID: str(envelope.xid),
        EPOCH: str(envelope.epoch),
    }


def read_envelope(
    body: Any, headers: dict[str, Any], *, message_id: str = "", event_type: str = ""
) -> Envelope:
    """The envelope of a received event, with its event parsed by its type.

    Raises:
        ValueError: it has no id, an unknown type, or a body that its type does not allow
            (pydantic's ValidationError is one).
    """
    kind = str(headers.get("cloudEvents:type") or event_type or "")
    event_id = str(headers.get("cloudEvents:id") or message_id or "")
    if not event_id:
        raise ValueError("the event has no id")
    if kind not in REGISTRY:
        raise ValueError(f"unknown event type {kind[:80]!r}")
    if not isinstance(body, dict):
        raise ValueError("the body is not an object")
    event = REGISTRY[kind].read(body)
    return Envelope(
        event_id=event_id,
        source=str(headers.get("cloudEvents:source", event.SOURCE)),
        type=kind,
        subject=str(headers.get("cloudEvents:subject") or event.subject),
        subject_version=_number(headers.get("subject_version")),
        time=_time(headers.get("cloudEvents:time")),
        xid=_number(headers.get(XID)),
        traceparent=str(headers.get("traceparent") or ""),
        epoch=_number(headers.get(EPOCH)),
        event=event,
    )


def _number(value: Any) -> int:
    try:
        return int(value)
    except (TypeError, ValueError):
        return 0


def _time(value: Any) -> datetime:
    try:
        parsed = datetime.fromisoformat(str(value))
    except ValueError:
        return datetime.now(UTC)
    return parsed if parsed.tzinfo else parsed.replace(tzinfo=UTC)
