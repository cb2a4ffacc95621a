"""The business clock as pages show it.

Outside of the demo that is the real one. In the demo the clock may have been moved, so that notice
periods can be walked; what is 3 days ago and what is overdue is then reckoned from there. The
services keep the clock; it is asked for now and then, and one that cannot be asked stays as it was.
"""

import time
from datetime import UTC, datetime, timedelta

from gateway.context import RequestContext
from gateway.gate import Gate
from services.contracts.errors import ShequError

ASK_EVERY = 3.0
PATIENCE = 0.3


class BusinessClock:
    """What time it is for the neighbourhood."""

    def __init__(self) -> None:
        self._offset = timedelta()
        self._asked_at = float("-inf")

    async def now(self, gate: Gate, context: RequestContext) -> datetime:
        """An aware moment in UTC."""
        if gate.settings.demo and time.monotonic() - self._asked_at > ASK_EVERY:
            self._asked_at = time.monotonic()
            try:
                reply = await gate.backend.ask(
                    "advanceClock",
                    {"advance_seconds": 0},
                    context=context,
                    service="grid_bridge",
                    seconds=PATIENCE,
                )
                self._offset = timedelta(seconds=float(reply.data["offset_seconds"]))
            except ShequError:
                pass
        return datetime.now(UTC) + self._offset
