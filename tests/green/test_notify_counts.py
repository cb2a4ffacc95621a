"""The number beside the bell is always the number of unread rows. Needs: db."""

import contextlib
import threading
from collections.abc import Callable
from random import Random

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from services.contracts import events as e
from services.contracts.errors import NotFound
from services.contracts.ids import new_id
from services.notify.handlers import telling
from tests.support.identity_world import until_somebody_waits_for_a_lock
from tests.support.inboxes import Inboxes
from tests.support.neighbourhood import NOON, say

pytestmark = pytest.mark.db

PEOPLE = ("a", "b", "c")


@pytest.fixture
def notify(emptied) -> Inboxes:
    return Inboxes(emptied("notify"))


def together(*tasks: Callable[[], None]) -> None:
    """Run the tasks at the same time; the first error of one of them is raised here."""
    errors: list[BaseException] = []
    ready = threading.Barrier(len(tasks))

    def run(task: Callable[[], None]) -> None:
        try:
            ready.wait(10)
            task()
        except BaseException as error:
            errors.append(error)

    threads = [threading.Thread(target=run, args=(task,)) for task in tasks]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
        assert not thread.is_alive()
    if errors:
        raise errors[0]


def test_tellers_and_readers_at_the_same_time(notify):
    notify.on_duty("a", "b")
    per_teller, tellers = 6, 5

    def tell() -> None:
        for _ in range(per_teller):
            notify.tell(say(e.IssueReported, reporter_id="c", issue_id=new_id(), post_id=new_id()))

    def read(person: str) -> None:
        for turn in range(10):
            if turn % 2:
                notify.read(person)
            else:
                notify.read(person, ids=[i.id for i in notify.items(person, limit=5)] or ["x"])

    together(*[tell] * tellers, lambda: read("a"), lambda: read("a"), lambda: read("b"))
    assert notify.drift() == []
    for person in ("a", "b"):
        rows = notify.scalar("SELECT count(*) FROM inbox WHERE person_id = :p", p=person)
        assert rows == per_teller * tellers


def test_crosswise_audiences_do_not_wait_for_each_other(notify):
    """Replies go to different people first: locks in the order of the rules would deadlock."""
    notify.tell(say(e.PostPublished, author_id="c"))
    for person in PEOPLE:
        notify.tell(say(e.CommentPublished, author_id=person, post_author_id="c"))

    def talk(author: str, to: str) -> None:
        for _ in range(7):
            notify.tell(
                say(
                    e.CommentPublished,
                    author_id=author,
                    post_author_id="c",
                    reply_to_author_id=to,
                )
            )

    together(
        lambda: talk("d", "a"), lambda: talk("e", "b"), lambda: talk("f", "c"),
        lambda: talk("g", "b"), lambda: talk("h", "a"),
    )  # fmt: skip
    assert notify.drift() == []
    assert notify.page("a").unread == 2 + 5 * 7


def test_the_same_event_handled_twice_at_once_is_told_once(notify):
    """Without the kit's guard even: a broker may deliver to two processes."""
    notify.on_duty("a", "b")
    event_id = new_id()
    together(*[lambda: notify.tell(say(e.IssueReported), event_id)] * 6)
    assert [notify.page(person).unread for person in ("a", "b")] == [1, 1]
    assert notify.drift() == []


def test_an_account_deleted_while_news_comes_in_leaves_counts_right(notify):
    notify.on_duty("a", "b")
    together(
        lambda: [notify.tell(say(e.IssueReported, issue_id=new_id())) for _ in range(10)],
        lambda: notify.know(say(e.PersonDeleted, person_id="a")),
        lambda: [notify.read("a") for _ in range(5)],
    )
    assert notify.drift() == []
    assert notify.page("b").unread == 10


def test_news_that_came_when_something_newer_was_there_is_not_read_with_that(notify):
    """As in a large fan-out: it has its id before the last of those whom it concerns have it."""
    notify.on_duty("a")
    first = notify.tell(say(e.IssueReported, title="先"))
    notify.tell(say(e.MembershipDecided, person_id="b"))
    newer = notify.items("b")[0]
    notify.on_duty("a", "b")
    notify.tell(say(e.IssueReported, title="先"), first)
    assert [item.read for item in notify.items("b")] == [False, False]
    assert notify.read("b", up_to=newer.id) == 1
    assert [item.read for item in notify.items("b")] == [True, False]
    notify.tell(say(e.MembershipDecided, person_id="b"))
    assert notify.read("b", up_to=notify.items("b")[0].id) == 0, "what came after it is newer"
    assert notify.drift() == []


@pytest.mark.parametrize("newer_there", [True, False])
def test_what_is_on_its_way_when_all_is_read_stays_unread(notify, newer_there):
    notify.on_duty("a")
    event, event_id = say(e.IssueReported), new_id()
    if newer_there:
        notify.tell(event, event_id)
    notify.tell(say(e.MembershipDecided, person_id="b"))
    notify.on_duty("a", "b")
    left: list[int] = []
    with notify.units() as uow:
        telling.tell(uow, event, event_id, NOON)
        uow.session.flush()
        reader = threading.Thread(target=lambda: left.append(notify.read("b")))
        reader.start()
        until_somebody_waits_for_a_lock(notify.units)
        uow.commit()
    reader.join(10)
    assert left == [1]
    assert notify.page("b").unread == 1
    assert notify.drift() == []


