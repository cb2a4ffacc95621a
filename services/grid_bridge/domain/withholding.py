"""What is not told of figures: few cases, and what would tell of few by subtraction (k-anonymity).

A place's figure is the sum of those of the places beneath it, and one reader can ask for all of
them, one by one. So what is withheld depends on the place alone, whichever way it is asked for::

    district  17            17 told, and town A is 17 less town B: B is withheld with it, and of
      town A   5  few       B's communities as many as make ten of what B less the others would
      town B  12  beside    be told
        …

The rule, from above: of the places beneath one, those of fewer than :data:`FEWEST` cases are
withheld, and the next larger ones until together they are so many; beneath a place that is withheld
at least so many are. What a reader counts herself, where she serves, hides nothing from her: only
the rest is counted.

Left is what a span less a shorter one tells: days are figures, too, and a day has few cases.
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import Final

from services.contracts.actor import covers

FEWEST: Final = 10
"""Below so many cases a figure could tell of one of them."""

Counts = Sequence[int]
"""The cases of each figure, in one order."""


def withheld(
    root: str, below: Mapping[str, Sequence[str]], counts: Mapping[str, Counts], own: Iterable[str]
) -> dict[str, set[int]]:
    """Which figures (by their place in the order) are withheld of each node.

    Args:
        below: nodes beneath each node that has any; all of them, or none.
        counts: of every node.
        own: paths of the communities where the reader serves; dots part the nodes of a path.
    """
    unknown = {node: list(of) for node, of in counts.items()}
    for path in own:
        for node in unknown:
            if covers(node, path):
                unknown[node] = [a - b for a, b in zip(unknown[node], counts[path], strict=True)]
    found: dict[str, set[int]] = {node: set() for node in counts}
    found[root] = {at for at, count in enumerate(unknown[root]) if 0 < count < FEWEST}
    waiting = [root]
    while waiting:
        above = waiting.pop()
        beneath = below.get(above, ())
        for at, column in enumerate(zip(*(unknown[node] for node in beneath), strict=True)):
            for number in _column(column, forced=at in found[above]):
                found[beneath[number]].add(at)
        waiting += beneath
    return found


def _column(counts: Sequence[int], *, forced: bool) -> set[int]:
    hidden = {at for at, count in enumerate(counts) if 0 < count < FEWEST}
    together = sum(counts[at] for at in hidden)
    if together >= FEWEST or not (together or forced):
        return hidden
    for count, at in sorted((count, at) for at, count in enumerate(counts) if count >= FEWEST):
        hidden.add(at)
        together += count
        if together >= FEWEST:
            break
    return hidden
