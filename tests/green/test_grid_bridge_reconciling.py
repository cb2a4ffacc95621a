"""The library, steering an order, and holding the platform's list against ours. Needs: db."""

from datetime import timedelta

import eventlet
import pytest

from services.contracts.errors import Forbidden, NotFound, ShequError
from services.contracts.events import (
    IssueAmended,
    IssueUrged,
    IssueWithdrawn,
    WorkOrderAmended,
    WorkOrderOpened,
    WorkOrderUpdatesWanted,
    WorkOrderUrged,
    WorkOrderWithdrawn,
)
from services.contracts.operations.grid_bridge import PlatformOrder
from tests.support.bridge import (
    ADMIN,
    LU,
    NEXT_DOOR,
    OPERATOR,
    SHI,
    SUN,
    TO_CLOSED,
    TOWN,
    Bridge,
    actor,
    refused,
)

pytestmark = pytest.mark.db


@pytest.fixture
def bridge(db, tmp_path) -> Bridge:
    return Bridge(db("grid_bridge"), tmp_path)


def line(order, state: str = "reported", seq: int = 0, **more) -> PlatformOrder:
    return PlatformOrder(work_order_no=order.no, state=state, seq=seq, **more)


def facts(found) -> list[tuple]:
    return [(one.work_order_no, one.kind, one.repair, one.status) for one in found.rows]


# -- the library -------------------------------------------------------------------------------


def test_an_entry_follows_its_order_to_the_end(bridge):
    order = bridge.escalated()
    seen = [bridge.library()[0].standing]
    for seq, state in enumerate(TO_CLOSED, 1):
        bridge.update(order.no, seq, state)
        seen.append(bridge.library()[0].standing)
    assert seen == ["entered", *["ordered"] * 7, "settled"]
    (entry,) = bridge.library()
    assert (entry.no, entry.work_order_no) == ("ZDFX-310113-2026-000001", order.no)
    assert (entry.order_state, entry.orders, entry.slot) == ("closed", 1, "X3")
    bridge.reopen(order.issue_id)
    bridge.update(order.no, 9, "reopened")
    assert bridge.library()[0].standing == "ordered"


def test_an_issue_handed_over_again_keeps_its_entry_and_number(bridge):
    first = bridge.escalated()
    bridge.update(first.no, 1, "rejected")
    assert [one.standing for one in bridge.library()] == ["returned"]
    bridge.reopen(first.issue_id)
    second = bridge.escalate(first.issue_id)
    assert second.no != first.no
    assert second.library_entry_no == first.library_entry_no
    (entry,) = bridge.library()
    assert (entry.standing, entry.orders, entry.work_order_no) == ("entered", 2, second.no)
    bridge.update(first.no, 2, "accepted")  # impossible, and of an order that is past
    assert bridge.library()[0].standing == "entered"
    other = bridge.escalated()
    assert other.library_entry_no == "ZDFX-310113-2026-000002"


def test_the_library_is_read_by_committee_and_grid_in_their_reach(bridge):
    order = bridge.escalated()
    assert [one.work_order_no for one in bridge.library(OPERATOR)] == [order.no]
    assert bridge.library(NEXT_DOOR) == []
    assert bridge.library(did="elsewhere") == []
    assert bridge.library(standing="settled") == []


def test_an_order_of_the_version_before_gets_its_entry_with_its_first_update(bridge):
    order = bridge.escalated()
    with bridge.units() as uow:
        from sqlalchemy import text

        uow.session.execute(text("DELETE FROM library_entries"))
        uow.commit()
    bridge.update(order.no, 1, "accepted")
    (entry,) = bridge.library()
    assert (entry.no, entry.standing, entry.orders) == (order.library_entry_no, "ordered", 1)


# -- steering ----------------------------------------------------------------------------------


