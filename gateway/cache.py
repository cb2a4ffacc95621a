"""Finished answers, kept once for all who may read them (ADR 0026).

::

    question ─▶ kept answer above what she wrote, and above the floor?
                  │ yes                                   │ no
                  ▼                                       ▼
        her pass: this kind of reader,         one question under way, in its asker's name;
        no part in what it is about?           kept if it is shared and above the floor
          │ yes            │ no
          ▼                ▼
        the bytes     asked for in her own name

A service says of an answer whether it holds nothing of its reader's own, and of a person what she
may be given of what others were answered: her pass, which is kept like an answer. Both are as new
as their mark (:mod:`gateway.marks`); events raise floors below which nothing is served, whenever
they come. Nothing is older than a minute, and while events are not heard nothing is kept at all.
"""

import asyncio
import hashlib
import json
import time
from collections.abc import Awaitable, Callable, Hashable
from dataclasses import dataclass
from typing import Any, Final

from gateway.floors import names, of_answer, of_pass
from gateway.marks import Mark, Marks, read_seen
from gateway.metrics import Metrics
from gateway.shelf import Shelf
from services.contracts.actor import UNOFFICIAL, Actor
from services.contracts.errors import ShequError, Unavailable
from services.contracts.events import ClockMoved, Envelope
from services.contracts.operations.base import Operation
from services.kit.aio_rpc import Reply

MOST_BYTES: Final = 64_000_000
MOST_NAMES: Final = 50_000
MOST_SECONDS: Final = 60.0
ROUNDS: Final = 3  # that somebody waits for others' questions before she asks alone
_FRAME: Final = 600  # bytes that an entry takes besides what it holds
PASSES: Final = {"feed": "getFeedPass"}

Ask = Callable[[], Awaitable[Reply]]
AskPass = Callable[[str, dict[str, Any]], Awaitable[Reply]]
Question = tuple[str, str]


@dataclass(frozen=True, slots=True)
class Answer:
    """An answer that is right for more than one reader.

    Attributes:
        reply: as it goes out; ``tag`` is its entity tag.
        floors: the names under which events speak of it.
        about: ids of what is in it; ``oldest`` is the lowest.
        until: by the clock of this process.
    """

    reply: Reply
    tag: str
    mark: Mark
    place: str
    reader: str
    floors: tuple[str, ...]
    about: frozenset[str]
    oldest: str
    until: float


@dataclass(frozen=True, slots=True)
class Pass:
    """What somebody may be given of what others were answered at a place; see ``FeedPass``."""

    mark: Mark
    reader: str
    own: frozenset[str]
    since: str
    until: float

    def lets(self, answer: Answer) -> bool:
        """Whether she has no part in what ``answer`` is about, as far back as is known."""
        return answer.oldest >= self.since and self.own.isdisjoint(answer.about)


def question(operation: Operation, values: dict[str, Any]) -> Question:
    """What is asked, the same however it was spelt."""
    return operation.id, json.dumps(values, sort_keys=True, separators=(",", ":"))


