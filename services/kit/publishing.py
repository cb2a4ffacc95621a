"""What a service process publishes besides its events: answers, questions and retries.

There are two ways, a connection for each, shared by all workers, one message at a time: an answer
is sent and forgotten (its caller repeats what was lost, ADR 0015); a question or a retry counts
as sent when a queue has taken it and the broker has said so.
"""

from typing import Any

import eventlet
from amqp.exceptions import AMQPError, MessageNacked
from kombu import Connection, Producer
from kombu.exceptions import ConnectionError as KombuConnectionError
from kombu.exceptions import OperationalError
from nameko.constants import AMQP_URI_CONFIG_KEY
from nameko.extensions import SharedExtension

from services.kit import logs
from services.kit.limits import OutOfTime, within

log = logs.get(__name__)

BROKER_LOST = (OperationalError, KombuConnectionError, AMQPError, OSError)
LIMIT_SECONDS = 5.0


class NotPublished(Exception):
    """The broker is away, refuses, does not answer, or no queue takes the message.

    It may have been taken all the same, when only the answer was lost.
    """


class Publisher:
    """A connection to publish on, made when it is needed and again when it was lost.

    Args:
        confirm: wait until a queue has taken the message.
    """

    def __init__(self, amqp_url: str, *, heartbeat: int, confirm: bool) -> None:
        self._url = amqp_url
        self._heartbeat = heartbeat
        self._confirm = confirm
        self._connection: Connection | None = None
        self._producer: Producer | None = None
        self._returned = False
        self._lock = eventlet.semaphore.Semaphore()

    def publish(
        self,
        body: Any,
        *,
        exchange: str,
        routing_key: str,
        seconds: float = LIMIT_SECONDS,
        **properties: Any,
    ) -> None:
        """Send one message; a connection found dead is replaced once.

        Raises:
            NotPublished: not within ``seconds``, or not at all.
            TypeError, ValueError, kombu.exceptions.EncodeError: ``body`` is no JSON.
        """
        try:
            with within(seconds), self._lock:
                self._returned = False
                self._send(
                    body,
                    exchange=exchange,
                    routing_key=routing_key,
                    mandatory=self._confirm,
                    retry=False,
                    **properties,
                )
                if self._returned:
                    raise NotPublished(f"no queue takes {routing_key}")
        except MessageNacked:
            raise NotPublished(f"{exchange} refuses messages") from None
        except BROKER_LOST as lost:
            raise NotPublished(type(lost).__name__) from lost
        except OutOfTime:
            raise NotPublished("the broker does not answer in time") from None

    def _send(self, body: Any, **how: Any) -> None:
        try:
            if self._producer is not None:
                try:
                    self._producer.publish(body, **how)
                    return
                except BROKER_LOST:
                    self.close()
            self._connect().publish(body, **how)
        except (*BROKER_LOST, eventlet.Timeout):
            # Not used again: a confirm that comes late would be taken for the next message's.
            self.close()
            raise

    def _connect(self) -> Producer:
        self._connection = Connection(
            self._url,
            connect_timeout=2,
            heartbeat=self._heartbeat,
            transport_options={
                "confirm_publish": self._confirm,
                "on_blocked": self._note_blocked,
                "on_unblocked": self._note_unblocked,
            },
        )
        self._connection.connect()
        self._producer = Producer(
            self._connection.channel(), serializer="json", on_return=self._note_return
        )
        return self._producer

    def _note_return(self, *_details: Any) -> None:
        self._returned = True

    @staticmethod
    def _note_blocked(_reason: str) -> None:
        log.warning("broker blocks publishing", hint="it is short of disk or memory")

    @staticmethod
    def _note_unblocked() -> None:
        log.warning("broker takes messages again")

    def beat(self) -> None:
        """Keep the heartbeat of an idle connection; drop it when it is dead."""
        if self._connection is None or not self._lock.acquire(blocking=False):
            return
        try:
            self._connection.heartbeat_check()
            self._connection.drain_events(timeout=0.001)
        except TimeoutError:
            pass
        except BROKER_LOST:
            self.close()
        finally:
            self._lock.release()

    def close(self) -> None:
        """Let go of the connection."""
        connection, self._connection, self._producer = self._connection, None, None
        if connection is not None:
            try:
                connection.collect()
            except BROKER_LOST:
                log.debug("the old connection was dead already")


class Outbound(SharedExtension):
    """The two publishers of a process."""

    answers: Publisher
    messages: Publisher

    def setup(self) -> None:
        url, heartbeat = (self.container.config[key] for key in (AMQP_URI_CONFIG_KEY, "HEARTBEAT"))
        self.answers = Publisher(url, heartbeat=heartbeat, confirm=False)
        self.messages = Publisher(url, heartbeat=heartbeat, confirm=True)

    def beat(self) -> None:
        """Keep the heartbeats; called every few seconds."""
        self.answers.beat()
        self.messages.beat()

    def stop(self) -> None:
        self.answers.close()
        self.messages.close()
