"""Each defect of nameko 2.14.1 that concerns us: shown with plain nameko, cured in the kit.

The letters are those of the table in services/kit/nameko_bridge.py. Needs: db, broker.
"""

import json
import os
import subprocess
import sys
import time

import eventlet
import pytest
from kombu import Connection, Exchange, Queue
from nameko.constants import AMQP_URI_CONFIG_KEY
from nameko.containers import ServiceContainer
from nameko.dependency_providers import DependencyProvider
from nameko.events import event_handler
from nameko.rpc import RpcProxy
from nameko.rpc import rpc as plain_rpc
from sqlalchemy import create_engine, text
from sqlalchemy.engine import make_url

from services.contracts.errors import ShequError
from tests.support.green_caller import Caller
from tests.support.grid_rig import Wire
from tests.support.kit_bench import until
from tests.support.probe import ProbeService, Settings

pytestmark = [pytest.mark.db, pytest.mark.broker]


class PlainService:
    """What one writes with nameko alone."""

    name = "plain"
    other = RpcProxy("silent")

    @plain_rpc
    def echo(self, word):
        return word

    @plain_rpc
    def slow(self, seconds):
        eventlet.sleep(seconds)
        return "done"

    @plain_rpc
    def ask_the_silent(self):
        return self.other.anything()

    @event_handler("source", "told")
    def react(self, body):
        SEEN.append(body)
        raise RuntimeError("not today")


class BrittleProvider(DependencyProvider):
    """A dependency that cannot be had right now."""

    def get_dependency(self, worker_ctx):
        raise ConnectionError("database away")


class BrittleService:
    """Plain nameko with such a dependency."""

    name = "brittle"
    database = BrittleProvider()

    @plain_rpc
    def echo(self, word):
        return word


SEEN: list = []


def died(container):
    return container._died.ready()


@pytest.fixture
def plain():
    """``plain(Service, amqp_url)``: a running container of nameko's own."""
    containers = []

    def run(service, amqp_url):
        container = ServiceContainer(service, {AMQP_URI_CONFIG_KEY: amqp_url, "HEARTBEAT": 4})
        container.start()
        containers.append(container)
        return container

    yield run
    for container in containers:
        if not died(container):
            with eventlet.Timeout(5, False):
                container.kill()


@pytest.fixture
def wire(amqp_url):
    """A link to the test's vhost that can be cut; ``wire.url`` goes through it."""
    url = make_url(amqp_url)
    link = Wire(url.port)
    link.connect()
    link.url = url.set(port=link.port).render_as_string(hide_password=False)
    yield link
    link.cut()


def send_raw(amqp_url, routing_key, body, **properties):
    with Connection(amqp_url) as connection:
        connection.Producer().publish(
            body,
            exchange="nameko-rpc",
            routing_key=routing_key,
            content_type=properties.pop("content_type", "application/json"),
            content_encoding="utf-8",
            **properties,
        )


def depth(amqp_url, queue):
    with Connection(amqp_url) as connection:
        return connection.channel().queue_declare(queue, passive=True).message_count


class TestABrokerOutageDuringACall:
    def test_kills_plain_nameko(self, wire, plain, amqp_url):
        container = plain(PlainService, wire.url)
        caller = Caller(amqp_url)
        caller.send("plain", "slow", {"seconds": 0.6})
        until(lambda: container._worker_threads)
        wire.cut()
        until(lambda: died(container) or container._being_killed, seconds=20)
        caller.close()

    def test_is_survived_and_the_call_has_one_effect(
        self, wire, start, probe_database, amqp_url, signer
    ):
        container = start(ProbeService, Settings, probe_database, wire.url)
        caller = Caller(amqp_url)
        sent = caller.send(
            "probe", "probe_note", {"thing": "t", "seconds": 0.6}, token=signer.token()
        )
        until(lambda: container._worker_threads)
        wire.cut()
        until(lambda: not container._worker_threads)  # its reply found no broker
        wire.connect()
        assert json.loads(caller.wait(sent, timeout=15)["result"]["json"])["word"] == "t"
        engine = create_engine(probe_database)
        with engine.connect() as connection:
            assert connection.scalar(text("SELECT count(*) FROM note")) == 1
        engine.dispose()
        assert not died(container)
        assert caller.call("probe", "probe_echo", timeout=15, word="still here")
        caller.close()


