"""RPC from asyncio: the gateway's way to the services, over nameko's protocol.

::

              ┌──────────── lost: every waiting call fails at once, nothing is sent ───────────┐
              ▼                                                                                │
    away ──connect──▶ attached: own channel, own reply queue bound to ``nameko-rpc`` ──────────┘

A plain connection and a loop of our own stand here instead of a "robust" one: a robust channel
re-declares behind one's back, keeps callers waiting while the broker is away, and has a long tail
of faults in re-opening. The loop forgets everything that belonged to the lost connection and
begins afresh; in the meantime calls are refused at once.

Requests are published with confirms and ``mandatory``: a request that no queue took comes back and
is :class:`Unavailable`. Measured with a client alone on its core, a confirm costs 12 µs of the
140 µs that a call takes in this process and 0.08 ms of waiting; aiormq is used directly because
aio-pika's layer above it costs 60 µs more.
"""

import asyncio
import contextlib
import itertools
import random
import uuid
from abc import ABC, abstractmethod
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, cast

import aiormq
from aiormq import Channel, Connection
from aiormq.abc import DeliveredMessage
from pamqp.commands import Basic
from pydantic_core import from_json, to_json
from yarl import URL

from services.contracts.errors import (
    Internal,
    NotBuilt,
    ShequError,
    TimedOut,
    Unavailable,
    from_wire,
)
from services.kit import logs, wire
from services.kit.verdicts import Shared

log = logs.get(__name__)

RETRY_AFTER = 2  # seconds; what a client is told when a service or the broker is away
CONNECT_SECONDS = 5.0
HEARTBEAT_SECONDS = 5  # three missed ones end a link that stands but carries nothing
BACKOFF_SECONDS = (0.1, 0.2, 0.5, 1.0, 2.0)
CLOSE_SECONDS = 2.0
LOOK_SECONDS = 1.0  # between looks whether the broker blocks publishing
LOST = (aiormq.AMQPError, OSError, TimeoutError, RuntimeError)
_between = random.SystemRandom().uniform


@dataclass(frozen=True, slots=True)
class Reply:
    """What a service answered.

    Attributes:
        body: the answer as finished JSON text, to be passed on untouched.
        xid: the transaction of a write, for reading one's own write (0 when not told).
        xmin: the oldest transaction that a read could miss (0 when not told).
        epoch: which life of the service's database counted those; a later one is later.
        replayed: an earlier answer to the same Idempotency-Key.
        shared: for whom else the answer is right, when it holds nothing of its reader's own.
    """

    body: bytes
    xid: int = 0
    xmin: int = 0
    epoch: int = 0
    replayed: bool = False
    shared: Shared | None = None

    @property
    def data(self) -> Any:
        """The answer as Python values."""
        return from_json(self.body)


class Link(ABC):
    """A connection to the broker that begins afresh whenever it is lost.

    Args:
        url: of the broker.
        name: shown in the broker's list of connections.
    """

    def __init__(self, url: str, name: str) -> None:
        self._url = URL(url) % {"heartbeat": HEARTBEAT_SECONDS, "name": name}
        self.name = name
        self._loop_task: asyncio.Task[None] | None = None
        self._ready = asyncio.Event()

    @property
    def attached(self) -> bool:
        """Whether it is of use right now."""
        return self._ready.is_set()

    async def start(self) -> None:
        """Begin to connect; returns at once, the broker may come later."""
        self._loop_task = asyncio.create_task(self._run(), name=f"link {self.name}")

    async def wait_attached(self, seconds: float) -> bool:
        """Wait for the connection at most ``seconds``; whether it is there."""
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                await self._ready.wait()
        return self.attached

    async def close(self) -> None:
        """Let go of the connection, for good."""
        task, self._loop_task = self._loop_task, None
        if task is not None:
            task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await task

    @abstractmethod
    async def _attach(self, channel: Channel) -> None:
        """Declare, bind and consume on a fresh channel."""

    @abstractmethod
    def _detached(self) -> None:
        """The channel is lost, with all that was declared on it."""

    async def _run(self) -> None:
        failures = 0
        while True:
            connection: Connection | None = None
            try:
                async with asyncio.timeout(CONNECT_SECONDS):
                    connection, channel = await self._connect()
                    lost = self._watch(connection, channel)
                    await self._attach(channel)
                failures = 0
                self._ready.set()
                log.info("broker attached", link=self.name)
                await self._until_lost(connection, lost)
                log.warning("broker lost", link=self.name)
            except LOST as error:
                if failures == 0:
                    log.warning("broker away", link=self.name, error=type(error).__name__)
            except Exception:
                log.exception("link failed", link=self.name)  # and is tried again like the rest
            finally:
                self._ready.clear()
                self._detached()
                await _close(connection)
            pause = BACKOFF_SECONDS[min(failures, len(BACKOFF_SECONDS) - 1)]
            await asyncio.sleep(pause * _between(0.5, 1.0))  # gateways don't come all at once
            failures += 1

    async def _until_lost(self, connection: Connection, lost: asyncio.Event) -> None:
        """Wait for the loss; meanwhile a broker that blocks publishing is as good as away."""
        while True:
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(LOOK_SECONDS):
                    await lost.wait()
                return
            blocked = await _blocks(connection)
            if blocked and self.attached:
                self._ready.clear()
                log.warning("broker blocks publishing", link=self.name)
            elif not blocked and not self.attached:
                self._ready.set()
                log.warning("broker takes messages again", link=self.name)

    async def _connect(self) -> tuple[Connection, Channel]:
        connection = await aiormq.connect(self._url)
        try:
            channel = await connection.channel(publisher_confirms=True)
            return connection, cast(Channel, channel)
        except BaseException:
            await _close(connection)
            raise

    def _watch(self, connection: Connection, channel: Channel) -> asyncio.Event:
        """An event that is set when connection, channel or a consumer is gone."""
        lost = asyncio.Event()
        connection.closing.add_done_callback(lambda _: lost.set())
        channel.closing.add_done_callback(lambda _: lost.set())
        channel.on_consumer_cancel_callbacks.add(lambda _: lost.set())
        return lost


