"""Does the advice still fit what comes in? Counts of decisions in, figures with their formulas out.

Each label is one human decision beside the advice that stood there when it was taken; a decision
that was taken before there was advice counts in ``n`` and nowhere else. Formulas are said once in
:data:`FORMULAS`, in the words in which staff read them.

Sources: E. B. Wilson, *Probable inference, the law of succession, and statistical inference*,
JASA 22 (1927); the population stability index as in S. Siddiqi, *Credit Risk Scorecards* (2006),
whose rule of thumb (below 0.1 stable, above 0.25 shifted) is no test.
"""

import math
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Final

from services.grid_bridge.domain.issue import Category

CATEGORIES: Final = tuple(map(str, Category))
BINS: Final = 10
"""Of confidence, from 0 to 1, each as wide; the last includes 1."""

ALERT_BELOW: Final = 0.75
"""The advice should agree with people in so many cases."""

LEAST_COMPARED: Final = 50
"""Below so many decisions on either side a shift is not reckoned: it would be noise."""

Z: Final = 1.959964

FORMULAS: Final[dict[str, str]] = {
    "agreement": "同意数 ÷ 有建议的人工判定数（类别相同即同意；8x 的小类另计）；区间为 Wilson 95%",
    "recall": "某类：建议也是该类的判定数 ÷ 人工判为该类的判定数",
    "precision": "某类：人工也判为该类的判定数 ÷ 建议为该类的判定数",
    "slots": "某小类：建议的小类相同的判定数 ÷ 人工判为该小类且建议为 8x 的判定数",
    "calibration_error": "Σ(每档判定数 × |平均置信度 − 同意比例|) ÷ 有建议的判定数；置信度分十档",
    "baseline_confidence": "各版本在留出集上的平均置信度，按本期使用次数加权",
    "psi": (
        "Σ (p − q) × ln(p ÷ q)；p 为本期比例，q 为前 365 天比例，计数各加 0.5；"
        f"任一方少于 {LEAST_COMPARED} 则不计"
    ),
    "alert": f"agreement 的区间上界低于 {ALERT_BELOW}",
}


@dataclass(frozen=True, slots=True)
class Cell:
    """So many decisions that are alike; ``confidence`` is the sum of the advice's confidences."""

    category: str
    slot: str | None
    advised: str | None
    advised_slot: str | None
    bin: int | None
    version: str | None
    n: int
    confidence: float


@dataclass(frozen=True, slots=True)
class Share:
    """A share with what it is made of, and Wilson's 95 % interval; nothing of nothing."""

    numerator: int
    denominator: int

    @property
    def value(self) -> float | None:
        """The share, to four places."""
        return round(self.numerator / self.denominator, 4) if self.denominator else None

    @property
    def interval(self) -> tuple[float, float] | None:
        """Wilson's 95 % interval."""
        return wilson(self.numerator, self.denominator) if self.denominator else None


@dataclass(frozen=True, slots=True)
class OfCategory:
    """How people and advice agree on one category."""

    category: str
    recall: Share
    precision: Share


@dataclass(frozen=True, slots=True)
class Bin:
    """Advice of one tenth of confidence, and how often people agreed."""

    low: float
    high: float
    mean_confidence: float
    agreed: Share


@dataclass(frozen=True, slots=True)
class Drift:
    """The figures of one span."""

    n: int
    agreement: Share
    categories: tuple[OfCategory, ...]
    slots: Mapping[str, Share]
    bins: tuple[Bin, ...]
    calibration_error: float | None
    mean_confidence: float | None
    baseline_confidence: float | None
    psi_category: float | None
    psi_confidence: float | None
    versions: Mapping[str, int] = field(default_factory=dict)

    @property
    def alert(self) -> bool:
        """Whether people disagree so often that chance does not explain it."""
        interval = self.agreement.interval
        return interval is not None and interval[1] < ALERT_BELOW


def wilson(hits: int, n: int) -> tuple[float, float]:
    """Wilson's score interval of a share, 95 %, to four places; ``n`` is above zero."""
    share, square = hits / n, Z * Z
    centre = (share + square / (2 * n)) / (1 + square / n)
    half = Z / (1 + square / n) * math.sqrt(share * (1 - share) / n + square / (4 * n * n))
    return round(max(0.0, centre - half), 4), round(min(1.0, centre + half), 4)


