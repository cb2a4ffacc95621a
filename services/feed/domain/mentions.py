"""Whom a text names: ``@孙奶奶`` is a neighbour, if exactly one is called so.

Chinese is written without spaces, so a name ends where the longest name that somebody has ends:
``@孙奶奶您好`` names 孙奶奶, though there may be a 孙奶, too. A name of letters ends with its word.
What comes after a letter or digit is an address (``li@example.org``) and names nobody.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from itertools import islice
from typing import Final

MOST_MENTIONS: Final = 10
"""Of one text: the first ones count, the others are plain text."""
LONGEST_NAME: Final = 20

_MARK: Final = re.compile(r"(?<![0-9A-Za-z_.])[@＠]")
_WORD: Final = re.compile(r"[0-9A-Za-z_]")


def candidates(text: str) -> tuple[tuple[str, ...], ...]:
    """For each mark in the text what may be the name after it, the longest first."""
    found = (tuple(_names(text, mark.end())) for mark in _MARK.finditer(text))
    return tuple(islice((names for names in found if names), MOST_MENTIONS))


def _names(text: str, start: int) -> Iterator[str]:
    line = text[start : start + LONGEST_NAME + 1].split("\n", 1)[0]
    for end in range(min(len(line), LONGEST_NAME), 0, -1):
        goes_on = _WORD.match(line[end : end + 1]) and _WORD.match(line[end - 1])
        if not goes_on and line[end - 1] != " ":
            yield line[:end]


def named(marks: Sequence[Sequence[str]], people: Mapping[str, Sequence[str]]) -> tuple[str, ...]:
    """The persons whom the marks name, each once and in their order.

    Args:
        marks: what :func:`candidates` found.
        people: who is called so, by display name. Of a name that several have nobody is meant.
    """
    found = (next((people[name] for name in names if name in people), ()) for names in marks)
    return tuple(dict.fromkeys(one[0] for one in found if len(one) == 1))