async def _blocks(connection: Connection) -> bool:
    """Whether the broker has said that it takes no messages (a disk or memory alarm)."""
    try:
        async with asyncio.timeout(0.01):
            await connection.ready()
    except TimeoutError:
        return True
    return False


async def _close(connection: Connection | None) -> None:
    if connection is not None and not connection.is_closed:
        with contextlib.suppress(*LOST):
            async with asyncio.timeout(CLOSE_SECONDS):
                await connection.close()


@dataclass(slots=True)
class _Waiting:
    """A call under way: where its answer goes, and how long it waits."""

    answer: asyncio.Future[bytes]
    limit: asyncio.Timeout
    lost: ShequError | None = None

    def fail(self, error: ShequError) -> None:
        """End it now, whether it waits for the answer or is still being sent."""
        if not self.limit.expired():
            self.lost = error
            self.limit.reschedule(asyncio.get_running_loop().time())


class RpcClient(Link):
    """Calls to the services, many at a time over one connection.

    ::

        client = RpcClient(settings.amqp_url)
        await client.start()
        reply = await client.call("feed", "list_posts", {"cid": cid}, token=token, timeout=5)
    """

    def __init__(self, url: str, name: str = "gateway") -> None:
        super().__init__(url, name)
        self._pending: dict[str, _Waiting] = {}
        self._channel: Channel | None = None
        self._reply_key = ""
        self._numbers = itertools.count()

    @property
    def waiting(self) -> int:
        """How many calls wait for an answer."""
        return len(self._pending)

    async def call(
        self,
        service: str,
        method: str,
        kwargs: dict[str, Any],
        *,
        timeout: float = 5.0,  # noqa: ASYNC109 - it travels with the request
        token: str = "",
        request_id: str = "",
        traceparent: str = "",
        idempotency_key: str = "",
        body_hash: str = "",
        language: str = "",
    ) -> Reply:
        """Ask a service.

        Args:
            timeout: seconds; the request is worthless afterwards and the broker drops it.

        Raises:
            Unavailable: the broker is away, nobody serves it, or the connection was lost while
                waiting (the operation may have been done).
            TimedOut: no answer in time (the operation may have been done).
            ShequError: what the service answered.
        """
        channel = self._channel
        if channel is None or not self.attached:
            raise Unavailable(retry_after=RETRY_AFTER)
        # Unique for ever: services keep answers to redelivered requests under it.
        correlation_id = f"{self._reply_key}.{next(self._numbers)}"
        context = {
            wire.CALL_ID_STACK: [f"{self.name}.{correlation_id}"],
            wire.TOKEN: token,
            wire.REQUEST_ID: request_id,
            wire.TRACEPARENT: traceparent,
            wire.IDEMPOTENCY_KEY: idempotency_key,
            wire.BODY_HASH: body_hash,
            wire.LANGUAGE: language,
        }
        properties = Basic.Properties(
            content_type="application/json",
            content_encoding="utf-8",
            correlation_id=correlation_id,
            message_id=correlation_id,
            reply_to=self._reply_key,
            expiration=str(max(1, int(timeout * 1000))),
            delivery_mode=1,
            headers=wire.rpc_headers(context),
        )
        waiting = _Waiting(asyncio.get_running_loop().create_future(), asyncio.timeout(timeout))
        self._pending[correlation_id] = waiting
        try:
            async with waiting.limit:
                await _publish(channel, f"{service}.{method}", kwargs, properties)
                return _read(await waiting.answer)
        except TimeoutError:
            if waiting.lost:
                raise waiting.lost from None
            raise TimedOut(f"{service} did not answer in time", retry_after=RETRY_AFTER) from None
        finally:
            del self._pending[correlation_id]

    async def _attach(self, channel: Channel) -> None:
        self._reply_key = str(uuid.uuid4())
        queue = f"rpc.reply-{self.name}-{self._reply_key}"
        await channel.exchange_declare(wire.RPC_EXCHANGE, exchange_type="topic", durable=True)
        await channel.queue_declare(queue, exclusive=True, auto_delete=True)
        await channel.queue_bind(queue, wire.RPC_EXCHANGE, self._reply_key)
        await channel.basic_consume(queue, self._on_reply, no_ack=True)
        self._channel = channel

    def _detached(self) -> None:
        self._channel = None
        for waiting in self._pending.values():
            waiting.fail(Unavailable(retry_after=RETRY_AFTER))

    async def _on_reply(self, message: DeliveredMessage) -> None:
        waiting = self._pending.get(message.header.properties.correlation_id or "")
        if waiting is not None and not waiting.answer.done():
            waiting.answer.set_result(message.body)


