"""What a service is written with: ``Service``, ``@rpc``, ``@on``, ``@timer`` and ``Call``.

::

    class FeedService(Service):
        name = "feed"

        @rpc
        def create_post(self, call: Call, cmd: CreatePost) -> Post:
            return handlers.create_post(call.uow, cmd, call.actor, call.now)

        @on(IssueReported, queue="feed.issue_threads")
        def tell_issue_story(self, call: Call, event: IssueReported) -> None:
            handlers.tell_issue_story(call.uow, event, call.now)

        @timer(every=5.0)
        def chase_promises(self, call: Call) -> int:
            return handlers.chase_promises(call.uow, call.now)

Each entrypoint runs in one transaction that is committed when it returns and rolled back when it
raises. What surrounds it (token, permission, shape, idempotency, inbox, retry) is in
:mod:`services.kit.worker`.
"""

import functools
import inspect
import typing
from collections.abc import Callable
from typing import Any

from sqlalchemy import Engine

from services.contracts.events import Event
from services.contracts.operations import by_method
from services.contracts.operations.identity import ExportPerson
from services.contracts.operations.ops import AdvanceClock
from services.contracts.topology import queue as declared_queue
from services.kit.call import Call, ReactionSpec, RpcSpec
from services.kit.chassis import Chassis
from services.kit.nameko_bridge import EventConsumer, RpcEntrypoint, RpcFailure, TimerEntrypoint
from services.kit.settings import ServiceSettings
from services.kit.together import answer_together
from services.kit.verdicts import JsonText, Reject

__all__ = ["Call", "Companion", "JsonText", "Process", "Reject", "Service", "on", "rpc", "timer"]


def rpc(fn: Callable[..., Any]) -> Callable[..., Any]:
    """Serve the operation whose method name is the function's.

    Raises:
        KeyError: the operation table has no such row.
        TypeError: the annotated command is not the row's.
    """
    operation = by_method(fn.__name__)
    parameter = list(inspect.signature(fn).parameters)[2]  # after self and call
    command = typing.get_type_hints(fn).get(parameter)
    if command is not operation.command:
        raise TypeError(f"{fn.__name__} takes {command}, the table says {operation.command}")
    spec = RpcSpec(fn, operation)

    @functools.wraps(fn)
    def entry(self: Any, **raw: Any) -> Any:
        if self.chassis.brings_several:
            return answer_together(self.chassis, self, spec, raw)
        return self.chassis.answer(self, spec, raw)

    entry.spec = spec  # type: ignore[attr-defined]
    decorated = RpcEntrypoint.decorator(expected_exceptions=(RpcFailure,))
    return typing.cast(Callable[..., Any], decorated(entry))


def on(*events: type[Event], queue: str, latest: bool = False) -> Callable[..., Any]:
    """React to events from ``queue``, each exactly once in effect.

    Failure policy: :class:`Reject` is permanent (dead-letter queue), anything else is retried on
    the ladder of :mod:`services.kit.topology`.

    Args:
        events: the types; must be the queue's in ``contracts.topology``.
        queue: its name, which stays when the method is renamed.
        latest: skip an event older than one of its subject handled before (projections).
    """
    if set(declared_queue(queue).events) != set(events):
        raise TypeError(f"the topology binds other events to {queue}")

    def decorate(fn: Callable[..., Any]) -> Callable[..., Any]:
        spec = ReactionSpec(fn, queue, frozenset(events), latest)

        @functools.wraps(fn)
        def entry(self: Any, body: Any, headers: dict[str, Any], ids: dict[str, Any]) -> None:
            self.chassis.react(self, spec, body, headers, ids)

        entry.spec = spec  # type: ignore[attr-defined]
        entrypoint = EventConsumer.decorator(queue, Reject, expected_exceptions=())
        return typing.cast(Callable[..., Any], entrypoint(entry))

    return decorate


def timer(every: float) -> Callable[..., Any]:
    """Run every ``every`` seconds, and again at once while it returns a number above zero.

    The first time is ``every`` seconds after the start. Each process of the service has its own
    timer: what is due is taken with ``FOR UPDATE SKIP LOCKED``, so that it is done once.
    """

    def decorate(fn: Callable[..., Any]) -> Callable[..., Any]:
        @functools.wraps(fn)
        def entry(self: Any) -> None:
            self.chassis.tick(self, fn)

        return typing.cast(Callable[..., Any], TimerEntrypoint.decorator(every)(entry))

    return decorate


class Process:
    """What every process of ours has; ``name`` is its name everywhere."""

    name = ""
    looks_at_uploads = False
    """Whether it needs the storage of uploaded files, and is not ready before reaching it."""
    relays = True
    """Whether it publishes the outbox of its database, when no other process of it does."""
    chassis = Chassis()

    @classmethod
    def prepare(cls) -> None:
        """Make what the first call would otherwise wait for; the process is ready afterwards."""

    @classmethod
    def connecting(cls, engine: Engine, settings: ServiceSettings) -> None:
        """Say how a connection of the pool begins, before the first one is made."""

    @classmethod
    def remarks(cls) -> dict[str, str]:
        """What ``/readyz`` tells besides; whether the process is ready does not depend on it."""
        return {}


class Companion(Process):
    """A process beside a service, on that one's database: it reacts and has timers, and answers
    no calls.

    What it emits stands in the service's outbox, and the service's relay publishes it. Two relays
    of different names would not know of each other, and events of one subject could overtake.
    """

    relays = False


class Service(Process):
    """Base of every service."""

    def personal_data(self, call: Call) -> dict[str, Any]:  # noqa: ARG002
        """All that this service holds about the caller, by section (:mod:`services.kit.copies`)."""
        return {}

    @rpc
    def export_person(self, call: Call, cmd: ExportPerson) -> dict[str, Any]:  # noqa: ARG002
        """The service's part of the caller's copy of her data; identity asks for it."""
        return self.personal_data(call)

    @rpc
    def advance_clock(self, call: Call, cmd: AdvanceClock) -> dict[str, float]:
        """Move the demo's business clock for this service (refused outside of the demo)."""
        return {"offset_seconds": self.chassis.move_clock(call.uow, cmd.advance_seconds)}
