"""The broker's topology as data: made from the contracts, declared up front, shown, exported.

::

    <service>.events ──type──▶ <queue> (quorum) ──rejected / delivery limit──▶ dlx ──▶ <queue>.dlq
                                 ▲         │ handler failed
                                 │         ▼
                        retry.home ◀── retry.5s | retry.30s | retry.5m (fanout, queue TTL)
                                 │ nobody is called so any more
                                 └──▶ retry.lost

A failed message is published, with its queue's name as routing key, to a rung of the ladder; when
the rung's TTL ends it is dead-lettered to ``retry.home`` and so comes home to that queue and to no
other. A queue that was deleted meanwhile has no home: what waited for it is kept in
``retry.lost``, for an operator. (Unroutable it would stay in its rung, and 32 of them would stop
the rung for everybody: at-least-once dead-lettering has no more than that under way.)
``python -m services.kit.topology declare|diff|export``.
"""

import json
import sys
from dataclasses import dataclass, field
from typing import Any

from kombu import Connection, Exchange, binding
from kombu import Queue as KombuQueue

from services.contracts import topology as table
from services.contracts.events import REGISTRY
from services.kit import wire

DLX = "dlx"
HOME = "retry.home"
LOST = "retry.lost"
RUNGS: tuple[tuple[str, float], ...] = (("retry.5s", 5.0), ("retry.30s", 30.0), ("retry.5m", 300.0))
# Which rung each attempt takes; after the last, the message goes to the dead-letter queue.
LADDER: tuple[str, ...] = (*("retry.5s",) * 3, *("retry.30s",) * 3, *("retry.5m",) * 6)
# Deliveries that end in a crash (no verdict at all) before the broker gives up on a message.
DELIVERY_LIMIT = 10
SERVICES: tuple[str, ...] = ("identity", "feed", "votes", "grid_bridge", "notify")


@dataclass(frozen=True, slots=True)
class ExchangeSpec:
    """A durable exchange: its type and arguments."""

    kind: str
    arguments: dict[str, Any] = field(default_factory=dict)

    def kombu(self, name: str, channel: Any = None) -> Exchange:
        """The exchange called ``name`` for kombu."""
        return Exchange(
            name, type=self.kind, durable=True, arguments=self.arguments, channel=channel
        )


@dataclass(frozen=True, slots=True)
class QueueSpec:
    """A queue: arguments and what is bound to it, as (exchange, routing key) pairs."""

    name: str
    arguments: dict[str, Any]
    bindings: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class Topology:
    """Everything that must stand in the broker before the first message."""

    exchanges: dict[str, ExchangeSpec] = field(default_factory=dict)
    queues: dict[str, QueueSpec] = field(default_factory=dict)


def build(retry_scale: float = 1.0) -> Topology:
    """The whole topology; ``retry_scale`` multiplies the ladder's waiting times (tests)."""
    topics = {wire.RPC_EXCHANGE, *(event.EXCHANGE for event in REGISTRY.values())}
    topics |= {f"{service}.events" for service in SERVICES}
    exchanges = {name: ExchangeSpec("topic") for name in topics}
    exchanges[DLX] = ExchangeSpec("direct")
    exchanges[LOST] = ExchangeSpec("fanout")
    exchanges[HOME] = ExchangeSpec("direct", {"alternate-exchange": LOST})
    queues = {LOST: QueueSpec(LOST, {"x-queue-type": "quorum"}, ((LOST, ""),))}
    for rung, seconds in RUNGS:
        exchanges[rung] = ExchangeSpec("fanout")
        queues[rung] = QueueSpec(
            rung,
            {
                "x-queue-type": "quorum",
                "x-message-ttl": max(1, round(seconds * retry_scale * 1000)),
                "x-dead-letter-exchange": HOME,
                "x-dead-letter-strategy": "at-least-once",
                "x-overflow": "reject-publish",
            },
            ((rung, ""),),
        )
    for row in table.QUEUES:
        suffix = ".#" if row.prefix else ""
        told = tuple((event.EXCHANGE, event.TYPE + suffix) for event in row.events)
        arguments = consumer_arguments(row.name)
        queues[row.name] = QueueSpec(row.name, arguments, (*told, (HOME, row.name)))
        queues[f"{row.name}.dlq"] = QueueSpec(
            f"{row.name}.dlq", {"x-queue-type": "quorum"}, ((DLX, row.name),)
        )
    for service in SERVICES:
        name = wire.rpc_queue_name(service)
        queues[name] = QueueSpec(name, rpc_arguments(), ((wire.RPC_EXCHANGE, f"{service}.*"),))
    return Topology(exchanges, queues)


