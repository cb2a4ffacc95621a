"""What goes on beside the calls: the relay is woken, old rows are dropped, gauges are read."""

import time
from typing import Any, Protocol

import eventlet
from sqlalchemy import Engine, text

from services.kit import db, logs, metrics
from services.kit.publishing import Outbound
from services.kit.relay import Relay
from services.kit.uow import wake_relay
from services.kit.watching import Watching

log = logs.get(__name__)

BEAT_SECONDS = 5.0
PURGE_SECONDS = 600.0
WAKE_PAUSE_SECONDS = 0.02
PIECE = 5_000  # rows of one DELETE, which must end within the statement timeout
OLD = (
    ("kit_outbox", "published_at < clock_timestamp() - interval '7 days'"),
    ("kit_inbox", "handled_at < clock_timestamp() - interval '30 days'"),
    ("kit_answer", "created_at < clock_timestamp() - interval '24 hours'"),
)


class Process(Protocol):
    """The parts of a process that are looked after (``kit.chassis.Chassis``)."""

    engine: Engine
    relay: Relay
    outbound: Outbound
    watching: Watching


class Waker:
    """Wakes the relay after commits; a rush of them costs one notification in 20 ms."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._asked = eventlet.Event()

    def ask(self) -> None:
        """Something was committed that is to be published."""
        if not self._asked.ready():
            self._asked.send()

    def run(self) -> None:
        """Wake whenever it is asked for."""
        while True:
            self._asked.wait()
            self._asked.reset()
            wake_relay(self._engine)
            eventlet.sleep(WAKE_PAUSE_SECONDS)


class Upkeep:
    """The process's own regular work."""

    def __init__(self, process: Process) -> None:
        self._process = process
        self._next_purge = 0.0

    def run(self) -> None:
        """Every few seconds, for as long as the process lives."""
        while True:
            eventlet.sleep(BEAT_SECONDS)
            try:
                self._process.outbound.beat()
                observe(self._process)
                self._process.watching.tell_when_due()
                if time.monotonic() >= self._next_purge:
                    self._next_purge = time.monotonic() + PURGE_SECONDS
                    purge(self._process.engine)
            except db.AWAY as error:
                log.warning("upkeep put off, database away", error=type(error).__name__)
            except Exception:
                log.exception("upkeep failed")


def purge(engine: Engine) -> None:
    """Drop what is too old to matter: told events, handled deliveries, kept answers."""
    for table, old in OLD:
        statement = text(
            f"DELETE FROM {table} WHERE ctid = ANY(ARRAY("  # noqa: S608 - all of it stands above
            f"SELECT ctid FROM {table} WHERE {old} LIMIT {PIECE}))"
        )
        dropped = PIECE
        while dropped == PIECE:
            with engine.begin() as connection:
                dropped = connection.execute(statement).rowcount


def observe(process: Any) -> None:
    """Set the gauges that are read, not counted."""
    relay = process.relay
    metrics.RELAY_ACTIVE.set(relay.active)
    metrics.RELAY_PUBLISHED.set(relay.published)
    metrics.RELAY_REFUSED.set(relay.refused)
    metrics.POOL_IN_USE.set(process.engine.pool.checkedout())
    # Every process tells the same: while the broker is away no relay is active.
    with process.engine.connect() as connection:
        waiting, oldest = connection.exec_driver_sql(
            "SELECT count(*), coalesce(extract(epoch FROM "
            "clock_timestamp() - min(occurred_at)), 0)::float8 "
            "FROM kit_outbox WHERE published_at IS NULL"
        ).one()
    metrics.OUTBOX_WAITING.set(waiting)
    metrics.OUTBOX_LAG.set(oldest)
