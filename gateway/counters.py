"""Where rate limits are counted: in this process; in Redis where several gateways count together
(:mod:`gateway.redis_counters`).
"""

import time
from typing import Final, Protocol

PURGE_EVERY: Final = 5_000


class Counters(Protocol):
    """Counts in windows of fixed length; a window begins with its first count."""

    async def hit(self, key: str, seconds: int) -> tuple[int, float]:
        """Count one; the count so far, and when the window ends (seconds since the epoch)."""

    async def close(self) -> None:
        """Nothing more will be counted."""


class Memory:
    """Counters of this process. The past is thrown away once in :data:`PURGE_EVERY` counts."""

    def __init__(self) -> None:
        self._counts: dict[str, tuple[int, float]] = {}
        self._until_purge = PURGE_EVERY

    async def hit(self, key: str, seconds: int) -> tuple[int, float]:
        """Count one."""
        now = time.time()
        count, ends = self._counts.get(key, (0, 0.0))
        if ends <= now:
            count, ends = 0, now + seconds
        self._counts[key] = counted = (count + 1, ends)
        self._until_purge -= 1
        if self._until_purge <= 0:
            self._until_purge = PURGE_EVERY
            self._counts = {k: v for k, v in self._counts.items() if v[1] > now}
        return counted

    async def close(self) -> None:
        """Nothing to close."""