class TestBARequestWithoutReplyTo:
    def test_kills_plain_nameko(self, plain, amqp_url):
        container = plain(PlainService, amqp_url)
        send_raw(amqp_url, "plain.echo", '{"args": ["x"], "kwargs": {}}')
        until(lambda: died(container) or container._being_killed)

    @pytest.mark.parametrize("missing", ["reply_to", "correlation_id", "both"])
    def test_is_put_aside(self, start, probe_database, amqp_url, missing):
        container = start(ProbeService, Settings, probe_database, amqp_url)
        properties = {"reply_to": "r", "correlation_id": "c"}
        for name in properties if missing == "both" else [missing]:
            properties = {k: v for k, v in properties.items() if k != name}
        send_raw(amqp_url, "probe.probe_echo", '{"args": [], "kwargs": {}}', **properties)
        caller = Caller(amqp_url)
        assert caller.call("probe", "probe_echo", word="still here")
        assert not died(container)
        assert depth(amqp_url, "rpc-probe") == 0
        caller.close()

    @pytest.mark.parametrize(
        ("body", "content_type"),
        [
            ("{not json", "application/json"),
            ("[]", "application/json"),
            ('{"kwargs": {}}', "application/json"),
            ('{"args": [], "kwargs": []}', "application/json"),
            ('{"args": {}, "kwargs": {"word": "x"}}', "application/json"),
            ('{"args": [1, 2], "kwargs": {}}', "application/json"),
            (b"\x80\x04K\x01.", "application/x-python-serialize"),
            ("text", "text/plain"),
        ],
    )
    def test_nor_does_any_other_malformed_request(
        self, start, probe_database, amqp_url, body, content_type
    ):
        container = start(ProbeService, Settings, probe_database, amqp_url)
        send_raw(
            amqp_url,
            "probe.probe_echo",
            body,
            content_type=content_type,
            reply_to="r",
            correlation_id="c",
        )
        caller = Caller(amqp_url)
        assert caller.call("probe", "probe_echo", word="still here")
        assert not died(container)
        caller.close()


class TestCALostReply:
    @staticmethod
    def silent(amqp_url):
        """A service queue that takes requests and never answers."""
        connection = Connection(amqp_url)
        Queue(
            "rpc-silent",
            Exchange("nameko-rpc", "topic", durable=True),
            routing_key="silent.*",
            durable=True,
            channel=connection.channel(),
        ).declare()
        return connection

    def test_makes_plain_nameko_wait_for_ever(self, plain, amqp_url):
        broker = self.silent(amqp_url)
        plain(PlainService, amqp_url)
        caller = Caller(amqp_url)
        with pytest.raises(TimeoutError):
            caller.wait(caller.send("plain", "ask_the_silent", {}), timeout=3)
        caller.close()
        broker.release()

    def test_is_given_up_after_the_limit_and_forgotten(self, start, probe_database, amqp_url):
        broker = self.silent(amqp_url)
        container = start(ProbeService, Settings, probe_database, amqp_url)
        chassis = next(d for d in container.dependencies if d.attr_name == "chassis")
        started = time.monotonic()
        with pytest.raises(ShequError) as caught:
            chassis.replies.ask("silent", "anything", {}, {}, timeout=0.5)
        assert caught.value.code == "server.timed_out"
        assert time.monotonic() - started < 3
        assert chassis.replies._reply_events == {}
        broker.release()

    def test_and_a_service_that_nobody_runs_is_named_at_once(self, start, probe_database, amqp_url):
        container = start(ProbeService, Settings, probe_database, amqp_url)
        chassis = next(d for d in container.dependencies if d.attr_name == "chassis")
        started = time.monotonic()
        with pytest.raises(ShequError) as caught:
            chassis.replies.ask("nowhere", "anything", {}, {}, timeout=5)
        assert caught.value.code == "server.unavailable"
        assert time.monotonic() - started < 2


class TestDAFailingReaction:
    def test_loses_the_event_with_plain_nameko(self, plain, amqp_url):
        SEEN.clear()
        plain(PlainService, amqp_url)
        queue = "evt-source-told--plain.react"
        with Connection(amqp_url) as connection:
            connection.Producer(serializer="json").publish(
                {"n": 1}, exchange="source.events", routing_key="told"
            )
        until(lambda: SEEN)
        until(lambda: depth(amqp_url, queue) == 0)
        assert len(SEEN) == 1  # tried once, acknowledged, gone

    def test_loses_an_undecodable_event_with_plain_nameko(self, plain, amqp_url):
        plain(PlainService, amqp_url)
        with Connection(amqp_url) as connection:
            connection.Producer().publish(
                "{not json",
                exchange="source.events",
                routing_key="told",
                content_type="application/json",
                content_encoding="utf-8",
            )
        until(lambda: depth(amqp_url, "evt-source-told--plain.react") == 0)

    # the cures: test_kit_events.py (retry ladder, dead letters, undecodable bodies)


