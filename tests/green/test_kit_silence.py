"""Servers that hang, which is worse than being gone: nothing says so. Needs: db, broker."""

import time

import eventlet
import pytest
from sqlalchemy import text
from sqlalchemy.engine import make_url
from sqlalchemy.exc import OperationalError

from services.kit import db, metrics, upkeep
from services.kit import relay as relay_module
from services.kit.health import HealthServer
from tests.support.grid_rig import Wire
from tests.support.kit_bench import Bench, chassis_of, until
from tests.support.probe import ProbeService, Settings

pytestmark = [pytest.mark.db, pytest.mark.broker]


def through(url):
    """A wire in front of the server of ``url``, and the address that leads through it."""
    parsed = make_url(url)
    wire = Wire(parsed.port)
    wire.connect()
    return wire, parsed.set(port=wire.port).render_as_string(hide_password=False)


@pytest.fixture
def broker(amqp_url):
    wire, url = through(amqp_url)
    wire.url = url
    yield wire
    wire.cut()


@pytest.fixture
def database(probe_database):
    wire, url = through(probe_database)
    wire.url = url
    yield wire
    wire.cut()


def readiness(container):
    return HealthServer(chassis_of(container), "127.0.0.1", 0).facts()


def test_a_service_leaves_a_broker_that_fell_silent_and_attaches_anew(
    broker, start, probe_database, amqp_url
):
    container = start(ProbeService, Settings, probe_database, broker.url, heartbeat=2)
    bench = Bench(container, probe_database, amqp_url)
    bench.tell("before")
    until(lambda: bench.effects("before") == [1])
    assert readiness(container)["consumer"]
    broker.silence()
    until(lambda: not readiness(container)["consumer"])
    until(lambda: readiness(container)["consumer"])
    bench.tell("after")
    until(lambda: bench.effects("after") == [1])
    assert bench.alive


def test_a_question_to_a_silent_database_is_given_up_and_the_next_one_goes_through(
    database, monkeypatch
):
    engine = db.make_engine(database.url, pool=1, statement_timeout_ms=500)
    with engine.connect() as connection:
        connection.connection.dbapi_connection.silence_seconds = 0.5
    database.silence()
    started = time.monotonic()
    with pytest.raises(OperationalError) as given_up, engine.connect() as connection:
        connection.execute(text("SELECT 1"))
    assert time.monotonic() - started < 3
    assert given_up.value.connection_invalidated
    assert db.not_there(given_up.value)
    with engine.connect() as connection:
        assert connection.scalar(text("SELECT 2")) == 2
    engine.dispose()


def test_others_go_on_while_a_silent_database_is_waited_for(database):
    engine = db.make_engine(database.url, pool=1)
    with engine.connect() as connection:
        connection.connection.dbapi_connection.silence_seconds = 1.0
    database.silence()
    ticks = []

    def tick():
        while True:
            ticks.append(1)
            eventlet.sleep(0.02)

    ticking = eventlet.spawn(tick)
    with pytest.raises(OperationalError), engine.connect() as connection:
        connection.execute(text("SELECT 1"))
    ticking.kill()
    engine.dispose()
    assert len(ticks) > 10


def test_the_relay_leaves_a_silent_database_and_goes_on(
    database, start, probe_database, amqp_url, monkeypatch
):
    monkeypatch.setattr(db.Bounded, "silence_seconds", 1.0)
    monkeypatch.setattr(relay_module, "BEAT_SECONDS", 0.5)
    monkeypatch.setattr(db, "_allow", lambda *_: None)
    container = start(ProbeService, Settings, database.url, amqp_url)
    bench = Bench(container, probe_database, amqp_url)
    bench.tell("before")
    until(lambda: bench.effects("before") == [1])
    database.silence()
    bench.tell("after")
    until(lambda: bench.effects("after") == [1])


def test_what_waits_in_the_outbox_is_measured_while_the_broker_is_away(
    broker, start, probe_database, amqp_url
):
    container = start(ProbeService, Settings, probe_database, broker.url, heartbeat=2)
    chassis = chassis_of(container)
    bench = Bench(container, probe_database, amqp_url)
    broker.cut()
    bench.tell("a", times=3)
    until(lambda: not chassis.relay.active)
    upkeep.observe(chassis)
    assert metrics.OUTBOX_WAITING._value.get() == 3
    assert metrics.OUTBOX_LAG._value.get() > 0
    broker.connect()
    until(lambda: len(bench.effects("a")) == 3)
