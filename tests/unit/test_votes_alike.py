"""What reads alike: a question beside what was asked, or is settled, already."""

import pytest

from services.votes.domain.alike import LIKE, MOST, Words, likest, percent

pytestmark = pytest.mark.unit

DOGS = Words.of("小区里一律不许养狗", "狗叫、狗粪，太烦了，干脆都不许养。")
BIKES = Words.of("电动自行车不进楼、不飞线充电", "电动自行车及其电池不进楼道、电梯和住宅。")
SLIDE = Words.of("儿童滑梯旁边加一段护栏", "滑梯紧挨着车道，孩子跑出来很危险。")
KNOWN = [(DOGS, "dogs"), (BIKES, "bikes"), (SLIDE, "slide")]


@pytest.mark.parametrize(
    ("title", "body", "like"),
    [
        ("滑梯边上装护栏", "滑梯旁边加一段，孩子跑出来危险", ["slide"]),
        ("充电的电动车别推进楼", "电动自行车推进楼道充电，太危险，不许进楼", ["bikes"]),
        ("小区要有养狗的规矩", "很多人不牵绳", ["dogs"]),
        ("垃圾房几点开门", "早上开门太晚", []),
        ("Charging in the stairwell", "no Chinese at all", []),
        ("？！", "", []),
    ],
)
def test_a_question_finds_what_says_the_same_in_other_words(title, body, like):
    assert [thing for _, thing in likest(Words.of(title, body), KNOWN)] == like


def test_a_short_title_is_like_nothing():
    assert percent(Words.of("养狗", ""), Words.of("养狗", "养狗")) == 0


def test_which_of_the_two_is_asked_makes_no_difference():
    for one, _ in KNOWN:
        for other, _ in KNOWN:
            assert percent(one, other) == percent(other, one)
    assert percent(DOGS, DOGS) == 100


def test_the_likest_come_first_and_not_too_many():
    near = Words.of("滑梯边上装护栏", "滑梯旁边加一段")
    found = likest(SLIDE, [(near, "near"), *[(SLIDE, n) for n in range(9)]])
    assert len(found) == MOST and found[0][0] == 100
    assert likest(SLIDE, [(near, "near")])[0][0] >= LIKE
