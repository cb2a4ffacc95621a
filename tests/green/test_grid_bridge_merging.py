"""Neighbours with the same problem: me too, look-alikes, merging with consent. Needs: db."""

import eventlet
import pytest

from services.contracts.errors import NotFound, ShequError
from services.contracts.events import IssueAnswered, IssueClosed, MergeChanged
from services.grid_bridge.domain.handling import (
    CannotMerge,
    MergeAskedAlready,
    NoMergeAsked,
    NothingToJoin,
    OwnIssue,
)
from services.grid_bridge.domain.issue import NotNow, OnlyReporter
from services.grid_bridge.handlers import supporting
from tests.support.bridge import (
    JUYUAN,
    LU,
    NEXT_DOOR,
    OBSERVER,
    SHI,
    STRANGER,
    SUN,
    TO_CLOSED,
    WANG,
    kinds,
)
from tests.support.bridge_desk import CHILD, Desk

pytestmark = pytest.mark.db


@pytest.fixture
def desk(db, tmp_path) -> Desk:
    return Desk(db("grid_bridge"), tmp_path)


# -- me too ------------------------------------------------------------------------------------


def test_neighbours_join_once_each_and_may_leave(desk):
    desk.settle(CHILD.person_id, "child")
    issue_id = desk.triaged()
    for who in (LU, LU, CHILD, WANG):
        desk.me_too(issue_id, who)
    assert desk.issue(issue_id).supporters == 3
    assert [desk.issue(issue_id, who).supported for who in (LU, SUN)] == [True, False]
    assert desk.not_me(issue_id, LU).supporters == 2
    assert desk.not_me(issue_id, LU).supporters == 2
    assert not desk.issue(issue_id, LU).supported


def test_only_neighbours_and_not_the_reporter_join(desk):
    issue_id = desk.triaged()
    with pytest.raises(OwnIssue):
        desk.me_too(issue_id, SUN)
    for who in (OBSERVER, STRANGER, NEXT_DOOR):
        with pytest.raises(ShequError) as caught:
            desk.me_too(issue_id, who)
        assert caught.value.status in (403, 404)
    desk.answer(issue_id)
    with pytest.raises(NothingToJoin):
        desk.me_too(issue_id, LU)
    assert desk.issue(issue_id).supporters == 0


def test_who_follows_is_told_of_the_outcome_and_who_does_not_is_not(desk):
    issue_id = desk.triaged()
    desk.me_too(issue_id, LU)
    desk.me_too(issue_id, WANG)
    desk.me_too(issue_id, WANG, follow=False)
    desk.answer(issue_id)
    (told,) = desk.told(IssueAnswered)
    assert told.supporter_ids == [LU.person_id]
    assert desk.issue(issue_id).supporters == 2


def test_many_who_join_at_once_are_all_counted_and_one_twice_is_one(desk):
    issue_id = desk.triaged()
    people = [LU, WANG, SHI, LU, WANG, SHI]
    list(eventlet.GreenPool(6).imap(lambda who: desk.me_too(issue_id, who), people))
    assert desk.issue(issue_id).supporters == 3
    list(eventlet.GreenPool(4).imap(lambda who: desk.not_me(issue_id, who), [LU, LU, SHI, SHI]))
    assert desk.issue(issue_id).supporters == 1


def test_who_leaves_for_good_is_not_counted_any_more(desk):
    issue_id = desk.triaged()
    desk.me_too(issue_id, LU)
    desk.me_too(issue_id, WANG)
    with desk.units() as uow:
        supporting.forget(uow, LU.person_id)
        uow.commit()
    assert desk.issue(issue_id).supporters == 1


# -- look-alikes -------------------------------------------------------------------------------


