"""The relay: carries committed events from the outbox to the broker, in order, none lost.

One relay per service is active at a time: every process of the service runs one, and the one that
holds an advisory lock works. Its database connection is its own and beats every few seconds; a
holder that hangs is dropped by the server (``idle_session_timeout``), and another takes over; a
server that says nothing is given up by its holder (``kit.db``). When
the first one wakes up it may send once more what the other has sent: both send each subject in
order, and consumers know an event by its id, so nothing comes out of order and nothing twice.

A batch goes out in waves with at most one event per subject in each; the next wave starts only
when the broker has confirmed the last. So a refused event (nack, returned as unroutable although
somebody should be listening, or no AMQP message at all) never lets a later one of its subject
overtake it: it is retried with growing pauses, and its subject waits. Publishing is pipelined: all
of a wave is written before the first confirm is awaited (measured figures in docs/benchmarks.md).

No transaction is open meanwhile. What was confirmed is marked as published every second and at
the end of the batch; what was confirmed and not marked is sent again after a crash.
"""

import contextlib
import select
import time
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import amqp
import psycopg2
from amqp.method_framing import frame_writer
from kombu import Connection as BrokerConnection
from psycopg2.extensions import ISOLATION_LEVEL_AUTOCOMMIT, parse_dsn
from sqlalchemy.engine import make_url

from services.contracts.events import Envelope
from services.contracts.topology import consumed_types
from services.kit import db, logs, wire

log = logs.get(__name__)

BATCH = 1000
BEAT_SECONDS = 5.0
MARK_SECONDS = 1.0
CONFIRM_SECONDS = 10.0
IDLE_SESSION_SECONDS = 15  # more than the longest wait between two statements
LOCK = "SELECT pg_try_advisory_lock(hashtext('kit_relay'), hashtext(%s))"
TAKE = """
    SELECT id, event_id, exchange, routing_key, type, source, subject, subject_version, body,
           traceparent, occurred_at, xid::text,
           (SELECT value::bigint FROM kit_state WHERE key = 'epoch')
    FROM kit_outbox AS waiting
    WHERE published_at IS NULL
      AND NOT EXISTS (
          SELECT 1 FROM kit_outbox AS held
          WHERE held.subject = waiting.subject AND held.published_at IS NULL
            AND held.attempts > 0 AND held.next_attempt_at > clock_timestamp()
            AND held.id <= waiting.id
      )
    ORDER BY id LIMIT %s
"""
DONE = "UPDATE kit_outbox SET published_at = clock_timestamp() WHERE id = ANY(%s)"
HOLD = """
    UPDATE kit_outbox SET attempts = attempts + 1, last_error = %s,
        next_attempt_at = clock_timestamp()
            + least(60, power(2, least(attempts, 6))) * interval '1 second'
    WHERE id = ANY(%s)
"""
UNCONFIRMED = "the broker does not confirm: it hangs, or is short of disk or memory"
BROKER_LOST = (amqp.AMQPError, OSError)
DATABASE_LOST = (psycopg2.OperationalError, psycopg2.InterfaceError)


@dataclass(frozen=True, slots=True)
class Row:
    """A waiting event, as the outbox keeps it."""

    id: int
    event_id: str
    exchange: str
    routing_key: str
    type: str
    source: str
    subject: str
    subject_version: int
    body: str
    traceparent: str
    occurred_at: datetime
    xid: str
    epoch: int | None = None


def message_of(row: Row) -> amqp.Message:
    """The AMQP message of an outbox row."""
    envelope = Envelope(
        event_id=row.event_id,
        source=row.source,
        type=row.type,
        subject=row.subject,
        subject_version=row.subject_version,
        time=row.occurred_at.astimezone(UTC),
        xid=int(row.xid),
        traceparent=row.traceparent,
        epoch=row.epoch or 0,
    )
    return amqp.Message(
        row.body.encode(),
        content_type="application/json",
        content_encoding="utf-8",
        delivery_mode=2,
        message_id=row.event_id,
        type=row.type,
        timestamp=int(row.occurred_at.timestamp()),
        application_headers=wire.event_headers(envelope),
    )


def waves(rows: Iterable[Row]) -> list[list[Row]]:
    """The rows in order, cut so that no wave holds two of one subject."""
    cut: list[list[Row]] = []
    depth: dict[str, int] = {}
    for row in rows:
        level = depth.get(row.subject, 0)
        depth[row.subject] = level + 1
        if level == len(cut):
            cut.append([])
        cut[level].append(row)
    return cut


class Cork:
    """Takes the place of a transport while many messages are written, to write them in one go.

    One system call a message costs more than all else: the broker wakes for each.
    """

    LIMIT = 64 * 1024

    def __init__(self, transport: Any) -> None:
        self._transport = transport
        self._held = bytearray()

    def write(self, frames: Any) -> None:
        """Hold ``frames`` back until there are enough."""
        self._held += frames
        if len(self._held) > self.LIMIT:
            self.flush()

    def flush(self) -> None:
        """Write what is held."""
        held, self._held = self._held, bytearray()
        if held:
            with self._transport.having_timeout(CONFIRM_SECONDS):
                self._transport.write(held)


