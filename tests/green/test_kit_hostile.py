"""Messages that somebody else wrote badly stop nobody. Needs: db, broker.

The grid platform writes into an exchange of ours; a rolled back release may leave anything in a
queue. Whatever stands in a message, the service lives and the other messages are handled.
"""

import pika
import pytest
from kombu import Connection, Producer

from services.kit import topology
from tests.support.kit_bench import Bench, headers_of, until
from tests.support.probe import ProbeService, Settings

pytestmark = [pytest.mark.db, pytest.mark.broker]


@pytest.fixture
def bench(start, probe_database, amqp_url):
    made = Bench(start(ProbeService, Settings, probe_database, amqp_url), probe_database, amqp_url)
    yield made
    made.close()


def goes_on(bench):
    bench.tell("marker")
    until(lambda: bench.effects("marker") == [1])
    assert bench.caller.call("probe", "probe_echo", word="still here")
    return bench.alive


@pytest.mark.parametrize("attempt", ["many", -1000, [1], 10**15])
def test_an_attempt_that_is_no_such_number_ends_as_any_other(bench, monkeypatch, attempt):
    monkeypatch.setattr(topology, "LADDER", ("retry.5s", "retry.5s"))
    bench.publish('{"thing": "a", "mood": "never"}', {**headers_of("a"), "x-attempt": attempt})
    until(lambda: bench.depth("probe.reactions.dlq") == 1)
    assert goes_on(bench)


def test_an_event_of_another_queue_is_a_dead_letter_at_once(bench):
    headers = {**headers_of("a"), "cloudEvents:type": "person.deleted.v1"}
    bench.publish('{"person_id": "p-1"}', headers)
    until(lambda: bench.depth("probe.reactions.dlq") == 1)
    assert "x-attempt" not in bench.dead_letter().headers


@pytest.mark.parametrize("name", ["message_id", "type", "content_type", "correlation_id"])
def test_properties_that_are_no_text_make_a_dead_letter(bench, name):
    connection = pika.BlockingConnection(pika.URLParameters(bench.amqp_url))
    connection.channel().basic_publish(
        "probe.events", "probe.told.v1", b'{"thing": "a"}',
        pika.BasicProperties(**{name: b"\xff\xfe"}, headers={"cloudEvents:id": "e-1"}),
    )  # fmt: skip
    connection.close()
    until(lambda: bench.depth("probe.reactions.dlq") == 1)
    assert goes_on(bench)


@pytest.mark.parametrize("stack", [7, [1], "text", {"a": 1}])
def test_a_request_with_a_strange_call_stack_is_answered(bench, stack):
    producer = Producer(Connection(bench.amqp_url).channel(), serializer="json")
    producer.publish(
        {"args": [], "kwargs": {"word": "x"}},
        exchange="nameko-rpc",
        routing_key="probe.probe_echo",
        reply_to=bench.caller.key,
        correlation_id="strange",
        headers={"nameko.call_id_stack": stack},
    )
    assert bench.caller.wait("strange", timeout=10)["error"] is None
    producer.channel.connection.client.release()
    assert goes_on(bench)


def test_the_ids_of_a_message_cannot_be_overwritten_by_its_headers(bench, signer):
    context = {"token": signer.token()}
    first = bench.caller.call_as(context, "probe", "probe_note", thing="first")
    producer = Producer(Connection(bench.amqp_url).channel(), serializer="json")
    key = bench.rows("SELECT key FROM kit_answer")[0].key.removeprefix("c:")
    producer.publish(
        {"args": [], "kwargs": {"thing": "second"}},
        exchange="nameko-rpc",
        routing_key="probe.probe_note",
        reply_to=bench.caller.key,
        correlation_id="another",
        headers={"nameko.token": context["token"], "correlation_id": key, "redelivered": True},
    )
    reply = bench.caller.wait("another", timeout=10)
    assert "replayed" not in reply["result"]
    assert reply["result"]["json"] != first["json"]
    producer.channel.connection.client.release()
