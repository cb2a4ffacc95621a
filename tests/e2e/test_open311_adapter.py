"""The Open311 adapter as a process: a real broker on one side, a city's server on the other."""

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from itertools import pairwise
from pathlib import Path

import pytest

from deploy.grid_platform.domain import MOVES, State
from deploy.local.rabbitmq import GRID_USER
from services.contracts.events.grid import WorkOrderUpdated
from tests.support import infra
from tests.support.grid_rig import Bridge, running, wait_for
from tests.support.open311_city import Adapter, City, running_city

SLOT = {"version": "2026.1", "slot": "X3", "name": "毁绿占绿"}


@pytest.fixture
def city() -> Iterator[City]:
    with running_city() as server:
        yield server


@pytest.fixture
def adapter(vhost: str, tmp_path: Path, city: City) -> Iterator[Adapter]:
    with running(Adapter(infra.amqp_url(vhost, GRID_USER), tmp_path, city)) as process:
        yield process


def walked_legally(bridge: Bridge, no: str) -> list[str]:
    """The states of an order; each follows from the one before, and seq has no gap."""
    told = sorted(bridge.states(no))
    assert [seq for seq, _ in told] == list(range(1, len(told) + 1))
    states = [State.REPORTED, *(State(state) for _, state in told)]
    for before, after in pairwise(states):
        assert after in MOVES[before], (no, before, after)
    return [state for _, state in told]


def open_with(bridge: Bridge, no: str, message_id: str = "", **fields: object) -> str:
    """Send an order of slot X3 that says where it is and what somebody wrote."""
    said: dict[str, object] = {
        "title": "李阿姨家楼下种菜",
        "description": "找13812345678",
        "department": {"code": "LH", "name": "绿化市容"},
        "community": {"id": "c", "name": "尚园居民区", "code12": "310113102001"},
        "catalogue": SLOT,
        "location": {"address": "3号楼502室", "lng": 121.43, "lat": 31.45, "crs": "WGS84"},
        "deadlines": {"overall": "2036-03-20T10:00:00+08:00", "stages": []},
        **fields,
    }
    return bridge.send("workorder.opened.v1", no, 1, message_id, **said)


def test_many_orders_on_bad_days_are_each_at_the_city_once(
    bridge: Bridge, adapter: Adapter, city: City
) -> None:
    city.share, count = 0.2, 80
    numbers = [f"SQT-310113-2026-{n:06d}" for n in range(count)]
    adapter.start()
    ids = [open_with(bridge, no) for no in numbers]
    for no, message_id in zip(numbers[::10], ids[::10], strict=True):
        open_with(bridge, no, message_id)  # the broker says it again
    bridge.wait("a quarter is at the city", lambda: len(city.requests) > count // 4, 60)
    adapter.kill()
    city.away = True
    adapter.start()
    wait_for("the adapter noticed", lambda: '"city_away"' in adapter.log.read_text(), 30)
    city.away = False

    def all_closed() -> bool:
        ends = {u.body["work_order_no"] for u in bridge.updates if u.body["state"] == "closed"}
        return ends == {*numbers}

    bridge.hear("every order is closed", all_closed, 180)
    assert all(walked_legally(bridge, no)[-1] == "closed" for no in numbers)
    assert set(city.marks) == {f"{no}/1" for no in numbers}
    assert set(city.marks.values()) == {1}
    assert all(city.faults[fault] > 3 for fault in ("lost", "kept", "cut", "slow"))
    for update in bridge.updates[:50]:
        WorkOrderUpdated.model_validate_json(update.raw)
    text = adapter.log.read_text()
    assert "李阿姨" not in text and "13812345678" not in text and "secret" not in text


def test_what_the_city_says_is_walked_and_what_it_cannot_be_told_is_put_down(
    bridge: Bridge, adapter: Adapter, city: City
) -> None:
    city.polls, city.refuses = 10**6, {"011"}
    adapter.start()
    open_with(bridge, "SQT-1")
    bridge.hear_state("SQT-1", 1, "accepted")
    (request,) = city.requests.values()
    form = request["form"]
    assert form["attribute[a]"] == "b" and (form["lat"], form["long"]) == ("31.45", "121.43")
    assert form["address_string"] == "尚园居民区3号楼"
    assert "李阿姨" not in form["description"]  # what a city holds, anybody reads
    request["status_notes"] = "已派遣，处置中"
    bridge.hear_state("SQT-1", 5, "disposing")
    assert bridge.of("SQT-1")[-1].body["note"] == "已派遣，处置中"
    bridge.send("workorder.urged.v1", "SQT-1", 2, reason="三天没人来", level="town")
    bridge.send("workorder.amended.v1", "SQT-1", 3, note="又多一堆")
    wait_for("both are put down", lambda: adapter.command("by-hand").stdout.count("SQT-1") == 2)
    assert "2 项" in adapter.command("told", "SQT-1").stdout
    assert "SQT-1" not in adapter.command("by-hand").stdout
    request |= {"status": "closed", "status_notes": "已复绿"}
    bridge.hear_state("SQT-1", 8, "closed")

    bridge.send("workorder.reopened.v1", "SQT-1", 4, reason="又种上了")
    bridge.hear("sent anew", lambda: (10, "dispatched") in bridge.states("SQT-1"))
    again = city.requests["10001"]
    assert "原编号 10000" in again["description"] and "SQT-1/2" in again["description"]
    again |= {"status": "closed", "status_notes": "Duplicate, not our responsibility"}
    bridge.hear_state("SQT-1", 11, "cancelled")

    open_with(bridge, "SQT-2")
    bridge.hear_state("SQT-2", 1, "accepted")
    city.requests["10002"] |= {"status": "closed", "status_notes": "不予立案：不在辖区"}
    bridge.hear_state("SQT-2", 3, "not_registered")
    assert [walked_legally(bridge, no)[-1] for no in ("SQT-1", "SQT-2")] == [
        "cancelled", "not_registered",
    ]  # fmt: skip

    open_with(bridge, "SQT-3", catalogue={**SLOT, "slot": "X9"})  # the city says no
    open_with(bridge, "SQT-4", catalogue={**SLOT, "slot": "S1"})  # it was never told a code
    wait_for("both are parked", lambda: adapter.command("list").stdout.count("parked") == 2)
    listed = adapter.command("list", "--standing", "parked").stdout
    assert "service_code is closed" in " ".join(listed.split()) or "400" in listed
    city.refuses = set()
    assert adapter.command("retry", "SQT-3").returncode == 0
    bridge.hear_state("SQT-3", 1, "accepted")
    assert adapter.command("refuse", "SQT-4", "--note", "城市系统不办此类").returncode == 0
    bridge.hear_state("SQT-4", 1, "rejected")

    city.away = True
    open_with(bridge, "SQT-5")
    wait_for("it waits", lambda: "SQT-5" in adapter.command("list").stdout)
    bridge.send("workorder.withdrawn.v1", "SQT-5", 2, reason="清走了")
    bridge.hear_state("SQT-5", 1, "cancelled")
    city.away = False
    with closing(sqlite3.connect(adapter.state_file, timeout=5)) as state:
        query = "SELECT standing FROM city_request WHERE work_order_no = 'SQT-5'"
        wait_for("it is dropped", lambda: state.execute(query).fetchone() == ("dropped",))
    assert "SQT-5/1" not in city.marks
    assert adapter.terminate() == 0
