"""From emit to effect: outbox, relay, inbox, retry ladder, dead letters. Needs: db, broker."""

import json

import pytest
from kombu import Connection, Exchange, Queue
from sqlalchemy import create_engine, text

from tests.support.kit_bench import Bench, headers_of, until
from tests.support.probe import ProbeService, ProbeTold, Settings

pytestmark = [pytest.mark.db, pytest.mark.broker]


@pytest.fixture
def bench(start, probe_database, amqp_url):
    made = Bench(start(ProbeService, Settings, probe_database, amqp_url), probe_database, amqp_url)
    yield made
    made.close()


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


def test_a_retry_that_no_rung_takes_is_not_lost(bench):
    with Connection(bench.amqp_url) as connection:
        connection.channel().queue_unbind("retry.5s", "retry.5s", "")
    bench.tell("a", mood="once")
    until(lambda: bench.effects("a") == [1])
    assert bench.alive


def test_a_retry_that_its_rung_refuses_is_not_lost(bench):
    with Connection(bench.amqp_url) as connection:
        channel = connection.channel()
        channel.queue_unbind("retry.5s", "retry.5s", "")
        full = {"x-max-length": 0, "x-overflow": "reject-publish"}
        Queue(
            "full", Exchange("retry.5s", "fanout"), queue_arguments=full, channel=channel
        ).declare()
    bench.tell("a", mood="once")
    until(lambda: bench.effects("a") == [1])
    assert bench.alive


def test_retries_for_a_queue_that_is_gone_are_kept_apart_and_block_no_rung(bench):
    from services.kit import topology

    many = 40  # at-least-once dead-lettering has 32 messages of a queue under way, no more
    with Connection(bench.amqp_url) as connection:
        producer = connection.Producer(serializer="json")
        for number in range(many):
            producer.publish({"n": number}, exchange="retry.5s", routing_key="gone.for_good")
    until(lambda: bench.depth(topology.LOST) == many)
    bench.tell("a", mood="once")
    until(lambda: bench.effects("a") == [1])


def test_what_is_logged_of_a_failed_reaction_quotes_no_row(bench, capfd):
    bench.do("CREATE UNIQUE INDEX ON effect (mood)")
    bench.tell("a", mood="13800000001")
    until(lambda: bench.effects("a") == [1])
    bench.tell("b", mood="13800000001")
    logged: list[str] = []

    def retried():
        logged.extend(capfd.readouterr())
        return "IntegrityError" in "".join(logged)

    until(retried)
    assert "13800000001" not in "".join(logged)


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


def test_a_timer_works_through_what_is_due_and_may_ask_another_service(bench):
    bench.do("INSERT INTO due SELECT FROM generate_series(1, 25)")
    until(lambda: bench.rows("SELECT count(*) FROM due WHERE done_by = 'timer'") == [(25,)])


def test_events_outlast_a_database_that_is_away_longer_than_the_ladder(bench, monkeypatch):
    from services.kit import metrics, topology

    monkeypatch.setattr(topology, "LADDER", ("retry.5s", "retry.5s"))
    name = bench.engine.url.database
    admin = create_engine(bench.engine.url.set(database="postgres"), isolation_level="AUTOCOMMIT")
    put_off = metrics.EVENT_OUTCOMES.labels("probe.reactions", "retry")
    before = put_off._value.get()
    with admin.connect() as connection:
        connection.execute(text(f'ALTER DATABASE "{name}" ALLOW_CONNECTIONS false'))
        connection.execute(
            text("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = :n"),
            {"n": name},
        )
    # and after the outage an ordinary failure is tried again as ever
    bench.publish('{"thing": "patient", "mood": "once"}', headers_of("patient"))
    until(lambda: put_off._value.get() >= before + 5)  # more often than there are rungs
    with admin.connect() as connection:
        connection.execute(text(f'ALTER DATABASE "{name}" ALLOW_CONNECTIONS true'))
    until(lambda: bench.effects("patient") == [1])
    assert bench.depth("probe.reactions.dlq") == 0
    admin.dispose()
