"""What the grid platform's broker user may not do: everything but its own side of the border.

One malformed request on `nameko-rpc` would reach every service; a foreign system must not be
able to send one.
"""

from collections.abc import Callable, Iterator

import pika
import pytest
from pika.adapters.blocking_connection import BlockingChannel
from pika.exceptions import ChannelClosedByBroker

from deploy.local.rabbitmq import GRID_USER
from services.kit import topology
from tests.support import infra

REFUSED = 403
Act = Callable[[BlockingChannel], object]


@pytest.fixture(scope="module")
def vhost(vhosts: infra.Vhosts) -> str:
    name = vhosts.fresh()
    topology.declare(infra.amqp_url(name))
    return name


@pytest.fixture
def channel(vhost: str) -> Iterator[BlockingChannel]:
    """A channel of the platform's user."""
    with pika.BlockingConnection(pika.URLParameters(infra.amqp_url(vhost, GRID_USER))) as link:
        yield link.channel()


def publish(exchange: str, key: str) -> Act:
    def act(channel: BlockingChannel) -> None:
        channel.confirm_delivery()
        channel.basic_publish(exchange, key, b"{}")

    return act


FORBIDDEN: dict[str, Act] = {
    "call a service": publish("nameko-rpc", "identity.create_token"),
    "call a service by its queue": publish("", "rpc-identity"),
    "hand itself a work order": publish("grid.workorders", "workorder.opened.v1.demo.8x"),
    "forge an event": publish("identity.events", "role.granted.v1"),
    "write to a dead-letter exchange": publish("dlx", "gridplatform.workorders"),
    "declare a queue": lambda c: c.queue_declare("mine"),
    "declare its own queue anew": lambda c: c.queue_declare(
        "gridplatform.workorders",
        durable=True,
        arguments=topology.consumer_arguments("gridplatform.workorders"),
    ),
    "declare an exchange": lambda c: c.exchange_declare("mine"),
    "bind its queue to more": lambda c: c.queue_bind(
        "gridplatform.workorders", "identity.events", "#"
    ),
    "delete its queue": lambda c: c.queue_delete("gridplatform.workorders"),
    "read another queue": lambda c: c.basic_get("grid_bridge.grid_updates"),
    "read the dead letters": lambda c: c.basic_get("gridplatform.workorders.dlq"),
    "empty another queue": lambda c: c.queue_purge("rpc-identity"),
}


@pytest.mark.parametrize("what", FORBIDDEN)
def test_the_platform_s_user_may_not(channel: BlockingChannel, what: str) -> None:
    with pytest.raises(ChannelClosedByBroker) as refusal:
        FORBIDDEN[what](channel)
    assert refusal.value.reply_code == REFUSED


def test_the_platform_s_user_may_do_its_work(channel: BlockingChannel) -> None:
    channel.queue_declare("gridplatform.workorders", passive=True)
    channel.exchange_declare("grid.updates", passive=True)
    assert channel.basic_get("gridplatform.workorders") == (None, None, None)
    channel.confirm_delivery()
    channel.basic_publish("grid.updates", "workorder.updated.v1", b"{}", mandatory=True)
