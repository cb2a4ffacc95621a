"""Counts what observers read, and tells it once a minute (``access.counted``).

::

    read by an observer ──▶ counted in memory ──every minute, or at the end──▶ one event a person
                                                                              and day ──▶ identity

A read costs a dictionary's entry. A process that is killed loses the counts of its last minute;
one whose database is away keeps them until it is back.
"""

import time
from collections import Counter
from datetime import date, datetime, timedelta, timezone
from typing import Any, Final, NamedTuple

from services.contracts.actor import Actor, Role
from services.contracts.events import AccessCounted, ReadCount
from services.contracts.operations.base import Operation
from services.kit.uow import UnitOfWorkFactory

TELL_SECONDS: Final = 60.0
CHINA: Final = timezone(timedelta(hours=8))
PLACES: Final = ("cid", "did")


class Watcher(NamedTuple):
    """Who observes, where, and on which day."""

    person_id: str
    paths: tuple[str, ...]
    day: date


class Watching:
    """The counts of one process."""

    def __init__(self, units: UnitOfWorkFactory, service: str) -> None:
        self._units = units
        self._service = service
        self._counts: dict[Watcher, Counter[tuple[str, str]]] = {}
        self._tell_at = time.monotonic() + TELL_SECONDS

    def note(self, actor: Actor, operation: Operation, command: Any, now: datetime) -> None:
        """Count what an observer was answered, if it was a read of hers (and no service's)."""
        if operation.method != "GET":
            return
        paths = sorted({g.path for g in actor.grants if g.role is Role.OBSERVER})
        watcher = Watcher(actor.person_id, tuple(paths), now.astimezone(CHINA).date())
        place = next((p for name in PLACES if (p := getattr(command, name, None))), "")
        self._counts.setdefault(watcher, Counter())[operation.id, place] += 1

    def tell_when_due(self) -> None:
        """Tell what was counted, once a minute."""
        if time.monotonic() >= self._tell_at:
            self._tell_at = time.monotonic() + TELL_SECONDS
            self.tell()

    def tell(self) -> None:
        """Tell what was counted; it stays counted when that fails."""
        told, self._counts = self._counts, {}
        if not told:
            return
        try:
            with self._units() as uow:
                for watcher in sorted(told):
                    uow.emit(self._event(watcher, told[watcher]))
                uow.commit()
        except BaseException:
            for watcher, counted in told.items():
                self._counts.setdefault(watcher, Counter()).update(counted)
            raise

    def _event(self, watcher: Watcher, counted: Counter[tuple[str, str]]) -> AccessCounted:
        return AccessCounted(
            service=self._service,
            person_id=watcher.person_id,
            paths=list(watcher.paths),
            day=watcher.day,
            reads=[
                ReadCount(operation=operation, place=place, count=count)
                for (operation, place), count in sorted(counted.items())
            ],
        )
