"""Dead letters: looked at where they lie, and put back onto the queue that they came from.

::

    <queue>.dlq ──look──▶ taken in the hand, described, all given back
                ──replay─▶ found by its id ─▶ published to <queue>, confirmed ─▶ acknowledged

A letter's id is made of its queue, its message id and its body, so it is the same at each look.
Between publishing and acknowledging a crash leaves the letter in both places: its handler knows
the event by its id (the inbox) and takes it once. Only one may look at a time; the caller sees to
that. Nothing of a letter's content leaves this module.
"""

import hashlib
import json
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Literal

from kombu import Connection

from services.contracts import topology as table
from services.contracts.errors import Unavailable
from services.kit import topology, wire
from services.kit.publishing import BROKER_LOST

Why = Literal["rejected", "unreadable", "gave_up", "crashed"]
CONNECT_SECONDS = 3.0
MOST = 1_000
"""Letters of one queue that are looked through; more wait until these are dealt with."""


class BrokerAway(Unavailable):
    """The broker cannot be asked for its dead letters just now."""

    code = "ops.broker_away"
    zh, en = "消息服务暂时不可用，请稍后再试", "The broker cannot be reached just now"


@dataclass(frozen=True, slots=True)
class Letter:
    """A dead letter without its content; ``died_at`` as the broker says (whole seconds)."""

    id: str
    queue: str
    event_id: str | None
    event_type: str | None
    why: Why
    died_at: datetime | None
    bytes: int


def queues() -> tuple[str, ...]:
    """The queues that have dead letters: those of every consumer."""
    return tuple(row.name for row in table.QUEUES)


def look(amqp_url: str, names: Iterable[str], limit: int) -> tuple[list[Letter], bool]:
    """At most ``limit`` letters of these queues, oldest first in each, and whether there are more.

    Raises:
        BrokerAway
    """
    found: list[Letter] = []
    with _channel(amqp_url) as channel:
        for name in names:
            for message in _taken(channel, name, limit + 1 - len(found)):
                found.append(describe(name, message))
    return found[:limit], len(found) > limit


def replay(amqp_url: str, letter_id: str) -> Letter | None:
    """Put the letter back onto its queue, to be tried from the first attempt on; None: no such.

    Raises:
        BrokerAway: nothing was put back, or its confirmation was lost (it is safe to repeat).
    """
    with _channel(amqp_url) as channel:
        for name in queues():
            for message in _taken(channel, name, MOST):
                letter = describe(name, message)
                if letter.id == letter_id:
                    _put_back(channel, name, message)
                    return letter
    return None


@contextmanager
def _channel(amqp_url: str) -> Iterator[Any]:
    """A channel with confirms; what it has taken and not acknowledged goes back at its end."""
    options = {"confirm_publish": True}
    connection = Connection(amqp_url, connect_timeout=CONNECT_SECONDS, transport_options=options)
    try:
        channel = connection.channel()
        channel.auto_decode = False  # a body goes back byte for byte
        yield channel
    except BROKER_LOST as lost:
        raise BrokerAway(retry_after=2) from lost
    finally:
        connection.release()


def _taken(channel: Any, name: str, most: int) -> Iterator[Any]:
    for _ in range(most):
        message = channel.basic_get(f"{name}.dlq")
        if message is None:
            return
        yield message


def _put_back(channel: Any, name: str, message: Any) -> None:
    headers = {
        key: value
        for key, value in (message.headers or {}).items()
        if key != wire.ATTEMPT and not key.startswith(("x-death", "x-first-death", "x-last-death"))
    }
    message.properties["application_headers"] = headers
    channel.basic_publish(message, exchange="", routing_key=name)
    channel.basic_ack(message.delivery_tag)


def describe(name: str, message: Any) -> Letter:
    """What may be said of a letter that died in the queue ``name``."""
    headers, told = message.headers or {}, message.properties
    body = message.body if isinstance(message.body, bytes) else str(message.body).encode()
    event_id = _short(headers.get("cloudEvents:id") or told.get("message_id"))
    event_type = _short(headers.get("cloudEvents:type") or told.get("type"))
    deaths = headers.get("x-death")
    death = deaths[0] if isinstance(deaths, list) and deaths else {}
    died_at = death.get("time")
    return Letter(
        id=hashlib.sha256(b"\0".join((name.encode(), event_id.encode(), body))).hexdigest()[:32],
        queue=name,
        event_id=event_id or None,
        event_type=event_type or None,
        why=_why(headers, body, death, told),
        died_at=died_at.replace(tzinfo=UTC) if isinstance(died_at, datetime) else None,
        bytes=len(body),
    )


def _why(headers: dict[str, Any], body: bytes, death: dict[str, Any], told: Any) -> Why:
    if death.get("reason") == "delivery_limit":
        return "crashed"
    if wire.attempt_of(headers) > len(topology.LADDER) - 1:
        return "gave_up"
    try:
        wire.read_envelope(
            json.loads(body),
            headers,
            message_id=str(told.get("message_id") or ""),
            event_type=str(told.get("type") or ""),
        )
    except (ValueError, RecursionError):
        return "unreadable"
    return "rejected"


def _short(value: Any) -> str:
    """An id or a type is of printable ASCII and short; what is not is no such thing."""
    text = str(value or "")
    return text if text.isascii() and text.isprintable() and len(text) <= 100 else ""
