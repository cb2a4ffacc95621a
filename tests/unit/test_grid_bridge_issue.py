"""The life of an issue and the gate to the city. Needs: nothing."""

from dataclasses import replace

import pytest
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from services.contracts.actor import Actor, Grant, Role
from services.contracts.errors import ShequError
from services.contracts.events import REGISTRY
from services.grid_bridge.domain import handling
from services.grid_bridge.domain import issue as rules
from services.grid_bridge.domain.issue import MOVES, Act, By, Category, Issue, Status
from services.grid_bridge.domain.work_order import EXITS, OPEN, REFUSED, State

pytestmark = pytest.mark.unit

HARD = Issue(Status.TRIAGED, Category.HARD, "X3")
DISPOSE = Issue(Status.TRIAGED, Category.DISPOSE)
TRIED = replace(HARD, status=Status.SELF_GOVERNING, last_outcome="failed")


def at(status: Status, **more: object) -> Issue:
    return replace(HARD, status=status, **more)


def escalated(order: State = State.REPORTED) -> Issue:
    return replace(TRIED, status=Status.ESCALATED, order=order)


def test_every_act_has_a_row_and_tells_known_events():
    assert set(MOVES) == set(Act)
    assert {kind for move in MOVES.values() for kind in move.tells} <= set(REGISTRY)


@pytest.mark.parametrize(
    ("category", "slot"),
    [("consult", None), ("advise", None), ("dispose", None), ("8x", "S2")],
)
def test_a_human_confirms_the_category(category, slot):
    triaged = rules.triage(Issue(), Category(category), slot)
    assert (triaged.status, triaged.category, triaged.slot) == ("triaged", category, slot)


def test_8x_needs_a_slot():
    with pytest.raises(rules.SlotNeeded) as caught:
        rules.triage(Issue(), Category.HARD, None)
    assert (caught.value.status, caught.value.code) == (422, "grid.slot_needed")


def test_only_8x_has_a_slot():
    with pytest.raises(rules.SlotNotAllowed):
        rules.triage(Issue(), Category.DISPOSE, "X3")


def test_nothing_is_done_before_triage():
    for act in (
        lambda: rules.answer(Issue(), "answered"),
        lambda: rules.record_step(Issue(), "talk", None, photo=False),
        lambda: rules.escalate(Issue(), urgent=True),
    ):
        with pytest.raises(rules.TriageFirst):
            act()


@pytest.mark.parametrize("outcome", ["answered", "fixed", "refused"])
def test_an_answer_is_truthful_about_its_outcome(outcome):
    answered = rules.answer(at(Status.TRIAGED), outcome)
    assert (answered.status, answered.result) == (Status.ANSWERED, outcome)


def test_a_failed_attempt_opens_the_gate():
    with pytest.raises(rules.SelfGovernanceFirst) as caught:
        rules.escalate(HARD, urgent=False)
    assert (caught.value.status, caught.value.code) == (422, "grid.self_governance_first")
    tried = rules.record_step(HARD, "talk", "failed", photo=False)
    assert tried.status is Status.SELF_GOVERNING
    sent = rules.escalate(tried, urgent=False)
    assert (sent.status, sent.order) == (Status.ESCALATED, State.REPORTED)


def test_a_step_without_an_outcome_does_not_open_the_gate():
    tried = rules.record_step(HARD, "site_visit", None, photo=True)
    with pytest.raises(rules.SelfGovernanceFirst):
        rules.escalate(tried, urgent=False)


def test_urgency_passes_by_the_gate():
    assert rules.escalate(HARD, urgent=True).status is Status.ESCALATED


def test_dispose_needs_a_slot_before_it_may_go_to_the_grid():
    tried = rules.record_step(DISPOSE, "check", "failed", photo=False)
    with pytest.raises(rules.SlotNeeded) as caught:
        rules.escalate(tried, urgent=False)
    assert caught.value.code == "grid.slot_needed"
    classified = rules.triage(tried, Category.HARD, "S4")
    assert rules.escalate(classified, urgent=False).status is Status.ESCALATED


