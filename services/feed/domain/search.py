"""Searching Chinese, which has no spaces between its words: by pairs of characters.

::

    停车位 5G ──fold──▶ 停车位 5g ──▶ 停车 车位 位… 5g g…     each character with its next one

A phrase of two characters is one pair, so it is found exactly; a longer one is in few texts besides
those that hold all of its pairs, and those are sorted out; a single character is the beginning of
a pair. The database makes the pairs of a text (``feed_grams`` in migration 0004), this module those
of a query; both fold alike, whatever the server's locale is.
"""

from typing import Final

from services.feed.domain import texts

# Capitals, and letters and digits of full width as Chinese input methods write them. One character
# for one, so that whatever stood side by side does so afterwards.
_UPPER: Final = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
_WIDE_UPPER: Final = "ＡＢＣＤＥＦＧＨＩＪＫＬＭＮＯＰＱＲＳＴＵＶＷＸＹＺ"
_WIDE_LOWER: Final = "ａｂｃｄｅｆｇｈｉｊｋｌｍｎｏｐｑｒｓｔｕｖｗｘｙｚ"
_WIDE_DIGITS: Final = "０１２３４５６７８９"
FOLDED: Final = _UPPER + _WIDE_UPPER + _WIDE_LOWER + _WIDE_DIGITS
FOLDED_INTO: Final = _UPPER.lower() * 3 + "0123456789"
_FOLD: Final = str.maketrans(FOLDED, FOLDED_INTO)


def fold(text: str) -> str:
    """``text`` without the differences that a search does not see."""
    return text.translate(_FOLD)


def words(query: str | None) -> list[str]:
    """The words of a query that must all occur, folded; at most five."""
    return [fold(word) for word in texts.search_words(query)]


def pairs(word: str) -> list[str]:
    """The pairs of characters side by side in a word; of a single one, itself."""
    return [word[at : at + 2] for at in range(max(1, len(word) - 1))]


def grams(wanted: list[str]) -> str:
    """The pairs that a text must hold for all of these words, in PostgreSQL's ``tsquery``."""
    return " & ".join(
        _quoted(pair) + (":*" if len(pair) == 1 else "")
        for pair in dict.fromkeys(pair for word in wanted for pair in pairs(word))
    )


def _quoted(pair: str) -> str:
    return "'" + pair.replace("\\", "\\\\").replace("'", "''") + "'"
