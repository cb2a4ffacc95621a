"""Referral to the property firm, the owners' committee or a department. Needs: db."""

from dataclasses import replace

import eventlet
import pytest

from services.contracts.errors import Forbidden, ShequError
from services.contracts.events import ReferralChanged
from services.grid_bridge.domain.handling import DepartmentNeeded, NotReferred
from services.grid_bridge.domain.issue import NotNow, TriageFirst
from services.grid_bridge.repository_casework import ReferralNotFound
from tests.support.bridge import LU, NEXT_DOOR, SHI, SUN, WANG, kinds
from tests.support.bridge_desk import CITY, OTHER_PROPERTY, OWNERS, PROPERTY, Desk

pytestmark = pytest.mark.db


@pytest.fixture
def desk(db, tmp_path) -> Desk:
    return Desk(db("grid_bridge"), tmp_path)


def test_the_party_sees_the_problem_and_not_who_reported_it(desk):
    issue_id = desk.triaged(location="3号楼前", attachments=[desk.photo(SUN)])
    made = desk.refer(issue_id, attachments=[desk.photo(SHI)])
    seen = desk.referral(made.id, PROPERTY)
    assert (seen.title, seen.location.address, seen.note) == (
        "商铺占用绿化带", "3号楼前", "请尽快处理"
    )  # fmt: skip
    assert (len(seen.issue_attachments), len(seen.attachments)) == (1, 1)
    assert SUN.person_id not in seen.model_dump_json()
    assert [one.id for one in desk.referrals(PROPERTY).items] == [made.id]
    assert desk.issue(issue_id).status == "referred"


def test_the_promise_runs_on_and_breaks_with_the_committee(desk):
    issue_id = desk.triaged()
    before = desk.issue(issue_id).promise
    made = desk.refer(issue_id)
    assert desk.issue(issue_id).promise == before
    assert made.promise == before
    desk.now = before.due_at
    while desk.chase():
        pass
    assert "promise_broken" in kinds(desk.issue(issue_id))


def test_done_by_the_party_is_an_answer_on_the_thread(desk):
    issue_id = desk.triaged()
    desk.me_too(issue_id, LU)
    made = desk.refer(issue_id)
    desk.settle_referral(made.id, attachments=[desk.photo(PROPERTY)])
    issue = desk.issue(issue_id)
    assert (issue.status, issue.outcome, issue.promise) == ("answered", "fixed", None)
    assert kinds(issue)[-2:] == ["referred", "referral_done"]
    assert issue.timeline[-1].actor_role == "property_manager"
    _, done = desk.told(ReferralChanged)
    assert (done.state, done.words, len(done.attachments)) == ("done", "已修好", 1)
    assert done.supporter_ids == [LU.person_id]
    assert desk.rate(issue_id).score == 5
    with pytest.raises(NotReferred):
        desk.settle_referral(made.id)


def test_a_declined_or_withdrawn_one_is_the_committees_again(desk):
    issue_id = desk.triaged()
    due = desk.issue(issue_id).promise.due_at
    desk.settle_referral(desk.refer(issue_id).id, outcome="declined")
    assert desk.issue(issue_id).status == "triaged"
    desk.recall(desk.refer(issue_id, "owners_committee").id)
    issue = desk.issue(issue_id)
    assert (issue.status, issue.promise.due_at) == ("triaged", due)
    assert [event.state for event in desk.told(ReferralChanged)] == [
        "open", "declined", "open", "withdrawn"
    ]  # fmt: skip
    desk.answer(issue_id)


def test_each_party_sees_its_own_and_the_committee_all(desk):
    ids = {to: desk.refer(desk.triaged(), to).id for to in ("property", "owners_committee")}
    ids["department"] = desk.refer(desk.triaged(), "department", department="区房管局").id
    for who, to in ((PROPERTY, "property"), (OWNERS, "owners_committee"), (CITY, "department")):
        assert [one.id for one in desk.referrals(who).items] == [ids[to]]
        for other in ids:
            if other != to:
                with pytest.raises(ReferralNotFound):
                    desk.settle_referral(ids[other], who)
    assert {one.id for one in desk.referrals(WANG).items} == {*ids.values()}
    assert desk.referrals(CITY, department="区城管局").items == []
    for stranger in (OTHER_PROPERTY, NEXT_DOOR):
        assert desk.referrals(stranger).items == []
        with pytest.raises(ReferralNotFound):
            desk.referral(ids["property"], stranger)
    with pytest.raises(ReferralNotFound):
        desk.settle_referral(ids["property"], SHI)


@pytest.mark.parametrize(("to", "department"), [("department", None), ("property", "区房管局")])
def test_a_department_is_named_and_nobody_else(desk, to, department):
    issue_id = desk.triaged()
    with pytest.raises(DepartmentNeeded) as caught:
        desk.refer(issue_id, to, department=department)
    assert (caught.value.status, caught.value.errors[0].field) == (422, "department")
    assert desk.issue(issue_id).status == "triaged"


def test_what_nobody_has_confirmed_is_not_referred_nor_by_a_neighbour(desk):
    with pytest.raises(TriageFirst):
        desk.refer(desk.report().id)
    with pytest.raises(Forbidden):
        desk.refer(desk.triaged(), by=LU)
    referred = desk.triaged()
    desk.refer(referred)
    for act in (desk.refer, desk.answer, desk.step, desk.escalate):
        with pytest.raises(NotNow):
            act(referred)


def test_the_party_answers_while_the_committee_takes_it_back_and_one_of_both_counts(desk):
    made = desk.refer(desk.triaged())
    colleague = replace(PROPERTY, person_id="p-property-2")

    def attempt(act) -> str:
        try:
            return act().state
        except ShequError as error:
            return error.code

    acts = [
        lambda: desk.settle_referral(made.id),
        lambda: desk.recall(made.id),
        lambda: desk.settle_referral(made.id, colleague, outcome="declined"),
    ]
    said = sorted(eventlet.GreenPool(3).imap(attempt, acts))
    assert said.count("grid.referral_settled") == 2
    assert len(desk.told(ReferralChanged)) == 2  # asked, and one end
