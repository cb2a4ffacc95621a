"""The hot ten: what is hot, whether it grows, and what may be told to whom.

::

    asked ──▶ running ──▶ published        by a reader's process; its rows change no more
                 │
                 └──────▶ failed           kept with its reason; asked for again the next day

**Told inside.** Who may read the community's issues may count them, too: members and those whose
office reaches the node read exact figures of people.

**Told outside** (in a town's or a district's list, to everybody else of it): k-anonymity, k = 10.
A figure is a sum over communities, and whoever knows one part could take it away from the sum.
So a part counts only when what is left without it is nobody or at least ten:

====================================  ============================================================
part                                  counts
====================================  ============================================================
a community of ten people or more     always
the communities of fewer              all of them, when without the largest they are still ten
a sum of fewer than ten               is not told
====================================  ============================================================

In a district the rule holds for its communities, and with what that leaves for its towns. What is
told is rounded down to tens, so that neither two lists nor two editions of one differ by a person.
"""

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum
from typing import Final, Literal

from services.contracts.errors import Conflict, FieldError, Invalid
from services.grid_bridge.domain.sla import ZONE

K: Final = 10
"""Outside of a community no fewer people than that are told of."""

LEAST: Final = 3
"""People of a topic at least: two who write of the same thing are no concern of many, and figures
of so few could say that two hidden reporters are one person."""

TOPICS: Final = 10
BACK: Final = 3
"""Months before that a month is compared with."""

EFFECT_DAYS: Final = 30
READY_DAYS: Final = 14
"""Days after an action begins before its effect is told."""

FORMULA: Final = (
    "people before = distinct reporters within 30 days before starts_at; "
    "people after = those from starts_at until now, at most 30 days, × 30 / days passed"
)

Direction = Literal["new", "rising", "steady", "falling"]


class Level(StrEnum):
    """Whose hot ten it is."""

    COMMUNITY = "community"
    TOWN = "town"
    DISTRICT = "district"


class Standing(StrEnum):
    """How far a run is; see the module."""

    ASKED = "asked"
    RUNNING = "running"
    PUBLISHED = "published"
    FAILED = "failed"


class MonthNotOver(Conflict):
    """An edition is published of a month that is over."""

    code = "grid.month_not_over"
    zh, en = "当月尚未结束，不能发布", "The month is not over"


class EndsBeforeStart(Invalid):
    """An action ends before it begins."""

    code = "grid.action_ends_before_start"
    zh, en = "结束时间早于开始时间", "It ends before it begins"


class ActionOver(Conflict):
    """The action has ended already."""

    code = "grid.action_over"
    zh, en = "该行动已经结束", "This action has ended already"


