"""What is learned from, and when a version may be used. Needs: nothing."""

from datetime import UTC, datetime

import pytest

from services.contracts.errors import ShequError
from services.grid_bridge.classifier import examples, lesson, packed, train
from services.grid_bridge.classifier.store import ModelUnavailable
from services.grid_bridge.domain import learning as rules
from services.grid_bridge.domain.learning import Guard, ModelState, check_use
from services.grid_bridge.domain.stripping import strip

pytestmark = pytest.mark.unit


@pytest.mark.parametrize(
    ("said", "left"),
    [
        ("请联系13812345678，急", "请联系某，急"),
        ("电话 138-1234-5678 或 021-56781234", "电话 某 或 某"),
        ("身份证310113199003071236丢了", "身份证某丢了"),
        ("卡号 6222 0212 3456 7894 扣费", "卡号 某 扣费"),
        ("我住3号楼2单元501室，楼上漏水", "我住某，楼上漏水"),
        ("十二栋一单元的灯不亮", "某的灯不亮"),
        ("月罗路1258弄12号301室门口", "月罗路某门口"),
        ("月罗路35号门口", "月罗路某门口"),
        ("301室漏水", "某漏水"),
        ("我叫王建国，想反映", "我叫某，想反映"),
        ("联系人：李小红 电话", "联系人某 电话"),
        ("邻居王建国先生天天吵", "邻居某先生天天吵"),
        ("王阿姨家的狗咬人", "某阿姨家的狗咬人"),
        ("车牌沪A12345堵住通道", "车牌某堵住通道"),
        ("写信到 sun.li@example.com 也行", "写信到 某 也行"),
        ("微信号：sunli_1988", "某"),
    ],
)
def test_what_names_a_person_or_her_home_is_taken_out(said, left):
    assert strip(said) == left


def test_her_own_name_is_taken_out_wherever_it_stands():
    assert strip("孙奶奶在此谢过，孙奶奶", ["孙奶奶"]) == "某在此谢过，某"


@pytest.mark.parametrize(
    "said",
    [
        "工地凌晨两点还在打桩，楼里老人睡不着",
        "商铺占用绿化带，围起来种了菜",
        "请问外地户口的孩子上小学要准备什么材料",
        "高空抛物砸坏了车",
    ],
)
def test_what_is_asked_for_is_left_as_it_stands(said):
    assert strip(said) == said


def test_most_of_the_corpus_is_left_as_it_was_written():
    cases = examples.training()
    touched = sum(strip(case.body) != case.body for case in cases)
    assert touched / len(cases) < 0.25
    lost = sum(len(case.body) - len(strip(case.body)) for case in cases)
    assert lost / sum(len(case.body) for case in cases) < 0.02


def refused(*args, **kwargs) -> str:
    with pytest.raises(ShequError) as caught:
        check_use(*args, **kwargs)
    return caught.value.code


def test_the_guard_says_what_a_human_would_overlook():
    guard = Guard(floor=0.88, margin=0.03)
    assert guard.faults(0.93, 0.95) == ()
    assert guard.faults(0.91, 0.95) == ("below_current",)
    assert guard.faults(0.87, None) == ("below_floor",)
    assert guard.faults(0.80, 0.95) == ("below_floor", "below_current")


@pytest.mark.parametrize("state", ModelState)
def test_a_version_is_used_from_any_state_but_its_own_and_force_passes_by_the_guard_alone(state):
    if state is ModelState.IN_USE:
        assert refused(state, "b", "b", (), forced=True) == "grid.model_in_use"
        return
    check_use(state, "b", "b", (), forced=False)
    assert refused(state, "b", "b", ("below_floor",), forced=False) == "grid.model_too_weak"
    check_use(state, "b", "b", ("below_floor",), forced=True)
    assert refused(state, "a", "b", (), forced=True) == "grid.model_does_not_fit"


def test_a_fifth_of_the_labels_is_held_back_when_that_is_enough_to_judge_by():
    counts = [0, 99, 100, 1_000, 5_000]
    assert [rules.held_back(n) for n in counts] == [0, 0, 20, 200, 500]


def test_versions_are_counted_on_their_base():
    assert rules.next_version("ngram-1-a", []) == "ngram-1-a-r1"
    known = ["ngram-1-a", "ngram-1-a-r2", "ngram-1-a-r10", "ngram-1-b-r40"]
    assert rules.next_version("ngram-1-a", known) == "ngram-1-a-r11"


def test_the_nights_refit_is_due_in_chinas_night_when_enough_was_decided():
    night, noon = datetime(2026, 3, 1, 19, 30, tzinfo=UTC), datetime(2026, 3, 2, 4, tzinfo=UTC)
    assert rules.worth_a_night(100, night)
    assert not rules.worth_a_night(99, night)
    assert not rules.worth_a_night(5_000, noon)


@pytest.fixture(scope="module")
def small():
    few = [case for at, case in enumerate(examples.training()) if at % 12 == 0]
    return train.train(few, "small-1", calibrate=False)


def test_a_packed_model_says_the_same(small):
    content = packed.pack(small)
    again = packed.unpack(content, packed.digest(content))
    case = examples.held_out()[0]
    assert again.classify(case.title, case.body) == small.classify(case.title, case.body)


def test_damaged_foreign_and_oversized_bytes_are_no_model(small, monkeypatch):
    content = packed.pack(small)
    with pytest.raises(ModelUnavailable, match="digest"):
        packed.unpack(content[:-1], packed.digest(content))
    for broken in (b"", b"PK", content[: len(content) // 2]):
        with pytest.raises(ModelUnavailable):
            packed.unpack(broken)
    monkeypatch.setattr(packed, "MOST_BYTES", 1_000)
    with pytest.raises(ModelUnavailable, match="too large"):
        packed.unpack(content)
    monkeypatch.setattr(packed, "NAMES", ("model.json",))
    with pytest.raises(ModelUnavailable, match="other files"):
        packed.unpack(content)


def test_with_more_labels_an_ngram_must_stand_in_more_messages():
    assert [lesson.least_documents(n) for n in (0, 999, 1_000, 5_000)] == [2, 2, 3, 7]
