"""The cache, told step by step: what is kept for whom, and what is never shown."""

import asyncio
from dataclasses import replace

import pytest

from gateway.cache import Cache, question
from gateway.marks import Marks, read_seen, written_seen
from gateway.metrics import Metrics
from services.contracts.actor import Role
from services.contracts.errors import NotFound, TimedOut
from services.contracts.events import ClockMoved
from services.contracts.ids import new_id
from services.kit import wire
from services.kit.aio_rpc import Reply
from tests.gateway.small_feed import FAR, HOME, LIST_POSTS, SmallFeed, neighbour

SUN, LU, WU = (neighbour(name) for name in ("sun", "lu", "wu"))


class Clock:
    """Time that stands still until it is moved."""

    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def feed() -> SmallFeed:
    feed = SmallFeed()
    for person in ("sun", "lu", "wu", "zhao"):
        feed.settle(person, HOME)
    feed.post("zhao", "p1")
    feed.told.clear()
    return feed


@pytest.fixture
def clock() -> Clock:
    return Clock()


def gateway(clock: Clock, **options: int) -> Cache:
    cache = Cache(Metrics(), clock=clock, **options)
    cache.on_attached()
    return cache


@pytest.fixture
def cache(clock: Clock) -> Cache:
    return gateway(clock)


def pages(feed: SmallFeed) -> int:
    return sum(asked.startswith("page") for asked in feed.asked)


def hear(feed: SmallFeed, *caches: Cache) -> None:
    """All that was told arrives."""
    for envelope in feed.told:
        for cache in caches:
            cache.on_event(envelope)
    feed.told.clear()


def ids(reply: Reply) -> list[str]:
    return [post["id"] for post in reply.data["items"]]


async def test_one_answer_is_right_for_all_neighbours_to_the_byte(
    feed: SmallFeed, cache: Cache
) -> None:
    first = await feed.read(cache, SUN)
    again = [await feed.read(cache, who) for who in (LU, WU, SUN, LU)]
    assert {reply.body for reply in again} == {first.body, (await feed.answer(WU, HOME)).body}
    assert pages(feed) == 2  # sun's, and the one just asked for beside the cache
    assert feed.asked.count("pass of lu at home") == 1


async def test_who_wrote_liked_or_muted_sees_it_at_once_though_no_event_came(
    feed: SmallFeed, cache: Cache
) -> None:
    await feed.read(cache, SUN)
    for number, write in enumerate(
        (
            lambda: feed.post("lu", "p2"),
            lambda: feed.like("lu", "p1"),
            lambda: feed.mute("lu", "zhao"),
            lambda: feed.mute("lu", "zhao"),
            lambda: feed.like("lu", "p1"),
            lambda: feed.remove("p2"),
        )
    ):
        cache.wrote("feed", LU, Reply(b"", xid=write()))
        shown = (await feed.read(cache, LU)).data["items"]
        assert shown == feed.state.page("lu", HOME), number
    assert ids(await feed.read(cache, WU)) == ["p1"]


async def test_another_gateway_goes_by_what_the_client_returns(
    feed: SmallFeed, clock: Clock
) -> None:
    one, other = gateway(clock), gateway(clock)
    for cache in (one, other):
        await feed.read(cache, SUN)
    xid = feed.post("lu", "p2")
    one.wrote("feed", LU, Reply(b"", xid=xid))
    clock.now += 10  # and the event is still on its way
    assert ids(await feed.read(one, LU)) == ["p1", "p2"]
    assert ids(await feed.read(other, LU, seen=f"votes=9, feed={xid}")) == ["p1", "p2"]
    assert ids(await feed.read(other, WU)) == ["p1"]  # nobody told her anything newer
    hear(feed, one, other)
    for cache in (one, other):
        assert ids(await feed.read(cache, WU)) == ["p1", "p2"]
        assert (await feed.read(cache, WU)).data["items"][1]["mine"] is False


async def test_an_event_that_overtakes_a_fill_keeps_it_from_being_kept(
    feed: SmallFeed, cache: Cache
) -> None:
    feed.hold = True
    filling = asyncio.create_task(feed.read(cache, SUN))
    await asyncio.sleep(0)
    feed.remove("p1")
    hear(feed, cache)
    feed.hold = False
    feed.let_go()
    assert ids(await filling) == ["p1"]  # as it was when she asked: sent
    assert ids(await feed.read(cache, LU)) == []  # and not kept
    assert ids(await feed.read(cache, WU)) == []
    assert pages(feed) == 2


