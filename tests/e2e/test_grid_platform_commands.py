"""The command line of the reference grid platform, beside the running process."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from deploy.local.rabbitmq import GRID_USER
from tests.support import infra
from tests.support.grid_rig import Bridge, Platform, running


@pytest.fixture
def platform(vhost: str, tmp_path: Path) -> Iterator[Platform]:
    """In manual mode, with one order taken."""
    with running(Platform(infra.amqp_url(vhost, GRID_USER), tmp_path)) as process:
        process.start(SHEQU_GRID_STEP_SECONDS="manual")
        yield process


@pytest.fixture
def order(bridge: Bridge, platform: Platform) -> str:
    bridge.open_order("SQT-1")
    bridge.wait("the order", lambda: "SQT-1" in platform.command("list").stdout)
    return "SQT-1"


def test_a_person_works_an_order_to_its_end(bridge: Bridge, platform: Platform, order: str) -> None:
    def step(*words: str) -> str:
        done = platform.command("step", order, *words)
        assert done.returncode == 0, done.stderr
        return done.stdout

    assert "已受理" in step("accepted")
    step("verifying")
    step("registered")
    step("dispatched", "--department", "绿化市容", "--deadline", "2036-01-02 18:00:00")
    step("returned", "--note", "不属本部门职责")
    step("dispatched", "--department", "城管执法")
    step("disposing")
    step("disposed", "--note", "货物已清走", "--attachment", "u-1", "--attachment", "u-2")
    step("checking")
    step("closed", "--note", "绿地已恢复")
    assert platform.command("rate", order, "5").returncode == 0
    bridge.hear_state(order, 11, "evaluated")
    told = {update.body["seq"]: update.body for update in bridge.of(order)}
    assert (told[4]["department"], told[4]["deadline"][:7]) == ("绿化市容", "2036-01")
    assert (told[5]["state"], told[5]["note"]) == ("returned", "不属本部门职责")
    assert (told[8]["note"], told[8]["attachments"]) == ("货物已清走", ["u-1", "u-2"])
    shown = platform.command("show", order).stdout
    for words in ("绿地已恢复", "已评价", "电话回访", "监督员", "商铺占用绿化带", "评分：5"):
        assert words in shown


def test_a_step_that_is_not_allowed_is_explained_and_not_made(
    bridge: Bridge, platform: Platform, order: str
) -> None:
    refused = platform.command("step", order, "closed")
    assert (refused.returncode, refused.stdout) == (1, "")
    assert "不能转为 closed" in refused.stderr
    assert "accepted（已受理）" in refused.stderr, "it says what would be"
    reasonless = platform.command("step", order, "rejected")
    assert reasonless.returncode == 1
    assert "原因" in reasonless.stderr
    assert platform.command("step", "SQT-404", "accepted").returncode == 1
    assert platform.command("step", order, "painted").returncode == 2
    assert platform.command("step", order, "accepted", "--note", "长" * 4001).returncode == 1
    platform.command("step", order, "accepted")
    bridge.hear_state(order, 1, "accepted")
    assert bridge.states(order) == [(1, "accepted")]


def test_steps_made_while_the_platform_is_down_are_told_when_it_is_up(
    bridge: Bridge, platform: Platform, order: str
) -> None:
    assert platform.terminate() == 0
    assert platform.command("step", order, "accepted").returncode == 0
    assert "待发" in platform.command("show", order).stdout
    platform.start(SHEQU_GRID_STEP_SECONDS="manual")
    bridge.hear_state(order, 1, "accepted")


@pytest.mark.usefixtures("order")
def test_the_library_of_discovered_problems_is_kept(platform: Platform) -> None:
    shown = platform.command("library").stdout
    for words in ("L-SQT-1", "X3 毁绿占绿", "2026.1", "待受理"):
        assert words in shown


def test_manual_mode_moves_nothing_by_itself(
    bridge: Bridge, platform: Platform, order: str
) -> None:
    platform.command("step", order, "accepted")
    bridge.hear_state(order, 1, "accepted")
    assert "没有" not in platform.command("show", order).stderr
    platform.terminate()
    platform.start(SHEQU_GRID_STEP_SECONDS="0.05")
    bridge.hear_state(order, 8, "closed")
    assert bridge.states(order)[0] == (1, "accepted")


def test_what_a_resident_wrote_does_not_steer_the_terminal(
    bridge: Bridge, platform: Platform
) -> None:
    bridge.open_order("SQT-2", title="[/red]井盖\x1b[2J[bold]缺失")
    bridge.wait("the order", lambda: "SQT-2" in platform.command("list").stdout)
    for words in (("list",), ("show", "SQT-2"), ("library",)):
        shown = platform.command(*words)
        assert (shown.returncode, shown.stderr) == (0, "")
        assert "[/red]井盖 [2J[bold]缺失" in shown.stdout


def test_without_a_state_file_or_a_broker_it_says_what_is_missing(tmp_path: Path) -> None:
    platform = Platform("", tmp_path)
    listed = platform.command("list")
    assert listed.returncode == 1
    assert "没有状态库" in listed.stderr
    started = platform.command()
    assert started.returncode == 2
    assert "SHEQU_GRID_AMQP_URL" in started.stderr
    platform.environment |= {"SHEQU_ENV": "production"}
    refused = platform.command("list")
    assert refused.returncode == 2
    assert "manual" in refused.stderr