async def _publish(
    channel: Channel, routing_key: str, kwargs: dict[str, Any], properties: Basic.Properties
) -> None:
    """Send a request; Unavailable when no queue took it or the connection is lost."""
    try:
        await channel.basic_publish(
            to_json({"args": [], "kwargs": kwargs}),
            exchange=wire.RPC_EXCHANGE,
            routing_key=routing_key,
            mandatory=True,
            properties=properties,
            wait=False,
        )
    except asyncio.CancelledError:
        # aiormq cancels its own futures when a connection ends; that is not our caller's end.
        task = asyncio.current_task()
        if task is None or task.cancelling():
            raise
        raise Unavailable(retry_after=RETRY_AFTER) from None
    except LOST:  # a returned or refused message (DeliveryError) is among them
        raise Unavailable(retry_after=RETRY_AFTER) from None


class EventListener(Link):
    """Hears events on a queue of its own that lives as long as the connection.

    Nothing is kept for it while it is away: ``on_attached`` is told each time that hearing begins
    (again), so that what came in between can be looked up or thrown away.

    Args:
        topics: (exchange, routing key) pairs to bind.
        on_event: called with body and headers of each event; what it raises is logged.
    """

    def __init__(
        self,
        url: str,
        topics: list[tuple[str, str]],
        on_event: Callable[[dict[str, Any], dict[str, Any]], None],
        *,
        on_attached: Callable[[], None] = lambda: None,
        on_lost: Callable[[], None] = lambda: None,
        name: str = "gateway-events",
    ) -> None:
        super().__init__(url, name)
        self._topics = topics
        self._on_event = on_event
        self._on_attached = on_attached
        self._on_lost = on_lost

    async def _attach(self, channel: Channel) -> None:
        queue = f"broadcast.{self.name}-{uuid.uuid4()}"
        await channel.queue_declare(queue, exclusive=True, auto_delete=True)
        for exchange in sorted({exchange for exchange, _ in self._topics}):
            await channel.exchange_declare(exchange, exchange_type="topic", durable=True)
        for exchange, routing_key in self._topics:
            await channel.queue_bind(queue, exchange, routing_key)
        await channel.basic_consume(queue, self._deliver, no_ack=True)
        self._on_attached()

    def _detached(self) -> None:
        self._on_lost()

    async def _deliver(self, message: DeliveredMessage) -> None:
        try:
            self._on_event(from_json(message.body), dict(message.header.properties.headers or {}))
        except Exception:
            log.exception("broadcast event not understood")


def _read(body: bytes) -> Reply:
    """The reply in a message of the protocol, or the error in it, raised."""
    try:
        message = from_json(body)
        error, result = message.get("error"), message.get("result")
        if error:
            raise _error(error)
        text = result.get("json")
        return Reply(
            body=to_json(result.get("data")) if text is None else text.encode(),
            xid=int(result.get("xid") or 0),
            xmin=int(result.get("xmin") or 0),
            epoch=int(result.get("epoch") or 0),
            replayed=bool(result.get("replayed")),
            shared=_shared(result.get("shared")),
        )
    except (LookupError, ValueError, AttributeError, TypeError):
        log.error("reply not understood")
        raise Internal() from None


def _shared(said: dict[str, Any] | None) -> Shared | None:
    """For whom else the answer is right; nobody when it is not said in words that are known."""
    if not said:
        return None
    return Shared(
        place=str(said["place"]),
        reader=str(said["reader"]),
        about=tuple(map(str, said["about"])),
        seconds=float(said["seconds"]),
    )


def _error(error: dict[str, Any]) -> ShequError:
    """The error that the service meant; nameko's own errors are faults of ours."""
    arguments = error.get("exc_args") or []
    if error.get("exc_type") == "RpcFailure" and arguments and isinstance(arguments[0], dict):
        return from_wire(arguments[0])
    kind = str(error.get("exc_type"))[:80]
    log.error("call refused by nameko", error=kind)
    return NotBuilt() if kind == "MethodNotFound" else Internal()
