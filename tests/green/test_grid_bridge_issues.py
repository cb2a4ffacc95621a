"""Issues from triage to rating, and their lists, on a real database. Needs: db."""

import json

import pytest
from sqlalchemy import event as sqlalchemy_event

from services.contracts.errors import ShequError
from services.contracts.events import (
    IssueAnswered,
    IssueEscalated,
    IssueRated,
    IssueReopened,
    IssueTriaged,
    SelfGovernanceRecorded,
    WorkOrderOpened,
)
from services.grid_bridge.domain.issue import (
    NotNow,
    ProofNeeded,
    SelfGovernanceFirst,
    SlotNeeded,
    TriageFirst,
)
from tests.support import bridge as people
from tests.support.bridge import (
    SHI,
    SUN,
    WANG,
    Bridge,
    kinds,
)

pytestmark = pytest.mark.db


@pytest.fixture
def bridge(db, tmp_path) -> Bridge:
    return Bridge(db("grid_bridge"), tmp_path)


# -- the committee -----------------------------------------------------------------------------


def test_the_way_to_the_city_is_gated_at_each_step(bridge):
    issue_id = bridge.report(attachments=[bridge.photo(SUN)]).id
    with pytest.raises(TriageFirst):
        bridge.escalate(issue_id)
    bridge.triage(issue_id, "dispose", None)
    with pytest.raises(SlotNeeded):
        bridge.escalate(issue_id)
    bridge.triage(issue_id, "8x", "X3", reason="属毁绿占绿")
    with pytest.raises(SelfGovernanceFirst):
        bridge.escalate(issue_id)
    before = bridge.photo(WANG)
    bridge.step(issue_id, "site_visit", by=WANG, attachments=[before])
    bridge.step(issue_id, "talk", outcome="failed", **{"with": "商户"})
    order = bridge.escalate(issue_id)
    issue = bridge.issue(issue_id, SHI)
    assert (issue.status, issue.work_order_no) == ("escalated", order.no)
    assert kinds(issue) == ["reported", "triaged", "triaged", "site_visit", "talk", "escalated"]
    assert [line.actor_role for line in issue.timeline] == [
        "resident",
        "secretary",
        "secretary",
        "committee_staff",
        "secretary",
        "secretary",
    ]
    assert issue.timeline[4].text == "约谈：对象：商户；上门沟通；自治未能解决"
    (event,) = bridge.told(IssueEscalated)
    assert event.work_order_no == order.no
    with pytest.raises(ShequError) as caught:
        bridge.escalate(issue_id)
    assert (caught.value.status, caught.value.code) == (409, "grid.order_is_live")


def test_the_opened_order_says_everything_the_border_asks_for(bridge):
    photo = bridge.photo(SUN)
    receipt = bridge.report(
        attachments=[photo], location={"address": "友谊路1号", "lng": 121.4, "lat": 31.4}
    )
    bridge.triage(receipt.id)
    after_talk = bridge.photo(SHI)
    bridge.step(receipt.id, "talk", outcome="failed", attachments=[after_talk])
    order = bridge.escalate(receipt.id)
    (event,) = bridge.told(WorkOrderOpened)
    assert event.work_order_no == order.no == "SQT-310113-2026-000001"
    assert (event.district, event.category) == ("demo", "8x")
    assert event.routing_key == "workorder.opened.v1.demo.8x"
    assert event.community.code12 == "310113102001"
    assert (event.catalogue.slot, event.library_entry.slot) == ("X3", "X3")
    assert event.library_entry.no == "ZDFX-310113-2026-000001"
    assert (event.location.address, event.location.crs) == ("友谊路1号", "WGS84")
    assert event.external_ref == receipt.id
    assert [step.outcome for step in event.self_governance] == ["failed"]
    assert [one.url.split("?")[0].rsplit("/", 1)[1] for one in event.attachments] == [
        photo,
        after_talk,
    ]
    link = dict(part.split("=") for part in event.attachments[0].url.split("?")[1].split("&"))
    month = bridge.now.timestamp() + 30 * 86400
    assert int(link["expires"]) == int(month)
    assert bridge.files.verify(photo, int(link["expires"]), link["signature"], bridge.now)
    assert event.department.name
    assert event.code.standard
    assert event.deadlines.overall == order.deadline
    assert [stage.stage for stage in event.deadlines.stages] == [
        "accepted",
        "verifying",
        "dispatched",
        "disposing",
        "checking",
    ]
    assert event.reporter is None
    assert "sun" not in json.dumps(event.model_dump(mode="json"))


