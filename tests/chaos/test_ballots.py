"""Broker, database, service and gateway are killed while a town votes: each receipt counts, once.

Every voter sends her ballot again, under the same key, until she sees a receipt or a refusal. Some
send it twice at once, some from two phones with two choices; some are late.
"""

import json
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import httpx
import pytest
from kombu import Connection, Exchange, Queue

from services.contracts import demo
from services.contracts.actor import Role
from services.votes import verify
from services.votes.domain import merkle
from tests.chaos.conftest import Shaken
from tests.support.keys import Signer
from tests.support.merkle_proofs import proven
from tests.support.voters import Ballot, Crowd
from tests.support.votes_town import TownPoll, town_poll
from tests.support.waiting import until

pytestmark = [pytest.mark.chaos, pytest.mark.slow]

VOTERS = 20_000
STRAGGLERS = 3_000  # who vote while the poll closes
LATE = 100
EACH = 20  # every so-manieth sends twice at once, and another one from two phones
AWAY = 50  # attempts that meet nobody before a thing comes back
LIMIT = 60.0
CHOICES = ("for", "for", "for", "against", "for", "abstain", "against")
HONEST = {"votes.closed", "votes.already_voted"}


@dataclass
class Drill:
    """A poll that is voted on, and what it stands on."""

    shaken: Shaken
    poll: TownPoll
    crowd: Crowd
    second: str
    told: list[str] = field(default_factory=list)

    def await_answered(self, count: int) -> None:
        """Wait until so many know what came of their ballots."""
        until(lambda: self.crowd.answered >= count, what=f"{count} answers", limit=LIMIT)

    def await_away(self, before: int) -> None:
        """Wait until the outage was met."""
        wanted = before + AWAY
        until(lambda: self.crowd.turned_away >= wanted, what="somebody turned away", limit=LIMIT)


@contextmanager
def away(drill: Drill) -> Iterator[None]:
    """What the block kills stays away until it was missed."""
    before = drill.crowd.turned_away
    yield
    drill.await_away(before)


def broker_killed(drill: Drill) -> None:
    broker = drill.shaken.servers.rabbitmq
    try:
        with away(drill):
            broker.kill()
    finally:
        broker.start()


def database_killed(drill: Drill) -> None:
    database = drill.shaken.servers.postgres
    try:
        with away(drill):
            database.kill()
    finally:
        database.start()


def both_killed(drill: Drill) -> None:
    servers = drill.shaken.servers
    try:
        with away(drill):
            servers.rabbitmq.kill()
            servers.postgres.kill()
    finally:
        servers.start()


def process_killed(drill: Drill, name: str) -> None:
    platform = drill.shaken.platform
    before = platform.pid(name)
    platform.kill(name)
    until(lambda: platform.pid(name) not in (None, before), what=f"a new {name}", limit=LIMIT)


def first_killed(drill: Drill) -> None:
    process_killed(drill, "votes")


def second_killed(drill: Drill) -> None:
    process_killed(drill, drill.second)


def gateway_killed(drill: Drill) -> None:
    process_killed(drill, "gateway")


FAULTS: tuple[Callable[[Drill], None], ...] = (
    broker_killed,
    database_killed,
    second_killed,
    both_killed,
    gateway_killed,
    first_killed,
    database_killed,
    broker_killed,
)