@pytest.mark.parametrize("category", [Category.CONSULT, Category.ADVISE])
def test_questions_and_proposals_are_answered_here(category):
    asked = Issue(Status.TRIAGED, category)
    with pytest.raises(rules.NotForTheGrid):
        rules.escalate(asked, urgent=True)
    with pytest.raises(rules.NothingToGovern):
        rules.record_step(asked, "talk", None, photo=False)


@pytest.mark.parametrize(
    ("step", "photo", "proof_before", "accepted"),
    [
        ("check", True, False, True),
        ("undertaking", True, False, True),
        ("check", False, False, False),
        ("undertaking", False, False, False),
        ("talk", False, True, True),
    ],
)
def test_solved_needs_an_after_photo(step, photo, proof_before, accepted):
    before = at(Status.SELF_GOVERNING, proof=proof_before)
    if accepted:
        solved = rules.record_step(before, step, "solved", photo=photo)
        assert (solved.status, solved.result) == (Status.SOLVED, "solved")
    else:
        with pytest.raises(rules.ProofNeeded):
            rules.record_step(before, step, "solved", photo=photo)


def test_a_photo_of_the_first_visit_is_no_proof():
    visited = rules.record_step(HARD, "site_visit", None, photo=True)
    with pytest.raises(rules.ProofNeeded):
        rules.record_step(visited, "talk", "solved", photo=False)


def test_a_photo_of_an_earlier_check_is_proof():
    checked = rules.record_step(HARD, "check", None, photo=True)
    assert rules.record_step(checked, "talk", "solved", photo=False).status is Status.SOLVED


def test_the_reporters_yes_ends_self_governance():
    confirmed = rules.rate(at(Status.SELF_GOVERNING), solved=True)
    assert (confirmed.status, confirmed.rated) == (Status.SOLVED, True)
    with pytest.raises(rules.NotNow):
        rules.rate(at(Status.SELF_GOVERNING), solved=False)


def test_one_judgement_a_round():
    rated = rules.rate(at(Status.CLOSED), solved=False)
    with pytest.raises(rules.AlreadyRated):
        rules.rate(rated, solved=True)
    again = rules.triage(rules.reopen(rated), Category.CONSULT, None)
    assert rules.rate(rules.answer(again, "answered"), solved=True).rated


def test_what_was_rated_and_taken_up_again_is_judged_anew():
    rated = rules.rate(rules.answer(HARD, "answered"), solved=False)
    tried = rules.record_step(rated, "talk", None, photo=False)
    assert (tried.round, tried.rated, tried.result) == (rated.round + 1, False, None)
    assert rules.rate(tried, solved=True).status is Status.SOLVED


@pytest.mark.parametrize("status", sorted({*Status} - MOVES[Act.REOPEN].sources))
def test_only_what_is_finished_can_be_reopened(status):
    with pytest.raises(rules.NotNow) as caught:
        rules.reopen(at(status))
    assert caught.value.status == 409


def test_what_was_solved_and_reopened_needs_a_new_attempt():
    solved = rules.record_step(HARD, "check", "solved", photo=True)
    again = rules.triage(rules.reopen(solved), Category.HARD, "X3")
    with pytest.raises(rules.SelfGovernanceFirst):
        rules.escalate(again, urgent=False)
    with pytest.raises(rules.ProofNeeded):
        rules.record_step(again, "talk", "solved", photo=False)


@pytest.mark.parametrize(
    ("state", "result"),
    [
        ("closed", "grid_closed"),
        ("rejected", "grid_refused"),
        ("duplicate", "grid_refused"),
        ("not_registered", "grid_refused"),
        ("cancelled", "cancelled"),
    ],
)
def test_the_end_of_the_order_is_told_truthfully(state, result):
    ended = rules.grid_moved(escalated(), State(state))
    assert (ended.status, ended.result, ended.order) == ("closed", result, state)


def test_open_states_of_the_order_leave_the_issue_escalated():
    for state in OPEN:
        assert rules.grid_moved(escalated(), state).status is Status.ESCALATED


