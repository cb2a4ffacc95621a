"""The probe service in this process with its database and broker at hand, for tests of the kit."""

import time
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import eventlet
from kombu import Connection, Producer
from nameko.containers import ServiceContainer
from sqlalchemy import create_engine, text

from services.contracts.events import Envelope
from services.contracts.ids import new_id
from services.kit import wire
from services.kit.chassis import Chassis
from services.kit.uow import UnitOfWorkFactory
from tests.support.green_caller import Caller
from tests.support.on_database import OnDatabase
from tests.support.probe import ProbeTold

LIMIT = 30.0


def until(condition: Callable[[], object], seconds: float = LIMIT) -> None:
    """Wait for a condition."""
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "waited in vain"
        eventlet.sleep(0.02)


def chassis_of(container: ServiceContainer) -> Chassis:
    """The kit in a service that runs."""
    return next(one for one in container.extensions if isinstance(one, Chassis))


def headers_of(thing: str, version: int = 1, event_id: str = "") -> dict[str, Any]:
    """The headers of a ``probe.told.v1`` about ``thing``."""
    return wire.event_headers(
        Envelope(event_id or new_id(), "probe", "probe.told.v1", thing, version, datetime.now(UTC))
    )


class Bench(OnDatabase):
    """A running probe: tell it events, send it messages, look at what became of them."""

    def __init__(self, container: ServiceContainer, database_url: str, amqp_url: str) -> None:
        self.container = container
        self.engine = create_engine(database_url)
        self.amqp_url = amqp_url
        self.units = UnitOfWorkFactory(self.engine, "probe")
        self.caller = Caller(amqp_url)

    @property
    def alive(self) -> bool:
        """Whether the service has neither died nor begun to."""
        return not (self.container._died.ready() or self.container._being_killed)

    def tell(self, thing: str, mood: str = "fine", times: int = 1) -> None:
        """Emit and commit."""
        with self.units() as uow:
            for _ in range(times):
                uow.emit(ProbeTold(thing=thing, mood=mood))
            uow.commit()

    def effects(self, thing: str) -> list[int]:
        """The versions of ``thing`` that the reaction has seen to."""
        return [
            row.version
            for row in self.rows("SELECT version FROM effect WHERE thing = :t ORDER BY 1", t=thing)
        ]

    def do(self, statement: str, **values: object) -> None:
        """Execute and commit."""
        with self.engine.begin() as connection:
            connection.execute(text(statement), values)

    def publish(
        self, body: str, headers: dict[str, Any] | None = None, **properties: object
    ) -> None:
        """Publish an event past the outbox."""
        with Connection(self.amqp_url) as connection:
            Producer(connection.channel()).publish(
                body,
                exchange="probe.events",
                routing_key="probe.told.v1",
                headers=headers or {},
                content_type="application/json",
                content_encoding="utf-8",
                **properties,
            )

    def depth(self, queue: str) -> int:
        """Messages ready in ``queue``."""
        with Connection(self.amqp_url) as connection:
            return int(connection.channel().queue_declare(queue, passive=True).message_count)

    def dead_letter(self) -> Any:
        """The oldest dead letter of the probe, or None."""
        with Connection(self.amqp_url) as connection:
            return connection.channel().basic_get("probe.reactions.dlq", no_ack=True)

    def close(self) -> None:
        """Close what was opened; the container belongs to its fixture."""
        self.caller.close()
        self.engine.dispose()
