"""What the process knows about itself; written by its loops, read by the health pages."""

import threading
import time
from dataclasses import dataclass, field, replace
from typing import Any


@dataclass(frozen=True, slots=True)
class Snapshot:
    """One consistent view. Beats are seconds of the monotonic clock."""

    connected: bool = False
    consuming: bool = False
    storage: bool = True
    trouble: str = ""
    refused: int = 0
    beats: dict[str, float] = field(default_factory=dict)


class Status:
    """A :class:`Snapshot` that threads may replace."""

    STALE_SECONDS = 60.0

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._now = Snapshot()

    def set(
        self,
        *,
        connected: bool | None = None,
        consuming: bool | None = None,
        storage: bool | None = None,
        trouble: str | None = None,
    ) -> None:
        """Change what is given."""
        given: dict[str, Any] = {
            "connected": connected,
            "consuming": consuming,
            "storage": storage,
            "trouble": trouble,
        }
        with self._lock:
            self._now = replace(self._now, **{k: v for k, v in given.items() if v is not None})

    def refuse(self) -> None:
        """Count a message that went to the dead-letter queue."""
        with self._lock:
            self._now = replace(self._now, refused=self._now.refused + 1)

    def beat(self, loop: str) -> None:
        """A loop went round."""
        with self._lock:
            self._now = replace(self._now, beats={**self._now.beats, loop: time.monotonic()})

    @property
    def now(self) -> Snapshot:
        """The present view."""
        with self._lock:
            return self._now

    @property
    def alive(self) -> bool:
        """Whether every loop went round within the last minute."""
        limit = time.monotonic() - self.STALE_SECONDS
        return all(beat > limit for beat in self.now.beats.values())

    @property
    def ready(self) -> bool:
        """Whether messages are taken: connected, consuming, and the state file can be written."""
        now = self.now
        return now.connected and now.consuming and now.storage