def test_what_reads_like_the_same_problem_is_shown_before_reporting_and_to_the_committee(desk):
    lamp = desk.report(LU, title="北门路灯不亮", body="北门口路灯坏了好几天，晚上走路看不见")
    desk.report(LU, title="楼道堆物", body="楼道里堆满纸箱")
    found = desk.look_alikes(SUN, "北门的路灯坏了", "晚上看不见路")
    assert [one.id for one in found.items] == [lamp.id]
    assert 0 < found.items[0].similarity <= 1
    mine = desk.report(SUN, title="路灯坏了", body="北门路灯不亮，晚上看不见")
    assert [one.id for one in desk.duplicates(mine.id).items] == [lamp.id]
    with pytest.raises(NotFound):
        desk.look_alikes(STRANGER, "路灯坏了")
    with pytest.raises(ShequError):
        desk.duplicates(mine.id, LU)
    desk.pass_days(91)
    assert desk.look_alikes(SUN, "北门的路灯坏了").items == []


def test_the_committee_asks_for_issues_that_have_open_duplicates(desk):
    lamp = desk.report(LU, title="北门路灯不亮", body="北门口路灯坏了好几天")
    other = desk.report(LU, title="楼道堆物", body="楼道里堆满纸箱")
    again = desk.report(SUN, title="北门路灯坏了", body="北门口路灯不亮")
    for receipt in (lamp, other, again):
        desk.classify(receipt.id)
    ask = lambda wanted: {one.id for one in desk.issues(SHI, has_duplicates=wanted).items}  # noqa: E731
    assert ask(True) == {lamp.id, again.id}
    assert ask(False) == {other.id}
    desk.triage(lamp.id, "dispose", None)
    desk.answer(lamp.id)
    assert ask(True) == {lamp.id}  # the other one is still open
    with pytest.raises(ShequError) as caught:
        desk.issues(LU, has_duplicates=True)
    assert caught.value.status == 403


# -- merging -----------------------------------------------------------------------------------


def test_nothing_is_merged_before_its_reporter_said_yes_and_both_threads_say_so(desk):
    mine, other = desk.triaged(SUN), desk.triaged(LU)
    asked = desk.merge(mine, other)
    assert (asked.status, asked.merge.state, asked.merge.into) == ("triaged", "asked", other)
    assert kinds(desk.issue(mine))[-1] == kinds(desk.issue(other))[-1] == "merge_asked"
    assert [(event.issue_id, event.side) for event in desk.told(MergeChanged)] == [
        (mine, "merged"), (other, "into")
    ]  # fmt: skip
    with pytest.raises(OnlyReporter):
        desk.consent(mine, LU)
    merged = desk.consent(mine)
    assert (merged.status, merged.merge.state, merged.promise) == ("merged", "agreed", None)
    with pytest.raises(NotNow):
        desk.answer(mine)
    with pytest.raises(NoMergeAsked):
        desk.consent(mine)


def test_without_consent_it_stays_a_problem_of_its_own(desk):
    mine, other = desk.triaged(SUN), desk.triaged(LU)
    promise = desk.merge(mine, other).promise
    refused = desk.consent(mine, agree=False)
    assert (refused.status, refused.merge, refused.promise) == ("triaged", None, promise)
    desk.answer(mine)
    assert desk.merge(desk.triaged(SUN), other).merge.state == "asked"


def test_the_outcome_is_told_on_both_threads_and_to_both_ones_supporters(desk):
    mine, other = desk.triaged(SUN), desk.triaged(LU)
    desk.me_too(mine, WANG)
    desk.me_too(other, SHI)
    desk.merge(mine, other)
    desk.consent(mine)
    desk.answer(other, "fixed")
    told = {event.issue_id: event for event in desk.told(IssueAnswered)}
    assert (told[other].merged_into, told[other].supporter_ids) == (None, [SHI.person_id])
    assert (told[mine].merged_into, told[mine].supporter_ids) == (other, [WANG.person_id])
    assert told[mine].reporter_id == SUN.person_id
    shared = desk.issue(mine)
    assert (shared.status, shared.outcome, kinds(shared)[-1]) == (
        "merged", "fixed", "shared_outcome"
    )  # fmt: skip
    assert shared.supporters == 1  # nobody was moved
    desk.reopen(other, LU)
    again = desk.issue(mine)
    assert (again.outcome, kinds(again)[-1]) == (None, "shared_reopening")


