"""What this process hears from the services while it runs, and who is told at once.

::

    broker ──broadcast──▶ Hub ──▶ streams of the person       notification.created
                              ├▶ streams of those concerned   emergency.told: look into the inbox
                              ├▶ streams of who reads figures emergency.counted
                              ├▶ the cache throws away        whatever changes a kept answer
                              └▶ the token verifier forgets   session.revoked, role.revoked,
                                                              rights.narrowed, person.deleted,
                                                              assistance.ended,
                                                              role.granted to an observer

The queue lives as long as the connection, so after an interruption something may have been missed:
every open stream is told to look it up (:meth:`Stream.missed`), and what ended meanwhile is asked
for (:mod:`gateway.revocations`). While nothing is heard, the cache keeps nothing.
"""

import asyncio
import random
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from time import monotonic
from typing import Any

from gateway.auth import Verifier
from gateway.cache import Cache
from services.contracts import topology
from services.contracts.actor import Actor, Role, covers
from services.contracts.errors import Unavailable
from services.contracts.events import (
    AssistanceEnded,
    EmergencyCounted,
    EmergencyTold,
    Event,
    NotificationCreated,
    PersonDeleted,
    RightsNarrowed,
    RoleGranted,
    RoleRevoked,
    SessionRevoked,
)
from services.contracts.operations.identity import Revocations
from services.contracts.operations.identity.doors import CALLERS
from services.contracts.operations.notify.emergencies import FEWEST, READERS
from services.kit import wire

QUEUE_LENGTH = 100
LOOKS_A_SECOND = 500
"""How many streams look into their inboxes in a second, of those that are told to together."""
STREAMS_PER_PERSON = 8
_between = random.SystemRandom().uniform
TOPICS: list[tuple[str, str]] = [(event.EXCHANGE, event.TYPE) for event in topology.BROADCAST]


@dataclass(slots=True, eq=False)
class Stream:
    """One open live stream. What does not fit into ``waiting`` is looked up later.

    There are thousands, and nearly all are idle: lists, for an empty deque takes ten times as much.
    """

    actor: Actor
    waiting: list[NotificationCreated] = field(default_factory=list)
    counted: dict[str, EmergencyCounted] = field(default_factory=dict)
    news: asyncio.Event = field(default_factory=asyncio.Event)
    missing: bool = False
    look_at: float = 0.0
    since: str = ""
    closed: bool = False

    def push(self, event: NotificationCreated) -> None:
        """Tell this client; a slow one loses the queue, not the news."""
        if len(self.waiting) >= QUEUE_LENGTH:
            self.missed()
        elif not self.missing:
            self.waiting.append(event)
            self.news.set()

    def missed(self, since: str = "", within: float = 0.0) -> None:
        """Something may have passed by: the stream must look into the inbox.

        Args:
            since: an id that is older than what passed by, when the last word may be younger.
            within: seconds in which it looks, as thousands would look at once otherwise.
        """
        self.waiting.clear()
        if not within:
            self.look_at = 0.0
        elif not self.missing:
            self.look_at = monotonic() + _between(0.0, within)
        self.since = min(self.since, since) if self.since and since else self.since or since
        self.missing = True
        self.news.set()

    def count(self, event: EmergencyCounted) -> None:
        """Tell figures; of an emergency the newest are worth telling."""
        self.counted[event.emergency_id] = event
        self.news.set()

    def close(self) -> None:
        """End it; the client may come again."""
        self.closed = True
        self.news.set()