def psi(now: Sequence[int], before: Sequence[int]) -> float | None:
    """The population stability index of two counts over the same groups, to four places.

    Half a case is added to each group, so that an empty one does not make it infinite; None when
    either side has fewer than :data:`LEAST_COMPARED`.
    """
    if min(sum(now), sum(before)) < LEAST_COMPARED:
        return None
    here, there = _shares(now), _shares(before)
    return round(sum((p - q) * math.log(p / q) for p, q in zip(here, there, strict=True)), 4)


def _shares(counts: Sequence[int]) -> list[float]:
    total = sum(counts) + len(counts) / 2
    return [(count + 0.5) / total for count in counts]


def reckon(cells: Iterable[Cell], before: Iterable[Cell], baselines: Mapping[str, float]) -> Drift:
    """The figures of a span.

    Args:
        cells: the span's decisions.
        before: those of the time that shifts are held against.
        baselines: the mean confidence of each version on the held-out messages.
    """
    cells, before = list(cells), list(before)
    advised = [one for one in cells if one.advised is not None]
    judged = _count(advised)
    bins = tuple(_bin(at, advised) for at in range(BINS))
    gap = sum(
        one.agreed.denominator * abs(one.mean_confidence - _plain(one.agreed)) for one in bins
    )
    versions: Counter[str] = Counter()
    for one in advised:
        versions[one.version or ""] += one.n
    return Drift(
        n=_count(cells),
        agreement=Share(_count(one for one in advised if one.advised == one.category), judged),
        categories=tuple(_of_category(name, advised) for name in CATEGORIES),
        slots=_slots(advised),
        bins=tuple(one for one in bins if one.agreed.denominator),
        calibration_error=round(gap / judged, 4) if judged else None,
        mean_confidence=round(sum(o.confidence for o in advised) / judged, 4) if judged else None,
        baseline_confidence=_baseline(versions, baselines),
        psi_category=psi(_by_category(cells), _by_category(before)),
        psi_confidence=psi(_by_bin(cells), _by_bin(before)),
        versions=dict(sorted(versions.items())),
    )


def _count(cells: Iterable[Cell]) -> int:
    return sum(one.n for one in cells)


def _plain(share: Share) -> float:
    return share.numerator / share.denominator if share.denominator else 0.0


def _bin(at: int, advised: Sequence[Cell]) -> Bin:
    inside = [one for one in advised if one.bin == at]
    n = _count(inside)
    mean = sum(one.confidence for one in inside) / n if n else 0.0
    agreed = Share(_count(one for one in inside if one.advised == one.category), n)
    return Bin(at / BINS, (at + 1) / BINS, round(mean, 4), agreed)


def _of_category(name: str, advised: Sequence[Cell]) -> OfCategory:
    decided = [one for one in advised if one.category == name]
    said = [one for one in advised if one.advised == name]
    both = _count(one for one in decided if one.advised == name)
    return OfCategory(name, Share(both, _count(decided)), Share(both, _count(said)))


def _slots(advised: Sequence[Cell]) -> dict[str, Share]:
    hits: Counter[str] = Counter()
    total: Counter[str] = Counter()
    for one in advised:
        if one.slot is not None and one.advised == Category.HARD:
            total[one.slot] += one.n
            hits[one.slot] += one.n if one.slot == one.advised_slot else 0
    return {slot: Share(hits[slot], total[slot]) for slot in sorted(total)}


def _baseline(versions: Mapping[str, int], baselines: Mapping[str, float]) -> float | None:
    known = {version: n for version, n in versions.items() if version in baselines}
    total = sum(known.values())
    if not total:
        return None
    return round(sum(baselines[version] * n for version, n in known.items()) / total, 4)


def _by_category(cells: Iterable[Cell]) -> list[int]:
    counts: Counter[str] = Counter()
    for one in cells:
        counts[one.category] += one.n
    return [counts[name] for name in CATEGORIES]


def _by_bin(cells: Iterable[Cell]) -> list[int]:
    counts: Counter[int] = Counter()
    for one in cells:
        if one.bin is not None:
            counts[one.bin] += one.n
    return [counts[at] for at in range(BINS)]


# -- spans -------------------------------------------------------------------------------------


def end_of(first: date, by: str) -> date:
    """The last day of the week or month that begins on ``first``."""
    if by == "week":
        return first + timedelta(days=6)
    return (first.replace(day=28) + timedelta(days=4)).replace(day=1) - timedelta(days=1)
