"""The weekly brief: what is counted, what grew, and what may be told to whom.

A week is China's, from Monday to Sunday. What an event tells belongs to the week in which it
happened; when that week is closed already, to the one that is open, and the figure says that it
holds something late. So no brief that was read ever changes.

**What may be told** (k-anonymity, k = :data:`FLOOR`). Figures that come of what people did (they
reported, praised, opened again) are told exactly to the committee of the community. Everybody else
is told none below the floor, nor what would tell of one by subtraction:

====================================  ============================================================
of a community                        none from 1 to k − 1, nor the smallest key beside those
of a town                             the communities of k or more, and those of fewer together
                                      when without the largest of them they are still k
of a district                         what is told of its towns, together
====================================  ============================================================

What offices did (limits passed, posts unanswered) is told as it is.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from math import sqrt
from typing import Final, Literal

from services.notify.domain.digests import WEEK
from services.notify.domain.wording import CHINA

Level = Literal["community", "town", "district"]
Counts = dict[str, dict[str, int]]
"""How much, by figure and key; the key is empty where a figure has none."""

FLOOR: Final = 3
"""Of fewer cases of people's own nobody outside of the community is told."""

AT: Final = time(8, 0, tzinfo=CHINA)
BACK: Final = 4
"""Weeks before that a week is compared with."""

BURST: Final = 1.0
"""From so many standard deviations on a kind of problem has grown."""

KEPT: Final = 10 * WEEK
"""So long it is remembered what was counted, and which posts were answered."""


@dataclass(frozen=True, slots=True)
class Figure:
    """One figure; ``of_people`` if it comes of what residents did."""

    key: str
    zh: str
    en: str
    definition: str
    definition_en: str
    of_people: bool


FIGURES: Final = (
    Figure(
        "reported", "反映问题", "Problems reported",
        "本周登记的问题件数（含电话、来访、来信）",
        "Problems registered in the week, by app, phone, visit or letter", True,
    ),
    Figure(
        "closed", "办结", "Problems ended",
        "本周得出结果的问题件数，按结果分列；同一问题一周计一次",
        "Problems that came to an end in the week, by outcome; each once a week", True,
    ),
    Figure(
        "reopened", "重新办理", "Opened again",
        "本周居民不满意而重新办理的问题件数",
        "Problems that their reporters opened again in the week", True,
    ),
    Figure(
        "broken", "逾期承诺", "Broken promises",
        "本周超过办理期限的问题件数；同一问题一周计一次",
        "Problems whose limit passed in the week; each once a week", False,
    ),
    Figure(
        "unanswered", "逾期未回复", "Posts unanswered",
        "本周超过回复期限的帖子数",
        "Posts whose limit for an answer in office passed in the week", False,
    ),
    Figure(
        "praise", "点赞表扬", "Praise",
        "本周发布的表扬帖子数",
        "Posts of praise that were published in the week", True,
    ),
)  # fmt: skip
TRIAGED: Final = Figure(
    "triaged", "新增痛点", "New pain points",
    "本周受理的问题中，比前四周均值明显增多的类别（(本周−均值)/√(均值+1)≥1，且不少于 3 件）",
    "Kinds of problems triaged in the week that grew against the mean of the four weeks before: "
    "(week − mean) / √(mean + 1) ≥ 1, and 3 cases at least", True,
)  # fmt: skip
OF_PEOPLE: Final = frozenset(one.key for one in (*FIGURES, TRIAGED) if one.of_people)

CATEGORIES: Final[dict[str, tuple[str, str]]] = {
    "consult": ("咨询", "Questions"),
    "advise": ("建议", "Suggestions"),
    "dispose": ("处置", "To be put right"),
    "8x": ("8+X 难题", "8+X, hard problems"),
}


# -- weeks ----------------------------------------------------------------------------------------


def week_of(moment: datetime) -> date:
    """The Monday of the week that a moment lies in."""
    day = moment.astimezone(CHINA).date()
    return day - timedelta(days=day.weekday())


def named(week: date) -> str:
    """As in ``2026-W09`` (ISO 8601)."""
    year, number, _ = week.isocalendar()
    return f"{year:04d}-W{number:02d}"


def parse(name: str) -> date | None:
    """The Monday of ``2026-W09``; None: the year has no such week."""
    year, number = name.split("-W")
    try:
        return date.fromisocalendar(int(year), int(number), 1)
    except ValueError:
        return None


