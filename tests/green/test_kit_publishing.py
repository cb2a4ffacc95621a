"""Answers, questions and retries on their way to a broker that is ill. Needs: broker."""

import time

import eventlet
import pytest
from kombu import Connection, Exchange, Queue
from sqlalchemy.engine import make_url

from services.kit.publishing import NotPublished, Publisher
from tests.support.grid_rig import Wire

pytestmark = pytest.mark.broker


@pytest.fixture
def mute():
    """The URL of a broker that takes connections and never says a word."""
    listener = eventlet.listen(("127.0.0.1", 0))
    yield f"amqp://guest:guest@127.0.0.1:{listener.getsockname()[1]}//"
    listener.close()


@pytest.fixture
def wire(amqp_url):
    """A link to the test's vhost that can be cut; ``wire.url`` goes through it."""
    url = make_url(amqp_url)
    link = Wire(url.port)
    link.connect()
    link.url = url.set(port=link.port).render_as_string(hide_password=False)
    yield link
    link.cut()


@pytest.fixture
def queue(amqp_url):
    """A queue ``somewhere`` bound to the exchange ``there``."""
    connection = Connection(amqp_url)
    made = Queue("somewhere", Exchange("there"), routing_key="here", channel=connection.channel())
    made.declare()
    yield made
    connection.release()


def publisher(url, confirm=True):
    return Publisher(url, heartbeat=10, confirm=confirm)


@pytest.mark.parametrize("confirm", [True, False])
def test_nobody_waits_longer_than_the_limit_for_a_broker_that_says_nothing(mute, confirm):
    ill = publisher(mute, confirm)
    results = []

    def publish():
        started = time.monotonic()
        with pytest.raises(NotPublished):
            ill.publish({}, exchange="there", routing_key="here", seconds=0.5)
        results.append(time.monotonic() - started)

    for thread in [eventlet.spawn(publish) for _ in range(3)]:
        thread.wait()
    assert len(results) == 3
    assert max(results) < 1.5


def test_what_no_queue_takes_is_not_published(amqp_url, queue):
    with pytest.raises(NotPublished, match="no queue takes nowhere"):
        publisher(amqp_url).publish({}, exchange="there", routing_key="nowhere")


@pytest.mark.parametrize("confirm", [True, False])
def test_after_an_outage_the_first_message_gets_through_already(wire, queue, confirm):
    ours = publisher(wire.url, confirm)
    ours.publish({"n": 1}, exchange="there", routing_key="here")
    wire.cut()
    with pytest.raises(NotPublished):
        ours.publish({"n": 2}, exchange="there", routing_key="here")
    wire.connect()
    ours.publish({"n": 3}, exchange="there", routing_key="here")
    got = []
    deadline = time.monotonic() + 10
    while 3 not in got:
        assert time.monotonic() < deadline, got
        message = queue.get(no_ack=True)
        if message is not None:
            got.append(message.payload["n"])
        eventlet.sleep(0.02)
    ours.close()
