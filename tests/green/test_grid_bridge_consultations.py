"""Joint consultations: who sits there and sees what, what is agreed, how it ends. Needs: db."""

from datetime import UTC, datetime

import eventlet
import pytest

from services.contracts.errors import Forbidden, NotFound, ShequError
from services.contracts.events import (
    IssueConfirmed,
    IssueEscalated,
    IssueTriaged,
    JointConsultationChanged,
    ReferralChanged,
)
from services.grid_bridge import copies, repository_consultations
from services.grid_bridge.domain import consultation as rules
from services.grid_bridge.domain.issue import (
    OrderIsLive,
    ProofNeeded,
    SelfGovernanceFirst,
    SlotNeeded,
    SlotNotAllowed,
    TriageFirst,
)
from services.grid_bridge.repository import IssueNotFound, WorkOrderNotFound
from services.grid_bridge.repository_consultations import ConsultationNotFound
from tests.support.bridge import (
    ADMIN,
    LU,
    NEXT_DOOR,
    OBSERVER,
    OPERATOR,
    SHI,
    STRANGER,
    SUN,
    TOWN,
    WANG,
    kinds,
)
from tests.support.bridge_desk import PROPERTY
from tests.support.bridge_table import FAR_AWAY, HOUSING, URBAN, TableDesk

pytestmark = pytest.mark.db

NAMED = {"department": "区城管局", "person_id": URBAN.person_id}


@pytest.fixture
def desk(db, tmp_path) -> TableDesk:
    return TableDesk(db("grid_bridge"), tmp_path)


def steps(desk) -> list[str]:
    return [event.what for event in desk.told(JointConsultationChanged)]


def refusal(act) -> str:
    with pytest.raises(ShequError) as caught:
        act()
    return caught.value.code


def test_an_invited_department_sees_this_case_and_no_other(desk):
    issue_id = desk.triaged(hide_name=True, attachments=[desk.photo(SUN)])
    other = desk.triaged(title="另一件事")
    assert refusal(lambda: desk.issue(issue_id, HOUSING)) == "grid.issue_not_found"
    assert desk.issues(HOUSING).items == []
    one = desk.convene(issue_id, "区房管局", NAMED, minutes="内部：产权不清")

    for guest in (HOUSING, URBAN):
        seen = desk.issue(issue_id, guest)
        assert (seen.status, seen.reporter, len(seen.attachments)) == ("in_consultation", None, 1)
        assert "consultation_opened" in kinds(seen)
        assert not {"suggested", "assigned"} & {*kinds(seen)}
        assert [issue.id for issue in desk.issues(guest).items] == [issue_id]
        assert refusal(lambda guest=guest: desk.issue(other, guest)) == "grid.issue_not_found"
        assert desk.look_alikes(guest, "另一件事").items == []
        assert [row.id for row in desk.my_tables(guest)] == [one.id]
        assert [row.id for row in desk.tables(guest)] == [one.id]
        assert desk.table(one.id, guest).meetings[0].minutes.internal == "内部：产权不清"
        assert not desk.table(one.id, guest).leads
        assert SUN.person_id not in desk.table(one.id, guest).model_dump_json()
    assert [seat.mine for seat in desk.table(one.id, HOUSING).seats] == [True, False]
    assert [seat.mine for seat in desk.table(one.id, URBAN).seats] == [True, True]
    led = desk.table(one.id, SHI)
    assert led.leads and not any(seat.mine for seat in led.seats)
    # a name that is no department here, and a department elsewhere
    for stranger in (FAR_AWAY, STRANGER, NEXT_DOOR):
        for act in (desk.issue, lambda _id, who: desk.table(one.id, who)):
            with pytest.raises(NotFound):
                act(issue_id, stranger)
        assert desk.my_tables(stranger) == []

    # neighbours and observers read what is public; the operator reads it all
    for reader, full in ((SUN, False), (LU, False), (OBSERVER, False), (OPERATOR, True)):
        read = desk.table(one.id, reader)
        assert (read.full, [seat.department for seat in read.seats]) == (
            full, ["区房管局", "区城管局"]
        )  # fmt: skip
        assert (URBAN.person_id in read.model_dump_json(), "产权" in read.model_dump_json()) == (
            full, full
        )  # fmt: skip
    assert [row.id for row in desk.my_tables(OPERATOR)] == [one.id]
    assert desk.my_tables(OPERATOR, mine=True) == []
    assert [row.id for row in desk.my_tables(SHI, mine=True)] == [one.id]

    # the named seat is hers alone; who declines or is let go sees nothing any more
    assert refusal(lambda: desk.reply(one, HOUSING, seat=1)) == ("grid.consultation_part_not_found")
    assert desk.reply(one, URBAN, seat=1).seats[1].state == "accepted"
    assert refusal(lambda: desk.reply(one, HOUSING, accept=False)) == "grid.reason_needed"
    desk.reply(one, HOUSING, accept=False, reason="不属我局职责")
    with pytest.raises(IssueNotFound):
        desk.issue(issue_id, HOUSING)
    with pytest.raises(ConsultationNotFound):
        desk.table(one.id, HOUSING)
    assert desk.table(one.id, SHI).seats[0].reason == "不属我局职责"
    assert desk.table(one.id, SUN).seats[0].reason is None
    assert "不属我局职责" not in str(desk.issue(issue_id))
    assert not any("不属我局职责" in event.words for event in desk.told(JointConsultationChanged))
    desk.invite(one.id, "区房管局", note="请再考虑")
    assert desk.issue(issue_id, HOUSING).id == issue_id
    desk.let_go(one)
    with pytest.raises(IssueNotFound):
        desk.issue(issue_id, HOUSING)
    assert refusal(lambda: desk.reply(one, HOUSING)) == "grid.consultation_not_found"

    # a named person who leaves for good opens her seat to nobody
    with desk.units() as uow:
        repository_consultations.forget(uow.session, URBAN.person_id)
        uow.commit()
    with pytest.raises(IssueNotFound):
        desk.issue(issue_id, URBAN)


