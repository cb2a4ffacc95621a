"""Papers and sheets without a database: numbers, times, sums."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.contracts.errors import ShequError
from services.votes.domain import paper, paper_sheets
from services.votes.domain.paper import ACTS, MARKS, Act, State
from services.votes.domain.paper_sheets import CHOICES, SUMS, Booked, Counts, Weight
from services.votes.domain.rolls import MOVES, Mark

NOON = datetime(2026, 3, 2, 4, tzinfo=UTC)
CLOSE = NOON + timedelta(days=7)


def refused(call, *args, **more) -> str:
    with pytest.raises(ShequError) as caught:
        call(*args, **more)
    return caught.value.code


def test_a_slip_s_number_belongs_to_its_poll_and_a_slip_of_the_pen_is_found_out():
    numbers = [paper.number("p1", serial) for serial in range(1, 2_001)]
    assert [paper.serial("p1", text) for text in numbers] == list(range(1, 2_001))
    digits = [f"{'1' if text[0] != '1' else '2'}{text[1:]}" for text in numbers]
    assert sum(paper.number("p1", int(text[:4])) == text for text in digits) <= 10
    passing = sum(paper.number("p2", n + 1) == text for n, text in enumerate(numbers))
    assert passing <= 10, "of 2,000 slips of another poll about two pass"
    assert refused(paper.serial, "p1", "0001-00") == "votes.unknown_paper"


def test_every_act_leads_the_mark_along_a_way_that_the_roll_knows():
    for (was, _act), to in ACTS.items():
        assert (Mark(MARKS[was]), Mark(MARKS[to])) in MOVES
    for was in State:
        for act in Act:
            if (was, act) not in ACTS:
                assert refused(paper.settle, was, act) == "votes.paper_settled"


@pytest.mark.parametrize(
    ("said", "now", "at"),
    [
        (None, 3, 3),
        (2, 3, 2),
        (5, 3, 3),  # the desk's clock was fast
        (-9, 3, 0),  # or slow
        (6, 9, 6),  # in the books after the close
        (None, 7, None),
        (8, 9, None),
        (7, 9, None),  # the very moment is too late
    ],
)
def test_when_a_paper_came_back(said, now, at):
    when = None if said is None else NOON + timedelta(days=said)
    given_ = (when, NOON, NOON + timedelta(days=now), CLOSE)
    if at is None:
        assert refused(paper.happened, *given_) == "votes.paper_too_late"
    else:
        assert paper.happened(*given_) == NOON + timedelta(days=at)


small = st.integers(0, 40)
weights = st.builds(
    Weight, st.integers(0, 10**9), st.fractions(min_value=0, max_value=40, max_denominator=60)
)
counts = st.builds(
    Counts,
    buildings=st.lists(st.sampled_from("甲乙丙丁"), min_size=1, max_size=4).map(tuple),
    issued=small,
    returned=small,
    spoiled=small,
    unreturned=small,
    votes=st.fixed_dictionaries(dict.fromkeys(CHOICES, small)),
    weights=st.dictionaries(st.sampled_from(CHOICES), weights),
    ballots=st.dictionaries(st.text("abc", min_size=1, max_size=3), st.sampled_from(CHOICES)),
)


@given(counts, st.booleans(), st.booleans())
def test_a_sheet_is_taken_exactly_when_its_sums_agree(sheet, named, weighed):
    weighed = weighed and not named
    listed = {choice: sum(one == choice for one in sheet.ballots.values()) for choice in CHOICES}
    agrees = (
        sheet.issued == sheet.returned + sheet.spoiled + sheet.unreturned
        and sheet.returned == sum(sheet.votes.values())
        and len(set(sheet.buildings)) == len(sheet.buildings)
        and (listed == sheet.votes if named else not sheet.ballots)
        and (
            all(
                (choice in sheet.weights)
                if sheet.votes[choice]
                else sheet.weights.get(choice, Weight()) == Weight()
                for choice in CHOICES
            )
            if weighed
            else not sheet.weights
        )
    )
    try:
        paper_sheets.check(sheet, named=named, weighed=weighed)
    except paper_sheets.DoesNotReconcile as refusal:
        assert not agrees and refusal.errors
    else:
        assert agrees


@given(counts, counts)
def test_two_readings_agree_exactly_when_they_say_the_same(one, other):
    assert paper_sheets.differ(one, one) == []
    assert paper_sheets.differ(one, other) == paper_sheets.differ(other, one)
    assert Counts.of(one.as_json()) == one
    for name in SUMS:
        changed = replace(one, **{name: getattr(one, name) + 1})
        assert paper_sheets.differ(one, changed) == [name]


registers = st.dictionaries(
    st.sampled_from("甲乙丙丁"),
    st.builds(
        lambda returned, spoiled, out, weight: Booked(
            returned + spoiled + out, returned, spoiled, weight
        ),
        small,
        small,
        small,
        weights,
    ),
    min_size=1,
)


@given(registers, st.integers(0, 5), st.integers(1, 9))
def test_sheets_agree_with_the_register_or_a_line_says_where_they_do_not(register, field, by):
    booked = sum(register.values(), Booked())
    right = Counts(
        buildings=tuple(register),
        issued=booked.issued,
        returned=booked.returned,
        spoiled=booked.spoiled,
        unreturned=booked.unreturned,
        votes={**dict.fromkeys(CHOICES, 0), "for": booked.returned},
        weights={"for": booked.weight},
    )
    lines = paper_sheets.reconcile(register, [(1, right)], weighed=True)
    assert len(lines) == 6 and all(line.agrees for line in lines)
    name = [*SUMS, "area", "heads"][field]
    if name in SUMS:
        wrong = replace(right, **{name: getattr(right, name) + by})
    else:
        more = Weight(by, Fraction(0)) if name == "area" else Weight(0, Fraction(by, 3))
        wrong = replace(right, weights={"for": booked.weight + more})
    off = [
        line.name
        for line in paper_sheets.reconcile(register, [(1, wrong)], weighed=True)
        if not line.agrees
    ]
    assert off == [name]
    missing = paper_sheets.reconcile(register, [], weighed=True)
    assert {line.buildings[0] for line in missing if not line.agrees} == {
        name for name, one in register.items() if one.issued
    }


def test_few_secret_ballots_may_lie_alone_only_if_there_are_no_others():
    sheet = Counts(("甲",), 4, 4, 0, 0, {**dict.fromkeys(CHOICES, 0), "for": 4})
    assert refused(paper_sheets.need_crowd, sheet, 1) == "votes.urn_too_small"
    for others, returned in ((0, 4), (9, 0), (9, 5)):
        paper_sheets.need_crowd(replace(sheet, returned=returned), others)


def test_a_sheet_sets_no_few_secret_ballots_apart():
    sheet = Counts(("甲",), 9, 9, 0, 0, {**dict.fromkeys(CHOICES, 0), "for": 9})
    assert refused(paper_sheets.need_crowd, sheet, 2, apart=[2]) == "votes.urn_too_small"
    assert refused(paper_sheets.need_crowd, sheet, 9, apart=[5, 1]) == "votes.urn_too_small"
    paper_sheets.need_crowd(sheet, 9, apart=[5, 0])


def test_named_ballots_are_those_that_came_back_and_not_only_as_many():
    register = {"甲": Booked(2, 1), "乙": Booked(1, 1)}
    back = {"甲": frozenset("a"), "乙": frozenset("c")}

    def sheet(*buildings, **ballots):
        votes = {**dict.fromkeys(CHOICES, 0), "for": len(ballots)}
        issued = sum(register[name].issued for name in buildings)
        left = issued - len(ballots)
        return Counts(buildings, issued, len(ballots), 0, left, votes, ballots=ballots)

    def off(*sheets):
        told = list(enumerate(sheets, 1))
        lines = paper_sheets.reconcile(register, told, weighed=False, back=back)
        adds_up = paper_sheets.adds_up(register, told, weighed=False, back=back)
        return {(line.sheet, line.name) for line in lines if not line.agrees}, adds_up

    assert off(sheet("甲", a="for"), sheet("乙", c="for")) == (set(), True)
    assert off(sheet("甲", b="for"), sheet("乙", c="for")) == ({(1, "ballots")}, False)
    wrong_urn = {
        (1, "returned"), (1, "unreturned"), (2, "returned"), (2, "unreturned"), (2, "ballots"),
    }  # fmt: skip
    assert off(sheet("甲", a="for", c="for"), sheet("乙")) == (wrong_urn, True)
