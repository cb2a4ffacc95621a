"""A request to join beside the register: who agrees, who only sounds alike, what differs."""

import pytest

from services.identity.domain import beside
from services.identity.domain.beside import Asked, Known
from services.identity.domain.membership import Applicant, RegisterEntry

ME = "p-1"


def asked(name: str | None = "孙桂芳", **over) -> Asked:
    known = {"unit_id": "u-1", "birth_year": 1949, "id_index": "i-1", **over}
    register_id = known.pop("register_id", None)
    return Asked(Applicant(ME, **known), name, "owner", register_id)


def entry(name: str = "孙桂芳", id: str = "r-1", relation: str = "owner", **over) -> Known:
    known = {"unit_id": "u-1", "birth_year": 1949, "id_index": "i-1", "person_id": None, **over}
    return Known(RegisterEntry(id, **known), name, relation)


@pytest.mark.parametrize(
    ("over", "differs"),
    [
        ({"unit_id": "u-2"}, ("unit",)),
        ({"birth_year": 1980, "id_index": "i-2"}, ("birth_year", "id_number")),
        ({"person_id": "p-2"}, ("account",)),
        ({"unit_id": "u-2", "relation": "tenant"}, ("unit", "relation")),
    ],
)
def test_of_one_name_it_is_said_what_differs(over, differs):
    found = beside.compare(asked(), entry(**over))
    assert (found.likeness, found.differs) == ("name", differs)


@pytest.mark.parametrize(
    ("over", "differs"),
    [
        ({}, ()),
        ({"unit_id": None, "birth_year": None, "id_index": None}, ()),
        ({"person_id": ME}, ()),
        ({"relation": "family"}, ("relation",)),
    ],
)
def test_what_one_of_the_two_does_not_know_cannot_differ_and_a_relation_is_no_other_person(
    over, differs
):
    found = beside.compare(asked(), entry(**over))
    assert (found.likeness, found.differs) == ("agrees", differs)


@pytest.mark.parametrize(
    ("one", "other", "likeness"),
    [
        ("孙桂芳", "孙大明", "surname"),
        ("孙桂芳", "陆建国", "other"),
        ("孙 桂芳", "孙桂芳", "agrees"),
        ("欧阳娜", "欧建国", "other"),
        ("欧阳娜", "欧阳建国", "surname"),
        ("欧阳", "欧建国", "surname"),
        ("买买提·艾力", "买买提·吐逊", "other"),
        ("Anna Berg", "Anna Holm", "other"),
    ],
)
def test_a_surname_is_one_character_or_two_or_none(one, other, likeness):
    assert beside.compare(asked(one), entry(other)).likeness == likeness


def test_the_nearest_comes_first_and_gives_the_verdict():
    room = [entry("陆建国", "r-1"), entry("孙大明", "r-2"), entry(id="r-3", unit_id="u-2")]
    found = beside.compare_all(asked(), room)
    assert [one.known.entry.id for one in found] == ["r-3", "r-2", "r-1"]
    assert beside.verdict(asked(), found) == "name"
    assert beside.verdict(asked(), found[1:]) == "surname"
    assert beside.verdict(asked(), found[2:]) == "others"
    assert beside.verdict(asked(), []) == "nobody"


def test_a_tie_that_the_committee_made_goes_before_everything():
    mine = asked(register_id="r-1")
    found = beside.compare_all(mine, [entry(id="r-2"), entry("孙贵芳", "r-1", birth_year=1950)])
    assert [(one.likeness, one.differs) for one in found] == [("tied", ()), ("agrees", ())]
    assert beside.verdict(mine, found) == "tied"


def test_without_a_name_nothing_is_compared():
    verified = asked(None, birth_year=None, id_index=None)
    found = beside.compare_all(verified, [entry()])
    assert (found[0].likeness, beside.verdict(verified, found)) == ("other", "unnamed")
    tied = asked(None, birth_year=None, id_index=None, register_id="r-1")
    assert beside.verdict(tied, beside.compare_all(tied, [entry()])) == "tied"