def next_brief(now: datetime) -> datetime:
    """The first Monday morning that has not come yet."""
    monday = datetime.combine(week_of(now), AT)
    return monday if monday > now else monday + WEEK


def last_over(now: datetime) -> date:
    """The last week whose brief is due."""
    return next_brief(now).astimezone(CHINA).date() - 2 * WEEK


def open_week(happened: date, closed: date | None) -> date:
    """The week in which something counts that happened in a week, when those to ``closed`` are."""
    return happened if closed is None or happened > closed else closed + WEEK


# -- what may be told -----------------------------------------------------------------------------


def together(parts: Iterable[Mapping[str, Mapping[str, int]]]) -> Counts:
    """The counts of several parts as they may be told of the whole; see the module."""
    columns: dict[tuple[str, str], list[int]] = {}
    totals: dict[str, list[int]] = {}
    for part in parts:
        for figure, counts in part.items():
            totals.setdefault(figure, []).append(whole(part, figure))
            for key, count in counts.items():
                if key != TOTAL:
                    columns.setdefault((figure, key), []).append(count)
    found: Counts = {}
    for (figure, key), column in columns.items():
        found.setdefault(figure, {})[key] = _told(figure, column)
    for figure, column in totals.items():
        found[figure][TOTAL] = _told(figure, column)
    return found


TOTAL: Final = "*"
"""The key under which a whole stands that is not the sum of what may be told of its keys."""


def plain(parts: Iterable[tuple[str, str, int]]) -> Counts:
    """Counts from (figure, key, count)."""
    found: Counts = {}
    for figure, key, count in parts:
        found.setdefault(figure, {})[key] = count
    return found


def whole(counts: Mapping[str, Mapping[str, int]], figure: str) -> int:
    """A figure in all."""
    by_key = counts.get(figure, {})
    return by_key[TOTAL] if TOTAL in by_key else sum(by_key.values())


def told(counts: Mapping[str, Mapping[str, int]], figure: str, *, exact: bool) -> int | None:
    """A figure in all as it may be told; None: it may not. Never less than its keys together."""
    total = whole(counts, figure)
    if not exact and figure in OF_PEOPLE and 0 < total < FLOOR:
        return None
    return max(total, sum(by_key(counts, figure, exact=exact).values()))


def by_key(counts: Mapping[str, Mapping[str, int]], figure: str, *, exact: bool) -> dict[str, int]:
    """What may be told of a figure's keys, so that the rest of the whole tells nothing either."""
    keys = {
        key: count for key, count in counts.get(figure, {}).items() if key != TOTAL and count > 0
    }
    if exact or figure not in OF_PEOPLE:
        return keys
    total = whole(counts, figure)
    if total < FLOOR:
        return {}
    shown = {key: count for key, count in keys.items() if count >= FLOOR}
    if shown and 0 < total - sum(shown.values()) < FLOOR:
        del shown[min(shown, key=lambda key: (shown[key], key))]
    return shown


def _told(figure: str, column: Sequence[int]) -> int:
    if figure not in OF_PEOPLE:
        return sum(column)
    large = sum(count for count in column if count >= FLOOR)
    small = [count for count in column if 0 < count < FLOOR]
    return large + (sum(small) if small and sum(small) - max(small) >= FLOOR else 0)


def kinds(counts: Mapping[str, Mapping[str, int]], *, exact: bool) -> dict[str, int]:
    """What may be told of the kinds of problems; how many there were in all is told nowhere."""
    by_kind = counts.get(TRIAGED.key, {}).items()
    return {key: n for key, n in by_kind if key != TOTAL and (exact or n >= FLOOR)}


# -- what grew ------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class PainPoint:
    """A kind of problem that grew; ``burst`` in standard deviations of a Poisson count."""

    key: str
    count: int
    last_week: int
    mean: float
    burst: float


def pain_points(now: Mapping[str, int], before: Sequence[Mapping[str, int]]) -> list[PainPoint]:
    """The kinds that grew against the weeks before (the newest first), the most striking first.

    A week that has no brief counts as one without any.
    """
    found = []
    for key, count in now.items():
        past = [week.get(key, 0) for week in before]
        mean = sum(past) / BACK
        burst = (count - mean) / sqrt(mean + 1)
        if count >= FLOOR and burst >= BURST:
            last = past[0] if past else 0
            found.append(PainPoint(key, count, last, round(mean, 2), round(burst, 2)))
    return sorted(found, key=lambda one: (-one.burst, -one.count, one.key))
