"""What an entrypoint is given, and what the kit knows of an entrypoint."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from services.contracts.actor import Actor
from services.contracts.errors import Unauthenticated
from services.contracts.events import Envelope, Event
from services.contracts.operations.base import Operation
from services.kit.settings import ServiceSettings
from services.kit.uow import UnitOfWork


@dataclass(frozen=True, slots=True)
class Call:
    """What an entrypoint is given.

    Attributes:
        uow: the transaction, the outbox, and the question to another service.
        now: business time, aware and UTC (the demo's clock may have been moved).
        actor: who calls; None for public operations without a token, for events and timers.
        envelope: of the event that is handled; None otherwise.
        request_id: of the request that all this came from.
        language: the reader's language tag, as the gateway settled it.
    """

    uow: UnitOfWork
    now: datetime
    settings: ServiceSettings
    actor: Actor | None = None
    envelope: Envelope | None = None
    request_id: str = ""
    language: str = "zh-CN"

    @property
    def caller(self) -> Actor:
        """The actor of an operation that needs a login (the table has seen to it)."""
        if self.actor is None:
            raise Unauthenticated()
        return self.actor

    @property
    def event_id(self) -> str:
        """The id of the event that is handled; empty otherwise."""
        return self.envelope.event_id if self.envelope else ""


@dataclass(frozen=True, slots=True)
class RpcSpec:
    """An RPC method and its row of the operation table."""

    fn: Callable[..., Any]
    operation: Operation


@dataclass(frozen=True, slots=True)
class ReactionSpec:
    """A reaction, its queue with the events that belong there, and its rule for late ones."""

    fn: Callable[..., Any]
    queue: str
    events: frozenset[type[Event]]
    latest: bool
