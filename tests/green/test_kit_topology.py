"""The topology in a real broker: declared, compared, harmless to repeat. Needs: broker."""

import pytest
from kombu import Connection

from services.kit import topology

pytestmark = pytest.mark.broker


def test_declaring_twice_is_harmless_and_leaves_no_difference(amqp_url):
    topology.declare(amqp_url)
    topology.declare(amqp_url)
    assert topology.diff(amqp_url) == []


def test_what_is_missing_or_different_is_named(amqp_url):
    topology.declare(amqp_url)
    with Connection(amqp_url) as connection:
        channel = connection.channel()
        channel.queue_delete("notify.news")
        channel.exchange_delete("grid.updates")
        channel.queue_delete("feed.territory")
        channel.queue_declare("feed.territory", durable=True, auto_delete=False)
    assert sorted(topology.diff(amqp_url)) == [
        "exchange grid.updates is missing",
        "queue feed.territory has other arguments",
        "queue notify.news is missing",
    ]


def test_an_event_told_before_its_consumer_ever_ran_is_waiting_for_it(amqp_url):
    topology.declare(amqp_url)
    with Connection(amqp_url) as connection:
        connection.Producer(serializer="json").publish(
            {}, exchange="feed.events", routing_key="post.published.v1"
        )
        message = None
        while message is None:
            message = connection.channel().basic_get("notify.news")
        assert message.delivery_info["routing_key"] == "post.published.v1"
