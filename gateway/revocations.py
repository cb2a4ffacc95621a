"""What ended while this process did not listen, asked for as soon as it listens again.

::

    events ──heard──▶ Hub ──▶ the token verifier forgets
       └ not heard (just begun, link cut) ──attached──▶ identity is asked ──▶ Hub, likewise

Asked after the queue is bound, so that what ends meanwhile is heard, and nothing falls between. A
gateway whom identity does not answer goes on with what it knows and asks again: what ended is
refused a little later then, and nobody is locked out by a service that is away.
"""

import asyncio

from pydantic import ValidationError

from gateway import context
from gateway.backend import Backend
from gateway.live import Hub
from services.contracts.errors import ShequError
from services.contracts.operations.identity import Revocations
from services.kit import logs

log = logs.get(__name__)

PAUSE_SECONDS = (0.2, 0.5, 1.0, 2.0, 5.0)


class CatchUp:
    """Asks identity each time that hearing begins (again)."""

    def __init__(self, backend: Backend, hub: Hub) -> None:
        self._backend = backend
        self._hub = hub
        self._missed = asyncio.Event()

    def missed(self) -> None:
        """Something may have passed by unheard."""
        self._missed.set()

    async def run(self) -> None:
        """Until it is cancelled."""
        while True:
            await self._missed.wait()
            self._missed.clear()
            failures = 0
            while not await self._ask():
                await asyncio.sleep(PAUSE_SECONDS[min(failures, len(PAUSE_SECONDS) - 1)])
                failures += 1

    async def _ask(self) -> bool:
        """Whether identity has answered."""
        try:
            reply = await self._backend.ask("listRevocations", {}, context=context.own())
            self._hub.catch_up(Revocations.model_validate_json(reply.body))
        except ShequError:
            return False  # the backend has noted it
        except ValidationError:
            log.exception("revocations not understood")
            return False
        return True
