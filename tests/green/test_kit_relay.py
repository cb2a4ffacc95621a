"""The relay: order, refusals, outages, one at a time. Needs: db, broker."""

import time

import eventlet
import pytest
from kombu import Connection, Exchange, Queue
from sqlalchemy import create_engine, text
from sqlalchemy.engine import make_url

from services.kit import relay as relay_module
from services.kit.relay import Relay, Row, waves
from services.kit.uow import UnitOfWorkFactory
from tests.support.grid_rig import Wire
from tests.support.kit_bench import until
from tests.support.probe import ProbeTold

pytestmark = [pytest.mark.db, pytest.mark.broker]


class Outbox:
    """An outbox with the broker side of it."""

    def __init__(self, database_url, amqp_url):
        self.database_url, self.amqp_url = database_url, amqp_url
        self.engine = create_engine(database_url)
        self.units = UnitOfWorkFactory(self.engine, "probe")
        self.broker = Connection(amqp_url)
        self.channel = self.broker.channel()
        Exchange("probe.events", "topic", durable=True, channel=self.channel).declare()
        self.relays = []

    def listen(self, **arguments):
        queue = Queue(
            "listener",
            Exchange("probe.events", "topic"),
            routing_key="#",
            durable=True,
            queue_arguments=arguments,
            channel=self.channel,
        )
        queue.declare()

    def emit(self, *things):
        with self.units() as uow:
            for thing in things:
                uow.emit(ProbeTold(thing=thing))
            uow.commit()

    def relay(self):
        relay = Relay(self.database_url, self.amqp_url, "probe")
        self.relays.append((relay, eventlet.spawn(relay.run)))
        return relay

    def received(self, count, seconds=30):
        got = []
        deadline = time.monotonic() + seconds
        while len(got) < count:
            assert time.monotonic() < deadline, got
            message = self.channel.basic_get("listener", no_ack=True)
            if message is None:
                eventlet.sleep(0.02)
            else:
                headers = message.headers
                got.append((headers["cloudEvents:subject"], headers["subject_version"]))
        return got

    def waiting(self):
        with self.engine.connect() as connection:
            return connection.scalar(
                text("SELECT count(*) FROM kit_outbox WHERE published_at IS NULL")
            )

    def close(self):
        for relay, thread in self.relays:
            relay.stop()
            with eventlet.Timeout(5, False):
                thread.wait()
        self.broker.release()
        self.engine.dispose()


@pytest.fixture
def outbox(probe_database, amqp_url):
    made = Outbox(probe_database, amqp_url)
    yield made
    made.close()


def row(number, subject):
    return Row(number, f"e{number}", "x", "k", "t", "s", subject, 1, "{}", "", None, "1")


def test_a_wave_never_holds_two_of_one_subject():
    rows = [row(i, subject) for i, subject in enumerate("abacab")]
    cut = waves(rows)
    assert [[r.subject for r in wave] for wave in cut] == [["a", "b", "c"], ["a", "b"], ["a"]]
    assert [r.id for wave in cut for r in wave if r.subject == "a"] == [0, 2, 4]


def test_events_of_a_subject_arrive_in_the_order_of_their_versions(outbox):
    outbox.listen()
    for _ in range(20):
        outbox.emit("a", "b", "a")
    outbox.relay()
    got = outbox.received(60)
    assert [v for s, v in got if s == "a"] == list(range(1, 41))
    assert [v for s, v in got if s == "b"] == list(range(1, 21))


def test_an_unroutable_event_somebody_waits_for_is_held_and_its_subject_with_it(
    outbox, monkeypatch
):
    monkeypatch.setattr(relay_module, "consumed_types", lambda: frozenset({ProbeTold.TYPE}))
    outbox.emit("a", "a", "b")
    relay = outbox.relay()
    until(lambda: relay.refused >= 2)
    assert relay.published == 0
    outbox.listen()
    assert sorted(outbox.received(3)) == [("a", 1), ("a", 2), ("b", 1)]
    until(lambda: outbox.waiting() == 0)


def test_an_event_nobody_waits_for_is_published_and_forgotten(outbox, monkeypatch):
    monkeypatch.setattr(relay_module, "consumed_types", frozenset)
    outbox.emit("a")
    relay = outbox.relay()
    until(lambda: outbox.waiting() == 0)
    assert relay.refused == 0


def test_a_full_queue_holds_the_events_back_until_there_is_room(outbox):
    outbox.listen(**{"x-max-length": 2, "x-overflow": "reject-publish"})
    outbox.emit("a", "b", "c", "d", "d")
    relay = outbox.relay()
    until(lambda: relay.refused >= 2)
    got = outbox.received(5, seconds=30)
    assert sorted(got) == [("a", 1), ("b", 1), ("c", 1), ("d", 1), ("d", 2)]
    assert got.index(("d", 1)) < got.index(("d", 2))


