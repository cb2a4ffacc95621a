"""Places in one spelling each, and labels that never meet."""

import re
from dataclasses import dataclass

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.identity.domain import addresses
from services.identity.domain.addresses import PlaceNameInvalid, label, pick, place_key, place_name


@dataclass(frozen=True)
class Place:
    name: str


@pytest.mark.parametrize(
    ("kind", "spellings"),
    [
        ("building", ["1号楼", "１号楼", "1 号楼", "01", "1幢", "1栋", "1号", "1"]),
        ("building", ["甲楼", "甲幢", "甲"]),
        ("unit", ["2单元", "2 单元", "２", "2门"]),
        ("room", ["402", "0402室", "４０２ 室", "402房"]),
        ("estate", ["样例苑", "样例 苑"]),
    ],
)
def test_spellings_of_one_place_share_a_key(kind, spellings):
    assert len({place_key(kind, name) for name in spellings}) == 1


def test_different_places_have_different_keys():
    names = ["1号楼", "11号楼", "10号楼", "1A号楼", "甲楼", "楼"]
    assert len({place_key("building", name) for name in names}) == len(names)


def test_the_exact_name_is_meant_before_one_like_it_and_never_one_of_several():
    places = [Place("7幢"), Place("7号楼"), Place("8号楼")]
    assert pick(places, "building", "7号楼") == Place("7号楼")
    assert pick(places, "building", "8") == Place("8号楼")
    assert pick(places, "building", "7") is None
    assert pick(places, "building", "9") is None


@pytest.mark.parametrize("raw", ["", " ", "=1", "＋1", "@x", "-1", "a\u200bb", "a\nb", "x" * 51])
def test_what_cannot_be_a_name_is_refused(raw):
    with pytest.raises(PlaceNameInvalid):
        place_name(raw, "building")


def test_a_name_is_kept_in_one_spelling():
    assert place_name("  １２号楼  东 ", "building") == "12号楼 东"


@given(st.sampled_from(list(addresses.BELOW)), st.lists(st.text(max_size=30), max_size=40))
def test_labels_are_short_plain_and_never_meet(kind, names):
    taken: set[str] = set()
    for name in [*names, *names]:
        made = label(kind, name, taken)
        assert re.fullmatch(r"[a-z][a-z0-9_]{0,19}", made)
        assert made not in taken
        taken.add(made)
