"""Counts what observers read of the gateway alone, and tells identity once a minute.

::

    a file, a poster, an export ──▶ counted in memory ──every minute, or at the end──▶ identity

What a service answers under the read's own name it counts itself (:mod:`services.kit.watching`). A
telling has an id and is sent until it is answered, so it counts once however often it arrives. A
process that is killed loses the counts of its last minute.
"""

import asyncio
import uuid
from datetime import UTC, datetime
from typing import Final

from gateway.backend import Backend
from gateway.context import RequestContext
from services.contracts.actor import Actor
from services.contracts.errors import ShequError
from services.contracts.events import AccessCounted
from services.contracts.ids import new_id
from services.contracts.operations.base import Operation
from services.kit.reads import TELL_SECONDS, Reads

COUNTED: Final = frozenset(
    {"getUpload", "getUploadThumbnail", "getPoster", "exportPoll", "auditPoll"}
)


class Watching:
    """The counts of one gateway process."""

    def __init__(self, backend: Backend) -> None:
        self._backend = backend
        self._reads = Reads()
        self._told: tuple[str, list[AccessCounted]] | None = None  # and not answered yet

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
        if self._told is None:
            if not (events := self._reads.take("gateway")):
                return
            self._told = new_id(), events
        telling, events = self._told
        context = RequestContext(uuid.uuid4().hex, traceparent="", language="zh-CN", address="")
        reads = [event.model_dump(mode="json") for event in events]
        try:
            await self._backend.ask(
                "countReads", {"telling": telling, "reads": reads}, context=context
            )
        except ShequError:
            return  # the backend has noted it
        self._told = None
