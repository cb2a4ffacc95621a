"""Micro-projects: the table of states, who takes which step, hours and money. No database."""

from datetime import date
from decimal import Decimal
from typing import get_args

import pytest

from services.contracts.errors import Forbidden, Invalid
from services.contracts.events.feed import ProjectState
from services.feed.domain import project as rules
from services.feed.domain.project import Stand, Standing

LEAD, COMMITTEE, NEIGHBOUR = Standing(lead=True), Standing(committee=True), Standing()
BOTH = Standing(lead=True, committee=True)
TODAY = date(2026, 3, 2)
PHOTO = {"content_type": "image/jpeg"}


def outcome(state, step, who):
    try:
        return rules.check_step(state, step, who)
    except (Forbidden, rules.NotInThisState) as no:
        return type(no)


def test_every_step_from_every_state_is_in_the_table_or_refused():
    for state in get_args(ProjectState):
        for step in get_args(rules.Step):
            who = COMMITTEE if step in rules.DECIDING else LEAD
            expected = rules.NEXT.get((state, step), rules.NotInThisState)
            assert outcome(state, step, who) == expected, (state, step)


def test_a_project_walks_from_its_application_to_its_end():
    state = "applied"
    for step in ("approve", "recruit", "progress", "progress", "done"):
        state = rules.check_step(state, step, COMMITTEE if step == "approve" else LEAD)
    assert state == "done"
    assert not [step for before, step in rules.NEXT if before in ("done", "cancelled")]


def test_nobody_decides_on_her_own_project_not_even_in_office():
    for step in ("approve", "refuse"):
        assert outcome("applied", step, BOTH) is rules.OwnProject
        assert outcome("applied", step, LEAD) is rules.NotTheCommittee
        assert outcome("applied", step, NEIGHBOUR) is rules.NotTheCommittee


def test_the_lead_moves_it_on_and_the_committee_may_end_it():
    for state, step in (("approved", "recruit"), ("recruiting", "progress"), ("running", "done")):
        for who in (NEIGHBOUR, COMMITTEE):
            assert outcome(state, step, who) is rules.NotTheLead
    assert outcome("running", "cancel", COMMITTEE) == "cancelled"
    assert outcome("running", "cancel", NEIGHBOUR) is rules.NotTheLead


def faults(step, note="", attachments=(), no_money=False, lines=0):
    with pytest.raises(Invalid) as refused:
        rules.check_said(step, note, list(attachments), no_money=no_money, lines=lines)
    return {error.field for error in refused.value.errors}


def test_a_no_has_a_reason_and_an_end_has_photo_story_and_account():
    for step in ("refuse", "progress", "cancel"):
        assert faults(step) == {"note"}
    assert faults("done") == {"note", "attachments"}
    assert faults("done", "修好了", [{"content_type": "application/pdf"}]) == {"attachments"}
    assert faults("done", "修好了", [PHOTO]) == {"no_money"}
    assert faults("done", "修好了", [PHOTO], no_money=True, lines=1) == {"no_money"}
    rules.check_said("done", "修好了", [PHOTO], no_money=True, lines=0)
    rules.check_said("done", "修好了", [PHOTO], no_money=False, lines=1)
    rules.check_said("approve", "", [], no_money=False, lines=0)


def test_nobody_applies_for_what_should_be_over():
    rules.check_application(None, TODAY)
    rules.check_application(TODAY, TODAY)
    with pytest.raises(Invalid) as refused:
        rules.check_application(date(2026, 3, 1), TODAY)
    assert [error.field for error in refused.value.errors] == ["until"]


def test_volunteers_join_while_there_is_room_and_it_is_open():
    with pytest.raises(rules.ProjectFull):
        rules.check_join(Stand("recruiting", 2, 2), NEIGHBOUR)
    with pytest.raises(rules.NotOpen):
        rules.check_join(Stand("approved", 2, 0), NEIGHBOUR)
    with pytest.raises(rules.AlreadyVolunteer):
        rules.check_join(Stand("running", 2, 1), Standing(volunteer=True))
    rules.check_join(Stand("running", 2, 1), NEIGHBOUR)


def test_hours_lie_between_recruiting_and_today_and_fit_into_a_day():
    def log(hours, on=TODAY, that_day="0"):
        rules.check_hours(
            Decimal(hours),
            on,
            today=TODAY,
            recruiting_since=date(2026, 3, 1),
            that_day=Decimal(that_day),
        )

    log("24")
    log("4", date(2026, 3, 1), "20")
    for on in (date(2026, 3, 3), date(2026, 2, 28)):
        with pytest.raises(Invalid) as refused:
            log("1", on)
        assert [error.field for error in refused.value.errors] == ["on_date"]
    with pytest.raises(rules.DayHasNoRoom):
        log("4.01", that_day="20")


def test_hours_are_confirmed_by_somebody_else_in_charge_once():
    rules.check_confirm(LEAD, own=False, confirmed=False)
    rules.check_confirm(COMMITTEE, own=False, confirmed=False)
    for who, own, confirmed, no in (
        (NEIGHBOUR, False, False, rules.MayNotConfirm),
        (LEAD, True, False, rules.OwnHours),
        (COMMITTEE, False, True, rules.HoursConfirmed),
    ):
        with pytest.raises(no):
            rules.check_confirm(who, own=own, confirmed=confirmed)


def test_what_comes_next_says_why_somebody_may_not():
    def codes(stand, who):
        return {action: why and why.code for action, why in rules.actions(stand, who).items()}

    assert codes(Stand("applied", 3, 0), LEAD) == {
        "apply": None,
        "approve": "feed.project_for_the_committee",
        "refuse": "feed.project_for_the_committee",
        "cancel": None,
    }
    assert codes(Stand("recruiting", 1, 1), NEIGHBOUR) == {
        "progress": "feed.not_the_project_lead",
        "cancel": "feed.not_the_project_lead",
        "join": "feed.project_full",
        "leave": "feed.not_a_volunteer",
        "log_hours": "feed.not_a_volunteer",
        "add_money": "feed.not_the_project_lead",
    }
    assert codes(Stand("done", 1, 1), LEAD) == {"add_money": None}
