"""How much alike two reports read: by what they mean where vectors are at hand, else by shared runs
of characters, the rare ones weighing more.

Of forty problems that two neighbours told in their own words every one is found by meaning, with
three unrelated reports shown in a thousand comparisons; at as few by characters sixteen are found
(``corpus/alike``, among 24 other reports each). Of twenty pairs on one subject that are two
problems (the lift stands still, the lift is full of advertisements) meaning shows two.

Pairs of characters and not words: "小区门口停车难" and "门口停车太难了" share most of theirs,
whatever a segmenter would make of them. A pair that half of the neighbourhood's reports hold
(小区, 居委) says little, one that two of them hold says much: each weighs by how rare it is among
the candidates.

:class:`Measure` is the seam: whatever turns one report and many others into shares of 1 can take
the place of :func:`by_characters`.
"""

import math
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final, Protocol

from services.grid_bridge.classifier.features import normalise, without_courtesy

WINDOW_DAYS: Final = 90
"""Older reports are another story; their problem was another one."""

CANDIDATES: Final = 500
"""The newest reports that are compared at most, in about 0.1 s; a community has some 25 of them."""

LENGTH: Final = 200
"""Characters read of each body: a report says first what it is about."""

SHOWN: Final = 10
THRESHOLD: Final = 0.2
"""Below this share two reports are not shown to each other: unrelated ones of our corpus stay below
0.22 in 299 of 300 comparisons with their nearest, two tellings of one problem reach 0.18 to 0.6
when they share their words."""

UNRELATED: Final = 0.894
"""The cosine that counts as nothing in common: all vectors of the model lie in a narrow cone. Two
tellings of one problem have 0.92 to 0.96, unrelated reports 0.84 to 0.91; so the threshold above
is a cosine of 0.915."""

_TITLE_WEIGHT: Final = 2.0


@dataclass(frozen=True, slots=True)
class Report:
    """What is compared of a report; ``key`` is the caller's.

    ``nearness`` is the cosine of its vector with that of the report it is compared with, where
    both have one.
    """

    key: str
    title: str
    body: str
    nearness: float | None = None


class Measure(Protocol):
    """Similarity of one report to each of several, as shares of 1, in their order."""

    def __call__(self, asked: Report, others: Sequence[Report]) -> list[float]:
        """The shares."""
        ...


def _pairs(report: Report) -> dict[str, float]:
    """Pairs of neighbouring characters with their weights; those of the title count twice."""
    title = normalise(report.title)
    body = without_courtesy(normalise(report.body[:LENGTH]))
    weights = dict.fromkeys(_runs(body), 1.0)
    weights.update(dict.fromkeys(_runs(title), _TITLE_WEIGHT))
    return weights


def _runs(text: str) -> Iterable[str]:
    pairs = (text[at : at + 2] for at in range(len(text) - 1))
    return (pair for pair in pairs if pair.isalnum())


def by_characters(asked: Report, others: Sequence[Report]) -> list[float]:
    """The cosine of their pairs of characters, weighed by how rare each is among the reports."""
    counted = [_pairs(asked), *(_pairs(other) for other in others)]
    spread = Counter(pair for pairs in counted for pair in pairs)
    rarity = {pair: 1 + math.log(len(counted) / times) for pair, times in spread.items()}
    vectors = [{pair: share * rarity[pair] for pair, share in pairs.items()} for pairs in counted]
    lengths = [math.sqrt(sum(value * value for value in vector.values())) for vector in vectors]
    mine, length = vectors[0], lengths[0]
    return [
        sum(value * mine.get(pair, 0.0) for pair, value in vector.items()) / (length * size)
        if length and size
        else 0.0
        for vector, size in zip(vectors[1:], lengths[1:], strict=True)
    ]


def by_meaning(asked: Report, others: Sequence[Report]) -> list[float]:
    """From the nearness of their vectors; by characters where one has none yet."""
    near = [other.nearness for other in others]
    # Where one has none all are weighed: how rare a pair is depends on the others.
    shares = by_characters(asked, others) if None in near else [0.0] * len(near)
    return [
        share if nearness is None else min(1.0, max(0.0, (nearness - UNRELATED) / (1 - UNRELATED)))
        for nearness, share in zip(near, shares, strict=True)
    ]


def most_alike(
    asked: Report, others: Sequence[Report], measure: Measure = by_meaning
) -> list[tuple[str, float]]:
    """The keys of the reports most alike with their shares, at most :data:`SHOWN`, best first."""
    shares = measure(asked, others)
    found = [
        (other.key, round(share, 3))
        for other, share in zip(others, shares, strict=True)
        if share >= THRESHOLD
    ]
    return sorted(found, key=lambda one: (-one[1], one[0]))[:SHOWN]