async def test_an_answer_that_a_later_one_outran_does_not_take_its_place(
    feed: SmallFeed, cache: Cache
) -> None:
    async def no_pass(_id: str, _values: object) -> Reply:
        raise NotFound()

    await feed.read(cache, SUN)
    asked = question(LIST_POSTS, {"cid": HOME})
    feed.hold = True
    slow = asyncio.create_task(
        cache.read(asked, "feed", LU, "", lambda: feed.answer(LU, HOME), no_pass)
    )
    await asyncio.sleep(0)
    xid = feed.post("zhao", "p2")
    feed.hold = False
    later = await cache.read(asked, "feed", WU, "", lambda: feed.answer(WU, HOME), no_pass)
    feed.let_go()
    assert (ids(await slow), ids(later)) == (["p1"], ["p1", "p2"])
    before = pages(feed)
    assert ids(await feed.read(cache, SUN, seen=f"feed={xid}")) == ["p1", "p2"]
    assert pages(feed) == before


async def test_who_asks_while_somebody_asks_waits_for_her_answer(
    feed: SmallFeed, cache: Cache
) -> None:
    feed.hold = True
    asking = [asyncio.create_task(feed.read(cache, who)) for who in (SUN, LU, WU)]
    for _ in range(3):
        await asyncio.sleep(0)
    assert pages(feed) == 1
    feed.hold = False
    feed.let_go()
    assert len({reply.body for reply in await asyncio.gather(*asking)}) == 1
    assert pages(feed) == 1


async def test_whoever_leaves_in_the_middle_leaves_nobody_waiting(
    feed: SmallFeed, cache: Cache
) -> None:
    feed.hold = True
    first, second = (asyncio.create_task(feed.read(cache, who)) for who in (SUN, LU))
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    first.cancel()
    feed.hold = False
    async with asyncio.timeout(5):
        assert ids(await second) == ["p1"]


async def test_who_waited_for_somebody_in_vain_waits_for_nobody_else(
    feed: SmallFeed, cache: Cache
) -> None:
    """A service that does not answer keeps each waiting for two answers at most, not for all."""
    asked: list[asyncio.Future[Reply]] = []

    async def ask() -> Reply:
        asked.append(asyncio.get_running_loop().create_future())
        return await asked[-1]

    values = question(LIST_POSTS, {"cid": HOME})
    reading = [
        asyncio.create_task(cache.read(values, "feed", who, "", ask, lambda *_: ask()))
        for who in (SUN, LU, WU)
    ]
    for _ in range(2):
        await asyncio.sleep(0)
        for waiting in [one for one in asked if not one.done()]:
            waiting.set_exception(TimedOut())
        for _ in range(5):
            await asyncio.sleep(0)
    assert len(asked) == 3
    assert all(task.done() for task in reading)
    for task in reading:
        with pytest.raises(TimedOut):
            await task


async def test_nothing_is_kept_while_events_are_not_heard(feed: SmallFeed, cache: Cache) -> None:
    await feed.read(cache, SUN)
    feed.hold = True
    filling = asyncio.create_task(feed.read(cache, WU, FAR))
    under_way = asyncio.create_task(feed.read(cache, LU, HOME))
    await asyncio.sleep(0)
    cache.on_lost()
    assert not cache.serves(LIST_POSTS, LU)
    feed.remove("p1")
    feed.told.clear()  # told to nobody
    cache.on_attached()
    feed.hold = False
    feed.let_go()
    with pytest.raises(NotFound):
        await filling
    await under_way
    assert ids(await feed.read(cache, LU)) == []


async def test_every_gateway_forgets_what_was_answered_before_the_demos_clock_moved(
    feed: SmallFeed, clock: Clock
) -> None:
    """One of them passed the request on; the other hears of it from any of the services."""
    other = gateway(clock)
    await feed.read(other, SUN)
    feed.commit(feed.begin(), lambda now: now.posts.clear())  # by the clock: nobody tells
    assert ids(await feed.read(other, LU)) == ["p1"]
    moved = ClockMoved(service="votes")
    headers = {"cloudEvents:id": new_id(), "cloudEvents:type": moved.TYPE}
    other.on_event(wire.read_envelope(moved.model_dump(mode="json"), headers))
    assert ids(await feed.read(other, LU)) == []


async def test_nothing_is_older_than_a_minute(feed: SmallFeed, cache: Cache, clock: Clock) -> None:
    await feed.read(cache, SUN)
    feed.commit(feed.begin(), lambda now: now.posts.clear())  # nobody tells
    clock.now = 59
    assert ids(await feed.read(cache, LU)) == ["p1"]
    clock.now = 61
    assert ids(await feed.read(cache, LU)) == []