class TestEHealth:
    def test_readiness_looks_at_the_consumer_and_the_database(self, wire, start, probe_database):
        container = start(ProbeService, Settings, probe_database, wire.url)
        chassis = next(d for d in container.dependencies if d.attr_name == "chassis")
        until(lambda: chassis.health.facts() == {"consumer": True, "database": True})
        wire.cut()
        until(lambda: chassis.health.facts() == {"consumer": False, "database": True})
        wire.connect()
        until(lambda: chassis.health.facts() == {"consumer": True, "database": True})


class TestFAnErrorInADependency:
    def test_kills_plain_nameko(self, plain, amqp_url):
        container = plain(BrittleService, amqp_url)
        caller = Caller(amqp_url)
        caller.send("brittle", "echo", {"word": "x"})
        until(lambda: died(container) or container._being_killed)
        caller.close()

    def test_a_lost_database_is_an_answer_and_it_comes_back(
        self, start, probe_database, amqp_url, signer
    ):
        container = start(ProbeService, Settings, probe_database, amqp_url)
        admin = create_engine(
            make_url(probe_database).set(database="postgres"), isolation_level="AUTOCOMMIT"
        )
        name = make_url(probe_database).database
        caller = Caller(amqp_url)
        context = {"token": signer.token()}
        caller.call_as(context, "probe", "probe_note", thing="before")
        with admin.connect() as connection:
            connection.execute(text(f'ALTER DATABASE "{name}" ALLOW_CONNECTIONS false'))
            connection.execute(
                text("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = :n"),
                {"n": name},
            )
        with pytest.raises(ShequError) as caught:
            caller.call_as(context, "probe", "probe_note", thing="during")
        assert caught.value.code == "server.unavailable"
        assert caught.value.retry_after is not None
        assert not died(container)
        with admin.connect() as connection:
            connection.execute(text(f'ALTER DATABASE "{name}" ALLOW_CONNECTIONS true'))
        assert caller.call_as(context, "probe", "probe_note", thing="after")
        caller.close()
        admin.dispose()


class TestJAReplyThatNobodyWaitsFor:
    def test_leaves_nothing_behind(self, start, probe_database, amqp_url):
        container = start(ProbeService, Settings, probe_database, amqp_url)
        chassis = next(d for d in container.dependencies if d.attr_name == "chassis")
        for _ in range(5):
            with pytest.raises(ShequError):
                chassis.replies.ask(
                    "probe", "probe_slow", {"thing": "t", "seconds": 0.3}, {}, timeout=0.05
                )
        assert chassis.replies._reply_events == {}


class TestKTypes:
    def test_plain_nameko_lets_anything_through(self, plain, amqp_url):
        plain(PlainService, amqp_url)
        caller = Caller(amqp_url)
        answer = caller.wait(caller.send("plain", "echo", {"word": {"not": "a word"}}))
        assert answer["result"] == {"not": "a word"}
        caller.close()

    # the cure: test_kit_calls.py::test_a_wrong_shape_names_its_field


class TestLNames:
    def test_the_runner_switches_greendns_off_before_eventlet_is_imported(self):
        code = (
            "import sys; import services.kit.runner, os, eventlet.support.greendns as g; "
            "print(os.environ['EVENTLET_NO_GREENDNS'], 'dns' in sys.modules)"
        )
        env = {k: v for k, v in os.environ.items() if k != "EVENTLET_NO_GREENDNS"}
        done = subprocess.run(
            [sys.executable, "-W", "ignore", "-c", code],
            capture_output=True,
            text=True,
            env=env,
            timeout=60,
        )
        assert done.stdout.split()[:1] == ["yes"], done.stderr


class TestTheStop:
    def test_is_bounded_while_a_call_hangs(self, start, probe_database, amqp_url):
        container = start(ProbeService, Settings, probe_database, amqp_url)
        caller = Caller(amqp_url)
        caller.send("probe", "probe_slow", {"thing": "t", "seconds": 0.5})
        until(lambda: container._worker_threads)
        started = time.monotonic()
        container.stop()
        assert time.monotonic() - started < 5
        caller.close()
