"""Small numbers are withheld, and cannot be had by subtraction either."""

from hypothesis import given
from hypothesis import strategies as st

from services.identity.domain.figures import FEWEST, share, withheld


def test_ten_may_be_told_and_nine_may_not():
    assert withheld({"a": 10, "b": 12}) == set()
    assert withheld({"a": 9, "b": 5, "c": 30}) == {"a", "b"}


def test_who_would_be_found_by_subtraction_takes_the_next_larger_along():
    assert withheld({"a": 9, "b": 14, "c": 12}) == {"a", "c"}
    assert withheld({"a": 2, "b": 3, "c": 12, "d": 40}) == {"a", "b", "c"}


def test_that_there_is_nobody_may_be_reckoned():
    assert withheld({"a": 0, "b": 14}) == {"a"}


def test_who_is_withheld_for_another_reason_counts_among_the_withheld():
    assert withheld({"a": 12, "b": 14}, already={"a"}) == {"a"}
    assert withheld({"a": 0, "b": 5, "c": 11, "d": 12}, already={"a"}) == {"a", "b", "c"}


@given(st.dictionaries(st.text(max_size=3), st.integers(0, 40), max_size=8))
def test_the_sum_never_tells_of_one_to_nine(counts):
    hidden = withheld(counts)
    assert all(counts[key] >= FEWEST for key in counts.keys() - hidden)
    if hidden != counts.keys():
        assert not 0 < sum(counts[key] for key in hidden) < FEWEST


def test_a_share_says_of_how_many():
    assert share(0, 0) == "0/0" and share(3, 4) == "3/4"
