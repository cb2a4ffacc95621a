"""Things are killed while messages come in: none accepted is lost, none is there twice."""

import time

import httpx
import pytest

from deploy.client import Client
from deploy.demo.people import CODE
from services.contracts import demo
from tests.chaos.conftest import Shaken
from tests.support.http_asks import assert_problem, send
from tests.support.platform import Platform
from tests.support.rehearsal import rehearsal
from tests.support.waiting import until

pytestmark = pytest.mark.chaos

SERVICES = ("identity", "feed", "votes", "grid_bridge", "notify")
OTHERS = ("identity", "feed", "votes", "notify", "gateway", "grid_platform")
POSTS = f"/communities/{demo.SHANGYUAN}/posts"


def pids(platform: Platform) -> dict[str, int | None]:
    return {name: platform.pid(name) for name in (*SERVICES, "gateway", "grid_platform")}


def stay_down(seconds: float) -> None:
    """The length of an outage is what is tested here: nothing else to wait for."""
    time.sleep(seconds)


def broker_outage(shaken: Shaken, seconds: float, count: int) -> None:
    platform, broker = shaken.platform, shaken.servers.rabbitmq
    before = pids(platform)
    with rehearsal(platform, count=count, speed=15) as replay:
        replay.await_share(0.25)
        broker.kill()
        with Client(platform.url) as api:
            began = time.monotonic()
            answer = send(api, "POST", "/auth/tokens", json={"phone": "x", "code": CODE})
            assert_problem(answer, 503)
            assert int(answer.headers["retry-after"]) > 0
            assert time.monotonic() - began < 6
        stay_down(seconds)
        broker.start()
        platform.await_ready()
    assert pids(platform) == before, "every process came back by itself, none was restarted"


def test_broker_killed_for_some_seconds(shaken: Shaken) -> None:
    broker_outage(shaken, seconds=2, count=40)


@pytest.mark.slow
def test_broker_killed_for_ten_seconds(shaken: Shaken) -> None:
    broker_outage(shaken, seconds=10, count=200)


def kill_during_replay(platform: Platform, name: str) -> None:
    before = platform.pid(name)
    with rehearsal(platform, count=40, speed=20) as replay:
        replay.await_share(0.3)
        platform.kill(name)
        until(lambda: platform.pid(name) not in (None, before), what=f"a new {name}", limit=30)
        platform.await_ready(name)


def test_service_killed(shaken: Shaken) -> None:
    kill_during_replay(shaken.platform, "grid_bridge")


@pytest.mark.slow
@pytest.mark.parametrize(
    "name", ["identity", "feed", "votes", "notify", "gateway", "grid_platform"]
)
def test_any_process_killed(shaken: Shaken, name: str) -> None:
    kill_during_replay(shaken.platform, name)


def database_outage(shaken: Shaken, seconds: float, count: int) -> None:
    platform, database = shaken.platform, shaken.servers.postgres
    before = pids(platform)
    with rehearsal(platform, count=count, speed=20) as replay:
        replay.await_share(0.3)
        database.stop()
        stay_down(seconds)
        with Client(platform.url) as api:
            answer = send(api, "POST", "/auth/tokens", json={"phone": "13800000001", "code": CODE})
            assert_problem(answer, 503)
        database.start()
        platform.await_ready()
    assert pids(platform) == before, "no process was restarted"


def test_database_restarted(shaken: Shaken) -> None:
    database_outage(shaken, seconds=0.5, count=40)


@pytest.mark.slow
def test_database_away_for_ten_seconds(shaken: Shaken) -> None:
    database_outage(shaken, seconds=10, count=200)


@pytest.mark.slow
def test_broker_short_of_memory(shaken: Shaken) -> None:
    """An alarm blocks whoever publishes: nobody waits for an answer that cannot come."""
    platform, broker = shaken.platform, shaken.servers.rabbitmq
    before = pids(platform)
    with rehearsal(platform, count=40, speed=20) as replay, Client(platform.url) as api:
        replay.await_share(0.3)

        def told() -> bool:
            send(api, "POST", "/auth/tokens", json={"phone": "x", "code": CODE})
            return httpx.get(f"{platform.url}/readyz").status_code == 503

        broker.ctl("set_vm_memory_high_watermark", "0.00001")
        try:
            until(told, what="a gateway that was told, as it published, and is not ready", limit=30)
            began = time.monotonic()
            refused = send(api, "POST", "/auth/tokens", json={"phone": "x", "code": CODE})
            assert_problem(refused, 503)
            assert time.monotonic() - began < 1
        finally:
            broker.ctl("set_vm_memory_high_watermark", "absolute", f"{broker.memory}MB")
        platform.await_ready()
    assert pids(platform) == before, "no process was restarted"
