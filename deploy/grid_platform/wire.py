"""The link to the broker: takes messages, sends updates, comes back after every loss.

One thread, one ``pika.BlockingConnection``, two channels. pika's connections are not
thread-safe: everything that touches the broker is in this module and runs in this loop ::

    connect ─► passive check of queue and exchange ─► consume (prefetch 20)
       ▲                                                │
       │ backoff                     ┌──────────────────▼───────────────────┐
       └── any AMQP or socket error ─┤ 1 hear   frames and heartbeats       │
                                     │ 2 take   commit, then ack            │
                                     │ 3 send   outbox, confirmed, in order │
                                     └──────────────────────────────────────┘

Failure policy of a message:

=====================================  =========================================================
what                                   then
=====================================  =========================================================
read and committed                     ack
seen before (same ``message_id``)      ack, no effect
not JSON, field missing, unknown type  ``basic_reject(requeue=False)``: dead-letter queue
a fault of ours in taking it           the same: it must not stop the messages behind it
the state file can't be written        nothing is acknowledged; tried again until it can
=====================================  =========================================================
"""

import random
import sqlite3
import threading
from collections import deque
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field

import pika
import structlog
from pika.adapters.blocking_connection import BlockingChannel
from pika.exceptions import AMQPError, NackError, UnroutableError

from .desk import Desk
from .faults import STRAIGHT, Course, Faults, Kind, restart, with_id
from .log import reason as reason_of
from .messages import UPDATED, BadMessage, read
from .status import Status
from .store import Outgoing

QUEUE = "gridplatform.workorders"
EXCHANGE = "grid.updates"
PREFETCH = 20
HEARTBEAT_SECONDS = 30
ROUND_SECONDS = 0.2

# Errors of SQLite that a message's content causes; any other is trouble with the file.
OF_THE_MESSAGE = (sqlite3.IntegrityError, sqlite3.DataError, sqlite3.ProgrammingError)

log = structlog.get_logger("grid_platform.wire")


class LinkLost(AMQPError):
    """The broker took the consumer away (the queue was deleted, or its leader moved)."""


class Backoff:
    """Pauses that double up to ``most`` seconds, each shortened by chance by up to a half, so
    that many clients of a broker that came back do not all knock at once."""

    def __init__(self, least: float = 0.5, most: float = 15.0) -> None:
        self.least, self.most = least, most
        self._next = least

    def next(self) -> float:
        """The next pause, in seconds."""
        pause, self._next = self._next, min(self._next * 2, self.most)
        return pause * random.uniform(0.5, 1.0)  # noqa: S311 (no secret)

    def reset(self) -> None:
        """It went well: begin again with the shortest pause."""
        self._next = self.least


@dataclass(frozen=True, slots=True)
class Delivery:
    """A message as pika handed it over, not yet acknowledged."""

    tag: int
    properties: pika.BasicProperties
    body: bytes = field(repr=False)


def parameters(url: str) -> pika.URLParameters:
    """Connection parameters: every wait has a limit."""
    wanted = pika.URLParameters(url)
    wanted.heartbeat = HEARTBEAT_SECONDS
    wanted.blocked_connection_timeout = 20
    wanted.socket_timeout = 3
    wanted.stack_timeout = 6
    wanted.client_properties = {"connection_name": "grid_platform"}
    return wanted


class Link:
    """Runs until ``stop`` is set; :meth:`run` belongs to the thread that owns ``desk``'s store."""

    def __init__(
        self,
        url: str,
        desk: Desk,
        status: Status,
        stop: threading.Event,
        faults: Faults | None = None,
    ) -> None:
        self.faults = faults
        self.parameters = parameters(url)
        self.desk = desk
        self.status = status
        self.stop = stop

    def course(self, outgoing: Outgoing) -> Course:
        """How an update goes out: straight, unless a drill is on."""
        if self.faults is None:
            return STRAIGHT
        return self.faults.course(outgoing, self.desk.store.states(outgoing.work_order_no))

    def gone(self, outgoing: Outgoing) -> None:
        """An update went out."""
        if self.faults is not None:
            self.faults.gone(outgoing)

    @staticmethod
    def go_wrong(kind: Kind) -> None:
        """The drill's loss of the connection, or of the process."""
        if kind is Kind.RESTART:
            restart()
        raise LinkLost("a drill")

    def run(self) -> None:
        """Connect, serve, and connect again, until stopped."""
        backoff = Backoff()
        while not self.stop.is_set():
            self.status.beat("link")
            connection = None
            try:
                connection = pika.BlockingConnection(self.parameters)
                Session(self, connection, on_steady=backoff.reset).serve()
            except Exception as error:
                # Whatever it was, the way back is the same: a new connection, from the start.
                pause = backoff.next()
                reason = reason_of(error)
                self.status.set(connected=False, consuming=False, trouble=reason)
                log.warning("broker_lost", reason=reason, again_in_seconds=round(pause, 1))
                self.stop.wait(pause)
            finally:
                self.status.set(connected=False, consuming=False)
                if connection is not None and connection.is_open:
                    with suppress(AMQPError, OSError):
                        connection.close()


