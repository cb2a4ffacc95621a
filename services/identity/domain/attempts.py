"""Failed attempts: so many within a while lock their subject for a while, and say so plainly.

::

    open ──wrong──▶ counting ──wrong, as often as allowed──▶ locked ──time──▶ open
             ▲          │
             └──────────┴── right, or the while is over

A subject is one thing that one person may try: ``totp:<person>``, ``real_name:<person>``.
"""

import math
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from services.contracts.errors import RateLimited


@dataclass(frozen=True, slots=True)
class Limit:
    """``failures`` within ``within`` of the first one lock for ``lock``."""

    failures: int
    within: timedelta
    lock: timedelta


@dataclass(frozen=True, slots=True)
class Attempts:
    """What is remembered of a subject that has failed."""

    failures: int
    first_at: datetime
    locked_until: datetime | None = None


class Locked(RateLimited):
    """Too many failures; the words name the minutes that are left, ``retry_after`` the seconds."""

    code = "identity.locked"
    zh, en = "失败次数过多，请稍后再试", "Too many failed attempts; please try again later"

    def __init__(self, left: timedelta) -> None:
        super().__init__(retry_after=max(1, math.ceil(left.total_seconds())))
        self.minutes = max(1, math.ceil(left / timedelta(minutes=1)))

    def to_wire(self) -> dict[str, Any]:
        """As every error, with the minutes in both languages."""
        minutes = "1 minute" if self.minutes == 1 else f"{self.minutes} minutes"
        return {
            **super().to_wire(),
            "zh": f"失败次数过多，已暂时锁定，请 {self.minutes} 分钟后再试",
            "en": f"Too many failed attempts; please try again in {minutes}",
        }


def require_open(known: Attempts | None, now: datetime) -> None:
    """Raise :class:`Locked` while the subject is locked."""
    if known is not None and known.locked_until is not None and known.locked_until > now:
        raise Locked(known.locked_until - now)


def failed(known: Attempts | None, limit: Limit, now: datetime) -> Attempts:
    """One failure more; what lies further back than ``limit.within`` is forgotten."""
    if known is None or known.locked_until is not None or now - known.first_at >= limit.within:
        known = Attempts(0, now)
    failures = known.failures + 1
    return Attempts(
        failures, known.first_at, now + limit.lock if failures >= limit.failures else None
    )