class Hub:
    """Spreads what is heard. Its methods run on the event loop and never wait."""

    def __init__(self, verifier: Verifier, cache: Cache, *, max_streams: int = 5_000) -> None:
        self._verifier = verifier
        self._cache = cache
        self._max_streams = max_streams
        self._streams: dict[str, list[Stream]] = {}
        self._count = 0
        self._handlers: Mapping[type[Event], Callable[[Any], None]] = {
            NotificationCreated: self._on_notification,
            SessionRevoked: self._on_session_revoked,
            RoleGranted: self._on_role_granted,
            RoleRevoked: self._on_rights_changed,
            RightsNarrowed: self._on_rights_changed,
            PersonDeleted: self._on_rights_changed,
            AssistanceEnded: self._on_assistance_ended,
            EmergencyTold: self._on_emergency_told,
            EmergencyCounted: self._on_emergency_counted,
        }
        self.attached = False
        self.draining = False

    @property
    def count(self) -> int:
        """How many streams are open."""
        return self._count

    def open(self, actor: Actor) -> Stream:
        """A new stream for this person; the oldest of too many is closed for it.

        Raises:
            Unavailable: this process has as many as it can hold, or is stopping.
        """
        if self.draining or self._count >= self._max_streams:
            raise Unavailable(retry_after=5)
        stream = Stream(actor)
        own = self._streams.setdefault(actor.person_id, [])
        own.append(stream)
        self._count += 1
        if len(own) > STREAMS_PER_PERSON:
            own[0].close()
        return stream

    def leave(self, stream: Stream) -> None:
        """The stream has ended."""
        own = self._streams.get(stream.actor.person_id, [])
        if stream in own:
            own.remove(stream)
            self._count -= 1
        if not own:
            self._streams.pop(stream.actor.person_id, None)

    def drain(self) -> None:
        """The process stops: send everybody away, they will find another gateway."""
        self.draining = True
        for stream in self._all():
            stream.close()

    # -- what the link to the broker tells ---------------------------------------------------------

    def on_attached(self) -> None:
        """Hearing begins, or begins again."""
        self.attached = True
        self._cache.on_attached()
        for stream in self._all():
            stream.missed()

    def on_lost(self) -> None:
        """Hearing has stopped."""
        self.attached = False
        self._cache.on_lost()

    def on_event(self, body: dict[str, Any], headers: dict[str, Any]) -> None:
        """An event was heard."""
        try:
            envelope = wire.read_envelope(body, headers)
        except ValueError:
            self._cache.empty()  # whatever it was about
            raise
        self._cache.on_event(envelope)
        event = envelope.event
        handle = self._handlers.get(type(event)) if event is not None else None
        if handle is not None:
            handle(event)

    def _on_notification(self, event: NotificationCreated) -> None:
        for stream in self._streams.get(event.person_id, ()):
            stream.push(event)

    def _on_emergency_told(self, event: EmergencyTold) -> None:
        """A word to thousands makes no event for each: whoever may be concerned looks for it."""
        streams = [stream for stream in self._all() if _concerned(stream.actor, event.path)]
        for stream in streams:
            stream.missed(event.broadcast_id, len(streams) / LOOKS_A_SECOND)

    def _on_emergency_counted(self, event: EmergencyCounted) -> None:
        """Of few households nothing is told to whoever only watches."""
        readers = READERS if event.households >= FEWEST else CALLERS
        for stream in self._all():
            if stream.actor.holds(readers, event.path):
                stream.count(event)

    def catch_up(self, ended: Revocations) -> None:
        """The same for what was not heard when it was said."""
        for session in ended.sessions:
            self._end_session(session.session_id, session.person_id, session.at.timestamp())
        for person in ended.people:
            self._change_person(person.person_id, person.at.timestamp())
        for help_ in ended.helps:
            self._verifier.forget_help(help_.helper_id, help_.subject_id, help_.at.timestamp())

    def _on_session_revoked(self, event: SessionRevoked) -> None:
        self._end_session(event.session_id, event.person_id)

    def _end_session(self, session_id: str, person_id: str, at: float | None = None) -> None:
        self._verifier.forget_session(session_id, at)
        for stream in self._streams.get(person_id, ()):
            if stream.actor.session_id == session_id:
                stream.close()

    def _on_role_granted(self, event: RoleGranted) -> None:
        """A role adds rights and can wait for the next token; watching alone takes them away."""
        if event.role == Role.OBSERVER:
            self._change_person(event.person_id)

    def _on_rights_changed(self, event: RoleRevoked | RightsNarrowed | PersonDeleted) -> None:
        self._change_person(event.person_id)

    def _change_person(self, person_id: str, at: float | None = None) -> None:
        self._verifier.forget_person(person_id, at)
        for stream in self._streams.get(person_id, ()):
            stream.close()

    def _on_assistance_ended(self, event: AssistanceEnded) -> None:
        self._verifier.forget_help(event.helper_id, event.subject_id)

    def _all(self) -> list[Stream]:
        return [stream for own in self._streams.values() for stream in own]


def _concerned(actor: Actor, path: str) -> bool:
    """Whether somebody lives or serves at a node, above it or below it."""
    return any(covers(g.path, path) or covers(path, g.path) for g in actor.grants)
