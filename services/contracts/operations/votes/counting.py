"""How a count is told: line by line, each to be checked with a pocket calculator."""

from typing import Annotated, Literal

from pydantic import ConfigDict, Field

from services.contracts.operations.base import View
from services.contracts.operations.votes.rules import Measure

Exact = Annotated[str, Field(pattern=r"^[0-9]+(/[1-9][0-9]*)?$")]
"""A whole number, or a fraction ``n/d``: heads, as an owner's head is split over her units."""


class CountLine(View):
    """One condition, and whether it holds: ``left`` ``relation`` ``right``.

    Both sides are sums in whole numbers, without a division: that 1,000 of 1,560 are 2/3 or more
    is asked as ``3 × 1000 = 3000`` ``≥`` ``2 × 1560 = 3120``. Areas are in m² with two decimals.
    Of the lines of a quorum that are each ``alternative`` one is enough.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    of: Literal["roll", "quorum", "threshold"]
    measure: Measure
    alternative: bool = False
    left: str
    relation: Literal[">", "≥", "="]
    right: str
    holds: bool
    zh: str
    en: str


class Outcome(View):
    """What a count comes to by its rules.

    ``extend_days``: voting goes on for so many days, as the quorum was missed and the rules allow
    for it; nothing is decided then. ``lock_days``: for so long the same thing may not come back.
    ``non_voters_with``: whose votes those who stayed away were added to.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    passed: bool
    quorum_reached: bool
    extend_days: Annotated[int, Field(ge=0)] = 0
    lock_days: Annotated[int, Field(ge=0)] = 0
    non_voters_with: Literal["for", "against"] | None = None
    lines: list[CountLine]
