"""Which lists can be a district's catalogue. Needs: nothing."""

import copy
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.contracts.operations.grid_bridge.catalogue import DraftCatalogue
from services.grid_bridge import catalogue
from services.grid_bridge.domain.catalogue_lists import BadCatalogue, checked
from services.grid_bridge.domain.catalogues import Limits, OwnDraft, Pace, UnknownSlot, may_publish
from services.grid_bridge.domain.codes import UnknownCode
from tests.support.catalogues import built_in_list, changed, wanted, without

pytestmark = pytest.mark.unit

Slots = list[dict[str, Any]]


def read(slots: Slots):
    return checked(DraftCatalogue(did="demo", slots=slots).slots)


def wrong_fields(slots: Slots) -> set[str]:
    with pytest.raises(BadCatalogue) as caught:
        read(slots)
    assert (caught.value.status, caught.value.code) == (422, "grid.bad_catalogue")
    return {error.field for error in caught.value.errors}


def test_the_built_in_list_is_one_and_comes_out_as_it_went_in():
    assert {slot.key: slot for slot in read(built_in_list())} == dict(catalogue.SLOTS)


def test_any_number_of_extensions_and_the_order_of_keys():
    more = [
        wanted(catalogue.SLOTS["X4"], key=f"X{n}", name=f"本区第{n}类") for n in range(120, 9, -1)
    ]
    keys = [slot.key for slot in read(more + built_in_list())]
    assert keys == [f"S{n}" for n in range(1, 9)] + [f"X{n}" for n in range(1, 121)]
    only_core = [slot for slot in built_in_list() if slot["key"].startswith("S")]
    assert len(read(only_core)) == 8


def test_core_slots_may_be_others_but_are_eight():
    renumbered = changed("S8", key="S12")
    assert [slot.key for slot in read(renumbered)][:8][-1] == "S12"
    assert wrong_fields(without("S3")) == {"slots"}
    ninth = wanted(catalogue.SLOTS["X4"], key="S9", name="第九类")
    assert wrong_fields([*built_in_list(), ninth]) == {"slots"}


def test_a_local_code_is_marked_and_named_by_the_district():
    slot = next(one for one in read(changed("X2", code={"code": "10080", "name": "群租"})))
    assert slot.key == "S1"
    found = {one.key: one for one in read(changed("X2", code={"code": "10080", "name": "群租"}))}
    assert (found["X2"].code.name, found["X2"].is_local) == ("群租(自定义)", True)


def break_key(slot):
    slot["key"] = "X0"
    return "key"


def break_standard(slot):
    slot["code"] = {"code": "06099"[:3] + "79"}
    return "code.code"


def break_major(slot):
    slot["code"] = {"code": "11999", "name": "不存在的大类"}
    return "code.code"


def break_component(slot):
    slot["code"] = {"code": "01001", "kind": "component", "name": "井盖"}
    return "code.code"


def break_edition(slot):
    slot["code"] = {"code": "06999", "standard": "GB/T 30428.2-2013", "name": "旧版"}
    return "code.code"


def break_local_name(slot):
    slot["code"] = {"code": "08777"}
    return "code.name"


def break_order(slot):
    slot["limits"] = {"on_site": 9, "disposed": 3}
    return "limits.on_site"


def break_removal(slot):
    slot["limits"] = {"on_site": 1, "disposed": 3, "removal": 3}
    return "limits.removal"


def break_urgent(slot):
    slot["limits"] = {"on_site": 1, "disposed": 3, "urgent": {"on_site": 1, "disposed": 4}}
    return "limits.urgent.disposed"


def break_critical(slot):
    slot["limits"] = {
        "on_site": 2,
        "disposed": 5,
        "urgent": {"on_site": 1, "disposed": 2},
        "critical": {"on_site": 2, "disposed": 2},
    }
    return "limits.critical.on_site"


BREAKS: list[Callable[[dict[str, Any]], str]] = [
    break_key,
    break_standard,
    break_major,
    break_component,
    break_edition,
    break_local_name,
    break_order,
    break_removal,
    break_urgent,
    break_critical,
]


@given(st.dictionaries(st.integers(8, 16), st.sampled_from(BREAKS), min_size=1))
def test_every_wrong_slot_and_field_is_named_and_nothing_else(breaks):
    slots = copy.deepcopy(built_in_list())
    expected = {f"slots.{at}.{spoil(slots[at])}" for at, spoil in breaks.items()}
    if len([spoil for spoil in breaks.values() if spoil is break_key]) > 1:
        expected |= {  # the same wrong key twice is also one key twice
            f"slots.{at}.key" for at, spoil in breaks.items() if spoil is break_key
        }
    found = wrong_fields(slots)
    doubled = {f"slots.{at}.code.code" for at in breaks}  # one local code, spoilt alike, twice
    assert expected <= found <= expected | doubled


@given(st.sampled_from(range(17)), st.sampled_from(range(17)), st.sampled_from(["key", "name"]))
def test_what_stands_twice_is_named_where_it_stands_again(first, second, field):
    slots = built_in_list()
    slots[second][field] = slots[first][field]
    if first == second:
        assert len(read(slots)) == 17
    else:
        assert f"slots.{max(first, second)}.{field}" in wrong_fields(slots)


def test_one_local_code_does_not_mean_two_things():
    twice = changed("X1", code={"code": "06999", "name": "另一回事"})
    assert wrong_fields(twice) == {"slots.8.code.code"}


@pytest.mark.parametrize(
    "limits", [{"on_site": 0, "disposed": 3}, {"on_site": "1", "disposed": 3}, {"on_site": 1}]
)
def test_limits_are_whole_days(limits):
    with pytest.raises(ValueError, match="limits"):
        read(changed("X1", limits=limits))


def test_limits_of_an_urgency_are_the_districts_or_a_share():
    shared, own = Limits(2, 10), Limits(2, 10, urgent=Pace(1, 4))
    assert [shared.of("urgent")[0], own.of("urgent")[0]] == [Pace(2, 10), Pace(1, 4)]
    assert [float(one.of("urgent")[1]) for one in (shared, own)] == [0.5, 1.0]
    assert own.of("critical") == shared.of("critical")


def test_the_built_in_list_knows_its_slots_and_codes():
    here = catalogue.BUILT_IN
    assert here.get("X3").name == "毁绿占绿"
    with pytest.raises(UnknownSlot):
        here.get("X10")
    assert here.code("GB/T 47678.5-2026", "matter", "06994").name == "群租(自定义)"
    with pytest.raises(UnknownCode):
        here.code("GB/T 47678.5-2026", "component", "06001")
    assert here.built_in and all(catalogue.note_of(slot) for slot in here.slots.values())


def test_four_eyes_look_at_a_draft():
    may_publish("wu", "zheng")
    with pytest.raises(OwnDraft):
        may_publish("wu", "wu")
