"""The rules of a joint consultation. Needs: nothing."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from services.contracts.actor import Actor, Grant, Role
from services.contracts.errors import ShequError
from services.grid_bridge.domain import consultation as rules
from services.grid_bridge.domain.issue import Category, Issue, Status
from services.grid_bridge.domain.work_order import State

pytestmark = pytest.mark.unit

NOW = datetime(2026, 3, 2, 4, tzinfo=UTC)
DISPOSE = Issue(Status.TRIAGED, Category.DISPOSE)
HARD = Issue(Status.TRIAGED, Category.HARD, "X3")
AT_TABLE = replace(DISPOSE, status=Status.IN_CONSULTATION)
DAY = timedelta(days=1)


@pytest.mark.parametrize(
    ("issue", "refusal"),
    [
        (DISPOSE, None),
        (HARD, None),
        (replace(DISPOSE, status=Status.REOPENED), None),
        (replace(DISPOSE, status=Status.REFERRED), None),
        (replace(DISPOSE, status=Status.SELF_GOVERNING, last_outcome="failed"), None),
        (replace(HARD, status=Status.ESCALATED, order=State.RETURNED), None),
        (replace(HARD, status=Status.CLOSED, order=State.NOT_REGISTERED), None),
        (replace(HARD, status=Status.CLOSED, order=State.CANCELLED), None),
        (replace(DISPOSE, status=Status.SELF_GOVERNING), "grid.attempt_running"),
        (replace(HARD, status=Status.ESCALATED, order=State.DISPOSING), "grid.order_is_live"),
        (replace(HARD, status=Status.CLOSED, order=State.CLOSED), "grid.issue_state"),
        (replace(DISPOSE, status=Status.CLOSED, result="unresolvable"), "grid.issue_state"),
        (replace(DISPOSE, status=Status.MERGED), "grid.issue_state"),
        (replace(DISPOSE, status=Status.ANSWERED), "grid.issue_state"),
        (AT_TABLE, "grid.issue_state"),
        (Issue(), "grid.triage_first"),
        (Issue(Status.TRIAGED, Category.ADVISE), "grid.not_for_consultation"),
    ],
)
def test_what_goes_to_the_table(issue, refusal):
    if refusal is None:
        assert rules.convene(issue).status is Status.IN_CONSULTATION
    else:
        with pytest.raises(ShequError) as caught:
            rules.convene(issue)
        assert caught.value.code == refusal


LIVE = replace(AT_TABLE, category=Category.HARD, slot="X3", order=State.SUSPENDED)
TRIED = replace(AT_TABLE, last_outcome="failed")


@pytest.mark.parametrize(
    ("issue", "outcome", "more", "ends"),
    [
        (AT_TABLE, "resolved", {"photo": True}, (Status.SOLVED, "solved")),
        (AT_TABLE, "unresolvable", {}, (Status.CLOSED, "unresolvable")),
        (AT_TABLE, "returned", {}, (Status.TRIAGED, None)),
        (LIVE, "returned", {}, (Status.ESCALATED, None)),
        (TRIED, "handed_over", {"slot": "X3"}, (Status.ESCALATED, None)),
        (AT_TABLE, "handed_over", {"slot": "X3", "urgent": True}, (Status.ESCALATED, None)),
        (AT_TABLE, "resolved", {}, "grid.proof_needed"),
        (TRIED, "handed_over", {}, "grid.slot_needed"),
        (AT_TABLE, "handed_over", {"slot": "X3"}, "grid.self_governance_first"),
        (AT_TABLE, "returned", {"slot": "X3"}, "grid.slot_not_allowed"),
        (LIVE, "resolved", {"photo": True}, "grid.order_is_live"),
        (LIVE, "unresolvable", {}, "grid.order_is_live"),
        (LIVE, "handed_over", {"slot": "X3", "urgent": True}, "grid.order_is_live"),
        (DISPOSE, "unresolvable", {}, "grid.issue_state"),
    ],
)
def test_how_it_ends(issue, outcome, more, ends):
    conclude = lambda: rules.conclude(issue, outcome, **{"photo": False, **more})  # noqa: E731
    if isinstance(ends, str):
        with pytest.raises(ShequError) as caught:
            conclude()
        assert caught.value.code == ends
    else:
        after = conclude()
        assert (after.status, after.result) == ends


@pytest.mark.parametrize(
    ("table", "states"),
    [
        (rules.SEAT_MOVES, rules.Seat),
        (rules.MEETING_MOVES, rules.Meeting),
        (rules.ACTION_MOVES, rules.Action),
    ],
)
def test_every_state_is_reached_and_no_other_move_is_made(table, states):
    assert {target for _, target in table.values()} | {next(iter(states))} == set(states)
    for act, (sources, target) in table.items():
        for state in states:
            if state in sources:
                assert rules.move(table, state, act, rules.SeatState) is target
            else:
                with pytest.raises(rules.SeatState):
                    rules.move(table, state, act, rules.SeatState)


@pytest.mark.parametrize(
    ("dates", "due"),
    [
        ([], NOW + 9 * DAY),
        ([NOW + 30 * DAY, NOW + 20 * DAY], NOW + 20 * DAY),
        ([NOW + DAY], NOW + 5 * DAY),
        ([NOW - DAY], NOW + 5 * DAY),
    ],
)
def test_the_next_word_is_promised_for_the_next_action_and_not_before_what_was_promised(dates, due):
    assert rules.next_word(NOW + 5 * DAY, dates, NOW + 9 * DAY) == due


def test_an_action_is_brought_to_mind_a_day_before_and_then_looked_at_on_its_date():
    due = NOW + 10 * DAY
    assert rules.alarm(due, NOW) == rules.Alarm(due - DAY, reminded=False)
    assert rules.alarm(NOW + DAY / 2, NOW) == rules.Alarm(NOW + DAY / 2, reminded=True)
    assert rules.alarm(due, NOW, reminded=True) == rules.Alarm(due, reminded=True)


@pytest.mark.parametrize("moment", [NOW, NOW - DAY, NOW + rules.LONGEST + DAY])
def test_a_date_lies_ahead_and_not_too_far(moment):
    with pytest.raises(rules.BadDate):
        rules.ahead(moment, NOW)


def who(*grants: tuple[Role, str], **more: str) -> Actor:
    return Actor("p", "s", tuple(Grant(role, path) for role, path in grants), 2**31, **more)


CITY = (Role.DEPARTMENT_STAFF, "d")


@pytest.mark.parametrize(
    ("actor", "guest", "sits", "leads"),
    [
        (who(CITY), True, True, None),
        (who(CITY, (Role.OBSERVER, "d")), False, True, None),
        (who(CITY, (Role.RESIDENT, "d.t.far")), True, True, None),
        (who(CITY, acted_by="helper"), True, False, None),
        (who((Role.DEPARTMENT_STAFF, "d.t.far")), False, False, None),
        (who((Role.DEPARTMENT_STAFF, "d.t.c.estate")), False, False, None),
        (
            who((Role.COMMITTEE_STAFF, "d.t.c"), (Role.SECRETARY, "d.t.c")),
            False,
            False,
            "secretary",
        ),
        (who((Role.DISTRICT_ADMIN, "d"), (Role.TOWN_ADMIN, "d.t")), False, False, "town_admin"),
        (who((Role.TOWN_ADMIN, "d.other")), False, False, None),
    ],
)
def test_as_what_somebody_comes(actor, guest, sits, leads):
    path = "d.t.c"
    assert rules.is_guest(actor, path) is guest
    assert rules.may_sit(actor, path) is sits
    assert rules.leads_as(actor, path) == leads
