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

Whatever escapes from a consumer or from ``handle_result`` ends the container, and the message
that did it comes again to the next one: so nothing that stands in a message may raise there.

All entrypoints of a service share one :class:`QueueConsumer`, so there is one connection.
"""

import time
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from typing import Any

import amqp.method_framing
import eventlet
from amqp.basic_message import Message as AmqpMessage
from eventlet.event import Event as GreenEvent
from kombu.exceptions import EncodeError
from nameko.exceptions import ContainerBeingKilled, MalformedRequest, serialize
from nameko.messaging import Consumer
from nameko.messaging import QueueConsumer as NamekoQueueConsumer
from nameko.rpc import ReplyListener, Rpc
from nameko.rpc import RpcConsumer as NamekoRpcConsumer
from nameko.timer import Timer
from pydantic_core import to_json

from services.contracts.errors import TimedOut, Unavailable, from_wire
from services.kit import db, logs, topology, wire
from services.kit.publishing import BROKER_LOST, NotPublished, Outbound

log = logs.get(__name__)

# A retry that could not be placed goes back to its queue, which would give it again at once and
# count it as a crash each time.
REQUEUE_PAUSE_SECONDS = 1.0
# A broker that is asked for something and says nothing for so long is taken for gone.
SILENCE_SECONDS = 10.0


class TolerantMessage(AmqpMessage):
    """A message whose properties cannot be read arrives without any.

    py-amqp raises for a property that is no UTF-8, in the middle of reading the connection. So
    the message is judged like one that never had properties: a dead letter.
    """

    def _load_properties(self, class_id: int, buf: Any, offset: int) -> Any:
        try:
            return super()._load_properties(class_id, buf, offset)
        except Exception as error:
            log.error("unreadable message properties", error=type(error).__name__)
            self.properties: dict[str, Any] = {}
            return offset


amqp.method_framing.Message = TolerantMessage


class QueueConsumer(NamekoQueueConsumer):
    """One connection for all that a service consumes; says whether it is attached."""

    attached = False

    def establish_connection(self) -> Any:
        """Come back within seconds after an outage, instead of kombu's half minute.

        No wait for the broker is without a limit: it may fall silent while queues are declared.
        """
        connection = self.create_connection()
        connection.ensure_connection(
            self.on_connection_error, interval_start=0.2, interval_step=0.3, interval_max=2
        )
        connection.connection.transport.sock.settimeout(SILENCE_SECONDS)
        return connection

    @contextmanager
    def extra_context(self, connection: Any, _channel: Any) -> Iterator[None]:
        """Drop a connection found dead at once, and say so.

        kombu would close it politely, and wait for the good-bye of a broker that says nothing.
        """
        try:
            yield
        except BROKER_LOST:
            self.attached = False
            connection.collect()
            raise

    def consume(self, limit: Any = None, timeout: Any = None, **kwargs: Any) -> Any:
        """Look up from the socket five times a second: each stop of an entrypoint waits for it."""
        return super().consume(limit, timeout, safety_interval=0.2, **kwargs)

    def on_decode_error(self, message: Any, exc: Exception) -> None:
        """A body that cannot be decoded goes to the dead-letter queue; kombu would drop it."""
        log.error(
            "undecodable message",
            error=type(exc).__name__,
            exchange=message.delivery_info.get("exchange", ""),
            routing_key=_method(message),
            message_id=str(message.properties.get("message_id", ""))[:80],
        )
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


class RpcConsumer(NamekoRpcConsumer):
    """Consumes ``rpc-<service>``: refuses what it could not answer, survives an outage."""

    queue_consumer = QueueConsumer()
    outbound = Outbound()
    queue: Any

    def setup(self) -> None:
        if self.queue is None:
            plan = topology.build()
            spec = plan.queues[wire.rpc_queue_name(self.container.service_name)]
            self.queue = topology.kombu_queue(spec, plan.exchanges)
            self.queue_consumer.register_provider(self)
            self._registered = True

    def handle_message(self, body: Any, message: Any) -> None:
        """Check what an answer will need before anything is done (defect B)."""
        properties = message.properties
        if not properties.get("reply_to") or not properties.get("correlation_id"):
            log.error("request without a way to answer it", method=_method(message))
            self.queue_consumer.reject_message(message)
        elif (
            not isinstance(body, dict)
            or body.get("args")
            or not isinstance(body.get("kwargs"), dict)
        ):
            refused = MalformedRequest("the arguments of a call are named ones")
            self.handle_result(message, None, (MalformedRequest, refused, None))
        else:
            super().handle_message({"args": [], "kwargs": body["kwargs"]}, message)

    def handle_result(self, message: Any, result: Any, exc_info: Any) -> tuple[Any, Any]:
        """Answer, then acknowledge; with the broker away do neither (defect A)."""
        error = serialize(exc_info[1]) if exc_info is not None else None
        try:
            try:
                self._answer(message, {"result": result, "error": error})
            except (TypeError, ValueError, EncodeError):
                log.exception("answer cannot be serialised", method=_method(message))
                failure = serialize(RpcFailure({"status": 500, "code": "server.error"}))
                self._answer(message, {"result": None, "error": failure})
        except NotPublished as lost:
            # The broker gives the request to somebody again, who finds the stored answer.
            log.warning("reply not delivered", reason=str(lost))
            self.queue_consumer.requeue_message(message)
        else:
            self.queue_consumer.ack_message(message)
        return result, exc_info

    def _answer(self, message: Any, body: dict[str, Any]) -> None:
        self.outbound.answers.publish(
            to_json(body),  # as it is, where kombu would write each Chinese sign as six
            content_type="application/json",
            content_encoding="utf-8",
            exchange=wire.RPC_EXCHANGE,
            routing_key=message.properties["reply_to"],
            correlation_id=message.properties["correlation_id"],
            delivery_mode=1,
        )


def _method(message: Any) -> str:
    return str(message.delivery_info.get("routing_key", ""))[:80]


class RpcFailure(Exception):
    """Carries :meth:`ShequError.to_wire` as its only argument to the caller."""


class RpcEntrypoint(Rpc):
    """An RPC method; its worker is told the message's own ids with the caller's context."""

    rpc_consumer = RpcConsumer()

    def unpack_message_headers(self, message: Any) -> dict[str, Any]:
        """The context of a call: what the caller said, and what the message itself says."""
        context = wire.rpc_context(message.headers)
        stack = context.get(wire.CALL_ID_STACK)
        if not isinstance(stack, list) or not all(isinstance(call, str) for call in stack):
            context[wire.CALL_ID_STACK] = []
        context[wire.CORRELATION_ID] = message.properties["correlation_id"]
        context[wire.REDELIVERED] = bool(message.delivery_info.get("redelivered"))
        return context


class EventConsumer(Consumer):
    """Consumes one event queue; the verdict on each message is explicit (defect D).

    handled → ack; ``Reject`` → dead-letter queue; anything else → next rung of the retry ladder,
    and after the last rung the dead-letter queue.
    """

    queue_consumer = QueueConsumer()
    outbound = Outbound()

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
            self._later(message, patient=db.not_there(exc_info[1]))

    def _later(self, message: Any, *, patient: bool) -> None:
        """Put the message on its next rung; ``patient`` stays before the last attempt: the event
        is not at fault when its database is away, for however long."""
        last = len(topology.LADDER) - 1
        attempt = wire.attempt_of(message.headers)
        if patient:
            attempt = min(attempt, last - 1)
        elif attempt > last:
            self.queue_consumer.reject_message(message)
            return
        try:
            self._publish_to(topology.LADDER[attempt], message, attempt + 1)
        except NotPublished as lost:
            log.warning("retry not placed", queue=self.queue_name, reason=str(lost))
            eventlet.sleep(REQUEUE_PAUSE_SECONDS)
            self.queue_consumer.requeue_message(message)
        else:
            self.queue_consumer.ack_message(message)

    def _publish_to(self, rung: str, message: Any, attempt: int) -> None:
        properties = message.properties
        kept = {
            key: properties[key]
            for key in ("message_id", "type", "timestamp", "correlation_id")
            if properties.get(key) is not None
        }
        self.outbound.messages.publish(
            message.body,
            exchange=rung,
            routing_key=self.queue_name,
            headers={**message.headers, wire.ATTEMPT: attempt},
            content_type=message.content_type,
            content_encoding=message.content_encoding,
            delivery_mode=2,
            **kept,
        )


class Replies(ReplyListener):
    """The caller's side of RPC between services: with a limit, and forgetting what it gave up.

    nameko's proxy waits for ever when a reply is lost and keeps its entry (defect C).
    """

    queue_consumer = QueueConsumer()
    outbound = Outbound()

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
            Unavailable: the broker is away, or has no queue for it.
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
        try:
            self.outbound.messages.publish(
                {"args": [], "kwargs": kwargs},
                exchange=wire.RPC_EXCHANGE,
                routing_key=f"{service}.{method}",
                seconds=timeout,
                reply_to=self.routing_key,
                correlation_id=correlation_id,
                expiration=timeout,
                delivery_mode=1,
                headers=wire.rpc_headers(headers),
            )
        except NotPublished as lost:
            raise Unavailable(f"{service} cannot be asked: {lost}", retry_after=2) from None


def _error_of(error: dict[str, Any]) -> Exception:
    arguments = error.get("exc_args") or []
    if error.get("exc_type") == RpcFailure.__name__ and arguments:
        return from_wire(arguments[0])
    return from_wire({"status": 500, "code": "server.error", "detail": error.get("exc_type")})


class TimerEntrypoint(Timer):
    """A timer that says in the log why it failed; it ticks again all the same."""

    def handle_result(self, worker_ctx: Any, result: Any, exc_info: Any) -> tuple[Any, Any]:
        if exc_info is not None:
            log.error("timer failed", timer=self.method_name, exc_info=exc_info)
        return super().handle_result(worker_ctx, result, exc_info)  # type: ignore[no-any-return]


__all__ = [
    "EventConsumer",
    "QueueConsumer",
    "Replies",
    "RpcConsumer",
    "RpcEntrypoint",
    "RpcFailure",
    "TimerEntrypoint",
]