def test_what_is_agreed_moves_the_promise_and_is_told(desk):
    issue_id = desk.triaged()
    desk.me_too(issue_id, LU)
    first = desk.issue(issue_id).promise
    one = desk.convene(
        issue_id,
        "区房管局",
        NAMED,
        actions=[
            {"what": "出具鉴定", "owner": "department", "department": "区房管局",
             "due_at": desk.days(30)},
            {"what": "现场执法", "owner": "person", **NAMED, "due_at": desk.days(60)},
        ],
    )  # fmt: skip
    opened, *added = desk.told(JointConsultationChanged)
    assert (opened.what, opened.supporter_ids, opened.guest_ids, opened.to_departments) == (
        "opened", [LU.person_id], [URBAN.person_id], True
    )  # fmt: skip
    assert [(event.what, event.guest_ids) for event in added] == [
        ("action_added", []), ("action_added", [URBAN.person_id])
    ]  # fmt: skip
    # its date is the next action's, and never before what was promised already
    assert desk.issue(issue_id).promise.due_at == desk.days(30) == opened.promise_due_at
    one = desk.agree(one, desk.days(1))
    assert one.promise.due_at == first.due_at
    one = desk.act(one, "finish", action=2)
    assert one.promise.due_at == desk.days(30)
    assert not one.promise.paused

    # the owner starts and finishes; what is another's, or only a leader decides, she does not
    one = desk.act(one, "start", HOUSING)
    for act in (
        lambda: desk.act(one, "finish", HOUSING, action=1),
        lambda: desk.act(one, "drop", HOUSING, note="不做了"),
    ):
        assert refusal(act) == "grid.not_your_action"
    assert refusal(lambda: desk.act(one, "start", HOUSING)) == "grid.action_state"
    assert refusal(lambda: desk.act(one, "drop")) == "grid.reason_needed"
    assert refusal(lambda: desk.act(one, "postpone", note="等材料")) == "grid.consultation_date"
    late = desk.days(45)
    one = desk.act(one, "postpone", note="等材料", due_at=late)
    assert (one.actions[0].state, one.promise.due_at) == ("in_progress", late)

    # a day before it is brought to mind, at the date it is overdue and the promise breaks
    desk.pass_days(44.5)
    assert (desk.follow_up(), desk.follow_up()) == (1, 0)
    desk.now = late
    assert (desk.follow_up(), desk.follow_up()) == (1, 0)
    while desk.chase():
        pass
    issue = desk.issue(issue_id)
    assert {"consultation_action_overdue", "promise_broken"} <= {*kinds(issue)}
    assert "consultation_action_due" not in kinds(issue)
    assert "consultation_action_due" in kinds(desk.issue(issue_id, SHI))
    assert steps(desk)[-2:] == ["action_due", "action_overdue"]
    (row,) = desk.tables(LU)
    assert (row.open_actions, row.overdue_actions, row.departments) == (
        2, 1, ["区房管局", "区城管局"]
    )  # fmt: skip

    # who goes leaves her work to the committee
    one = desk.let_go(one, seat=1)
    assert (one.actions[1].owner, one.actions[1].state) == ("committee", "open")
    one = desk.act(one, "finish", HOUSING, attachments=[desk.photo(HOUSING)])
    done = desk.conclude(one, "resolved")
    issue = desk.issue(issue_id)
    assert (issue.status, issue.outcome, issue.promise) == ("solved", "solved", None)
    assert [action.state for action in done.actions] == ["done", "dropped", "done"]
    last = desk.told(JointConsultationChanged)[-1]
    assert (last.what, last.outcome, last.supporter_ids) == (
        "concluded", "resolved", [LU.person_id]
    )  # fmt: skip
    assert refusal(lambda: desk.agree(one, desk.days(9))) == "grid.consultation_concluded"
    assert desk.follow_up() == 0
    assert desk.issue(issue_id, HOUSING).status == "solved"
    with desk.units(read_only=True) as uow:
        mine = copies.held_about(uow, HOUSING.person_id)["consultations"]["items"]
        theirs = copies.held_about(uow, URBAN.person_id)["consultations"]["items"]
    assert [row["act"] for row in mine] == ["moved"]
    assert [row["act"] for row in theirs] == ["invited"]


