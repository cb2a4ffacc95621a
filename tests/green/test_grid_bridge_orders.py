"""Work orders and what the grid platform tells of them, on a real database. Needs: db."""

from datetime import timedelta

import eventlet
import pytest

from services.contracts.errors import NotFound, ShequError
from services.contracts.events import (
    IssueClosed,
    IssueProgressed,
    IssueReopened,
    WorkOrderOpened,
    WorkOrderRated,
    WorkOrderReopened,
)
from tests.support.bridge import (
    LU,
    NEXT_DOOR,
    NOW,
    OBSERVER,
    OPERATOR,
    SHI,
    SUN,
    TO_CLOSED,
    Bridge,
)

pytestmark = pytest.mark.db


@pytest.fixture
def bridge(db, tmp_path) -> Bridge:
    return Bridge(db("grid_bridge"), tmp_path)


def states(bridge, no) -> list[str]:
    return [step.state for step in bridge.order(no).steps]


def held(bridge) -> list[tuple]:
    return [
        tuple(row)
        for row in bridge.rows(
            "SELECT work_order_no, seq::int, state, standing, reason FROM held_updates ORDER BY id"
        )
    ]


# -- numbers -----------------------------------------------------------------------------------


def test_numbers_have_no_gaps_and_no_repeats_under_concurrency(bridge):
    issues = [bridge.report().id for _ in range(12)]
    for issue_id in issues:
        bridge.triage(issue_id)

    def open_order(index: int) -> str | None:
        if index % 3 == 0:  # a rolled-back escalation gives its number back
            with pytest.raises(ZeroDivisionError), bridge.units() as uow:
                from services.contracts.operations.grid_bridge import EscalateIssue
                from services.grid_bridge.handlers import committee

                cmd = EscalateIssue(id=issues[index], reason="急", urgent=True)
                committee.escalate(uow, cmd, SHI, bridge.files, bridge.now)
                eventlet.sleep(0.01)
                raise ZeroDivisionError
        return bridge.escalate(issues[index], urgent=True).no

    numbers = list(eventlet.GreenPool(12).imap(open_order, range(12)))
    assert sorted(numbers) == [f"SQT-310113-2026-{count:06d}" for count in range(1, 13)]
    library = [event.library_entry.no for event in bridge.told(WorkOrderOpened)]
    assert sorted(library) == [f"ZDFX-310113-2026-{count:06d}" for count in range(1, 13)]


def test_each_year_begins_with_number_one(bridge):
    assert bridge.escalated().no == "SQT-310113-2026-000001"
    bridge.pass_days(365)
    assert bridge.escalated().no == "SQT-310113-2027-000001"


# -- following the platform --------------------------------------------------------------------


def test_each_step_is_on_the_thread_and_the_end_is_told(bridge):
    order = bridge.escalated()
    bridge.walk(order.no, TO_CLOSED)
    issue = bridge.issue(order.issue_id)
    assert (issue.status, issue.outcome, issue.promise) == ("closed", "grid_closed", None)
    assert [line.kind for line in issue.timeline][-8:] == list(TO_CLOSED)
    assert issue.timeline[-1].text == "已结案：区城管执法局；第8步"
    assert issue.timeline[-1].actor_role == "dispatcher"
    assert [event.state for event in bridge.told(IssueProgressed)] == list(TO_CLOSED)
    (event,) = bridge.told(IssueClosed)
    assert (event.result, event.work_order_no) == ("grid_closed", order.no)
    seen = bridge.order(order.no)
    assert (seen.state, seen.platform_ref, seen.handled_by) == ("closed", "WG-1", "区城管执法局")


def test_updates_in_any_order_and_twice_have_one_effect(bridge):
    order = bridge.escalated()
    for seq in (3, 1, 8, 8, 2, 2, 7, 5, 6, 4, 1, 8):
        bridge.update(order.no, seq, TO_CLOSED[seq - 1])
    assert states(bridge, order.no) == list(TO_CLOSED)
    assert [event.state for event in bridge.told(IssueProgressed)] == list(TO_CLOSED)
    assert len(bridge.told(IssueClosed)) == 1
    assert {row[3] for row in held(bridge)} == {"applied"}


def test_an_update_behind_a_gap_waits_and_is_shown(bridge):
    order = bridge.escalated()
    bridge.update(order.no, 2, "verifying")
    assert bridge.order(order.no).state == "reported"
    assert held(bridge) == [(order.no, 2, "verifying", "waiting", "wait")]
    (waiting,) = bridge.order(order.no, OPERATOR).held
    assert (waiting.seq, waiting.standing) == (2, "waiting")
    bridge.update(order.no, 1, "accepted")
    assert states(bridge, order.no) == ["accepted", "verifying"]
    assert not bridge.order(order.no, OPERATOR).held


