"""The reference grid platform as a process, with its own broker user, on a real broker."""

import sqlite3
import time
from collections.abc import Iterator
from pathlib import Path

import pika
import pytest

from deploy.local.rabbitmq import GRID_USER
from services.contracts.events.grid import WorkOrderUpdated
from services.contracts.ids import is_id
from services.kit import topology
from tests.support import infra
from tests.support.grid_rig import (
    DEAD,
    QUEUE,
    UPDATES,
    Bridge,
    Platform,
    Wire,
    running,
    wait_for,
)

TO_THE_CLOSE = [
    (1, "accepted"),
    (2, "verifying"),
    (3, "registered"),
    (4, "dispatched"),
    (5, "disposing"),
    (6, "disposed"),
    (7, "checking"),
    (8, "closed"),
]


@pytest.fixture
def platform(vhost: str, tmp_path: Path) -> Iterator[Platform]:
    with running(Platform(infra.amqp_url(vhost, GRID_USER), tmp_path)) as process:
        yield process


def test_an_order_is_walked_to_its_close_and_each_step_is_told(
    bridge: Bridge, platform: Platform
) -> None:
    platform.start()
    bridge.open_order("SQT-1")
    bridge.hear_state("SQT-1", 8, "closed")
    assert bridge.states("SQT-1") == TO_THE_CLOSE
    updates = bridge.of("SQT-1")
    assert len({update.properties.message_id for update in updates}) == len(updates) == 8
    for seq, update in enumerate(updates, start=1):
        event = WorkOrderUpdated.model_validate_json(update.raw)  # strict: the contract's writer
        assert event.seq == seq
        assert event.platform_ref.startswith("GP")
        about = update.properties
        assert is_id(about.message_id)
        assert about.message_id[14] == "7"
        assert update.routing_key == about.type == "workorder.updated.v1"
        assert (about.content_type, about.delivery_mode) == ("application/json", 2)
        assert abs(about.timestamp - time.time()) < 60
        assert about.headers["cloudEvents:id"] == about.message_id
        assert about.headers["cloudEvents:source"] == WorkOrderUpdated.SOURCE
        assert about.headers["cloudEvents:subject"] == "SQT-1"
        assert about.headers["subject_version"] == seq
        assert about.headers["traceparent"].startswith("00-" + "a" * 32)


def test_rating_reopening_and_withdrawal_are_followed(bridge: Bridge, platform: Platform) -> None:
    platform.start()
    bridge.open_order("SQT-1")
    bridge.hear_state("SQT-1", 8, "closed")
    bridge.send("workorder.rated.v1", "SQT-1", 2, score=1, solved=False)
    bridge.send("workorder.reopened.v1", "SQT-1", 3, reason="又堆上了")
    bridge.hear_state("SQT-1", 15, "closed")
    assert [state for _, state in bridge.states("SQT-1")[8:]] == [
        *("evaluated", "reopened", "dispatched", "disposing", "disposed", "checking", "closed")
    ]
    bridge.open_order("SQT-2")
    bridge.send("workorder.withdrawn.v1", "SQT-2", 2, reason="已自行解决")
    bridge.hear("the cancellation", lambda: "cancelled" in dict(bridge.states("SQT-2")).values())
    assert [seq for seq, _ in bridge.states("SQT-2")] == list(
        range(1, len(bridge.states("SQT-2")) + 1)
    )


def test_a_repeated_message_is_ignored_also_after_a_restart(
    bridge: Bridge, platform: Platform
) -> None:
    platform.start(SHEQU_GRID_STEP_SECONDS="manual")
    opening = bridge.open_order("SQT-1")
    urging = bridge.send("workorder.urged.v1", "SQT-1", 2, reason="太久")
    bridge.send("workorder.urged.v1", "SQT-1", 2, urging, reason="太久")
    bridge.open_order("SQT-1", opening)
    bridge.wait("all taken", lambda: bridge.waiting(QUEUE) == 0)
    assert platform.terminate() == 0
    bridge.send("workorder.urged.v1", "SQT-1", 2, urging, reason="太久")
    platform.start(SHEQU_GRID_STEP_SECONDS="0.05")
    bridge.hear_state("SQT-1", 8, "closed")
    assert bridge.states("SQT-1") == TO_THE_CLOSE
    outcomes = [line["outcome"] for line in platform.logged() if line["event"] == "message_taken"]
    assert outcomes == ["taken", "taken", "repeated", "repeated", "repeated"]
    with sqlite3.connect(platform.state_file) as db:
        assert db.execute("SELECT no, urged FROM work_order").fetchall() == [("SQT-1", 1)]
    db.close()


