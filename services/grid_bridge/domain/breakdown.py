"""What was reported, taken apart: by month, kind, way, building and score.

A building is not a figure's place, but a reporter who hid her name lives in one: of fewer than
:data:`~services.grid_bridge.domain.withholding.FEWEST` issues a building is not told of, nor of
what would tell of it beside the sum (k-anonymity).
"""

from collections.abc import Mapping
from dataclasses import dataclass

from services.grid_bridge.domain.withholding import FEWEST, withheld

_ALL = "all"


@dataclass(frozen=True, slots=True)
class Buildings:
    """The buildings that are told of, the most first, and the others together.

    ``others`` is null where their sum would be of fewer than ten; ``few`` is how many they are.
    """

    told: list[tuple[str, int]]
    others: int | None
    few: int


def buildings(counts: Mapping[str, int]) -> Buildings:
    """What is told of issues by the reporters' buildings.

    >>> buildings({"1号楼": 12, "2号楼": 15, "3号楼": 4})
    Buildings(told=[('2号楼', 15)], others=16, few=2)
    >>> buildings({"1号楼": 4})
    Buildings(told=[], others=None, few=1)
    """
    every = {label: [count] for label, count in counts.items()}
    whole = sum(counts.values())
    hidden = withheld(_ALL, {_ALL: list(every)}, {_ALL: [whole], **every}, ())
    few = [label for label in counts if hidden[label]]
    together = sum(counts[label] for label in few)
    told = [(label, count) for label, count in counts.items() if not hidden[label]]
    return Buildings(
        told=sorted(told, key=lambda one: (-one[1], one[0])),
        others=None if few and together < FEWEST else together,
        few=len(few),
    )
