"""Reads of observers, counted in memory: by each process that answers any.

Whoever counts tells from time to time (:mod:`services.kit.watching`, :mod:`gateway.watching`).
"""

from collections import Counter
from datetime import date, datetime, timedelta, timezone
from typing import Final, NamedTuple

from services.contracts.actor import Actor, Role
from services.contracts.events import AccessCounted, ReadCount

TELL_SECONDS: Final = 60.0
CHINA: Final = timezone(timedelta(hours=8))


class Watcher(NamedTuple):
    """Who observes, where, and on which day."""

    person_id: str
    paths: tuple[str, ...]
    day: date


class Reads:
    """What was counted and not told yet."""

    def __init__(self) -> None:
        self._counts: dict[Watcher, Counter[tuple[str, str]]] = {}

    def note(self, actor: Actor, operation_id: str, place: str, now: datetime) -> None:
        """Count one read of an operation, of a community or district that it named."""
        paths = sorted({g.path for g in actor.grants if g.role is Role.OBSERVER})
        watcher = Watcher(actor.person_id, tuple(paths), now.astimezone(CHINA).date())
        self._counts.setdefault(watcher, Counter())[operation_id, place] += 1

    def take(self, service: str) -> list[AccessCounted]:
        """All of it, as ``service`` tells it; it is counted no longer."""
        counts, self._counts = self._counts, {}
        return [_event(service, watcher, counts[watcher]) for watcher in sorted(counts)]


def _event(service: str, watcher: Watcher, counted: Counter[tuple[str, str]]) -> AccessCounted:
    return AccessCounted(
        service=service,
        person_id=watcher.person_id,
        paths=list(watcher.paths),
        day=watcher.day,
        reads=[
            ReadCount(operation=operation, place=place, count=count)
            for (operation, place), count in sorted(counted.items())
        ],
    )