async def test_an_answer_older_than_somebodys_open_transaction_is_not_kept_too_early(
    feed: SmallFeed, cache: Cache
) -> None:
    """What is under way may commit after the read: the read's mark stays below it."""
    under_way = feed.begin()
    await feed.read(cache, SUN)
    feed.commit(under_way, lambda now: now.posts.clear())
    cache.wrote("feed", LU, Reply(b"", xid=under_way))
    assert ids(await feed.read(cache, LU)) == []


async def test_offices_helpers_and_watchers_are_asked_for_each_time(cache: Cache) -> None:
    for role in Role:
        usual = role in (
            Role.RESIDENT,
            Role.OWNER,
            Role.PARTY_MEMBER,
            Role.VOLUNTEER,
            Role.GROUP_REPRESENTATIVE,
        )
        assert cache.serves(LIST_POSTS, neighbour("x", role)) is usual
    assert not cache.serves(LIST_POSTS, replace(SUN, acted_by="helper"))
    assert not cache.serves(LIST_POSTS, None)


async def test_kinds_of_readers_have_each_their_own(feed: SmallFeed, cache: Cache) -> None:
    party = neighbour("wu", Role.PARTY_MEMBER)
    await feed.read(cache, SUN)
    await feed.read(cache, party)
    assert pages(feed) == 2
    await feed.read(cache, party)
    await feed.read(cache, LU)
    assert pages(feed) == 2


async def test_a_stranger_gets_nothing_and_who_left_no_more(feed: SmallFeed, cache: Cache) -> None:
    await feed.read(cache, SUN)
    await feed.read(cache, LU)
    with pytest.raises(NotFound):
        await feed.read(cache, neighbour("far"))
    feed.settle("lu", HOME)
    hear(feed, cache)
    with pytest.raises(NotFound):
        await feed.read(cache, LU)


async def test_a_write_of_which_nobody_knows_whether_it_was_done(
    feed: SmallFeed, cache: Cache, clock: Clock
) -> None:
    await feed.read(cache, SUN)
    feed.post("lu", "p2")
    cache.may_have_written("feed", LU)
    assert ids(await feed.read(cache, LU)) == ["p1", "p2"]
    clock.now = 61
    await feed.read(cache, SUN)
    before = pages(feed)
    await feed.read(cache, WU)
    assert pages(feed) == before


async def test_a_restored_database_empties_what_was_kept_from_its_first_word_on(
    feed: SmallFeed, clock: Clock
) -> None:
    one, other = gateway(clock), gateway(clock)
    for cache in (one, other):
        await feed.read(cache, SUN)
    feed.next_number, feed.epoch = 10, 1_700_000_000  # numbers begin below all that was seen
    xid = feed.post("lu", "p2")
    one.wrote("feed", LU, Reply(b"", xid=xid, epoch=feed.epoch))
    seen = written_seen("feed", (feed.epoch, xid))
    assert ids(await feed.read(one, LU)) == ["p1", "p2"]
    assert ids(await feed.read(one, WU)) == ["p1", "p2"]
    assert ids(await feed.read(other, LU, seen=seen)) == ["p1", "p2"]
    assert ids(await feed.read(other, WU)) == ["p1", "p2"]


async def test_the_shelf_holds_so_many_bytes(feed: SmallFeed, clock: Clock) -> None:
    cache = gateway(clock, most_bytes=3_000)
    for number in range(20):
        feed.settle("sun", f"c{number}")
        await feed.read(cache, SUN, f"c{number}")
        assert cache._shelf.bytes <= 3_000
    before = pages(feed)
    await feed.read(cache, SUN, "c19")
    assert pages(feed) == before
    await feed.read(cache, SUN, "c0")
    assert pages(feed) == before + 1


def test_what_is_forgotten_of_a_mark_is_owed_to_everybody() -> None:
    marks = Marks(2)
    for number, name in enumerate("abca", 1):
        marks.raise_to(name, (0, number))
    assert len(marks) == 2
    assert marks.of("nobody") == (0, 2)
    assert marks.of("a") == (0, 4)
    marks.raise_to("d", (0, 1))
    assert marks.of("d") == (0, 2)


def test_seen_is_read_as_it_is_written() -> None:
    assert read_seen(written_seen("feed", (0, 12)), "feed") == (0, 12)
    assert read_seen(written_seen("feed", (1_700_000_000, 12)), "feed") == (1_700_000_000, 12)
    assert read_seen("votes=3, feed=1,feed=7", "feed") == (0, 7)
    for nonsense in ("", "feed", "feed=", "feed=-1", "feed=1.5", "feed=" + "9" * 40, "=;,,"):
        assert read_seen(nonsense, "feed") == (0, 0)
