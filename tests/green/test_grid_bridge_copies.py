"""What the bridge gives somebody who asks for all that is held about her. Needs: db."""

import pytest

from services.grid_bridge import copies
from tests.support.bridge import LU, SHI, SUN, TO_CLOSED, Bridge

pytestmark = pytest.mark.db


@pytest.fixture
def bridge(db, tmp_path) -> Bridge:
    return Bridge(db("grid_bridge"), tmp_path)


def copy(bridge: Bridge, who) -> dict:
    with bridge.units(read_only=True) as uow:
        return copies.held_about(uow, who.person_id)


def test_a_resident_gets_her_reports_orders_and_ratings(bridge):
    order = bridge.escalated(SUN)
    bridge.report(LU)
    for seq, state in enumerate(TO_CLOSED, start=1):
        bridge.update(order.no, seq, state)
    bridge.rate(order.issue_id)
    found = copy(bridge, SUN)
    assert [issue["id"] for issue in found["issues"]["items"]] == [order.issue_id]
    assert [one["no"] for one in found["work_orders"]["items"]] == [order.no]
    assert [(one["score"], one["comment"]) for one in found["ratings"]["items"]] == [(5, "满意")]
    assert [card["person_id"] for card in found["cards"]["items"]] == [SUN.person_id]


def test_staff_get_what_they_did_without_what_they_wrote_about_others(bridge):
    bridge.escalated(SUN)
    found = copy(bridge, SHI)
    assert found["issues"]["items"] == []
    assert {act["kind"] for act in found["acts"]["items"]} >= {"triaged", "talk", "escalated"}
    assert [step["step"] for step in found["self_governance"]["items"]] == ["talk"]
    assert "上门沟通" not in str(found)
