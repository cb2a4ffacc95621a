"""What reads alike: a question beside what was asked, or is settled, already.

Chinese is written without blanks, so texts are compared by their pairs of neighbouring signs. How
much one title is held by the other's words is what counts; the bodies help, as one neighbour says
in the title what another one explains. It is advice for who screens: nothing is merged by it.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final, Self, TypeVar

LIKE: Final = 40
"""Percent of a title from which on two texts are shown beside each other."""
MOST: Final = 5
_FEWEST_PAIRS: Final = 3
"""A title with fewer pairs is held by nearly anything."""

_APART: Final = re.compile(r"[\W_]+")
_EMPTY: Final = frozenset("的了吗呢吧啊是在有和与及或一不要这那我你他们个请就都也能会把被让给到")
"""Signs that stand in every question."""

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Words:
    """A text as pairs of signs: those of its title, and all of them."""

    title: frozenset[str]
    all: frozenset[str]

    @classmethod
    def of(cls, title: str, body: str) -> Self:
        """The pairs of a title and its text."""
        own = _pairs(title)
        return cls(own, own | _pairs(body))


def _pairs(text: str) -> frozenset[str]:
    runs = (run.lower() for run in _APART.split(text))
    pairs = (run[at : at + 2] for run in runs for at in range(len(run) - 1))
    return frozenset(pair for pair in pairs if not _EMPTY & set(pair))


def percent(one: Words, other: Words) -> int:
    """How much of a title the other one's words hold, whichever title is held better."""
    shares = [
        100 * len(title & held) // len(title)
        for title, held in ((one.title, other.all), (other.title, one.all))
        if len(title) >= _FEWEST_PAIRS
    ]
    return max(shares, default=0)


def likest(one: Words, others: Iterable[tuple[Words, T]]) -> list[tuple[int, T]]:
    """Those that read like it, the likest first, with their percentage."""
    told = [(percent(one, words), thing) for words, thing in others]
    return sorted((two for two in told if two[0] >= LIKE), key=lambda two: -two[0])[:MOST]
