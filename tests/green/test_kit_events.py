"""From emit to effect: outbox, relay, inbox, retry ladder, dead letters. Needs: db, broker."""

import json
import time
from datetime import UTC, datetime

import eventlet
import pytest
from kombu import Connection, Producer
from sqlalchemy import create_engine, text

from services.contracts.events import Envelope
from services.contracts.ids import new_id
from services.kit import wire
from services.kit.uow import UnitOfWorkFactory
from tests.support.probe import ProbeService, ProbeTold, Settings

pytestmark = [pytest.mark.db, pytest.mark.broker]


class Bench:
    """A running probe with its database and broker at hand."""

    def __init__(self, engine, amqp_url):
        self.engine = engine
        self.amqp_url = amqp_url
        self.units = UnitOfWorkFactory(engine, "probe")

    def tell(self, thing, mood="fine", times=1):
        with self.units() as uow:
            for _ in range(times):
                uow.emit(ProbeTold(thing=thing, mood=mood))
            uow.commit()

    def effects(self, thing):
        with self.engine.connect() as connection:
            rows = connection.execute(
                text("SELECT version FROM effect WHERE thing = :t ORDER BY version"), {"t": thing}
            )
            return [row.version for row in rows]

    def publish(self, body, headers=None, **properties):
        with Connection(self.amqp_url) as connection:
            Producer(connection.channel()).publish(
                body,
                exchange="probe.events",
                routing_key="probe.told.v1",
                headers=headers or {},
                content_type="application/json",
                content_encoding="utf-8",
                **properties,
            )

    def depth(self, queue):
        with Connection(self.amqp_url) as connection:
            return connection.channel().queue_declare(queue, passive=True).message_count

    def dead_letter(self):
        with Connection(self.amqp_url) as connection:
            return connection.channel().basic_get("probe.reactions.dlq", no_ack=True)


def until(condition, seconds=30):
    """Wait for a condition."""
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "waited in vain"
        eventlet.sleep(0.02)


@pytest.fixture
def bench(start, probe_database, amqp_url):
    start(ProbeService, Settings, probe_database, amqp_url)
    engine = create_engine(probe_database)
    yield Bench(engine, amqp_url)
    engine.dispose()


def headers_of(thing, version=1, event_id=None):
    return wire.event_headers(
        Envelope(event_id or new_id(), "probe", "probe.told.v1", thing, version, datetime.now(UTC))
    )


def test_an_emitted_event_has_its_effect_once(bench):
    bench.tell("a")
    until(lambda: bench.effects("a") == [1])


def test_versions_grow_by_one_per_subject(bench):
    bench.tell("a", times=3)
    bench.tell("b")
    bench.tell("a")
    until(lambda: bench.effects("a") == [1, 2, 3, 4] and bench.effects("b") == [1])


def test_what_is_rolled_back_is_never_told(bench):
    with bench.units() as uow:
        uow.emit(ProbeTold(thing="ghost"))
    bench.tell("real")
    until(lambda: bench.effects("real") == [1])
    assert bench.effects("ghost") == []


def test_a_repeated_delivery_has_no_second_effect(bench):
    headers = headers_of("a", event_id="e-1")
    for _ in range(3):
        bench.publish('{"thing": "a"}', headers)
    bench.tell("marker")
    until(lambda: bench.effects("marker") == [1] and bench.depth("probe.reactions") == 0)
    assert bench.effects("a") == [1]


def test_a_failed_reaction_is_tried_again_later(bench):
    bench.tell("a", mood="once")
    until(lambda: bench.effects("a") == [1])


def test_a_rejected_event_goes_to_the_dead_letters_and_leaves_nothing(bench):
    bench.tell("a", mood="poison")
    until(lambda: bench.depth("probe.reactions.dlq") == 1)
    assert bench.effects("a") == []
    letter = bench.dead_letter()
    assert letter.headers["x-death"][0]["reason"] == "rejected"
    assert json.loads(letter.body)["mood"] == "poison"


def test_after_the_last_rung_the_event_is_dead_but_kept(bench, monkeypatch):
    from services.kit import topology

    monkeypatch.setattr(topology, "LADDER", ("retry.5s", "retry.5s"))
    bench.tell("a", mood="never")
    until(lambda: bench.depth("probe.reactions.dlq") == 1)
    assert bench.dead_letter().headers["x-attempt"] == 2


@pytest.mark.parametrize(
    "body", ["{not json", "[]", '"text"', '{"mood": "fine"}', '{"thing": {"a": 1}}']
)
def test_a_bad_message_is_kept_apart_and_stops_nobody(bench, body):
    bench.publish(body, headers_of("a"))
    bench.tell("marker")
    until(lambda: bench.effects("marker") == [1])
    until(lambda: bench.depth("probe.reactions.dlq") == 1)
    assert bench.dead_letter().body == body


def test_a_message_without_id_or_of_unknown_type_is_a_dead_letter(bench):
    bench.publish('{"thing": "a"}')
    bench.publish('{"thing": "a"}', {**headers_of("a"), "cloudEvents:type": "probe.unheard.v9"})
    until(lambda: bench.depth("probe.reactions.dlq") == 2)


def test_unknown_fields_of_a_newer_writer_are_passed_over(bench):
    bench.publish('{"thing": "a", "added_in_2027": true}', headers_of("a"))
    until(lambda: bench.effects("a") == [1])


def test_a_timer_works_through_what_is_due(bench):
    with bench.engine.begin() as connection:
        connection.execute(text("INSERT INTO due SELECT FROM generate_series(1, 25)"))

    def all_done():
        with bench.engine.connect() as connection:
            return not connection.scalar(text("SELECT count(*) FROM due WHERE done_by IS NULL"))

    until(all_done)
