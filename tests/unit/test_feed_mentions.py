"""Whom a text names: pure rules."""

from unittest.mock import patch

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.feed.domain import mentions
from services.feed.domain.mentions import LONGEST_NAME, MOST_MENTIONS, candidates, named

pytestmark = pytest.mark.unit

PEOPLE = {
    "孙奶奶": ["sun"],
    "孙奶": ["young"],
    "老陆": ["lu"],
    "Ann": ["ann"],
    "李姐": ["li1", "li2"],
    "李": ["li"],
    "3号楼 王": ["wang"],
}


@pytest.mark.parametrize(
    ("text", "who"),
    [
        ("@老陆 请看", ("lu",)),
        ("＠老陆，请看", ("lu",)),
        ("谢谢@孙奶奶您好", ("sun",)),
        ("@孙奶", ("young",)),
        ("@老陆@孙奶奶 @老陆", ("lu", "sun")),
        ("@李姐", ()),
        ("@李婶", ("li",)),
        ("@Ann, thanks", ("ann",)),
        ("@Annabel", ()),
        ("@Ann好", ("ann",)),
        ("@ann", ()),
        ("li@Ann.org", ()),
        ("@3号楼 王 好", ("wang",)),
        ("老陆 @", ()),
        ("@\n老陆", ()),
        ("@@老陆", ("lu",)),
    ],
)
def test_a_mark_names_whoever_is_called_exactly_so(text: str, who: tuple[str, ...]) -> None:
    assert named(candidates(text), PEOPLE) == who


def test_only_the_first_marks_of_a_text_count() -> None:
    many = {f"邻居{n:04}": [f"p{n}"] for n in range(30)}
    text = "".join(f"@{name} " for name in many)
    assert named(candidates(text), many) == tuple(f"p{n}" for n in range(MOST_MENTIONS))
    with patch.object(mentions, "_names", wraps=mentions._names) as looked:
        candidates("@邻居" * 5_000)
    assert looked.call_count == MOST_MENTIONS, "behind them nothing is looked for any more"


@given(st.text(max_size=200))
def test_whatever_is_written_few_and_short_names_are_looked_up(text: str) -> None:
    found = candidates(text)
    assert len(found) <= MOST_MENTIONS
    assert all(name in text and len(name) <= LONGEST_NAME for names in found for name in names)
    assert all(list(names) == sorted(names, key=len, reverse=True) for names in found)
