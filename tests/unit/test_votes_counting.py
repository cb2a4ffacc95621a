"""Boundary tables by hand: one vote, a hundredth of a square metre, nobody at all."""

import json
from fractions import Fraction

import pytest

from services.contracts.operations.votes import Bar, Entitled, Quorum, RuleSet, Threshold
from services.votes.domain.counting import BadTally, Side, Tally, evaluate, total
from services.votes.domain.rules import resolve

pytestmark = pytest.mark.unit

HALF = Bar(at="1/2", above=True)


def persons(quorum: Quorum, threshold: Threshold, **more) -> RuleSet:
    who = Entitled(who=more.pop("who", "residents18"))
    return RuleSet(base="article_2017", electorate=who, quorum=quorum, threshold=threshold, **more)


def entries(at: str, above: bool = False) -> Quorum:
    return Quorum(kind="fraction", entries=Bar(at=at, above=above))


def carries(base: str, at: str, above: bool = False) -> Threshold:
    return Threshold(base=base, heads=Bar(at=at, above=above))


def vote(rules: RuleSet, roll: int, yes: int, no: int, abstain: int = 0, spoiled: int = 0, **more):
    votes = {"for": Side.of(yes), "against": Side.of(no), "abstain": Side.of(abstain)}
    came = Side.of(yes + no + abstain + spoiled)
    return evaluate(rules, Side.of(roll), came, votes, spoiled, **more)


# -- how many come ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("bar", "came", "reached"),
    [
        (entries("1/2", above=True), 780, False),  # exactly half of 1,560
        (entries("1/2", above=True), 781, True),
        (entries("1/2"), 779, False),
        (entries("1/2"), 780, True),
        (entries("2/3"), 1_039, False),
        (entries("2/3"), 1_040, True),  # 2/3 of 1,560
        (entries("2/3", above=True), 1_040, False),
        (entries("2/3", above=True), 1_041, True),
        (entries("2/3"), 1_000, False),  # what came in 2017 is short of it
        (entries("1/1"), 1_559, False),
        (entries("1/1"), 1_560, True),
    ],
)
def test_a_quorum_of_1560(bar, came, reached):
    outcome = vote(persons(bar, carries("present", "1/2", above=True)), 1_560, came, 0)
    assert (outcome.quorum_reached, outcome.passed) == (reached, reached)


@pytest.mark.parametrize(("roll", "least"), [(3, 2), (4, 3), (5, 4), (7, 5), (1_559, 1_040)])
def test_a_share_that_is_no_whole_number_is_not_rounded(roll, least):
    rules = persons(entries("2/3"), carries("present", "1/2", above=True))
    assert not vote(rules, roll, least - 1, 0).quorum_reached
    assert vote(rules, roll, least, 0).quorum_reached


@pytest.mark.parametrize(
    ("people", "households", "reached"),
    [(451, 1, True), (450, 199, False), (450, 200, True), (3, 200, True), (0, 0, False)],
)
def test_half_of_the_villagers_or_two_thirds_of_the_households(people, households, reached):
    came = Side(people, households, 0, Fraction(people))
    roll = Side(900, 300, 0, Fraction(900))
    outcome = evaluate(resolve("villagers_assembly"), roll, came, {"for": Side.of(people)})
    assert outcome.quorum_reached is reached
    assert [line.alternative for line in outcome.lines] == [True, True, False, False]


# -- what carries ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("threshold", "yes", "no", "abstain", "passed"),
    [
        (carries("cast", "1/2", above=True), 50, 50, 0, False),
        (carries("cast", "1/2", above=True), 51, 50, 0, True),
        (carries("cast", "1/2", above=True), 51, 49, 900, True),
        (carries("cast", "1/2"), 50, 50, 0, False),  # half is enough, and still a tie fails
        (carries("cast", "1/3"), 40, 60, 0, False),  # enough of a third, but more are against
        (carries("cast", "2/3"), 66, 34, 0, False),
        (carries("cast", "2/3"), 66, 33, 0, True),
        (carries("cast", "2/3", above=True), 66, 33, 0, False),
        (carries("cast", "2/3", above=True), 67, 33, 0, True),
        (carries("present", "1/2", above=True), 50, 49, 1, False),
        (carries("present", "1/2", above=True), 51, 49, 1, True),
        (carries("present", "3/4"), 74, 25, 0, False),
        (carries("present", "3/4"), 75, 25, 0, True),
        (carries("present", "3/4"), 75, 25, 1, False),
        (carries("roll", "1/2", above=True), 500, 0, 0, False),  # of 1,000
        (carries("roll", "1/2", above=True), 501, 499, 0, True),
        (Threshold(base="cast", unanimous=True), 5, 0, 3, True),
        (Threshold(base="present", unanimous=True), 5, 0, 1, False),  # one abstains
        (Threshold(base="roll", unanimous=True), 999, 0, 0, False),  # one stays away
        (Threshold(base="roll", unanimous=True), 999, 0, 1, False),
        (Threshold(base="roll", unanimous=True), 1_000, 0, 0, True),
        (Threshold(base="cast", unanimous=True), 0, 0, 10, False),
    ],
)
def test_what_carries_a_motion(threshold, yes, no, abstain, passed):
    assert vote(persons(Quorum(), threshold), 1_000, yes, no, abstain).passed is passed


