"""What moves while voting goes on is told at most once a second, to everybody alike."""

from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from threading import Lock
from typing import Final, Generic, TypeVar

T = TypeVar("T")

EVERY: Final = timedelta(seconds=1)
"""How often what moves of a running poll is told anew."""


class Told(Generic[T]):
    """What this process told last of each poll, for a second: whoever asks faster learns nobody's
    moment.

    The end of the chain is kept back with the turnout: it moves with every batch of ballots.
    """

    MOST: Final = 1_000

    def __init__(self) -> None:
        self._lock = Lock()
        self._kept: dict[str, tuple[datetime, T]] = {}

    def fresh(self, poll_ids: Iterable[str], now: datetime) -> dict[str, T]:
        """What was told less than a second ago of those of these polls that it was told of."""
        with self._lock:
            return {
                poll_id: self._kept[poll_id][1]
                for poll_id in poll_ids
                if poll_id in self._kept and abs(now - self._kept[poll_id][0]) < EVERY
            }

    def keep(self, told: Mapping[str, T], now: datetime) -> None:
        """Tell these until the second is over."""
        with self._lock:
            if len(self._kept) + len(told) > self.MOST:
                self._kept.clear()
            self._kept.update({poll_id: (now, moving) for poll_id, moving in told.items()})
