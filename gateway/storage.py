"""The store of uploaded files under asyncio: its calls in threads, its failures in the log."""

import asyncio
from collections.abc import Callable
from typing import Final, ParamSpec, TypeVar

from services.kit import logs
from services.kit.blobs import BlobStore, StorageAway

P = ParamSpec("P")
T = TypeVar("T")
LONGEST_PAUSE: Final = 5.0
log = logs.get("gateway.storage")


async def ask(work: Callable[P, T], /, *args: P.args, **kwargs: P.kwargs) -> T:
    """What a method of the store answers.

    Raises:
        StorageAway: and why, in the log.
    """
    try:
        return await asyncio.to_thread(work, *args, **kwargs)
    except StorageAway as away:
        log.warning("storage cannot be used", reason=away.reason)
        raise


class Reach:
    """Whether this process ever could write into the storage.

    One that never could has a wrong address, credentials or rights: it says so, and is not ready.
    A storage that goes away later concerns uploads alone, and the gateway stays in rotation.
    """

    def __init__(self, store: BlobStore) -> None:
        self._store = store
        self.reached = False

    async def run(self) -> None:
        """Try until it is reached; each new reason is logged once."""
        said, pause = "", 0.5
        while not self.reached:
            try:
                await asyncio.to_thread(self._store.reach, writing=True)
            except StorageAway as away:
                if away.reason != said:
                    log.error("storage cannot be used", reason=away.reason)
                said = away.reason
                await asyncio.sleep(pause)
                pause = min(pause * 2, LONGEST_PAUSE)
            else:
                self.reached = True
                log.info("storage reached")
