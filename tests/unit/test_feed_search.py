"""How a query becomes pairs of characters."""

import pytest

from services.feed.domain import search


def test_one_character_folds_into_one():
    assert len(search.FOLDED) == len(search.FOLDED_INTO) == len(set(search.FOLDED))
    assert search.fold(search.FOLDED) == search.FOLDED_INTO == search.fold(search.FOLDED_INTO)


def test_full_width_and_capitals_are_found_as_anything_else():
    assert search.words(" ５Ｇ　WiFi ") == ["5g", "wifi"]
    assert search.words("\u200b") == search.words(None) == []


@pytest.mark.parametrize(
    ("word", "pairs"), [("停", ["停"]), ("停车", ["停车"]), ("停车位", ["停车", "车位"])]
)
def test_a_word_is_the_pairs_in_it(word, pairs):
    assert search.pairs(word) == pairs


@pytest.mark.parametrize(
    ("words", "grams"),
    [
        (["停"], "'停':*"),
        (["停车位", "停车"], "'停车' & '车位'"),
        (["o'k"], "'o''' & '''k'"),
        (["\\&"], "'\\\\&'"),
    ],
)
def test_pairs_are_quoted_for_the_database(words, grams):
    assert search.grams(words) == grams
