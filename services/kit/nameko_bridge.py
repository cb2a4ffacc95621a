"""The one module that knows nameko from inside: subclasses that cure its defects.

nameko 2.14.1 is kept (ADR 0002); what is wrong with it is put right here by subclassing, and each
cure has a test that fails with the plain class (tests/green/test_nameko_defects.py):

===  ==================================================================  =======================
A    a broker outage while a call is worked on kills the service         RpcConsumer.handle_result
B    a request without ``reply_to`` crash-loops every instance           RpcConsumer.handle_message
C    a lost reply makes the caller wait for ever                         Replies.ask
D    an exception, or a body that can't be decoded, loses the event      EventConsumer
F    an error in a dependency provider kills the container               services.kit.chassis
===  ==================================================================  =======================

All entrypoints of a service share one :class:`QueueConsumer`, so there is one connection.
"""

import time
import uuid
from collections.abc import Callable
from functools import partial
from typing import Any

import eventlet
import kombu.serialization
from amqp.exceptions import AMQPError
from eventlet.event import Event as GreenEvent
from kombu import Connection, Exchange, Producer
from kombu.exceptions import ConnectionError as KombuConnectionError
from kombu.exceptions import OperationalError
from kombu.pools import producers
from nameko.constants import AMQP_URI_CONFIG_KEY
from nameko.exceptions import ContainerBeingKilled, serialize
from nameko.messaging import Consumer
from nameko.messaging import QueueConsumer as NamekoQueueConsumer
from nameko.rpc import ReplyListener, Rpc
from nameko.rpc import RpcConsumer as NamekoRpcConsumer
from nameko.timer import Timer

from services.contracts.errors import TimedOut, Unavailable, from_wire
from services.kit import logs, topology, wire

log = logs.get(__name__)

BROKER_LOST = (OperationalError, KombuConnectionError, AMQPError, OSError)
RPC = Exchange(wire.RPC_EXCHANGE, type="topic", durable=True)


class QueueConsumer(NamekoQueueConsumer):
    """One connection for all that a service consumes; says whether it is attached."""

    attached = False

    def establish_connection(self) -> Any:
        """Come back within seconds after an outage, instead of kombu's half minute."""
        connection = self.create_connection()
        connection.ensure_connection(
            self.on_connection_error, interval_start=0.2, interval_step=0.3, interval_max=2
        )
        return connection

    def consume(self, limit: Any = None, timeout: Any = None, **kwargs: Any) -> Any:
        """Look up from the socket five times a second: each stop of an entrypoint waits for it."""
        return super().consume(limit, timeout, safety_interval=0.2, **kwargs)

    def on_decode_error(self, message: Any, exc: Exception) -> None:
        """A body that cannot be decoded goes to the dead-letter queue; kombu would drop it."""
        log.error("undecodable message", queue_error=type(exc).__name__)
        message.reject(requeue=False)

    def on_connection_error(self, exc: Exception, interval: float) -> None:
        self.attached = False
        log.warning("broker away", error=type(exc).__name__, retry_in=round(interval, 1))

    def on_consume_ready(self, connection: Any, channel: Any, consumers: Any, **kw: Any) -> None:
        self.attached = True
        super().on_consume_ready(connection, channel, consumers, **kw)

    def on_consume_end(self, _connection: Any, _channel: Any) -> None:
        self.attached = False

    def reject_message(self, message: Any) -> None:
        """Dead-letter a message; without effect when its channel is gone (it comes again)."""
        self._settle(message, partial(message.reject, requeue=False))

    def ack_message(self, message: Any) -> None:
        """Acknowledge; without effect when the channel is gone (it comes again)."""
        self._settle(message, message.ack)

    def requeue_message(self, message: Any) -> None:
        """Give a message back; without effect when the channel is gone (it comes again)."""
        self._settle(message, message.requeue)

    def _settle(self, message: Any, verdict: Callable[[], None]) -> None:
        if message.channel is None or not message.channel.connection:
            return
        try:
            verdict()
        except BROKER_LOST:
            log.info("verdict not delivered, the message will come again")


class ReplyPublisher:
    """Publishes RPC replies on one channel of its own, without waiting for confirms.

    A lost reply is the same to the caller as a lost request: it times out and repeats, and the
    stored answer is replayed. nameko opens a confirming producer from a pool for each reply.
    """

    def __init__(self, amqp_url: str, heartbeat: int) -> None:
        self._url = amqp_url
        self._heartbeat = heartbeat
        self._connection: Connection | None = None
        self._producer: Producer | None = None
        self._lock = eventlet.semaphore.Semaphore()

    def publish(self, body: dict[str, Any], reply_to: str, correlation_id: str) -> None:
        """Send a reply; one new connection is tried when the old one is dead.

        Raises:
            one of ``BROKER_LOST`` when the broker is away.
        """
        with self._lock:
            try:
                self._send(body, reply_to, correlation_id)
            except BROKER_LOST:
                self._drop()
                self._send(body, reply_to, correlation_id)

    def _send(self, body: dict[str, Any], reply_to: str, correlation_id: str) -> None:
        if self._producer is None:
            self._connection = Connection(self._url, connect_timeout=2, heartbeat=self._heartbeat)
            self._connection.connect()
            self._producer = Producer(self._connection.channel(), serializer="json")
        self._producer.publish(
            body,
            exchange=RPC.name,
            routing_key=reply_to,
            correlation_id=correlation_id,
            delivery_mode=1,
            retry=False,
        )

    def beat(self) -> None:
        """Keep the heartbeat of an idle connection; drop it when it is dead."""
        with self._lock:
            if self._connection is not None:
                try:
                    self._connection.heartbeat_check()
                    self._connection.drain_events(timeout=0.001)
                except TimeoutError:
                    return
                except BROKER_LOST:
                    self._drop()

    def _drop(self) -> None:
        connection, self._connection, self._producer = self._connection, None, None
        if connection is not None:
            try:
                connection.collect()
            except BROKER_LOST:
                log.debug("the old reply connection was dead already")