def test_bad_messages_go_to_the_dead_letters_and_the_others_go_on(
    bridge: Bridge, platform: Platform
) -> None:
    def envelope(**changes: object) -> pika.BasicProperties:
        usual = {"message_id": f"bad-{len(bad)}", "type": "workorder.opened.v1"}
        return pika.BasicProperties(**{**usual, **changes})

    bad: list[bytes] = []
    for body, properties in (
        (b'{"work_order_no": "SQT-9", "title":', envelope()),
        (b"\xff\x00", envelope()),
        (b'["SQT-9"]', envelope()),
        (b'{"work_order_no": "SQT-9"}', envelope()),
        (b"{}", envelope(message_id=None)),
        (b"{}", envelope(type="workorder.painted.v1")),
    ):
        bad.append(body)
        bridge.send_raw(body, properties)
    bridge.open_order("SQT-1")
    platform.start()
    bridge.hear_state("SQT-1", 8, "closed")
    dead = bridge.take(DEAD, len(bad))
    assert [message.raw for message in dead] == bad
    reasons = [message.properties.headers["x-death"][0]["reason"] for message in dead]
    assert set(reasons) == {"rejected"}
    assert bridge.waiting(QUEUE) == 0
    assert "SQT-9" not in platform.log.read_text(), "a refused message is not quoted"
    assert "grid_platform_refused_total 6.0" in platform.read("/metrics")


def test_killed_again_and_again_it_loses_no_seq_and_tells_none_in_two_ways(
    bridge: Bridge, platform: Platform
) -> None:
    orders = [f"SQT-{number}" for number in range(6)]
    platform.start()
    for no in orders:
        bridge.open_order(no)
    for mark in (2, 4, 6):
        bridge.hear(
            f"seq {mark}",
            lambda mark=mark: any(  # type: ignore[misc]
                update.body["seq"] >= mark for update in bridge.updates
            ),
        )
        platform.kill()
        platform.start()
    for no in orders:
        bridge.hear_state(no, 8, "closed")
        assert bridge.states(no) == TO_THE_CLOSE
        told = {(u.body["seq"], u.properties.message_id, u.raw) for u in bridge.of(no)}
        assert len(told) == 8, "a repeated update is the same to the byte"
    assert bridge.waiting(DEAD) == 0


def test_a_crash_between_sending_and_noting_it_repeats_the_same_update(
    bridge: Bridge, platform: Platform
) -> None:
    platform.start(SHEQU_GRID_STEP_SECONDS="manual")
    db = sqlite3.connect(platform.state_file, isolation_level=None)
    # From now on the platform can send, and can't write down that it has sent.
    db.execute(
        "CREATE TRIGGER no_note BEFORE UPDATE OF sent_at ON outbox"
        " BEGIN SELECT RAISE(ABORT, 'power cut'); END"
    )
    bridge.open_order("SQT-1")
    wait_for("the order", lambda: platform.command("step", "SQT-1", "accepted").returncode == 0)
    bridge.hear_state("SQT-1", 1, "accepted")
    platform.kill()
    db.execute("DROP TRIGGER no_note")
    db.close()
    platform.start()
    bridge.hear_state("SQT-1", 8, "closed")
    assert bridge.states("SQT-1") == TO_THE_CLOSE
    first = [update for update in bridge.of("SQT-1") if update.body["seq"] == 1]
    assert len(first) > 1
    assert len({(u.properties.message_id, u.raw) for u in first}) == 1


def test_a_cut_wire_is_mended_and_nothing_is_lost(
    vhost: str, bridge: Bridge, tmp_path: Path
) -> None:
    direct = pika.URLParameters(infra.amqp_url(vhost, GRID_USER))
    wire = Wire(direct.port)
    url = infra.amqp_url(vhost, GRID_USER).replace(f":{direct.port}/", f":{wire.port}/")
    with running(Platform(url, tmp_path)) as platform:
        try:
            platform.start(ready=False)  # the broker is away: it waits for it
            platform.await_ready(False)
            wire.connect()
            platform.await_ready()
            bridge.open_order("SQT-1")
            bridge.hear_state("SQT-1", 3, "registered")
            wire.cut()
            platform.await_ready(False)
            assert platform.ask("/healthz") == 200, "alive, only away"
            bridge.open_order("SQT-2")
            wait_for("the walk goes on meanwhile", lambda: _closed(platform, "SQT-1"))
            wire.connect()
            for no in ("SQT-1", "SQT-2"):
                bridge.hear_state(no, 8, "closed")
                assert bridge.states(no) == TO_THE_CLOSE
        finally:
            wire.cut()