class Cache:
    """The kept answers of one gateway process; everything runs on the event loop.

    Args:
        clock: seconds that only grow.
    """

    def __init__(
        self,
        metrics: Metrics,
        *,
        most_bytes: int = MOST_BYTES,
        most_names: int = MOST_NAMES,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._metrics = metrics
        self._hits = metrics.cache_reads.labels("hit")
        self._clock = clock
        self._shelf: Shelf[Any] = Shelf(most_bytes)
        self._most_names = most_names
        self._floors: dict[str, Marks] = {}
        self._written: dict[str, Marks] = {}
        self._unsure: dict[tuple[str, str], float] = {}
        self._under_way: dict[Hashable, asyncio.Future[bool]] = {}
        self._life = 0
        self.on = False

    # -- reading -----------------------------------------------------------------------------------

    def serves(self, operation: Operation, actor: Actor | None) -> bool:
        """Whether such an answer, to such a reader, is ever kept for others or from others.

        Who watches in office is asked for each time, and so is who reads in another's name.
        """
        return (
            self.on
            and operation.cacheable
            and operation.method == "GET"
            and actor is not None
            and not actor.acted_by
            and actor.roles <= UNOFFICIAL
        )

    async def read(
        self, asked: Question, service: str, actor: Actor, seen: str, ask: Ask, ask_pass: AskPass
    ) -> Reply:
        """The answer to a question that :meth:`serves` allows: a kept one, or what ``ask`` gets.

        Args:
            seen: what the reader has seen, in the words of ``Shequ-Seen``.
        """
        wrote = self._own_mark(service, actor, seen)
        key: tuple[Question, str] = asked, ""
        for _ in range(ROUNDS):
            kept = self._standing(asked, service, wrote)
            if kept:
                own = await self._pass(service, kept[0].place, actor, wrote, ask_pass)
                if own is None or not own.reader:
                    return await self._by_herself(asked, service, ask)
                # the floors may have risen while the pass was asked for
                of_kind = [
                    a for a in self._standing(asked, service, wrote) if a.reader == own.reader
                ]
                if of_kind and own.lets(of_kind[0]):
                    self.served()
                    return of_kind[0].reply
                if of_kind:
                    return await self._by_herself(asked, service, ask)
                key = asked, own.reader
            waiting = self._under_way.get(key)
            if waiting is None:
                return await self._first(key, service, ask)
            if not await asyncio.shield(waiting):
                break
        return await self._by_herself(asked, service, ask)

    def at_once(self, asked: Question, service: str, actor: Actor, seen: str) -> Answer | None:
        """A kept answer with a kept pass, without waiting for anything; None when there is none.

        Whoever sends it says so (:meth:`served`).
        """
        wrote = self._own_mark(service, actor, seen)
        for kept in self._standing(asked, service, wrote):
            own = self._kept_pass(service, kept.place, actor, wrote)
            if own is not None and own.reader == kept.reader and own.lets(kept):
                return kept
        return None

    def served(self) -> None:
        """What was kept went out."""
        self._hits.inc()

    def _standing(self, asked: Question, service: str, wrote: Mark) -> list[Answer]:
        """The kept answers that show all that this reader wrote and events told of."""
        found: dict[str, Answer] | None = self._shelf.get(asked)
        if not found:
            return []
        now, floors = self._clock(), self._marks(self._floors, service)
        return [
            a
            for a in found.values()
            if a.until > now and a.mark > wrote and a.mark > floors.of(*a.floors)
        ]

    async def _first(self, key: tuple[Question, str], service: str, ask: Ask) -> Reply:
        """Ask, while others who want to know the same wait for what comes."""
        self._under_way[key] = done = asyncio.get_running_loop().create_future()
        answered = True
        try:
            return await self._by_herself(key[0], service, ask, "miss")
        except Unavailable:
            answered = False  # who has waited for that waits for nobody else
            raise
        finally:
            del self._under_way[key]
            done.set_result(answered)

    async def _by_herself(
        self, asked: Question, service: str, ask: Ask, counted: str = "own"
    ) -> Reply:
        self._count(counted)
        life, began = self._life, self._clock()
        reply = await ask()
        self._keep(asked, service, reply, life, began)
        return reply

    def _keep(self, asked: Question, service: str, reply: Reply, life: int, began: float) -> None:
        shared = reply.shared
        if shared is None or life != self._life or not self.on:
            return
        mark = reply.epoch, reply.xmin
        about = frozenset(shared.about)
        floors = of_answer(asked[1], shared.place)
        if not self._above(service, mark, floors):
            return
        answer = Answer(
            reply=reply,
            tag=tag(reply.body),
            mark=mark,
            place=shared.place,
            reader=shared.reader,
            floors=floors,
            about=about,
            oldest=min(about, default="\uffff"),
            until=began + min(MOST_SECONDS, shared.seconds),
        )
        others: dict[str, Answer] = self._shelf.get(asked) or {}
        before = others.get(shared.reader)
        if before is not None and before.mark > mark:
            return  # a later one came first
        kinds = {**others, shared.reader: answer}
        size = sum(len(a.reply.body) + 100 * len(a.about) + _FRAME for a in kinds.values())
        if self._shelf.put(asked, kinds, size):
            self._metrics.cache_stored.inc()
        self._measure()

    def _above(self, service: str, mark: Mark, floors: tuple[str, ...]) -> bool:
        self._see_epoch(service, mark[0])
        if mark > self._marks(self._floors, service).of(*floors):
            return True
        self._metrics.cache_refused.inc()
        return False

    # -- passes ------------------------------------------------------------------------------------

    def _kept_pass(self, service: str, place: str, actor: Actor, wrote: Mark) -> Pass | None:
        found: Pass | None = self._shelf.get((service, place, actor.person_id, actor.grants))
        if (
            found is None
            or found.until <= self._clock()
            or found.mark <= wrote
            or found.mark <= self._marks(self._floors, service).of(*of_pass(place, actor))
        ):
            return None
        return found

    async def _pass(
        self, service: str, place: str, actor: Actor, wrote: Mark, ask_pass: AskPass
    ) -> Pass | None:
        """Her pass, asked for once at a time; None when it cannot be had or is outrun already."""
        key = (service, place, actor.person_id, actor.grants)
        found = self._kept_pass(service, place, actor, wrote)
        if found is not None:
            return found
        waiting = self._under_way.get(key)
        if waiting is not None:
            await asyncio.shield(waiting)
            return self._kept_pass(service, place, actor, wrote)
        self._under_way[key] = done = asyncio.get_running_loop().create_future()
        life, began = self._life, self._clock()
        try:
            reply = await ask_pass(PASSES[service], {"cid": place})
            said = reply.data
        except ShequError:
            return None  # what she asked for says it better
        finally:
            del self._under_way[key]
            done.set_result(True)  # who waits looks when all beneath is done
        mark = reply.epoch, reply.xmin
        if life != self._life or not self._above(service, mark, of_pass(place, actor)):
            return None
        fresh = Pass(
            mark, said["reader"], frozenset(said["own"]), said["since"], began + MOST_SECONDS
        )
        self._shelf.put(key, fresh, _FRAME + 150 * (len(fresh.own) + len(actor.grants)))
        self._measure()
        return self._kept_pass(service, place, actor, wrote)

    # -- writing -----------------------------------------------------------------------------------

    def wrote(self, service: str, actor: Actor | None, reply: Reply) -> None:
        """Somebody wrote: what she reads from now on must show it."""
        if service in PASSES and actor is not None and reply.xid:
            mark = reply.epoch, reply.xid
            self._see_epoch(service, reply.epoch)
            self._marks(self._written, service).raise_to(actor.person_id, mark)

    def may_have_written(self, service: str, actor: Actor | None) -> None:
        """Nobody knows whether a write was done: for a minute its writer reads nothing kept."""
        if service in PASSES and actor is not None:
            now = self._clock()
            if len(self._unsure) >= self._most_names:
                self._unsure = {who: until for who, until in self._unsure.items() if until > now}
            if len(self._unsure) >= self._most_names:
                self.empty()
                self._unsure.clear()
            self._unsure[service, actor.person_id] = now + MOST_SECONDS

    def _own_mark(self, service: str, actor: Actor, seen: str) -> Mark:
        until = self._unsure.get((service, actor.person_id)) if self._unsure else None
        if until is not None and until > self._clock():
            return _UNKNOWN
        wrote = self._marks(self._written, service).of(actor.person_id)
        return max(wrote, read_seen(seen, service)) if seen else wrote

    # -- what is heard -----------------------------------------------------------------------------

    def on_attached(self) -> None:
        """Events are heard from now on."""
        self.empty()
        self.on = True

    def on_lost(self) -> None:
        """Events are not heard any more."""
        self.on = False
        self.empty()

    def on_event(self, envelope: Envelope) -> None:
        """Something changed: what shows less than this is served no more."""
        if isinstance(envelope.event, ClockMoved):
            self.empty()
        service = envelope.source
        if service not in PASSES or envelope.event is None:
            return
        mark = envelope.epoch, envelope.xid
        self._see_epoch(service, envelope.epoch)
        floors = self._marks(self._floors, service)
        for name in names(envelope.event):
            floors.raise_to(name, mark)

    def empty(self) -> None:
        """Throw everything away, and what is being asked for when it comes."""
        self._life += 1
        self._shelf.empty()
        self._measure()

    def _see_epoch(self, service: str, epoch: int) -> None:
        """In a new life of its database a service shows what it was restored to."""
        floors = self._marks(self._floors, service)
        floors.base = max(floors.base, (epoch, 0))

    def _marks(self, of: dict[str, Marks], service: str) -> Marks:
        found = of.get(service)
        if found is None:
            found = of[service] = Marks(self._most_names)
        return found

    def _count(self, how: str) -> None:
        self._metrics.cache_reads.labels(how).inc()

    def _measure(self) -> None:
        self._metrics.cache_bytes.set(self._shelf.bytes)


_UNKNOWN: Final[Mark] = (1 << 63, 0)


def tag(body: bytes) -> str:
    """The entity tag of an answer (RFC 9110, section 8.8.3): the same bytes, the same tag."""
    return f'"{hashlib.blake2b(body, digest_size=12).hexdigest()}"'
