"""Scratch: suspects. Needs: db, broker."""
import json, time, logging
from datetime import UTC, datetime
import eventlet, pytest
from kombu import Connection, Producer
from sqlalchemy import create_engine, text
from services.contracts.errors import ShequError
from services.contracts.events import Envelope
from services.contracts.ids import new_id
from services.kit import wire
from services.kit.uow import UnitOfWorkFactory
from tests.support import infra
from tests.support.green_caller import Caller
from tests.support.probe import ProbeService, ProbeTold, Settings
from tests.green.test_kit_events import Bench, until, headers_of

pytestmark = [pytest.mark.db, pytest.mark.broker]


def died(container):
    return container._died.ready() or container._being_killed


@pytest.fixture
def rig(start, probe_database, amqp_url):
    container = start(ProbeService, Settings, probe_database, amqp_url)
    engine = create_engine(probe_database)
    bench = Bench(engine, amqp_url)
    bench.container = container
    bench.caller = Caller(amqp_url)
    yield bench
    bench.caller.close()
    engine.dispose()


def test_t1_xmin_belongs_to_the_rows(rig, signer, monkeypatch):
    from services.kit import uow as uow_module
    token = signer.token()
    wrote = {}
    plain = uow_module.UnitOfWork.commit

    def commit(self):
        plain(self)
        if self._read_only and not wrote:
            with rig.units() as other:
                other.session.execute(text("INSERT INTO note (thing, author) VALUES ('x','late')"))
                other.commit()
                wrote["xid"] = other.xid
    monkeypatch.setattr(uow_module.UnitOfWork, "commit", commit)
    read = rig.caller.call("probe", "probe_read", word="x")
    print(read, wrote)
    assert read["data"]["by"] == "" 
    assert read["xmin"] <= wrote["xid"]


def test_t2_call_id_stack(rig):
    with Connection(rig.amqp_url) as connection:
        Producer(connection.channel(), serializer="json").publish(
            {"args": [], "kwargs": {"word": "x"}}, exchange="nameko-rpc",
            routing_key="probe.probe_echo", reply_to="r", correlation_id="c",
            headers={"nameko.call_id_stack": 7})
    eventlet.sleep(1)
    assert not died(rig.container)


@pytest.mark.parametrize("attempt", ["zzz", -1000, [1], 10**15])
def test_t3_attempt(rig, attempt):
    rig.publish('{"thing": "a", "mood": "never"}', {**headers_of("a"), "x-attempt": attempt})
    eventlet.sleep(1)
    assert not died(rig.container)


def test_t4_foreign_type(rig):
    rig.publish('{"person_id": "p"}', {**headers_of("a"), "cloudEvents:type": "person.deleted.v1"})
    until(lambda: rig.depth("probe.reactions.dlq") == 1, 5)
    letter = rig.dead_letter()
    print(letter.headers)
    assert letter.headers.get("x-attempt") is None


def vhost_of(url):
    return url.rsplit("/", 1)[1]


def test_t5_nacked_retry(rig):
    infra.rabbitmq().ctl("set_policy", "-p", vhost_of(rig.amqp_url), "full", "^retry", '{"max-length":0}', "--apply-to", "queues")
    eventlet.sleep(0.5)
    rig.tell("a", mood="never")
    eventlet.sleep(3)
    assert not died(rig.container)


def test_t6_unrouted_retry(rig):
    with Connection(rig.amqp_url) as connection:
        connection.channel().queue_unbind("retry.5s", "retry.5s", "")
    rig.tell("a", mood="once")
    until(lambda: rig.effects("a") == [1], 8)


def test_t8_bad_utf8(rig):
    import pika
    c = pika.BlockingConnection(pika.URLParameters(rig.amqp_url))
    ch = c.channel()
    ch.basic_publish("probe.events", "probe.told.v1", b'{"thing": "a"}', pika.BasicProperties(message_id=b"\xff\xfe", type="probe.told.v1", content_type="application/json", headers={"cloudEvents:id": "e1"}))
    c.close()
    eventlet.sleep(3)
    rig.tell("marker")
    print("died", died(rig.container), rig.effects("marker"), rig.depth("probe.reactions.dlq"))
    until(lambda: rig.effects("marker") == [1], 10)
    assert not died(rig.container)


def test_t10_logs(rig, capfd):
    with rig.engine.begin() as c:
        c.execute(text("CREATE UNIQUE INDEX ON effect (mood)"))
    rig.tell("a", mood="13800000001")
    until(lambda: rig.effects("a") == [1])
    rig.tell("b", mood="13800000001")
    eventlet.sleep(1)
    out = capfd.readouterr()
    print([l for l in (out.out + out.err).splitlines() if "13800000001" in l])
    assert "13800000001" not in out.out + out.err


def test_t12_poison_row(rig):
    with rig.engine.begin() as c:
        c.execute(text("INSERT INTO kit_outbox (event_id, exchange, routing_key, type, source, subject, subject_version, body, occurred_at) VALUES ('e0', 'probe.events', repeat('x', 300), 'probe.told.v1', 'probe', 'bad', 1, '{}', now())"))
    rig.tell("a")
    until(lambda: rig.effects("a") == [1], 12)


def test_t12b_missing_exchange(rig):
    with rig.engine.begin() as c:
        c.execute(text("INSERT INTO kit_outbox (event_id, exchange, routing_key, type, source, subject, subject_version, body, occurred_at) VALUES ('e0', 'no.such', 'x', 'probe.told.v1', 'probe', 'bad', 1, '{}', now())"))
    rig.tell("a")
    until(lambda: rig.effects("a") == [1], 12)


def test_t14_ladder_blocked(rig):
    with Connection(rig.amqp_url) as connection:
        producer = Producer(connection.channel())
        for n in range(100):
            producer.publish("{}", exchange="retry.5s", routing_key="retired.queue", content_type="application/json", content_encoding="utf-8", delivery_mode=2)
    eventlet.sleep(1)
    rig.tell("a", mood="once")
    until(lambda: rig.effects("a") == [1], 15)
