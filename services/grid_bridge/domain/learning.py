"""Versions of the classifier: what state one is in, when one may be put to use, when to refit.

::

                       ┌──────────────── use, going back ─────────────────┐
                       ▼                                                  │
    refit ─▶ candidate ─ use ─▶ in_use ─ another is used, new corpus ─▶ retired
        │        └──────────────── new corpus ────────────────────────────┘▲
        └──▶ refused ─ use, forced, with the reason ─▶ in_use              │
                 └───────────────── new corpus ───────────────────────────┘

A version belongs to the corpus and the code that it was made from (``base``): its features are
theirs. When a release changes either, no older version is used any more; labels are learned from
anew. Exactly one version is in use, the shipped one at first. A human decides; the guard only
says what she would overlook, and never stands in the way of going back.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final

from services.contracts.errors import Conflict
from services.grid_bridge.domain.sla import ZONE


class ModelState(StrEnum):
    """Where a version stands."""

    CANDIDATE = "candidate"
    IN_USE = "in_use"
    RETIRED = "retired"
    REFUSED = "refused"


OVERTAKEN: Final = frozenset({ModelState.CANDIDATE, ModelState.REFUSED, ModelState.IN_USE})
"""What a new corpus retires."""


class ModelIsUsed(Conflict):
    """It is in use already."""

    code = "grid.model_in_use"
    zh, en = "这个版本正在使用", "This version is in use already"


class ModelDoesNotFit(Conflict):
    """It was made from another corpus or by other code: its features mean something else here."""

    code = "grid.model_does_not_fit"
    zh, en = (
        "这个版本是用另一版语料或程序训练的，不能再使用，请重新训练",
        "This version was made from another corpus or by other code; refit instead",
    )


class ModelTooWeak(Conflict):
    """Its held-out figures are below the floor, or clearly below those of the one in use."""

    code = "grid.model_too_weak"
    zh, en = (
        "这个版本在留出集上的表现低于下限或明显低于当前版本；确需使用请选择强制并写明理由",
        "On the held-out messages this version is below the floor, or clearly below the one in "
        "use; force it with a reason if it must be",
    )


@dataclass(frozen=True, slots=True)
class Guard:
    """What a version must reach on the held-out messages, in macro-F1.

    ``floor`` is a little under the floor of the tests for the shipped model (0.92): corrections
    pull a model towards real messages, and away from the pen that wrote the held-out ones.
    ``margin`` is about half a bootstrap interval of their 336 messages.
    """

    floor: float = 0.88
    margin: float = 0.03

    def faults(self, macro_f1: float, of_current: float | None) -> tuple[str, ...]:
        """What speaks against it: ``below_floor``, ``below_current``."""
        found = []
        if macro_f1 < self.floor:
            found.append("below_floor")
        if of_current is not None and macro_f1 < of_current - self.margin:
            found.append("below_current")
        return tuple(found)


GUARD: Final = Guard()


def check_use(
    state: ModelState, base: str, base_here: str, faults: Sequence[str], *, forced: bool
) -> None:
    """Whether a version may be put to use now.

    Raises:
        ModelIsUsed, ModelDoesNotFit: whatever anybody wants.
        ModelTooWeak: unless it is forced; the detail names the faults.
    """
    if state is ModelState.IN_USE:
        raise ModelIsUsed()
    if base != base_here:
        raise ModelDoesNotFit()
    if faults and not forced:
        raise ModelTooWeak(", ".join(faults))


# -- labels ------------------------------------------------------------------------------------

MOST_LABELS: Final = 5_000
"""A refit learns from so many labels at most, the newest."""

HELD_BACK: Final = 5
"""Of so many labels one, the newest, is held back to judge by."""

LEAST_HELD_BACK: Final = 20
MOST_HELD_BACK: Final = 500


def held_back(labels: int) -> int:
    """How many of the newest labels a refit is judged by: a fifth, 20 to 500; else none."""
    fifth = labels // HELD_BACK
    return 0 if fifth < LEAST_HELD_BACK else min(fifth, MOST_HELD_BACK)


# -- refits ------------------------------------------------------------------------------------

NEW_LABELS: Final = 100
"""With so many new labels a night's refit is worth its while."""

NIGHT: Final = range(2, 5)
"""Hours of China's clock in which nobody waits for anything."""

LEASE: Final = timedelta(seconds=60)
"""Whoever does a refit says so again before that; else another does it."""

MOST_ATTEMPTS: Final = 3


class Cause(StrEnum):
    """Why a refit was wanted."""

    ASKED = "asked"
    NIGHTLY = "nightly"
    CORPUS = "corpus"


def worth_a_night(new_labels: int, now: datetime) -> bool:
    """Whether the night's refit is due."""
    return new_labels >= NEW_LABELS and now.astimezone(ZONE).hour in NIGHT


def next_version(base: str, known: Sequence[str]) -> str:
    """The name of the next refit on this base: ``<base>-r1``, ``-r2``, …"""
    stem = f"{base}-r"
    numbers = [int(one.removeprefix(stem)) for one in known if one.startswith(stem)]
    return f"{stem}{max(numbers, default=0) + 1}"
