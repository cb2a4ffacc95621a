"""Reads of observers, counted in memory: by each process that answers any.

Whoever counts tells from time to time (:mod:`services.kit.watching`, :mod:`gateway.watching`). A
telling has an id and is the same until it has arrived, so it counts once however often it is sent.
"""

from collections import Counter
from datetime import date, datetime, timedelta, timezone
from typing import Final, NamedTuple

from services.contracts.actor import Actor, Role
from services.contracts.events import AccessCounted, ReadCount
from services.contracts.ids import new_id

TELL_SECONDS: Final = 60.0
CHINA: Final = timezone(timedelta(hours=8))


class Watcher(NamedTuple):
    """Who observes, where, and on which day."""

    person_id: str
    paths: tuple[str, ...]
    day: date


class Telling(NamedTuple):
    """What is told at once, known by its id."""

    id: str
    events: list[AccessCounted]


class Reads:
    """What ``service`` has counted and not told yet."""

    def __init__(self, service: str) -> None:
        self._service = service
        self._counts: dict[Watcher, Counter[tuple[str, str]]] = {}
        self._telling: Telling | None = None

    def note(self, actor: Actor, operation_id: str, place: str, now: datetime) -> None:
        """Count one read of an operation, of a community or district that it named."""
        paths = sorted({g.path for g in actor.grants if g.role is Role.OBSERVER})
        watcher = Watcher(actor.person_id, tuple(paths), now.astimezone(CHINA).date())
        self._counts.setdefault(watcher, Counter())[operation_id, place] += 1

    def telling(self) -> Telling | None:
        """What is to be told now: what has not arrived yet, otherwise all that was counted."""
        if self._telling is None and self._counts:
            counts, self._counts = self._counts, {}
            events = [_event(self._service, watcher, counts[watcher]) for watcher in sorted(counts)]
            self._telling = Telling(new_id(), events)
        return self._telling

    def told(self, telling: Telling) -> None:
        """It has arrived."""
        if self._telling is telling:
            self._telling = None


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
