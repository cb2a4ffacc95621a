"""The states of an entry and what is hashed of it; who may hold a proxy."""

import pytest

from services.contracts.errors import ShequError
from services.votes.domain import merkle, proxies, rolls
from services.votes.domain.rolls import MOVES, VOTED, Mark
from tests.support.votes import RULES

NAMED = RULES.model_copy(update={"secrecy": "named", "proxies": "written", "proxies_each": 2})


def test_who_has_voted_online_never_becomes_free_again_and_what_is_struck_votes_never():
    assert not [(was, to) for was, to in MOVES if was in VOTED and to is Mark.FREE]
    assert {to for was, to in MOVES if was is Mark.STRUCK} == {Mark.FREE}
    assert {was for was, to in MOVES if to is Mark.STRUCK} == {Mark.FREE}


def test_codes_are_random_and_can_be_read_out():
    codes = {rolls.new_code() for _ in range(2_000)}
    assert len(codes) == 2_000
    assert {len(code) for code in codes} == {rolls.CODE_LENGTH}
    assert set("".join(codes)) == set(rolls.CODE_SIGNS)
    assert not set(rolls.CODE_SIGNS) & set("01OILU")


def test_a_leaf_holds_every_part_of_its_line_and_the_salt():
    parts = ("A", "unit", 8850, 1, 3)
    whole = rolls.leaf("s", rolls.line(*parts))
    assert whole == merkle.leaf(b"s|A|unit|8850|1/3")
    others = [("B", *parts[1:]), ("A", "person", 8850, 1, 3), ("A", "unit", 8851, 1, 3),
              ("A", "unit", 8850, 2, 3), ("A", "unit", 8850, 1, 2)]  # fmt: skip
    leaves = {rolls.leaf("s", rolls.line(*other)) for other in others}
    assert len(leaves | {rolls.leaf("t", rolls.line(*parts)), whole}) == 7


@pytest.mark.parametrize(
    ("convener", "electorate", "facts", "fits"),
    [
        ("residents_committee", "residents18", {}, True),
        ("residents_committee", "residents18", {"on_roll": False}, False),
        ("residents_committee", "residents18", {"badges": ["secretary"]}, False),
        ("residents_committee", "residents18", {"badges": ["owners_committee"]}, True),
        ("residents_committee", "residents18", {"badges": ["property_manager"]}, False),
        ("owners_committee", "owners", {"on_roll": False}, True),
        ("owners_committee", "owners", {"badges": ["owners_committee"]}, False),
        ("owners_committee", "owners", {"badges": ["committee_staff"]}, True),
        ("owners_committee", "owners", {"neighbour": False}, False),
        ("owners_committee", "owners", {"herself": True}, False),
    ],
)
def test_who_may_hold_a_proxy(convener, electorate, facts, fits):
    usual = {"badges": (), "neighbour": True, "on_roll": True, "herself": False}
    known = {**usual, **facts}
    try:
        proxies.check_holder(convener, electorate, known.pop("badges"), **known)
    except ShequError as error:
        assert (fits, error.code) == (False, "votes.proxy_unfit")
    else:
        assert fits


def test_a_proxy_binds_and_has_its_limit():
    authority = proxies.Authority("p", "c", "against")
    authority.check("against")
    with pytest.raises(proxies.BoundOtherwise):
        authority.check("for")
    proxies.Authority("p", "c", None).check("for")
    proxies.check_limit(NAMED, 1)
    with pytest.raises(proxies.ProxyLimit):
        proxies.check_limit(NAMED, 2)