class RpcConsumer(NamekoRpcConsumer):
    """Consumes ``rpc-<service>``: refuses what it could not answer, survives an outage."""

    queue_consumer = QueueConsumer()
    queue: Any

    def setup(self) -> None:
        if self.queue is None:
            plan = topology.build()
            spec = plan.queues[wire.rpc_queue_name(self.container.service_name)]
            self.queue = topology.kombu_queue(spec, plan.exchanges)
            config = self.container.config
            self.replies = ReplyPublisher(config[AMQP_URI_CONFIG_KEY], config["HEARTBEAT"])
            self.queue_consumer.register_provider(self)
            self._registered = True

    def handle_message(self, body: Any, message: Any) -> None:
        """Check what an answer will need before anything is done (defect B)."""
        properties = message.properties
        if not properties.get("reply_to") or not properties.get("correlation_id"):
            log.error("request without a way to answer it", method=_method(message))
            self.queue_consumer.reject_message(message)
            return
        if not isinstance(body, dict) or not isinstance(body.get("kwargs"), dict):
            body = {}  # nameko answers MalformedRequest
        elif body.get("args"):
            body = {"args": [None] * 99, "kwargs": {}}  # nameko answers IncorrectSignature
        super().handle_message(body, message)

    def handle_result(self, message: Any, result: Any, exc_info: Any) -> tuple[Any, Any]:
        """Answer, then acknowledge; with the broker away do neither (defect A)."""
        error = serialize(exc_info[1]) if exc_info is not None else None
        properties = message.properties
        try:
            self.replies.publish(
                {"result": result, "error": error},
                properties["reply_to"],
                properties["correlation_id"],
            )
        except BROKER_LOST as lost:
            # The broker gives the request to somebody again, who finds the stored answer.
            log.warning("reply not delivered, broker away", error=type(lost).__name__)
            self.queue_consumer.requeue_message(message)
            return result, exc_info
        except (TypeError, ValueError, kombu.serialization.EncodeError):
            log.exception("answer cannot be serialised", method=_method(message))
            wire_error = serialize(RpcFailure({"status": 500, "code": "server.error"}))
            self.replies.publish(
                {"result": None, "error": wire_error},
                properties["reply_to"],
                properties["correlation_id"],
            )
        self.queue_consumer.ack_message(message)
        return result, exc_info


def _method(message: Any) -> str:
    return str(message.delivery_info.get("routing_key", ""))[:80]


class RpcFailure(Exception):
    """Carries :meth:`ShequError.to_wire` as its only argument to the caller."""


class RpcEntrypoint(Rpc):
    """An RPC method; hands the message's own ids on with nameko's context headers."""

    rpc_consumer = RpcConsumer()

    def handle_message(self, body: Any, message: Any) -> None:
        message.headers["nameko.correlation_id"] = message.properties["correlation_id"]
        message.headers["nameko.redelivered"] = bool(message.delivery_info.get("redelivered"))
        super().handle_message(body, message)