def test_an_abstention_and_a_spoiled_paper_count_as_coming_or_not():
    quorum, threshold = entries("1/2"), carries("present", "1/2", above=True)
    present = vote(persons(quorum, threshold), 100, 30, 15, 10, 5)
    assert (present.quorum_reached, present.passed) == (True, False)  # 30 of 60
    absent = persons(quorum, threshold, abstain_is_present=False)
    assert not vote(absent, 100, 30, 15, 10, 5).quorum_reached  # 45 of 100
    assert vote(absent, 100, 35, 15, 10, 5).passed


@pytest.mark.parametrize(
    ("yes", "no", "joined", "passed"),
    [
        (60, 40, "for", True),  # 960 of 1,000
        (40, 60, "against", False),
        (50, 50, None, False),
        (0, 0, None, False),
    ],
)
def test_who_stays_away_may_be_counted_with_the_majority_but_never_as_coming(
    yes, no, joined, passed
):
    rules = persons(Quorum(), carries("roll", "2/3"), non_voters="with_majority")
    outcome = vote(rules, 1_000, yes, no)
    assert (outcome.non_voters_with, outcome.passed) == (joined, passed)
    missed = vote(rules.model_copy(update={"quorum": entries("1/2")}), 1_000, yes, no)
    assert (missed.quorum_reached, missed.passed) == (False, False)


# -- area and heads --------------------------------------------------------------------------------


def owners(preset: str, roll: Side, votes: dict[str, Side]):
    return evaluate(resolve(preset), roll, total(votes.values()), votes)


def side(units: int, area: int, heads: str) -> Side:
    return Side(units, units, area, Fraction(heads))


@pytest.mark.parametrize(
    ("yes", "no", "passed"),
    [
        # half of the area to a hundredth, more than half of the heads
        (side(50, 450_000, "50"), side(40, 450_000, "40"), False),
        (side(50, 450_001, "50"), side(40, 450_000, "40"), True),
        # more than half of the area, half of the heads
        (side(45, 500_000, "45"), side(45, 400_000, "45"), False),
        # a third of a head more
        (side(45, 500_000, "136/3"), side(45, 400_000, "45"), True),
    ],
)
def test_more_than_half_by_area_and_by_heads(yes, no, passed):
    assert (
        owners("owners_ordinary", side(90, 900_001, "91"), {"for": yes, "against": no}).passed
        is passed
    )


@pytest.mark.parametrize(
    ("area", "heads", "reached"),
    [(66_666, "66", False), (66_667, "67", True), (66_666, "67", False), (66_667, "199/3", False)],
)
def test_two_thirds_of_the_area_and_of_the_heads_come(area, heads, reached):
    outcome = owners("owners_ordinary", side(100, 100_000, "100"), {"for": side(67, area, heads)})
    assert outcome.quorum_reached is reached


@pytest.mark.parametrize(
    ("yes", "no", "passed"),
    [
        (side(75, 75_000, "75"), side(25, 25_000, "25"), True),
        (side(75, 74_999, "75"), side(25, 25_001, "25"), False),
        (side(74, 75_000, "74"), side(26, 25_000, "26"), False),
    ],
)
def test_three_quarters_for_special_matters(yes, no, passed):
    told = owners("owners_special", side(100, 100_000, "100"), {"for": yes, "against": no})
    assert told.passed is passed


def test_one_who_abstains_breaks_unanimity_of_the_owners_concerned():
    roll = side(36, 324_000, "35")
    everybody = {"for": roll}
    but_one = {"for": side(35, 315_000, "34"), "abstain": side(1, 9_000, "1")}
    assert owners("owners_unanimous", roll, everybody).passed
    assert not owners("owners_unanimous", roll, but_one).passed
    assert not owners("owners_unanimous", roll, {"for": side(35, 315_000, "34")}).passed


# -- nobody ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "preset", ["residents_assembly", "villagers_assembly", "owners_special", "owners_unanimous"]
)
@pytest.mark.parametrize("roll", [Side(), Side.of(100)])
def test_an_empty_roll_nobody_voting_and_no_area_are_defined_and_nothing_is_carried(preset, roll):
    outcome = evaluate(resolve(preset), roll, Side(), {})
    assert not outcome.passed
    assert any(not line.holds for line in outcome.lines)