def test_each_level_urges_once_a_day_and_everybody_is_told(bridge):
    order = bridge.escalated()
    assert (order.urged, order.urges) == (False, 0)
    bridge.urge(order.no)
    assert refused(bridge.urge, order.no) == "grid.urged_today"
    bridge.urge(order.no, TOWN)
    seen = bridge.urge(order.no, ADMIN)
    assert (seen.state, seen.urged, seen.urges) == ("reported", True, 3)
    levels = ["committee", "town", "district"]
    assert [event.level for event in bridge.told(WorkOrderUrged)] == levels
    assert [event.level for event in bridge.told(IssueUrged)] == levels
    lines = [one.text for one in bridge.issue(order.issue_id).timeline if one.kind == "urged"]
    assert lines[0] == "居委会已督办网格工单：三天没有人来"
    bridge.pass_days(1)
    assert bridge.urge(order.no).urges == 4


def test_two_who_urge_at_the_same_moment_urge_once(bridge):
    order = bridge.escalated()

    def once(_) -> str:
        try:
            bridge.urge(order.no)
        except ShequError as error:
            return error.code
        return "done"

    said = list(eventlet.GreenPool(6).imap(once, range(6)))
    assert sorted(said) == ["done", *["grid.urged_today"] * 5]
    assert bridge.order(order.no).urges == 1


def test_urging_is_for_those_whom_a_broken_promise_is_told(bridge):
    order = bridge.escalated()
    elsewhere = actor("p-far", *((grant.role, "other") for grant in ADMIN.grants))
    for who in (SUN, LU, NEXT_DOOR, OPERATOR, elsewhere):
        assert refused(bridge.urge, order.no, who) == "grid.work_order_not_found"
    bridge.walk(order.no, TO_CLOSED)
    assert refused(bridge.urge, order.no) == "grid.order_ended"


def test_a_withdrawal_is_a_wish_until_the_platform_cancels(bridge):
    order = bridge.escalated()
    bridge.update(order.no, 1, "accepted")
    seen = bridge.withdraw(order.no)
    assert (seen.state, seen.withdrawal_asked_at) == ("accepted", bridge.now)
    assert refused(bridge.withdraw, order.no) == "grid.withdrawal_asked"
    (told,) = bridge.told(WorkOrderWithdrawn)
    assert (told.work_order_no, told.reason) == (order.no, "商户自己清走了")
    assert len(bridge.told(IssueWithdrawn)) == 1
    assert bridge.issue(order.issue_id).status == "escalated"
    bridge.update(order.no, 2, "cancelled", actor_role="community")
    assert bridge.issue(order.issue_id).outcome == "cancelled"
    assert bridge.library()[0].standing == "withdrawn"
    assert refused(bridge.withdraw, order.no) == "grid.order_ended"
    with pytest.raises(NotFound):
        bridge.withdraw(order.no, NEXT_DOOR)


def test_what_was_learned_later_reaches_the_platform_with_its_photos(bridge):
    order = bridge.escalated()
    photo, hers = bridge.photo(SHI), bridge.photo(SUN)
    bridge.amend(order.no, attachments=[photo])
    (told,) = bridge.told(WorkOrderAmended)
    assert told.note == "又多了一堆"
    assert "signature=" in told.attachments[0].url
    assert len(bridge.told(IssueAmended)) == 1
    assert refused(bridge.amend, order.no, attachments=[hers]) == "grid.unknown_attachment"
    bridge.walk(order.no, TO_CLOSED)
    assert refused(bridge.amend, order.no) == "grid.order_ended"


def test_what_an_order_went_through_is_counted(bridge):
    order = bridge.escalated()
    more = ("returned", "dispatched", "disposing", "extension_requested", "disposing", "suspended",
            "disposing", "disposed", "checking", "rework", "disposing")  # fmt: skip
    bridge.walk(order.no, (*TO_CLOSED[:4], *more))
    seen = bridge.order(order.no)
    assert (seen.returns, seen.extensions, seen.suspensions, seen.reworks) == (1, 1, 1, 1)
    assert seen.reopenings == 0


