"""A service as a process: start, stop, refusal, an end in the middle of work. Needs: db, broker."""

import json
import os
import signal
import subprocess
import sys
import time
import urllib.error
import urllib.request
from pathlib import Path

import pytest
from kombu import Connection
from sqlalchemy import create_engine, text
from sqlalchemy.engine import make_url

from deploy.local.system import free_port
from services.contracts.events import Envelope
from services.contracts.ids import new_id
from services.kit import schema, topology, wire
from tests.support import probe
from tests.support.grid_rig import Wire
from tests.support.keys import Signer

pytestmark = [pytest.mark.e2e, pytest.mark.db, pytest.mark.broker]
ROOT = Path(__file__).resolve().parents[2]


def until(condition, seconds=30):
    """Wait for a condition."""
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "waited in vain"
        time.sleep(0.03)


class Probe:
    """The probe service as a process of its own."""

    def __init__(self, tmp_path, database_url, amqp_url):
        self.port = free_port()
        self.log = tmp_path / "probe.log"
        self.environment = {
            **os.environ,
            "SHEQU_ENV": "test",
            "SHEQU_PROBE_DATABASE_URL": database_url,
            "SHEQU_AMQP_URL": amqp_url,
            "SHEQU_JWKS_FILE": str(Signer(tmp_path).jwks_file),
            "SHEQU_HEALTH_PORT": str(self.port),
            "SHEQU_RETRY_SCALE": "0.02",
        }
        self.process = None

    def start(self, **changes):
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "tests.bench.probe_service"],
                cwd=ROOT,
                env={**self.environment, **changes},
                stdout=log,
                stderr=log,
            )
        return self

    def page(self, path):
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{self.port}{path}", timeout=5) as answer:
                return answer.status, answer.read()
        except urllib.error.HTTPError as error:
            return error.code, error.read()
        except OSError:
            return 0, b""

    def ready(self):
        return self.page("/readyz")[0] == 200

    def stop(self, sign=signal.SIGTERM, seconds=20):
        self.process.send_signal(sign)
        return self.process.wait(seconds)


@pytest.fixture
def database(make_database):
    url = make_database(None)
    engine = create_engine(url)
    with engine.begin() as connection:
        for statement in (*schema.DDL, *probe.DDL):
            connection.execute(text(statement))
    engine.dispose()
    return url


@pytest.fixture
def probe_process(tmp_path, database, amqp_url):
    process = Probe(tmp_path, database, amqp_url)
    yield process
    if process.process and process.process.poll() is None:
        process.process.kill()
        process.process.wait(10)


def tell(amqp_url, thing, event_id):
    with Connection(amqp_url) as connection:
        connection.Producer(serializer="json").publish(
            {"thing": thing},
            exchange="probe.events",
            routing_key="probe.told.v1",
            headers=wire.event_headers(
                Envelope(event_id, "probe", "probe.told.v1", thing, 1, probe.NOON)
            ),
        )


def test_it_becomes_ready_and_stops_when_asked(probe_process):
    probe_process.start()
    until(probe_process.ready)
    assert probe_process.page("/healthz")[0] == 200
    assert b"shequ_outbox_waiting" in probe_process.page("/metrics")[1]
    assert probe_process.stop() == 0
    events = [json.loads(line)["event"] for line in probe_process.log.read_text().splitlines()]
    assert events[-1] == "service has stopped"


def test_unsafe_settings_are_refused_before_anything_is_served(probe_process):
    probe_process.start(SHEQU_ENV="production", SHEQU_DEMO="1")
    assert probe_process.process.wait(20) == 2
    assert "SHEQU_DEMO" in probe_process.log.read_text()


def test_it_waits_for_a_broker_that_comes_later(probe_process, amqp_url):
    url = make_url(amqp_url)
    link = Wire(url.port)
    through = url.set(port=link.port).render_as_string(hide_password=False)
    try:
        probe_process.start(SHEQU_AMQP_URL=through)
        until(lambda: "waiting for the broker" in probe_process.log.read_text())
        link.connect()
        until(probe_process.ready)
        link.cut()
        until(lambda: probe_process.page("/readyz")[0] == 503)
        link.connect()
        until(probe_process.ready)
        assert probe_process.stop() == 0
    finally:
        link.cut()


def test_killed_in_the_middle_it_leaves_its_work_to_the_next(probe_process, database, amqp_url):
    topology.declare(amqp_url, 0.02)
    engine = create_engine(database)
    ids = [new_id() for _ in range(200)]
    for number, event_id in enumerate(ids):
        tell(amqp_url, f"t{number}", event_id)

    def effects():
        with engine.connect() as connection:
            return connection.execute(
                text("SELECT count(*), count(DISTINCT thing) FROM effect")
            ).one()

    for _ in range(2):
        seen = effects()[0]
        probe_process.start()
        until(lambda seen=seen: effects()[0] > seen)
        probe_process.stop(signal.SIGKILL)
    probe_process.start()
    until(lambda: effects()[0] >= 200)
    assert tuple(effects()) == (200, 200)
    engine.dispose()