def test_an_empty_roll_reaches_no_quorum_even_where_none_is_asked_for_and_is_not_extended():
    free = persons(Quorum(), carries("cast", "1/2"), lock_days=30)
    assert not vote(free, 0, 0, 0).quorum_reached
    assert vote(free, 10, 0, 0).quorum_reached
    waiting = persons(
        entries("1/2"), carries("cast", "1/2"), extension={"times": 2, "days": 7}, lock_days=30
    )
    assert [vote(waiting, 0, 0, 0).extend_days, vote(waiting, 10, 4, 0).extend_days] == [0, 7]


def test_no_area_on_the_roll_is_told_as_a_line():
    roll = side(3, 0, "3")
    outcome = owners("owners_ordinary", roll, {"for": roll})
    assert not outcome.quorum_reached
    first = outcome.lines[0]
    assert (first.left, first.relation, first.right, first.holds) == ("0.00", ">", "0", False)
    assert first.zh == "名册的专有部分面积大于零"


# -- what comes of it ------------------------------------------------------------------------------


def test_it_is_extended_as_often_as_allowed_then_it_is_lost_and_locked():
    rules = persons(
        entries("1/2"),
        carries("present", "1/2", above=True),
        extension={"times": 2, "days": 30},
        lock_days=365,
    )
    told = [vote(rules, 100, 40, 0, extended=times) for times in range(4)]
    assert [(one.extend_days, one.lock_days) for one in told] == [
        (30, 0),
        (30, 0),
        (0, 365),
        (0, 365),
    ]
    lost = vote(rules, 100, 20, 40)
    assert (lost.extend_days, lost.lock_days) == (0, 365)
    assert vote(rules, 100, 60, 0).lock_days == 0


def test_the_case_of_the_article_line_by_line():
    """1,560 on the roll, about 1,000 came; how they split is ours, the article says “most”."""
    outcome = vote(resolve("article_2017"), 1_560, 860, 90, 40, 10)
    assert outcome.passed
    assert [(line.zh, line.left, line.relation, line.right) for line in outcome.lines] == [
        ("参加表决的人数超过名册人数的 1/2", "2 × 1000 = 2000", ">", "1 × 1560 = 1560"),
        ("同意的人数超过参加表决人数的 1/2", "2 × 860 = 1720", ">", "1 × 1000 = 1000"),
        ("同意的人数多于反对的人数（一样多就是没有通过）", "860", ">", "90"),
    ]
    assert json.loads(outcome.model_dump_json())["lines"][0]["holds"] is True


def test_channels_are_added_up_and_spoiled_papers_take_part():
    told = Tally(
        online={"for": Side.of(500), "against": Side.of(20)},
        paper={"for": Side.of(300), "against": Side.of(2), "abstain": Side.of(5)},
        spoiled=3,
    )
    assert told.votes() == {
        "for": Side.of(800),
        "against": Side.of(22),
        "abstain": Side.of(5),
    }
    rules = resolve("article_2017")
    assert evaluate(rules, Side.of(1_560), Side.of(830), told.votes(), told.spoiled).passed


# -- what is no count ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "values"),
    [
        ("entries", (-1, 0, 0, Fraction(0))),
        ("households", (0, -1, 0, Fraction(0))),
        ("area", (0, 0, -1, Fraction(0))),
        ("area", (0, 0, 80.5, Fraction(0))),
        ("heads", (0, 0, 0, Fraction(-1, 3))),
        ("heads", (0, 0, 0, 0.5)),
        ("entries", (True, 0, 0, Fraction(0))),
    ],
)
def test_a_number_that_is_none_is_refused(name, values):
    with pytest.raises(BadTally) as caught:
        Side(*values)
    assert (caught.value.code, caught.value.errors[0].field) == ("votes.bad_tally", name)


@pytest.mark.parametrize(
    ("field", "roll", "came", "votes", "spoiled"),
    [
        ("taken_part.entries", 10, 11, {"for": 11}, 0),
        ("taken_part.entries", 10, 5, {"for": 4}, 0),
        ("taken_part.entries", 10, 5, {"for": 5}, 1),
        ("votes.heads", 10, 5, {"for": 6}, 0),
        ("spoiled", 10, 5, {"for": 6}, -1),
        ("votes", 10, 5, {"perhaps": 5}, 0),
    ],
)
def test_numbers_that_do_not_add_up_are_refused(field, roll, came, votes, spoiled):
    sides = {name: Side.of(number) for name, number in votes.items()}
    with pytest.raises(BadTally) as caught:
        evaluate(resolve("article_2017"), Side.of(roll), Side.of(came), sides, spoiled)
    assert field in [error.field for error in caught.value.errors]
