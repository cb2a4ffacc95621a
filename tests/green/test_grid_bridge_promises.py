"""What the clock says of promises, on a real database. Needs: db."""

import eventlet
import pytest

from services.contracts.events import PromiseAtRisk, PromiseBroken
from tests.support.bridge import SHI, Bridge, kinds

pytestmark = pytest.mark.db


@pytest.fixture
def bridge(db, tmp_path) -> Bridge:
    return Bridge(db("grid_bridge"), tmp_path)


def test_a_broken_promise_climbs_from_committee_to_district_once(bridge):
    issue_id = bridge.report().id
    due = bridge.issue(issue_id).promise.due_at
    assert bridge.chase() == 0
    bridge.now = due
    turns = 0
    while bridge.chase():
        turns += 1
    assert turns == 2  # at risk, and broken for the committee
    bridge.pass_days(7)
    while bridge.chase():
        turns += 1
    assert turns == 4
    assert [event.due_at for event in bridge.told(PromiseAtRisk)] == [due]
    assert [event.level for event in bridge.told(PromiseBroken)] == [
        "committee",
        "town",
        "district",
    ]
    bridge.pass_days(30)
    assert bridge.chase() == 0
    issue = bridge.issue(issue_id)
    assert issue.promise.overdue
    assert kinds(issue) == ["reported", *["promise_broken"] * 3]
    assert kinds(bridge.issue(issue_id, SHI))[1] == "promise_at_risk"


def test_a_kept_promise_is_silent(bridge):
    issue_id = bridge.report().id
    bridge.triage(issue_id, "consult", None)
    bridge.answer(issue_id)
    bridge.pass_days(30)
    assert bridge.chase() == 0
    assert not bridge.told(PromiseAtRisk, PromiseBroken)


def test_two_timers_at_once_say_each_thing_once(bridge):
    for _ in range(6):
        bridge.report()
    bridge.now = bridge.issues().items[-1].promise.due_at
    pool = eventlet.GreenPool(4)
    handled = list(pool.imap(lambda _: sum(iter(bridge.chase, 0)), range(4)))
    while bridge.chase():
        pass
    assert sum(handled) <= 12
    assert len(bridge.told(PromiseAtRisk)) == len(bridge.told(PromiseBroken)) == 6


def test_a_promise_names_the_order_while_the_grid_has_it_in_hand(bridge):
    order, plain = bridge.escalated(), bridge.report()
    bridge.pass_days(60)
    while bridge.chase():
        pass
    said = {
        (event.issue_id == plain.id, event.work_order_no)
        for event in bridge.told(PromiseAtRisk, PromiseBroken)
    }
    assert said == {(True, None), (False, order.no)}
