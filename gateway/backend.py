"""The services as the gateway sees them: an operation is asked, finished JSON comes back.

API routes and web pages both go through :meth:`Backend.ask`, so both have the same permissions,
limits of time and counters. What is kept for many readers is looked up on the way
(:mod:`gateway.cache`).
"""

from typing import Any, Final, Protocol

from gateway.cache import Cache, question
from gateway.context import RequestContext
from gateway.metrics import Metrics
from services.contracts.actor import Actor
from services.contracts.errors import ShequError, TimedOut, Unavailable
from services.contracts.operations import BY_ID
from services.contracts.operations.base import Operation
from services.kit import logs
from services.kit.aio_rpc import Reply

log = logs.get(__name__)


_MAYBE_DONE: Final = (TimedOut, Unavailable)


class Rpc(Protocol):
    """What the gateway wants of ``services.kit.aio_rpc.RpcClient``."""

    @property
    def attached(self) -> bool:
        """Whether the broker is there."""

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
        together: bool = False,
    ) -> Reply:
        """Ask a service."""


class Backend:
    """Asks operations of the table."""

    def __init__(self, rpc: Rpc, metrics: Metrics, cache: Cache) -> None:
        self._rpc = rpc
        self._cache = cache
        self._metrics = metrics
        self._silent: set[str] = set()

    async def ask(
        self,
        operation: Operation | str,
        kwargs: dict[str, Any],
        *,
        context: RequestContext,
        actor: Actor | None = None,
        service: str = "",
        idempotency_key: str = "",
        body_hash: str = "",
        seconds: float | None = None,
    ) -> Reply:
        """The service's answer.

        Args:
            operation: the row of the table, or its id.
            service: asked instead of the row's (rows that every service answers).
            seconds: waited instead of the row's.

        Raises:
            ShequError: whatever the service, or the way to it, has to say.
        """
        row = BY_ID[operation] if isinstance(operation, str) else operation

        async def ask(asked: Operation = row, of: dict[str, Any] = kwargs) -> Reply:
            return await self._ask(
                asked,
                of,
                context,
                actor,
                service or row.service,
                idempotency_key,
                body_hash,
                row.timeout if seconds is None else seconds,
            )

        if actor is None or service or not self._cache.serves(row, actor):
            return await ask()
        row.permit(actor)
        return await self._cache.read(
            question(row, kwargs),
            row.service,
            actor,
            context.seen,
            ask,
            lambda its_id, its: ask(BY_ID[its_id], its),
        )

    async def _ask(
        self,
        row: Operation,
        kwargs: dict[str, Any],
        context: RequestContext,
        actor: Actor | None,
        name: str,
        idempotency_key: str,
        body_hash: str,
        seconds: float,
    ) -> Reply:
        outcome = "ok"
        try:
            row.permit(actor)
            reply = await self._rpc.call(
                name,
                row.rpc_method,
                kwargs,
                timeout=seconds,
                token=actor.token if actor else "",
                request_id=context.request_id,
                traceparent=context.traceparent,
                idempotency_key=idempotency_key,
                body_hash=body_hash,
                language=context.language,
                together=row.cacheable,
            )
        except ShequError as error:
            outcome = error.code
            self._note(name, silent=isinstance(error, Unavailable))
            if row.write and isinstance(error, _MAYBE_DONE):
                self._cache.may_have_written(name, actor)
            raise
        else:
            self._note(name, silent=False)
            if row.write:
                self._cache.wrote(name, actor, reply)
            return reply
        finally:
            self._metrics.calls.labels(name, outcome).inc()

    def _note(self, service: str, *, silent: bool) -> None:
        """One line when a service ceases to answer, and one when it answers again."""
        if silent and service not in self._silent:
            self._silent.add(service)
            log.warning("service does not answer", to=service)
        elif not silent and service in self._silent:
            self._silent.discard(service)
            log.warning("service answers again", to=service)