class EventConsumer(Consumer):
    """Consumes one event queue; the verdict on each message is explicit (defect D).

    handled → ack; ``Reject`` → dead-letter queue; anything else → next rung of the retry ladder,
    and after the last rung the dead-letter queue.
    """

    queue_consumer = QueueConsumer()

    def __init__(self, queue_name: str, reject: type[BaseException], **kwargs: Any) -> None:
        self.queue_name = queue_name
        self.reject = reject
        super().__init__(queue=None, **kwargs)

    def setup(self) -> None:
        plan = topology.build(self.container.config["RETRY_SCALE"])
        self.queue = topology.kombu_queue(plan.queues[self.queue_name], plan.exchanges)
        self.queue_consumer.register_provider(self)

    def handle_message(self, body: Any, message: Any) -> None:
        properties = message.properties
        args = (
            body,
            dict(message.headers),
            {"message_id": properties.get("message_id"), "type": properties.get("type")},
        )
        try:
            self.container.spawn_worker(
                self, args, {}, handle_result=partial(self.handle_result, message)
            )
        except ContainerBeingKilled:
            self.queue_consumer.requeue_message(message)

    def handle_message_processed(
        self,
        message: Any,
        result: Any = None,  # noqa: ARG002 - nameko's signature
        exc_info: Any = None,
    ) -> None:
        if exc_info is None:
            self.queue_consumer.ack_message(message)
        elif isinstance(exc_info[1], self.reject):
            self.queue_consumer.reject_message(message)
        else:
            self._later(message)

    def _later(self, message: Any) -> None:
        attempt = int(message.headers.get(wire.ATTEMPT) or 0)
        if attempt >= len(topology.LADDER):
            self.queue_consumer.reject_message(message)
            return
        try:
            self._publish_to(topology.LADDER[attempt], message, attempt + 1)
        except BROKER_LOST as lost:
            log.warning("retry not placed, broker away", error=type(lost).__name__)
            self.queue_consumer.requeue_message(message)
            return
        self.queue_consumer.ack_message(message)

    def _publish_to(self, rung: str, message: Any, attempt: int) -> None:
        connection = Connection(
            self.container.config[AMQP_URI_CONFIG_KEY],
            connect_timeout=2,
            transport_options={"confirm_publish": True},
        )
        properties = message.properties
        kept = {
            key: properties[key]
            for key in ("message_id", "type", "timestamp", "correlation_id")
            if properties.get(key) is not None
        }
        with producers[connection].acquire(block=True, timeout=5) as producer:
            producer.publish(
                message.body,
                exchange=rung,
                routing_key=self.queue_name,
                headers={**message.headers, wire.ATTEMPT: attempt},
                content_type=message.content_type,
                content_encoding=message.content_encoding,
                delivery_mode=2,
                confirm_timeout=5,
                **kept,
            )


class Replies(ReplyListener):
    """The caller's side of RPC between services: with a limit, and forgetting what it gave up.

    nameko's proxy waits for ever when a reply is lost and keeps its entry (defect C).
    """

    queue_consumer = QueueConsumer()

    def ask(
        self,
        service: str,
        method: str,
        kwargs: dict[str, Any],
        headers: dict[str, Any],
        timeout: float,
    ) -> Any:
        """Call and wait at most ``timeout`` seconds.

        Raises:
            TimedOut: no answer in time.
            Unavailable: nobody serves it, or the broker is away.
            ShequError: what the other service answered.
        """
        correlation_id = str(uuid.uuid4())
        answered: GreenEvent = self.get_reply_event(correlation_id)
        deadline = time.monotonic() + timeout
        try:
            self._send(service, method, kwargs, headers, timeout, correlation_id)
            body = None
            with eventlet.Timeout(max(0.01, deadline - time.monotonic()), False):
                body = answered.wait()
        finally:
            self._reply_events.pop(correlation_id, None)
        if body is None:
            raise TimedOut(f"{service}.{method} did not answer", retry_after=2)
        if body.get("error"):
            raise _error_of(body["error"])
        return body["result"]

    def _send(
        self,
        service: str,
        method: str,
        kwargs: dict[str, Any],
        headers: dict[str, Any],
        timeout: float,
        correlation_id: str,
    ) -> None:
        connection = Connection(
            self.container.config[AMQP_URI_CONFIG_KEY],
            connect_timeout=2,
            transport_options={"confirm_publish": True},
        )
        returned: list[Any] = []
        try:
            with producers[connection].acquire(block=True, timeout=timeout) as producer:
                on_return = producer.channel.events["basic_return"]
                on_return.add(note := lambda *details: returned.append(details))
                try:
                    producer.publish(
                        {"args": [], "kwargs": kwargs},
                        exchange=RPC.name,
                        routing_key=f"{service}.{method}",
                        mandatory=True,
                        reply_to=self.routing_key,
                        correlation_id=correlation_id,
                        expiration=timeout,
                        serializer="json",
                        delivery_mode=1,
                        headers={f"nameko.{key}": v for key, v in headers.items() if v},
                        confirm_timeout=timeout,
                    )
                finally:
                    on_return.discard(note)
        except BROKER_LOST:
            raise Unavailable("the broker is away", retry_after=2) from None
        if returned:
            raise Unavailable(f"nobody serves {service}", retry_after=2)


def _error_of(error: dict[str, Any]) -> Exception:
    arguments = error.get("exc_args") or []
    if error.get("exc_type") == RpcFailure.__name__ and arguments:
        return from_wire(arguments[0])
    return from_wire({"status": 500, "code": "server.error", "detail": error.get("exc_type")})


class TimerEntrypoint(Timer):
    """A timer whose first tick comes soon after the start."""

    def handle_result(self, worker_ctx: Any, result: Any, exc_info: Any) -> tuple[Any, Any]:
        if exc_info is not None:
            log.error("timer failed", timer=self.method_name, error=exc_info[0].__name__)
        return super().handle_result(worker_ctx, result, exc_info)  # type: ignore[no-any-return]


__all__ = [
    "BROKER_LOST",
    "EventConsumer",
    "QueueConsumer",
    "Replies",
    "RpcConsumer",
    "RpcEntrypoint",
    "RpcFailure",
    "TimerEntrypoint",
]