def test_meetings_have_minutes_with_a_public_and_an_inner_text(desk):
    issue_id = desk.triaged()
    one = desk.plan_meeting(desk.convene(issue_id), online=True, place="https://meet.example/1")
    assert desk.table(one.id, SUN).meetings[0].place is None
    assert refusal(lambda: desk.write_minutes(one, 0, published="x")) == "grid.meeting_state"
    past = datetime(2020, 1, 1, tzinfo=UTC)
    assert refusal(lambda: desk.plan_meeting(one, planned_at=past)) == "grid.consultation_date"
    one = desk.settle_meeting(one, participants=["区房管局 王科长", "居委会"])
    assert refusal(lambda: desk.settle_meeting(one, "cancelled", reason="x")) == (
        "grid.meeting_state"
    )
    pdf = desk.photo(SHI, "application/pdf")
    desk.write_minutes(one, 0, published="两周内鉴定", internal="费用待定", attachments=[pdf])
    told = desk.told(JointConsultationChanged)[-1]
    assert (told.what, told.words, told.attachments) == ("minutes_published", "两周内鉴定", [])
    assert "费用待定" not in str(desk.rows("SELECT body FROM kit_outbox"))
    public = desk.table(one.id, LU).meetings[0]
    assert (public.minutes.published, public.minutes.internal, public.minutes.attachments) == (
        "两周内鉴定", None, []
    )  # fmt: skip
    assert public.participants == []
    inner = desk.table(one.id, HOUSING).meetings[0]
    assert (inner.minutes.internal, len(inner.minutes.attachments)) == ("费用待定", 1)
    # a colleague keeps the file of the version that she has read
    desk.write_minutes(one, 1, WANG, published="两周内鉴定", internal="", attachments=[pdf])
    assert steps(desk).count("minutes_published") == 1
    assert [row.version for row in desk.minutes(one, HOUSING)] == [2, 1]
    with pytest.raises(ConsultationNotFound):
        desk.minutes(one, SUN)

    # two write at once: one of them reads again
    def write(text: str) -> str:
        try:
            desk.write_minutes(one, 2, published=text)
        except ShequError as error:
            return error.code
        return "written"

    said = sorted(eventlet.GreenPool(3).imap(write, ["甲", "乙", "丙"]))
    assert said == ["grid.minutes_changed", "grid.minutes_changed", "written"]
    assert len(desk.minutes(one)) == 3