def test_of_twenty_thousand_ballots_each_receipt_counts_once(shaken: Shaken) -> None:
    platform = shaken.platform
    people = [f"v-{number:06}" for number in range(VOTERS + STRAGGLERS + LATE)]
    signer = Signer.of(platform.layout.keys)
    ballots = [
        Ballot(
            person,
            signer.token(person, [(Role.RESIDENT.value, demo.PATH_SHANGYUAN)], f"s-{person}"),
            CHOICES[number % len(CHOICES)],
        )
        for number, person in enumerate(people)
    ]
    in_time, stragglers = ballots[:VOTERS], ballots[VOTERS:-LATE]
    untouched = {name: platform.pid(name) for name in ("identity", "feed", "grid_bridge", "notify")}
    logged = {name: len(platform.log(name)) for name in ("votes", "gateway")}
    with (
        platform.beside("votes") as second,
        town_poll(platform, people) as poll,
        listening(shaken) as heard,
    ):
        shaken.servers.rabbitmq.settle()
        crowd = Crowd(platform.layout.ports.gateway, poll.id)
        drill = Drill(shaken, poll, crowd, second)
        together = at_once(in_time)
        part = -(-len(together) // len(FAULTS))
        for number, strike in enumerate(FAULTS):
            strike_while_they_vote(drill, strike, together[number * part : (number + 1) * part])
        closing(drill, stragglers)
        crowd.cast(ballots[-LATE:])

        sent = [*(one for group in together for one in group), *stragglers, *ballots[-LATE:]]
        shown = receipts_of(sent)
        assert set(shown) >= {ballot.person for ballot in in_time}
        assert not set(shown) & {ballot.person for ballot in ballots[-LATE:]}
        assert 0 < len(shown) - VOTERS < STRAGGLERS, "the close came while they voted"
        assert_honest(crowd, sent)
        lost = len(shown) - sum(bool(one.receipt) and not one.replayed for one in sent)
        assert lost, "whoever was being answered when the gateway was killed asked again"
        assert_the_same_again(crowd, shown)
        until(lambda: poll.state == "published", what="the result", limit=LIMIT)

        export = exported(drill)
        assert_counted(poll, export, shown)
        assert_in_the_bulletin(crowd, poll, export, shown)
        until(lambda: not poll.waiting(), what="the outbox drained", limit=LIMIT)
        assert_told(poll, heard(), len(shown))
        assert {name: platform.pid(name) for name in untouched} == untouched
        for name, already in logged.items():
            for wrong in ("call crashed", "duty failed", "batch of ballots failed"):
                assert wrong not in platform.log(name)[already:]
        print(f"{len(shown):,} receipts, {lost:,} of them after a lost answer; {dict(crowd.seen)}")


def at_once(ballots: Sequence[Ballot]) -> list[tuple[Ballot, ...]]:
    """What is sent together: mostly one ballot, some twice, some beside another of the voter's."""
    groups: list[tuple[Ballot, ...]] = []
    for number, ballot in enumerate(ballots):
        if number % EACH == 0:
            groups.append((ballot, ballot.again()))
        elif number % EACH == EACH // 2:
            other = "against" if ballot.choice == "for" else "for"
            groups.append((ballot, Ballot(ballot.person, ballot.token, other)))
        else:
            groups.append((ballot,))
    return groups


def strike_while_they_vote(
    drill: Drill, strike: Callable[[Drill], None], together: Sequence[tuple[Ballot, ...]]
) -> None:
    """Something is killed in the middle; who was voting votes, and everything is back."""
    began, platform = drill.crowd.answered, drill.shaken.platform
    with drill.crowd.casting(together):
        drill.await_answered(began + len(together) // 4)
        strike(drill)
        platform.await_ready(*platform.instances, drill.second)


def closing(drill: Drill, stragglers: Sequence[Ballot]) -> None:
    """The poll closes while people vote; both services are killed over it."""
    before = drill.crowd.answered
    with drill.crowd.casting([(ballot,) for ballot in stragglers]):
        drill.await_answered(before + 1)
        drill.poll.close_in(0.5)
        until(lambda: drill.crowd.seen[409, "votes.closed"], what="somebody too late", limit=LIMIT)
        first_killed(drill)
        second_killed(drill)


def receipts_of(sent: Sequence[Ballot]) -> dict[str, Ballot]:
    """The ballots with a receipt, by voter: whoever sent the same twice got the same twice."""
    shown: dict[str, Ballot] = {}
    for ballot in sent:
        if ballot.receipt:
            first = shown.setdefault(ballot.person, ballot)
            assert (ballot.key, ballot.receipt) == (first.key, first.receipt), "two that count"
    assert len({ballot.receipt for ballot in shown.values()}) == len(shown)
    return shown


def assert_honest(crowd: Crowd, sent: Sequence[Ballot]) -> None:
    """Everybody was told, and nobody that something broke."""
    assert {ballot.status for ballot in sent} == {201, 409}
    assert {ballot.code for ballot in sent if not ballot.receipt} == HONEST
    assert {status for status, _ in crowd.seen} == {201, 409, 503}, crowd.seen


def assert_the_same_again(crowd: Crowd, shown: dict[str, Ballot]) -> None:
    """Whoever asks again after the close has her receipt."""
    some = list(shown.values())[::EACH]
    repeats = [ballot.again() for ballot in some]
    crowd.cast(repeats)
    assert [one.receipt for one in repeats] == [one.receipt for one in some]
    assert all(one.replayed for one in repeats)


def exported(drill: Drill) -> dict[str, Any]:
    """The export, counted again by the verifier that shares no code with the service."""
    url = f"{drill.shaken.platform.api}/polls/{drill.poll.id}/export"
    text = httpx.get(url, timeout=60).raise_for_status().text
    verify.verify(text, None, drill.told.append)
    export: dict[str, Any] = json.loads(text)
    return export


def assert_counted(poll: TownPoll, export: dict[str, Any], shown: dict[str, Ballot]) -> None:
    """Marks, leaves, choices and result are those of the receipts that were shown."""
    voted = Counter(ballot.choice for ballot in shown.values())
    assert poll.marked() == set(shown)
    assert Counter(export["choices"]) == voted
    assert Counter(state for _, state, *_ in export["roll"]) == {
        "online": len(shown),
        "free": len(export["roll"]) - len(shown),
    }
    figures = export["certificate"]["figures"]
    assert {choice: figures["online"][choice] for choice in voted} == voted


def assert_in_the_bulletin(
    crowd: Crowd, poll: TownPoll, export: dict[str, Any], shown: dict[str, Ballot]
) -> None:
    """Each receipt leads to a leaf of its own, proven below the root; no leaf is nobody's."""
    leaves = [
        leaf
        for entry in export["entries"]
        if entry["kind"] == "leaves"
        for leaf in entry["payload"]["leaves"]
    ]
    root = bytes.fromhex(export["heads"][-1]["root"])
    found = crowd.read(f"/receipts/{ballot.receipt}" for ballot in shown.values())
    assert sorted(one["position"] for one in found) == list(range(len(leaves)))
    for one in found:
        assert (one["poll_id"], one["replaced"]) == (poll.id, False)
        assert one["leaf"] == leaves[one["position"]]
        hashed = merkle.leaf(bytes.fromhex(one["leaf"]))
        proof = [bytes.fromhex(step) for step in one["proof"]]
        assert proven(hashed, one["position"], len(leaves), proof, root)


# -- what others are told --------------------------------------------------------------------------


@contextmanager
def listening(shaken: Shaken) -> Iterator[Callable[[], list[tuple[str, dict[str, Any]]]]]:
    """A queue that keeps what votes tells; gives what came, as pairs of id and body."""
    exchange = Exchange("votes.events", type="topic", durable=True)
    queue = Queue("drill", exchange, "#", durable=True, queue_arguments={"x-queue-type": "quorum"})
    url = shaken.servers.rabbitmq.url()
    with Connection(url) as connection:
        queue(connection.default_channel).declare()

    def heard() -> list[tuple[str, dict[str, Any]]]:
        told = []
        with Connection(url) as connection:
            bound = queue(connection.default_channel)
            while (message := bound.get()) is not None:
                told.append((message.properties["message_id"], json.loads(message.body)))
                message.ack()
        return told

    yield heard
    with Connection(url) as connection:
        queue(connection.default_channel).delete()


def assert_told(poll: TownPoll, heard: list[tuple[str, dict[str, Any]]], counted: int) -> None:
    """Every event arrived, in order however often; turnout never fell, and ends at the count."""
    once = dict(reversed([(i, body) for i, body in heard if body.get("poll_id") == poll.id]))
    assert set(once) == set(poll.emitted())
    first = {event_id: body for event_id, body in heard if event_id in once}
    turnouts = [body["online"] for body in first.values() if "online" in body]
    assert turnouts == sorted(turnouts)
    assert turnouts[-1] == counted
