"""Intake, assignment, absence, minutes, undertakings, the reporter's yes. Needs: db."""

import eventlet
import pytest

from services.contracts.errors import Forbidden, ShequError
from services.contracts.events import (
    IssueAssigned,
    IssueConfirmed,
    IssueRated,
    IssueReminder,
    IssueReported,
    SelfGovernanceRecorded,
    WorkOrderOpened,
)
from services.grid_bridge import copies
from services.grid_bridge.domain.issue import NotNow, OnlyReporter
from services.grid_bridge.handlers.casework import (
    AbsenceDays,
    CoverIsAway,
    NoAbsence,
    NotOnCommittee,
)
from services.grid_bridge.handlers.reporting import NotAResident, WhoseCase
from tests.support.bridge import LU, NEXT_DOOR, SHI, SUN, WANG, kinds
from tests.support.bridge_desk import Desk

pytestmark = pytest.mark.db


@pytest.fixture
def desk(db, tmp_path) -> Desk:
    return Desk(db("grid_bridge"), tmp_path)


# -- intake ------------------------------------------------------------------------------------


def test_a_call_of_nobody_in_particular_has_the_same_clock_and_reaches_the_grid(desk):
    call = desk.take_in(anonymous=True)
    (event,) = desk.told(IssueReported)
    assert (event.reporter_id, event.source, event.taken_up_by) == ("", "phone", SHI.person_id)
    issue = desk.issue(call.id, LU)
    assert (issue.source, issue.reporter, issue.mine) == ("phone", None, False)
    assert issue.promise.stage == "first_response"
    desk.triage(call.id)
    desk.step(call.id, outcome="failed")
    order = desk.escalate(call.id)
    assert desk.told(WorkOrderOpened)[0].reporter is None
    assert desk.asked_for == []
    assert desk.order(order.no).no == order.no
    for act in (desk.rate, desk.reopen, desk.confirm):
        with pytest.raises(OnlyReporter):
            act(call.id)


def test_a_linked_resident_reads_it_as_hers_rates_it_and_stays_hidden(desk):
    call = desk.take_in(person_id=SUN.person_id, source="visit", hide_name=True)
    assert desk.issue(call.id).mine
    assert desk.issue(call.id, LU).reporter is None
    assert desk.issue(call.id, SHI).reporter.person_id == SUN.person_id
    desk.triage(call.id, "consult", None)
    desk.answer(call.id)
    assert desk.rate(call.id).score == 5
    (rated,) = desk.told(IssueRated)
    assert rated.nameless
    with desk.units(read_only=True) as uow:
        held = copies.held_about(uow, SUN.person_id)
    assert [one["source"] for one in held["issues"]["items"]] == ["visit"]


@pytest.mark.parametrize(
    ("fields", "error"),
    [
        ({}, WhoseCase),
        ({"anonymous": True, "person_id": SUN.person_id}, WhoseCase),
        ({"person_id": "p-nobody"}, NotAResident),
        ({"person_id": NEXT_DOOR.person_id}, NotAResident),
    ],
)
def test_a_case_is_a_residents_or_nobodys(desk, fields, error):
    with pytest.raises(error) as caught:
        desk.take_in(**fields)
    assert (caught.value.status, caught.value.errors[0].field) == (422, "person_id")
    assert not desk.rows("SELECT 1 FROM issues")


def test_only_the_committee_takes_cases_in(desk):
    for who in (SUN, NEXT_DOOR):
        with pytest.raises(ShequError) as caught:
            desk.take_in(who, anonymous=True)
        assert caught.value.status in (403, 404)


def test_lists_are_asked_for_by_source_and_by_limit(desk):
    call, own = desk.take_in(anonymous=True), desk.report()
    assert [one.id for one in desk.issues(LU, source="phone").items] == [call.id]
    assert [one.id for one in desk.issues(LU, source="app").items] == [own.id]
    due = desk.issue(own.id).promise.due_at
    desk.triage(own.id, "dispose", None)
    assert [one.id for one in desk.issues(due_before=due.replace(hour=23)).items] == [call.id]


# -- assignment and absence --------------------------------------------------------------------


def test_a_case_is_given_handed_over_and_given_back(desk):
    issue_id = desk.triaged()
    assert desk.assign(issue_id, WANG.person_id).assignee.display_name == "wang"
    assert desk.assign(issue_id, SHI.person_id).assignee.person_id == SHI.person_id
    assert "由wang移交shi办理" in [line.text for line in desk.issue(issue_id, SHI).timeline]
    assert desk.unassign(issue_id).assignee is None
    assert [event.assignee_id for event in desk.told(IssueAssigned)] == [
        WANG.person_id, SHI.person_id, None
    ]  # fmt: skip
    assert "assigned" not in kinds(desk.issue(issue_id, SUN))
    assert desk.issue(issue_id, SUN).assignee is None


def test_only_one_of_the_own_committee_handles_it(desk):
    issue_id = desk.triaged()
    for person in (LU.person_id, NEXT_DOOR.person_id, "p-nobody"):
        with pytest.raises(NotOnCommittee) as caught:
            desk.assign(issue_id, person)
        assert caught.value.errors[0].field == "person_id"
    with pytest.raises(Forbidden):
        desk.assign(issue_id, WANG.person_id, by=LU)
    with pytest.raises(Forbidden):
        desk.issues(LU, assignee="me")


