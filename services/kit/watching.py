"""Counts what observers read, and tells it once a minute (``access.counted``).

::

    read by an observer ──▶ counted in memory ──every minute, or at the end──▶ one event a person
                                                                              and day ──▶ identity

A read costs a dictionary's entry. A process that is killed loses the counts of its last minute;
one whose database is away keeps them until it is back. Nothing counts twice: a telling has an id,
which is kept with its events, so that one whose commit got no answer is known when it comes again.
"""

import time
from datetime import datetime
from typing import Any, Final

from services.contracts.actor import Actor
from services.contracts.operations.base import Operation
from services.kit import kept
from services.kit.reads import TELL_SECONDS, Reads
from services.kit.uow import UnitOfWorkFactory

PLACES: Final = ("cid", "did")
TELLINGS: Final = "kit.watching"  # where tellings are known by their ids


class Watching:
    """The counts of one process."""

    def __init__(self, units: UnitOfWorkFactory, service: str) -> None:
        self._units = units
        self._reads = Reads(service)
        self._tell_at = time.monotonic() + TELL_SECONDS

    def note(self, actor: Actor, operation: Operation, command: Any, now: datetime) -> None:
        """Count what an observer was answered, if it was a read of hers (and no service's)."""
        if operation.method != "GET":
            return
        place = next((p for name in PLACES if (p := getattr(command, name, None))), "")
        self._reads.note(actor, operation.id, place, now)

    def tell_when_due(self) -> None:
        """Tell what was counted, once a minute."""
        if time.monotonic() >= self._tell_at:
            self._tell_at = time.monotonic() + TELL_SECONDS
            self.tell()

    def tell(self) -> None:
        """Tell what was counted; it stays counted when that fails."""
        while telling := self._reads.telling():
            with self._units() as uow:
                if kept.take_delivery(uow.session, TELLINGS, telling.id):
                    for event in telling.events:
                        uow.emit(event)
                    uow.commit()
            self._reads.told(telling)
