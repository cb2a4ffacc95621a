"""The numbers that the bridge gives.

::

    SQT-310113-2026-000001     work order 网格工单
    ZDFX-310113-2026-000001    entry in the library of actively discovered problems 主动发现问题库
    │    │      │    └ counted from 1 per division and year, without gaps or repeats
    │    │      └ year in China Standard Time
    │    └ GB/T 2260 code of the district, the first six digits of the community's 12-digit code
    └ who numbers: 社区通 / 主动发现

The counter is a locked row in the transaction that opens the order: what is rolled back gives
its number back, two at a time wait for each other.
"""

import re
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from services.grid_bridge.domain.sla import ZONE

_CODE12 = re.compile(r"[0-9]{12}")


class Series(StrEnum):
    """What is counted; the value is the number's head."""

    WORK_ORDER = "SQT"
    LIBRARY = "ZDFX"


@dataclass(frozen=True, slots=True)
class Counter:
    """The key of one counter."""

    series: Series
    division: str
    year: int

    def number(self, count: int) -> str:
        """The ``count``-th number; six digits, more when a year needs them."""
        if count < 1:
            raise ValueError("numbers are counted from 1")
        return f"{self.series}-{self.division}-{self.year}-{count:06d}"


def counter(series: Series, code12: str, now: datetime) -> Counter:
    """The counter of ``series`` for a community with ``code12`` at ``now`` (aware).

    Raises:
        ValueError: the community has no 12-digit code.
    """
    if not _CODE12.fullmatch(code12):
        raise ValueError(f"{code12!r} is not a 12-digit community code")
    return Counter(series, code12[:6], now.astimezone(ZONE).year)
