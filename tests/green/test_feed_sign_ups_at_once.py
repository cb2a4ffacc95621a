"""Signing up, many at once: nothing is sold twice, the line is the order of arrival. Needs: db."""

import contextlib
import random
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import text

from services import directory
from services.contracts.actor import Actor
from services.contracts.errors import Conflict, NotFound
from services.directory import NotAMember
from services.feed.domain import sign_ups as rules
from services.feed.handlers import sign_ups
from services.kit.db import make_engine
from services.kit.uow import UnitOfWorkFactory
from tests.support.feed_fair import Fair, ended
from tests.support.feed_street import NOON, WANG, Street, actor

pytestmark = pytest.mark.db
FAMILIES, STALLS = 200, 20


@pytest.fixture
def crowd(make_database) -> Iterator[Street]:
    """A street with a connection for each of two hundred families."""
    engine = make_engine(make_database("feed"), pool=FAMILIES, statement_timeout_ms=60_000)
    yield Street(UnitOfWorkFactory(engine, "feed"))
    engine.dispose()


def settle(street: Street, count: int) -> list[Actor]:
    """So many families of the community."""
    with street.units() as uow:
        uow.session.execute(
            text(
                "INSERT INTO directory_cards (person_id, community_id, path, standing, "
                "display_name) SELECT 'f' || n, 'shangyuan', 'demo.yuepu.shangyuan', 'active', "
                "'第' || n || '家' FROM generate_series(1, :count) n"
            ),
            {"count": count},
        )
        uow.commit()
    return [actor(f"f{number}") for number in range(1, count + 1)]


def at_once(tasks: list[Callable[[], Any]], together: int) -> list[Any]:
    """Run all tasks, ``together`` of them at a time and beginning at one moment."""
    start = threading.Barrier(together)

    def run(number: int, task: Callable[[], Any]) -> Any:
        if number < together:
            start.wait(timeout=30)
        return task()

    with ThreadPoolExecutor(max_workers=together) as pool:
        futures = [pool.submit(run, number, task) for number, task in enumerate(tasks)]
        return [future.result(timeout=120) for future in futures]


def test_two_hundred_families_twenty_stalls(crowd):
    fair = Fair(crowd, capacity=STALLS)
    families = settle(crowd, FAMILIES)
    tasks = [lambda who=who: fair.sign(who) for who in families]
    answers = at_once(tasks, together=FAMILIES)

    states = [answer["mine"]["state"] for answer in answers]
    assert (states.count("in"), states.count("waiting")) == (STALLS, FAMILIES - STALLS)
    stalls = [answer["mine"]["stall"] for answer in answers if answer["mine"]["state"] == "in"]
    assert sorted(stalls) == list(range(1, STALLS + 1))
    places = [answer["mine"]["place_in_line"] for answer in answers if not answer["mine"]["stall"]]
    assert sorted(places) == list(range(1, FAMILIES - STALLS + 1)), "each was told another place"
    seen = fair.get(WANG)
    assert (seen["taken"], seen["waiting"], seen["parties"]) == (STALLS, 180, STALLS)
    assert fair.broken() == {}
    # what one transaction after the other let in, in the order in which they committed
    arrived = [person for person, _, _ in fair.told()]
    assert list(fair.states()) == arrived
    line = [answer["mine"]["place_in_line"] for answer in answers]
    told = {who.person_id: place for who, place in zip(families, line, strict=True) if place}
    assert sorted(told, key=told.__getitem__) == arrived[STALLS:]


def test_the_same_family_many_times_at_once_has_one_part(crowd):
    fair = Fair(crowd, capacity=3)
    (family,) = settle(crowd, 1)
    answers = at_once([lambda: fair.sign(family)] * 20, together=20)
    assert len({answer["mine"]["id"] for answer in answers}) == 1
    assert len(fair.told()) == 1
    assert fair.broken() == {}


def test_the_last_stall_is_not_sold_to_both_and_a_smaller_fair_waits_its_turn(crowd):
    fair = Fair(crowd, capacity=10)
    families = settle(crowd, 12)

    def fewer() -> str:
        try:
            fair.put(capacity=5)
        except rules.BelowTaken:
            return "refused"
        return "smaller"

    at_once([*(lambda who=who: fair.sign(who) for who in families), fewer], together=13)
    assert fair.broken() == {}
    seen = fair.get(WANG)
    assert (seen["capacity"], seen["taken"]) in ((10, 10), (5, 5))
    assert seen["taken"] + seen["waiting"] == 12


def test_leaving_and_signing_up_at_one_moment_leaves_no_ghost(crowd):
    """The card is held before the event: whoever comes second knows of the first."""
    families = settle(crowd, 12)
    fair = Fair(crowd, capacity=3)

    def come(who: Actor) -> None:
        with contextlib.suppress(NotFound, NotAMember):  # she had left already
            fair.sign(who)

    def go(who: Actor) -> None:
        with crowd.units() as uow:
            event = ended(who.person_id)
            directory.project(uow, event)
            sign_ups.follow_directory(uow, event, crowd.now)
            uow.commit()

    both = [task for who in families for task in (lambda w=who: come(w), lambda w=who: go(w))]
    at_once(both, together=24)
    assert fair.states() == {}
    assert fair.broken() == {}


@pytest.mark.parametrize("seed", [1, 2])
def test_a_storm_of_comings_and_goings_breaks_no_promise(crowd, seed):
    dice = random.Random(seed)
    families = settle(crowd, 30)
    fair = Fair(crowd, capacity=6, shareable=True, starts_at=NOON + timedelta(days=7))

    def one() -> Callable[[], Any]:
        who, whom = dice.sample(families, 2)
        capacity = dice.randint(4, 9)
        return dice.choice(
            [
                lambda: fair.sign(who),
                lambda: fair.sign(who, heads=1),
                lambda: fair.cancel(who),
                lambda: fair.invite(who, whom.person_id),
                lambda: fair.invite(who, whom.person_id),
                lambda: fair.put(
                    capacity=capacity, shareable=True, starts_at=NOON + timedelta(days=7)
                ),
            ]
        )

    def quietly(task: Callable[[], Any]) -> str:
        try:
            task()
        except Conflict as refused:
            return refused.code
        return "done"

    tasks = [one() for _ in range(200)]
    said = at_once([lambda task=task: quietly(task) for task in tasks], together=24)
    assert said.count("done") > 60
    assert {code for code in said if code != "done"} <= {
        "feed.not_signed_up",
        "feed.cannot_invite",
        "feed.place_not_shareable",
        "feed.capacity_below_taken",
    }
    assert fair.broken() == {}
    told = fair.told()
    last = {person: state for person, state, _ in told}
    standing = {person: state for person, state in last.items() if state != "cancelled"}
    assert standing == fair.states(), "what was told last is what is"
