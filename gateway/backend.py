"""The services as the gateway sees them: an operation is asked, finished JSON comes back.

API routes and web pages both go through :meth:`Backend.ask`, so both have the same permissions,
limits of time and counters.
"""

from typing import Any, Protocol

from gateway.context import RequestContext
from gateway.metrics import Metrics
from services.contracts.actor import Actor
from services.contracts.errors import ShequError, Unavailable
from services.contracts.operations import BY_ID
from services.contracts.operations.base import Operation
from services.kit import logs
from services.kit.aio_rpc import Reply

log = logs.get(__name__)


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
    ) -> Reply:
        """Ask a service."""


class Backend:
    """Asks operations of the table."""

    def __init__(self, rpc: Rpc, metrics: Metrics) -> None:
        self._rpc = rpc
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
        name = service or row.service
        outcome = "ok"
        try:
            row.permit(actor)
            reply = await self._rpc.call(
                name,
                row.rpc_method,
                kwargs,
                timeout=row.timeout if seconds is None else seconds,
                token=actor.token if actor else "",
                request_id=context.request_id,
                traceparent=context.traceparent,
                idempotency_key=idempotency_key,
                body_hash=body_hash,
                language=context.language,
            )
        except ShequError as error:
            outcome = error.code
            self._note(name, silent=isinstance(error, Unavailable))
            raise
        else:
            self._note(name, silent=False)
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
