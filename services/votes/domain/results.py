"""What a result tells of the count: figures in whole numbers and fractions, and no small groups.

A secret poll tells the turnout of a building only where it has ten entries or more on the roll, and
only if what is left over has ten, too: otherwise a neighbour could reckon who it was.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any, Final

from services.contracts.operations.votes.common import Choice
from services.contracts.operations.votes.rules import WEIGHED, Measure, RuleSet
from services.votes.domain.count_words import HUNDRED, exact
from services.votes.domain.counting import CHOICES, NOBODY, Side, Tally
from services.votes.domain.paper_sheets import Line

SMALLEST: Final = 10
"""Entries that a group must have to be told of by itself in a secret poll."""

Json = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Building:
    """How many entries of the roll a building has, and how many voted over which channel."""

    building: str
    roll: int
    online: int
    paper: int


def square_metres(hundredths: int) -> str:
    """An area in m², exact as ``n/d``."""
    return exact(Fraction(hundredths, HUNDRED))


def sums(side: Side) -> Json:
    """A side by every measure; ``area`` in m²."""
    return {
        "entries": side.entries,
        "households": side.households,
        "area": square_metres(side.area),
        "heads": exact(side.heads),
    }


def channels(tally: Tally, spoiled: int) -> Json:
    """Ballots by channel and choice; a proxy votes online. ``spoiled`` papers were handed back."""
    return {
        "online": {**_entries(tally.online), "spoiled": 0, "invalid": 0},
        "paper": {**_entries(tally.paper), "spoiled": spoiled, "invalid": tally.spoiled},
    }


def disagreements(lines: Sequence[Line]) -> list[Json]:
    """The lines on which register and sheets differ, those of the buildings on no sheet together:
    how many papers a small one had is told of it alone by nobody."""
    told = [line for line in lines if line.sheet is not None]
    uncounted = [line for line in lines if line.sheet is None]
    if uncounted:
        names = tuple(name for line in uncounted for name in line.buildings)
        issued = sum(int(line.register) for line in uncounted)
        told.append(Line(None, names, "sheet", str(issued), ""))
    return [line.as_json() for line in told]


def _entries(votes: Mapping[Choice, Side]) -> Json:
    return {choice: votes.get(choice, NOBODY).entries for choice in CHOICES}


def weights(rules: RuleSet, tally: Tally) -> Json:
    """By each measure that counts, what each choice weighs; areas in m²."""
    votes = tally.votes()
    measures: tuple[Measure, ...] = WEIGHED[rules.weight]
    return {
        measure: {choice: _weight(measure, votes[choice]) for choice in CHOICES}
        for measure in measures
    }


def _weight(measure: Measure, side: Side) -> str:
    value = side.by(measure)
    return square_metres(int(value)) if measure == "area" else exact(value)


def by_building(buildings: Iterable[Building], *, secret: bool) -> list[Json]:
    """The turnout building by building; the small ones of a secret poll together, as ``null``."""
    named = sorted(buildings, key=lambda one: (one.roll, one.building))
    together: list[Building] = []
    while secret and named and (named[0].roll < SMALLEST or 0 < _roll(together) < SMALLEST):
        together.append(named.pop(0))
    shown = [_turnout(one.building, [one]) for one in sorted(named, key=lambda one: one.building)]
    return [*shown, _turnout(None, together)] if together else shown


def _roll(buildings: Sequence[Building]) -> int:
    return sum(one.roll for one in buildings)


def _turnout(name: str | None, buildings: Sequence[Building]) -> Json:
    return {
        "building": name,
        "roll": _roll(buildings),
        "online": sum(one.online for one in buildings),
        "paper": sum(one.paper for one in buildings),
    }