def test_a_lost_queue_is_seen_and_used_again_when_it_is_back(
    vhost: str, bridge: Bridge, platform: Platform
) -> None:
    platform.start()
    bridge.channel.queue_delete(QUEUE)
    platform.await_ready(False)
    topology.declare(infra.amqp_url(vhost))
    platform.await_ready()
    bridge.open_order("SQT-1")
    bridge.hear_state("SQT-1", 8, "closed")


def test_updates_wait_in_order_while_nobody_would_get_them(
    bridge: Bridge, platform: Platform
) -> None:
    bridge.channel.queue_delete(UPDATES)
    bridge.channel.queue_delete("grid_bridge.grid_updates")
    platform.start()
    bridge.open_order("SQT-1")
    wait_for("the walk", lambda: _closed(platform, "SQT-1"))
    assert 'grid_platform_waiting{what="updates"} 8.0' in platform.read("/metrics")
    bridge.listen()
    bridge.hear_state("SQT-1", 8, "closed")
    assert bridge.states("SQT-1") == TO_THE_CLOSE


def test_a_state_file_that_cannot_be_written_delays_and_loses_nothing(
    bridge: Bridge, platform: Platform
) -> None:
    platform.start()
    db = sqlite3.connect(platform.state_file, isolation_level=None)
    db.execute("BEGIN IMMEDIATE")
    bridge.open_order("SQT-1")
    platform.await_ready(False)
    db.rollback()
    db.close()
    bridge.hear_state("SQT-1", 8, "closed")
    assert bridge.waiting(DEAD) == 0


def test_a_crash_before_the_commit_leaves_the_message_with_the_broker(
    bridge: Bridge, platform: Platform
) -> None:
    platform.start()
    db = sqlite3.connect(platform.state_file, isolation_level=None)
    db.execute("BEGIN IMMEDIATE")
    bridge.open_order("SQT-1")
    platform.await_ready(False)
    platform.kill()
    db.rollback()
    db.close()
    platform.start()
    bridge.hear_state("SQT-1", 8, "closed")
    assert bridge.states("SQT-1") == TO_THE_CLOSE


def test_a_stop_is_quick_and_nothing_is_lost(bridge: Bridge, platform: Platform) -> None:
    platform.start()
    for number in range(30):
        bridge.open_order(f"SQT-{number}")
    bridge.hear_state("SQT-0", 2, "verifying")
    begun = time.monotonic()
    assert platform.terminate() == 0
    assert time.monotonic() - begun < 10
    platform.start()
    for number in range(30):
        bridge.hear_state(f"SQT-{number}", 8, "closed")
        assert bridge.states(f"SQT-{number}") == TO_THE_CLOSE


def test_one_process_per_state_file(platform: Platform) -> None:
    platform.start()
    second = platform.command()
    assert second.returncode == 2
    assert "in use" in second.stderr
    assert platform.state_file.stat().st_mode & 0o077 == 0, "it holds what residents wrote"


def test_no_word_of_a_resident_is_logged(bridge: Bridge, platform: Platform) -> None:
    platform.start()
    bridge.open_order("SQT-1")
    bridge.hear_state("SQT-1", 8, "closed")
    bridge.send("workorder.rated.v1", "SQT-1", 2, score=2, comment="王小明很不满意")
    bridge.hear_state("SQT-1", 9, "evaluated")
    text = platform.log.read_text()
    assert "SQT-1" in text
    assert not any(word in text for word in ("商铺占用绿化带", "王小明", "amqp://"))
    assert all("王小明" not in update.raw.decode() for update in bridge.updates)


def _closed(platform: Platform, no: str) -> bool:
    db = sqlite3.connect(platform.state_file)
    try:
        row = db.execute("SELECT state FROM work_order WHERE no = ?", (no,)).fetchone()
    finally:
        db.close()
    return row == ("closed",)
