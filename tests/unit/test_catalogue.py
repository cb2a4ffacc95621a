"""The 8+X catalogue as data. Needs: nothing."""

import dataclasses

import pytest

from services.grid_bridge import catalogue
from services.grid_bridge.domain import codes

pytestmark = pytest.mark.unit

SLOTS = list(catalogue.SLOTS.values())


def test_there_are_exactly_eight_core_slots_and_the_rest_are_extensions():
    core = [slot.key for slot in SLOTS if slot.is_core]
    assert core == [f"S{n}" for n in range(1, catalogue.CORE_SLOTS + 1)]
    assert [slot.key for slot in SLOTS if not slot.is_core] == [f"X{n}" for n in range(1, 10)]


def test_the_core_follows_article_56_item_by_item():
    for item, slot in zip("一二三四五六七八", SLOTS, strict=False):
        assert slot.law.endswith(f"第五十六条第（{item}）项")
        assert slot.law_sure


@pytest.mark.parametrize("slot", SLOTS, ids=lambda slot: slot.key)
def test_a_slot_says_all_that_a_work_order_needs(slot):
    assert slot.name and slot.meaning and slot.not_here and slot.law
    assert slot.department.code and slot.department.name
    assert 0 < slot.limits.on_site <= slot.limits.disposed
    assert slot.limits.removal is None or slot.limits.removal > slot.limits.disposed
    assert (slot.code.standard, slot.code.kind) == (codes.STANDARD, "matter")


@pytest.mark.parametrize("slot", SLOTS, ids=lambda slot: slot.key)
def test_a_code_is_the_standards_own_or_a_marked_local_one(slot):
    if slot.is_local:
        assert slot.code.code not in codes.matters()
        assert slot.code.name.endswith(catalogue.LOCAL_MARK)
        assert catalogue.FIRST_LOCAL_MINOR <= int(slot.code.code[2:]) <= 999
    else:
        assert codes.matters()[slot.code.code] == slot.code
        assert catalogue.LOCAL_MARK not in slot.code.name


def test_the_standard_itself_uses_no_minor_of_the_local_range():
    assert all(int(code[2:]) < catalogue.FIRST_LOCAL_MINOR for code in codes.matters())


def test_no_two_slots_share_a_code():
    assert len({slot.code.code for slot in SLOTS}) == len(SLOTS)


def test_it_calls_itself_a_default_and_names_its_doubts():
    assert "默认" in catalogue.NOTICE and "并非" in catalogue.NOTICE
    assert "97" in catalogue.MATTERS_SOURCE and "未与标准文本核对" in catalogue.MATTERS_SOURCE
    assert len(codes.matters()) == 97
    assert any(not slot.law_sure for slot in SLOTS)


def test_a_described_code_is_never_bare():
    text = catalogue.describe(catalogue.SLOTS["S8"].code)
    assert text == "GB/T 47678.5-2026 事项 06028 噪声扰民"


def test_nobody_changes_it_by_accident():
    with pytest.raises(TypeError):
        catalogue.SLOTS["S9"] = SLOTS[0]  # type: ignore[index]
    with pytest.raises(dataclasses.FrozenInstanceError):
        SLOTS[0].name = "另一个名字"  # type: ignore[misc]