def test_an_action_and_the_end_at_once_leave_nothing_undone(desk):
    one = desk.convene(desk.triaged())

    def attempt(act) -> str:
        try:
            act()
        except ShequError as error:
            return error.code
        return "done"

    acts = [
        lambda: desk.conclude(one, "returned"),
        lambda: desk.agree(one, desk.days(5)),
        lambda: desk.conclude(one, "unresolvable", WANG),
        lambda: desk.plan_meeting(one),
    ]
    said = list(eventlet.GreenPool(4).imap(attempt, acts))
    assert {said[0], said[2]} == {"done", "grid.consultation_concluded"}
    assert {said[1], said[3]} <= {"done", "grid.consultation_concluded"}
    after = desk.table(one.id)
    assert {action.state for action in after.actions} <= {"dropped"}
    assert {meeting.state for meeting in after.meetings} <= {"cancelled"}
    assert steps(desk).count("concluded") == 1
    # of two who open one at once, one does
    issue_id = desk.triaged()
    opened = [
        attempt(lambda: None),
        *eventlet.GreenPool(2).imap(attempt, [lambda: desk.convene(issue_id)] * 2),
    ]
    assert sorted(opened[1:]) == ["done", "grid.issue_state"]
    assert len(desk.tables(state="open")) == 1


def test_every_arm_of_a_dispose_case_whose_self_governance_fails(desk):
    def failed() -> str:
        issue_id = desk.triaged()
        desk.step(issue_id, "site_visit")
        assert refusal(lambda: desk.convene(issue_id)) == "grid.attempt_running"
        desk.step(issue_id, outcome="failed")
        with pytest.raises(SlotNeeded) as caught:  # it never becomes a work order unclassified
            desk.escalate(issue_id)
        assert (caught.value.status, caught.value.code) == (422, "grid.slot_needed")
        return issue_id

    # re-triaged into a slot: the gate is open
    sorted_again = failed()
    desk.triage(sorted_again, "8x", "X3")
    assert desk.escalate(sorted_again).state == "reported"
    # referred, to each party, with the same clock
    for to, department in (
        ("property", None), ("owners_committee", None), ("department", "区房管局")
    ):  # fmt: skip
        referred = failed()
        due = desk.issue(referred).promise.due_at
        made = desk.refer(referred, to, department=department)
        assert (made.promise.due_at, desk.issue(referred).promise.due_at) == (due, due)
    # to the table from there: the referral is taken back, the promise runs on
    desk.convene(referred, by=TOWN)
    assert desk.told(ReferralChanged)[-1].state == "withdrawn"
    after = desk.issue(referred)
    assert (after.status, after.promise.due_at, after.promise.paused) == (
        "in_consultation", due, False
    )  # fmt: skip
    # to the table at once, and from there handed over: sorted first, by the same gate
    legacy = failed()
    one = desk.convene(legacy)
    for act in (desk.escalate, desk.answer, desk.step, desk.refer):
        assert refusal(lambda act=act: act(legacy)) == "grid.issue_state"
    with pytest.raises(SlotNeeded):
        desk.conclude(one, "handed_over")
    with pytest.raises(SlotNotAllowed):
        desk.conclude(one, "returned", slot="X3")
    assert desk.table(one.id).state == "open"
    handed = desk.conclude(one, "handed_over", slot="X3")
    assert (handed.issue_status, handed.outcome) == ("escalated", "handed_over")
    issue = desk.issue(legacy)
    assert kinds(issue)[-3:] == ["consultation_concluded", "triaged", "escalated"]
    assert (issue.category, issue.slot, issue.promise.stage) == ("8x", "X3", "grid")
    assert [event.issue_id for event in desk.told(IssueTriaged, IssueEscalated)[-2:]] == (
        [legacy, legacy]
    )
    # the department reads its order, and no other
    assert desk.order(handed.work_order_no, HOUSING).reason is None
    with pytest.raises(WorkOrderNotFound):
        desk.order(desk.issue(sorted_again).work_order_no, HOUSING)
    assert desk.orders(HOUSING).items == []