class Confirms:
    """A channel in confirm mode that publishes first and asks afterwards."""

    def __init__(self, connection: BrokerConnection) -> None:
        self._connection = connection
        self._channel = connection.channel()
        self._channel.confirm_select()
        self._tag = 0
        self._exchanges: set[str] = set()
        self._waiting: dict[int, str] = {}
        self._refused: dict[str, str] = {}
        self._channel.events["basic_ack"].add(self._acked)
        self._channel.events["basic_nack"].add(self._nacked)
        self._channel.events["basic_return"].add(self._returned)

    def publish(self, rows: list[Row], mandatory: frozenset[str]) -> dict[str, str]:
        """Publish ``rows``; afterwards: why each refused one (by event id) was refused.

        Raises:
            OSError, amqp.AMQPError: the broker went away; nothing is known of what was not
                confirmed, and all of it has to be published again.
        """
        self._refused = {}
        for exchange in {row.exchange for row in rows} - self._exchanges:
            self._declare(exchange)
        link = self._connection.connection
        write_at_once = link.frame_writer
        cork = Cork(link.transport)
        link.frame_writer = frame_writer(link, cork)
        try:
            for row in rows:
                self._write(row, row.type in mandatory)
            cork.flush()
        finally:
            link.frame_writer = write_at_once
        deadline = time.monotonic() + CONFIRM_SECONDS
        while self._waiting:
            left = deadline - time.monotonic()
            if left <= 0:
                raise TimeoutError(UNCONFIRMED)
            with _unconfirmed():
                self._connection.drain_events(timeout=left)
        return self._refused

    def _declare(self, exchange: str) -> None:
        """It should stand; publishing to a missing one would end the channel, time after time."""
        if len(exchange.encode()) < 256:
            self._channel.exchange_declare(exchange, "topic", durable=True, auto_delete=False)
            self._exchanges.add(exchange)

    def _write(self, row: Row, mandatory: bool) -> None:
        try:
            self._channel._basic_publish(
                message_of(row), row.exchange, row.routing_key, mandatory=mandatory
            )
        except BROKER_LOST:
            raise
        except Exception as error:
            # It can never go out as it is; the others shall.
            self._refused[row.event_id] = f"no message: {type(error).__name__}"
        else:
            self._tag += 1
            self._waiting[self._tag] = row.event_id

    def _settle(self, tag: int, multiple: bool) -> list[str]:
        tags = [t for t in self._waiting if t <= tag] if multiple else [tag]
        return [self._waiting.pop(t) for t in tags if t in self._waiting]

    def _acked(self, tag: int, multiple: bool) -> None:
        self._settle(tag, multiple)

    def _nacked(self, tag: int, multiple: bool) -> None:
        for event_id in self._settle(tag, multiple):
            self._refused[event_id] = "nack"

    def _returned(self, _error: Any, _exchange: str, _key: str, message: Any) -> None:
        self._refused[message.properties["message_id"]] = "unroutable"


@contextlib.contextmanager
def _unconfirmed() -> Iterator[None]:
    """Say what a timed out socket means here."""
    try:
        yield
    except TimeoutError:
        raise TimeoutError(UNCONFIRMED) from None


