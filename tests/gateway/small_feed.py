"""A feed of a few lines for tests of the cache: transactions with numbers, snapshots, events.

It answers as the real one does: with the snapshot's mark, shared when nothing is the reader's own.
What a read sees is settled when it is asked; the answer comes when the test lets it come.
"""

import asyncio
from collections.abc import Callable
from copy import deepcopy
from dataclasses import dataclass, field
from typing import Any

from pydantic_core import to_json

from gateway.cache import Cache, question
from services.contracts.actor import Actor, Grant, Role
from services.contracts.errors import NotFound
from services.contracts.events import (
    Envelope,
    Event,
    PostPublished,
    PostRemoved,
    ReactionChanged,
    ViewChanged,
)
from services.contracts.operations import BY_ID
from services.kit.aio_rpc import Reply
from services.kit.verdicts import Shared

LIST_POSTS = BY_ID["listPosts"]
HOME, FAR = "home", "far"


def neighbour(person: str, *roles: Role) -> Actor:
    """Somebody with these roles; a resident without."""
    grants = tuple(Grant(role, "d.t.home") for role in roles or (Role.RESIDENT,))
    return Actor(person, f"s-{person}", grants, 2**31, f"token-{person}")


@dataclass
class State:
    """What is so at a moment: posts by id (community, author, likers), mutes, who lives where."""

    posts: dict[str, tuple[str, str, set[str]]] = field(default_factory=dict)
    mutes: dict[str, set[str]] = field(default_factory=dict)
    homes: dict[str, set[str]] = field(default_factory=dict)

    def page(self, person: str, place: str) -> list[dict[str, Any]]:
        """The posts of a community as somebody sees them."""
        away = self.mutes.get(person, set())
        return [
            {
                "id": post,
                "mine": author == person,
                "liked": person in likers,
                "likes": len(likers),
            }
            for post, (where, author, likers) in sorted(self.posts.items())
            if where == place and author not in away
        ]


@dataclass
class SmallFeed:
    """One service with its database; ``told`` are its events in the order of their commits."""

    state: State = field(default_factory=State)
    next_number: int = 100
    open: set[int] = field(default_factory=set)
    epoch: int = 0
    told: list[Envelope] = field(default_factory=list)
    asked: list[str] = field(default_factory=list)
    held: list[asyncio.Future[None]] = field(default_factory=list)
    hold: bool = False

    # -- writing -----------------------------------------------------------------------------------

    def begin(self) -> int:
        """Open a transaction that stays under way: whatever comes later cannot pass its number."""
        self.next_number += 1
        self.open.add(self.next_number)
        return self.next_number

    def commit(self, number: int, change: Callable[[State], None], *events: Event) -> int:
        """Make a change so, and tell of it."""
        self.open.discard(number)
        self.state = deepcopy(self.state)
        change(self.state)
        for event in events:
            self.told.append(
                Envelope(
                    event_id=f"e{len(self.told)}",
                    source="feed",
                    type=event.TYPE,
                    subject=event.subject,
                    subject_version=1,
                    time=None,  # type: ignore[arg-type]
                    xid=number,
                    epoch=self.epoch,
                    event=event,
                )
            )
        return number

    def post(self, person: str, post: str, place: str = HOME) -> int:
        """Somebody writes a post."""
        facts = {"post_id": post, "community_id": place, "path": "d", "module": "idle"}
        event = PostPublished(**facts, author_id=person, title="")
        return self.commit(
            self.begin(), lambda now: now.posts.update({post: (place, person, set())}), event
        )

    def like(self, person: str, post: str) -> int:
        """Somebody likes a post, or does not any more."""
        place = self.state.posts[post][0]
        facts = {"post_id": post, "community_id": place, "path": "d", "module": "idle"}
        event = ReactionChanged(**facts, like_count=0, person_id=person)

        def change(now: State) -> None:
            now.posts[post][2].symmetric_difference_update({person})

        return self.commit(self.begin(), change, event)

    def remove(self, post: str) -> int:
        """A post is taken away."""
        place = self.state.posts[post][0]
        event = PostRemoved(post_id=post, community_id=place, path="d", module="idle")
        return self.commit(self.begin(), lambda now: now.posts.pop(post), event)

    def mute(self, person: str, other: str) -> int:
        """Somebody keeps away from another, or does not any more."""

        def change(now: State) -> None:
            now.mutes.setdefault(person, set()).symmetric_difference_update({other})

        return self.commit(self.begin(), change, ViewChanged(person_id=person))

    def settle(self, person: str, place: str) -> int:
        """Somebody comes to live in a community, or leaves it."""

        def change(now: State) -> None:
            now.homes.setdefault(person, set()).symmetric_difference_update({place})

        event = ViewChanged(community_id=place, person_id=person)
        return self.commit(self.begin(), change, event)

    # -- reading -----------------------------------------------------------------------------------

    async def answer(self, actor: Actor, place: str) -> Reply:
        """A page, as listPosts answers."""
        state, xmin, epoch = self.state, min(self.open, default=self.next_number + 1), self.epoch
        me = actor.person_id
        self.asked.append(f"page of {place} for {me}")
        await self._held()
        if place not in state.homes.get(me, ()):
            raise NotFound()
        page = state.page(me, place)
        own = state.mutes.get(me) or any(post["mine"] or post["liked"] for post in page)
        kind = "" if own else _kind(actor)
        shared = Shared(place, kind, tuple(post["id"] for post in page)) if kind else None
        return Reply(to_json({"items": page}), xmin=xmin, epoch=epoch, shared=shared)

    async def give_pass(self, actor: Actor, place: str) -> Reply:
        """A pass, as getFeedPass answers."""
        state, xmin, epoch = self.state, min(self.open, default=self.next_number + 1), self.epoch
        me = actor.person_id
        self.asked.append(f"pass of {me} at {place}")
        await self._held()
        if place not in state.homes.get(me, ()):
            raise NotFound()
        own = [post for post, (_, by, likers) in state.posts.items() if me == by or me in likers]
        kind = "" if state.mutes.get(me) else _kind(actor)
        body = to_json({"reader": kind, "own": own if kind else [], "since": ""})
        return Reply(body, xmin=xmin, epoch=epoch)

    async def _held(self) -> None:
        if self.hold:
            waiting = asyncio.get_running_loop().create_future()
            self.held.append(waiting)
            await waiting

    def let_go(self) -> None:
        """Everything that is held comes now."""
        held, self.held = self.held, []
        for waiting in held:
            if not waiting.done():
                waiting.set_result(None)

    def read(self, cache: Cache, actor: Actor, place: str = HOME, seen: str = "") -> Any:
        """The page of a community, through a gateway's cache (a coroutine)."""
        if not cache.serves(LIST_POSTS, actor):
            return self.answer(actor, place)
        return cache.read(
            question(LIST_POSTS, {"cid": place}),
            "feed",
            actor,
            seen,
            lambda: self.answer(actor, place),
            lambda _id, values: self.give_pass(actor, values["cid"]),
        )


def _kind(actor: Actor) -> str:
    return "member+party" if Role.PARTY_MEMBER in actor.roles else "member"