class Session:
    """One connection's life."""

    def __init__(
        self, link: Link, connection: pika.BlockingConnection, on_steady: Callable[[], None]
    ) -> None:
        self.link = link
        self.connection = connection
        self.on_steady = on_steady
        self.deliveries: deque[Delivery] = deque()
        self.cancelled = False

    def serve(self) -> None:
        """Take and send until the link is told to stop; any loss is raised."""
        consumer = self._consume()
        sender = self.connection.channel()
        sender.exchange_declare(EXCHANGE, passive=True)
        sender.confirm_delivery()
        self.link.status.set(connected=True, consuming=True, trouble="")
        log.info("consuming", queue=QUEUE)
        pause = Backoff()
        hold = 0.0
        while not self.link.stop.is_set():
            self.link.status.beat("link")
            self.connection.process_data_events(time_limit=ROUND_SECONDS + hold)
            if self.cancelled:
                raise LinkLost("the broker cancelled the consumer")
            try:
                self._take(consumer)
                steady = self._send(sender)
            except sqlite3.Error as error:
                log.error("state_file_trouble", reason=str(error))
                self.link.status.set(storage=False, trouble=f"state file: {error}")
                steady = False
            if steady:
                self.link.status.set(storage=True, trouble="")
                self.on_steady()
                pause.reset()
            hold = 0.0 if steady else pause.next()
        self._farewell(consumer, sender)

    def _consume(self) -> BlockingChannel:
        channel = self.connection.channel()
        channel.basic_qos(prefetch_count=PREFETCH)
        # Passive: the queue is the operator's to declare, this user may only read it. A missing
        # one is a clear 404 here.
        channel.queue_declare(QUEUE, passive=True)
        channel.add_on_cancel_callback(self._on_cancel)
        channel.basic_consume(QUEUE, self._on_delivery)
        return channel

    # pika calls these two from inside process_data_events(), where publishing is not allowed:
    # they only put things down.
    def _on_cancel(self, _frame: object) -> None:
        self.cancelled = True

    def _on_delivery(
        self,
        _channel: BlockingChannel,
        method: pika.spec.Basic.Deliver,
        properties: pika.BasicProperties,
        body: bytes,
    ) -> None:
        self.deliveries.append(Delivery(method.delivery_tag, properties, body))

    def _take(self, channel: BlockingChannel) -> None:
        while self.deliveries:
            delivery = self.deliveries[0]
            if self._accepted(delivery):
                channel.basic_ack(delivery.tag)
            else:
                self.link.status.refuse()
                channel.basic_reject(delivery.tag, requeue=False)
            self.deliveries.popleft()

    def _accepted(self, delivery: Delivery) -> bool:
        """Whether the message is committed (or was before); False sends it to the dead letters."""
        about = {
            "message_id": delivery.properties.message_id,
            "type": delivery.properties.type,
        }
        try:
            incoming = read(
                delivery.body,
                message_id=delivery.properties.message_id,
                kind=delivery.properties.type,
                headers=delivery.properties.headers,
            )
            outcome = self.link.desk.receive(incoming)
        except BadMessage as error:
            log.warning("message_refused", reason=str(error), **about)
            return False
        except Exception as error:
            if isinstance(error, sqlite3.Error) and not isinstance(error, OF_THE_MESSAGE):
                raise  # the state file's trouble
            log.error("message_failed", reason=reason_of(error), **about)
            return False
        log.info("message_taken", order=incoming.work_order_no, outcome=outcome.value, **about)
        return True

    def _send(self, channel: BlockingChannel, limit: int = 100) -> bool:
        """Publish what waits, the oldest first; False when the broker would not have one.

        Nothing overtakes: after the first one that is not confirmed we stop and try again later.
        """
        for outgoing in self.link.desk.store.waiting_updates(limit):
            course = self.link.course(outgoing)
            if course.hold:
                continue
            try:
                self._publish(channel, outgoing, course)
            except (NackError, UnroutableError) as error:
                reason = type(error).__name__
                self.link.status.set(trouble=f"{reason}: an update waits")
                about = {"order": outgoing.work_order_no, "seq": outgoing.seq}
                log.error("update_not_taken", reason=reason, **about)
                return False
            if course.after:
                self.link.go_wrong(course.after)
            self.link.desk.store.sent(outgoing, self.link.desk.now())
            self.link.gone(outgoing)
            log.info("update_sent", order=outgoing.work_order_no, seq=outgoing.seq)
        return True

    @staticmethod
    def _publish(channel: BlockingChannel, outgoing: Outgoing, course: Course) -> None:
        """Say it: once and straight, unless a drill wants it otherwise."""
        for body, message_id in course.extra:
            told = _properties(with_id(outgoing, message_id))
            channel.basic_publish(EXCHANGE, UPDATED, body, told, mandatory=True)
        body = course.body or outgoing.body.encode()
        for _ in range(course.times):
            channel.basic_publish(EXCHANGE, UPDATED, body, _properties(outgoing), mandatory=True)

    def _farewell(self, consumer: BlockingChannel, sender: BlockingChannel) -> None:
        """Take nothing more, send what waits; the broker keeps the rest for our next run."""
        consumer.close()
        if self._send(sender):
            log.info("stopped_clean")


def _properties(outgoing: Outgoing) -> pika.BasicProperties:
    return pika.BasicProperties(
        message_id=outgoing.message_id,
        type=UPDATED,
        content_type="application/json",
        content_encoding="utf-8",
        delivery_mode=pika.DeliveryMode.Persistent,
        timestamp=int(outgoing.created_at.timestamp()),
        app_id="grid_platform",
        headers=outgoing.headers,
    )