def test_the_same_update_from_two_consumers_at_once_has_one_effect(bridge):
    order = bridge.escalated()
    pool = eventlet.GreenPool(8)
    calls = [(seq, TO_CLOSED[seq - 1]) for seq in (1, 2, 3, 4, 4, 3, 2, 1)]
    for _ in pool.starmap(lambda seq, state: bridge.update(order.no, seq, state), calls):
        pass
    assert states(bridge, order.no) == list(TO_CLOSED[:4])
    assert len(bridge.told(IssueProgressed)) == 4


def test_an_impossible_transition_goes_to_quarantine_and_stops_nothing(bridge):
    first, second = bridge.escalated(), bridge.escalated()
    bridge.update(first.no, 1, "closed")
    bridge.update(second.no, 1, "accepted")
    bridge.update(first.no, 2, "accepted")
    assert bridge.order(first.no).state == bridge.order(second.no).state == "accepted"
    assert held(bridge) == [(first.no, 1, "closed", "quarantined", "impossible")]
    assert [one.reason for one in bridge.order(first.no, OPERATOR).held] == ["impossible"]
    assert not bridge.told(IssueClosed)


def test_the_right_message_corrects_a_wrong_one_with_its_number(bridge):
    order = bridge.escalated()
    bridge.update(order.no, 1, "accepted")
    bridge.update(order.no, 2, "closed")  # wrong
    bridge.update(order.no, 3, "registered")  # right, and possible without number 2
    bridge.update(order.no, 2, "verifying")  # too late to matter
    assert bridge.order(order.no).state == "registered"
    assert {(row[2], row[4]) for row in held(bridge)} == {
        ("closed", "impossible"),
        ("verifying", "conflict"),
    }


def test_an_update_of_an_unknown_order_is_kept_apart_once(bridge):
    for _ in range(3):
        bridge.update("SQT-310113-2026-999999", 1, "accepted")
    assert held(bridge) == [
        ("SQT-310113-2026-999999", 1, "accepted", "quarantined", "unknown_order")
    ]


def test_a_number_from_nowhere_is_kept_apart(bridge):
    order = bridge.escalated()
    bridge.update(order.no, 10**25, "accepted")
    (row,) = bridge.rows("SELECT seq, reason FROM held_updates")
    assert (int(row.seq), row.reason) == (10**25, "too_far")
    bridge.update(order.no, 1, "accepted")
    assert bridge.order(order.no).state == "accepted"


@pytest.mark.parametrize(
    "odd",
    [
        {"note": "a\x00b", "department": "\x00"},
        {"department": "局" * 5000, "platform_ref": "r" * 5000, "actor_role": ""},
        {"attachments": ["nowhere", "../../etc/passwd"]},
        {"at": NOW.replace(tzinfo=None)},
        {"at": NOW.replace(year=9999, month=12, day=31)},
        {"deadline": NOW.replace(year=9999)},
    ],
    ids=["unstorable", "long", "no such files", "no zone", "far future", "no promise"],
)
def test_odd_content_is_taken_as_far_as_it_makes_sense(bridge, odd):
    order = bridge.escalated()
    bridge.update(order.no, 1, "accepted", **odd)
    seen = bridge.order(order.no)
    assert seen.state == "accepted"
    assert order.opened_at <= seen.updated_at <= bridge.now + timedelta(seconds=1)
    assert len(seen.handled_by) <= 100
    assert seen.deadline.year < 2030


def test_result_photos_are_on_the_thread(bridge):
    order = bridge.escalated()
    photo, hers = bridge.platform_photo(), bridge.photo(SUN)
    bridge.update(order.no, 1, "accepted", attachments=[photo, hers, "nowhere"])
    assert [one.id for one in bridge.issue(order.issue_id).timeline[-1].attachments] == [photo]


@pytest.mark.parametrize(
    ("way", "result"),
    [
        (("rejected",), "grid_refused"),
        (("duplicate",), "grid_refused"),
        (("accepted", "not_registered"), "grid_refused"),
        (("accepted", "verifying", "cancelled"), "cancelled"),
    ],
)
def test_a_refusal_closes_the_issue_truthfully_and_may_be_tried_again(bridge, way, result):
    order = bridge.escalated()
    bridge.walk(order.no, way)
    issue = bridge.issue(order.issue_id)
    assert (issue.status, issue.outcome) == ("closed", result)
    assert [line.kind for line in issue.timeline][-2:] == [way[-1], "closed"]
    (event,) = bridge.told(IssueClosed)
    assert event.result == result
    bridge.rate(order.issue_id, score=1, solved=False)
    assert not bridge.told(WorkOrderRated)  # there is no finished order to rate
    bridge.reopen(order.issue_id)
    assert not bridge.told(WorkOrderReopened)
    again = bridge.escalate(order.issue_id)
    assert again.no != order.no
    assert bridge.issue(order.issue_id).work_order_no == again.no


