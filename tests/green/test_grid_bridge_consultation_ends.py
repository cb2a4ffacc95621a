"""What is left when a joint consultation ends, or somebody leaves it: clocks, owners. Needs: db."""

from datetime import timedelta

import pytest

from services.contracts.events import IssueTriaged, JointConsultationChanged
from services.grid_bridge import repository_consultations
from tests.support.bridge import ADMIN, LU
from tests.support.bridge_table import HOUSING, URBAN, TableDesk

pytestmark = pytest.mark.db

NAMED = {"department": "区城管局", "person_id": URBAN.person_id}
RETURNED = ["accepted", "verifying", "registered", "dispatched", "returned"]


@pytest.fixture
def desk(db, tmp_path) -> TableDesk:
    return TableDesk(db("grid_bridge"), tmp_path)


def promised(desk):
    return desk.told(JointConsultationChanged)[-1].promise_due_at


def test_the_clock_of_an_order_that_lives_on_is_taken_up_as_the_platform_left_it(desk):
    still = desk.escalated()
    desk.walk(still.no, RETURNED)
    one = desk.convene(still.issue_id)
    desk.walk(still.no, ["dispatched", "disposing", "suspended"], first=6)
    desk.conclude(one, "returned")
    before = desk.issue(still.issue_id).promise
    assert (before.stage, before.paused, promised(desk)) == ("grid", True, None)
    desk.pass_days(14)
    assert desk.chase() == 0
    desk.update(still.no, 9, "disposing")
    after = desk.issue(still.issue_id).promise
    assert (after.paused, after.due_at >= before.due_at + timedelta(days=14)) == (False, True)

    # what was promised already stays, though the order's own limit is nearer
    late = desk.escalated(LU)
    desk.walk(late.no, RETURNED)
    desk.pass_days(60)
    one = desk.convene(late.issue_id)
    at_table = desk.issue(late.issue_id).promise.due_at
    assert at_table > desk.now > late.deadline
    desk.conclude(one, "returned")
    assert desk.issue(late.issue_id).promise.due_at == at_table == promised(desk)


def test_the_days_at_the_table_are_not_held_against_the_limit_that_follows(desk):
    for outcome, more in (("handed_over", {"slot": "X3", "urgent": True}), ("returned", {})):
        issue_id = desk.triaged()
        one = desk.convene(issue_id, actions=[{"what": "鉴定", "due_at": desk.days(60)}])
        desk.pass_days(40)
        desk.conclude(one, outcome, by=ADMIN, **more)
        if outcome == "returned":
            due = desk.issue(issue_id).promise.due_at
            desk.triage(issue_id, "8x", "X3")
            assert desk.issue(issue_id).promise.due_at == due
            # deciding anew buys no time
            desk.pass_days(2)
            desk.triage(issue_id, "dispose", None)
            assert desk.issue(issue_id).promise.due_at == due
        sorted_again = desk.told(IssueTriaged)[-1]
        assert (sorted_again.issue_id, sorted_again.due_at > desk.now) == (issue_id, True)


def test_what_a_person_was_to_do_is_the_committees_and_what_she_did_her_departments(desk):
    one = desk.convene(desk.triaged(), NAMED, "区房管局")
    hers = {"owner": "person", **NAMED}
    one = desk.agree(one, desk.days(9), what="现场执法", **hers)
    one = desk.agree(one, desk.days(8), what="调取图纸", **hers)
    desk.act(one, "finish", by=URBAN, action=1)
    with desk.units() as uow:
        repository_consultations.forget(uow.session, URBAN.person_id)
        uow.commit()
    assert [
        (action.what, action.owner, action.department, action.person_id)
        for action in desk.table(one.id, HOUSING).actions
    ] == [("现场执法", "committee", None, None), ("调取图纸", "department", "区城管局", None)]
    desk.pass_days(8.5)
    desk.follow_up()
    soon = [told for told in desk.told(JointConsultationChanged) if told.what == "action_due"]
    assert [told.departments for told in soon] == [["居委会"]]


def test_a_refused_case_that_goes_to_the_table_has_no_outcome_for_those_who_joined_it(desk):
    mine, order = desk.triaged(LU), desk.escalated()
    desk.merge(mine, order.issue_id)
    desk.consent(mine, by=LU)
    desk.walk(order.no, ["accepted", "verifying", "not_registered"])
    assert desk.issue(mine, LU).outcome == "grid_refused"
    desk.convene(order.issue_id)
    after = desk.issue(mine, LU)
    assert (after.outcome, after.timeline[-1].kind) == (None, "shared_reopening")