@pytest.mark.parametrize(("column", "value"), [("routing_key", "x" * 300), ("exchange", "x" * 300)])
def test_an_event_that_can_never_go_out_holds_up_its_own_subject_only(outbox, column, value):
    outbox.listen()
    outbox.emit("bad", "bad", "good")
    with outbox.engine.begin() as connection:
        connection.execute(text(f"UPDATE kit_outbox SET {column} = '{value}' WHERE id = 1"))
    relay = outbox.relay()
    assert outbox.received(1) == [("good", 1)]
    until(lambda: relay.refused and outbox.waiting() == 2)  # told before it is marked as told
    with outbox.engine.connect() as connection:
        rows = connection.execute(
            text("SELECT id, last_error FROM kit_outbox WHERE published_at IS NULL ORDER BY id")
        ).all()
    assert [(row.id, bool(row.last_error)) for row in rows] == [(1, True), (2, False)]


def test_an_exchange_that_was_lost_is_made_again_and_its_events_wait_for_a_queue(outbox):
    outbox.channel.exchange_delete("probe.events")
    relay = outbox.relay()
    outbox.emit("a")
    until(lambda: relay.refused)
    outbox.channel.exchange_declare("probe.events", "topic", passive=True)
    outbox.listen()
    assert outbox.received(1) == [("a", 1)]


def test_no_transaction_is_open_while_the_broker_is_waited_for(outbox, monkeypatch):
    """It would hold back vacuum and the age of every snapshot, and end after a minute."""
    seen = []
    plain = relay_module.Confirms.publish

    def publish(confirms, rows, mandatory):
        with outbox.engine.connect() as connection:
            seen.extend(
                connection.scalars(
                    text(
                        "SELECT state FROM pg_stat_activity WHERE datname = current_database() "
                        "AND application_name = 'probe.relay'"
                    )
                )
            )
        return plain(confirms, rows, mandatory)

    monkeypatch.setattr(relay_module.Confirms, "publish", publish)
    outbox.listen()
    outbox.emit("a")
    outbox.relay()
    outbox.received(1)
    assert seen == ["idle"]


def test_a_commit_wakes_the_relay(outbox, monkeypatch):
    monkeypatch.setattr(relay_module, "BEAT_SECONDS", 120.0)
    outbox.listen()
    relay = outbox.relay()
    until(lambda: relay.active)
    for number in range(3):
        outbox.emit(f"s{number}")
        assert outbox.received(1) == [(f"s{number}", 1)]


def test_two_relays_publish_each_event_once(outbox):
    outbox.listen()
    relays = [outbox.relay(), outbox.relay()]
    for number in range(30):
        outbox.emit(f"s{number}")
    assert len(set(outbox.received(30))) == 30
    until(lambda: outbox.waiting() == 0)
    assert outbox.channel.basic_get("listener", no_ack=True) is None
    assert sorted(relay.published for relay in relays) == [0, 30]


def test_two_relays_that_both_believe_to_be_the_one_keep_each_subject_in_order(outbox, monkeypatch):
    """What a relay that hung may do when it wakes up: at worst it says again what was said."""
    monkeypatch.setattr(Relay, "_try_lock", lambda _: True)
    outbox.listen()
    for _ in range(10):
        outbox.emit("a", "b", "a")
    outbox.relay()
    outbox.relay()
    for _ in range(10):
        outbox.emit("a", "b", "a")
    until(lambda: outbox.waiting() == 0)
    outbox.emit("end")
    got = []
    while ("end", 1) not in got:
        got += outbox.received(1)
    first = list(dict.fromkeys(got))
    assert [v for s, v in first if s == "a"] == list(range(1, 41))
    assert [v for s, v in first if s == "b"] == list(range(1, 21))


def test_when_the_active_relay_loses_its_database_another_takes_over(outbox):
    outbox.listen()
    first, second = outbox.relay(), outbox.relay()
    until(lambda: first.active or second.active)
    with outbox.engine.begin() as connection:
        connection.execute(
            text(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
                "WHERE application_name = 'probe.relay' AND datname = current_database()"
            )
        )
    outbox.emit("a")
    assert outbox.received(1) == [("a", 1)]


def test_a_killed_broker_connection_loses_no_event(outbox):
    outbox.listen()
    outbox.relay()
    outbox.emit("before")
    assert outbox.received(1) == [("before", 1)]
    outbox.relays[0][0]._broker._connection.transport.sock.close()
    outbox.emit("after")
    heard = outbox.received(1)
    while heard[-1] != ("after", 1):  # one whose confirm was on the way is told again
        assert heard[-1] == ("before", 1)
        heard += outbox.received(1)


def test_a_broker_that_falls_silent_while_a_channel_is_opened_is_given_up(
    outbox, amqp_url, monkeypatch
):
    url = make_url(amqp_url)
    wire = Wire(url.port)
    wire.connect()
    outbox.amqp_url = url.set(port=wire.port).render_as_string(hide_password=False)
    silences = []

    class Silenced(relay_module.Confirms):
        def __init__(self, connection):
            if not silences:
                wire.hang()
                silences.append(connection)
            super().__init__(connection)

    monkeypatch.setattr(relay_module, "Confirms", Silenced)
    monkeypatch.setattr(relay_module, "CONFIRM_SECONDS", 0.5)
    outbox.listen()
    relay = outbox.relay()
    outbox.emit("a")
    until(lambda: silences and not relay.active)
    wire.go_on()
    assert outbox.received(1) == [("a", 1)]
    relay.stop()
    wire.cut()
