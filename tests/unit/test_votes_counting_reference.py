"""The count against a second one, written the slow way; and what must be true of any count."""

import re
from dataclasses import replace
from fractions import Fraction

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from services.contracts.operations.votes import Bar
from tests.support import votes_reference as reference
from tests.support.votes_elections import counted, rolls, rule_sets
from tests.support.votes_reference import Voter

pytestmark = pytest.mark.unit

ELECTIONS, ELECTIONS_LONG, OTHERS = 400, 12_000, 50
FAST = settings(
    deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large]
)
SUM = re.compile(r"(?:(\d+) × (\d+(?:[./]\d+)?) = )?(\d+(?:[./]\d+)?)")


def agrees(data: st.DataObject) -> None:
    rules = data.draw(rule_sets())
    roll = data.draw(rolls(rules))
    extended = data.draw(st.integers(0, 2))
    ours = counted(rules, roll, extended)
    theirs = reference.count(rules.model_dump(mode="json"), roll, extended)
    assert (
        reference.Verdict(
            ours.passed, ours.quorum_reached, ours.extend_days, ours.lock_days, ours.non_voters_with
        )
        == theirs
    )
    for line in ours.lines:
        assert calculated(line.left, line.relation, line.right) == line.holds, line


def calculated(left: str, relation: str, right: str) -> bool:
    """Whether a line holds, as a pocket calculator says: its sums must be right, too."""
    sides = []
    for text in (left, right):
        factor, value, result = SUM.fullmatch(text).groups()
        if factor:
            assert int(factor) * Fraction(value) == Fraction(result), text
        sides.append(Fraction(result))
    return {">": sides[0] > sides[1], "≥": sides[0] >= sides[1], "=": sides[0] == sides[1]}[
        relation
    ]


@settings(FAST, max_examples=ELECTIONS)
@given(st.data())
def test_both_counts_agree_and_every_line_can_be_checked_by_hand(data):
    agrees(data)


@pytest.mark.slow
@settings(FAST, max_examples=ELECTIONS_LONG)
@given(st.data())
def test_both_counts_agree_on_twelve_thousand_elections(data):
    agrees(data)


@settings(FAST, max_examples=OTHERS)
@given(st.data())
def test_what_is_decided_follows_from_the_lines_that_are_shown(data):
    rules = data.draw(rule_sets())
    outcome = counted(rules, data.draw(rolls(rules)))
    needed = [line.holds for line in outcome.lines if not line.alternative]
    alternatives = [line.holds for line in outcome.lines if line.alternative]
    assert outcome.passed == (all(needed) and (any(alternatives) or not alternatives))
    assert len(outcome.lines) >= 1
    assert type(outcome).model_validate_json(outcome.model_dump_json()) == outcome


@settings(FAST, max_examples=OTHERS)
@given(st.data())
def test_one_more_who_comes_and_agrees_never_makes_it_fail(data):
    """Of those on the roll who stayed away, opposed, abstained or spoiled their paper."""
    rules = data.draw(rule_sets())
    roll = data.draw(rolls(rules))
    before = counted(rules, roll).passed
    for place in range(len(roll)):
        better = [*roll[:place], replace(roll[place], did="for"), *roll[place + 1 :]]
        assert counted(rules, better).passed >= before


@settings(FAST, max_examples=OTHERS)
@given(st.data())
def test_neither_the_order_of_the_roll_nor_the_channel_changes_anything(data):
    rules = data.draw(rule_sets())
    roll = data.draw(rolls(rules))
    shuffled = data.draw(st.permutations(roll))
    on_paper = [replace(voter, channel="paper") for voter in roll]
    assert counted(rules, shuffled) == counted(rules, roll) == counted(rules, on_paper)


@settings(FAST, max_examples=OTHERS)
@given(st.data())
def test_a_unit_divided_into_two_of_the_same_owner_changes_nothing_by_area_and_heads(data):
    rules = data.draw(rule_sets("dual").filter(lambda one: not one.quorum.entries))
    # whoever owns several here lets them all vote alike: a head divided anew is the same head
    drawn = data.draw(rolls(rules).filter(bool))
    last = {voter.owner: voter for voter in drawn}
    alike = ((voter, last[voter.owner]) for voter in drawn)
    roll = [replace(voter, did=one.did, channel=one.channel) for voter, one in alike]
    place = data.draw(st.integers(0, len(roll) - 1))
    unit = roll[place]
    half = data.draw(st.integers(0, unit.area))
    halves = [replace(unit, area=half), replace(unit, area=unit.area - half)]
    divided = [*roll[:place], *halves, *roll[place + 1 :]]
    assert counted(rules, divided) == counted(rules, roll)


@settings(FAST, max_examples=OTHERS)
@given(st.data())
def test_a_higher_bar_is_never_easier(data):
    rules = data.draw(rule_sets("person").filter(lambda one: not one.threshold.unanimous))
    roll = data.draw(rolls(rules))
    passed = []
    for at, above in (("1/2", False), ("1/2", True), ("2/3", False), ("2/3", True), ("1/1", False)):
        threshold = rules.threshold.model_copy(update={"heads": Bar(at=at, above=above)})
        higher = rules.model_copy(update={"threshold": threshold})
        passed.append(counted(higher, roll).passed)
    assert passed == sorted(passed, reverse=True)


def test_the_reference_knows_that_an_owner_of_three_units_is_one_head():
    roll = [Voter("a", "h1", 100, "for"), Voter("a", "h2", 100, "for"), Voter("a", "h3", 100, None)]
    assert reference._measure("heads", roll, roll) == 1
    assert reference._measure("heads", roll[:2], roll) == Fraction(2, 3)
