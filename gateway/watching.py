"""Counts what observers read of the gateway alone, and tells identity once a minute.

::

    a file, a poster, an export ──▶ counted in memory ──every minute, or at the end──▶ identity

What a service answers under the read's own name it counts itself (:mod:`services.kit.watching`). A
telling has an id and is sent until it is answered, so it counts once however often it arrives. A
process that is killed loses the counts of its last minute.
"""

import asyncio
from datetime import UTC, datetime
from typing import Final

from gateway import context
from gateway.backend import Backend
from services.contracts.actor import Actor
from services.contracts.errors import ShequError
from services.contracts.operations.base import Operation
from services.kit.reads import TELL_SECONDS, Reads

COUNTED: Final = frozenset(
    {"getUpload", "getUploadThumbnail", "getPoster", "exportPoll", "auditPoll"}
)


class Watching:
    """The counts of one gateway process."""

    def __init__(self, backend: Backend) -> None:
        self._backend = backend
        self._reads = Reads("gateway")

    def note(self, actor: Actor | None, operation: Operation) -> None:
        """Count what an observer was answered, if nobody else does."""
        if operation.id in COUNTED and actor is not None and actor.is_observer:
            self._reads.note(actor, operation.id, "", datetime.now(UTC))

    async def run(self) -> None:
        """Until it is cancelled."""
        while True:
            await asyncio.sleep(TELL_SECONDS)
            await self.tell()

    async def tell(self) -> None:
        """Tell what was counted; what identity does not answer to is told again."""
        telling = self._reads.telling()
        if telling is None:
            return
        reads = [event.model_dump(mode="json") for event in telling.events]
        try:
            await self._backend.ask(
                "countReads", {"telling": telling.id, "reads": reads}, context=context.own()
            )
        except ShequError:
            return  # the backend has noted it
        self._reads.told(telling)
