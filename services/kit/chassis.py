"""What a service process has once: database, relay, token verification, clock, health.

As a nameko dependency provider it is handed to each worker. Nothing in it may raise outside of an
entrypoint: nameko kills the whole container for an error in a provider (defect F), so engine and
connections are made lazily and its own threads catch what they do.
"""

import time
from datetime import UTC, datetime, timedelta
from typing import Any

import eventlet
from nameko.extensions import DependencyProvider
from sqlalchemy import text

from services.contracts.errors import Forbidden
from services.contracts.events import ClockMoved
from services.kit import db, logs
from services.kit.health import HealthServer
from services.kit.nameko_bridge import Replies
from services.kit.publishing import Outbound
from services.kit.relay import Relay
from services.kit.settings import ServiceSettings
from services.kit.tokens import TokenVerifier
from services.kit.uow import UnitOfWork, UnitOfWorkFactory
from services.kit.upkeep import Upkeep, Waker
from services.kit.uploads import Reach
from services.kit.watching import Watching
from services.kit.worker import Worker

log = logs.get(__name__)


class Chassis(DependencyProvider):
    """One per process."""

    replies = Replies()
    outbound = Outbound()

    def setup(self) -> None:
        self.settings: ServiceSettings = self.container.config["KIT_SETTINGS"]
        self.service_name: str = self.container.service_name
        self.engine = db.make_engine(
            self.settings.database_url,
            pool=self.container.max_workers,
            statement_timeout_ms=self.settings.statement_timeout_ms,
            application=self.service_name,
            prepare=self.settings.prepare,
        )
        self.container.service_cls.connecting(self.engine, self.settings)
        self.waker = Waker(self.engine)
        self.units = UnitOfWorkFactory(self.engine, self.service_name, wake=self.waker.ask)
        self.verifier = TokenVerifier(self.settings.jwks_file)
        self.relay = Relay(self.settings.database_url, self.settings.amqp_url, self.service_name)
        looks = self.container.service_cls.looks_at_uploads
        self.storage = Reach(self.settings) if looks else None
        self.health = HealthServer(self, self.settings.health_host, self.settings.health_port)
        self.watching = Watching(self.units, self.service_name)
        self.upkeep = Upkeep(self)
        self._offset = timedelta(0)
        self._offset_read = 0.0
        self._relaying: Any = None
        self._threads: list[Any] = []

    def start(self) -> None:
        if self.container.service_cls.relays:
            self._relaying = eventlet.spawn(self.relay.run)
        self._threads = [
            eventlet.spawn(work) for work in (self.health.run, self.upkeep.run, self.waker.run)
        ]
        if self.storage is not None:
            self._threads.append(eventlet.spawn(self.storage.run))

    def stop(self) -> None:
        try:
            self.watching.tell()
        except Exception as error:
            log.warning("the last reads of observers are lost", error=type(error).__name__)
        self.relay.stop()
        if self._relaying is not None:
            with eventlet.Timeout(3, False):
                self._relaying.wait()
        self.kill()
        self.engine.dispose()

    def kill(self) -> None:
        for thread in (self._relaying, *self._threads):
            if thread is not None:
                thread.kill()

    def get_dependency(self, worker_ctx: Any) -> Worker:
        return Worker(self, worker_ctx.data)

    def now(self) -> datetime:
        """Business time: the real clock, moved by the demo's offset."""
        if self.settings.demo and time.monotonic() - self._offset_read > 0.5:
            try:
                with self.engine.connect() as connection:
                    value = connection.scalar(
                        text("SELECT value FROM kit_state WHERE key = 'clock_offset'")
                    )
                self._offset = timedelta(seconds=float(value or 0))
                self._offset_read = time.monotonic()
            except db.AWAY:
                log.warning("clock offset not read, database away")
        return datetime.now(UTC) + self._offset

    def move_clock(self, uow: UnitOfWork, seconds: float) -> float:
        """Advance the demo's clock for all processes of this service; the offset in seconds."""
        if not self.settings.demo:
            raise Forbidden("the clock moves in the demo only")
        value = uow.session.scalar(
            text(
                "INSERT INTO kit_state (key, value) VALUES ('clock_offset', cast(:s AS text)) "
                "ON CONFLICT (key) DO UPDATE SET "
                "value = (kit_state.value::float8 + excluded.value::float8)::text RETURNING value"
            ),
            {"s": str(seconds)},
        )
        self._offset_read = 0.0
        uow.emit(ClockMoved(service=self.service_name))
        return float(value or 0)