# -- comparing ---------------------------------------------------------------------------------


def test_two_sides_that_agree_have_no_difference(bridge):
    first, second = bridge.escalated(), bridge.escalated()
    bridge.walk(first.no, TO_CLOSED)
    found = bridge.compare(line(first, "closed", 8), line(second))
    assert (found.ours, found.theirs, found.equal, found.rows) == (2, 2, 2, [])


def test_each_difference_is_a_row_with_its_repair(bridge):
    unknown, behind, ahead, other, later = (bridge.escalated() for _ in range(5))
    bridge.walk(behind.no, TO_CLOSED[:2])
    bridge.walk(ahead.no, TO_CLOSED[:3])
    bridge.walk(other.no, ("accepted", "verifying"))
    stranger = PlatformOrder(work_order_no="SQT-310113-2026-900000", state="closed", seq=8)
    found = bridge.compare(
        line(behind, "dispatched", 4),
        line(ahead, "accepted", 1),
        line(other, "registered", 2),
        line(later, deadline=later.deadline + timedelta(days=3)),
        stranger,
    )
    assert (found.ours, found.theirs, found.equal, found.differences) == (5, 5, 0, 6)
    assert facts(found) == [
        (unknown.no, "missing_there", "republish_opened", "open"),
        (behind.no, "behind", "ask_updates", "open"),
        (ahead.no, "ahead", "look", "open"),
        (other.no, "other_state", "look", "open"),
        (later.no, "other_deadline", "take_deadline", "open"),
        (stranger.work_order_no, "missing_here", "look", "open"),
    ]
    assert found.rows[1].from_seq == 3
    assert (found.rows[1].ours.seq, found.rows[1].theirs.seq) == (2, 4)


def test_a_repair_is_done_once_and_says_who_did_it(bridge):
    unknown, behind, later = (bridge.escalated() for _ in range(3))
    promised = later.deadline + timedelta(days=3)
    first = bridge.told(WorkOrderOpened)[0]
    found = bridge.compare(line(behind, "accepted", 1), line(later, deadline=promised))
    after = bridge.repair(found.id)
    assert [one.status for one in after.rows] == ["asked", "asked", "done"]
    assert {(one.repaired_by, one.repaired_at) for one in after.rows} == {("p-admin", bridge.now)}
    again = bridge.told(WorkOrderOpened)[-1]
    assert again.model_dump(exclude={"attachments"}) == first.model_dump(exclude={"attachments"})
    (wanted,) = bridge.told(WorkOrderUpdatesWanted)
    assert (wanted.work_order_no, wanted.from_seq) == (behind.no, 1)
    assert bridge.order(later.no).deadline == promised
    assert bridge.issue(later.issue_id).promise.due_at == promised
    count = len(bridge.told(WorkOrderOpened, WorkOrderUpdatesWanted))
    bridge.pass_days(1)
    assert bridge.repair(found.id).rows == after.rows
    assert len(bridge.told(WorkOrderOpened, WorkOrderUpdatesWanted)) == count
    assert unknown.no == again.work_order_no


def test_repairs_at_the_same_moment_are_done_once(bridge):
    orders = [bridge.escalated() for _ in range(4)]
    found = bridge.compare(*(line(one, "accepted", 1) for one in orders))
    list(eventlet.GreenPool(4).imap(lambda _: bridge.repair(found.id), range(4)))
    wanted = bridge.told(WorkOrderUpdatesWanted)
    assert sorted(one.work_order_no for one in wanted) == sorted(one.no for one in orders)


def test_chosen_rows_alone_are_repaired_and_a_person_s_work_is_left(bridge):
    first, second, ahead = (bridge.escalated() for _ in range(3))
    bridge.update(ahead.no, 1, "accepted")
    found = bridge.compare(line(ahead))
    after = bridge.repair(found.id, found.rows[1].row, found.rows[2].row)
    assert [one.status for one in after.rows] == ["open", "asked", "open"]
    assert (first.no, second.no) == tuple(one.work_order_no for one in after.rows[:2])