def test_while_somebody_is_away_her_cases_are_the_covers(desk):
    issue_id = desk.triaged()
    desk.assign(issue_id, WANG.person_id)
    mine = lambda who: [one.id for one in desk.issues(who, assignee="me").items]  # noqa: E731
    assert (mine(WANG), mine(SHI)) == ([issue_id], [])
    desk.away(WANG, SHI.person_id, "2026-03-02", "2026-03-03")
    assert (mine(WANG), mine(SHI)) == ([], [issue_id])
    issue = desk.issue(issue_id, SHI)
    assert (issue.assignee.person_id, issue.covered_by.person_id) == (
        WANG.person_id, SHI.person_id
    )  # fmt: skip
    assert issue.timeline[-1].text == "wang3月2日至3月3日不在岗，由shi代办"
    assert [one.cover.display_name for one in desk.absences().items] == ["shi"]
    desk.pass_days(2)
    assert (mine(WANG), desk.absences().items) == ([issue_id], [])
    assert desk.issue(issue_id, SHI).covered_by is None


def test_an_absence_is_ended_and_told(desk):
    issue_id = desk.triaged()
    desk.assign(issue_id, WANG.person_id)
    desk.away(WANG, SHI.person_id, "2026-03-02", "2026-03-20")
    assert desk.back(WANG).items == []
    assert kinds(desk.issue(issue_id, SHI))[-1] == "uncovered"
    with pytest.raises(NoAbsence):
        desk.back(WANG)


def test_nobody_stands_in_who_is_away_herself(desk):
    with pytest.raises(CoverIsAway):
        desk.away(WANG, WANG.person_id, "2026-03-02", "2026-03-03")
    with pytest.raises(NotOnCommittee):
        desk.away(WANG, LU.person_id, "2026-03-02", "2026-03-03")
    for first, last in (("2026-03-03", "2026-03-02"), ("2026-02-01", "2026-02-02")):
        with pytest.raises(AbsenceDays):
            desk.away(WANG, SHI.person_id, first, last)

    def attempt(pair) -> str:
        who, cover = pair
        try:
            desk.away(who, cover.person_id, "2026-03-02", "2026-03-03")
        except ShequError as error:
            return error.code
        return "away"

    said = list(eventlet.GreenPool(2).imap(attempt, [(WANG, SHI), (SHI, WANG)]))
    assert sorted(said) == ["away", "grid.cover_is_away"]


# -- minutes -----------------------------------------------------------------------------------


def test_minutes_are_summed_and_the_committees_alone(desk):
    issue_id = desk.triaged()
    people = [SHI, WANG, SHI, WANG]
    list(eventlet.GreenPool(4).imap(lambda who: desk.spend(issue_id, 15, who), people))
    assert desk.issue(issue_id, SHI).minutes == 60
    assert desk.issues(SHI).items[0].minutes == 60
    assert desk.issue(issue_id, SUN).minutes is None
    assert "minutes" not in kinds(desk.issue(issue_id, SUN))
    assert [entry.minutes for entry in desk.spend(issue_id, 5).items] == [5, 15, 15, 15, 15]
    with pytest.raises(Forbidden):
        desk.spend(issue_id, 5, LU)


# -- undertakings and the reporter's word ------------------------------------------------------


def promised(desk: Desk) -> str:
    issue_id = desk.triaged()
    desk.step(issue_id, "undertaking", due_at="2026-03-04T09:00:00+08:00")
    return issue_id


def test_the_date_of_an_undertaking_is_brought_to_mind_once(desk):
    issue_id = promised(desk)
    desk.assign(issue_id, WANG.person_id)
    assert desk.issue(issue_id).undertaking_due_at is not None
    assert desk.remind() == 0
    desk.pass_days(3)
    assert sum(eventlet.GreenPool(3).imap(lambda _: desk.remind(), range(3))) == 1
    (event,) = desk.told(IssueReminder)
    assert (event.issue_id, event.assignee_id) == (issue_id, WANG.person_id)
    assert kinds(desk.issue(issue_id, SHI))[-1] == "reminder"
    assert "reminder" not in kinds(desk.issue(issue_id, SUN))


def test_whoever_stands_in_is_reminded(desk):
    issue_id = promised(desk)
    desk.assign(issue_id, WANG.person_id)
    desk.away(WANG, SHI.person_id, "2026-03-02", "2026-03-20")
    desk.pass_days(3)
    desk.remind()
    assert [event.assignee_id for event in desk.told(IssueReminder)] == [SHI.person_id]


@pytest.mark.parametrize("how", ["checked", "answered", "confirmed"])
def test_what_was_checked_or_ended_is_not_brought_to_mind(desk, how):
    issue_id = promised(desk)
    acts = {
        "checked": lambda: desk.step(issue_id, "check"),
        "answered": lambda: desk.answer(issue_id),
        "confirmed": lambda: desk.confirm(issue_id),
    }
    acts[how]()
    desk.pass_days(3)
    desk.remind()
    assert desk.told(IssueReminder) == []
    assert desk.remind() == 0


def test_the_reporters_yes_solves_it_without_a_photo_and_can_be_rated_after(desk):
    issue_id = desk.triaged()
    desk.me_too(issue_id, LU)
    desk.step(issue_id)
    no = desk.confirm(issue_id, solved=False)
    assert (no.status, kinds(no)[-1]) == ("self_governing", "not_confirmed")
    yes = desk.confirm(issue_id)
    assert (yes.status, yes.outcome, yes.promise) == ("solved", "solved", None)
    said, told = desk.told(IssueConfirmed)
    assert (said.solved, said.supporter_ids) == (False, [])
    assert (told.solved, told.supporter_ids) == (True, [LU.person_id])
    assert desk.rate(issue_id).score == 5
    with pytest.raises(NotNow):
        desk.confirm(issue_id)
    assert len(desk.told(SelfGovernanceRecorded)) == 1


def test_only_the_reporter_confirms(desk):
    issue_id = desk.triaged()
    desk.step(issue_id)
    with pytest.raises(OnlyReporter):
        desk.confirm(issue_id, LU)
