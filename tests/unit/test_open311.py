"""Open311 without a server: what is public, and how a city's two states become our nineteen."""

import time

import pytest

from deploy.grid_platform.domain import MOVES, State
from deploy.open311_adapter import rules as adapter
from deploy.open311_adapter.settings import Settings
from services.grid_bridge import catalogue
from services.grid_bridge.domain import open311 as rules
from services.grid_bridge.domain.coordinates import Point

pytestmark = pytest.mark.unit


@pytest.mark.parametrize(
    ("said", "kept"),
    [
        ("找13812345678", "找＊＊"),
        ("找138 1234 5678", "找＊＊"),
        ("021-66012345转3", "＊＊转3"),
        ("身份证31011319800101123X", "身份证＊＊"),
        ("沪A·12345挡路", "＊＊挡路"),
        ("信箱 sun@example.org", "信箱 ＊＊"),
        ("5号楼301室李阿姨", "5号楼＊＊李阿姨"),
        ("3号楼2单元", "＊＊"),
        ("第12号楼前2026年3月", "第12号楼前2026年3月"),
        ("2026.3.1起，每天8-10点", "2026.3.1起，每天8-10点"),
        ("138.1234.5678或138－1234－5678", "＊＊或＊＊"),
        ("139\u00a01234\u00a05678", "＊＊"),
        ("一三八一二三四五六七八", "＊＊"),
        ("微信：li_ayi88，QQ 123456", "＊＊，＊＊"),
        ("3号楼502和5-301，五零二室", "3号楼＊＊和＊＊，＊＊"),
        ("+86 138-1234-5678", "+＊＊"),
    ],
)
def test_numbers_that_lead_to_a_person_are_not_published(said: str, kept: str) -> None:
    assert rules.without_persons(said) == kept


@pytest.mark.parametrize("part", ["1" + " " * 19_000, "字" * 20_000, "1 号 " * 5_000, "a@" * 9_000])
def test_what_somebody_wrote_on_purpose_keeps_nobody(part: str) -> None:
    started = time.process_time()
    rules.without_persons(part)
    assert time.process_time() - started < 1  # it took minutes, with patterns that try every way


def test_places_are_coarse() -> None:
    assert rules.coarse(Point(121.43578, 31.45049)) == Point(121.436, 31.45)
    where = ("月浦镇", "尚园")
    assert rules.coarse_address("3号楼502室", where, public=True) == "月浦镇尚园3号楼"
    assert rules.coarse_address("502室", where, public=True) == "月浦镇尚园"
    assert rules.coarse_address("3号楼502室", where, public=False) == "月浦镇尚园"


def test_a_slot_that_tells_of_a_home_is_known_by_key_or_name() -> None:
    offered = rules.services(catalogue.BUILT_IN, "310113")
    assert {one.code for one in offered.values() if one.at_home} == {"S1", "X1", "X2"}
    assert rules.is_at_home("X12", "户内装修")
    assert all(one.group and one.name for one in offered.values())


@pytest.mark.parametrize("state", [*State])
@pytest.mark.parametrize(
    "told",
    [
        None,
        adapter.Standing("open"),
        adapter.Standing("open", "In progress"),
        adapter.Standing("closed", "done"),
        adapter.Standing("CLOSED", "重复件"),
        adapter.Standing("something else"),
    ],
)
def test_every_way_is_legal_and_ends(state: State, told: adapter.Standing | None) -> None:
    here = state
    for _ in range(2):  # what is told twice changes nothing the second time
        for step in adapter.steps(here, told, "1"):
            assert step.target in MOVES[here]
            assert step.note or not MOVES[here][step.target].reason
            here = step.target
    assert adapter.steps(here, told, "1") == []


def test_a_key_is_not_sent_in_the_clear_in_production() -> None:
    with pytest.raises(ValueError, match="https"):
        Settings(env="production", open311_url="http://city.example/v2")
    with pytest.raises(ValueError, match="address"):
        Settings(open311_url="file:///etc/passwd")
    assert Settings(open311_services='{"X3": "006"}').open311_services["X3"].service_code == "006"
    assert Settings(open311_services="").open311_services == {}