def test_ways_in_and_out(desk):
    with pytest.raises(TriageFirst):
        desk.convene(desk.report().id)
    for by in (LU, PROPERTY, OBSERVER):
        with pytest.raises((Forbidden, NotFound)):
            desk.convene(desk.triaged(), by=by)
    assert refusal(lambda: desk.convene(desk.triaged(category="consult"))) == (
        "grid.not_for_consultation"
    )
    draft = {"what": "清运", "due_at": desk.days(3)}
    for wrong, field in (
        ({"owner": "department", "department": "区水务局"}, "actions.0.owner"),
        ({"owner": "person", **NAMED}, "actions.0.owner"),
        ({"due_at": desk.days(900)}, "actions.0.due_at"),
    ):
        issue_id = desk.triaged()
        with pytest.raises(ShequError) as caught:
            desk.convene(issue_id, actions=[{**draft, **wrong}])
        assert (caught.value.status, caught.value.errors[0].field) == (422, field)
        assert desk.issue(issue_id).status == "triaged"

    # an urgent or tried case alone goes on to the grid; without either it goes back
    one = desk.convene(desk.triaged(), by=ADMIN)
    with pytest.raises(SelfGovernanceFirst):
        desk.conclude(one, "handed_over", slot="X3")
    with pytest.raises(ProofNeeded):
        desk.conclude(one, "resolved")
    back = desk.conclude(one, "returned", TOWN)
    assert (back.issue_status, back.promise.paused) == ("triaged", False)
    desk.answer(back.issue_id)

    # nobody can solve it: closed as that, and the reporter may open it again
    one = desk.convene(desk.triaged())
    desk.conclude(one, "unresolvable", words="资金无来源")
    issue = desk.issue(one.issue_id)
    assert (issue.status, issue.outcome, issue.promise) == ("closed", "unresolvable", None)
    assert "资金无来源" in issue.timeline[-1].text
    assert desk.reopen(one.issue_id).status == "reopened"

    # the reporter's yes is proof, and names nobody at the table
    one = desk.plan_meeting(desk.convene(desk.triaged(hide_name=True)))
    assert desk.confirm(one.issue_id, solved=False).status == "in_consultation"
    assert desk.confirm(one.issue_id).status == "solved"
    ended = desk.told(JointConsultationChanged)[-1]
    assert (ended.what, ended.actor_id, ended.supporter_ids) == ("concluded", "", [])
    assert desk.told(IssueConfirmed)[-1].solved
    assert (desk.table(one.id).outcome, desk.table(one.id).meetings[0].state) == (
        "resolved", "cancelled"
    )  # fmt: skip

    # the grid refused it, or its department returned it while the order lives on
    refused = desk.escalated()
    desk.walk(refused.no, ["accepted", "verifying", "not_registered"])
    assert desk.convene(refused.issue_id).issue_status == "in_consultation"
    order = desk.escalated()
    assert refusal(lambda: desk.convene(order.issue_id)) == "grid.order_is_live"
    desk.walk(order.no, ["accepted", "verifying", "registered", "dispatched", "returned"])
    limit = desk.issue(order.issue_id).promise.due_at
    one = desk.convene(order.issue_id)
    assert (one.promise.due_at, one.promise.stage) == (limit, "8x")
    desk.walk(order.no, ["dispatched", "disposing", "suspended"], first=6)
    assert not desk.issue(order.issue_id).promise.paused  # never silently
    with pytest.raises(OrderIsLive):
        desk.conclude(one, "unresolvable")
    assert desk.conclude(one, "returned").issue_status == "escalated"
    assert desk.issue(order.issue_id).promise.stage == "grid"


def test_the_table_has_its_limits(desk, monkeypatch):
    one = desk.convene(desk.triaged(), minutes="内部：产权不清")
    monkeypatch.setattr(rules, "SEATS_AT_MOST", 1)
    monkeypatch.setattr(rules, "VERSIONS_AT_MOST", 1)
    monkeypatch.setattr(rules, "MEETINGS_AT_MOST", 0)
    monkeypatch.setattr(rules, "ACTIONS_AT_MOST", 0)
    for act in (
        lambda: desk.invite(one.id, "区水务局"),
        lambda: desk.plan_meeting(one),
        lambda: desk.agree(one, desk.days(3)),
        lambda: desk.write_minutes(one, 1, published="已商定"),
    ):
        assert refusal(act) == "grid.consultation_full"
    assert refusal(lambda: desk.invite(one.id, "区房管局")) == "grid.invitation_state"