def test_the_committee_waits_while_the_order_is_open():
    for act in (
        lambda: rules.triage(escalated(), Category.CONSULT, None),
        lambda: rules.answer(escalated(), "refused"),
        lambda: rules.escalate(escalated(), urgent=True),
    ):
        with pytest.raises(rules.OrderIsLive):
            act()


def test_a_reopened_order_goes_back_to_the_grid():
    closed = rules.grid_moved(escalated(State.CHECKING), State.CLOSED)
    reopened = rules.reopen(closed)
    with pytest.raises(rules.OrderIsLive):
        rules.triage(reopened, Category.CONSULT, None)
    assert rules.grid_moved(reopened, State.EVALUATED).status is Status.REOPENED
    assert rules.grid_moved(reopened, State.REOPENED).status is Status.ESCALATED


def test_after_a_refusal_the_committee_may_try_again():
    for state in (*REFUSED, State.CANCELLED):
        reopened = rules.reopen(rules.grid_moved(escalated(), state))
        assert rules.escalate(reopened, urgent=False).order is State.REPORTED


@pytest.mark.parametrize("status", sorted({*Status} - MOVES[Act.REFER].sources))
def test_only_what_the_committee_is_at_is_referred(status):
    with pytest.raises(rules.NotNow):
        handling.refer(at(status))


def test_a_referral_ends_with_an_answer_or_back_on_the_desk():
    referred = handling.refer(HARD)
    assert referred.status is Status.REFERRED
    done = handling.referral_done(referred)
    assert (done.status, done.result) == (Status.ANSWERED, "fixed")
    for declined in (True, False):
        back = handling.referral_returned(referred, declined=declined)
        assert back.status is Status.TRIAGED
    with pytest.raises(rules.NotNow):
        handling.referral_done(done)


def test_a_merge_is_undone_to_where_it_stood_unless_the_other_is_closed():
    for before in MOVES[Act.MERGE].sources:
        merged = handling.merge(at(before))
        assert handling.undo_merge(merged, before, Status.ANSWERED).status is before
        with pytest.raises(rules.NotNow):
            handling.undo_merge(merged, before, Status.CLOSED)


def test_what_the_platform_works_on_is_not_merged():
    closed = rules.grid_moved(escalated(State.CHECKING), State.CLOSED)
    with pytest.raises(rules.OrderIsLive):
        handling.merge(rules.reopen(closed))


def test_a_no_leaves_everything_as_it_was_and_a_yes_can_still_be_rated():
    trying = at(Status.SELF_GOVERNING)
    assert handling.confirm(trying, solved=False) == trying
    yes = handling.confirm(trying, solved=True)
    assert (yes.status, yes.result, yes.rated) == (Status.SOLVED, "solved", False)
    assert rules.rate(yes, solved=True).rated


@pytest.mark.parametrize(
    ("grant", "party"),
    [
        ((Role.PROPERTY_MANAGER, "d.t.c.estate"), ["property"]),
        ((Role.PROPERTY_MANAGER, "d.t.c"), ["property"]),
        ((Role.PROPERTY_MANAGER, "d.t.other.estate"), []),
        ((Role.OWNERS_COMMITTEE, "d.t.c.estate"), ["owners_committee"]),
        ((Role.DEPARTMENT_STAFF, "d.t"), ["department"]),
        ((Role.DEPARTMENT_STAFF, "d.t.cc"), []),
        ((Role.RESIDENT, "d.t.c"), []),
    ],
)
def test_a_party_is_who_serves_there_or_in_a_part_of_it(grant, party):
    who = Actor("p", "s", (Grant(*grant),), 2**31)
    assert handling.party_of(who, "d.t.c") == party