def consumer_arguments(name: str) -> dict[str, Any]:
    """Arguments of a consumer queue: quorum, bounded crashes, its own dead-letter queue."""
    return {
        "x-queue-type": "quorum",
        "x-delivery-limit": DELIVERY_LIMIT,
        "x-dead-letter-exchange": DLX,
        "x-dead-letter-routing-key": name,
        "x-dead-letter-strategy": "at-least-once",
        "x-overflow": "reject-publish",
    }


def rpc_arguments() -> dict[str, Any]:
    """Arguments of a request queue: a request older than its caller's patience is dropped.

    Without a dead-letter exchange on purpose: requests carry access tokens.
    """
    return {"x-message-ttl": wire.RPC_TTL_SECONDS * 1000}


def kombu_queue(spec: QueueSpec, exchanges: dict[str, ExchangeSpec]) -> KombuQueue:
    """The queue for kombu, which declares it with its exchanges and bindings on every connect."""
    return KombuQueue(
        spec.name,
        durable=True,
        queue_arguments=spec.arguments,
        bindings=[
            binding(exchanges[exchange].kombu(exchange), key) for exchange, key in spec.bindings
        ],
    )


def declare(amqp_url: str, retry_scale: float = 1.0) -> Topology:
    """Declare everything; harmless when it stands already.

    Raises:
        amqp.PreconditionFailed: something stands there with other arguments (see ``diff``).
    """
    topology = build(retry_scale)
    with Connection(amqp_url, connect_timeout=5) as connection:
        channel = connection.channel()
        for name, exchange_spec in topology.exchanges.items():
            exchange_spec.kombu(name, channel).declare()
        for spec in topology.queues.values():
            channel.queue_declare(
                spec.name, durable=True, auto_delete=False, arguments=spec.arguments
            )
            for exchange, key in spec.bindings:
                channel.queue_bind(spec.name, exchange, key)
    return topology


def diff(amqp_url: str, retry_scale: float = 1.0) -> list[str]:
    """What is missing or different in the broker, one line each; empty when all stands."""
    topology = build(retry_scale)
    found: list[str] = []
    with Connection(amqp_url, connect_timeout=5) as connection:
        for name in topology.exchanges:
            found += _missing(connection, "exchange", name)
        for name, spec in topology.queues.items():
            missing = _missing(connection, "queue", name)
            found += missing
            if not missing:
                found += _different(connection, spec)
    return found


def _missing(connection: Connection, kind: str, name: str) -> list[str]:
    channel = connection.channel()
    try:
        if kind == "queue":
            channel.queue_declare(name, passive=True)
        else:
            channel.exchange_declare(name, "topic", passive=True)
        channel.close()
    except connection.channel_errors as error:
        if getattr(error, "reply_code", 0) == 404:
            return [f"{kind} {name} is missing"]
        raise
    return []


def _different(connection: Connection, spec: QueueSpec) -> list[str]:
    channel = connection.channel()
    try:
        channel.queue_declare(spec.name, durable=True, auto_delete=False, arguments=spec.arguments)
        channel.close()
    except connection.channel_errors as error:
        if getattr(error, "reply_code", 0) == 406:
            return [f"queue {spec.name} has other arguments"]
        raise
    return []


def definitions(vhost: str = "/", retry_scale: float = 1.0) -> dict[str, Any]:
    """The topology in the form of RabbitMQ's definitions file (``load_definitions``)."""
    topology = build(retry_scale)
    return {
        "vhosts": [{"name": vhost}],
        "exchanges": [
            {
                "name": name,
                "vhost": vhost,
                "type": exchange.kind,
                "durable": True,
                "auto_delete": False,
                "internal": False,
                "arguments": exchange.arguments,
            }
            for name, exchange in sorted(topology.exchanges.items())
        ],
        "queues": [
            {
                "name": spec.name,
                "vhost": vhost,
                "durable": True,
                "auto_delete": False,
                "arguments": spec.arguments,
            }
            for _, spec in sorted(topology.queues.items())
        ],
        "bindings": [
            {
                "source": exchange,
                "vhost": vhost,
                "destination": spec.name,
                "destination_type": "queue",
                "routing_key": key,
                "arguments": {},
            }
            for _, spec in sorted(topology.queues.items())
            for exchange, key in spec.bindings
        ],
    }


def main(arguments: list[str]) -> int:
    """``declare``, ``diff`` (exit 1 when something differs) or ``export``."""
    from services.kit.settings import KitSettings

    command = arguments[0] if arguments else "diff"
    if command == "export":
        print(json.dumps(definitions(), indent=2, ensure_ascii=False))
        return 0
    settings = KitSettings()
    if command == "declare":
        topology = declare(settings.amqp_url, settings.retry_scale)
        print(f"{len(topology.exchanges)} exchanges, {len(topology.queues)} queues stand")
        return 0
    differences = diff(settings.amqp_url, settings.retry_scale)
    print("\n".join(differences) or "nothing differs")
    return 1 if differences else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
