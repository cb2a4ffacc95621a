"""Calls a service over the real broker from a green test, the way the gateway does."""

import json
import uuid
from typing import Any

from kombu import Connection, Exchange, Queue

from services.contracts.errors import from_wire
from services.kit import wire

RPC = Exchange(wire.RPC_EXCHANGE, type="topic", durable=True)


class Caller:
    """One connection and reply queue; ``call`` waits for the answer."""

    def __init__(self, amqp_url: str) -> None:
        self.connection = Connection(amqp_url)
        self.channel = self.connection.channel()
        self.key = str(uuid.uuid4())
        self.queue = Queue(
            f"rpc.reply-test-{self.key}",
            RPC,
            routing_key=self.key,
            exclusive=True,
            auto_delete=True,
            channel=self.channel,
        )
        self.queue.declare()
        self.replies: dict[str, Any] = {}
        self.consumer = self.connection.Consumer([self.queue], callbacks=[self._got], no_ack=True)
        self.consumer.consume()
        self.producer = self.connection.Producer(serializer="json")

    def _got(self, body: Any, message: Any) -> None:
        self.replies[message.properties["correlation_id"]] = body

    def send(
        self, service: str, method: str, kwargs: Any, correlation_id: str = "", **context: str
    ) -> str:
        """Send a request; its correlation id."""
        correlation_id = correlation_id or str(uuid.uuid4())
        self.producer.publish(
            {"args": [], "kwargs": kwargs},
            exchange=RPC.name,
            routing_key=f"{service}.{method}",
            reply_to=self.key,
            correlation_id=correlation_id,
            headers={f"nameko.{key}": value for key, value in context.items()},
        )
        return correlation_id

    def wait(self, correlation_id: str, timeout: float = 5) -> dict[str, Any]:
        """The raw reply; :class:`TimeoutError` when none comes."""
        while correlation_id not in self.replies:
            self.connection.drain_events(timeout=timeout)
        body: dict[str, Any] = self.replies.pop(correlation_id)
        return body

    def call(self, service: str, method: str, timeout: float = 5, **kwargs: Any) -> dict[str, Any]:
        """Call without context; see :meth:`call_as`."""
        return self.call_as({}, service, method, timeout, **kwargs)

    def call_as(
        self,
        context: dict[str, str],
        service: str,
        method: str,
        timeout: float = 5,
        **kwargs: Any,
    ) -> dict[str, Any]:
        """Call and return the reply's ``result`` with its data parsed; raise what was answered."""
        reply = self.wait(self.send(service, method, kwargs, **context), timeout)
        if reply["error"]:
            if reply["error"]["exc_type"] != "RpcFailure":
                raise RuntimeError(reply["error"])
            raise from_wire(reply["error"]["exc_args"][0])
        result = dict(reply["result"])
        if "json" in result:
            result["data"] = json.loads(result["json"])
        return result

    def close(self) -> None:
        """Close the connection."""
        self.connection.release()