class Relay:
    """Publishes the outbox of one service until :meth:`stop`.

    Args:
        database_url: the service's database (SQLAlchemy form).
        amqp_url: the broker.
        service: whose outbox; names the advisory lock.
    """

    def __init__(self, database_url: str, amqp_url: str, service: str) -> None:
        self._dsn = make_url(database_url).set(drivername="postgresql").render_as_string(False)
        self._amqp_url = amqp_url
        self._service = service
        self._stopping = False
        self._mandatory = consumed_types()
        self._database: Any = None
        self._broker: BrokerConnection | None = None
        self._confirms: Confirms | None = None
        self.active = False
        self.published = 0
        self.refused = 0

    def run(self) -> None:
        """Work until stopped; away brokers and databases are waited for."""
        pause = 0.2
        while not self._stopping:
            try:
                self._work()
                pause = 0.2
            except (*BROKER_LOST, *DATABASE_LOST) as error:
                log.warning(
                    "relay interrupted", error=type(error).__name__, detail=logs.first_line(error)
                )
                self._pause(pause)
                pause = min(pause * 2, 3.0)
            except Exception:
                # Not the weather but a fault of ours: say it loudly, keep trying, lose nothing.
                log.exception("relay failed")
                self._pause(5.0)
        self._drop_connections()

    def _pause(self, seconds: float) -> None:
        self._drop_connections()
        deadline = time.monotonic() + seconds
        while not self._stopping and time.monotonic() < deadline:
            time.sleep(0.1)

    def stop(self) -> None:
        """Ask the loop to end after the batch at hand."""
        self._stopping = True

    # -- one active life: connect, take the lock, publish until something breaks --------------

    def connect(self) -> bool:
        """Connect to the database and try to become the active relay."""
        self._connect_database()
        self.active = self._try_lock()
        return self.active

    def close(self) -> None:
        """Give up both connections, and with them the lock."""
        self._drop_connections()

    def _work(self) -> None:
        self.connect()
        while not self._stopping and not self.active:
            self._wait(2.0)
            self.active = self._try_lock()
        while not self._stopping:
            if self.publish_batch() < BATCH and not self._stopping:
                self._wait(BEAT_SECONDS)

    def publish_batch(self) -> int:
        """Publish one batch; how many rows were taken (0: nothing waits)."""
        with self._database.cursor() as cursor:
            cursor.execute(TAKE, (BATCH,))
            rows = [Row(*values) for values in cursor.fetchall()]
        self._publish(rows)
        return len(rows)

    def _publish(self, rows: list[Row]) -> None:
        told: list[int] = []
        held: set[str] = set()
        marked = time.monotonic()
        try:
            for wave in waves(rows):
                if self._stopping:
                    break
                going = [row for row in wave if row.subject not in held]
                refused = self._channel().publish(going, self._mandatory)
                told += [row.id for row in going if row.event_id not in refused]
                held |= self._hold(going, refused)
                if time.monotonic() - marked > MARK_SECONDS:
                    self._mark(told)
                    marked = time.monotonic()
        finally:
            # What was confirmed stays confirmed, even when a later wave met a dead broker.
            self._mark(told)

    def _mark(self, told: list[int]) -> None:
        """Write down what was confirmed."""
        if told:
            with self._database.cursor() as cursor:
                cursor.execute(DONE, (told,))
            self.published += len(told)
            told.clear()

    def _hold(self, rows: list[Row], refused: dict[str, str]) -> set[str]:
        for reason in set(refused.values()):
            ids = [row.id for row in rows if refused.get(row.event_id) == reason]
            with self._database.cursor() as cursor:
                cursor.execute(HOLD, (reason, ids))
            self.refused += len(ids)
            types = sorted({row.type for row in rows if refused.get(row.event_id) == reason})
            log.error("events refused by the broker", reason=reason, count=len(ids), types=types)
        return {row.subject for row in rows if row.event_id in refused}

    def _connect_database(self) -> None:
        self._drop_connections()
        self._database = psycopg2.connect(
            **parse_dsn(self._dsn),
            connect_timeout=5,
            connection_factory=db.Bounded,
            application_name=f"{self._service}.relay",
            keepalives=1,
            keepalives_idle=5,
            keepalives_interval=2,
            keepalives_count=3,
            tcp_user_timeout=10_000,
            options=f"-c idle_session_timeout={IDLE_SESSION_SECONDS}s -c statement_timeout=8s"
            " -c timezone=UTC",
        )
        self._database.set_isolation_level(ISOLATION_LEVEL_AUTOCOMMIT)
        with self._database.cursor() as cursor:
            cursor.execute("LISTEN kit_outbox")

    def _try_lock(self) -> bool:
        with self._database.cursor() as cursor:
            cursor.execute(LOCK, (self._service,))
            return bool(cursor.fetchone()[0])

    def _wait(self, seconds: float) -> None:
        """Sleep until somebody commits an event, at most ``seconds``; then say we are alive."""
        deadline = time.monotonic() + seconds
        while not self._stopping and not self._database.notifies:
            left = deadline - time.monotonic()
            if left <= 0:
                break
            # short naps, so that a stop is heard soon
            if select.select([self._database], [], [], min(left, 0.5))[0]:
                self._database.poll()
        self._database.notifies.clear()
        if self._broker is not None:
            with contextlib.suppress(TimeoutError):
                self._broker.heartbeat_check()
                self._broker.drain_events(timeout=0.001)
        with self._database.cursor() as cursor:
            cursor.execute("SELECT 1")

    def _channel(self) -> Confirms:
        if self._confirms is None:
            self._broker = BrokerConnection(self._amqp_url, connect_timeout=5, heartbeat=30)
            self._broker.connect()
            # Heartbeats are looked at between batches only: a broker that falls silent while a
            # channel is opened or an exchange declared must not be waited for any longer either.
            self._broker.connection.transport.sock.settimeout(CONFIRM_SECONDS)
            self._confirms = Confirms(self._broker)
        return self._confirms

    def _drop_connections(self) -> None:
        self.active = False
        broker, self._broker, self._confirms = self._broker, None, None
        database, self._database = self._database, None
        if broker is not None:
            with contextlib.suppress(*BROKER_LOST):
                broker.collect()
        if database is not None:
            with contextlib.suppress(psycopg2.Error):
                database.close()
