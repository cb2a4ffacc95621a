"""The rules of signing up: order of times, states, why not, stalls, codes."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.contracts.errors import Invalid
from services.feed.domain import sign_ups as rules

pytestmark = pytest.mark.unit

OPENS = datetime(2026, 3, 2, 8, tzinfo=UTC)
DEADLINE, STARTS, ENDS = (OPENS + timedelta(days=n) for n in (3, 5, 6))
TERMS = rules.Terms("stall", 20, 4, True, OPENS, DEADLINE, STARTS, ENDS)
EVENT = rules.Event("p", TERMS, taken=3, waiting=0, closed_at=None, expires_at=None)
MINUTE = timedelta(minutes=1)


@pytest.mark.parametrize(
    ("at", "refusal"),
    [
        (OPENS - MINUTE, rules.SignUpNotOpen),
        (OPENS, None),
        (DEADLINE - MINUTE, None),
        (DEADLINE, rules.DeadlinePassed),
        (STARTS, rules.EventStarted),
        (ENDS + MINUTE, rules.EventStarted),
    ],
)
def test_one_signs_up_between_the_opening_and_the_deadline(at, refusal):
    assert rules.why_not(EVENT, at) is refusal
    if refusal:
        with pytest.raises(refusal):
            rules.check_open(EVENT, at)
    else:
        rules.check_open(EVENT, at)


def test_what_was_closed_or_has_expired_takes_nobody():
    assert rules.why_not(replace(EVENT, closed_at=OPENS), OPENS) is rules.SignUpClosed
    assert rules.why_not(replace(EVENT, expires_at=OPENS), OPENS) is rules.SignUpClosed
    assert rules.why_not(replace(EVENT, expires_at=OPENS + MINUTE), OPENS) is None


def test_without_times_one_may_always():
    terms = rules.Terms("person", None, 1, False, None, None, None, None)
    event = replace(EVENT, terms=terms)
    assert rules.why_not(event, datetime(2050, 1, 1, tzinfo=UTC)) is None
    assert (event.free, event.full) == (None, False)
    rules.check_check_in(event, OPENS)


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"deadline": OPENS}, "deadline"),
        ({"starts_at": DEADLINE - MINUTE}, "starts_at"),
        ({"ends_at": STARTS}, "ends_at"),
        ({"deadline": None, "starts_at": OPENS - MINUTE}, "starts_at"),
        ({"starts_at": None}, "starts_at"),
        ({"unit": "family"}, "shareable"),
    ],
)
def test_terms_that_make_no_sense_are_refused_by_field(change, field):
    with pytest.raises(Invalid) as refused:
        rules.check_terms(replace(TERMS, **change))
    assert field in {error.field for error in refused.value.errors}


def test_one_may_sign_up_until_it_begins():
    rules.check_terms(replace(TERMS, deadline=STARTS))
    rules.check_terms(TERMS)


def test_capacity_and_unit_do_not_change_under_those_who_have_a_place():
    rules.check_change(EVENT, replace(TERMS, capacity=3))
    rules.check_change(EVENT, replace(TERMS, capacity=None))
    rules.check_change(replace(EVENT, taken=0), replace(TERMS, unit="family", shareable=False))
    with pytest.raises(rules.BelowTaken):
        rules.check_change(EVENT, replace(TERMS, capacity=2))
    with pytest.raises(rules.UnitInUse):
        rules.check_change(EVENT, replace(TERMS, unit="family"))


@pytest.mark.parametrize(
    ("at", "open_"),
    [
        (STARTS - timedelta(hours=2, minutes=1), False),
        (STARTS - timedelta(hours=2), True),
        (ENDS - MINUTE, True),
        (ENDS, False),
    ],
)
def test_people_are_checked_in_from_two_hours_before_until_the_end(at, open_):
    if open_:
        rules.check_check_in(EVENT, at)
    else:
        with pytest.raises(rules.NotCheckInTime):
            rules.check_check_in(EVENT, at)


def test_an_event_that_names_no_end_is_on_for_a_day():
    event = replace(EVENT, terms=replace(TERMS, ends_at=None))
    rules.check_check_in(event, STARTS + timedelta(hours=23))
    with pytest.raises(rules.NotCheckInTime):
        rules.check_check_in(event, STARTS + timedelta(hours=24))


@given(
    taken=st.integers(0, 30),
    waiting=st.integers(0, 30),
    more=st.none() | st.integers(0, 30),
    begun=st.booleans(),
)
def test_those_move_up_for_whom_there_is_room_and_nobody_after_the_start(
    taken, waiting, more, begun
):
    capacity = None if more is None else taken + more
    event = replace(EVENT, taken=taken, waiting=waiting, terms=replace(TERMS, capacity=capacity))
    expected = waiting if more is None else min(more, waiting)
    assert rules.moving_up(event, STARTS if begun else OPENS) == (0 if begun else expected)


@given(st.sets(st.integers(1, 40)), st.integers(0, 20))
def test_the_lowest_free_stalls_are_given_out(in_use, count):
    found = rules.free_stalls(in_use, count)
    assert len(found) == count and not set(found) & in_use
    assert not set(range(1, max(found, default=0))) - in_use - set(found)


def test_every_act_leads_where_the_picture_says_and_no_other_is_possible():
    states = (None, "in", "waiting", "invited", "cancelled")
    acts = ("take", "queue", "invite", "accept", "move_up", "cancel")
    led = {}
    for state, act in product(states, acts):
        try:
            led[state, act] = rules.step(state, act)
        except (rules.CannotInvite, rules.NotSignedUp) as refused:
            assert isinstance(refused, rules.CannotInvite) == (act == "invite")
    assert len(led) == 10
    assert {act for state, act in led if state in ("in", None)} == {
        "take",
        "queue",
        "invite",
        "cancel",
    }
    assert all(led[state, "cancel"] == "cancelled" for state in rules.STANDING)
    assert not [state for state, _ in led if state == "cancelled"]


def test_codes_are_read_however_they_are_typed_and_hold_no_look_alikes():
    assert rules.read_code("ac-d3_4x") == "ACD34X"
    for alike in ("0O", "1IL", "2Z", "5S", "6G", "8B", "UV"):
        assert len(set(alike) & set(rules.ALPHABET)) <= 1
    assert len(rules.ALPHABET) ** rules.CODE_LENGTH > 10**8


def test_comings_are_counted_by_the_day_in_china():
    noon = datetime(2026, 3, 2, 4, tzinfo=UTC)
    today, count = rules.coming(None, 0, noon)
    assert count == 1
    assert rules.coming(today, rules.COMINGS_A_DAY - 1, noon) == (today, rules.COMINGS_A_DAY)
    midnight = noon + timedelta(hours=12)
    with pytest.raises(rules.ComesTooOften) as refused:
        rules.coming(today, rules.COMINGS_A_DAY, midnight - timedelta(minutes=1))
    assert refused.value.retry_after == 60
    assert rules.coming(today, rules.COMINGS_A_DAY, midnight) == (today + timedelta(days=1), 1)