@pytest.mark.parametrize(
    ("code", "name"), [("09006", "占道经营"), ("06994", "群租(自定义)")], ids=["standard", "local"]
)
def test_a_given_standard_code_travels_with_the_order(bridge, code, name):
    issue_id = bridge.report().id
    triaged = bridge.triage(issue_id, standard_code=code)
    assert (triaged.standard_code.code, triaged.standard_code.name) == (code, name)
    bridge.step(issue_id, outcome="failed")
    assert bridge.escalate(issue_id).code.code == code


@pytest.mark.parametrize(
    ("wrong", "code"),
    [({"slot": "X99"}, "grid.unknown_slot"), ({"standard_code": "06099"}, "grid.unknown_code")],
)
def test_unknown_keys_are_refused(bridge, wrong, code):
    issue_id = bridge.report().id
    with pytest.raises(ShequError) as caught:
        bridge.triage(issue_id, **wrong)
    assert (caught.value.status, caught.value.code) == (422, code)
    assert bridge.issue(issue_id).status == "reported"


def test_an_urgent_case_passes_by_the_gate_with_its_reason(bridge):
    issue_id = bridge.report().id
    bridge.triage(issue_id)
    assert bridge.escalate(issue_id, urgent=True).urgency == "urgent"
    (event,) = bridge.told(IssueEscalated)
    assert (event.urgent, event.reason) == (True, "商户拒绝整改")


def test_the_neighbourhood_solves_it_by_itself(bridge):
    """The article's own case: visit, talk, undertaking, restored with a photo, praised."""
    issue_id = bridge.report(attachments=[bridge.photo(SUN)]).id
    bridge.triage(issue_id)
    bridge.step(issue_id, "site_visit", attachments=[bridge.photo(SHI)])
    bridge.step(issue_id, "talk")
    bridge.step(issue_id, "undertaking", due_at="2026-03-06T12:00:00+08:00")
    with pytest.raises(ProofNeeded) as caught:
        bridge.step(issue_id, "check", outcome="solved")
    assert (caught.value.status, caught.value.code) == (422, "grid.proof_needed")
    after = bridge.photo(SHI)
    solved = bridge.step(issue_id, "check", outcome="solved", attachments=[after])
    assert (solved.status, solved.outcome, solved.promise) == ("solved", "solved", None)
    rated = bridge.rate(issue_id)
    assert (rated.status, rated.score) == ("solved", 5)
    assert not bridge.told(WorkOrderOpened)
    last = bridge.told(SelfGovernanceRecorded)[-1]
    assert (last.outcome, [one.id for one in last.attachments]) == ("solved", [after])
    (event,) = bridge.told(IssueRated)
    assert (event.score, event.solved) == (5, True)


def test_a_document_is_no_after_photo(bridge):
    issue_id = bridge.report().id
    bridge.triage(issue_id)
    paper = bridge.photo(SHI, "application/pdf")
    with pytest.raises(ProofNeeded):
        bridge.step(issue_id, "check", outcome="solved", attachments=[paper])
    assert bridge.issue(issue_id).status == "triaged"


def test_the_reporters_yes_is_proof_enough(bridge):
    issue_id = bridge.report().id
    bridge.triage(issue_id)
    bridge.step(issue_id, "talk")
    assert bridge.rate(issue_id).status == "solved"
    assert bridge.issue(issue_id).promise is None


@pytest.mark.parametrize("outcome", ["answered", "fixed", "refused"])
def test_a_question_is_answered_within_its_promise(bridge, outcome):
    issue_id = bridge.report().id
    triaged = bridge.triage(issue_id, "consult", None)
    assert triaged.promise.stage == "consult"
    answered = bridge.answer(issue_id, outcome)
    assert (answered.status, answered.outcome, answered.promise) == ("answered", outcome, None)
    (event,) = bridge.told(IssueAnswered)
    assert (event.outcome, event.actor_role) == (outcome, "secretary")


