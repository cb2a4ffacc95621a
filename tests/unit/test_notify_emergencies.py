"""What is known of a household, who acts in which office, how a call is confirmed."""

from collections import Counter
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.contracts.actor import Actor, Grant, Role
from services.contracts.errors import Forbidden, Invalid
from services.contracts.operations.notify.emergencies import FEWEST
from services.notify.domain import emergencies as rules
from services.notify.domain.emergencies import Found, NotConfirmed, Said, Standing

pytestmark = pytest.mark.unit
T0 = datetime(2026, 3, 2, 4, 0, tzinfo=UTC)


def at(minutes: int) -> datetime:
    return T0 + timedelta(minutes=minutes)


def safe(minutes: int, *, whole: bool = True) -> Said:
    return Said("safe", None, whole, at(minutes))


def calls(minutes: int, need: str = "medical") -> Said:
    return Said("help", need, whole=True, at=at(minutes))


@pytest.mark.parametrize(
    ("said", "found", "known"),
    [
        ([], None, Standing("silent")),
        ([safe(1)], None, Standing("safe")),
        ([safe(1, whole=False)], None, Standing("silent")),
        ([safe(1, whole=False), safe(2, whole=False)], None, Standing("safe")),
        ([calls(1), safe(2)], None, Standing("help", "medical")),
        ([calls(1), calls(2, "trapped")], None, Standing("help", "trapped")),
        ([calls(1)], Found("safe", None, at(2)), Standing("safe", by_staff=True)),
        ([calls(3)], Found("safe", None, at(2)), Standing("help", "medical")),
        ([safe(3)], Found("help", "alone", at(2)), Standing("help", "alone", by_staff=True)),
        ([safe(3)], Found("absent", None, at(2)), Standing("safe")),
        ([safe(1)], Found("absent", None, at(2)), Standing("absent", by_staff=True)),
        ([], Found("moved", None, at(2)), Standing("moved", by_staff=True)),
    ],
)
def test_what_is_known_of_two_people_behind_a_door(said, found, known):
    assert rules.standing(2, said, found) == known


WORDS = st.lists(
    st.builds(
        Said,
        st.sampled_from(["safe", "help"]),
        st.none(),
        st.booleans(),
        st.integers(0, 9).map(at),
    ),
    max_size=4,
)


@given(said=WORDS, people=st.integers(1, 5))
def test_no_order_of_words_hides_a_call_for_help(said, people):
    known = rules.standing(people, said, None).state
    assert (known == "help") == any(one.state == "help" for one in said)
    assert known == rules.standing(people, said[::-1], None).state


def test_a_call_is_confirmed_by_the_same_person_for_the_same_words_within_ten_minutes():
    wang, shi = Actor("wang", "", (), 0), Actor("shi", "", (), 0)
    given_ = rules.confirmation(wang, "a.b", ("", "火情"), T0)
    for minutes in (0, 10):
        rules.check_confirmed(given_, wang, "a.b", ("", "火情"), at(minutes))
    for who, path, words, minutes in (
        (shi, "a.b", ("", "火情"), 0),
        (wang, "a", ("", "火情"), 0),
        (wang, "a.b", ("drill", "火情"), 0),
        (wang, "a.b", ("", "火情"), 20),
    ):
        with pytest.raises(NotConfirmed):
            rules.check_confirmed(given_, who, path, words, at(minutes))
    with pytest.raises(NotConfirmed):
        rules.check_confirmed(None, wang, "a.b", ("", "火情"), T0)


def test_the_office_is_the_nearest_and_doors_are_for_those_who_serve_there():
    town, here = Grant(Role.TOWN_ADMIN, "d.t"), Grant(Role.SECRETARY, "d.t.c")
    both = Actor("p", "", (town, here), 0)
    assert rules.office(both, "d.t.c.e.b") is Role.SECRETARY
    assert rules.office_at_the_door(both, "d.t.c.e.b", "d.t.c") is Role.SECRETARY
    above = Actor("p", "", (town, Grant(Role.GRID_OPERATOR, "d")), 0)
    assert rules.office(above, "d.t.c") is Role.TOWN_ADMIN
    for act in (
        lambda: rules.office_at_the_door(above, "d.t.c", "d.t.c"),
        lambda: rules.office(Actor("p", "", (here,), 0), "d.t"),
    ):
        with pytest.raises(Forbidden):
            act()


@pytest.mark.parametrize(
    ("room", "floor"), [("101", 1), ("1203", 12), ("502室", 5), ("8", None), ("商铺", None)]
)
def test_a_room_says_its_floor(room, floor):
    assert rules.floor_of(room) == floor


def test_help_says_which_and_nothing_else_does():
    rules.check_need("help", "trapped")
    rules.check_need("safe", None)
    for state, need in (("help", None), ("safe", "trapped")):
        with pytest.raises(Invalid):
            rules.check_need(state, need)


@pytest.mark.parametrize(
    ("households", "told"),
    [
        ({"东区 1": 10, "东区 2": 12}, {"东区 1": "东区 1", "东区 2": "东区 2"}),
        (
            {"东区 1": 1, "东区 2": 9, "东区 3": 30},
            {"东区 1": "东区", "东区 2": "东区", "东区 3": "东区 3"},
        ),
        (
            {"东区 1": 1, "东区 2": 30, "东区 3": 40},
            {"东区 1": "东区", "东区 2": "东区", "东区 3": "东区 3"},
        ),
        ({"东区 1": 3, "西区 1": 4, "西区 2": 20}, {"东区 1": "", "西区 1": "", "西区 2": ""}),
        ({"东区 1": 3, "西区 1": 8, "西区 2": 20}, {"东区 1": "", "西区 1": "", "西区 2": ""}),
        ({"": 2, "1号楼": 11, "2号楼": 12}, {"": "", "1号楼": "", "2号楼": "2号楼"}),
        ({}, {}),
    ],
)
def test_few_households_of_a_building_are_told_as_part_of_their_estate(households, told) -> None:
    assert rules.told_as(households) == told


@given(
    st.dictionaries(
        st.builds("{} {}".format, st.sampled_from(["东", "西", ""]), st.integers(1, 6)),
        st.integers(1, 25),
        max_size=9,
    )
)
def test_nothing_that_is_told_is_of_few_unless_all_are_few(households: dict[str, int]) -> None:
    sums: Counter[str] = Counter()
    for building, name in rules.told_as(households).items():
        sums[name] += households[building]
    assert sums.total() == sum(households.values())
    if sums.total() >= FEWEST:
        assert min(sums.values()) >= FEWEST