class AnyLife(RuleBasedStateMachine):
    """Whatever people and platform do in whatever order, the rules hold."""

    def __init__(self) -> None:
        super().__init__()
        self.issue = Issue()
        self.ratings: dict[int, int] = {}
        self.urgent = False

    def attempt(self, act, allowed_to: By, *args: object, **kwargs: object) -> bool:
        before = self.issue
        try:
            self.issue = act(before, *args, **kwargs)
        except ShequError as error:
            assert error.status in (409, 422)
            assert self.issue is before
            return False
        sources = {move.by for move in MOVES.values() if before.status in move.sources}
        assert allowed_to in sources
        return True

    @rule(category=st.sampled_from(Category), slot=st.sampled_from([None, "S1", "X9"]))
    def triage(self, category, slot):
        self.attempt(rules.triage, By.COMMITTEE, category, slot)

    @rule()
    def refer(self):
        self.attempt(handling.refer, By.COMMITTEE)

    @rule(done=st.booleans())
    def party(self, done):
        if done:
            self.attempt(handling.referral_done, By.PARTY)
        else:
            self.attempt(handling.referral_returned, By.PARTY, declined=True)

    @rule()
    def recall(self):
        self.attempt(handling.referral_returned, By.COMMITTEE, declined=False)

    @rule(solved=st.booleans())
    def confirm(self, solved):
        self.attempt(handling.confirm, By.REPORTER, solved=solved)

    @rule(outcome=st.sampled_from(["answered", "fixed", "refused"]))
    def answer(self, outcome):
        self.attempt(rules.answer, By.COMMITTEE, outcome)

    @rule(
        step=st.sampled_from(["site_visit", "talk", "undertaking", "check"]),
        outcome=st.sampled_from([None, "solved", "failed"]),
        photo=st.booleans(),
    )
    def govern(self, step, outcome, photo):
        self.attempt(rules.record_step, By.COMMITTEE, step, outcome, photo=photo)

    @rule(urgent=st.booleans())
    def escalate(self, urgent):
        if self.attempt(rules.escalate, By.COMMITTEE, urgent=urgent):
            self.urgent = urgent

    @rule(solved=st.booleans())
    def rate(self, solved):
        if self.attempt(rules.rate, By.REPORTER, solved=solved):
            self.ratings[self.issue.round] = self.ratings.get(self.issue.round, 0) + 1

    @rule()
    def reopen(self):
        self.attempt(rules.reopen, By.REPORTER)

    @precondition(lambda self: self.issue.order is not None and EXITS[self.issue.order])
    @rule(data=st.data())
    def platform_moves(self, data):
        state = data.draw(st.sampled_from(sorted(EXITS[self.issue.order])))
        self.issue = rules.grid_moved(self.issue, state)
        assert self.issue.order is state

    @invariant()
    def only_tried_or_urgent_hard_problems_reach_the_city(self):
        if self.issue.status is Status.ESCALATED:
            assert self.issue.category is Category.HARD
            assert self.issue.slot is not None
            assert self.urgent or self.issue.last_outcome == "failed"

    @invariant()
    def an_open_order_means_escalated(self):
        if self.issue.order in OPEN:
            assert self.issue.status is Status.ESCALATED

    @invariant()
    def closed_means_that_the_grid_ended_it(self):
        if self.issue.status is Status.CLOSED:
            assert self.issue.order not in OPEN
            assert self.issue.result in ("grid_closed", "grid_refused", "cancelled")

    @invariant()
    def at_most_one_rating_a_round(self):
        assert all(count == 1 for count in self.ratings.values())

    @invariant()
    def a_slot_exactly_for_hard_problems(self):
        assert (self.issue.slot is not None) == (self.issue.category is Category.HARD)


TestAnyLife = AnyLife.TestCase


@pytest.mark.parametrize(
    ("issue", "mine", "free"),
    [
        (at(Status.ANSWERED), True, {"rate", "reopen"}),
        (at(Status.CLOSED, rated=True), True, {"reopen"}),
        (at(Status.SELF_GOVERNING), True, {"confirm"}),
        (at(Status.TRIAGED), False, {"me_too"}),
        (at(Status.SOLVED), False, set()),
    ],
)
def test_what_a_resident_may_do_is_told_with_what_forbids_the_rest(issue, mine, free):
    found = handling.acts(issue, mine=mine, merge_asked=False)
    assert {act for act, why_not in found.items() if why_not is None} == free
    assert found["me_too"] == "grid.own_issue" if mine else found["rate"] == "grid.only_reporter"
    asked = handling.acts(issue, mine=mine, merge_asked=True)
    assert asked["merge_consent"] == (None if mine else "grid.only_reporter")