def test_deciding_anew_does_not_buy_time(bridge):
    issue_id = bridge.report().id
    first = bridge.triage(issue_id, "dispose", None).promise
    bridge.pass_days(1)
    again = bridge.triage(issue_id, "8x", "X3").promise
    assert again.due_at == first.due_at
    assert [event.due_at for event in bridge.told(IssueTriaged)] == [first.due_at, first.due_at]


def test_what_was_answered_and_taken_up_again_has_a_promise_and_a_judgement_of_its_own(bridge):
    issue_id = bridge.report().id
    bridge.triage(issue_id)
    bridge.answer(issue_id)
    bridge.rate(issue_id, score=1, solved=False)
    bridge.pass_days(30)
    tried = bridge.step(issue_id, "talk")
    assert (tried.status, tried.score, tried.outcome) == ("self_governing", None, None)
    assert (tried.promise.stage, tried.promise.overdue) == ("8x", False)
    assert bridge.rate(issue_id).status == "solved"
    assert [row.score for row in bridge.rows("SELECT score FROM ratings ORDER BY round")] == [1, 5]


# -- judging and reopening ----------------------------------------------------------------------


def test_what_is_not_finished_can_be_neither_rated_nor_reopened(bridge):
    issue_id = bridge.report().id
    for act in (bridge.rate, bridge.reopen):
        with pytest.raises(NotNow) as caught:
            act(issue_id)
        assert caught.value.status == 409


def test_reopening_begins_a_new_round_with_a_new_promise(bridge):
    issue_id = bridge.report().id
    bridge.triage(issue_id, "consult", None)
    bridge.answer(issue_id)
    bridge.rate(issue_id, score=1, solved=False)
    bridge.pass_days(1)
    reopened = bridge.reopen(issue_id)
    assert (reopened.status, reopened.score, reopened.outcome) == ("reopened", None, None)
    assert reopened.promise.stage == "first_response"
    assert reopened.promise.due_at > bridge.now
    (event,) = bridge.told(IssueReopened)
    assert (event.reason, event.work_order_no) == ("又种上了", None)
    bridge.answer(issue_id)
    assert bridge.rate(issue_id, score=4).score == 4
    assert [row.score for row in bridge.rows("SELECT score FROM ratings ORDER BY round")] == [1, 4]


# -- lists -------------------------------------------------------------------------------------


def test_lists_are_newest_first_filtered_and_paged(bridge):
    made = [bridge.report(title=f"问题{number}").id for number in range(5)]
    bridge.triage(made[1], "consult", None)
    bridge.triage(made[3])
    first = bridge.issues(limit=2)
    second = bridge.issues(limit=2, cursor=first.next_cursor)
    third = bridge.issues(limit=2, cursor=second.next_cursor)
    assert [one.id for page in (first, second, third) for one in page.items] == made[::-1]
    assert third.next_cursor is None
    assert [one.id for one in bridge.issues(status="triaged").items] == [made[3], made[1]]
    assert [one.id for one in bridge.issues(category="consult").items] == [made[1]]


def test_a_page_costs_the_same_queries_for_one_issue_and_for_many(bridge):
    def queries() -> int:
        seen = []
        hook = lambda *args: seen.append(args[2])  # noqa: E731
        sqlalchemy_event.listen(bridge.engine, "before_cursor_execute", hook)
        try:
            bridge.issues(limit=100)
        finally:
            sqlalchemy_event.remove(bridge.engine, "before_cursor_execute", hook)
        return len(seen)

    bridge.report()
    one = queries()
    for _ in range(9):
        bridge.report()
    assert queries() == one <= 6


def test_the_whole_story_holds_no_personal_data(bridge):
    """Display names are looked up when read: events and timeline name people by id only."""
    issue_id = bridge.report().id
    bridge.triage(issue_id)
    bridge.step(issue_id, outcome="failed")
    bridge.escalate(issue_id)
    bodies = " ".join(row.body for row in bridge.rows("SELECT body FROM kit_outbox"))
    assert people.SUN.person_id in bodies
    assert "3号楼" not in bodies


def test_what_i_reported_is_listed_by_itself(bridge):
    mine, other = bridge.report().id, bridge.report(people.LU).id
    assert [one.id for one in bridge.issues(SUN, mine=True).items] == [mine]
    assert [one.id for one in bridge.issues(people.LU, mine=True).items] == [other]
    assert bridge.issues(WANG, mine=True).items == []
    assert len(bridge.issues(SUN).items) == 2