def test_rating_and_reopening_a_closed_order_reach_the_platform(bridge):
    order = bridge.escalated()
    bridge.walk(order.no, TO_CLOSED)
    bridge.rate(order.issue_id, score=2, solved=False)
    (rated,) = bridge.told(WorkOrderRated)
    assert (rated.work_order_no, rated.score, rated.solved) == (order.no, 2, False)
    bridge.update(order.no, 9, "evaluated")
    assert bridge.reopen(order.issue_id).status == "reopened"
    (reopened,) = bridge.told(WorkOrderReopened)
    assert (reopened.work_order_no, reopened.district) == (order.no, "demo")
    assert bridge.told(IssueReopened)[0].work_order_no == order.no
    with pytest.raises(ShequError) as caught:
        bridge.triage(order.issue_id, "consult", None)
    assert caught.value.code == "grid.order_is_live"
    bridge.pass_days(1)
    bridge.update(order.no, 10, "reopened")
    issue = bridge.issue(order.issue_id)
    assert (issue.status, issue.promise.stage) == ("escalated", "grid")
    assert issue.promise.due_at > order.deadline
    bridge.walk(order.no, TO_CLOSED[3:], first=11)
    assert bridge.issue(order.issue_id).status == "closed"
    assert bridge.rate(order.issue_id).score == 5
    assert [event.score for event in bridge.told(WorkOrderRated)] == [2, 5]


def test_the_clock_stands_while_the_platform_waits(bridge):
    order = bridge.escalated()
    bridge.walk(order.no, (*TO_CLOSED[:5], "suspended"))
    promise = bridge.issue(order.issue_id).promise
    assert (promise.paused, promise.due_at) == (True, order.deadline)
    bridge.pass_days(40)
    assert bridge.chase() == 0
    bridge.update(order.no, 7, "disposing")
    promise = bridge.issue(order.issue_id).promise
    assert not promise.paused
    assert promise.due_at >= order.deadline + timedelta(days=40)


def test_a_later_deadline_counts_and_an_earlier_one_does_not(bridge):
    order = bridge.escalated()
    bridge.update(order.no, 1, "accepted", deadline=order.deadline - timedelta(days=3))
    assert bridge.order(order.no).deadline == order.deadline
    later = order.deadline + timedelta(days=9)
    bridge.update(order.no, 2, "verifying", deadline=later)
    assert bridge.order(order.no).deadline == later
    assert bridge.issue(order.issue_id).promise.due_at == later


# -- reading -----------------------------------------------------------------------------------


def test_an_order_is_seen_by_committee_grid_and_reporter_only(bridge):
    order = bridge.escalated()
    bridge.update(order.no, 1, "accepted")
    for who in (SHI, OPERATOR):
        seen = bridge.order(order.no, who)
        assert (seen.library_entry_no, seen.platform_ref) == ("ZDFX-310113-2026-000001", "WG-1")
        assert seen.steps[0].note == "第1步"
    reduced = bridge.order(order.no, SUN)
    assert (reduced.reason, reduced.library_entry_no, reduced.platform_ref) == (None, None, None)
    assert [(step.state, step.note) for step in reduced.steps] == [("accepted", "")]
    for who in (LU, NEXT_DOOR, OBSERVER):
        with pytest.raises(NotFound):
            bridge.order(order.no, who)
        assert bridge.orders(who).items == []
    with pytest.raises(NotFound):
        bridge.order("SQT-310113-2026-999999")


def test_lists_of_orders_are_filtered_and_paged(bridge):
    made = [bridge.escalated() for _ in range(3)]
    bridge.update(made[0].no, 1, "accepted")
    first = bridge.orders(OPERATOR, limit=2)
    second = bridge.orders(OPERATOR, limit=2, cursor=first.next_cursor)
    assert [one.no for page in (first, second) for one in page.items] == [
        order.no for order in reversed(made)
    ]
    assert second.next_cursor is None
    assert [one.no for one in bridge.orders(state="accepted").items] == [made[0].no]
    assert bridge.orders(overdue=True).items == []
    bridge.pass_days(60)
    assert len(bridge.orders(SUN, overdue=True).items) == 3
    bridge.walk(made[0].no, TO_CLOSED[1:], first=2)
    assert len(bridge.orders(overdue=True).items) == 2
    assert [one.no for one in bridge.orders(overdue=False).items] == [made[0].no]
