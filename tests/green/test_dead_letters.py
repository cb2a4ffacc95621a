"""Dead letters: looked at without being taken, put back once. Needs: db, broker."""

import json
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime

import pytest
from kombu import Connection

from services.contracts.errors import ShequError
from services.contracts.events import WorkOrderUpdated
from services.contracts.ids import new_id
from services.contracts.operations.grid_bridge import ListDeadLetters, ReplayDeadLetter
from services.grid_bridge.handlers import dead_letters
from services.kit import dead_letters as kit
from services.kit import topology
from tests.support import infra
from tests.support.bridge import ADMIN, Bridge

pytestmark = [pytest.mark.db, pytest.mark.broker]

QUEUE = "grid_bridge.grid_updates"


class Desk:
    """A bridge's database and a broker where letters die because the test rejects them."""

    def __init__(self, bridge: Bridge, amqp_url: str) -> None:
        self.bridge, self.amqp_url = bridge, amqp_url
        self.connection = Connection(amqp_url, transport_options={"confirm_publish": True})
        self.channel = self.connection.channel()

    def die(self, body: bytes, message_id: str = "", queue: str = QUEUE, **headers: object) -> None:
        """A message comes into the queue and is rejected there."""
        told = {"cloudEvents:type": WorkOrderUpdated.TYPE, **headers}
        message = self.channel.prepare_message(
            body,
            properties={"message_id": message_id or new_id(), "delivery_mode": 2},
            headers=told,
            content_type="application/json",
            content_encoding="utf-8",
        )
        self.channel.basic_publish(message, exchange="", routing_key=queue)
        self.until(lambda: self.take(queue, reject=True) is not None)
        self.until(lambda: self.waiting(f"{queue}.dlq") > 0)

    def take(self, queue: str, *, reject: bool = False) -> object | None:
        """The next message of a queue, gone from there."""
        message = self.channel.basic_get(queue)
        if message is None:
            return None
        if reject:
            self.channel.basic_reject(message.delivery_tag, requeue=False)
        else:
            self.channel.basic_ack(message.delivery_tag)
        return message

    def waiting(self, queue: str) -> int:
        return int(self.channel.queue_declare(queue, passive=True).message_count)

    def until(self, condition: Callable[[], object]) -> None:
        limit = time.monotonic() + 10
        while not condition():
            assert time.monotonic() < limit, "did not happen in time"
            time.sleep(0.02)

    def list(self, **asked: object) -> list:
        with self.bridge.units(read_only=True) as uow:
            cmd = ListDeadLetters(**asked)
            return dead_letters.list_letters(uow, cmd, self.amqp_url).items

    def listed(self, count: int) -> list:
        """The letters, once the broker has given back what the last look held."""
        self.until(lambda: len(self.list()) == count)
        return self.list()

    def replay(self, letter_id: str) -> object:
        with self.bridge.units() as uow:
            cmd = ReplayDeadLetter(id=letter_id)
            told = dead_letters.replay(uow, cmd, ADMIN, self.amqp_url, self.bridge.now)
            uow.commit()
        return told


@pytest.fixture
def desk(db, vhosts, tmp_path) -> Iterator[Desk]:
    amqp_url = infra.amqp_url(vhosts.fresh())
    topology.declare(amqp_url)
    made = Desk(Bridge(db("grid_bridge"), tmp_path), amqp_url)
    yield made
    made.connection.release()


def update(**more: object) -> bytes:
    facts = {"work_order_no": "SQT-1", "seq": 1, "state": "accepted", "actor_role": "dispatcher"}
    return json.dumps({**facts, "at": datetime.now(UTC).isoformat(), **more}).encode()


def test_letters_are_told_by_queue_reason_and_time_without_their_content(desk):
    desk.die(update(note="孙奶奶 13800000001"), "e-1")
    desk.die(b'{"half', "e-2")
    desk.die(update(state="lost"), "e-3")
    desk.die(update(), "e-4", **{"x-attempt": 12})
    desk.die(update(), "e-5", "notify.news")
    found = desk.listed(5)
    assert [(one.queue, one.event_id, one.why) for one in found] == [
        (QUEUE, "e-1", "rejected"),
        (QUEUE, "e-2", "unreadable"),
        (QUEUE, "e-3", "unreadable"),
        (QUEUE, "e-4", "gave_up"),
        ("notify.news", "e-5", "rejected"),
    ]
    assert "1380" not in repr(found)
    assert abs((datetime.now(UTC) - found[0].died_at).total_seconds()) < 60
    assert found[0].bytes == len(update(note="孙奶奶 13800000001"))
    assert [one.event_id for one in desk.list(queue="notify.news")] == ["e-5"]
    with pytest.raises(ShequError) as refused:
        desk.list(queue="nowhere")
    assert refused.value.code == "ops.unknown_queue"


def test_looking_again_and_again_takes_nothing_away(desk):
    desk.die(update(), "e-1")
    ids = {desk.listed(1)[0].id for _ in range(30)}
    assert len(ids) == 1


def test_a_letter_is_put_back_once_as_it_was(desk):
    body = update(note="第一步")
    desk.die(body, "e-1", **{"x-attempt": 12})
    desk.die(update(seq=2), "e-2")
    letter = next(one for one in desk.listed(2) if one.event_id == "e-1")
    told = desk.replay(letter.id)
    assert (told.queue, told.event_id) == (QUEUE, "e-1")
    message = desk.take(QUEUE)
    assert message.body in (body, body.decode())
    assert message.properties["message_id"] == "e-1"
    assert "x-attempt" not in message.headers, "it starts from the first rung"
    assert "x-death" not in message.headers
    assert message.headers["cloudEvents:type"] == WorkOrderUpdated.TYPE
    desk.bridge.pass_days(1)
    assert desk.replay(letter.id) == told
    assert desk.take(QUEUE) is None
    assert [one.event_id for one in desk.listed(1)] == ["e-2"]
    rows = desk.bridge.rows("SELECT replayed_by FROM replayed_letters")
    assert [row.replayed_by for row in rows] == ["p-admin"]


def test_a_letter_that_died_again_is_put_back_again(desk):
    body = update()
    for day in range(2):
        desk.die(body, "e-1")
        letter = desk.listed(1)[0]
        assert desk.replay(letter.id).replayed_at == desk.bridge.now
        assert desk.take(QUEUE) is not None, day
        desk.bridge.pass_days(1)


def test_an_unknown_letter_and_a_broker_that_is_away_are_said(desk):
    with pytest.raises(ShequError) as unknown:
        desk.replay("nothing")
    assert (unknown.value.status, unknown.value.code) == (404, "ops.dead_letter_not_found")
    with pytest.raises(kit.BrokerAway):
        kit.look("amqp://guest:guest@127.0.0.1:1/", [QUEUE], 1)