def test_quarantine_is_judged_anew_and_what_is_past_is_set_aside(bridge):
    order, stuck = bridge.escalated(), bridge.escalated()
    bridge.update(order.no, 1, "closed")  # wrong
    bridge.update(order.no, 1, "accepted")  # right
    bridge.update(stuck.no, 1, "closed")
    found = bridge.compare(line(order, "accepted", 1), line(stuck))
    assert facts(found) == [
        (order.no, "held", "release", "open"),
        (stuck.no, "held", "release", "open"),
    ]
    after = bridge.repair(found.id)
    assert [one.status for one in after.rows] == ["done", "left"]
    assert bridge.order(order.no).held == []
    assert [one.reason for one in bridge.order(stuck.no).held] == ["impossible"]
    rows = bridge.rows("SELECT standing FROM held_updates ORDER BY id")
    assert [row.standing for row in rows] == ["set_aside", "quarantined"]


def test_an_update_behind_a_gap_is_asked_for(bridge):
    order = bridge.escalated()
    bridge.update(order.no, 3, "registered")
    found = bridge.compare(line(order, "registered", 3))
    assert [(one.kind, one.repair, one.from_seq) for one in found.rows] == [
        ("behind", "ask_updates", 1),
        ("held", "ask_updates", 1),
    ]
    bridge.walk(order.no, TO_CLOSED[:2])  # as the platform says them again
    assert bridge.compare(line(order, "registered", 3)).rows == []


def test_what_happened_after_the_list_was_written_is_no_difference(bridge):
    order = bridge.escalated()
    written = bridge.now - timedelta(minutes=1)
    assert bridge.compare(exported_at=written).rows == []
    bridge.update(order.no, 1, "accepted")
    assert bridge.compare(line(order), exported_at=written).rows == []
    assert facts(bridge.compare(line(order), exported_at=bridge.now))[0][1] == "ahead"


def test_orders_before_the_list_begins_are_left_out_unless_it_names_them(bridge):
    old = bridge.escalated()
    bridge.pass_days(10)
    new = bridge.escalated()
    since = bridge.now - timedelta(days=1)
    assert bridge.compare(line(new), opened_since=since).ours == 1
    assert bridge.compare(line(new), line(old), opened_since=since).equal == 2


def test_a_comparison_is_read_page_by_page_in_its_own_district_alone(bridge):
    for _ in range(3):
        bridge.escalated()
    found = bridge.compare()
    from services.contracts.operations.grid_bridge import GetReconciliation
    from services.grid_bridge.handlers import reconciling

    with bridge.units(read_only=True) as uow:
        page = reconciling.get(uow, GetReconciliation(id=found.id, limit=2), ADMIN)
        rest = reconciling.get(
            uow, GetReconciliation(id=found.id, limit=2, cursor=page.next_cursor), OPERATOR
        )
        other = actor("p-far", *((grant.role, "other") for grant in ADMIN.grants))
        with pytest.raises(NotFound):
            reconciling.get(uow, GetReconciliation(id=found.id), other)
    assert [one.row for one in (*page.rows, *rest.rows)] == [one.row for one in found.rows]
    assert rest.next_cursor is None
    with pytest.raises(Forbidden):
        bridge.compare(by=TOWN)


def test_a_list_that_names_an_order_twice_is_refused_whole(bridge):
    order = bridge.escalated()
    with pytest.raises(ShequError) as caught:
        bridge.compare(line(order), line(order, "accepted", 1))
    assert caught.value.code == "grid.order_twice_in_list"
    assert [one.field for one in caught.value.errors] == ["orders.1.work_order_no"]
    assert bridge.rows("SELECT id FROM reconciliations") == []
