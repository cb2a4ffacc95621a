"""How much alike two reports read: shared runs of characters, the rare ones weighing more.

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
0.22 in 299 of 300 comparisons with their nearest, two tellings of one problem reach 0.18 to 0.6."""

_TITLE_WEIGHT: Final = 2.0


@dataclass(frozen=True, slots=True)
class Report:
    """What is compared of a report; ``key`` is the caller's."""

    key: str
    title: str
    body: str


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


def most_alike(
    asked: Report, others: Sequence[Report], measure: Measure = by_characters
) -> list[tuple[str, float]]:
    """The keys of the reports most alike with their shares, at most :data:`SHOWN`, best first."""
    shares = measure(asked, others)
    found = [
        (other.key, round(share, 3))
        for other, share in zip(others, shares, strict=True)
        if share >= THRESHOLD
    ]
    return sorted(found, key=lambda one: (-one[1], one[0]))[:SHOWN]
