"""A service as the broker sees it: answers nameko's protocol with what the test says."""

import asyncio
import json
from collections.abc import Callable
from dataclasses import dataclass, field
from types import TracebackType
from typing import Any, Self

import aio_pika
from aio_pika.abc import AbstractIncomingMessage

from services.contracts.errors import ShequError


@dataclass
class Request:
    """A request as it came over the wire."""

    method: str
    kwargs: dict[str, Any]
    headers: dict[str, Any]
    message: AbstractIncomingMessage

    def context(self, name: str) -> Any:
        return self.headers.get(f"nameko.{name}")


Answer = Callable[[Request], Any]


@dataclass
class FakeService:
    """Serves `rpc-<name>`. `answers[method]` gives the result; raising is answering an error.

    A method that is not there gets nameko's own error; `silent` ones get no answer at all.
    """

    url: str
    name: str
    answers: dict[str, Answer] = field(default_factory=dict)
    silent: set[str] = field(default_factory=set)
    requests: list[Request] = field(default_factory=list)
    arrived: asyncio.Event = field(default_factory=asyncio.Event)

    async def __aenter__(self) -> Self:
        self._connection = await aio_pika.connect(self.url)
        channel = await self._connection.channel()
        self._exchange = await channel.declare_exchange("nameko-rpc", "topic", durable=True)
        queue = await channel.declare_queue(f"rpc-{self.name}", auto_delete=True)
        await queue.bind(self._exchange, f"{self.name}.*")
        await queue.consume(self._on_message, no_ack=True)
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        await self._connection.close()

    async def _on_message(self, message: AbstractIncomingMessage) -> None:
        body = json.loads(message.body)
        assert body["args"] == []
        assert message.routing_key is not None
        method = message.routing_key.removeprefix(f"{self.name}.")
        request = Request(method, body["kwargs"], dict(message.headers), message)
        self.requests.append(request)
        self.arrived.set()
        if method not in self.silent:
            await self.answer(request, self._reply(request))

    def _reply(self, request: Request) -> dict[str, Any]:
        if request.method not in self.answers:
            return {"result": None, "error": _nameko_error("MethodNotFound", [request.method])}
        try:
            return {"result": self.answers[request.method](request), "error": None}
        except ShequError as error:
            return {"result": None, "error": _nameko_error("RpcFailure", [error.to_wire()])}

    async def answer(self, request: Request, reply: dict[str, Any]) -> None:
        """Send a reply, also later or twice."""
        await self.raw(request, json.dumps(reply).encode())

    async def raw(self, request: Request, body: bytes) -> None:
        """Send bytes as a reply."""
        message = aio_pika.Message(
            body,
            content_type="application/json",
            content_encoding="utf-8",
            correlation_id=request.message.correlation_id,
        )
        assert request.message.reply_to is not None
        await self._exchange.publish(message, request.message.reply_to, mandatory=False)


def _nameko_error(kind: str, arguments: list[Any]) -> dict[str, Any]:
    return {
        "exc_type": kind,
        "exc_path": f"somewhere.{kind}",
        "exc_args": arguments,
        "value": kind,
    }