def test_the_grids_end_reaches_what_was_merged_by_way_of_another(desk):
    first, second = desk.triaged(SUN), desk.triaged(SUN)
    third = desk.triaged(LU, "8x")
    desk.merge(first, second)
    desk.consent(first)
    desk.merge(second, third)
    desk.consent(second)
    desk.step(third, outcome="failed")
    desk.walk(desk.escalate(third).no, TO_CLOSED)
    assert {event.issue_id for event in desk.told(IssueClosed)} == {first, second, third}
    assert desk.issue(first).outcome == desk.issue(third).outcome == "grid_closed"
    with pytest.raises(NotNow):
        desk.undo_merge(second)  # too late: it is closed


def test_a_late_yes_learns_the_outcome_that_is_there_already(desk):
    mine, other = desk.triaged(SUN), desk.triaged(LU)
    desk.merge(mine, other)
    desk.answer(other, "refused")
    late = desk.consent(mine)
    assert (late.status, late.outcome, kinds(late)[-1]) == ("merged", "refused", "shared_outcome")
    (told,) = desk.told(IssueClosed)
    assert (told.issue_id, told.result, told.merged_into) == (mine, "refused", other)


def test_the_committee_undoes_a_merge_and_the_promise_begins_again(desk):
    mine, other = desk.triaged(SUN), desk.triaged(LU)
    desk.merge(mine, other)
    desk.consent(mine)
    undone = desk.undo_merge(mine)
    assert (undone.status, undone.merge, undone.promise.stage) == ("triaged", None, "dispose")
    desk.answer(other)
    assert desk.issue(mine).outcome is None
    with pytest.raises(NoMergeAsked):
        desk.undo_merge(mine)


def test_a_case_that_is_nobodys_gains_no_time_by_being_merged_and_taken_out_again(desk):
    other = desk.triaged(LU)
    for triaged in (False, True):
        call = desk.take_in(anonymous=True).id
        if triaged:
            desk.triage(call, "dispose", None)
        due = desk.issue(call, SHI).promise.due_at
        desk.pass_days(2)
        desk.merge(call, other)
        undone = desk.undo_merge(call)
        assert (undone.promise.due_at, undone.promise.paused) == (due, False)


def test_a_case_that_is_nobodys_is_merged_at_once(desk):
    call, other = desk.take_in(anonymous=True).id, desk.report(LU).id
    assert desk.merge(call, other).status == "merged"
    assert desk.undo_merge(call).status == "reported"


def test_into_what_nothing_is_merged(desk):
    mine, other, done = desk.triaged(SUN), desk.triaged(LU), desk.triaged(LU)
    desk.answer(done)
    elsewhere = desk.report(NEXT_DOOR, cid=JUYUAN).id
    for into in (mine, done, elsewhere, "0198c0de-0000-7000-8000-000000000000"):
        with pytest.raises(CannotMerge) as caught:
            desk.merge(mine, into)
        assert caught.value.status == 422
    desk.merge(mine, other)
    with pytest.raises(MergeAskedAlready):
        desk.merge(mine, other)
    with pytest.raises(CannotMerge):  # a circle
        desk.merge(other, mine)
    with pytest.raises(NotNow):
        desk.merge(done, other)


def test_circles_do_not_come_about_side_by_side(desk):
    one, two, three = (desk.take_in(anonymous=True).id for _ in range(3))

    def attempt(pair) -> str:
        try:
            return desk.merge(*pair).status
        except ShequError as error:
            return error.code

    said = list(eventlet.GreenPool(3).imap(attempt, [(one, two), (two, three), (three, one)]))
    assert 1 <= said.count("merged") <= 2
    open_ones = [desk.issue(issue_id).status for issue_id in (one, two, three)]
    assert "reported" in open_ones


def test_an_outcome_and_an_undoing_at_once_leave_one_truth(desk):
    mine, other = desk.triaged(SUN), desk.triaged(LU)
    desk.merge(mine, other)
    desk.consent(mine)
    pool = eventlet.GreenPool(2)
    list(pool.imap(lambda act: act(), [lambda: desk.answer(other), lambda: desk.undo_merge(mine)]))
    told = {event.issue_id for event in desk.told(IssueAnswered)}
    issue = desk.issue(mine)
    assert issue.status == "triaged"
    assert ("shared_outcome" in kinds(issue)) == (mine in told)