# -- months --------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, order=True)
class Month:
    """A month of China's calendar."""

    year: int
    number: int

    @classmethod
    def parse(cls, text: str) -> "Month":
        """From ``2026-03``."""
        year, number = text.split("-")
        return cls(int(year), int(number))

    @classmethod
    def of(cls, moment: datetime) -> "Month":
        """The month that a moment lies in."""
        here = moment.astimezone(ZONE)
        return cls(here.year, here.month)

    @classmethod
    def around(cls, day: date) -> "Month":
        """The month that a day of China's calendar lies in."""
        return cls(day.year, day.month)

    def __str__(self) -> str:
        """As in ``2026-03``."""
        return f"{self.year:04d}-{self.number:02d}"

    def plus(self, months: int) -> "Month":
        """So many months later."""
        count = self.year * 12 + self.number - 1 + months
        return Month(count // 12, count % 12 + 1)

    @property
    def first_day(self) -> date:
        """Its first day."""
        return date(self.year, self.number, 1)

    @property
    def begins(self) -> datetime:
        """The moment at which it begins."""
        return datetime(self.year, self.number, 1, tzinfo=ZONE)

    @property
    def ends(self) -> datetime:
        """The moment at which the next one begins."""
        return self.plus(1).begins


def check_over(month: Month, now: datetime) -> None:
    """Raise :class:`MonthNotOver` unless the month is over."""
    if now < month.ends:
        raise MonthNotOver()


# -- figures -------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Trend:
    """A month's people held against those of the months before; None: not told.

    ``burst`` is how far the month stands out: its distance from the mean of the last three in
    standard deviations of a Poisson count, (x − m) / √(m + 1).
    """

    previous: int | None
    mean: float | None
    burst: float | None
    direction: Direction


def trend(people: int, before: tuple[int, ...]) -> Trend:
    """Of exact figures; ``before`` are those of the last months, the newest first."""
    mean = sum(before) / len(before)
    burst = (people - mean) / math.sqrt(mean + 1)
    return Trend(before[0], round(mean, 2), round(burst, 2), _direction(mean, burst))


def trend_outside(told: int, before: tuple[int | None, ...]) -> Trend:
    """Of figures that are told outside: nothing that does not follow from those."""
    known = [figure or 0 for figure in before]
    mean = sum(known) / len(known)
    burst = (told - mean) / math.sqrt(mean + 1)
    whole = None if None in before else round(mean, 2)
    return Trend(before[0], whole, None, _direction(mean, burst))


def _direction(mean: float, burst: float) -> Direction:
    if mean == 0:
        return "new"
    if burst >= 1:
        return "rising"
    return "falling" if burst <= -1 else "steady"


def rounded(people: int) -> int | None:
    """People as they are told outside: full tens; None for fewer."""
    return people // K * K or None


def outside(people: Mapping[str, int], towns: Mapping[str, str] | None = None) -> int | None:
    """People of a concern as they are told outside; see the module.

    Args:
        people: by community, nobody twice.
        towns: the town of each community; for a district's list.
    """
    left = _safe(people)
    if towns is not None:
        by_town: dict[str, int] = {}
        for community, count in left.items():
            town = towns.get(community, community)
            by_town[town] = by_town.get(town, 0) + count
        left = _safe(by_town)
    return rounded(sum(left.values()))


def _safe(parts: Mapping[str, int]) -> dict[str, int]:
    """The parts that count, so that no single one can be taken from the sum."""
    large = {name: count for name, count in parts.items() if count >= K}
    small = {name: count for name, count in parts.items() if 0 < count < K}
    if small and sum(small.values()) - max(small.values()) >= K:
        return {**large, **small}
    return large


def once(people: Iterable[tuple[str, str]]) -> dict[str, int]:
    """How many people there are in each community, from (community, person): nobody twice."""
    home: dict[str, str] = {}
    for community, person in sorted(set(people)):
        home.setdefault(person, community)
    counted: dict[str, int] = {}
    for community in home.values():
        counted[community] = counted.get(community, 0) + 1
    return counted


# -- effect --------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Effect:
    """People per 30 days before an action began, and after; None: not told."""

    before: int | None
    after: float | None
    days: int

    @property
    def change(self) -> float | None:
        """By what share it changed, −1 to ∞; None when there was nothing before."""
        if not self.before or self.after is None:
            return None
        return round(self.after / self.before - 1, 3)


def days_after(starts_at: datetime, now: datetime) -> int:
    """Full days since an action began, at most those that are counted."""
    return max(0, min(EFFECT_DAYS, (now - starts_at) // timedelta(days=1)))


def effect(before: int | None, after: int | None, days: int) -> Effect | None:
    """The effect, when enough days have passed."""
    if days < READY_DAYS:
        return None
    return Effect(before, None if after is None else round(after * EFFECT_DAYS / days, 1), days)


def check_ends(starts_at: datetime, ends_at: datetime | None) -> None:
    """Raise :class:`EndsBeforeStart` when it ends before it begins."""
    if ends_at is not None and ends_at < starts_at:
        raise EndsBeforeStart(errors=[FieldError("ends_at", "is before starts_at")])
