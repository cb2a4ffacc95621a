"""The cache against a model: whatever is written, read, told late, lost or restored, nobody reads
less than she wrote, nor what is not hers to read, nor what was told to be gone."""

import asyncio
from collections import deque
from collections.abc import Coroutine
from typing import Any

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, precondition, rule

from gateway.cache import Cache
from gateway.marks import written_seen
from gateway.metrics import Metrics
from services.contracts.errors import NotFound
from services.contracts.events import Envelope, PostRemoved
from services.kit.aio_rpc import Reply
from tests.gateway.small_feed import FAR, HOME, SmallFeed, neighbour

PEOPLE = {name: neighbour(name) for name in ("sun", "lu", "wu")}
PLACES = (HOME, FAR)
people, places = st.sampled_from(sorted(PEOPLE)), st.sampled_from(PLACES)
gateways = st.integers(0, 1)


class Reading:
    """A read under way: what its reader had written when it began, and what she knew."""

    def __init__(self, task: "asyncio.Task[Reply]", who: str, place: str, gone: set[str]) -> None:
        self.task, self.who, self.place, self.gone = task, who, place, gone


class Gateways(RuleBasedStateMachine):
    """Two gateways before one feed; each hears what is told in its own time."""

    def __init__(self) -> None:
        super().__init__()
        self.loop = asyncio.new_event_loop()
        self.now = 0.0
        self.feed = SmallFeed()
        self.caches = [self._cache(), self._cache()]
        self.waiting: list[deque[Envelope]] = [deque(), deque()]
        self.seen: dict[str, str] = {}
        self.wrote_at: dict[str, set[int]] = {name: set() for name in PEOPLE}
        self.own_writes: dict[str, int] = dict.fromkeys(PEOPLE, 0)
        self.gone: list[set[str]] = [set(), set()]
        self.count = 0
        self.open: list[int] = []
        self.reading: list[tuple[Reading, int]] = []

    def _cache(self) -> Cache:
        cache = Cache(Metrics(), most_bytes=9_000, most_names=4, clock=lambda: self.now)
        cache.on_attached()
        return cache

    def run(self, coroutine: Coroutine[Any, Any, Any]) -> Any:
        return self.loop.run_until_complete(asyncio.wait_for(coroutine, 5))

    def teardown(self) -> None:
        for reading, _ in self.reading:
            reading.task.cancel()
        self.run(asyncio.sleep(0))
        self.loop.close()

    @initialize()
    def begin(self) -> None:
        for name in PEOPLE:
            self.feed.settle(name, HOME)
        self.feed.settle("sun", FAR)
        self.feed.told.clear()

    # -- writes ------------------------------------------------------------------------------------

    def _wrote(self, who: str, xid: int, gateway: int) -> None:
        self.caches[gateway].wrote("feed", PEOPLE[who], Reply(b"", xid=xid, epoch=self.feed.epoch))
        self.seen[who] = written_seen("feed", (self.feed.epoch, xid))
        self.wrote_at[who].add(gateway)
        self.own_writes[who] += 1
        self._tell()

    def _tell(self) -> None:
        for envelope in self.feed.told:
            for waiting in self.waiting:
                waiting.append(envelope)
        self.feed.told.clear()

    @rule(who=people, place=places, gateway=gateways)
    def post(self, who: str, place: str, gateway: int) -> None:
        if place in self.feed.state.homes[who]:
            self.count += 1
            self._wrote(who, self.feed.post(who, f"p{self.count:03}", place), gateway)

    @precondition(lambda self: self.feed.state.posts)
    @rule(who=people, gateway=gateways, pick=st.randoms(use_true_random=False))
    def like(self, who: str, gateway: int, pick: Any) -> None:
        self._wrote(who, self.feed.like(who, pick.choice(sorted(self.feed.state.posts))), gateway)

    @rule(who=people, other=people, gateway=gateways)
    def mute(self, who: str, other: str, gateway: int) -> None:
        if who != other:
            self._wrote(who, self.feed.mute(who, other), gateway)

    @precondition(lambda self: self.feed.state.posts)
    @rule(gateway=gateways, pick=st.randoms(use_true_random=False))
    def remove(self, gateway: int, pick: Any) -> None:
        post = pick.choice(sorted(self.feed.state.posts))
        author = self.feed.state.posts[post][1]
        self._wrote(author, self.feed.remove(post), gateway)

    @rule()
    def somebody_begins(self) -> None:
        """Another transaction is under way, so reads cannot pass its number."""
        self.open.append(self.feed.begin())

    @precondition(lambda self: self.open)
    @rule()
    def somebody_ends(self) -> None:
        self.feed.commit(self.open.pop(0), lambda _: None)

    @rule()
    def restored(self) -> None:
        """The database comes back from a backup; numbers begin anew, below."""
        self.feed.epoch += 1_000
        self.feed.next_number = self.count % 3
        self.feed.open.clear()
        self.open.clear()

    # -- hearing -----------------------------------------------------------------------------------

    @rule(gateway=gateways, many=st.integers(1, 4))
    def hear(self, gateway: int, many: int) -> None:
        for _ in range(min(many, len(self.waiting[gateway]))):
            envelope = self.waiting[gateway].popleft()
            self.caches[gateway].on_event(envelope)
            if isinstance(envelope.event, PostRemoved):
                self.gone[gateway].add(envelope.event.post_id)

    @rule(gateway=gateways)
    def lose_and_find_again(self, gateway: int) -> None:
        self.caches[gateway].on_lost()
        self.waiting[gateway].clear()
        self.caches[gateway].on_attached()

    @rule(seconds=st.sampled_from((1, 30, 61)))
    def time_goes_on(self, seconds: int) -> None:
        self.now += seconds

    # -- reads -------------------------------------------------------------------------------------

    @rule(who=people, place=places, gateway=gateways, returns=st.booleans(), slow=st.booleans())
    def read(self, who: str, place: str, gateway: int, returns: bool, slow: bool) -> None:
        """Whoever does not return what she has seen is known where she wrote."""
        seen = self.seen.get(who, "") if returns else ""
        if not seen and self.wrote_at[who] - {gateway}:
            return  # nothing is promised then, until it is told
        gone, writes = set(self.gone[gateway]), self.own_writes[who]
        self.feed.hold = True
        coroutine = self.feed.read(self.caches[gateway], PEOPLE[who], place, seen)
        task = self.loop.create_task(coroutine)
        self.reading.append((Reading(task, who, place, gone), writes))
        self.run(asyncio.sleep(0))
        if not slow:
            self.answers_come()

    @rule()
    def answers_come(self) -> None:
        self.feed.hold = False
        self.feed.let_go()
        reading, self.reading = self.reading, []
        for one, writes in reading:
            self._check(one, exact=writes == self.own_writes[one.who])

    def _check(self, reading: Reading, *, exact: bool) -> None:
        state, who = self.feed.state, reading.who
        try:
            shown = self.run(reading.task).data["items"]
        except NotFound:
            assert reading.place not in state.homes[who]
            return
        assert reading.place in state.homes[who]
        ids = {post["id"] for post in shown}
        assert not ids & reading.gone
        assert all(state.posts[post][0] == reading.place for post in ids & state.posts.keys())
        if not exact:
            return  # she wrote while she read
        mine = {post["id"]: post for post in state.page(who, reading.place)}
        own = {post for post, facts in mine.items() if facts["mine"] or facts["liked"]}
        assert own <= ids
        for post in shown:
            if post["id"] in mine:
                facts = mine[post["id"]]
                assert (post["mine"], post["liked"]) == (facts["mine"], facts["liked"])
        away = state.mutes.get(who, set())
        assert not {post for post in ids & state.posts.keys() if state.posts[post][1] in away}
        assert not {post["id"] for post in shown if post["mine"]} - own


Gateways.TestCase.settings = settings(max_examples=60, stateful_step_count=30, deadline=None)
test_nobody_reads_less_than_she_wrote = Gateways.TestCase