STEPS = st.one_of(
    st.tuples(st.just("tell"), st.sets(st.sampled_from(PEOPLE), min_size=1)),
    st.tuples(st.just("repeat"), st.integers(0, 30)),
    st.tuples(st.just("read"), st.tuples(st.sampled_from(PEOPLE), st.sets(st.integers(0, 12)))),
    st.tuples(st.just("up_to"), st.tuples(st.sampled_from(PEOPLE), st.integers(0, 12))),
    st.tuples(st.just("all"), st.sampled_from(PEOPLE)),
)


@settings(
    max_examples=12,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(steps=st.lists(STEPS, max_size=15))
def test_any_history_agrees_with_a_list_per_person(notify, steps):
    """The database against the simplest model: a list of [event, read] per person."""
    names = {person: f"{person}-{new_id()}" for person in PEOPLE}
    model: dict[str, list[list]] = {person: [] for person in PEOPLE}
    told: list[tuple[str, e.Event]] = []

    def chosen(person: str, places: set[int]) -> list[list]:
        return [row for place, row in enumerate(model[person]) if place in places]

    def ids_of(person: str) -> list[str]:
        return [item.id for item in reversed(notify.items(names[person], limit=100))]

    for step, what in steps:
        match step:
            case "tell":
                post = new_id()
                told_to = sorted(what)
                event = say(
                    e.CommentPublished,
                    post_id=post,
                    author_id="somebody",
                    post_author_id=names[told_to[0]],
                    reply_to_author_id=names[told_to[-1]],
                )
                told.append((notify.tell(event), event))
                for person in {told_to[0], told_to[-1]}:
                    model[person].append([event, False])
            case "repeat" if told:
                event_id, event = told[what % len(told)]
                notify.tell(event, event_id)
            case "read":
                person, places = what
                ids = [i for place, i in enumerate(ids_of(person)) if place in places]
                if ids:
                    notify.read(names[person], ids=ids)
                    for row in chosen(person, places):
                        row[1] = True
            case "up_to":
                person, place = what
                ids = ids_of(person)
                if place < len(ids):
                    notify.read(names[person], up_to=ids[place])
                    for row in model[person][: place + 1]:
                        row[1] = True
            case "all":
                notify.read(names[what])
                for row in model[what]:
                    row[1] = True
    for person in PEOPLE:
        page = notify.page(names[person], limit=100)
        assert [item.read for item in reversed(page.items)] == [r for _, r in model[person]]
        assert page.unread == sum(not r for _, r in model[person])
    assert notify.drift() == []


def storm(notify: Inboxes, seed: int, rounds: int, at_once: int) -> None:
    """Rounds of acts that happen at the same time; after each of them every count is right."""
    random = Random(seed)
    people, posts = [f"p{n}" for n in range(6)], [f"t{n}" for n in range(3)]
    notify.on_duty("p0", "p1")
    for post in posts:
        notify.tell(say(e.PostPublished, post_id=post, author_id=random.choice(people)))
    told: list[tuple[str, e.Event]] = []

    def talk(author: str, to: str, post: str, meant: str) -> None:
        event = say(
            e.CommentPublished,
            post_id=post,
            author_id=author,
            post_author_id=to,
            reply_to_author_id=meant,
        )
        told.append((notify.tell(event), event))

    def read(person: str, ways: int) -> None:
        items = notify.items(person, limit=20)
        if items and ways:
            which = {"ids": [i.id for i in items[::2]]} if ways == 1 else {"up_to": items[-1].id}
            notify.read(person, **which)
        else:
            notify.read(person)

    def mute(person: str, post: str) -> None:
        with contextlib.suppress(NotFound):
            notify.mute(person, post)

    def prefer(person: str, **more: object) -> None:
        with contextlib.suppress(NotFound):  # she has left
            notify.prefer(person, ("web_push",), **more)

    def act() -> Callable[[], object]:
        someone, other, third = (random.choice(people) for _ in range(3))
        post = random.choice(posts)
        again = random.choice(told) if told else None
        acts: list[Callable[[], object]] = [
            lambda: talk(someone, other, post, third),
            lambda: talk(other, someone, post, someone),
            lambda: notify.tell(say(e.IssueReported, reporter_id=someone, post_id=post)),
            lambda: read(someone, random.randrange(3)),
            lambda: mute(someone, post),
            lambda: notify.unmute(someone, post),
            lambda: prefer(someone, muted_kinds=["comment"], daily_budget=2),
            lambda: prefer(someone, daily_budget=1),
            lambda: notify.tell(say(e.PostRemoved, post_id=post)),
        ]
        if again:
            acts.append(lambda: notify.tell(again[1], again[0]))
        if random.random() < 0.05:
            return lambda: notify.know(say(e.PersonDeleted, person_id=someone))
        return random.choice(acts)

    for _ in range(rounds):
        together(*[act() for _ in range(at_once)])
        assert notify.drift() == []
        for table in ("inbox", "follows", "preferences", "muted_threads", "deliveries"):
            assert not notify.scalar(
                f"SELECT count(*) FROM {table} JOIN departed USING (person_id)"
            )


@pytest.mark.parametrize("seed", [1, 2])
def test_whatever_happens_at_once_no_count_drifts_and_nobody_gone_is_told(notify, seed):
    storm(notify, seed, rounds=6, at_once=5)


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(100, 130))
def test_a_long_storm_leaves_every_count_right(notify, seed):
    storm(notify, seed, rounds=25, at_once=8)
